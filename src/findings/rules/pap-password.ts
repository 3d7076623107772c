/** Password in clear (PAP). */
import { agreedOrProposed, exchangesOf, ofUsers } from './facts.ts';
import type { CallRule } from './rule.ts';

export const papPassword: CallRule = {
  id: 'pap-password',
  title: 'Password in clear (PAP)',
  severity: 'critical',
  what: 'PAP sends the password as it is.',
  why: 'Everybody who saw the packet has the password.',
  advice: 'Turn PAP off on server and clients, and change the password at once, everywhere it is used.',
  references: ['RFC 1334 §2'],
  evidence: 'A PAP Authenticate-Request; PAP in an acknowledged or proposed LCP option.',
  scope: 'call',
  find(call) {
    const exchanges = exchangesOf(call, 'pap').filter(({ evidence }) => evidence.responseFrame !== null);
    if (exchanges.length === 0) return agreedOrProposed(call, 'pap', 'PAP', 'medium');
    const accepted = exchanges.some(({ outcome }) => outcome === 'success');
    return {
      basis: 'used',
      frames: exchanges.map(({ evidence }) => evidence.responseFrame),
      detail: `The password${ofUsers(exchanges)} went over the wire in clear${accepted ? ', and it is the right one' : ''}.`,
    };
  },
};
