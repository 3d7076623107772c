/** One call while it is followed: its signalling (RFC 2637 §2.7-2.15), its two GRE flows and its PPP link. */
import type { Instant } from '../octets/instant.ts';
import type { GreFlow } from './gre-flow.ts';
import type { Anomaly } from './model.ts';
import { PppLink } from './ppp-link.ts';
import type { Moment, TunnelState } from './tunnel-state.ts';

/** Shorter pauses of a call are no silence: echoes and keep-alives come more often. */
const silenceSeconds = 30;

export class CallState {
  readonly tunnel: TunnelState;
  kind: 'outgoing' | 'incoming' | 'unsignalled';
  /** Call IDs as each end announced its own; null while unknown. 0 is an ordinary Call ID. */
  readonly callIds: [number | null, number | null] = [null, null];
  readonly receiveWindows: [number | null, number | null] = [null, null];
  /** By sending end. */
  readonly flows: [GreFlow | null, GreFlow | null] = [null, null];
  /** null while the tunnel sleeps. */
  private ownLink: PppLink | null;
  requestedBy: 0 | 1 | null = null;
  requestFrame: number | null = null;
  requestInstant: Instant | null = null;
  replyFrame: number | null = null;
  replyInstant: Instant | null = null;
  resultCode: number | null = null;
  errorCode: number | null = null;
  causeCode: number | null = null;
  connectSpeed: number | null = null;
  disconnect: {
    by: 0 | 1;
    frame: number;
    resultCode: number | null;
    errorCode: number | null;
    causeCode: number | null;
    statistics: string | null;
  } | null = null;
  clearRequestFrame: number | null = null;
  /** When it was cleared, disconnected, or its control connection ended. */
  endedInstant: Instant | null = null;
  /** The end of its control connection was taken in. */
  endedWithControl = false;
  wanErrors = 0;
  setLinkInfo = 0;
  readonly anomalies: Anomaly[] = [];
  firstFrame = 0;
  /** The last time that nothing came from either end for `silenceSeconds`, and how many packets each sent after it. */
  silence = 0;
  silenceFrame = 0;
  readonly packetsAfterSilence: [number, number] = [0, 0];
  private lastPacketAt = -1;

  constructor(tunnel: TunnelState, kind: 'outgoing' | 'incoming' | 'unsignalled') {
    this.tunnel = tunnel;
    this.kind = kind;
    // What sleeps of the tunnel is of the calls before.
    tunnel.wake();
    this.ownLink = new PppLink(tunnel.limits);
  }

  /** Not to be kept beyond the packet that it is looked at for. */
  get link(): PppLink {
    this.tunnel.wake();
    if (this.ownLink === null) throw new Error('a tunnel is awake and a link of it is not');
    return this.ownLink;
  }

  /** For the tunnel alone, which lies down. */
  takeLink(): PppLink | null {
    const link = this.ownLink;
    this.ownLink = null;
    return link;
  }

  /** For the tunnel alone, which gets up. */
  giveLink(link: PppLink | null): void {
    this.ownLink = link;
  }

  /** The call was announced as up by its reply. */
  get connected(): boolean {
    return this.resultCode === 1;
  }

  /** A GRE packet of `end`. Allocates nothing: it is called for each. */
  packetSeen(end: number, { frame, at }: Moment): void {
    // What a flow did before it was known to be the call's comes late.
    if (at < this.lastPacketAt) return;
    const pause = this.lastPacketAt < 0 ? 0 : at - this.lastPacketAt;
    if (pause >= silenceSeconds) {
      this.silence = pause;
      this.silenceFrame = frame;
      this.packetsAfterSilence[0] = 0;
      this.packetsAfterSilence[1] = 0;
    }
    if (end === 0) this.packetsAfterSilence[0] += 1;
    else this.packetsAfterSilence[1] += 1;
    this.lastPacketAt = at;
  }

  /** Seconds since the last GRE packet of either end; infinite where there was none. */
  quietSince(now: number): number {
    return this.lastPacketAt < 0 ? Number.POSITIVE_INFINITY : now - this.lastPacketAt;
  }

  anomaly(frame: number | null, code: string, message: string): void {
    const { limits } = this.tunnel;
    if (!limits.full('anomalies', this.anomalies.length)) this.anomalies.push({ frame, code, message });
  }
}
