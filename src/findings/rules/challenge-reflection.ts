/** Challenge sent back. */
import type { CallRule } from './rule.ts';

export const challengeReflection: CallRule = {
  id: 'challenge-reflection',
  title: 'Challenge sent back',
  severity: 'high',
  what: 'A side uses the challenge of the other as its own.',
  why: 'Who sends a challenge back can have its owner compute the answer: no password is needed.',
  advice: 'Look at the side that repeats the challenge: an attacker or a faulty implementation.',
  references: [
    'RFC 1994 §2.3',
    "Schneier, Mudge, Wagner: Cryptanalysis of Microsoft's PPTP Authentication Extensions (MS-CHAPv2), 1999",
  ],
  evidence: "A peer challenge of MS-CHAPv2 equal to the authenticator's, or both directions with the same challenge.",
  scope: 'call',
  find(call) {
    const reflected = call.authentication.filter(({ evidence }) => evidence.challengeReflected);
    if (reflected.length === 0) return null;
    return {
      basis: 'used',
      frames: reflected.flatMap(({ evidence }) => [evidence.challengeFrame, evidence.responseFrame]),
      detail: 'Both sides used the same challenge.',
    };
  },
};
