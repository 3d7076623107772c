/**
 * One authentication exchange of a PPP link: which challenge, response and verdict belong together, by whatever protocol
 * they come. Captures reorder, and the two directions of a call may be read one after the other.
 */
import { charactersOf } from '../octets/characters.ts';
import { octetsOfHex } from '../octets/hex.ts';
import type { Instant } from '../octets/instant.ts';
import type { Limits } from '../octets/limits.ts';
import { sameOctets } from '../octets/same.ts';
import { chapCode, isChapName } from '../ppp/chap.ts';
import { parseMsChapFailure } from '../ppp/chap-message.ts';
import type { End } from './ends.ts';
import type { Authentication, AuthenticationProtocol } from './model/authentication.ts';

/** Where a packet of an exchange stands, and the identifier that it bears. */
export interface Sighting {
  readonly identifier: number;
  readonly frame: number;
  readonly instant: Instant;
}

/** A challenge and the response to it. */
export interface Attempt {
  readonly user: string;
  readonly identifier: number;
  readonly challenge: Uint8Array;
  readonly response: Uint8Array;
  readonly challengeFrame: number;
  readonly responseFrame: number;
  outcome: Authentication['outcome'];
}

interface Challenge {
  readonly value: Uint8Array;
  readonly frame: number;
  readonly instant: Instant;
}

export class Exchange {
  readonly family: 'pap' | 'chap' | 'eap' | 'spap';
  /** The end that demands the proof. */
  readonly authenticator: End;
  /** Set where the packets themselves tell. */
  protocol: AuthenticationProtocol | null = null;
  user: string | null = null;
  authenticatorName: string | null = null;
  outcome: Authentication['outcome'] = 'unfinished';
  errorCode: number | null = null;
  retryAllowed: boolean | null = null;
  message: string | null = null;
  /** The message is as MS-CHAP has it, with fields in it. */
  resultIsRaw = false;
  challenge: Uint8Array | null = null;
  challengeFrame = 0;
  challengeInstant: Instant | null = null;
  challengeLength = 0;
  challengeSeen = false;
  /** A challenge that came after a response, until it is answered itself. */
  next: Challenge | null = null;
  response: Uint8Array | null = null;
  responseFrame = 0;
  responseLength = 0;
  responseSeen = false;
  resultFrame = 0;
  /** The last one that went over the link. */
  password: string | null = null;
  eapType: number | null = null;
  /** Of a Nak to the method that was proposed last. */
  eapDesiredTypes: number[] | null = null;
  readonly kept: Attempt[] = [];
  /** A response that is read before its challenge. */
  early: Pick<Attempt, 'user' | 'identifier' | 'response' | 'responseFrame'> | null = null;
  readonly failureFrames: number[] = [];
  readonly passwordChangeFrames: number[] = [];
  attempts = 0;
  /** Of the last response, with CHAP and EAP; -1 before it. */
  answeredIdentifier = -1;
  askedAgain = 0;
  readonly frames: number[] = [];
  lastInstant: Instant | null = null;
  /** Those before the last, as far as the limit goes. */
  private readonly earlierPasswords: string[] = [];
  /** Of the last attempt, and of the last verdict, which copies that of what it answers; -1 before them. */
  private attemptIdentifier = -1;
  private resultIdentifier = -1;
  /** What the last response was, to tell a repetition from another attempt. */
  private lastAttempt = '';
  private readonly limits: Limits;

  constructor(family: Exchange['family'], authenticator: End, limits: Limits) {
    this.family = family;
    this.authenticator = authenticator;
    this.limits = limits;
  }

  /** All that went over the link, different ones in order, as far as the limit goes, and the last. */
  get passwords(): string[] {
    const { earlierPasswords, password } = this;
    return password === null ? [] : [...new Set([...earlierPasswords, password])];
  }

  /** Whether the last response said just this. */
  isLastAttempt(content: string): boolean {
    return this.lastAttempt === content;
  }

  /** A packet of it, before what it says. */
  packet({ frame, instant }: Sighting): void {
    this.lastInstant = instant;
    if (this.limits.full('authentication-frames', this.frames.length)) this.frames.splice(1, 1);
    this.frames.push(frame);
  }

  /** Who has got the answer goes on with another identifier, or with a verdict. RFC 1994 §4.1, RFC 3748 §4.1 */
  request({ identifier }: Sighting): void {
    if (this.outcome === 'unfinished' && this.answeredIdentifier === identifier) this.askedAgain += 1;
  }

  /** The authenticator's name behind a challenge of `size` octets. */
  namedBehindChallenge(size: number, name: string): void {
    if (name !== '' && isChapName(chapCode.challenge, size, name, null))
      this.authenticatorName = this.limits.text(name);
  }

  userNamed(name: string): void {
    this.user = this.limits.text(name);
  }

  /** Words of the authenticator. */
  says(message: string): void {
    this.message = this.limits.text(message);
  }

  /** A Challenge: the one that the response belongs to, or another one after it. */
  challenged(value: Uint8Array, { frame, instant }: Sighting): void {
    const { challenge, response } = this;
    if (challenge === null || response === null || sameOctets(challenge, value)) this.ask({ value, frame, instant });
    else this.next = { value, frame, instant };
  }

  /**
   * `C=` of a Failure is the challenge for the next response or Change-Password; without it a retry answers the challenge
   * before, with 23 added to its first octet, in version 1. RFC 2433 §8, RFC 2759 §6, §7. `answered`: what it refuses.
   */
  challengedByFailure(answered: Attempt | undefined, message: string, { frame, instant }: Sighting): void {
    const { challenge: digits, retryAllowed } = parseMsChapFailure(message);
    const before = answered?.challenge ?? this.challenge;
    const implied =
      retryAllowed === true && before?.length === 8 ? before.map((octet, at) => octet + (at === 0 ? 23 : 0)) : null;
    const value = digits === null ? implied : octetsOfHex(digits);
    if (value === null || (value.length !== 8 && value.length !== 16)) return;
    const known = [this.challenge, this.next?.value].some((held) => held && sameOctets(held, value));
    if (!known) this.next = { value, frame, instant };
  }

  responded(value: Uint8Array, user: string, at: Sighting): void {
    const { identifier, frame } = at;
    this.responseSeen = true;
    this.response = value;
    this.responseFrame = frame;
    this.responseLength = value.length;
    const other = this.attempt(`${user}\0${charactersOf(value)}`, at);
    const { next } = this;
    if (other && next !== null && frame > next.frame) {
      this.ask(next);
      this.next = null;
    }
    const { challenge, challengeFrame } = this;
    if (challenge === null) this.early = { user, identifier, response: value, responseFrame: frame };
    // Captures reorder: the verdict may stand before the response.
    const known = !other && this.kept.length > 0;
    if (known || challenge === null) return;
    // What is accepted is the last one.
    if (this.limits.full('authentication-attempts', this.kept.length)) this.kept.splice(1, 1);
    this.kept.push({
      user,
      identifier,
      challenge,
      response: value,
      challengeFrame,
      responseFrame: frame,
      outcome: 'unfinished',
    });
  }

  /** Change-Password proves the new password as a Response does. `value`: what a Response would hold, null where it has none. */
  passwordChanged(value: Uint8Array | null, at: Sighting): void {
    this.listFrame(this.passwordChangeFrames, at.frame);
    if (value === null || this.user === null) this.attempt(`change ${at.identifier}`, at);
    else this.responded(value, this.user, at);
  }

  /** A password as it is. */
  passwordSent(password: string, { frame }: Sighting): void {
    this.responseSeen = true;
    this.responseFrame = frame;
    const { earlierPasswords, password: before } = this;
    if (before !== null && before !== password && !earlierPasswords.includes(before)) {
      if (this.limits.full('authentication-attempts', earlierPasswords.length)) earlierPasswords.splice(1, 1);
      earlierPasswords.push(before);
    }
    this.password = password;
  }

  /** `answered`: the response that it is about. */
  verdict(success: boolean, { identifier, frame }: Sighting, answered?: Attempt): void {
    this.resultIdentifier = identifier;
    this.outcome = success ? 'success' : 'failure';
    if (!success && this.resultFrame !== frame) this.listFrame(this.failureFrames, frame);
    this.resultFrame = frame;
    if (answered !== undefined) answered.outcome = this.outcome;
  }

  /** True where it is another attempt, and no repetition of the one before. */
  attempt(content: string, { identifier }: Sighting): boolean {
    // What comes behind success is a repetition, but for the one that was accepted where captures reorder.
    if (this.outcome === 'success' && this.attempts > 0) return false;
    const other = content !== this.lastAttempt;
    if (other) this.attempts += 1;
    this.lastAttempt = content;
    // What came before the verdict does not undo it, though it is read after it; where a capture is out of order, the
    // identifier tells. RFC 1334 §2.2.2, RFC 1994 §4.2, RFC 3748 §4.2
    const current = this.frames.at(-1) ?? 0;
    const judged = identifier === this.resultIdentifier && identifier !== this.attemptIdentifier;
    this.attemptIdentifier = identifier;
    if (this.outcome === 'failure' && current > this.resultFrame && !judged) this.outcome = 'unfinished';
    return other;
  }

  private ask({ value, frame, instant }: Challenge): void {
    this.challengeSeen = true;
    this.challenge = value;
    this.challengeFrame = frame;
    this.challengeInstant = instant;
    this.challengeLength = value.length;
    const { early, kept } = this;
    if (early === null) return;
    kept.push({ ...early, challenge: value, challengeFrame: frame, outcome: 'unfinished' });
    this.early = null;
  }

  private listFrame(frames: number[], frame: number): void {
    if (!this.limits.full('authentication-frames', frames.length)) frames.push(frame);
  }
}
