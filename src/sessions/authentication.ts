/**
 * Follows the authentication exchanges of one PPP link, in both directions: PAP (RFC 1334), CHAP (RFC 1994),
 * MS-CHAP (RFC 2433, RFC 2759) and EAP (RFC 3748). Passwords, challenges and responses are held while the link is
 * followed; the model has what they show of their quality, and themselves only where the analysis was asked to keep them.
 */

import { charactersOf } from '../octets/characters.ts';
import { hex, octetsOfHex } from '../octets/hex.ts';
import type { Instant } from '../octets/instant.ts';
import type { Limits } from '../octets/limits.ts';
import { type ChapBody, isChapName, isChapUser, responseOfChange } from '../ppp/chap.ts';
import { msChapSuccessFault, parseMsChapFailure, parseMsChapSuccess, withoutSecrets } from '../ppp/chap-message.ts';
import type { PppControlPacket } from '../ppp/packet.ts';
import { type Credential, explains } from './call-keys.ts';
import { type ChallengeBook, isPatterned } from './challenge.ts';
import { type End, otherEnd } from './ends.ts';
import type { Authentication, AuthenticationEvidence, AuthenticationProtocol, Side } from './model.ts';

interface Exchange {
  family: 'pap' | 'chap' | 'eap' | 'spap';
  /** Set where the packets themselves tell. */
  protocol: AuthenticationProtocol | null;
  /** Index of the end that demands the proof. */
  authenticator: End;
  user: string | null;
  authenticatorName: string | null;
  outcome: 'success' | 'failure' | 'unfinished';
  errorCode: number | null;
  retryAllowed: boolean | null;
  message: string | null;
  challenge: Uint8Array | null;
  challengeFrame: number;
  challengeInstant: Instant | null;
  challengeLength: number;
  /** A challenge that came after a response, until it is answered itself. */
  next: Challenge | null;
  response: Uint8Array | null;
  responseFrame: number;
  responseLength: number;
  resultFrame: number;
  password: string | null;
  /** Those before it, as far as the limit goes. */
  readonly passwords: string[];
  eapType: number | null;
  /** Of a Nak to the method that was proposed last. */
  eapDesiredTypes: number[] | null;
  readonly kept: Attempt[];
  /** A response that is read before its challenge: the directions of a call may be read one after the other. */
  early: Pick<Attempt, 'user' | 'identifier' | 'response' | 'responseFrame'> | null;
  readonly failureFrames: number[];
  readonly passwordChangeFrames: number[];
  challengeSeen: boolean;
  responseSeen: boolean;
  attempts: number;
  /** Of the last attempt, and of the last verdict, which copies that of what it answers; -1 before them. */
  attemptIdentifier: number;
  resultIdentifier: number;
  /** Of the last response, with CHAP and EAP; -1 before it. */
  answeredIdentifier: number;
  askedAgain: number;
  /** What the last response was, to tell a repetition from another attempt. */
  lastAttempt: string;
  resultIsRaw: boolean;
  frames: number[];
  lastInstant: Instant | null;
}

interface Challenge {
  readonly value: Uint8Array;
  readonly frame: number;
  readonly instant: Instant;
}

/** A challenge and the response to it. */
interface Attempt {
  readonly user: string;
  readonly identifier: number;
  readonly challenge: Uint8Array;
  readonly response: Uint8Array;
  readonly challengeFrame: number;
  readonly responseFrame: number;
  outcome: 'success' | 'failure' | 'unfinished';
}

/** What the model of an exchange depends on beside the exchange. */
export interface SecretsContext {
  /** Of the whole capture. */
  readonly challenges: ChallengeBook;
  /** Passwords, challenges and responses go into the model. */
  readonly keepSecrets: boolean;
  /** Tried on the responses of MS-CHAP. */
  readonly credentials: readonly Credential[];
}

export type ChapFlavour = 'chap-md5' | 'ms-chap-v1' | 'ms-chap-v2' | 'other';

export class AuthenticationTracker {
  private readonly exchanges: Exchange[] = [];
  private readonly limits: Limits;

  constructor(limits: Limits) {
    this.limits = limits;
  }

  /** A PAP, CHAP, EAP or SPAP packet that `end` sent; null body fields where it was cut. */
  packet(end: End, packet: PppControlPacket, frame: number, instant: Instant): void {
    switch (packet.protocol) {
      case 0xc023:
        this.pap(end, packet, frame, instant);
        break;
      case 0xc223:
        this.chap(end, packet, frame, instant);
        break;
      case 0xc227:
        this.eap(end, packet, frame, instant);
        break;
      default:
        this.spap(end, packet, frame, instant);
    }
  }

  /** Which ends demanded a proof of the other. */
  get authenticators(): [boolean, boolean] {
    return [0, 1].map((end) => this.exchanges.some(({ authenticator }) => authenticator === end)) as [boolean, boolean];
  }

  /** The last frame of each exchange, with its time. */
  lastFrames(): { frame: number; instant: Instant }[] {
    return this.exchanges.flatMap(({ frames, lastInstant }) => {
      const frame = frames.at(-1);
      return frame === undefined || lastInstant === null ? [] : [{ frame, instant: lastInstant }];
    });
  }

  private pap(
    end: End,
    packet: Extract<PppControlPacket, { protocol: 0xc023 }>,
    frame: number,
    instant: Instant,
  ): void {
    if (packet.code === 1) {
      const authenticator = otherEnd(end);
      const body = packet.body.kind === 'request' ? packet.body : null;
      // The password takes part only in telling attempts apart.
      const content = body === null ? `cut ${packet.identifier}` : `${body.peerId}\0${body.password}`;
      const latest = this.latest('pap', authenticator);
      const again =
        latest !== null && (latest.outcome !== 'success' || latest.attempts === 0 || latest.lastAttempt === content);
      const exchange = again ? latest : this.open('pap', authenticator);
      this.note(exchange, frame, instant);
      exchange.responseFrame = frame;
      if (body !== null) {
        if (body.fault === undefined) exchange.user = this.limits.text(body.peerId);
        exchange.responseSeen = true;
        this.password(exchange, body.password);
      }
      attempt(exchange, content, packet.identifier);
      return;
    }
    if (packet.code !== 2 && packet.code !== 3) return;
    const exchange = this.latest('pap', end) ?? this.open('pap', end);
    this.note(exchange, frame, instant);
    this.verdict(exchange, packet.code === 2, packet.identifier, frame);
    if (packet.body.kind === 'reply' && packet.body.message !== '')
      exchange.message = this.limits.text(packet.body.message);
  }

  private chap(
    end: End,
    packet: Extract<PppControlPacket, { protocol: 0xc223 }>,
    frame: number,
    instant: Instant,
  ): void {
    const body = packet.body;
    switch (packet.code) {
      case 1: {
        const exchange = this.challenged(end, body.kind === 'value' ? body.value : null);
        this.note(exchange, frame, instant);
        asked(exchange, packet.identifier);
        if (body.kind !== 'value') {
          exchange.challengeLength = cutValueLength(body);
          return;
        }
        challenge(exchange, body.value, frame, instant);
        this.authenticatorName(exchange, body.value.length, body.name);
        return;
      }
      case 2: {
        const exchange = this.latest('chap', otherEnd(end)) ?? this.open('chap', otherEnd(end));
        this.note(exchange, frame, instant);
        exchange.answeredIdentifier = packet.identifier;
        if (body.kind !== 'value') {
          exchange.responseLength = cutValueLength(body);
          attempt(exchange, `cut ${packet.identifier}`, packet.identifier);
          return;
        }
        exchange.user = this.limits.text(body.name);
        this.response(exchange, body.value, body.name, packet.identifier, frame);
        return;
      }
      case 3:
      case 4: {
        const exchange = this.latest('chap', end) ?? this.open('chap', end);
        this.note(exchange, frame, instant);
        // The identifier is copied from the response. RFC 1994 §4.2
        const answered = exchange.kept.findLast(({ identifier }) => identifier === packet.identifier);
        this.verdict(exchange, packet.code === 3, packet.identifier, frame, answered);
        if (body.kind === 'result') {
          exchange.message = this.limits.text(body.message);
          exchange.resultIsRaw = true;
          if (packet.code === 4) challengedAgain(exchange, answered, body.message, frame, instant);
        } else exchange.message = null;
        return;
      }
      case 5:
      case 6:
      case 7: {
        const exchange = this.latest('chap', otherEnd(end)) ?? this.open('chap', otherEnd(end));
        this.note(exchange, frame, instant);
        // In version 1 it answers the challenge of the last response once more. RFC 2433 §10
        if (packet.code !== 7) exchange.next = null;
        const value = body.kind === 'change-password' ? responseOfChange(packet.code, body.octets) : null;
        this.passwordChange(exchange, value, packet.identifier, frame);
        return;
      }
      default:
    }
  }

  private eap(
    end: End,
    packet: Extract<PppControlPacket, { protocol: 0xc227 }>,
    frame: number,
    instant: Instant,
  ): void {
    const body = packet.body;
    // Packets with other codes are silently discarded by both ends. RFC 3748 §4
    if (packet.code < 1 || packet.code > 4) return;
    if (packet.code === 3 || packet.code === 4) {
      const exchange = this.latest('eap', end) ?? this.open('eap', end);
      this.note(exchange, frame, instant);
      this.verdict(exchange, packet.code === 3, packet.identifier, frame, exchange.kept.at(-1));
      return;
    }
    const authenticator = packet.code === 1 ? end : otherEnd(end);
    const latest = this.latest('eap', authenticator);
    const exchange =
      latest === null || (packet.code === 1 && latest.outcome !== 'unfinished')
        ? this.open('eap', authenticator)
        : latest;
    this.note(exchange, frame, instant);
    if (packet.code === 1) asked(exchange, packet.identifier);
    else exchange.answeredIdentifier = packet.identifier;
    if (body.kind !== 'request' && body.kind !== 'response') return;
    const method = eapMethods.get(body.type);
    if (method !== undefined && (exchange.protocol === null || method !== 'eap')) exchange.protocol = method;
    if (body.kind === 'response') {
      if (body.type === 1 && body.identity) exchange.user = this.limits.text(body.identity);
      // 1 to 3 are identity, notification and refusal: no methods. RFC 3748 §5
      if (body.type > 3) exchange.eapType = body.type;
      if (body.desiredTypes !== undefined) exchange.eapDesiredTypes = [...new Set(body.desiredTypes)];
      if (body.password !== undefined) {
        exchange.responseSeen = true;
        exchange.responseFrame = frame;
        this.password(exchange, body.password);
        attempt(exchange, body.password, packet.identifier);
      }
      if (body.value !== undefined) this.response(exchange, body.value, exchange.user ?? '', packet.identifier, frame);
    } else {
      if (body.type > 3) exchange.eapDesiredTypes = null;
      // A Notification is for the user to read. RFC 3748 §5.2
      if (body.type === 2 && body.message) exchange.message = this.limits.text(body.message);
      if (body.value !== undefined) challenge(exchange, body.value, frame, instant);
      this.authenticatorName(exchange, body.value?.length ?? 0, body.name ?? '');
    }
    const msChap = body.msChap;
    if (msChap === undefined) return;
    if (msChap.opCode === 1) {
      const value = msChap.value ?? new Uint8Array(0);
      challenge(exchange, value, frame, instant);
      this.authenticatorName(exchange, value.length, msChap.name ?? '');
    } else if (msChap.opCode === 2) {
      const { value = new Uint8Array(0), name = '' } = msChap;
      if (name !== '' && isChapUser(value.length, name, 'ms-chap-v2')) exchange.user = this.limits.text(name);
      this.response(exchange, value, name, packet.identifier, frame);
    } else if (msChap.opCode === 7 && body.kind === 'response') {
      this.passwordChange(exchange, msChap.value ?? null, packet.identifier, frame);
    } else if ((msChap.opCode === 3 || msChap.opCode === 4) && body.kind === 'request' && msChap.message) {
      exchange.message = this.limits.text(msChap.message);
      exchange.resultIsRaw = true;
      if (msChap.opCode === 4) {
        const failure = parseMsChapFailure(msChap.message);
        exchange.errorCode = failure.errorCode;
        exchange.retryAllowed = failure.retryAllowed;
        const answered = exchange.kept.at(-1);
        if (answered !== undefined) answered.outcome = 'failure';
        challengedAgain(exchange, answered, msChap.message, frame, instant);
      }
    }
  }

  private spap(end: End, packet: PppControlPacket, frame: number, instant: Instant): void {
    const authenticator = packet.code === 1 ? otherEnd(end) : end;
    const exchange = this.latest('spap', authenticator) ?? this.open('spap', authenticator);
    this.note(exchange, frame, instant);
    if (packet.code === 1) {
      exchange.responseFrame = frame;
      attempt(exchange, `${packet.identifier}`, packet.identifier);
    }
    if (packet.code === 2 || packet.code === 3) this.verdict(exchange, packet.code === 2, packet.identifier, frame);
  }

  /** The exchange that a challenge belongs to: a repeated challenge goes on with its own, any other opens a new one. */
  private challenged(authenticator: End, challenge: Uint8Array | null): Exchange {
    const latest = this.latest('chap', authenticator);
    if (latest !== null && (latest.outcome === 'unfinished' || latest.early !== null)) return latest;
    if (latest?.challenge && challenge && sameOctets(latest.challenge, challenge)) return latest;
    return this.open('chap', authenticator);
  }

  private latest(family: Exchange['family'], authenticator: End): Exchange | null {
    return (
      this.exchanges.findLast((exchange) => exchange.family === family && exchange.authenticator === authenticator) ??
      null
    );
  }

  private open(family: Exchange['family'], authenticator: End): Exchange {
    const exchange: Exchange = {
      family,
      protocol: null,
      authenticator,
      user: null,
      authenticatorName: null,
      outcome: 'unfinished',
      errorCode: null,
      retryAllowed: null,
      message: null,
      challenge: null,
      challengeFrame: 0,
      challengeInstant: null,
      challengeLength: 0,
      next: null,
      response: null,
      responseFrame: 0,
      responseLength: 0,
      resultFrame: 0,
      password: null,
      passwords: [],
      eapType: null,
      eapDesiredTypes: null,
      kept: [],
      early: null,
      failureFrames: [],
      passwordChangeFrames: [],
      challengeSeen: false,
      responseSeen: false,
      attempts: 0,
      attemptIdentifier: -1,
      resultIdentifier: -1,
      answeredIdentifier: -1,
      askedAgain: 0,
      lastAttempt: '',
      resultIsRaw: false,
      frames: [],
      lastInstant: null,
    };
    // A link that is challenged again every minute for days has many.
    // The first exchange decides the keys (RFC 3079 §2.1) and stays; the oldest after it goes.
    if (this.limits.full('authentications', this.exchanges.length)) this.exchanges.splice(1, 1);
    this.exchanges.push(exchange);
    return exchange;
  }

  /** All passwords that went over the link. */
  get passwords(): string[] {
    return this.exchanges.flatMap(passwordsOf);
  }

  private password(exchange: Exchange, password: string): void {
    const { passwords, password: before } = exchange;
    if (before !== null && before !== password && !passwords.includes(before)) {
      if (this.limits.full('authentication-attempts', passwords.length)) passwords.splice(1, 1);
      passwords.push(before);
    }
    exchange.password = password;
  }

  /** What stands behind a challenge of `size` octets. */
  private authenticatorName(exchange: Exchange, size: number, name: string): void {
    if (name !== '' && isChapName(1, size, name, null)) exchange.authenticatorName = this.limits.text(name);
  }

  private note(exchange: Exchange, frame: number, instant: Instant): void {
    exchange.lastInstant = instant;
    if (this.limits.full('authentication-frames', exchange.frames.length)) exchange.frames.splice(1, 1);
    exchange.frames.push(frame);
  }

  private response(exchange: Exchange, value: Uint8Array, user: string, identifier: number, frame: number): void {
    exchange.responseSeen = true;
    exchange.response = value;
    exchange.responseFrame = frame;
    exchange.responseLength = value.length;
    const other = attempt(exchange, `${user}\0${charactersOf(value)}`, identifier);
    const { next } = exchange;
    if (other && next !== null && frame > next.frame) {
      ask(exchange, next);
      exchange.next = null;
    }
    const { challenge: asked, challengeFrame } = exchange;
    if (asked === null) exchange.early = { user, identifier, response: value, responseFrame: frame };
    // Captures reorder: the verdict may stand before the response.
    const known = !other && exchange.kept.length > 0;
    if (known || asked === null) return;
    // What is accepted is the last one.
    if (this.limits.full('authentication-attempts', exchange.kept.length)) exchange.kept.splice(1, 1);
    exchange.kept.push({
      user,
      identifier,
      challenge: asked,
      response: value,
      challengeFrame,
      responseFrame: frame,
      outcome: 'unfinished',
    });
  }

  /** Change-Password proves the new password as a Response does. `value`: what a Response would hold, null where it has none. */
  private passwordChange(exchange: Exchange, value: Uint8Array | null, identifier: number, frame: number): void {
    this.listFrame(exchange.passwordChangeFrames, frame);
    if (value === null || exchange.user === null) attempt(exchange, `change ${identifier}`, identifier);
    else this.response(exchange, value, exchange.user, identifier, frame);
  }

  /** `answered`: the response that it is about. */
  private verdict(exchange: Exchange, success: boolean, identifier: number, frame: number, answered?: Attempt): void {
    exchange.resultIdentifier = identifier;
    exchange.outcome = success ? 'success' : 'failure';
    if (!success && exchange.resultFrame !== frame) this.listFrame(exchange.failureFrames, frame);
    exchange.resultFrame = frame;
    if (answered !== undefined) answered.outcome = exchange.outcome;
  }

  private listFrame(frames: number[], frame: number): void {
    if (!this.limits.full('authentication-frames', frames.length)) frames.push(frame);
  }

  /**
   * `flavours`: what LCP agreed for each authenticating end, null where it was not seen.
   * `side`: which side an end is.
   */
  model(
    flavours: readonly [ChapFlavour | null, ChapFlavour | null],
    side: (end: End) => Side,
    context: SecretsContext,
  ): Authentication[] {
    const { passwords } = this;
    return this.exchanges.map((exchange) => {
      const protocol = exchange.protocol ?? nameOf(exchange, flavours[exchange.authenticator]);
      let { message, errorCode, retryAllowed } = exchange;
      const microsoft = protocol === 'ms-chap-v1' || protocol === 'ms-chap-v2' || protocol === 'eap-ms-chap-v2';
      if (exchange.resultIsRaw && microsoft && message !== null) {
        if (exchange.outcome === 'failure') {
          const failure = parseMsChapFailure(message);
          if (failure.errorCode !== null) {
            ({ errorCode, retryAllowed } = failure);
            message = failure.message;
          }
        } else {
          const success = parseMsChapSuccess(message);
          if (success.authenticatorResponse !== null) message = success.message;
        }
      }
      const password = protocol === 'pap' || protocol === 'spap';
      const flavour = flavours[exchange.authenticator];
      const algorithm = flavour === 'other' ? null : flavour;
      const named = exchange.family !== 'chap' || isChapUser(exchange.responseLength, exchange.user ?? '', algorithm);
      return {
        protocol,
        authenticator: side(exchange.authenticator),
        user: named ? exchange.user : null,
        authenticatorName: exchange.authenticatorName,
        outcome: exchange.outcome,
        errorCode,
        retryAllowed,
        message: message === null ? null : withoutSecrets(message, passwords) || null,
        handshakeComplete: password ? exchange.responseSeen : exchange.challengeSeen && exchange.responseSeen,
        attempts: exchange.attempts,
        frames: exchange.frames,
        evidence: this.evidence(exchange, protocol, context),
        ...(context.keepSecrets ? { secrets: secretsOf(exchange) } : {}),
      };
    });
  }

  private evidence(
    exchange: Exchange,
    protocol: AuthenticationProtocol,
    { challenges, credentials }: SecretsContext,
  ): AuthenticationEvidence {
    const { challenge: asked, challengeInstant, response: answer } = exchange;
    const mutual = this.exchanges.some(
      (other) =>
        other.authenticator !== exchange.authenticator &&
        other.challenge !== null &&
        asked !== null &&
        sameOctets(other.challenge, asked),
    );
    const version1 = protocol === 'ms-chap-v1' && answer?.length === 49;
    const version2 = (protocol === 'ms-chap-v2' || protocol === 'eap-ms-chap-v2') && answer?.length === 49;
    const peerChallenge = version2 ? answer.subarray(0, 16) : null;
    return {
      challengeFrame: exchange.challengeFrame || null,
      responseFrame: exchange.responseFrame || null,
      resultFrame: exchange.resultFrame || null,
      challengeLength: asked?.length ?? null,
      challengeWeakness: asked === null ? null : challengeWeakness(asked, protocol),
      challengeRepeatsFrame:
        asked === null || challengeInstant === null
          ? null
          : challenges.repeats(asked, answer, exchange.challengeFrame, challengeInstant),
      challengeReflected:
        mutual || (peerChallenge !== null && asked !== null && asked.length > 0 && sameOctets(peerChallenge, asked)),
      // RFC 2433 §6: 24 octets of the LAN Manager response, 24 of the NT response, and the flag "use NT".
      lanManagerResponse: version1 ? answer.subarray(0, 24).some((octet) => octet !== 0) || answer[48] === 0 : null,
      // RFC 2759 §4: 16 octets of peer challenge, 8 reserved, 24 of the NT response, and flags.
      reservedNotZero: version2 ? answer.subarray(16, 24).some((octet) => octet !== 0) || answer[48] !== 0 : null,
      successFault:
        version2 && exchange.outcome === 'success' && exchange.resultIsRaw && exchange.message !== null
          ? msChapSuccessFault(exchange.message)
          : null,
      passwordInClear: exchange.password !== null,
      passwordVerifiedFrame: verifiedFrame(exchange, protocol, credentials),
      eapType: exchange.eapType,
      eapDesiredTypes: exchange.eapDesiredTypes,
      passwordChangeFrames: exchange.passwordChangeFrames,
      failureFrames: exchange.failureFrames,
      answered: exchange.attempts > 0 || exchange.answeredIdentifier >= 0,
      askedAgain: exchange.askedAgain,
    };
  }
}

/** Octets that a challenge must have: 16 by RFC 2759 §3, 8 by RFC 2433 §4. MD5 names none (RFC 1994 §4.1); fewer than 8 come again soon. */
const challengeOctets: { readonly [Protocol in AuthenticationProtocol]?: number } = {
  'ms-chap-v2': 16,
  'eap-ms-chap-v2': 16,
  'ms-chap-v1': 8,
  'chap-md5': 8,
  'eap-md5': 8,
};

function challengeWeakness(challenge: Uint8Array, protocol: AuthenticationProtocol): 'short' | 'patterned' | null {
  if (challenge.length < (challengeOctets[protocol] ?? 0)) return 'short';
  return isPatterned(challenge) ? 'patterned' : null;
}

function passwordsOf({ passwords, password }: Exchange): string[] {
  return password === null ? [] : [...new Set([...passwords, password])];
}

/** The last response that was not refused and that a credential explains. */
function verifiedFrame(exchange: Exchange, protocol: string, credentials: readonly Credential[]): number | null {
  if (credentials.length === 0) return null;
  const { attempts } = secretsOf(exchange);
  const found = attempts.findLast(
    (attempt) =>
      attempt.outcome !== 'failure' && credentials.some((credential) => explains(credential, attempt, protocol)),
  );
  return found?.responseFrame ?? null;
}

function secretsOf(exchange: Exchange): NonNullable<Authentication['secrets']> {
  const { message } = exchange;
  return {
    password: exchange.password,
    authenticatorResponse: message === null ? null : parseMsChapSuccess(message).authenticatorResponse,
    passwords: passwordsOf(exchange),
    attempts: exchange.kept.map(({ challenge: asked, response: answer, ...rest }) => ({
      ...rest,
      challenge: hex(asked),
      response: hex(answer),
    })),
  };
}

/** EAP method types that have a name of their own in the report. RFC 3748 §5 and the IANA registry. */
const eapMethods = new Map<number, AuthenticationProtocol>([
  [4, 'eap-md5'],
  [5, 'eap'],
  [6, 'eap'],
  [13, 'eap-tls'],
  [21, 'eap'],
  [25, 'eap-peap'],
  [26, 'eap-ms-chap-v2'],
]);

/**
 * MS-CHAP of both versions has responses of 49 octets and no mark of its own: LCP says which it is. Without LCP
 * the challenge tells, 8 octets in version 1 (RFC 2433 §4), 16 in version 2 (RFC 2759 §3).
 */
function nameOf(exchange: Exchange, negotiated: ChapFlavour | null): AuthenticationProtocol {
  if (exchange.family !== 'chap') return exchange.family === 'eap' ? 'eap' : exchange.family;
  if (negotiated !== null) return negotiated;
  if (exchange.responseLength === 49) return exchange.challengeLength === 8 ? 'ms-chap-v1' : 'ms-chap-v2';
  if (exchange.responseLength === 16) return 'chap-md5';
  if (exchange.message !== null && parseMsChapSuccess(exchange.message).authenticatorResponse !== null)
    return 'ms-chap-v2';
  if (exchange.challengeLength === 8) return 'ms-chap-v1';
  return 'other';
}

/** True where it is another attempt, and no repetition of the one before. */
function attempt(exchange: Exchange, content: string, identifier: number): boolean {
  // What comes behind success is a repetition, but for the one that was accepted where captures reorder.
  if (exchange.outcome === 'success' && exchange.attempts > 0) return false;
  const other = content !== exchange.lastAttempt;
  if (other) exchange.attempts += 1;
  exchange.lastAttempt = content;
  // What came before the verdict does not undo it. The two directions of a call may be read one after the other, and where a
  // capture is out of order, the identifier tells. RFC 1334 §2.2.2, RFC 1994 §4.2, RFC 3748 §4.2
  const current = exchange.frames.at(-1) ?? 0;
  const judged = identifier === exchange.resultIdentifier && identifier !== exchange.attemptIdentifier;
  exchange.attemptIdentifier = identifier;
  if (exchange.outcome === 'failure' && current > exchange.resultFrame && !judged) exchange.outcome = 'unfinished';
  return other;
}

/** Who has got the answer goes on with another identifier, or with a verdict. RFC 1994 §4.1, RFC 3748 §4.1 */
function asked(exchange: Exchange, identifier: number): void {
  if (exchange.outcome === 'unfinished' && exchange.answeredIdentifier === identifier) exchange.askedAgain += 1;
}

/** A Challenge: the one that the response belongs to, or another one after it. */
function challenge(exchange: Exchange, value: Uint8Array, frame: number, instant: Instant): void {
  const { challenge: asked, response } = exchange;
  if (asked === null || response === null || sameOctets(asked, value)) ask(exchange, { value, frame, instant });
  else exchange.next = { value, frame, instant };
}

function ask(exchange: Exchange, { value, frame, instant }: Challenge): void {
  exchange.challengeSeen = true;
  exchange.challenge = value;
  exchange.challengeFrame = frame;
  exchange.challengeInstant = instant;
  exchange.challengeLength = value.length;
  const { early, kept } = exchange;
  if (early === null) return;
  kept.push({ ...early, challenge: value, challengeFrame: frame, outcome: 'unfinished' });
  exchange.early = null;
}

/** Value-Size of a Challenge or Response that the capture cut, which tells the flavours apart; 0 where it is missing too. */
function cutValueLength(body: ChapBody): number {
  return body.kind === 'undecoded' ? (body.octets[0] ?? 0) : 0;
}

/**
 * `C=` of a Failure is the challenge for the next response or Change-Password; without it a retry answers the challenge
 * before, with 23 added to its first octet, in version 1. RFC 2433 §8, RFC 2759 §6, §7
 */
function challengedAgain(
  exchange: Exchange,
  answered: Attempt | undefined,
  message: string,
  frame: number,
  instant: Instant,
): void {
  const { challenge: digits, retryAllowed } = parseMsChapFailure(message);
  const before = answered?.challenge ?? exchange.challenge;
  const implied =
    retryAllowed === true && before?.length === 8 ? before.map((octet, at) => octet + (at === 0 ? 23 : 0)) : null;
  const value = digits === null ? implied : octetsOfHex(digits);
  if (value === null || (value.length !== 8 && value.length !== 16)) return;
  const known = [exchange.challenge, exchange.next?.value].some((held) => held && sameOctets(held, value));
  if (!known) exchange.next = { value, frame, instant };
}

function sameOctets(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((octet, index) => octet === other[index]);
}
