/** A password that somebody knows. */
import { ofUsers } from './facts.ts';
import type { CallRule } from './rule.ts';

export const passwordVerified: CallRule = {
  id: 'password-verified',
  title: 'Password known',
  severity: 'critical',
  what: 'The response of an MS-CHAP exchange fits one of the passwords or NT hashes that the audit was given.',
  why: 'Whoever has the password and this capture reads all that the session carried: MPPE takes its keys from the password and from what goes over the wire, and has no forward secrecy.',
  advice:
    'Change the password, and take what the session carried for read (`pptpscope decrypt` shows it). Move to a VPN whose recorded sessions stay closed when a password becomes known.',
  references: ['RFC 3079 §5.1', 'RFC 2759 §8', 'RFC 2433 §5'],
  evidence:
    'With `--password`, `--password-file` or `--nt-hash`: a response that was not refused and that one of them makes out of its challenge.',
  scope: 'call',
  find(call) {
    const known = call.authentication.filter(({ evidence }) => evidence.passwordVerifiedFrame !== null);
    if (known.length === 0) return null;
    return {
      basis: 'used',
      frames: known.flatMap(({ evidence }) => [evidence.challengeFrame, evidence.passwordVerifiedFrame]),
      detail: `The password${ofUsers(known)} is one of those that were given.`,
    };
  },
};
