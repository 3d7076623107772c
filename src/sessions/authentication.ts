/**
 * Follows the authentication exchanges of one PPP link, in both directions: PAP (RFC 1334), CHAP (RFC 1994),
 * MS-CHAP (RFC 2433, RFC 2759) and EAP (RFC 3748). Keeps no secret: neither password nor challenge nor response.
 */

import type { Instant } from '../octets/instant.ts';
import { parseMsChapFailure, parseMsChapSuccess } from '../ppp/chap-message.ts';
import type { PppControlPacket } from '../ppp/packet.ts';
import type { Authentication, AuthenticationProtocol, Side } from './model.ts';

/** Exchanges kept for one call; a link that is challenged again every minute for days has more. */
const exchangesAtMost = 64;
/** Frames listed for one exchange. */
const framesAtMost = 64;

interface Exchange {
  family: 'pap' | 'chap' | 'eap' | 'spap';
  /** Set where the packets themselves tell. */
  protocol: AuthenticationProtocol | null;
  /** Index of the end that demands the proof. */
  authenticator: 0 | 1;
  user: string | null;
  authenticatorName: string | null;
  outcome: 'success' | 'failure' | 'unfinished';
  errorCode: number | null;
  retryAllowed: boolean | null;
  message: string | null;
  challenge: Uint8Array | null;
  challengeLength: number;
  responseLength: number;
  challengeSeen: boolean;
  responseSeen: boolean;
  attempts: number;
  /** What the last response was, to tell a repetition from another attempt. */
  lastAttempt: string;
  resultIsRaw: boolean;
  frames: number[];
  lastInstant: Instant | null;
}

export type ChapFlavour = 'chap-md5' | 'ms-chap-v1' | 'ms-chap-v2' | 'other';

export class AuthenticationTracker {
  private readonly exchanges: Exchange[] = [];
  exchangesDropped = 0;

  /** A PAP, CHAP, EAP or SPAP packet that `end` sent; null body fields where it was cut. */
  packet(end: 0 | 1, packet: PppControlPacket, frame: number, instant: Instant): void {
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

  /** The last frame of each exchange, with its time. */
  lastFrames(): { frame: number; instant: Instant }[] {
    return this.exchanges.flatMap(({ frames, lastInstant }) => {
      const frame = frames.at(-1);
      return frame === undefined || lastInstant === null ? [] : [{ frame, instant: lastInstant }];
    });
  }

  private pap(
    end: 0 | 1,
    packet: Extract<PppControlPacket, { protocol: 0xc023 }>,
    frame: number,
    instant: Instant,
  ): void {
    if (packet.code === 1) {
      const authenticator = end === 0 ? 1 : 0;
      const body = packet.body.kind === 'request' ? packet.body : null;
      // The password takes part only in telling attempts apart.
      const content = body === null ? `cut ${packet.identifier}` : `${body.peerId}\0${body.password}`;
      const latest = this.latest('pap', authenticator);
      const again = latest !== null && (latest.outcome !== 'success' || latest.lastAttempt === content);
      const exchange = again ? latest : this.open('pap', authenticator);
      note(exchange, frame, instant);
      if (body !== null) {
        exchange.user = body.peerId;
        exchange.responseSeen = true;
      }
      attempt(exchange, content);
      return;
    }
    if (packet.code !== 2 && packet.code !== 3) return;
    const exchange = this.latest('pap', end) ?? this.open('pap', end);
    note(exchange, frame, instant);
    exchange.outcome = packet.code === 2 ? 'success' : 'failure';
    if (packet.body.kind === 'reply' && packet.body.message !== '') exchange.message = packet.body.message;
  }

  private chap(
    end: 0 | 1,
    packet: Extract<PppControlPacket, { protocol: 0xc223 }>,
    frame: number,
    instant: Instant,
  ): void {
    const body = packet.body;
    switch (packet.code) {
      case 1: {
        const exchange = this.challenged(end, body.kind === 'value' ? body.value : null);
        note(exchange, frame, instant);
        if (body.kind !== 'value') return;
        exchange.challengeSeen = true;
        exchange.challenge = body.value;
        exchange.challengeLength = body.value.length;
        if (body.name !== '') exchange.authenticatorName = body.name;
        return;
      }
      case 2: {
        const exchange = this.latest('chap', end === 0 ? 1 : 0) ?? this.open('chap', end === 0 ? 1 : 0);
        note(exchange, frame, instant);
        if (body.kind !== 'value') {
          attempt(exchange, `cut ${packet.identifier}`);
          return;
        }
        exchange.responseSeen = true;
        exchange.responseLength = body.value.length;
        exchange.user = body.name;
        attempt(exchange, `${body.name}\0${body.value.join()}`);
        return;
      }
      case 3:
      case 4: {
        const exchange = this.latest('chap', end) ?? this.open('chap', end);
        note(exchange, frame, instant);
        exchange.outcome = packet.code === 3 ? 'success' : 'failure';
        if (body.kind === 'result') {
          exchange.message = body.message;
          exchange.resultIsRaw = true;
        }
        return;
      }
      case 5:
      case 6:
      case 7: {
        const exchange = this.latest('chap', end === 0 ? 1 : 0) ?? this.open('chap', end === 0 ? 1 : 0);
        note(exchange, frame, instant);
        attempt(exchange, `change ${packet.identifier}`);
        return;
      }
      default:
    }
  }

  private eap(
    end: 0 | 1,
    packet: Extract<PppControlPacket, { protocol: 0xc227 }>,
    frame: number,
    instant: Instant,
  ): void {
    const body = packet.body;
    if (packet.code === 3 || packet.code === 4) {
      const exchange = this.latest('eap', end) ?? this.open('eap', end);
      note(exchange, frame, instant);
      exchange.outcome = packet.code === 3 ? 'success' : 'failure';
      return;
    }
    const authenticator = packet.code === 1 ? end : end === 0 ? 1 : 0;
    const latest = this.latest('eap', authenticator);
    const exchange =
      latest === null || (packet.code === 1 && latest.outcome !== 'unfinished')
        ? this.open('eap', authenticator)
        : latest;
    note(exchange, frame, instant);
    if (body.kind !== 'request' && body.kind !== 'response') return;
    const method = eapMethods.get(body.type);
    if (method !== undefined && (exchange.protocol === null || method !== 'eap')) exchange.protocol = method;
    if (body.kind === 'response') {
      if (body.type === 1 && body.identity) exchange.user = body.identity;
      if (body.value !== undefined) {
        exchange.responseSeen = true;
        attempt(exchange, body.value.join());
      }
    } else if (body.value !== undefined) {
      exchange.challengeSeen = true;
      if (body.name) exchange.authenticatorName = body.name;
    }
    const msChap = body.msChap;
    if (msChap === undefined) return;
    if (msChap.opCode === 1) {
      exchange.challengeSeen = true;
      if (msChap.name) exchange.authenticatorName = msChap.name;
    } else if (msChap.opCode === 2) {
      exchange.responseSeen = true;
      if (msChap.name) exchange.user = msChap.name;
      attempt(exchange, msChap.value?.join() ?? '');
    } else if ((msChap.opCode === 3 || msChap.opCode === 4) && body.kind === 'request' && msChap.message) {
      exchange.message = msChap.message;
      exchange.resultIsRaw = true;
      if (msChap.opCode === 4) {
        const failure = parseMsChapFailure(msChap.message);
        exchange.errorCode = failure.errorCode;
        exchange.retryAllowed = failure.retryAllowed;
      }
    }
  }

  private spap(end: 0 | 1, packet: PppControlPacket, frame: number, instant: Instant): void {
    const authenticator = packet.code === 1 ? (end === 0 ? 1 : 0) : end;
    const exchange = this.latest('spap', authenticator) ?? this.open('spap', authenticator);
    note(exchange, frame, instant);
    if (packet.code === 1) attempt(exchange, `${packet.identifier}`);
    if (packet.code === 2) exchange.outcome = 'success';
    if (packet.code === 3) exchange.outcome = 'failure';
  }

  /** The exchange that a challenge belongs to: a repeated challenge goes on with its own, any other opens a new one. */
  private challenged(authenticator: 0 | 1, challenge: Uint8Array | null): Exchange {
    const latest = this.latest('chap', authenticator);
    if (latest !== null && latest.outcome === 'unfinished') return latest;
    if (latest?.challenge && challenge && sameOctets(latest.challenge, challenge)) return latest;
    return this.open('chap', authenticator);
  }

  private latest(family: Exchange['family'], authenticator: 0 | 1): Exchange | null {
    return (
      this.exchanges.findLast((exchange) => exchange.family === family && exchange.authenticator === authenticator) ??
      null
    );
  }

  private open(family: Exchange['family'], authenticator: 0 | 1): Exchange {
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
      challengeLength: 0,
      responseLength: 0,
      challengeSeen: false,
      responseSeen: false,
      attempts: 0,
      lastAttempt: '',
      resultIsRaw: false,
      frames: [],
      lastInstant: null,
    };
    if (this.exchanges.length === exchangesAtMost) {
      // The first exchange decides the keys (RFC 3079 §2.1) and stays; the oldest after it goes.
      this.exchanges.splice(1, 1);
      this.exchangesDropped += 1;
    }
    this.exchanges.push(exchange);
    return exchange;
  }

  /**
   * `flavours`: what LCP agreed for each authenticating end, null where it was not seen.
   * `side`: which side an end is.
   */
  model(flavours: readonly [ChapFlavour | null, ChapFlavour | null], side: (end: 0 | 1) => Side): Authentication[] {
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
      return {
        protocol,
        authenticator: side(exchange.authenticator),
        user: exchange.user,
        authenticatorName: exchange.authenticatorName,
        outcome: exchange.outcome,
        errorCode,
        retryAllowed,
        message: message === '' ? null : message,
        handshakeComplete: password ? exchange.responseSeen : exchange.challengeSeen && exchange.responseSeen,
        attempts: exchange.attempts,
        frames: exchange.frames,
      };
    });
  }
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
  if (exchange.message !== null && /^S=[0-9A-Fa-f]{40}/.test(exchange.message)) return 'ms-chap-v2';
  if (exchange.challengeLength === 8) return 'ms-chap-v1';
  return 'other';
}

function note(exchange: Exchange, frame: number, instant: Instant): void {
  exchange.lastInstant = instant;
  if (exchange.frames.length === framesAtMost) exchange.frames.splice(1, 1);
  exchange.frames.push(frame);
}

function attempt(exchange: Exchange, content: string): void {
  if (exchange.outcome === 'success') return;
  if (content !== exchange.lastAttempt) exchange.attempts += 1;
  exchange.lastAttempt = content;
  if (exchange.outcome === 'failure') exchange.outcome = 'unfinished';
}

function sameOctets(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((octet, index) => octet === other[index]);
}
