/** One call while it is followed: its signalling (RFC 2637 §2.7-2.15), its two GRE flows and its PPP link. */

import type { Instant } from '../octets/instant.ts';
import type { Limits } from '../octets/limits.ts';
import { isSuccess } from '../pptp/names.ts';
import { type End, otherEnd } from './ends.ts';
import type { GreFlow } from './gre-flow.ts';
import type { Anomaly } from './model/anomaly.ts';
import type { OutsideQuestionsState } from './outside-questions.ts';
import { PppLink } from './ppp-link.ts';
import type { Moment, TunnelState } from './tunnel-state.ts';

/** Shorter pauses of a call are no silence: echoes and keep-alives come more often. */
const silenceSeconds = 30;

/** What control messages said of a call, and what its PPP link negotiated: it sleeps with its tunnel. */
export class CallControl {
  readonly link: PppLink;
  requestedBy: End | null = null;
  requestFrame: number | null = null;
  requestInstant: Instant | null = null;
  replyFrame: number | null = null;
  replyInstant: Instant | null = null;
  resultCode: number | null = null;
  errorCode: number | null = null;
  causeCode: number | null = null;
  connectSpeed: number | null = null;
  disconnect: {
    by: End;
    frame: number;
    resultCode: number | null;
    errorCode: number | null;
    causeCode: number | null;
    statistics: string | null;
  } | null = null;
  clearRequest: { by: End; frame: number } | null = null;
  /** When it was cleared, disconnected, or its control connection ended. */
  endedInstant: Instant | null = null;
  /** Where its Call ID was announced for another call, with nothing said of its end before. */
  replacedFrame: number | null = null;
  /** The end of its control connection was taken in. */
  endedWithControl = false;
  wanErrors = 0;
  setLinkInfo = 0;
  readonly anomalies: Anomaly[] = [];

  constructor(limits: Limits) {
    this.link = new PppLink(limits);
  }

  /** Its Call ID goes to another call of its connection. */
  replaced(frame: number, instant: Instant): void {
    if (this.endedInstant !== null) return;
    this.endedInstant = instant;
    this.replacedFrame = frame;
  }
}

/** Fields and no arrays: of a hundred thousand calls they are kept. */
export class CallState {
  readonly tunnel: TunnelState;
  /** By sending end. */
  private flowOfOne: GreFlow | null = null;
  private flowOfOther: GreFlow | null = null;
  kind: 'outgoing' | 'incoming' | 'unsignalled';
  private callIdOfOne: number | null = null;
  private callIdOfOther: number | null = null;
  private windowOfOne: number | null = null;
  private windowOfOther: number | null = null;
  /** null while the tunnel sleeps. */
  private control: CallControl | null;
  firstFrame = 0;
  /** Seconds of the last time that nothing came from either end for `silenceSeconds`; 0 where there was none. */
  silence = 0;
  /** The frame that ended it, and the last before it. */
  silenceFrame = 0;
  silenceAfter = 0;
  outsideQuestions: OutsideQuestionsState | null = null;
  private afterSilenceOfOne = 0;
  private afterSilenceOfOther = 0;
  private lastPacketAt = -1;
  private lastPacketFrame = 0;

  constructor(tunnel: TunnelState, kind: 'outgoing' | 'incoming' | 'unsignalled') {
    this.tunnel = tunnel;
    this.kind = kind;
    // What sleeps of the tunnel is of the calls before.
    tunnel.wake();
    this.control = new CallControl(tunnel.limits);
  }

  /** Not to be kept beyond the packet that it is looked at for. */
  get said(): CallControl {
    this.tunnel.wake();
    if (this.control === null) throw new Error('a tunnel is awake and a call of it is not');
    return this.control;
  }

  /** Not to be kept beyond the packet that it is looked at for. */
  get link(): PppLink {
    return this.said.link;
  }

  /** For the tunnel alone, which lies down. */
  takeControl(): CallControl | null {
    const { control } = this;
    this.control = null;
    return control;
  }

  /** For the tunnel alone, which gets up. */
  giveControl(control: CallControl | null): void {
    this.control = control;
  }

  /** The call was announced as up by its reply. */
  get connected(): boolean {
    return isSuccess(this.said.resultCode);
  }

  /** The flow that an end sends. */
  flow(end: End): GreFlow | null {
    return end === 0 ? this.flowOfOne : this.flowOfOther;
  }

  /** By sending end. */
  get flows(): readonly [GreFlow | null, GreFlow | null] {
    return [this.flowOfOne, this.flowOfOther];
  }

  /** `flow` is what `end` sends in this call. */
  bind(end: End, flow: GreFlow): void {
    flow.call = this;
    flow.end = end;
    if (end === 0) this.flowOfOne = flow;
    else this.flowOfOther = flow;
    flow.receiveWindow = this.receiveWindow(otherEnd(end)) ?? 0;
  }

  /** It is known by now that `flow` is of this call: the link gets what waited for that. */
  takeWaiting(flow: GreFlow): void {
    const { waiting, end } = flow;
    flow.waiting = null;
    for (const { packet, protocol, frame, instant } of waiting ?? []) {
      if (packet !== null) this.link.packet(end, packet, frame, instant);
      else this.link.countOther(protocol);
    }
    this.agreeOnHeaders();
  }

  /** LCP may have changed what may be left out of PPP's header. */
  agreeOnHeaders(): void {
    if (this.flowOfOne !== null) this.flowOfOne.wholeFields = this.link.wholeFields(0);
    if (this.flowOfOther !== null) this.flowOfOther.wholeFields = this.link.wholeFields(1);
  }

  /** The Call ID that an end announced as its own; null while unknown. 0 is an ordinary Call ID. */
  callId(end: End): number | null {
    return end === 0 ? this.callIdOfOne : this.callIdOfOther;
  }

  announceCallId(end: End, callId: number): void {
    if (end === 0) this.callIdOfOne = callId;
    else this.callIdOfOther = callId;
  }

  /** Packets that an end takes unacknowledged, as it announced; null while unknown. */
  receiveWindow(end: End): number | null {
    return end === 0 ? this.windowOfOne : this.windowOfOther;
  }

  announceReceiveWindow(end: End, packets: number | null): void {
    if (end === 0) this.windowOfOne = packets;
    else this.windowOfOther = packets;
    const flow = this.flow(otherEnd(end));
    if (flow !== null) flow.receiveWindow = packets ?? 0;
  }

  /** A GRE packet of `end`. Allocates nothing: it is called for each. */
  packetSeen(end: End, { frame, at }: Moment): void {
    // What a flow did before it was known to be the call's comes late.
    if (at < this.lastPacketAt) return;
    const pause = this.lastPacketAt < 0 ? 0 : at - this.lastPacketAt;
    if (pause >= silenceSeconds) {
      this.silence = pause;
      this.silenceFrame = frame;
      this.silenceAfter = this.lastPacketFrame;
      this.afterSilenceOfOne = 0;
      this.afterSilenceOfOther = 0;
    }
    if (end === 0) this.afterSilenceOfOne += 1;
    else this.afterSilenceOfOther += 1;
    this.lastPacketAt = at;
    this.lastPacketFrame = frame;
  }

  /** Packets of an end since the last silence. */
  packetsAfterSilence(end: End): number {
    return end === 0 ? this.afterSilenceOfOne : this.afterSilenceOfOther;
  }

  /** Seconds since the last GRE packet of either end; infinite where there was none. */
  quietSince(now: number): number {
    return this.lastPacketAt < 0 ? Number.POSITIVE_INFINITY : now - this.lastPacketAt;
  }

  anomaly(frame: number | null, code: string, message: string): void {
    const { anomalies } = this.said;
    if (!this.tunnel.limits.full('anomalies', anomalies.length)) anomalies.push({ frame, code, message });
  }
}
