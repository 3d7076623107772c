/** One tunnel as the rules look at it: the model, the capture it is of, and the questions that several rules ask. No rule looks at packets. */
import { controlMessageType, stopReasonNames } from '../../pptp/names.ts';
import { sides } from '../../sessions/ends.ts';
import type { Side } from '../../sessions/model/side.ts';
import { adviceOf, codeTables } from '../knowledge/codes.ts';
import type { Draft } from './draft.ts';
import type { Neighbour, View } from './neighbour.ts';
import type { CaptureReport, TunnelReport } from './report-parts.ts';
import { secondsBetweenTimes } from './time.ts';

/** A tunnel among those of its capture. */
export class TunnelCase {
  readonly tunnel: TunnelReport;
  readonly capture: CaptureReport;
  private readonly beside: () => readonly Neighbour[];
  private readonly elsewhere: () => readonly View[];

  /**
   * `beside` answers the other tunnels to the same server in the same capture, `elsewhere` those of all captures that are the
   * same connection; few rules ask.
   */
  constructor(
    tunnel: TunnelReport,
    capture: CaptureReport,
    beside: () => readonly Neighbour[],
    elsewhere: () => readonly View[],
  ) {
    this.tunnel = tunnel;
    this.capture = capture;
    this.beside = beside;
    this.elsewhere = elsewhere;
  }

  /** The same connection, captured at other places. */
  get views(): readonly View[] {
    return this.elsewhere();
  }

  /** Other tunnels to the same server in the same capture. */
  get others(): readonly Neighbour[] {
    return this.beside();
  }

  /** The capture was taken near that end, and nothing shows that it was not at the end itself: what the end sends or takes is in it. */
  at(side: Side): boolean {
    return this.tunnel.vantage === side && this.tunnel.lostBeside[side] === null;
  }

  /** Octets of the control connection were sent and no frame holds them, not even cut: the capture lost frames, not the path. */
  get capturesLoss(): boolean {
    const tcp = this.tunnel.control?.tcp;
    if (tcp === undefined) return false;
    return tcp.missedByCapture > 0 || (tcp.missingBytes > 0 && this.capture.truncatedFrames === 0);
  }

  /** What shows on which sides of the point of capture packets are lost; empty where nothing does. */
  get lossesBeside(): Draft['evidence'] {
    return sides.flatMap((side) => {
      const lost = this.tunnel.lostBeside[side];
      if (lost === null) return [];
      return [{ frame: lost.frame, text: `sent again: packets are lost between the point of capture and the ${side}` }];
    });
  }

  /** The end of TCP, or what of the tunnel came last: behind it is nothing. */
  get lastSeen(): Draft['evidence'][number] {
    const tcp = this.tunnel.control?.tcp;
    if (!tcp || tcp.closedFrame === null)
      return { frame: this.tunnel.lastFrame, text: 'the last packet of the tunnel' };
    const how = (tcp.closedWith ?? '').toUpperCase();
    return { frame: tcp.closedFrame, text: `TCP closed by the ${tcp.closedBy} with ${how}` };
  }

  /** `10.1.1.2` */
  address(side: Side): string {
    return this.tunnel[side].address;
  }

  /** Tunnels to the same server address that were up at some moment of an interval of this one. */
  *busyBeside(from: string | null, to: string | null): Generator<Neighbour> {
    for (const other of this.others) {
      if (!other.established) continue;
      const starts = secondsBetweenTimes(other.firstTime, from ?? this.tunnel.firstTime);
      const ends = secondsBetweenTimes(to ?? this.tunnel.firstTime, other.lastTime);
      const began = secondsBetweenTimes(other.firstTime, to ?? this.tunnel.lastTime);
      const ended = secondsBetweenTimes(from ?? this.tunnel.firstTime, other.lastTime);
      if (starts === null || ends === null || began === null || ended === null) continue;
      if (began >= 0 && ended >= 0) yield other;
    }
  }

  /** The time of the control message in that frame; null where the report lists none. */
  protected timeOf(frame: number | null): string | null {
    return this.tunnel.control?.messages.find((message) => message.frame === frame)?.time ?? null;
  }

  /** The time of the first control message of that type; null where it was not seen. */
  messageTime(type: number): string | null {
    return this.tunnel.control?.messages.find((message) => message.type === type)?.time ?? null;
  }

  /** The frame of the first control message of that type from that side. */
  messageFrame(type: number, from: Side): number | null {
    return (
      this.tunnel.control?.messages.find((message) => message.type === type && message.from === from)?.frame ?? null
    );
  }

  /** The capture holds one direction of the control connection only. */
  get oneSided(): Side | null {
    return this.tunnel.control?.tcp.onlyFrom ?? null;
  }

  /** The first goodbye that is no end of TCP. */
  get farewell(): Farewell | null {
    return this.farewells[0] ?? null;
  }

  /** All of them, in order of their frames. */
  get farewells(): readonly Farewell[] {
    const stop = this.tunnel.control?.stop ?? null;
    return sides.flatMap((by) => {
      const frame = this.messageFrame(controlMessageType.stopControlConnectionRequest, by);
      if (frame === null) return [];
      const code = stop?.by === by ? stop.reasonCode : null;
      const advice = adviceOf(codeTables.stop, code, null);
      // 1 is a request without a reason (RFC 2637 §2.3), and 0 is none that there is.
      const reason = code === null || code <= 1 ? '' : `reason ${code}, ${stopReasonNames[code] ?? 'unknown'}`;
      return [{ by, frame, name: 'Stop-Control-Connection-Request', reason, advice }];
    });
  }
}

/** Who said goodbye, and how. */
export interface Farewell {
  readonly by: Side;
  readonly frame: number;
  /** `LCP Terminate-Request` */
  readonly name: string;
  /** What it says of why: `result 3 (Admin Shutdown)`; empty where it says nothing. */
  readonly reason: string;
  /** What to check for that reason; null where nothing is known. */
  readonly advice: string | null;
}
