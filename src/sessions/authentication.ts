/**
 * Follows the authentication exchanges of one PPP link, in both directions: PAP (RFC 1334), CHAP (RFC 1994),
 * MS-CHAP (RFC 2433, RFC 2759) and EAP (RFC 3748). Passwords, challenges and responses are held while the link is
 * followed.
 */
import type { Instant } from '../octets/instant.ts';
import type { Limits } from '../octets/limits.ts';
import { sameOctets } from '../octets/same.ts';
import { type ChapAlgorithm, type ChapBody, chapCode, isChapUser, responseOfChange } from '../ppp/chap.ts';
import { parseMsChapFailure } from '../ppp/chap-message.ts';
import { type EapMethodBody, eapCode, eapMsChapOpCode, eapType, isEapMethod } from '../ppp/eap.ts';
import type { PacketOf, PppControlPacket } from '../ppp/packet.ts';
import { papCode } from '../ppp/pap.ts';
import { pppProtocol } from '../ppp/protocols.ts';
import { Exchange, type Sighting } from './authentication-exchange.ts';
import { authenticationModel, type SecretsContext } from './authentication-model.ts';
import { type End, otherEnd } from './ends.ts';
import type { Authentication, AuthenticationProtocol } from './model/authentication.ts';
import type { Side } from './model/side.ts';

export class AuthenticationTracker {
  private readonly exchanges: Exchange[] = [];
  private readonly limits: Limits;

  constructor(limits: Limits) {
    this.limits = limits;
  }

  /** A PAP, CHAP, EAP or SPAP packet that `end` sent; null body fields where it was cut. */
  packet(end: End, packet: PppControlPacket, frame: number, instant: Instant): void {
    const at = { identifier: packet.identifier, frame, instant };
    switch (packet.protocol) {
      case pppProtocol.pap:
        this.pap(end, packet, at);
        break;
      case pppProtocol.chap:
        this.chap(end, packet, at);
        break;
      case pppProtocol.eap:
        this.eap(end, packet, at);
        break;
      default:
        this.spap(end, packet, at);
    }
  }

  /** Which ends demanded a proof of the other. */
  get authenticators(): [boolean, boolean] {
    return [0, 1].map((end) => this.exchanges.some(({ authenticator }) => authenticator === end)) as [boolean, boolean];
  }

  /** All passwords that went over the link. */
  get passwords(): string[] {
    return this.exchanges.flatMap(({ passwords }) => passwords);
  }

  /** The last frame of each exchange, with its time. */
  lastFrames(): { frame: number; instant: Instant }[] {
    return this.exchanges.flatMap(({ frames, lastInstant }) => {
      const frame = frames.at(-1);
      return frame === undefined || lastInstant === null ? [] : [{ frame, instant: lastInstant }];
    });
  }

  /**
   * `flavours`: what LCP agreed for each authenticating end, null where it was not seen.
   * `side`: which side an end is.
   */
  model(
    flavours: readonly [ChapAlgorithm | null, ChapAlgorithm | null],
    side: (end: End) => Side,
    context: SecretsContext,
  ): Authentication[] {
    return authenticationModel(this.exchanges, flavours, side, context);
  }

  private pap(end: End, { code, body }: PacketOf<'pap'>, at: Sighting): void {
    if (code === papCode.authenticateRequest) {
      const authenticator = otherEnd(end);
      const request = body.kind === 'request' ? body : null;
      // The password takes part only in telling attempts apart.
      const content = request === null ? `cut ${at.identifier}` : `${request.peerId}\0${request.password}`;
      const latest = this.latest('pap', authenticator);
      const again =
        latest !== null && (latest.outcome !== 'success' || latest.attempts === 0 || latest.isLastAttempt(content));
      const exchange = again ? latest : this.open('pap', authenticator);
      exchange.packet(at);
      exchange.responseFrame = at.frame;
      if (request !== null) {
        if (request.fault === undefined) exchange.userNamed(request.peerId);
        exchange.passwordSent(request.password, at);
      }
      exchange.attempt(content, at);
      return;
    }
    if (code !== papCode.authenticateAck && code !== papCode.authenticateNak) return;
    const exchange = this.current('pap', end);
    exchange.packet(at);
    exchange.verdict(code === papCode.authenticateAck, at);
    if (body.kind === 'reply' && body.message !== '') exchange.says(body.message);
  }

  private chap(end: End, packet: PacketOf<'chap'>, at: Sighting): void {
    switch (packet.code) {
      case chapCode.challenge:
        this.chapChallenge(end, packet.body, at);
        break;
      case chapCode.response:
        this.chapResponse(end, packet.body, at);
        break;
      case chapCode.success:
      case chapCode.failure:
        this.chapResult(end, packet, at);
        break;
      case chapCode.changePasswordVersion1:
      case chapCode.changePasswordVersion2:
      case chapCode.changePassword:
        this.chapChangePassword(end, packet, at);
        break;
      default:
    }
  }

  private chapChallenge(end: End, body: ChapBody, at: Sighting): void {
    const exchange = this.challengedBy(end, body.kind === 'value' ? body.value : null);
    exchange.packet(at);
    exchange.request(at);
    if (body.kind !== 'value') {
      exchange.challengeLength = cutValueLength(body);
      return;
    }
    exchange.challenged(body.value, at);
    exchange.namedBehindChallenge(body.value.length, body.name);
  }

  private chapResponse(end: End, body: ChapBody, at: Sighting): void {
    const exchange = this.current('chap', otherEnd(end));
    exchange.packet(at);
    exchange.answeredIdentifier = at.identifier;
    if (body.kind !== 'value') {
      exchange.responseLength = cutValueLength(body);
      exchange.attempt(`cut ${at.identifier}`, at);
      return;
    }
    exchange.userNamed(body.name);
    exchange.responded(body.value, body.name, at);
  }

  private chapResult(end: End, { code, body }: PacketOf<'chap'>, at: Sighting): void {
    const exchange = this.current('chap', end);
    exchange.packet(at);
    // The identifier is copied from the response. RFC 1994 §4.2
    const answered = exchange.kept.findLast(({ identifier }) => identifier === at.identifier);
    exchange.verdict(code === chapCode.success, at, answered);
    if (body.kind !== 'result') {
      exchange.message = null;
      return;
    }
    exchange.says(body.message);
    exchange.resultIsRaw = true;
    if (code === chapCode.failure) exchange.challengedByFailure(answered, body.message, at);
  }

  private chapChangePassword(end: End, { code, body }: PacketOf<'chap'>, at: Sighting): void {
    const exchange = this.current('chap', otherEnd(end));
    exchange.packet(at);
    // In version 1 it answers the challenge of the last response once more. RFC 2433 §10
    if (code !== chapCode.changePassword) exchange.next = null;
    const value = body.kind === 'change-password' ? responseOfChange(code, body.octets) : null;
    exchange.passwordChanged(value, at);
  }

  private eap(end: End, { code, body }: PacketOf<'eap'>, at: Sighting): void {
    if (code === eapCode.success || code === eapCode.failure) {
      const exchange = this.current('eap', end);
      exchange.packet(at);
      exchange.verdict(code === eapCode.success, at, exchange.kept.at(-1));
      return;
    }
    // Packets with other codes are silently discarded by both ends. RFC 3748 §4
    if (code !== eapCode.request && code !== eapCode.response) return;
    const asking = code === eapCode.request;
    const authenticator = asking ? end : otherEnd(end);
    const latest = this.latest('eap', authenticator);
    const over = latest === null || (asking && latest.outcome !== 'unfinished');
    const exchange = over ? this.open('eap', authenticator) : latest;
    exchange.packet(at);
    if (asking) exchange.request(at);
    else exchange.answeredIdentifier = at.identifier;
    if (body.kind !== 'request' && body.kind !== 'response') return;
    const method = eapMethods.get(body.type);
    if (method !== undefined && (exchange.protocol === null || method !== 'eap')) exchange.protocol = method;
    if (body.kind === 'request') eapRequest(exchange, body, at);
    else eapResponse(exchange, body, at);
    eapMsChap(exchange, body, at);
  }

  /** Shiva's protocol has no public description; its codes are taken for PAP's. */
  private spap(end: End, { code, identifier }: PppControlPacket, at: Sighting): void {
    const asking = code === papCode.authenticateRequest;
    const exchange = this.current('spap', asking ? otherEnd(end) : end);
    exchange.packet(at);
    if (asking) {
      exchange.responseFrame = at.frame;
      exchange.attempt(`${identifier}`, at);
    }
    if (code === papCode.authenticateAck || code === papCode.authenticateNak)
      exchange.verdict(code === papCode.authenticateAck, at);
  }

  /** The exchange that a challenge belongs to: a repeated challenge goes on with its own, any other opens a new one. */
  private challengedBy(authenticator: End, challenge: Uint8Array | null): Exchange {
    const latest = this.latest('chap', authenticator);
    if (latest !== null && (latest.outcome === 'unfinished' || latest.early !== null)) return latest;
    if (latest?.challenge && challenge && sameOctets(latest.challenge, challenge)) return latest;
    return this.open('chap', authenticator);
  }

  private current(family: Exchange['family'], authenticator: End): Exchange {
    return this.latest(family, authenticator) ?? this.open(family, authenticator);
  }

  private latest(family: Exchange['family'], authenticator: End): Exchange | null {
    return (
      this.exchanges.findLast((exchange) => exchange.family === family && exchange.authenticator === authenticator) ??
      null
    );
  }

  private open(family: Exchange['family'], authenticator: End): Exchange {
    const exchange = new Exchange(family, authenticator, this.limits);
    // A link that is challenged again every minute for days has many.
    // The first exchange decides the keys (RFC 3079 §2.1) and stays; the oldest after it goes.
    if (this.limits.full('authentications', this.exchanges.length)) this.exchanges.splice(1, 1);
    this.exchanges.push(exchange);
    return exchange;
  }
}

/** EAP method types that have a name of their own in the report. RFC 3748 §5 and the IANA registry. */
const eapMethods = new Map<number, AuthenticationProtocol>([
  [eapType.md5Challenge, 'eap-md5'],
  [eapType.oneTimePassword, 'eap'],
  [eapType.genericTokenCard, 'eap'],
  [eapType.tls, 'eap-tls'],
  [eapType.ttls, 'eap'],
  [eapType.peap, 'eap-peap'],
  [eapType.msChapV2, 'eap-ms-chap-v2'],
]);

function eapRequest(exchange: Exchange, { type, message, value, name }: EapMethodBody, at: Sighting): void {
  if (isEapMethod(type)) exchange.eapDesiredTypes = null;
  // A Notification is for the user to read. RFC 3748 §5.2
  if (type === eapType.notification && message) exchange.says(message);
  if (value !== undefined) exchange.challenged(value, at);
  exchange.namedBehindChallenge(value?.length ?? 0, name ?? '');
}

function eapResponse(exchange: Exchange, body: EapMethodBody, at: Sighting): void {
  const { type, identity, desiredTypes, password, value } = body;
  if (type === eapType.identity && identity) exchange.userNamed(identity);
  if (isEapMethod(type)) exchange.eapType = type;
  if (desiredTypes !== undefined) exchange.eapDesiredTypes = [...new Set(desiredTypes)];
  if (password !== undefined) {
    exchange.passwordSent(password, at);
    exchange.attempt(password, at);
  }
  if (value !== undefined) exchange.responded(value, exchange.user ?? '', at);
}

/** MS-CHAP-V2 inside EAP. draft-kamath-pppext-eap-mschapv2 §2 */
function eapMsChap(exchange: Exchange, { kind, msChap }: EapMethodBody, at: Sighting): void {
  if (msChap === undefined) return;
  const { opCode, value = new Uint8Array(0), name = '', message } = msChap;
  switch (opCode) {
    case eapMsChapOpCode.challenge:
      exchange.challenged(value, at);
      exchange.namedBehindChallenge(value.length, name);
      break;
    case eapMsChapOpCode.response:
      if (name !== '' && isChapUser(value.length, name, 'ms-chap-v2')) exchange.userNamed(name);
      exchange.responded(value, name, at);
      break;
    case eapMsChapOpCode.changePassword:
      if (kind === 'response') exchange.passwordChanged(msChap.value ?? null, at);
      break;
    case eapMsChapOpCode.success:
    case eapMsChapOpCode.failure:
      if (kind === 'request' && message) eapMsChapResult(exchange, opCode, message, at);
      break;
    default:
  }
}

/** Success or Failure of the method; EAP's own follows. */
function eapMsChapResult(exchange: Exchange, opCode: number, message: string, at: Sighting): void {
  exchange.says(message);
  exchange.resultIsRaw = true;
  if (opCode !== eapMsChapOpCode.failure) return;
  const { errorCode, retryAllowed } = parseMsChapFailure(message);
  exchange.errorCode = errorCode;
  exchange.retryAllowed = retryAllowed;
  const answered = exchange.kept.at(-1);
  if (answered !== undefined) answered.outcome = 'failure';
  exchange.challengedByFailure(answered, message, at);
}

/** Value-Size of a Challenge or Response that the capture cut, which tells the flavours apart; 0 where it is missing too. */
function cutValueLength(body: ChapBody): number {
  return body.kind === 'undecoded' ? (body.octets[0] ?? 0) : 0;
}
