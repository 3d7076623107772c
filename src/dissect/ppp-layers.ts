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
import type { LayerStack } from './layer-stack.ts';
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

/** What PPP carries and these layers do not read. */
interface Carried {
  /** The user's own packet, in clear. */
  innerIp(start: number, end: number): void;
}

export class PppLayers {
  private readonly stack: LayerStack;
  private readonly carried: Carried;

  constructor(stack: LayerStack, carried: Carried) {
    this.stack = stack;
    this.carried = carried;
  }

  /** PPP as GRE carries it. */
  read(packet: PppOctets): void {
    const { stack } = this;
    const { window } = stack;
    const { start, end } = packet;
    const ppp = new PppView();
    const fault = ppp.at(window.view, start, end);
    const header = pppHeader(ppp.addressAndControl, ppp.protocolCompressed);
    const headerEnd = fault === 0 ? ppp.informationStart : end;
    const tree = treeOf(header, window, start, headerEnd, boundOf(packet));
    stack.push(header, 'ppp', start, { ...tree, end: headerEnd });
    if (fault !== 0) {
      stack.about('ppp', 'PPP, header not whole');
      return;
    }
    const { protocol, informationStart } = ppp;
    this.information(protocol, {
      ...packet,
      start: informationStart,
      length: packet.length - (informationStart - start),
    });
    stack.excess('PPP', 'ppp', stack.covered(), end);
  }

  private information(protocol: number, information: PppOctets): void {
    const { stack } = this;
    // What stands behind a control packet may be the rest of a rejected one.
    stack.covering = isControlProtocol(protocol);
    if (stack.covering) {
      this.control(protocol, information);
      return;
    }
    stack.isData = true;
    switch (protocol) {
      case pppProtocol.ipv4:
      case pppProtocol.ipv6:
        this.carried.innerIp(information.start, information.end);
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
        stack.covering = stack.nested > 0 || pppProtocolName(protocol) === null;
        stack.about('ppp', `${protocolText(protocol)}, ${counted(information.length, 'octet')}`);
    }
  }

  private control(protocol: number, { start, end, cut, known }: PppOctets): void {
    const { stack } = this;
    const { window } = stack;
    const { chap, passwords } = known ?? nothingKnown;
    const layer = pppControlLayer(protocol, { window, start, end, cut }, { chap, passwords });
    stack.layers.push(layer);
    if (layer.fault !== null && layer.fault.boundedBy !== 'capture length') stack.malformed = true;
    const decoded = decodePppControl(protocol, window, start, end, cut);
    const text = decoded.ok ? pppSummary(decoded.value, passwords) : `${layer.name}, ${counted(end - start, 'octet')}`;
    stack.about(layer.protocol, text);
  }

  /** MPPE and MPPC, or, where it is known to be one, another compression. RFC 1962 §2.1 */
  private compressed(information: PppOctets): void {
    const { stack } = this;
    const { window } = stack;
    const { start, end, length, known } = information;
    const method = known?.compression ?? 'mppe';
    if (method === 'mppe' || method === 'mppc') {
      stack.push(mppePacket, 'mppe', start, treeOf(mppePacket, window, start, end, boundOf(information)));
      const whole = end - start >= 2;
      const summary = whole
        ? mppeSummary(window.view.getUint16(start), Math.max(0, length - 2))
        : 'MPPE, header not whole';
      stack.about('mppe', summary);
      return;
    }
    stack.about('compressed', `compressed datagram (${method}), ${counted(length, 'octet')}`);
    if (start < end) {
      stack.plain('Compressed datagram', 'compressed', 'RFC 1962 §2.1', [
        octetsLeaf(window, start, end, 'compressedOctets'),
      ]);
    }
  }

  /** RFC 1990 §3 */
  private multilink(information: PppOctets): void {
    const { stack } = this;
    const { window } = stack;
    const { start, end, length, cut, known } = information;
    const short = known?.shortMultilinkNumbers ?? false;
    const format = short ? multilinkShort : multilinkLong;
    const headerEnd = start + (short ? 2 : 4);
    const tree = treeOf(format as typeof multilinkLong, window, start, Math.min(end, headerEnd), boundOf(information));
    stack.push(format, 'multilink', start, tree);
    const { beginning, ending, sequenceNumber } = tree.value;
    const marks = `${beginning === 1 ? 'B' : '-'}${ending === 1 ? 'E' : '-'}`;
    const inner = length - (headerEnd - start);
    stack.about(
      'multilink',
      `multilink fragment ${marks} seq=${sequenceNumber ?? '?'}, ${counted(Math.max(0, inner), 'octet')}`,
    );
    if (headerEnd >= end) {
      stack.covering = true;
      return;
    }
    if (beginning === 1 && ending === 1 && stack.takesApart(stack.nested)) {
      stack.nested += 1;
      stack.isData = false;
      this.read({ start: headerEnd, end, length: inner, cut, known });
      stack.summary = `multilink seq=${sequenceNumber}: ${stack.summary}`;
      stack.nested -= 1;
      return;
    }
    stack.covering = true;
    stack.plain('Multilink fragment', 'multilink', 'RFC 1990 §3', [
      stack.unknown(octetsLeaf(window, headerEnd, end, 'fragmentOctets')),
    ]);
    if (cut || stack.nested > 0 || sequenceNumber === undefined) return;
    stack.assembled = stack.knowledge.multilink(stack, {
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
