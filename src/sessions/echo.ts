import type { Instant } from '../octets/instant.ts';
import { secondsBetween } from '../octets/instant.ts';
import type { Echo } from './model.ts';
import { roundedMilliseconds, Samples } from './samples.ts';

/** Requests that may wait for their replies at once; older ones are given up as unanswered. */
const waitingAtMost = 64;

/** Pairs echo requests with replies by sender and identifier: PPTP's (RFC 2637 §2.5) and LCP's (RFC 1661 §5.8). */
export class EchoTracker {
  private requests = 0;
  private replies = 0;
  private answered = 0;
  private roundTrips: Samples | null = null;
  private readonly waiting = new Map<number, Instant>();

  /** `end` is who asks; the identifier may be any 32-bit number. A repeated request is a request of its own. */
  request(end: number, identifier: number, instant: Instant): void {
    this.requests += 1;
    const key = identifier * 2 + end;
    this.waiting.delete(key);
    this.waiting.set(key, instant);
    if (this.waiting.size > waitingAtMost) {
      const oldest = this.waiting.keys().next().value;
      if (oldest !== undefined) this.waiting.delete(oldest);
    }
  }

  /** `end` is who answers. */
  reply(end: number, identifier: number, instant: Instant): void {
    this.replies += 1;
    const key = identifier * 2 + (1 - end);
    const asked = this.waiting.get(key);
    if (asked === undefined) return;
    this.waiting.delete(key);
    this.answered += 1;
    const milliseconds = secondsBetween(asked, instant) * 1000;
    this.roundTrips ??= new Samples();
    if (milliseconds >= 0) this.roundTrips.add(milliseconds);
  }

  model(): Echo {
    return {
      requests: this.requests,
      replies: this.replies,
      unanswered: this.requests - this.answered,
      medianRttMilliseconds: roundedMilliseconds(this.roundTrips?.median() ?? null),
    };
  }
}
