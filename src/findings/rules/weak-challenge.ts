/** Weak challenge. */
import type { CallRule } from './rule.ts';

export const weakChallenge: CallRule = {
  id: 'weak-challenge',
  title: 'Weak challenge',
  severity: 'high',
  what: 'A challenge is too short, has a pattern, or was used before.',
  why: 'Who knows the challenge beforehand computes answers beforehand, and who saw an old answer to it can send it again.',
  advice: 'Update or replace the side that sends it: its random numbers are none.',
  references: ['RFC 1994 §2.3', 'RFC 2759 §3'],
  evidence:
    'A challenge of fewer octets than the method asks for, of few different or evenly spaced octets, or the same one in two exchanges.',
  scope: 'call',
  find(call) {
    const weak = call.authentication.filter(
      ({ evidence }) => evidence.challengeWeakness !== null || evidence.challengeRepeatsFrame !== null,
    );
    if (weak.length === 0) return null;
    const said = weak.map(({ authenticator, evidence }) => {
      const faults = [
        evidence.challengeWeakness === 'short' ? `has ${evidence.challengeLength} octets only` : '',
        evidence.challengeWeakness === 'patterned' ? 'follows a pattern' : '',
        evidence.challengeRepeatsFrame === null ? '' : `is the same as in frame ${evidence.challengeRepeatsFrame}`,
      ].filter((fault) => fault !== '');
      return `the ${authenticator}'s challenge ${faults.join(' and ')}`;
    });
    return {
      basis: 'used',
      frames: weak.flatMap(({ evidence }) => [evidence.challengeFrame, evidence.challengeRepeatsFrame]),
      detail: `In this exchange ${[...new Set(said)].slice(0, 4).join('; ')}.`,
    };
  },
};
