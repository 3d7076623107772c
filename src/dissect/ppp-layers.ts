/** PPP as GRE carries it: what its header, control packets, MPPE and multilink fragments are in a packet tree. */
import { mppePacket } from '../mppe/header.ts';
import { counted } from '../octets/words.ts';
import type { LinkKnowledge } from '../ppp/body-tree.ts';
import { pppHeader } from '../ppp/header.ts';
import { multilinkLong, multilinkShort } from '../ppp/multilink.ts';
import { decodePppControl, isControlProtocol } from '../ppp/packet.ts';
import { pppProtocol, pppProtocolName } from '../ppp/protocols.ts';
import { pppControlLayer } from '../ppp/tree.ts';
import { PppView } from '../ppp/view.ts';
import { octetsLeaf, treeOf } from '../wire/tree.ts';
import { LayerStack } from './layer-stack.ts';
import type { AssembledPacket } from './multilink.ts';
import type { CallKnowledge } from './packet-knowledge.ts';
import { mppeSummary } from './summary.ts';
import { pppSummary, protocolText } from './summary-ppp.ts';

/** Octets of a PPP packet, or of its information field. */
export interface PppOctets {
  readonly start: number;
  /** Behind the last octet that was captured. */
  readonly end: number;
  /** Octets that the sender says there are. */
  readonly length: number;
  /** The capture does not hold all of them. */
  readonly cut: boolean;
  readonly known: CallKnowledge | null;
}

const nothingKnown: LinkKnowledge = { chap: null, passwords: [] };

export abstract class PppLayers extends LayerStack {
  /** What a multilink fragment completed. */
  assembled: AssembledPacket | null = null;
  /** User data: what the ladder counts and does not list. */
  isData = false;

  /** The user's own packet, in clear. */
  protected abstract innerIp(start: number, end: number): void;

  /** PPP as GRE carries it. */
  protected pppLayer(packet: PppOctets): void {
    const { window } = this;
    const { start, end } = packet;
    const ppp = new PppView();
    const fault = ppp.at(window.view, start, end);
    const header = pppHeader(ppp.addressAndControl, ppp.protocolCompressed);
    const headerEnd = fault === 0 ? ppp.informationStart : end;
    const tree = treeOf(header, window, start, headerEnd, boundOf(packet));
    this.push(header, 'ppp', start, { ...tree, end: headerEnd });
    if (fault !== 0) {
      this.about('ppp', 'PPP, header not whole');
      return;
    }
    const { protocol, informationStart } = ppp;
    this.pppInformation(protocol, {
      ...packet,
      start: informationStart,
      length: packet.length - (informationStart - start),
    });
    this.excess('PPP', 'ppp', this.covered(), end);
  }

  private pppInformation(protocol: number, information: PppOctets): void {
    // What stands behind a control packet may be the rest of a rejected one.
    this.covering = isControlProtocol(protocol);
    if (this.covering) {
      this.pppControl(protocol, information);
      return;
    }
    this.isData = true;
    switch (protocol) {
      case pppProtocol.ipv4:
      case pppProtocol.ipv6:
        this.innerIp(information.start, information.end);
        break;
      case pppProtocol.compressed:
      case pppProtocol.linkCompressed:
        this.compressed(information);
        break;
      case pppProtocol.multilink:
        this.multilink(information);
        break;
      default:
        // What looks like a number may be none: of a packet cut short, or in a bundle whose headers have the other size.
        this.covering = this.nested > 0 || pppProtocolName(protocol) === null;
        this.about('ppp', `${protocolText(protocol)}, ${counted(information.length, 'octet')}`);
    }
  }

  private pppControl(protocol: number, { start, end, cut, known }: PppOctets): void {
    const { window } = this;
    const { chap, passwords } = known ?? nothingKnown;
    const layer = pppControlLayer(protocol, { window, start, end, cut }, { chap, passwords });
    this.layers.push(layer);
    if (layer.fault !== null && layer.fault.boundedBy !== 'capture length') this.malformed = true;
    const decoded = decodePppControl(protocol, window, start, end, cut);
    const text = decoded.ok ? pppSummary(decoded.value, passwords) : `${layer.name}, ${counted(end - start, 'octet')}`;
    this.about(layer.protocol, text);
  }

  /** MPPE and MPPC, or, where it is known to be one, another compression. RFC 1962 §2.1 */
  private compressed(information: PppOctets): void {
    const { window } = this;
    const { start, end, length, known } = information;
    const method = known?.compression ?? 'mppe';
    if (method === 'mppe' || method === 'mppc') {
      this.push(mppePacket, 'mppe', start, treeOf(mppePacket, window, start, end, boundOf(information)));
      const whole = end - start >= 2;
      const summary = whole
        ? mppeSummary(window.view.getUint16(start), Math.max(0, length - 2))
        : 'MPPE, header not whole';
      this.about('mppe', summary);
      return;
    }
    this.about('compressed', `compressed datagram (${method}), ${counted(length, 'octet')}`);
    if (start < end) {
      this.plain('Compressed datagram', 'compressed', 'RFC 1962 §2.1', [
        octetsLeaf(window, start, end, 'compressedOctets'),
      ]);
    }
  }

  /** RFC 1990 §3 */
  private multilink(information: PppOctets): void {
    const { window } = this;
    const { start, end, length, cut, known } = information;
    const short = known?.shortMultilinkNumbers ?? false;
    const format = short ? multilinkShort : multilinkLong;
    const headerEnd = start + (short ? 2 : 4);
    const tree = treeOf(format as typeof multilinkLong, window, start, Math.min(end, headerEnd), boundOf(information));
    this.push(format, 'multilink', start, tree);
    const { beginning, ending, sequenceNumber } = tree.value;
    const marks = `${beginning === 1 ? 'B' : '-'}${ending === 1 ? 'E' : '-'}`;
    const inner = length - (headerEnd - start);
    this.about(
      'multilink',
      `multilink fragment ${marks} seq=${sequenceNumber ?? '?'}, ${counted(Math.max(0, inner), 'octet')}`,
    );
    if (headerEnd >= end) {
      this.covering = true;
      return;
    }
    if (beginning === 1 && ending === 1 && this.takesApart(this.nested)) {
      this.nested += 1;
      this.isData = false;
      this.pppLayer({ start: headerEnd, end, length: inner, cut, known });
      this.summary = `multilink seq=${sequenceNumber}: ${this.summary}`;
      this.nested -= 1;
      return;
    }
    this.covering = true;
    this.plain('Multilink fragment', 'multilink', 'RFC 1990 §3', [
      this.unknown(octetsLeaf(window, headerEnd, end, 'fragmentOctets')),
    ]);
    if (cut || this.nested > 0 || sequenceNumber === undefined) return;
    this.assembled = this.knowledge.multilink(this, {
      beginning: beginning === 1,
      ending: ending === 1,
      sequenceNumber,
      modulus: short ? 2 ** 12 : 2 ** 24,
      octets: window.bytes.slice(headerEnd, end),
    });
  }
}

function boundOf({ cut }: PppOctets): 'capture length' | 'GRE payload length' {
  return cut ? 'capture length' : 'GRE payload length';
}
