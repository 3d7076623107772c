import type { Instant } from '../octets/instant.ts';
import { secondsBetween } from '../octets/instant.ts';
import type { Limits } from '../octets/limits.ts';
import { type End, otherEnd, sideOf } from './ends.ts';
import type { Echo, EchoRequests } from './model/echo.ts';
import { Samples } from './samples.ts';

/** Pairs echo requests with replies by sender and identifier: PPTP's (RFC 2637 §2.5) and LCP's (RFC 1661 §5.8). */
export class EchoTracker {
  private readonly limits: Limits;
  private readonly requests: [number, number] = [0, 0];
  private readonly answered: [number, number] = [0, 0];
  private replies = 0;
  private roundTrips: Samples | null = null;
  private readonly waiting = new Map<number, Instant>();
  /** Requests of each end since the last one that was answered. */
  private readonly trailing: [number, number] = [0, 0];
  /** The first of them. */
  private readonly trailingSince: [Instant | null, Instant | null] = [null, null];
  private readonly lastRequestFrames: [number, number] = [0, 0];
  private readonly lastReplyFrames: [number, number] = [0, 0];
  /**
   * Replies that came before their requests: the two directions of a call may be read one after the other, and where a capture
   * is out of order, times tell.
   */
  private readonly early = new Map<number, { frame: number; instant: Instant }>();

  constructor(limits: Limits) {
    this.limits = limits;
  }

  /** `end` is who asks; the identifier may be any 32-bit number. A repeated request is a request of its own. */
  request(end: End, identifier: number, frame: number, instant: Instant): void {
    this.requests[end] += 1;
    this.lastRequestFrames[end] = Math.max(this.lastRequestFrames[end], frame);
    const key = identifier * 2 + end;
    const reply = this.early.get(key);
    const later = reply !== undefined && reply.frame < frame && secondsBetween(instant, reply.instant) > 0;
    if (later) this.trailing[end] = 0;
    else if (frame > this.lastReplyFrames[end]) {
      if (this.trailing[end] === 0) this.trailingSince[end] = instant;
      this.trailing[end] += 1;
    }
    if (reply !== undefined && (later || reply.frame > frame)) {
      this.early.delete(key);
      this.answer(end, instant, reply.instant);
      return;
    }
    this.waiting.delete(key);
    this.remember(this.waiting, key, instant);
  }

  /**
   * `end` is who answers; `ended`: when the asking end closed the link, null where it did not. It discards what answers a request
   * of before that. RFC 1661 §5.8
   */
  reply(end: End, identifier: number, frame: number, instant: Instant, ended: Instant | null = null): void {
    this.replies += 1;
    const asker = otherEnd(end);
    this.lastReplyFrames[asker] = Math.max(this.lastReplyFrames[asker], frame);
    const key = identifier * 2 + asker;
    const asked = this.waiting.get(key);
    const over = ended !== null && secondsBetween(ended, instant) > 0;
    if (over && asked !== undefined && secondsBetween(asked, ended) >= 0) return;
    // One that names none of the requests answers none.
    if (asked !== undefined) this.trailing[asker] = 0;
    else {
      this.remember(this.early, key, { frame, instant });
      return;
    }
    this.waiting.delete(key);
    this.answer(asker, asked, instant);
  }

  private answer(asker: End, asked: Instant, answered: Instant): void {
    this.answered[asker] += 1;
    const microseconds = Math.round(secondsBetween(asked, answered) * 1e6);
    this.roundTrips ??= new Samples();
    if (microseconds >= 0 && this.roundTrips.takesNext()) this.roundTrips.add(microseconds);
  }

  /** Requests since the last one that was answered, of the end that has more of them; null where the last one was answered. */
  inVain(): { end: End; requests: number; since: Instant } | null {
    const end = this.trailing[0] >= this.trailing[1] ? 0 : 1;
    const since = this.trailingSince[end];
    return this.trailing[end] === 0 || since === null ? null : { end, requests: this.trailing[end], since };
  }

  /** Keeps the newest; the oldest of too many goes. */
  private remember<Value>(kept: Map<number, Value>, key: number, value: Value): void {
    const oldest = !kept.has(key) && this.limits.full('echoes', kept.size) ? kept.keys().next().value : undefined;
    if (oldest !== undefined) kept.delete(oldest);
    kept.set(key, value);
  }

  model(clientEnd: End): Echo {
    const end = this.trailing[0] >= this.trailing[1] ? 0 : 1;
    const { unansweredAtEnd, lastUnansweredFrame } = this.asked(end);
    const client = this.asked(clientEnd);
    const server = this.asked(otherEnd(clientEnd));
    return {
      requests: client.requests + server.requests,
      replies: this.replies,
      unanswered: client.unanswered + server.unanswered,
      medianRttMilliseconds: this.roundTrips?.medianMilliseconds() ?? null,
      unansweredAtEnd,
      unansweredAtEndFrom: unansweredAtEnd === 0 ? null : sideOf(clientEnd)(end),
      lastUnansweredFrame,
      bySide: { client, server },
    };
  }

  private asked(end: End): EchoRequests {
    const unansweredAtEnd = this.trailing[end];
    return {
      requests: this.requests[end],
      unanswered: this.requests[end] - this.answered[end],
      unansweredAtEnd,
      lastUnansweredFrame: unansweredAtEnd === 0 ? null : this.lastRequestFrames[end] || null,
    };
  }
}
