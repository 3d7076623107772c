/**
 * From authentication exchanges to the model: what protocol it was, what its verdict says, and what it shows of its quality;
 * passwords, challenges and responses themselves only where the analysis was asked to keep them.
 */
import { hex } from '../octets/hex.ts';
import { sameOctets } from '../octets/same.ts';
import { type ChapAlgorithm, isChapUser } from '../ppp/chap.ts';
import { msChapSuccessFault, parseMsChapFailure, parseMsChapSuccess, withoutSecrets } from '../ppp/chap-message.ts';
import type { Exchange } from './authentication-exchange.ts';
import { type Credential, explained } from './call-keys.ts';
import { type ChallengeBook, isPatterned } from './challenge.ts';
import type { End } from './ends.ts';
import type { Authentication, AuthenticationEvidence, AuthenticationProtocol } from './model/authentication.ts';
import type { Side } from './model/side.ts';

/** What the model of an exchange depends on beside the exchange. */
export interface SecretsContext {
  /** Of the whole capture. */
  readonly challenges: ChallengeBook;
  /** Passwords, challenges and responses go into the model. */
  readonly keepSecrets: boolean;
  /** Tried on the responses of MS-CHAP. */
  readonly credentials: readonly Credential[];
}

/**
 * `exchanges`: all of one link. `flavours`: what LCP agreed for each authenticating end, null where it was not seen.
 * `side`: which side an end is.
 */
export function authenticationModel(
  exchanges: readonly Exchange[],
  flavours: readonly [ChapAlgorithm | null, ChapAlgorithm | null],
  side: (end: End) => Side,
  context: SecretsContext,
): Authentication[] {
  const passwords = exchanges.flatMap((exchange) => exchange.passwords);
  return exchanges.map((exchange) => {
    const flavour = flavours[exchange.authenticator];
    const protocol = exchange.protocol ?? protocolOf(exchange, flavour);
    const { message, errorCode, retryAllowed } = verdictOf(exchange, protocol);
    const password = protocol === 'pap' || protocol === 'spap';
    const named = exchange.family !== 'chap' || isChapUser(exchange.responseLength, exchange.user ?? '', flavour);
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
      evidence: evidenceOf(exchange, exchanges, protocol, context),
      ...(context.keepSecrets ? { secrets: secretsOf(exchange) } : {}),
    };
  });
}

/** The authenticator's words, and what stands in them as MS-CHAP has it. RFC 2433 §8, RFC 2759 §5, §6 */
function verdictOf(
  exchange: Exchange,
  protocol: AuthenticationProtocol,
): Pick<Authentication, 'message' | 'errorCode' | 'retryAllowed'> {
  const { message, errorCode, retryAllowed } = exchange;
  const said = { message, errorCode, retryAllowed };
  const microsoft = protocol === 'ms-chap-v1' || protocol === 'ms-chap-v2' || protocol === 'eap-ms-chap-v2';
  if (!exchange.resultIsRaw || !microsoft || message === null) return said;
  if (exchange.outcome === 'failure') {
    const failure = parseMsChapFailure(message);
    return failure.errorCode === null ? said : failure;
  }
  const success = parseMsChapSuccess(message);
  return success.authenticatorResponse === null ? said : { ...said, message: success.message };
}

/**
 * MS-CHAP of both versions has responses of 49 octets and no mark of its own: LCP says which it is. Without LCP
 * the challenge tells, 8 octets in version 1 (RFC 2433 §4), 16 in version 2 (RFC 2759 §3).
 */
function protocolOf(exchange: Exchange, negotiated: ChapAlgorithm | null): AuthenticationProtocol {
  if (exchange.family !== 'chap') return exchange.family === 'eap' ? 'eap' : exchange.family;
  if (negotiated !== null) return negotiated;
  if (exchange.responseLength === 49) return exchange.challengeLength === 8 ? 'ms-chap-v1' : 'ms-chap-v2';
  if (exchange.responseLength === 16) return 'chap-md5';
  if (exchange.message !== null && parseMsChapSuccess(exchange.message).authenticatorResponse !== null)
    return 'ms-chap-v2';
  if (exchange.challengeLength === 8) return 'ms-chap-v1';
  return 'other';
}

function evidenceOf(
  exchange: Exchange,
  exchanges: readonly Exchange[],
  protocol: AuthenticationProtocol,
  { challenges, credentials }: SecretsContext,
): AuthenticationEvidence {
  const { challenge: asked, challengeInstant, response: answer } = exchange;
  const mutual = exchanges.some(
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

/** The last response that was not refused and that a credential explains. */
function verifiedFrame(exchange: Exchange, protocol: string, credentials: readonly Credential[]): number | null {
  if (credentials.length === 0) return null;
  const { attempts } = secretsOf(exchange);
  const found = attempts.findLast(
    (attempt) => attempt.outcome !== 'failure' && credentials.some(explained(attempt, protocol)),
  );
  return found?.responseFrame ?? null;
}

function secretsOf(exchange: Exchange): NonNullable<Authentication['secrets']> {
  const { message } = exchange;
  return {
    password: exchange.password,
    authenticatorResponse: message === null ? null : parseMsChapSuccess(message).authenticatorResponse,
    passwords: exchange.passwords,
    attempts: exchange.kept.map(({ challenge: asked, response: answer, ...rest }) => ({
      ...rest,
      challenge: hex(asked),
      response: hex(answer),
    })),
  };
}
