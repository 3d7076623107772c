/** GRE in a packet tree: of a tunnel with the PPP that it carries, quoted by an error, or not PPTP's at all. */
import { enhancedGre, greProtocolTypeNames } from '../gre/enhanced-gre.ts';
import { eoipProtocolType, GreView, greFault, pppProtocolType } from '../gre/view.ts';
import { hexNumber } from '../octets/hex.ts';
import { counted } from '../octets/words.ts';
import { bits, restOctets, u16 } from '../wire/field.ts';
import { layout } from '../wire/layout.ts';
import { secret, treeOf } from '../wire/tree.ts';
import type { LayerStack } from './layer-stack.ts';
import type { PppLayers } from './ppp-layers.ts';

/** GRE that is not PPTP's. RFC 2784 §2 */
const otherGre = layout('GRE', 'RFC 2784 §2')
  .bits(bits(2, { checksumPresent: 1, reserved: 12, version: 3 }))
  .fields({ protocolType: u16({ names: greProtocolTypeNames, format: 'hexadecimal' }), rest: restOctets() });

export class GreLayers {
  /** It stands behind options of IPv4, which hardly anybody sends: their length may be wrong. */
  behindOptions = false;
  private readonly stack: LayerStack;
  private readonly ppp: PppLayers;

  constructor(stack: LayerStack, ppp: PppLayers) {
    this.stack = stack;
    this.ppp = ppp;
  }

  /** What IP carries as its protocol 47, of which the sender says that it has `wireLength` octets. */
  read(start: number, end: number, wireLength: number): void {
    const { stack } = this;
    const { window } = stack;
    const gre = new GreView();
    const fault = gre.at(window.view, start, end);
    const cut = start + wireLength > end;
    const limit = cut ? 'capture length' : 'IP total length';
    // Until it is known what is inside.
    stack.covering = true;
    const bare = fault === greFault.checksumOrRouting || fault === greFault.keyAbsent;
    const elsewhere = this.behindOptions && gre.protocolType !== pppProtocolType;
    if (end - start < 4 || gre.version !== 1 || bare || elsewhere) {
      stack.covering = end - start < 4 || gre.protocolType === pppProtocolType || elsewhere;
      const tree = treeOf(otherGre, window, start, Math.min(end, start + 4), limit);
      stack.push(otherGre, 'gre', start, { ...tree, fields: elsewhere ? tree.fields.map(secret) : tree.fields });
      const type = greProtocolTypeNames[gre.protocolType] ?? hexNumber(gre.protocolType, 4);
      const why = bare ? ', not as PPTP has it' : '';
      stack.about('gre', `GRE version ${gre.version} ${type}${why}, ${counted(wireLength, 'octet')}`);
      return;
    }
    const headerEnd = fault === 0 ? gre.payloadStart : end;
    const tree = treeOf(enhancedGre, window, start, headerEnd, limit);
    stack.push(enhancedGre, 'gre', start, { ...tree, end: headerEnd });
    if (fault !== 0) {
      stack.about('gre', 'GRE, header not whole');
      return;
    }
    if (gre.protocolType === eoipProtocolType) {
      stack.covering = false;
      stack.about('gre', `MikroTik Ethernet over IP, ${counted(gre.payloadLength, 'octet')}`);
      return;
    }
    if (stack.nested > 0) {
      this.quotedGre(gre, cut);
      return;
    }
    // The sender's length against the octets that IP carried; what the capture cut is no lie.
    if (gre.payloadLength > start + wireLength - gre.payloadStart) stack.malformed = true;
    this.tunnelGre(gre, cut);
    stack.excess('GRE', 'gre', gre.payloadEnd, end);
  }

  /** GRE inside an ICMP error, or inside a tunnel. */
  private quotedGre(gre: GreView, cut: boolean): void {
    const { stack } = this;
    const { payloadStart: start, payloadEnd: end, payloadLength: length } = gre;
    // An error quotes as much as its sender liked: all of it, perhaps.
    const ppp = { start, end, length, cut: cut && start + length > end, known: null };
    if (end > start && stack.takesApart(stack.nested)) this.ppp.read(ppp);
    stack.about('gre', greText(gre));
  }

  /** GRE of a tunnel, with what it carries. */
  private tunnelGre(gre: GreView, cut: boolean): void {
    const { stack } = this;
    const { source, destination } = stack;
    const { payloadStart: start, payloadEnd: end, payloadLength: length } = gre;
    stack.about('gre', greText(gre));
    stack.gre = gre;
    const known =
      source === null || destination === null ? null : stack.knowledge.call(source, destination, gre.callId);
    if (end <= start) return;
    this.ppp.read({ start, end, length, cut: cut && start + length > end, known });
    const numbers = numbersText(gre);
    if (stack.isData && numbers !== '') stack.summary += `, ${numbers}`;
  }
}

/** `seq=4 ack=3` */
function numbersText(gre: GreView): string {
  const sequence = gre.sequencePresent ? [`seq=${gre.sequenceNumber}`] : [];
  const acknowledgment = gre.acknowledgmentPresent ? [`ack=${gre.acknowledgmentNumber}`] : [];
  return [...sequence, ...acknowledgment].join(' ');
}

function greText(gre: GreView): string {
  return `GRE call-id=${gre.callId} ${numbersText(gre)}`.trimEnd();
}
