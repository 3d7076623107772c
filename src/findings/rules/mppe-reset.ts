/** Key stream used again (CCP Reset). */
import { counted } from '../../octets/words.ts';
import type { CallRule } from './rule.ts';

export const mppeReset: CallRule = {
  id: 'mppe-reset',
  title: 'Key stream used again (CCP Reset)',
  severity: 'high',
  what: 'CCP Reset-Requests were sent in a stateful MPPE session.',
  why: 'Each reset starts RC4 anew from the same key: what was sent after it has the key stream of what was sent after the start, and comparing both gives the contents.',
  advice: 'Allow stateless mode only; look for who drops the packets.',
  references: ['RFC 3078 §8.2, §9', 'RFC 1962 §4'],
  evidence: 'CCP Reset-Requests while stateful MPPE is in use.',
  scope: 'call',
  find(call) {
    const { encryption } = call;
    if (encryption.method !== 'mppe' || encryption.stateless !== false || encryption.resetRequests === 0) return null;
    return {
      basis: 'used',
      frames: encryption.evidence.resetFrames,
      detail: `${counted(encryption.resetRequests, 'Reset-Request')}, each of which makes the key stream start again.`,
    };
  },
};
