/**
 * What makes a challenge weak (RFC 1994 §2.3: unique and unpredictable), judged without keeping challenges: a
 * book of digests tells where one comes back.
 */
import type { Instant } from '../octets/instant.ts';
import { secondsBetween } from '../octets/instant.ts';
import type { Limits } from '../octets/limits.ts';
import { randomOdd } from '../octets/random-odd.ts';

/** Others at every start, so that nobody can choose challenges that are taken for one another. */
const seed1 = randomOdd();
const seed2 = randomOdd();

/** The same challenge with the same response within this time is one exchange captured at two places. */
const capturedTwiceSeconds = 10;

interface Entry {
  readonly frame: number;
  readonly instant: Instant;
  readonly response: string;
}

export class ChallengeBook {
  private readonly limits: Limits;
  private readonly entries = new Map<string, Entry>();

  constructor(limits: Limits) {
    this.limits = limits;
  }

  /** The frame of another exchange that had the challenge, or null; the first to ask is remembered. */
  repeats(challenge: Uint8Array, response: Uint8Array | null, frame: number, instant: Instant): number | null {
    const key = digest(challenge);
    const answer = response === null ? '' : digest(response);
    const earlier = this.entries.get(key);
    if (earlier === undefined) {
      if (this.limits.full('challenges', this.entries.size)) this.forgetOldest();
      this.entries.set(key, { frame, instant, response: answer });
      return null;
    }
    const same = earlier.response === answer || earlier.response === '' || answer === '';
    const twice = same && Math.abs(secondsBetween(earlier.instant, instant)) < capturedTwiceSeconds;
    return twice || earlier.frame === frame ? null : earlier.frame;
  }

  private forgetOldest(): void {
    const oldest = this.entries.keys().next().value;
    if (oldest !== undefined) this.entries.delete(oldest);
  }
}

/** 64 bits tell the challenges of one capture apart, and do not tell what they were. */
export function digest(octets: Uint8Array): string {
  let one = octets.length;
  let other = 0;
  for (const octet of octets) {
    one = Math.imul(one ^ octet, seed1);
    one ^= one >>> 15;
    other = Math.imul(other + octet + 1, seed2);
    other ^= other >>> 13;
  }
  return String.fromCharCode(one >>> 16, one & 0xffff, other >>> 16, other & 0xffff);
}

/**
 * Half of the octets or fewer are different (of 16 random octets that happens once in 10^10 times, of 8 four times in
 * 10^7), or each octet follows from the one before by the same step.
 */
export function isPatterned(challenge: Uint8Array): boolean {
  if (challenge.length < 4) return false;
  if (new Set(challenge).size * 2 <= challenge.length) return true;
  const step = ((challenge[1] ?? 0) - (challenge[0] ?? 0)) & 0xff;
  return challenge.every((octet, index) => index === 0 || ((octet - (challenge[index - 1] ?? 0)) & 0xff) === step);
}
