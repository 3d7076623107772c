/**
 * The MS-CHAP exchanges of a report: who, with whom, how it went, and on request the line that password-audit tools read
 * (NetNTLMv1: hashcat mode 5500, John's netntlm), so that an auditor can test the strength of his own users' passwords.
 */
import { challengeHash } from '../crypto/ms-chap.ts';
import { octetsOfCharacters } from '../octets/characters.ts';
import { hex, octetsOfHex } from '../octets/hex.ts';
import { printable, utf8 } from '../octets/printable.ts';
import type { Authentication, AuthenticationAttempt } from '../sessions/model/authentication.ts';
import type { ReportSource } from './contract.ts';

export interface Handshake {
  readonly tunnel: string;
  readonly call: string;
  readonly protocol: 'ms-chap-v1' | 'ms-chap-v2' | 'eap-ms-chap-v2';
  readonly user: string | null;
  /** Address of the side that asked for the proof. */
  readonly authenticator: string;
  /** What it calls itself. */
  readonly authenticatorName: string | null;
  /** Challenge and response are both there. */
  readonly complete: boolean;
  readonly outcome: Authentication['outcome'];
  readonly errorCode: number | null;
  readonly frames: readonly number[];
  /** One for each attempt, where the report has secrets. */
  readonly netNtlmV1?: readonly string[];
}

const protocols: readonly string[] = ['ms-chap-v1', 'ms-chap-v2', 'eap-ms-chap-v2'];

/** In the order of the report. */
export function handshakesOf({ tunnels }: Pick<ReportSource, 'tunnels'>): Handshake[] {
  const found: Handshake[] = [];
  for (const tunnel of tunnels) {
    const ofTunnel = tunnel.calls.flatMap((call) =>
      call.authentication.flatMap((exchange): Handshake[] => {
        const { protocol, user, authenticator, authenticatorName, outcome, errorCode, frames, secrets } = exchange;
        if (!isMsChap(protocol)) return [];
        const lines = secrets?.attempts.flatMap((attempt) => netNtlmV1(attempt, protocol) ?? []);
        return [
          {
            tunnel: tunnel.id,
            call: call.id,
            protocol,
            user,
            authenticator: tunnel[authenticator].address,
            authenticatorName,
            complete: exchange.handshakeComplete,
            outcome,
            errorCode,
            frames,
            ...(lines === undefined ? {} : { netNtlmV1: lines }),
          },
        ];
      }),
    );
    for (const handshake of ofTunnel) found.push(handshake);
  }
  return found;
}

function isMsChap(protocol: string): protocol is Handshake['protocol'] {
  return protocols.includes(protocol);
}

/**
 * `user::domain:LM response:NT response:challenge`. For version 2 the challenge is the ChallengeHash (RFC 2759 §8.2) and
 * there is no LM response. null where the response has not the size of its format.
 */
export function netNtlmV1(
  { user, challenge, response }: AuthenticationAttempt,
  protocol: Handshake['protocol'],
): string | null {
  const asked = octetsOfHex(challenge);
  const answer = octetsOfHex(response);
  if (asked === null || answer?.length !== 49) return null;
  const backslash = user.lastIndexOf('\\');
  const name = user.slice(backslash + 1);
  const who = `${field(name)}::${field(user.slice(0, Math.max(0, backslash)))}`;
  const ntResponse = hex(answer.subarray(24, 48));
  if (protocol === 'ms-chap-v1') {
    const lanManager = answer.subarray(0, 24);
    // Zeros would be taken for the client challenge of NTLM2 session security.
    const shown = lanManager.every((octet) => octet === 0) ? '' : hex(lanManager);
    return asked.length === 8 ? `${who}:${shown}:${ntResponse}:${hex(asked)}` : null;
  }
  if (asked.length !== 16) return null;
  const octets = octetsOfCharacters(name);
  return `${who}::${ntResponse}:${hex(challengeHash(answer.subarray(0, 16), asked, octets))}`;
}

/** The name is for the reader alone; a colon in it would shift the fields. */
function field(name: string): string {
  return printable(utf8(name), Number.POSITIVE_INFINITY).replaceAll(':', '_');
}
