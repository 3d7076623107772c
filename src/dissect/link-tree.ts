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

/** The octets that one step of the walk passed. */
interface Passed {
  readonly start: number;
  readonly end: number;
  /** All headers are there, and end with the octets. */
  readonly whole: boolean;
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
      const whole = cursor.fault === 0;
      this.describe(from, { start, end: whole ? cursor.at : cursor.end, whole });
      if (!whole) return;
    }
  }

  private describe(from: number, passed: Passed): void {
    switch (from) {
      case next.linkType + linkTypes.ethernet:
        this.ethernet(passed);
        break;
      case next.etherType + etherTypes.vlan:
      case next.etherType + etherTypes.serviceVlan:
      case next.etherType + etherTypes.oldServiceVlan:
        this.vlan(passed);
        break;
      case next.etherType + etherTypes.mplsUnicast:
      case next.etherType + etherTypes.mplsMulticast:
      case next.pppProtocol + pppProtocols.mplsUnicast:
      case next.pppProtocol + pppProtocols.mplsMulticast:
        this.mpls(passed);
        break;
      case next.etherType + etherTypes.pppoeSession:
      case next.linkType + linkTypes.pppEther:
        this.pppoe(passed);
        break;
      case next.linkType + linkTypes.ppp:
        this.carrierPpp(passed);
        break;
      case next.linkType + linkTypes.pppHdlc:
        this.pppHdlc(passed);
        break;
      case next.linkType + linkTypes.null:
        this.fixed(nullHeader, 'loopback', passed, 4);
        break;
      case next.linkType + linkTypes.loop:
        this.fixed(loopHeader, 'loopback', passed, 4);
        break;
      case next.linkType + linkTypes.linuxSll:
        this.linuxCooked(passed, this.fixed(linuxCookedHeader, 'linux-cooked', passed, 16));
        break;
      case next.linkType + linkTypes.linuxSll2:
        this.linuxCooked(passed, this.fixed(linuxCooked2Header, 'linux-cooked', passed, 20));
        break;
      case next.linkType + linkTypes.ieee80211:
        this.ieee80211(passed);
        break;
      case next.linkType + linkTypes.ieee80211Radiotap:
        this.radiotap(passed);
        break;
      case next.linkType + linkTypes.ppi:
        this.ppi(passed);
        break;
      default:
        if (from >= next.linkType) this.summary = `link type ${from - next.linkType}`;
    }
  }

  private ethernet(passed: Passed): void {
    const tree = this.fixed(ethernetHeader, 'ethernet', passed, 14);
    this.typeOrLength(tree.value.typeOrLength, tree.end, passed.end);
  }

  private vlan(passed: Passed): void {
    const tree = this.fixed(vlanHeader, 'vlan', passed, 4);
    this.typeOrLength(tree.value.typeOrLength, tree.end, passed.end);
  }

  private mpls({ start, end, whole }: Passed): void {
    let bottom = false;
    let at = start;
    for (; at + 4 <= end && !bottom; at += 4) {
      bottom = this.add(mplsLabel, 'mpls', at, at + 4).value.bottomOfStack === 1;
    }
    if (whole && at < end) this.add(pseudowireControlWord, 'mpls', at, end);
  }

  private pppoe(passed: Passed): void {
    const tree = this.fixed(pppoeHeader, 'pppoe', passed, 6);
    this.carrierPpp({ ...passed, start: tree.end });
  }

  private pppHdlc(passed: Passed): void {
    const { start, end, whole } = passed;
    const cisco = whole && end - start === 4 && this.window.view.getUint8(start) !== 0xff;
    if (cisco) this.add(ciscoHdlcHeader, 'ppp', start, end);
    else this.carrierPpp(passed);
  }

  private carrierPpp({ start, end, whole }: Passed): void {
    const octets = end - start;
    if (whole && octets > 0) this.add(carrierPppHeader(octets > 2, octets % 2 === 1), 'ppp', start, end);
  }

  private linuxCooked({ end, whole }: Passed, header: Tree<{ readonly protocol: number }>): void {
    this.etherType(header.value.protocol);
    if (header.end < end && whole) this.add(logicalLinkControlHeader, 'llc', header.end, end);
  }

  private ieee80211({ start, end, whole }: Passed): void {
    if (!whole) return;
    const { view } = this.window;
    const snap = end - start >= 8 && view.getUint16(end - 8) === 0xaaaa && view.getUint8(end - 6) === 0x03;
    const middle = end - (snap ? 8 : 3);
    this.add(ieee80211Header, 'ieee80211', start, middle);
    this.add(logicalLinkControlHeader, 'llc', middle, end);
  }

  private radiotap(passed: Passed): void {
    const length = this.ownLength(passed);
    if (length === null) return;
    this.fixed(radiotapHeader, 'radiotap', passed, length);
    this.ieee80211({ ...passed, start: passed.start + length });
  }

  private ppi(passed: Passed): void {
    const length = this.ownLength(passed);
    if (length !== null) this.fixed(perPacketInformationHeader, 'ppi', passed, length);
  }

  /** Radiotap and PPI say in the same place how long they are; null where they do not get as far. */
  private ownLength({ start, end }: Passed): number | null {
    return end - start < 8 ? null : Math.max(8, this.window.view.getUint16(start + 2, true));
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

  /** The layer of a header of so many octets, or as much of it as there is. */
  private fixed<Value extends object>(
    format: Layout<Value>,
    protocol: string,
    { start, end }: Passed,
    length: number,
  ): Tree<Value> {
    return this.add(format, protocol, start, Math.min(end, start + length));
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
