/** One control connection as its packets are looked at one by one: what a segment means beside those before it. RFC 9293 §3.4 */
import { ControlStream, type SegmentPieces } from '../dissect/control-stream.ts';
import type { SegmentPayload } from '../dissect/packet-knowledge.ts';
import type { Instant } from '../octets/instant.ts';
import type { Limits } from '../octets/limits.ts';
import type { Window } from '../octets/window.ts';
import { type TcpView, tcpFlags } from '../tcp/header.ts';
import { otherSide } from './ends.ts';
import type { Side } from './model/side.ts';

/** A segment of a frame. */
export interface ViewedSegment {
  readonly from: Side;
  readonly window: Window;
  readonly tcp: TcpView;
  readonly payload: SegmentPayload;
  readonly frame: number;
  readonly instant: Instant;
  /** Captured before: it counts for nothing. */
  readonly duplicate: boolean;
}

const nothing: SegmentPieces = { pieces: [], completed: [], retransmitted: false, outOfOrder: false, missing: 0 };

export class ViewedConnection {
  private readonly streams: Readonly<Record<Side, ControlStream>>;
  /** Sequence number of each side's SYN. */
  private readonly initial: Record<Side, number | null> = { client: null, server: null };

  constructor(limits: Limits) {
    this.streams = { client: new ControlStream(limits), server: new ControlStream(limits) };
  }

  /** It is not followed any more. */
  release(): void {
    this.streams.client.release();
    this.streams.server.release();
  }

  segment({ from, window, tcp, payload, frame, instant, duplicate }: ViewedSegment): SegmentPieces {
    const { start, end, wireLength } = payload;
    const stream = this.streams[from];
    const opening = (tcp.flags & tcpFlags.syn) !== 0;
    if (opening) {
      const repeated = this.initial[from] === tcp.sequenceNumber && !duplicate;
      this.initial[from] = tcp.sequenceNumber;
      if (!duplicate) stream.syn(tcp.sequenceNumber);
      if (wireLength === 0) return { ...nothing, retransmitted: repeated };
    }
    const sequence = (tcp.sequenceNumber + (opening ? 1 : 0)) >>> 0;
    const pieces =
      wireLength === 0 || end <= start
        ? nothing
        : stream.segment({ sequence, length: wireLength, window, start, end, frame, instant });
    const repeatedFin = (tcp.flags & tcpFlags.fin) !== 0 && !duplicate && stream.fin((sequence + wireLength) >>> 0);
    if ((tcp.flags & tcpFlags.ack) !== 0 && !duplicate)
      this.streams[otherSide(from)].acknowledged(tcp.acknowledgmentNumber);
    if (duplicate) return { ...pieces, retransmitted: false, outOfOrder: false, missing: 0 };
    return repeatedFin ? { ...pieces, retransmitted: true } : pieces;
  }
}
