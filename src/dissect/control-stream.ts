/**
 * Which octets of a TCP segment belong to which control message: one direction of a control connection, followed for
 * the packet view. TCP keeps no boundaries (RFC 2637 §2), so a segment holds parts of messages and several of them.
 */
import type { Limits } from '../octets/limits.ts';
import type { Window } from '../octets/window.ts';
import { MessageFramer } from '../pptp/framer.ts';
import { controlMessageTypeAt } from '../pptp/header.ts';
import { magicCookie } from '../pptp/names.ts';
import { type Segment, StreamReassembler } from '../tcp/stream.ts';

/** A stretch of a segment's payload, from `start` up to `end` in the segment's window. */
export interface ControlPiece {
  readonly start: number;
  readonly end: number;
  /**
   * `message`: one message and nothing else. `part`: octets of a message that other segments carry too. `repeated`: sent
   * before. `ahead`: octets before it are missing or still to come. `skipped`: no message.
   */
  readonly kind: 'message' | 'part' | 'repeated' | 'ahead' | 'skipped';
  /** Control Message Type of a part; null where its header is not known. */
  readonly type: number | null;
  /** Octets of the whole message before this part, and of all of it. */
  readonly offset: number;
  readonly length: number | null;
}

/** A message over several segments that the latest one completed. */
export interface SplitMessage {
  readonly octets: Uint8Array;
  /** Frames that carried it, in order. */
  readonly frames: readonly number[];
}

export interface SegmentPieces {
  /** In order, without a gap, over the whole payload. */
  readonly pieces: readonly ControlPiece[];
  readonly completed: readonly SplitMessage[];
  readonly retransmitted: boolean;
  readonly outOfOrder: boolean;
  /** Octets of the stream that are missing before what this segment brought. */
  readonly missing: number;
}

interface ControlSegment extends Omit<Segment, 'bytes'> {
  readonly window: Window;
}

interface SeenMessage {
  readonly at: number;
  readonly end: number;
  readonly type: number | null;
}

export class ControlStream {
  private readonly framer: MessageFramer;
  private readonly stream: StreamReassembler;
  private seen: SeenMessage[] = [];
  private completed: SplitMessage[] = [];

  constructor(limits: Limits) {
    this.framer = new MessageFramer({
      message: (octets, start, end, frames, _instant, at) => {
        this.seen.push({ at, end: at + end - start, type: controlMessageTypeAt(octets, start, end) });
        if (frames.length > 1) this.completed.push({ octets: octets.bytes.slice(start, end), frames: [...frames] });
      },
      anomaly: () => {},
      notPptp: () => {},
    });
    this.stream = new StreamReassembler(this.framer, limits);
  }

  /** It is not followed any more. */
  release(): void {
    this.stream.release();
  }

  syn(sequence: number): void {
    this.stream.syn(sequence);
  }

  /** A FIN behind the segment's octets; whether it was sent before. */
  fin(sequence: number): boolean {
    const { retransmissions } = this.stream;
    this.stream.fin(sequence);
    return this.stream.retransmissions > retransmissions;
  }

  /** The other side's acknowledgment number. */
  acknowledged(acknowledgment: number): void {
    this.stream.acknowledged(acknowledgment);
  }

  /** A segment with payload, in a window. */
  segment({ window, ...segment }: ControlSegment): SegmentPieces {
    const { stream } = this;
    const { sequence, start, end } = segment;
    this.seen = [];
    this.completed = [];
    const begun = this.framer.pending;
    const before = stream.reached;
    const { retransmissions, outOfOrder, missing } = stream;
    stream.segment({ ...segment, bytes: window.bytes });
    const after = stream.reached;
    // The place is told after the stream has started with its first segment.
    const at = stream.position(sequence);
    const fresh = { from: Math.max(at, before), to: Math.min(at + end - start, after) };
    const pieces: ControlPiece[] = [];
    const shift = start - at;
    if (fresh.to <= fresh.from) {
      const kind = at + end - start <= before ? 'repeated' : 'ahead';
      pieces.push(...standalone(window, start, end, kind));
    } else {
      if (at < fresh.from) pieces.push(...standalone(window, start, fresh.from + shift, 'repeated'));
      this.freshPieces(pieces, fresh.from, fresh.to, shift, begun);
      if (fresh.to + shift < end) pieces.push(...standalone(window, fresh.to + shift, end, 'ahead'));
    }
    return {
      pieces,
      completed: this.completed,
      retransmitted: stream.retransmissions > retransmissions,
      outOfOrder: stream.outOfOrder > outOfOrder,
      missing: stream.missing - missing,
    };
  }

  /** Cuts the octets that the segment brought at the ends of the messages they belong to. */
  private freshPieces(
    pieces: ControlPiece[],
    from: number,
    to: number,
    shift: number,
    begun: MessageFramer['pending'],
  ): void {
    const open = this.framer.pending;
    const known = this.seen.map((message): SeenMessage & { readonly length: number | null } => ({
      ...message,
      type: message.type ?? begun?.type ?? null,
      length: message.end - message.at,
    }));
    if (open !== null) {
      const end = open.length === null ? Number.POSITIVE_INFINITY : open.at + open.length;
      known.push({ at: open.at, end: Math.max(end, to), type: open.type, length: open.length });
    }
    let at = from;
    for (const { at: begin, end, type, length } of known) {
      if (end <= at || begin >= to) continue;
      if (begin > at) {
        pieces.push({ ...plain(at + shift, begin + shift, 'skipped') });
        at = begin;
      }
      const stop = Math.min(end, to);
      const whole = begin === at && end <= to;
      pieces.push({
        start: at + shift,
        end: stop + shift,
        kind: whole ? 'message' : 'part',
        type,
        offset: at - begin,
        length,
      });
      at = stop;
    }
    if (at < to) pieces.push(plain(at + shift, to + shift, 'skipped'));
  }
}

function plain(start: number, end: number, kind: ControlPiece['kind']): ControlPiece {
  return { start, end, kind, type: null, offset: 0, length: null };
}

const shortest = 16;

/** Octets whose place in the stream is not theirs: whole messages that begin with them are shown all the same. */
function standalone(window: Window, start: number, end: number, kind: 'repeated' | 'ahead'): ControlPiece[] {
  const pieces: ControlPiece[] = [];
  let at = start;
  while (end - at >= shortest && window.view.getUint32(at + 4) === magicCookie) {
    const length = window.view.getUint16(at);
    if (length < shortest || length > end - at) break;
    pieces.push({ ...plain(at, at + length, 'message'), type: window.view.getUint16(at + 8), length });
    at += length;
  }
  if (at < end) pieces.push(plain(at, end, kind));
  return pieces;
}
