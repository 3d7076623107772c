/** GRE in a packet tree: of a tunnel with the PPP that it carries, quoted by an error, or not PPTP's at all. */
import { enhancedGre, greProtocolTypeNames } from '../gre/enhanced-gre.ts';
import { eoipProtocolType, GreView, greFault, pppProtocolType } from '../gre/view.ts';
import { hexNumber } from '../octets/hex.ts';
import { counted } from '../octets/words.ts';
import { bits, restOctets, u16 } from '../wire/field.ts';
import { layout } from '../wire/layout.ts';
import { secret, treeOf } from '../wire/tree.ts';
import { PppLayers } from './ppp-layers.ts';

/** GRE that is not PPTP's. RFC 2784 §2 */
const otherGre = layout('GRE', 'RFC 2784 §2')
  .bits(bits(2, { checksumPresent: 1, reserved: 12, version: 3 }))
  .fields({ protocolType: u16({ names: greProtocolTypeNames, format: 'hexadecimal' }), rest: restOctets() });

export abstract class GreLayers extends PppLayers {
  /** GRE stands behind options of IPv4, which hardly anybody sends: their length may be wrong. */
  protected optionsBeforeGre = false;

  protected greLayer(start: number, end: number, wireLength: number): void {
    const gre = new GreView();
    const fault = gre.at(this.window.view, start, end);
    const cut = start + wireLength > end;
    const limit = cut ? 'capture length' : 'IP total length';
    // Until it is known what is inside.
    this.covering = true;
    const bare = fault === greFault.checksumOrRouting || fault === greFault.keyAbsent;
    const elsewhere = this.optionsBeforeGre && gre.protocolType !== pppProtocolType;
    if (end - start < 4 || gre.version !== 1 || bare || elsewhere) {
      this.covering = end - start < 4 || gre.protocolType === pppProtocolType || elsewhere;
      const tree = treeOf(otherGre, this.window, start, Math.min(end, start + 4), limit);
      this.push(otherGre, 'gre', start, { ...tree, fields: elsewhere ? tree.fields.map(secret) : tree.fields });
      const type = greProtocolTypeNames[gre.protocolType] ?? hexNumber(gre.protocolType, 4);
      const why = bare ? ', not as PPTP has it' : '';
      this.about('gre', `GRE version ${gre.version} ${type}${why}, ${counted(wireLength, 'octet')}`);
      return;
    }
    const headerEnd = fault === 0 ? gre.payloadStart : end;
    const tree = treeOf(enhancedGre, this.window, start, headerEnd, limit);
    this.push(enhancedGre, 'gre', start, { ...tree, end: headerEnd });
    if (fault !== 0) {
      this.about('gre', 'GRE, header not whole');
      return;
    }
    if (gre.protocolType === eoipProtocolType) {
      this.covering = false;
      this.about('gre', `MikroTik Ethernet over IP, ${counted(gre.payloadLength, 'octet')}`);
      return;
    }
    if (this.nested > 0) {
      this.quotedGre(gre, cut);
      return;
    }
    // The sender's length against the octets that IP carried; what the capture cut is no lie.
    if (gre.payloadLength > start + wireLength - gre.payloadStart) this.malformed = true;
    this.tunnelGre(gre, cut);
    this.excess('GRE', 'gre', gre.payloadEnd, end);
  }

  /** GRE inside an ICMP error, or inside a tunnel. */
  private quotedGre(gre: GreView, cut: boolean): void {
    const { payloadStart: start, payloadEnd: end, payloadLength: length } = gre;
    // An error quotes as much as its sender liked: all of it, perhaps.
    const ppp = { start, end, length, cut: cut && start + length > end, known: null };
    if (end > start && this.takesApart(this.nested)) this.pppLayer(ppp);
    this.about('gre', greText(gre));
  }

  /** GRE of a tunnel, with what it carries. */
  private tunnelGre(gre: GreView, cut: boolean): void {
    const { payloadStart: start, payloadEnd: end, payloadLength: length } = gre;
    const { source, destination } = this;
    this.about('gre', greText(gre));
    this.gre = gre;
    const known = source === null || destination === null ? null : this.knowledge.call(source, destination, gre.callId);
    if (end <= start) return;
    this.pppLayer({ start, end, length, cut: cut && start + length > end, known });
    const numbers = numbersText(gre);
    if (this.isData && numbers !== '') this.summary += `, ${numbers}`;
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
