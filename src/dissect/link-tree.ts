/** The layers in front of IP as field trees, on the same way from number to number as the walk. */
import { type LinkCursor, next } from '../link/cursor.ts';
import {
  carrierPppHeader,
  ciscoHdlcHeader,
  ethernetHeader,
  etherTypeNames,
  ieee80211Header,
  linuxCooked2Header,
  linuxCookedHeader,
  logicalLinkControlHeader,
  loopHeader,
  mplsLabel,
  nullHeader,
  perPacketInformationHeader,
  pppoeHeader,
  pseudowireControlWord,
  radiotapHeader,
  vlanHeader,
} from '../link/layouts.ts';
import { etherTypes, linkTypes, pppProtocols } from '../link/numbers.ts';
import { hexNumber } from '../octets/hex.ts';
import type { Window } from '../octets/window.ts';
import type { Layout } from '../wire/layout.ts';
import { type Layer, layerOf, type Tree, treeOf } from '../wire/tree.ts';
import { leadsToIp, step } from './walk.ts';

/** Moves the cursor behind the layers in front of IP, or to the one that cannot be read. */
export function linkLayers(window: Window, cursor: LinkCursor): LinkLayers {
  const link = new LinkLayers(window);
  link.read(cursor);
  return link;
}

class LinkLayers {
  /** From the outside in. */
  readonly layers: Layer[] = [];
  /** What follows them, by the last number that says so; empty where none did. */
  summary = '';
  private readonly window: Window;

  constructor(window: Window) {
    this.window = window;
  }

  read(cursor: LinkCursor): void {
    for (let layer = 0; layer < cursor.nesting && !leadsToIp(cursor.next); layer += 1) {
      const from = cursor.next;
      const start = cursor.at;
      step(this.window.view, cursor);
      this.describe(from, start, cursor.fault === 0 ? cursor.at : cursor.end, cursor.fault === 0);
      if (cursor.fault !== 0) return;
    }
  }

  /** The layers between two places of the cursor. `whole`: the headers end with the second place. */
  private describe(from: number, start: number, end: number, whole: boolean): void {
    const { view } = this.window;
    switch (from) {
      case next.linkType + linkTypes.ethernet: {
        const tree = this.add(ethernetHeader, 'ethernet', start, Math.min(end, start + 14));
        this.typeOrLength(tree.value.typeOrLength, tree.end, end);
        break;
      }
      case next.etherType + etherTypes.vlan:
      case next.etherType + etherTypes.serviceVlan:
      case next.etherType + etherTypes.oldServiceVlan: {
        const tree = this.add(vlanHeader, 'vlan', start, Math.min(end, start + 4));
        this.typeOrLength(tree.value.typeOrLength, tree.end, end);
        break;
      }
      case next.etherType + etherTypes.mplsUnicast:
      case next.etherType + etherTypes.mplsMulticast:
      case next.pppProtocol + pppProtocols.mplsUnicast:
      case next.pppProtocol + pppProtocols.mplsMulticast: {
        let bottom = false;
        let at = start;
        for (; at + 4 <= end && !bottom; at += 4) {
          bottom = this.add(mplsLabel, 'mpls', at, at + 4).value.bottomOfStack === 1;
        }
        if (whole && at < end) this.add(pseudowireControlWord, 'mpls', at, end);
        break;
      }
      case next.etherType + etherTypes.pppoeSession:
      case next.linkType + linkTypes.pppEther: {
        const tree = this.add(pppoeHeader, 'pppoe', start, Math.min(end, start + 6));
        if (whole) this.carrierPpp(tree.end, end);
        break;
      }
      case next.linkType + linkTypes.ppp:
        if (whole) this.carrierPpp(start, end);
        break;
      case next.linkType + linkTypes.pppHdlc:
        if (whole && end - start === 4 && view.getUint8(start) !== 0xff) {
          this.add(ciscoHdlcHeader, 'ppp', start, end);
        } else if (whole) {
          this.carrierPpp(start, end);
        }
        break;
      case next.linkType + linkTypes.null:
        this.add(nullHeader, 'loopback', start, Math.min(end, start + 4));
        break;
      case next.linkType + linkTypes.loop:
        this.add(loopHeader, 'loopback', start, Math.min(end, start + 4));
        break;
      case next.linkType + linkTypes.linuxSll: {
        const tree = this.add(linuxCookedHeader, 'linux-cooked', start, Math.min(end, start + 16));
        this.etherType(tree.value.protocol);
        if (tree.end < end && whole) this.add(logicalLinkControlHeader, 'llc', tree.end, end);
        break;
      }
      case next.linkType + linkTypes.linuxSll2: {
        const tree = this.add(linuxCooked2Header, 'linux-cooked', start, Math.min(end, start + 20));
        this.etherType(tree.value.protocol);
        if (tree.end < end && whole) this.add(logicalLinkControlHeader, 'llc', tree.end, end);
        break;
      }
      case next.linkType + linkTypes.ieee80211:
        if (whole) this.wireless(start, end);
        break;
      case next.linkType + linkTypes.ieee80211Radiotap: {
        if (end - start < 8) break;
        const length = Math.max(8, view.getUint16(start + 2, true));
        this.add(radiotapHeader, 'radiotap', start, Math.min(end, start + length));
        if (whole) this.wireless(start + length, end);
        break;
      }
      case next.linkType + linkTypes.ppi: {
        if (end - start < 8) break;
        const length = Math.max(8, view.getUint16(start + 2, true));
        this.add(perPacketInformationHeader, 'ppi', start, Math.min(end, start + length));
        break;
      }
      default:
        if (from >= next.linkType) this.summary = `link type ${from - next.linkType}`;
    }
  }

  private typeOrLength(value: number | undefined, start: number, end: number): void {
    if (value === undefined) return;
    if (value > 1500) this.etherType(value);
    else if (start < end) this.add(logicalLinkControlHeader, 'llc', start, llcEnd(this.window, start, end));
  }

  private etherType(value: number | undefined): void {
    if (value === undefined) return;
    this.summary = etherTypeNames[value] ?? `EtherType ${hexNumber(value, 4)}`;
  }

  private carrierPpp(start: number, end: number): void {
    const octets = end - start;
    if (octets > 0) this.add(carrierPppHeader(octets > 2, octets % 2 === 1), 'ppp', start, end);
  }

  private wireless(start: number, end: number): void {
    const { view } = this.window;
    const snap = end - start >= 8 && view.getUint16(end - 8) === 0xaaaa && view.getUint8(end - 6) === 0x03;
    const middle = end - (snap ? 8 : 3);
    this.add(ieee80211Header, 'ieee80211', start, middle);
    this.add(logicalLinkControlHeader, 'llc', middle, end);
  }

  /** The layer of a header that fills the octets, or as much of it as they hold. */
  private add<Value extends object>(format: Layout<Value>, protocol: string, start: number, end: number): Tree<Value> {
    const tree = treeOf(format, this.window, start, end, 'capture length');
    this.layers.push(layerOf(format, protocol, start, tree));
    return tree;
  }
}

/** Three octets, or eight with SNAP. RFC 1042 */
function llcEnd(window: Window, start: number, end: number): number {
  const snap = start < end && window.view.getUint8(start) === 0xaa;
  return Math.min(end, start + (snap ? 8 : 3));
}
