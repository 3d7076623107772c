/** The keys of a call's encryption, where somebody who may know the password says what it is. RFC 3079 */

import { type KeyBits, masterSessionKey, startKeyOfVersion1 } from '../crypto/mppe-keys.ts';
import {
  authenticatorResponse,
  challengeHash,
  hashNtPasswordHash,
  isResponseTo,
  lmPasswordHash,
  ntPasswordHash,
} from '../crypto/ms-chap.ts';
import { octetsOfCharacters } from '../octets/characters.ts';
import { hex, octetsOfHex } from '../octets/hex.ts';
import type { Authentication, AuthenticationAttempt } from './model/authentication.ts';
import type { Call } from './model/call.ts';
import type { Side } from './model/side.ts';
import type { Tunnel } from './model/tunnel.ts';

/** A password, or its NtPasswordHash (RFC 2759 §8.3) alone: of that the keys of MS-CHAPv1 with 40 and 56 bits cannot always be made. */
export interface Credential {
  readonly ntHash: Uint8Array;
  readonly password: string | null;
}

/** The password itself, which gives all keys. */
export function credentialOfPassword(password: string): Credential {
  return { ntHash: ntPasswordHash(password), password };
}

/** `digits`: 32 hexadecimal ones; null for anything else. */
export function credentialOfNtHash(digits: string): Credential | null {
  const ntHash = octetsOfHex(digits);
  return ntHash?.length === 16 ? { ntHash, password: null } : null;
}

/** The response of an exchange that a credential explains: whoever has it can read what the keys encrypt. */
export interface ConfirmedExchange {
  readonly exchange: Authentication;
  readonly attempt: AuthenticationAttempt;
  readonly credential: Credential;
  /** Whether the server's `S=` shows that it knows the password as well; null where there is none. RFC 2759 §8.7 */
  readonly serverKnowsPassword: boolean | null;
}

/**
 * The exchanges that a call's keys may come from, the likeliest first: the first that succeeded (RFC 3079 §2, §3), of the side that the
 * server asked where both asked; others where LCP was negotiated once more. Empty where no credential explains a response. Needs
 * an analysis that kept secrets.
 */
function confirmedExchanges(call: Call, credentials: readonly Credential[]): ConfirmedExchange[] {
  const exchanges = call.authentication.toSorted((a, b) => rankOf(a) - rankOf(b));
  return exchanges.flatMap((exchange) => {
    // Of several attempts the one that was accepted; the last, where the verdict is not in the capture.
    const attempts = (exchange.secrets?.attempts ?? []).filter(({ outcome }) => outcome !== 'failure').toReversed();
    for (const attempt of attempts.toSorted((a, b) => rankOf(a) - rankOf(b))) {
      const credential = credentials.find(explained(attempt, exchange.protocol));
      if (credential === undefined) continue;
      return [{ exchange, attempt, credential, serverKnowsPassword: proof(exchange, attempt, credential) }];
    }
    return [];
  });
}

/** Of each call in turn: many credentials take their time. */
export function* confirmations(
  tunnels: readonly Tunnel[],
  credentials: readonly Credential[],
): Generator<[Call, ConfirmedExchange[]]> {
  for (const { calls } of tunnels) for (const call of calls) yield [call, confirmedExchanges(call, credentials)];
}

/** Where the sort is stable, the first of those that come first. */
function rankOf(one: { outcome: Authentication['outcome']; authenticator?: Side }): number {
  return (one.outcome === 'success' ? 0 : 2) + (one.authenticator === 'client' ? 1 : 0);
}

/**
 * Master keys of what one side sends, the likeliest first. RFC 3079 §2, §3. For few bits of MS-CHAPv1 the RFC has the hash of LAN
 * Manager, pppd the beginning of the key of 128 bits.
 */
export function masterKeys(
  { exchange, attempt, credential }: ConfirmedExchange,
  from: Side,
  bits: KeyBits,
): Uint8Array[] {
  const hashed = hashNtPasswordHash(credential.ntHash);
  const response = octetsOfHex(attempt.response) ?? new Uint8Array(0);
  if (exchange.protocol === 'ms-chap-v1') {
    const challenge = octetsOfHex(attempt.challenge) ?? new Uint8Array(0);
    const ofChallenge = startKeyOfVersion1(hashed, challenge, bits);
    const lmHash = bits === 128 ? null : lmHashOf(credential);
    return lmHash === null ? [ofChallenge] : [lmHash.slice(0, 8), ofChallenge];
  }
  const sender = from === exchange.authenticator ? 'authenticator' : 'peer';
  return [masterSessionKey(hashed, response.subarray(24, 48), sender, bits)];
}

/** Whether the response of the attempt was made with a password: asked of many. */
export function explained(attempt: AuthenticationAttempt, protocol: string): (by: Credential) => boolean {
  const challenge = challengeOf(attempt, protocol);
  const response = octetsOfHex(attempt.response);
  if (challenge === null || response === null) return () => false;
  const ntResponse = response.subarray(24, 48);
  const lmResponse = response.subarray(0, 24);
  // RFC 2433 §6: with flag 0 the response of LAN Manager counts.
  const lmCounts = protocol === 'ms-chap-v1' && response[48] === 0;
  return (credential) => {
    if (isResponseTo(challenge, credential.ntHash, ntResponse)) return true;
    const lmHash = lmCounts ? lmHashOf(credential) : null;
    return lmHash !== null && isResponseTo(challenge, lmHash, lmResponse);
  };
}

function lmHashOf({ password }: Credential): Uint8Array | null {
  return password === null ? null : lmPasswordHash(password);
}

/** The 8 octets that a response is computed over; null where the sizes are not those of MS-CHAP. */
function challengeOf({ challenge, response, user }: AuthenticationAttempt, protocol: string): Uint8Array | null {
  const asked = octetsOfHex(challenge);
  const answer = octetsOfHex(response);
  if (asked === null || answer?.length !== 49) return null;
  if (protocol === 'ms-chap-v1') return asked.length === 8 ? asked : null;
  if (asked.length !== 16) return null;
  const name = octetsOfCharacters(user.slice(user.lastIndexOf('\\') + 1));
  return challengeHash(answer.subarray(0, 16), asked, name);
}

function proof(exchange: Authentication, attempt: AuthenticationAttempt, { ntHash }: Credential): boolean | null {
  const said = exchange.secrets?.authenticatorResponse ?? null;
  const challenge = challengeOf(attempt, exchange.protocol);
  if (said === null || challenge === null || attempt.outcome !== 'success') return null;
  const response = octetsOfHex(attempt.response) ?? new Uint8Array(0);
  return hex(authenticatorResponse(ntHash, response.subarray(24, 48), challenge)) === said.toLowerCase();
}
