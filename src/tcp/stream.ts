/**
 * One direction of a TCP connection put back in order: every octet once, with the frame that carried it.
 * RFC 9293 §3.4 (sequence numbers), §3.8. Made for captures, which differ from what a receiver sees: octets may
 * be missing for ever, the start may be missing, frames may stand in the wrong order, and the frame's
 * tail may have been cut off.
 *
 * - Octets that come twice: the first copy wins, whatever the boundaries.
 * - A hole is given up when the other side has acknowledged its octets and a segment from behind it came after that,
 *   or two acknowledgments: a capture whose frames stand out of order shows an acknowledgment before its data, but
 *   seldom that. It is also given up when it is open for 30 s, when the buffer is full, and at the end.
 * - A stream without SYN starts at its first segment. What comes before that later on was sent before the
 *   capture began, or overtaken by that segment: it is counted and not delivered, because octets are
 *   delivered in order and at once.
 */

import { type Instant, secondsBetween } from '../octets/instant.ts';
import type { Limits } from '../octets/limits.ts';

/** Takes the stream. Arguments are valid only during the call. */
export interface StreamSink {
  /** The next octets, with the frame and the time that carried them. */
  octets(bytes: Uint8Array, start: number, end: number, frame: number, instant: Instant): void;
  /** `missing` octets that were sent and that the capture does not hold, noticed at `frame`. */
  gap(missing: number, frame: number): void;
}

/** Acknowledgments of octets behind a hole that prove that its own will not come. */
const enoughAcknowledgments = 2;
/** Packet time that a hole is waited for when nothing is heard of the other side: retransmissions take a few seconds. */
const longestWaitSeconds = 30;
/** Octets of memory that a waiting segment costs beside its own, at least. */
const segmentOverhead = 256;
/** Octets that fill a hole so much later were sent again, sooner they were overtaken: Linux waits 0.2 s at least, others more. */
const retransmissionSeconds = 0.2;

export class StreamReassembler {
  /** Segments with payload, SYN or FIN, some of which was sent before. Keep-alives are none. */
  retransmissions = 0;
  /** Segments that brought octets from before the furthest octet seen. */
  outOfOrder = 0;
  /** Octets reported as gaps. */
  missing = 0;
  /** The frame behind which the first gap is, or whose octets the capture cut; 0 where nothing was before it. */
  gapFrame = 0;
  private deliveredFrame = 0;
  /** Octets that the capture cut off segments that it holds. */
  private cut = 0;
  /** Octets given to the sink. */
  delivered = 0;
  /** A SYN or a segment with payload was seen. */
  started = false;
  /** Waiting segments that were looked at so far: the work, which goes with the segments and not with their square. */
  steps = 0;
  private readonly sink: StreamSink;
  private readonly limits: Limits;
  /** Octets kept behind holes. Segments further ahead than this are not believed at once. */
  private readonly reach: number;
  /** Sequence number of `nextAt`. */
  private nextSequence = 0;
  /** Octets of the stream before the next one: delivered or given up. Positions count from the start. */
  private nextAt = 0;
  /** One past the furthest position seen. */
  private highest = 0;
  /** Segments behind holes, in order, without overlap. */
  private waiting: Waiting[] = [];
  private waitingOctets = 0;
  /** Sequence number of the SYN, once seen. */
  private synSequence: number | null = null;
  private finAt: number | null = null;
  /** The latest acknowledgment number before the stream had started. */
  private earlyAcknowledgment: number | null = null;
  /** Furthest position that the other side has acknowledged; null while it has said nothing. */
  private acknowledgedAt: number | null = null;
  /** Furthest position that a segment without octets stands at: what is before it was sent. RFC 9293 §3.4 */
  private sentAt = 0;
  /** Acknowledgments seen since the first waiting segment came that cover it. */
  private acknowledgments = 0;
  /** A segment further ahead than the limit, until its successor or an acknowledgment confirms it. */
  private faraway: Segment | null = null;
  /** The segment before, to tell keep-alives and a FIN that belongs to a counted segment. */
  private latestSequence = 0;
  private latestLength = 0;
  private latestRepeated = false;

  constructor(sink: StreamSink, limits: Limits) {
    this.sink = sink;
    this.limits = limits;
    this.reach = limits.bounds['stream-octets'];
  }

  /** A SYN: the stream starts one behind it. Also a second one (retransmission), or one that comes late. */
  syn(sequence: number): void {
    if (this.synSequence !== null) {
      if (this.synSequence === sequence) this.retransmissions += 1;
      return;
    }
    this.synSequence = sequence;
    if (!this.started) this.start((sequence + 1) >>> 0);
  }

  /** A segment with payload. Where the capture cut it, the rest becomes a gap. */
  segment({ sequence, length: wireLength, bytes, start, end, frame, instant }: Segment): void {
    const length = Math.max(wireLength, end - start);
    if (length === 0 || this.isKeepAlive(sequence, length)) return;
    const segment = { sequence, length, bytes, start, end, frame, instant };
    if (!this.started) this.start(sequence);
    this.latestSequence = sequence;
    this.latestLength = length;
    this.latestRepeated = false;
    const at = this.position(sequence);
    const { reach } = this;
    if (at > this.nextAt + reach) this.far(segment);
    else if (at + length > 0 || (this.synSequence === null && at >= -reach)) this.take(at, segment);
  }

  /** The other side's acknowledgment number: it has all octets below. What is not here by then may never come. */
  acknowledged(acknowledgment: number): void {
    if (!this.started) {
      this.earlyAcknowledgment = acknowledgment;
      return;
    }
    const at = this.position(acknowledgment);
    const { faraway } = this;
    if (faraway !== null && isFollowedBy(faraway, acknowledgment)) {
      this.believe(faraway);
      this.acknowledgedAt = this.highest;
      return;
    }
    if (at > this.nextAt + this.reach) return;
    if (this.acknowledgedAt === null || at > this.acknowledgedAt) this.acknowledgedAt = at;
    const first = this.waiting[0];
    if (first === undefined || at < first.at) return;
    this.acknowledgments += 1;
    if (this.acknowledgments >= enoughAcknowledgments) this.giveUpHole(first.frame);
  }

  /** A segment of this side without octets: all before its sequence number was sent. */
  sent(sequence: number): void {
    if (!this.started) return;
    const at = this.position(sequence);
    if (at > this.sentAt && at <= this.nextAt + this.reach) this.sentAt = at;
  }

  /** A FIN with this sequence number: the stream ends before it. */
  fin(sequence: number): void {
    if (!this.started) this.start(sequence);
    const at = this.position(sequence);
    const counted = this.latestRepeated && ((this.latestSequence + this.latestLength) | 0) === (sequence | 0);
    // With it, so that the next FIN does not pass for a part of what came before this one.
    this.latestRepeated = false;
    if (this.finAt === null) this.finAt = at;
    else if (this.finAt === at && !counted) this.retransmissions += 1;
  }

  /** The capture, or the connection, is over: delivers what waits behind holes, then the gap up to the FIN. */
  finish(frame: number): void {
    for (let first = this.waiting[0]; first !== undefined; first = this.waiting[0]) this.giveUpHole(first.frame);
    this.faraway = null;
    if (!this.started) return;
    const end = this.end();
    if (end > this.nextAt && end <= this.nextAt + this.reach) this.gap(end, frame);
  }

  /** Nobody wants it any more: what waits makes room for others. */
  release(): void {
    for (const { end } of this.waiting) this.limits.waitingOctets -= end + segmentOverhead;
    this.waiting = [];
    this.waitingOctets = 0;
  }

  /** `finish` would deliver something, or report a gap. */
  get waits(): boolean {
    if (this.waiting.length > 0 || this.faraway !== null) return true;
    return this.started && this.end() > this.nextAt;
  }

  /** Octets that the other side has acknowledged, as far as they were sent; what it acknowledged before the start is not known. */
  get acknowledgedOctets(): number {
    return Math.max(0, Math.min(this.acknowledgedAt ?? 0, Math.max(this.highest, this.nextAt)));
  }

  /** Octets, and a FIN, that the other side has acknowledged and that are not in the capture, not even cut: it lost them. */
  get missed(): number {
    const ended = this.finAt !== null && this.acknowledgedAt !== null && this.acknowledgedAt > this.finAt ? 1 : 0;
    return Math.max(0, (this.acknowledgedAt ?? 0) - ended - this.delivered - this.cut);
  }

  /** The other side has said that it has not got all octets before that position; false also where some are missing here. */
  lacks(position: number): boolean {
    return (
      this.synSequence !== null && this.missing === 0 && this.acknowledgedAt !== null && this.acknowledgedAt < position
    );
  }

  /** Octets of the stream before the next one to come: delivered or given up. */
  get reached(): number {
    return this.nextAt;
  }

  /** Where a sequence number lies in the stream: the place nearest to the next octet. RFC 9293 §3.4 */
  position(sequence: number): number {
    return this.nextAt + ((sequence - this.nextSequence) | 0);
  }

  private start(sequence: number): void {
    this.started = true;
    this.nextSequence = sequence;
    if (this.earlyAcknowledgment !== null) {
      const at = (this.earlyAcknowledgment - sequence) | 0;
      if (at <= this.reach) this.acknowledgedAt = at;
    }
  }

  /**
   * RFC 9293 §3.8.4: one octet, or none, from just before the next one, sent to be acknowledged. One octet can also be
   * the retransmission of a segment of one octet: then it has not been acknowledged, or, where the other
   * side is not in the capture, such a segment came just before.
   */
  private isKeepAlive(sequence: number, length: number): boolean {
    if (length > 1) return false;
    if (!this.started) return this.earlyAcknowledgment === (sequence + 1) >>> 0;
    if (((this.nextSequence - 1 - sequence) | 0) !== 0) return false;
    if (this.acknowledgedAt !== null) return this.acknowledgedAt >= this.nextAt;
    return !(this.latestSequence === sequence && this.latestLength === 1);
  }

  private take(at: number, segment: Segment): void {
    const { length, frame, instant } = segment;
    const fresh = this.freshOctets(at, length);
    if (this.wasSentBefore(at, length, fresh, instant)) {
      this.retransmissions += 1;
      this.latestRepeated = true;
    } else if (at < this.highest) this.outOfOrder += 1;
    if (at + length > this.highest) this.highest = at + length;
    if (fresh === 0) return;
    if (at <= this.nextAt && this.waiting.length === 0) {
      this.deliver(at, at + length, segment);
      return;
    }
    this.keep(at, at + length, segment);
    this.drain();
    const { bounds } = this.limits;
    for (;;) {
      if (this.waitingOctets > this.reach) this.limits.reached('stream-octets');
      else if (this.waiting.length > bounds['stream-segments']) this.limits.reached('stream-segments');
      else if (this.waiting.length > 0 && this.limits.waitingOctets > bounds['waiting-octets']) {
        this.limits.reached('waiting-octets');
      } else break;
      this.giveUpHole(frame);
    }
    this.reviewHole(at, instant);
  }

  private wasSentBefore(at: number, length: number, fresh: number, instant: Instant): boolean {
    // Wholly before the first segment of a stream without SYN: an old one if the other side had it already.
    if (at + length <= 0) return this.acknowledgedAt !== null && this.acknowledgedAt >= 0;
    if (fresh < length) return true;
    const first = this.waiting[0];
    if (first === undefined || at >= first.at) return false;
    return secondsBetween(first.instant, instant) >= retransmissionSeconds;
  }

  /** How many of the octets from `at` on are neither delivered, given up nor waiting. */
  private freshOctets(at: number, length: number): number {
    const from = Math.max(at, this.nextAt);
    const to = at + length;
    let fresh = Math.max(0, to - from);
    for (let index = this.waitingBehind(from); ; index += 1) {
      const held = this.waiting[index];
      this.steps += 1;
      if (held === undefined || held.at >= to) return fresh;
      fresh -= Math.max(0, Math.min(to, held.endAt) - Math.max(from, held.at));
    }
  }

  /** The index of the first waiting segment that ends behind a position. */
  private waitingBehind(position: number): number {
    let low = 0;
    let high = this.waiting.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      this.steps += 1;
      if ((this.waiting[middle]?.endAt ?? 0) <= position) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Gives the sink positions `at` to `endAt`, of which `at` is not beyond the next one. */
  private deliver(at: number, endAt: number, { bytes, start, end, frame, instant }: Octets): void {
    this.deliveredFrame = frame;
    const from = start + (this.nextAt - at);
    if (from < end) {
      this.advance(this.nextAt + end - from);
      this.delivered += end - from;
      this.sink.octets(bytes, from, end, frame, instant);
    }
    if (this.nextAt < endAt) {
      this.cut += endAt - this.nextAt;
      this.gap(endAt, frame);
    }
  }

  private gap(to: number, frame: number): void {
    const missing = to - this.nextAt;
    this.advance(to);
    if (this.missing === 0) this.gapFrame = this.deliveredFrame;
    this.missing += missing;
    this.sink.gap(missing, frame);
  }

  private advance(to: number): void {
    this.nextSequence = (this.nextSequence + (to - this.nextAt)) >>> 0;
    this.nextAt = to;
  }

  /** Copies what is new of a segment into the waiting ones; several pieces where it spans some of them. */
  private keep(at: number, endAt: number, { bytes, start, end, frame, instant }: Octets): void {
    let from = Math.max(at, this.nextAt);
    let index = this.waitingBehind(from);
    while (from < endAt) {
      this.steps += 1;
      const held = this.waiting[index];
      const to = held === undefined ? endAt : Math.min(endAt, held.at);
      if (from < to) {
        const pieceStart = Math.min(end, start + (from - at));
        const pieceEnd = Math.min(end, start + (to - at));
        const copy = copyOf({ bytes, start: pieceStart, end: pieceEnd, frame, instant });
        this.waiting.splice(index, 0, { ...copy, at: from, endAt: to });
        this.waitingOctets += copy.end;
        this.limits.waitingOctets += copy.end + segmentOverhead;
        index += 1;
      }
      if (held === undefined) break;
      from = Math.max(from, held.endAt);
      index += 1;
    }
  }

  /** Delivers the waiting segments that follow on. */
  private drain(): void {
    let taken = 0;
    for (const held of this.waiting) {
      this.steps += 1;
      if (held.at > this.nextAt) break;
      taken += 1;
      this.waitingOctets -= held.end;
      this.limits.waitingOctets -= held.end + segmentOverhead;
      this.deliver(held.at, held.endAt, held);
    }
    if (taken === 0) return;
    this.waiting.splice(0, taken);
    this.acknowledgments = 0;
  }

  /** After a segment from `at` on: does it show that the first hole will stay one? */
  private reviewHole(at: number, instant: Instant): void {
    const first = this.waiting[0];
    if (first === undefined || at < first.at) return;
    const acknowledged = this.acknowledgedAt !== null && this.acknowledgedAt >= first.at;
    const late = secondsBetween(first.instant, instant) > longestWaitSeconds;
    if (acknowledged || late) this.giveUpHole(first.frame);
  }

  /** Reports the first hole as a gap and goes on behind it. */
  private giveUpHole(frame: number): void {
    const first = this.waiting[0];
    if (first === undefined) return;
    this.gap(first.at, frame);
    this.drain();
  }

  /** A segment so far ahead that it is either foreign or follows a long loss: believed when its successor comes. */
  private far(segment: Segment): void {
    const { faraway } = this;
    if (faraway !== null && isFollowedBy(faraway, segment.sequence)) {
      this.believe(faraway);
      this.take(this.position(segment.sequence), segment);
      return;
    }
    this.faraway = { ...segment, ...copyOf(segment) };
  }

  /** Goes on at a segment far ahead: delivers what waits, reports the loss, delivers the segment. */
  private believe(faraway: Segment): void {
    this.faraway = null;
    for (let first = this.waiting[0]; first !== undefined; first = this.waiting[0]) this.giveUpHole(first.frame);
    const at = this.position(faraway.sequence);
    if (at > this.nextAt) this.gap(at, faraway.frame);
    this.take(at, faraway);
  }

  /** Where the stream ends: before its FIN, or at least where either side says that it has come. */
  private end(): number {
    if (this.finAt !== null) return this.finAt;
    const at = Math.max(this.acknowledgedAt ?? 0, this.sentAt);
    // One beyond the octets that are here is a FIN that the capture does not hold.
    return at === this.nextAt + 1 ? this.nextAt : at;
  }
}

/** Octets of a segment, from `start` up to `end` of `bytes`, with the frame and the time that carried them. */
interface Octets {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  readonly frame: number;
  readonly instant: Instant;
}

export interface Segment extends Octets {
  readonly sequence: number;
  /** By the wire: more than the octets that are here where the capture cut the segment. */
  readonly length: number;
}

/** Octets behind a hole: a copy of their own, from 0. */
interface Waiting extends Octets {
  readonly at: number;
  /** By the wire: beyond the octets that are here where the capture cut the segment. */
  readonly endAt: number;
}

/** Of what may be kept during the call only. */
function copyOf({ bytes, start, end, frame, instant }: Octets): Octets {
  const { seconds, nanoseconds } = instant;
  return { bytes: bytes.slice(start, end), start: 0, end: end - start, frame, instant: { seconds, nanoseconds } };
}

/** Whether the octet with that sequence number comes next after the segment. */
function isFollowedBy({ sequence, length }: Segment, next: number): boolean {
  return (sequence + length) >>> 0 === next;
}
