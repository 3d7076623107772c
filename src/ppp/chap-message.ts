/**
 * The text in MS-CHAP's Success and Failure (RFC 2433 §8, RFC 2759 §5, §6) and the names around CHAP. The text is read by
 * keyword, not by position: implementations leave out fields and spaces.
 */
import type { Names } from '../wire/field.ts';
import { pppProtocol } from './protocols.ts';

/** Algorithms of LCP's Authentication-Protocol option for CHAP. IANA, PPP Authentication Algorithms. */
export const authenticationAlgorithmNames: Names = {
  5: 'CHAP with MD5',
  6: 'CHAP with SHA-1',
  7: 'CHAP with SHA-256',
  8: 'CHAP with SHA3-256',
  128: 'MS-CHAP',
  129: 'MS-CHAP-2',
};

/** Numbers after `E=`. RFC 2433 §8, RFC 2759 §6 */
export const msChapErrorNames: Names = {
  646: 'ERROR_RESTRICTED_LOGON_HOURS',
  647: 'ERROR_ACCT_DISABLED',
  648: 'ERROR_PASSWD_EXPIRED',
  649: 'ERROR_NO_DIALIN_PERMISSION',
  691: 'ERROR_AUTHENTICATION_FAILURE',
  709: 'ERROR_CHANGING_PASSWORD',
};

export type NegotiatedAuthentication = 'pap' | 'chap-md5' | 'ms-chap-v1' | 'ms-chap-v2' | 'eap' | 'spap' | 'other';

/** What an Authentication-Protocol option asks for. `algorithm` is null where the option has none; only CHAP has one. */
export function authenticationProtocolName(
  protocol: number,
  algorithm: number | null = null,
): NegotiatedAuthentication {
  switch (protocol) {
    case pppProtocol.pap:
      return 'pap';
    case pppProtocol.spap:
      return 'spap';
    case pppProtocol.eap:
      return 'eap';
    case pppProtocol.chap:
      if (algorithm === 5) return 'chap-md5';
      if (algorithm === 128) return 'ms-chap-v1';
      return algorithm === 129 ? 'ms-chap-v2' : 'other';
    default:
      return 'other';
  }
}

export interface MsChapSuccess {
  /** 40 hexadecimal digits after `S=`, as captured. RFC 2759 §5 */
  readonly authenticatorResponse: string | null;
  readonly message: string | null;
}

/** `S=<40 hexadecimal digits> M=<message>`, in either order; without `S=` nulls. RFC 2759 §5 */
export function parseMsChapSuccess(text: string): MsChapSuccess {
  const found = /(?<![^\s\0])S=([0-9A-Fa-f]{40})/.exec(text);
  if (found === null) return { authenticatorResponse: null, message: null };
  const rest = text.slice(0, found.index).trimEnd() + text.slice(found.index + found[0].length);
  return { authenticatorResponse: found[1] ?? null, message: /^[\s\0]*M=([\s\S]*)$/.exec(rest)?.[1] ?? null };
}

/** In what a Success of MS-CHAPv2 is not `S=<40 hexadecimal digits> M=<message>`, for peers that insist on it; else null. RFC 2759 §5 */
export function msChapSuccessFault(text: string): string | null {
  const found = /S=[0-9A-Fa-f]{40}/.exec(text);
  if (found === null) return 'it has no authenticator response (S= and 40 hexadecimal digits)';
  if (/[a-f]/.test(found[0])) return 'the digits of its authenticator response are not in upper case';
  if (found.index > 0) return 'its authenticator response does not stand first';
  const rest = text.slice(found[0].length);
  return rest === '' || rest.startsWith(' M=') ? null : 'its authenticator response is not followed by a space and M=';
}

export interface MsChapFailure {
  /** Number after `E=`. */
  readonly errorCode: number | null;
  /** `R=1`: the peer may answer again, to the challenge after `C=`. */
  readonly retryAllowed: boolean | null;
  /** Hexadecimal digits after `C=`, as captured. */
  readonly challenge: string | null;
  /** Number after `V=`: the Change-Password version. */
  readonly version: number | null;
  readonly message: string | null;
}

/**
 * `E=<number> R=<0|1> C=<hexadecimal digits> V=<number> M=<message>`, each of which may be missing. Behind other fields the
 * message is all that follows `M=`; in front of them it ends with the first. RFC 2759 §6
 */
export function parseMsChapFailure(text: string): MsChapFailure {
  const parts = /^([\s\S]*?)(?:(?<![^\s])M=([\s\S]*))?$/.exec(text);
  let fields = parts?.[1] ?? '';
  let message = parts?.[2] ?? null;
  const end = fields.trim() === '' ? (message?.search(/\s(?:[ERV]=\d|C=[0-9A-Fa-f])/) ?? -1) : -1;
  if (message !== null && end >= 0) {
    fields = message.slice(end);
    message = message.slice(0, end);
  }
  const retry = /(?<!\S)R=([01])(?!\d)/.exec(fields)?.[1];
  return {
    errorCode: numberIn(/(?<!\S)E=(\d{1,10})(?!\d)/.exec(fields)),
    retryAllowed: retry === undefined ? null : retry === '1',
    challenge: /(?<!\S)C=([0-9A-Fa-f]+)/.exec(fields)?.[1] ?? null,
    version: numberIn(/(?<!\S)V=(\d{1,10})(?!\d)/.exec(fields)),
    message,
  };
}

/** The digits of an authenticator response or a challenge, wherever they stand and whatever the algorithm is said to be. */
const secretDigits = /(?<=([SC])=)[0-9A-Fa-f]{8,}/g;

export interface SecretPart {
  readonly name: 'authenticatorResponse' | 'challenge' | 'password';
  readonly start: number;
  readonly end: number;
}

/** Fewer characters are part of many words, where they are no password. */
const tellingLength = 4;

function standsAlone(text: string, start: number, end: number): boolean {
  return !/[\p{L}\p{N}]/u.test(text.charAt(start - 1) + text.charAt(end));
}

/**
 * What in words that one end of a link says to the other helps to find a password or key, in order and apart. `passwords`:
 * those that went over the link; who checks them may repeat them.
 */
export function secretsIn(text: string, passwords: readonly string[]): SecretPart[] {
  const found: SecretPart[] = Array.from(text.matchAll(secretDigits), ({ 0: digits, 1: keyword, index }) => {
    const name = keyword === 'S' ? 'authenticatorResponse' : 'challenge';
    return { name, start: index, end: index + digits.length };
  });
  for (const password of passwords) {
    if (password === '') continue;
    for (let start = text.indexOf(password); start >= 0; start = text.indexOf(password, start + 1)) {
      const end = start + password.length;
      if (password.length >= tellingLength || standsAlone(text, start, end))
        found.push({ name: 'password', start, end });
    }
  }
  const apart: SecretPart[] = [];
  for (const part of found.sort((a, b) => a.start - b.start)) {
    const before = apart.at(-1);
    if (before === undefined || part.start >= before.end) apart.push(part);
    else if (part.end > before.end) apart.splice(-1, 1, { ...before, end: part.end });
  }
  return apart;
}

/** The words with `***` in the place of secrets. */
export function withoutSecrets(text: string, passwords: readonly string[]): string {
  let shown = '';
  let at = 0;
  for (const { start, end } of secretsIn(text, passwords)) {
    shown += `${text.slice(at, start)}***`;
    at = end;
  }
  return shown + text.slice(at);
}

function numberIn(found: RegExpExecArray | null): number | null {
  return found?.[1] === undefined ? null : Number(found[1]);
}
