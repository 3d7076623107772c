/**
 * Which GRE flow belongs to which call.
 *
 * GRE carries the receiver's Call ID (RFC 2637 §4.1), so a call has one flow for each direction, with an ID
 * each. A flow is bound when its ID is announced on the control connection. GRE that nobody has announced
 * (yet) waits in a loose flow and is settled by address, time and acknowledgments.
 */
import type { Packet } from '../dissect/packet.ts';
import type { GreView } from '../gre/view.ts';
import { isToBeEncrypted } from '../mppe/header.ts';
import type { Instant } from '../octets/instant.ts';
import { secondsBetween, stampedInstant } from '../octets/instant.ts';
import type { Limits } from '../octets/limits.ts';
import { addressKey, pairKey } from '../octets/number-key.ts';
import { lcpCode } from '../ppp/lcp.ts';
import { isWholePacket, multilinkPacketStart } from '../ppp/multilink-view.ts';
import { decodePppControl, isControlProtocol, type PppControlPacket } from '../ppp/packet.ts';
import { isNetworkData, isProtocolNumber, pppProtocol, pppProtocolName } from '../ppp/protocols.ts';
import { headerField, PppView } from '../ppp/view.ts';
import type { CallState } from './call-state.ts';
import { type End, otherEnd } from './ends.ts';
import { FlowTable } from './flow-table.ts';
import { GreFlow } from './gre-flow.ts';
import { near } from './near.ts';
import type { InvalidAnswer } from './negotiation.ts';
import { FlowRooms } from './sequence.ts';
import type { TunnelEnds, TunnelState } from './tunnel-state.ts';
import { graceSeconds, instantOf, type Tunnels } from './tunnels.ts';
import type { Watch } from './watch.ts';

/** Loose flows that are looked at together, where there may be very many. */
const looseAtMost = 64;
/** Seconds that GRE may run ahead of the message that announces it. */
const aheadOfSignalling = 3;
/** Octets of a PPP header that is not shortened, and one behind it: of fewer in the capture one cannot tell. RFC 1662 §3.1 */
const beyondHeader = 5;
/** Of LCP, what opens and ends the link; Linux's PPTP leaves FF 03 out of Echo-Requests as of data. RFC 1661 §5 */
const lastLinkCode = 7;
/** Somewhat longer: by then the other direction and its acknowledgments have been seen too. */
const settledAfterSeconds = 5;

export class Correlation {
  private readonly tunnels: Tunnels;
  private readonly limits: Limits;
  private readonly flows = new FlowTable();
  private readonly rooms = new FlowRooms();
  /** Flows that nobody has announced, by the pair of their addresses. */
  private readonly loose = new Map<string, Set<GreFlow>>();
  private looseCount = 0;
  /** Loose flows in the order in which they came, some of them settled by now; those before `settledTo` are done with. */
  private ageing: GreFlow[] = [];
  private settledTo = 0;
  /** Calls by the end that announced the Call ID; null until somebody asks, which few captures give reason to. */
  private announced: Map<string, CallState> | null = null;
  private readonly multilinkInner = new PppView();
  /** null where nobody listens. */
  watch: Watch | null = null;

  constructor(tunnels: Tunnels, limits: Limits) {
    this.tunnels = tunnels;
    this.limits = limits;
  }

  find(source: number, destination: number, callId: number): GreFlow | null {
    return this.flows.find(source, destination, callId);
  }

  /** `end` announced its Call ID: what is sent to it carries that. */
  announce(call: CallState, end: End, callId: number, frame: number, instant: Instant): void {
    call.announceCallId(end, callId);
    call.tunnel.callIndex.announced(call, end, callId);
    const sender = otherEnd(end);
    const tunnel = call.tunnel;
    const source = tunnel.address(sender);
    const destination = tunnel.address(end);
    this.announced?.set(addressKey(destination, callId), call);
    const present = this.flows.find(source, destination, callId);
    if (present !== null && present.call === call) return;
    // GRE that ran ahead of its announcement is this call's; older GRE with the same ID is another's, but for a call
    // whose setup lies before the capture.
    const fitting = call.kind === 'unsignalled' || (present !== null && isRecent(present, frame, instant));
    if (present !== null && present.call === null && fitting) {
      this.adopt(call, sender, present);
      return;
    }
    const flow = new GreFlow(source, destination, callId, this.rooms);
    const replaced = call.flow(sender);
    call.bind(sender, flow);
    if (replaced !== null) this.remove(replaced);
    this.flows.set(flow);
  }

  /** The newest call of which the end with that address announced the Call ID. */
  private announcedBy(address: number, callId: number): CallState | undefined {
    this.announced ??= this.allAnnounced();
    return this.announced.get(addressKey(address, callId));
  }

  private allAnnounced(): Map<string, CallState> {
    const announced = new Map<string, CallState>();
    const oldestFirst = this.tunnels.all().toSorted((a, b) => a.firstFrame - b.firstFrame);
    for (const call of oldestFirst.flatMap(({ calls }) => calls)) {
      for (const end of [0, 1] as const) {
        const own = call.callId(end);
        if (own !== null) announced.set(addressKey(call.tunnel.address(end), own), call);
      }
    }
    return announced;
  }

  private adopt(call: CallState, sender: End, flow: GreFlow): void {
    this.noLongerLoose(flow);
    const replaced = call.flow(sender);
    call.bind(sender, flow);
    if (replaced !== null) this.remove(replaced);
    // What comes from now on is of the call that announced the same Call ID meanwhile, if one did.
    if (this.flows.find(flow.source, flow.destination, flow.callId) === null) this.flows.set(flow);
    const waiting = flow.waiting;
    flow.waiting = null;
    for (const { packet, protocol, frame, instant } of waiting ?? []) {
      if (packet !== null) call.link.packet(sender, packet, frame, instant);
      else countOther(call, protocol);
    }
    agreeOnHeaders(call);
    if (flow.packets === 0) return;
    const { last, lastFrame } = flow;
    if (flow.timed) call.packetSeen(sender, { at: last.seconds + last.nanoseconds / 1e9, frame: lastFrame });
    this.watch?.callChanged(call, lastFrame, flow.timed ? last : null);
  }

  /**
   * For a packet with one of a sender's first numbers: under the Call IDs of a call that was ended it is of another call,
   * whose setup may not be in the capture.
   */
  first(packet: Packet, gre: GreView): void {
    const flow = this.flows.find(packet.source, packet.destination, gre.callId);
    if (flow !== null && isOver(flow.call) && flow.beginsAnew(packet, gre)) this.looseFlow(packet, gre);
  }

  gre(packet: Packet, gre: GreView, ppp: PppView | null): void {
    let flow = this.flows.find(packet.source, packet.destination, gre.callId);
    if (flow === null) {
      flow = this.looseFlow(packet, gre);
      if (flow === null) return;
    }
    const brings = flow.count(packet, gre);
    const isNew = brings === 'something';
    const call = flow.call;
    if (call !== null) {
      call.tunnel.heard(flow.end, packet);
      if (packet.timed) call.packetSeen(flow.end, packet);
    }
    if (call !== null && gre.acknowledgmentPresent) {
      const reverse = call.flow(otherEnd(flow.end));
      if (reverse !== null) {
        if (reverse.isFarFrom(gre.acknowledgmentNumber)) flow.strayAcknowledgment(packet.frame);
        else reverse.acknowledge(gre.acknowledgmentNumber, packet);
      }
    }
    if (ppp !== null && brings !== 'routed-copy') {
      if (isNew && gre.payloadEnd - gre.payloadStart >= beyondHeader) this.header(flow, packet, ppp);
      this.ppp(flow, packet, gre, ppp, isNew);
    }
    if (this.watch === null || flow.call === null) return;
    if (flow.packets === 1 || flow.firstDataFrame === packet.frame) {
      this.watch.callChanged(flow.call, packet.frame, stampedInstant(packet));
    }
  }

  /** Whether a sender may leave out what it leaves out of PPP's header. LCP itself never may. RFC 1661 §6.5, §6.6 */
  private header(flow: GreFlow, packet: Packet, ppp: PppView): void {
    if (ppp.protocol !== pppProtocol.lcp) flow.header(packet, ppp, flow.wholeFields);
    else {
      const code = packet.window.view.getUint8(ppp.informationStart);
      flow.header(packet, ppp, code <= lastLinkCode ? headerField.addressAndControl : flow.wholeFields);
    }
  }

  /** GRE that nobody has announced for so long is settled: in packet time, whoever else sends meanwhile. */
  settleOlder(now: Instant): void {
    const { ageing } = this;
    let later = 0;
    for (;;) {
      const flow = ageing[this.settledTo];
      if (flow === undefined) break;
      this.tunnels.rest();
      const age = secondsBetween(flow.first, now);
      if (age >= 0 && age <= settledAfterSeconds) break;
      this.settledTo += 1;
      if (!this.isLoose(flow)) continue;
      if (age >= 0) {
        this.settle(flow);
        continue;
      }
      // Of a later time than now, by a clock that was put back: to the end of the queue, a few each time.
      ageing.push(flow);
      later += 1;
      if (later === looseAtMost) break;
    }
    this.forgetSettled();
  }

  private looseFlow(packet: Packet, gre: GreView): GreFlow | null {
    if (this.limits.full('gre-flows', this.looseCount)) return null;
    const flow = new GreFlow(packet.source, packet.destination, gre.callId, this.rooms);
    flow.timed = packet.timed;
    this.flows.set(flow);
    const pair = pairKey(flow.source, flow.destination);
    const together = this.loose.get(pair);
    if (together === undefined) this.loose.set(pair, new Set([flow]));
    else together.add(flow);
    this.looseCount += 1;
    this.ageing.push(flow);
    if (this.ageing.length > 1024 + 2 * this.looseCount) this.forgetSettled();
    return flow;
  }

  private isLoose(flow: GreFlow): boolean {
    return this.loose.get(pairKey(flow.source, flow.destination))?.has(flow) ?? false;
  }

  /** Closes the queue up, now and then: each time would cost the square. */
  private forgetSettled(): void {
    if (this.ageing.length <= 1024 + 2 * this.looseCount) return;
    this.ageing = this.ageing.slice(this.settledTo).filter((flow) => this.isLoose(flow));
    this.settledTo = 0;
  }

  private noLongerLoose(flow: GreFlow): void {
    const pair = pairKey(flow.source, flow.destination);
    const together = this.loose.get(pair);
    if (!together?.delete(flow)) return;
    this.looseCount -= 1;
    if (together.size === 0) this.loose.delete(pair);
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
      if (control === null) countOther(call, protocol);
      else if (invalid !== null) {
        const what = `${pppProtocolName(protocol)} ${control.name} with identifier ${control.identifier}`;
        call.anomaly(packet.frame, invalid, `${what} ${invalidAnswers[invalid]}`);
      } else {
        call.link.packet(end, control, packet.frame, instantOf(packet));
        if (protocol === pppProtocol.lcp) agreeOnHeaders(call);
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
    if (this.limits.full('waiting-packets', flow.waiting.length)) this.settle(flow);
  }

  /** Finds the call that a loose flow belongs to, or makes one. */
  private settle(flow: GreFlow): void {
    if (!this.settleSignalled(flow)) this.settleUnsignalled(flow);
  }

  /** Finds a call of the control connections that waits for this flow; false where there is none. */
  private settleSignalled(flow: GreFlow): boolean {
    return this.settleRewritten(flow) || this.settleElsewhere(flow);
  }

  /** A NAT that rewrote the Call ID on one side only: a call waits for this very direction. */
  private settleRewritten(flow: GreFlow): boolean {
    for (const tunnel of this.tunnels.near(flow.source, flow.destination, flow.firstFrame)) {
      const sender = tunnel.endOf(flow.source, null);
      const call = near(tunnel.calls, flow.firstFrame).find(
        (one) => one.kind !== 'unsignalled' && lacks(one, sender) && began(one, flow),
      );
      if (call === undefined) continue;
      const announced = call.callId(otherEnd(sender));
      if (announced !== null && announced !== flow.callId) {
        const text = `GRE carries Call ID ${flow.callId}, announced was ${announced}`;
        call.anomaly(flow.firstFrame, 'call-id-rewritten', text);
      }
      this.adopt(call, sender, flow);
      return true;
    }
    return false;
  }

  /** GRE that comes from another address than the control connection, for a Call ID of one of its ends. */
  private settleElsewhere(flow: GreFlow): boolean {
    const call = this.announcedBy(flow.destination, flow.callId);
    if (call === undefined) return false;
    const { tunnel } = call;
    const receiver = tunnel.endOf(flow.destination, null);
    const sender = otherEnd(receiver);
    const other = tunnel.address(receiver) === flow.destination && tunnel.address(sender) !== flow.source;
    if (!other || !lacks(call, sender) || !began(call, flow)) return false;
    this.adopt(call, sender, flow);
    return true;
  }

  /** GRE whose call setup the capture does not hold. */
  private settleUnsignalled(flow: GreFlow): void {
    const pair = this.tunnels.near(flow.source, flow.destination, flow.firstFrame);
    let tunnel =
      pair.find((one) => {
        const end = one.endOf(flow.source, null);
        return near(one.calls, flow.firstFrame).some(
          (call) => call.kind === 'unsignalled' && lacks(call, end) && fits(call, end, flow),
        );
      }) ??
      pair.find((one) => one.control !== null && !one.control.handshake.connected && overlaps(one, flow)) ??
      // The call's signalling may be what the capture lost.
      pair.find(
        (one) =>
          one.control !== null && one.calls.length === 0 && one.firstFrame < flow.firstFrame && overlaps(one, flow),
      ) ??
      this.tunnels.alone(flow.source, flow.destination);
    if (tunnel === null) {
      const instant = flow.timed ? flow.first : null;
      const ends: TunnelEnds = [
        { address: flow.source, port: null },
        { address: flow.destination, port: null },
      ];
      tunnel = this.tunnels.open(ends, flow.firstFrame, instant, true);
      if (tunnel === null) {
        this.drop(flow);
        return;
      }
      const beside = pair.findLast(({ roles }) => roles !== 'unknown');
      if (beside !== undefined) tunnel.takeRoles(beside);
    }
    const sender = tunnel.endOf(flow.source, null);
    tunnel.noteTimeToLive(sender, flow.timeToLive);
    const call =
      near(tunnel.calls, flow.firstFrame).find(
        (one) => one.kind === 'unsignalled' && lacks(one, sender) && fits(one, sender, flow),
      ) ?? this.tunnels.newCall(tunnel, 'unsignalled', flow.firstFrame);
    if (call === null) {
      this.drop(flow);
      return;
    }
    call.firstFrame = Math.min(call.firstFrame, flow.firstFrame);
    this.adopt(call, sender, flow);
  }

  /** There is no room for what it belongs to. */
  private drop(flow: GreFlow): void {
    this.noLongerLoose(flow);
    this.remove(flow);
  }

  /** Nobody asks for it any more. */
  private remove(flow: GreFlow): void {
    this.flows.remove(flow);
    flow.sequence.letGo();
  }

  /** Before a tunnel is forgotten: loose flows of its addresses fill the directions that its calls lack. */
  settleInto(tunnel: TunnelState): void {
    const pair = pairKey(tunnel.address(0), tunnel.address(1));
    const loose = this.loose.get(pair);
    if (loose === undefined || tunnel.calls.length === 0) return;
    for (const flow of oldest(loose)) {
      const sender = tunnel.endOf(flow.source, null);
      const calls = near(tunnel.calls, flow.firstFrame);
      if (calls.some((call) => lacks(call, sender) && began(call, flow))) this.settle(flow);
    }
  }

  /** Settles every loose flow: nothing more will come. */
  settleAll(): void {
    const loose = [...this.loose.values()].flatMap((together) => [...together]);
    for (const flow of loose.toSorted((a, b) => a.firstFrame - b.firstFrame)) {
      this.tunnels.rest();
      if (flow.call === null) this.settle(flow);
    }
  }

  forget(tunnel: TunnelState): void {
    for (const call of tunnel.calls) this.forgetCall(call);
  }

  /** After `forgetCall`, when its report is made: what its flows remembered is not asked for any more. */
  letGo(call: CallState): void {
    for (const flow of call.flows) if (flow?.call === call) flow.sequence.letGo();
  }

  forgetCall(call: CallState): void {
    for (const end of [0, 1] as const) {
      const flow = call.flow(end);
      if (flow !== null && flow.call === call) this.flows.remove(flow);
      const callId = call.callId(end);
      if (callId === null || this.announced === null) continue;
      const key = addressKey(call.tunnel.address(end), callId);
      if (this.announced.get(key) === call) this.announced.delete(key);
    }
  }
}

/** The first of them, as many as are looked at. */
function oldest(loose: ReadonlySet<GreFlow>): GreFlow[] {
  const first: GreFlow[] = [];
  for (const flow of loose) {
    if (first.length === looseAtMost) break;
    first.push(flow);
  }
  return first;
}

function isRecent(flow: GreFlow, frame: number, instant: Instant): boolean {
  if (!flow.timed) return frame - flow.firstFrame < 64;
  const ahead = secondsBetween(flow.first, instant);
  return ahead <= aheadOfSignalling;
}

/** The direction was announced, or at least the call was, and nothing came. */
function lacks(call: CallState, sender: End): boolean {
  const flow = call.flow(sender);
  return flow === null || flow.packets === 0;
}

function isOver(call: CallState | null): boolean {
  return call !== null && (call.said.endedInstant !== null || call.link.terminate !== null);
}

/** Whether a flow began while the call was being set up or up. */
function began(call: CallState, flow: GreFlow): boolean {
  const frame = call.said.requestFrame ?? call.said.replyFrame;
  if (frame !== null && flow.firstFrame < frame - 64) return false;
  if (call.said.endedInstant === null || !flow.timed) return true;
  return secondsBetween(call.said.endedInstant, flow.first) < aheadOfSignalling;
}

function overlaps(tunnel: TunnelState, flow: GreFlow): boolean {
  if (tunnel.first === null || tunnel.last === null || !flow.timed) return true;
  return (
    secondsBetween(flow.first, tunnel.last) > -graceSeconds && secondsBetween(tunnel.first, flow.last) > -graceSeconds
  );
}

/** Two flows that may be the two directions of one call: they overlap in time, and each acknowledges numbers of the other. */
function fits(call: CallState, sender: End, flow: GreFlow): boolean {
  const other = call.flow(otherEnd(sender));
  if (other === null) return true;
  const near = (acknowledging: number, sent: GreFlow): boolean =>
    acknowledging < 0 || sent.sequence.count === 0 || Math.abs((acknowledging - sent.sequence.last) | 0) < 0x1_0000;
  if (!near(flow.acknowledging, other) || !near(other.acknowledging, flow)) return false;
  const before = (one: GreFlow, later: GreFlow): boolean =>
    one.timed && later.first.seconds - one.last.seconds > graceSeconds;
  return !before(other, flow) && !before(flow, other);
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

/** LCP may have changed what may be left out of PPP's header. */
function agreeOnHeaders(call: CallState): void {
  for (const end of [0, 1] as const) {
    const flow = call.flow(end);
    if (flow !== null) flow.wholeFields = call.link.wholeFields(end);
  }
}

function countOther(call: CallState, protocol: number): void {
  call.link.countOther(protocol);
}

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
