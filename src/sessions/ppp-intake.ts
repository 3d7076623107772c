/**
 * PPP out of GRE: user data is counted by its flow, control packets go to the link of its call, or wait until it is known which
 * call that is.
 */
import type { Packet } from '../dissect/packet.ts';
import type { GreView } from '../gre/view.ts';
import { isToBeEncrypted } from '../mppe/header.ts';
import { stampedInstant } from '../octets/instant.ts';
import type { Limits } from '../octets/limits.ts';
import { lcpCode } from '../ppp/lcp.ts';
import { isWholePacket, multilinkPacketStart } from '../ppp/multilink-view.ts';
import { decodePppControl, isControlProtocol, type PppControlPacket } from '../ppp/packet.ts';
import { isNetworkData, isProtocolNumber, pppProtocol, pppProtocolName } from '../ppp/protocols.ts';
import { headerField, PppView } from '../ppp/view.ts';
import type { CallState } from './call-state.ts';
import { type End, otherEnd } from './ends.ts';
import type { GreFlow } from './gre-flow.ts';
import type { InvalidAnswer } from './negotiation.ts';
import { instantOf, type Tunnels } from './tunnels.ts';
import type { Watch } from './watch.ts';

/** Octets of a PPP header that is not shortened, and one behind it: of fewer in the capture one cannot tell. RFC 1662 §3.1 */
const beyondHeader = 5;
/** Of LCP, what opens and ends the link; Linux's PPTP leaves FF 03 out of Echo-Requests as of data. RFC 1661 §5 */
const lastLinkCode = 7;

/** Finds the call that a flow belongs to, or makes one. */
interface Settler {
  settle(flow: GreFlow): void;
}

export class PppIntake {
  private readonly tunnels: Tunnels;
  private readonly limits: Limits;
  private readonly settler: Settler;
  private readonly multilinkInner = new PppView();
  /** null where nobody listens. */
  watch: Watch | null = null;

  constructor(tunnels: Tunnels, limits: Limits, settler: Settler) {
    this.tunnels = tunnels;
    this.limits = limits;
    this.settler = settler;
  }

  /** What a GRE packet of a flow carries; `isNew`: it was not here before. */
  take(flow: GreFlow, packet: Packet, gre: GreView, ppp: PppView, isNew: boolean): void {
    if (isNew && gre.payloadEnd - gre.payloadStart >= beyondHeader) this.header(flow, packet, ppp);
    this.ppp(flow, packet, gre, ppp, isNew);
  }

  /** Whether a sender may leave out what it leaves out of PPP's header. LCP itself never may. RFC 1661 §6.5, §6.6 */
  private header(flow: GreFlow, packet: Packet, ppp: PppView): void {
    if (ppp.protocol !== pppProtocol.lcp) flow.header(packet, ppp, flow.wholeFields);
    else {
      const code = packet.window.view.getUint8(ppp.informationStart);
      flow.header(packet, ppp, code <= lastLinkCode ? headerField.addressAndControl : flow.wholeFields);
    }
  }

  private ppp(flow: GreFlow, packet: Packet, gre: GreView, ppp: PppView, isNew: boolean): void {
    const { protocol, informationStart: start } = ppp;
    const { payloadStart, payloadEnd: end } = gre;
    const octets = end - start + packet.cutOff(gre.payloadLength, payloadStart, end);
    if (protocol === pppProtocol.compressed || protocol === pppProtocol.linkCompressed) {
      flow.compressed(packet, gre, start, isNew);
      flow.userData(packet, octets);
    } else if (protocol === pppProtocol.multilink) {
      flow.multilink();
      this.tunnels.rest();
      const captured = packet.window.view;
      const short = flow.call?.link.shortMultilinkNumbers(flow.end) ?? false;
      const inner = multilinkPacketStart(captured, start, end, short);
      const view = this.multilinkInner;
      const begins = inner >= 0 && view.at(captured, inner, end) === 0 && view.protocol !== pppProtocol.multilink;
      // Of a control packet a part is of no use; of data its beginning says what it is.
      if (begins && (isWholePacket(captured, start) || !isControlProtocol(view.protocol))) {
        this.ppp(flow, packet, gre, view, isNew);
      } else {
        flow.userData(packet, octets);
      }
    } else if (isControlProtocol(protocol)) {
      if (isNew) this.control(flow, packet, gre, ppp);
    } else if (isNetworkData(protocol)) {
      flow.clear(packet, octets, isToBeEncrypted(protocol));
    } else if (!isProtocolNumber(protocol)) {
      this.tunnels.rest();
      if (isNew) flow.call?.link.countOther(protocol);
    } else if (protocol !== pppProtocol.padding) {
      flow.userData(packet, octets);
    }
  }

  private control(flow: GreFlow, packet: Packet, gre: GreView, { protocol, informationStart }: PppView): void {
    this.tunnels.rest();
    const decoded = decodePppControl(protocol, packet.window, informationStart, gre.payloadEnd, packet.cut);
    const control = decoded.ok ? decoded.value : partial(protocol, decoded.decoded);
    const call = flow.call;
    if (call !== null) {
      const fault = decoded.ok ? decoded.value.fault : decoded;
      if (fault !== undefined && !packet.cut) {
        call.anomaly(packet.frame, 'malformed-ppp', `${fault.layer}: ${fault.field}: ${fault.reason}`);
      }
      const { end } = flow;
      const invalid = control !== null && heardAll(call, end, gre) ? call.link.invalidAnswer(end, control) : null;
      if (control === null) call.link.countOther(protocol);
      else if (invalid !== null) {
        const what = `${pppProtocolName(protocol)} ${control.name} with identifier ${control.identifier}`;
        call.anomaly(packet.frame, invalid, `${what} ${invalidAnswers[invalid]}`);
      } else {
        call.link.packet(end, control, packet.frame, instantOf(packet));
        if (protocol === pppProtocol.lcp) call.agreeOnHeaders();
      }
      if (this.watch !== null && control !== null && !isLcpEcho(control)) {
        this.watch.callChanged(call, packet.frame, stampedInstant(packet));
      }
      return;
    }
    flow.waiting ??= [];
    // It was settled, and there was no place for its call.
    if (flow.waiting.length >= this.limits.bounds['waiting-packets']) return;
    flow.waiting.push({ packet: control, protocol, frame: packet.frame, instant: instantOf(packet) });
    if (this.limits.full('waiting-packets', flow.waiting.length)) this.settler.settle(flow);
  }
}

/** Whether the capture holds all that `end` had received when it sent this packet. */
function heardAll(call: CallState, end: End, { acknowledgmentPresent, acknowledgmentNumber }: GreView): boolean {
  return acknowledgmentPresent && (call.flow(otherEnd(end))?.isWholeUpTo(acknowledgmentNumber) ?? false);
}

/** Echo-Requests and -Replies change nothing that is told. RFC 1661 §5.8 */
function isLcpEcho({ protocol, code }: PppControlPacket): boolean {
  return protocol === pppProtocol.lcp && (code === lcpCode.echoRequest || code === lcpCode.echoReply);
}

const invalidAnswers: Readonly<Record<InvalidAnswer, string>> = {
  'unasked-answer': 'answers no request',
  'other-options-acknowledged': 'does not hold the options of the request, and so acknowledges nothing',
};

/** What is left of a packet that the capture cut or the sender malformed: its code still counts. */
function partial(protocol: number, decoded: Partial<PppControlPacket>): PppControlPacket | null {
  if (decoded.code === undefined || decoded.identifier === undefined) return null;
  return {
    protocol,
    code: decoded.code,
    identifier: decoded.identifier,
    name: decoded.name ?? '',
    body: decoded.body ?? { kind: 'undecoded', octets: new Uint8Array(0) },
  } as PppControlPacket;
}
