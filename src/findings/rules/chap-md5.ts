/** CHAP with MD5. */
import { agreedOrProposed, exchangesOf, ofUsers } from './facts.ts';
import type { CallRule } from './rule.ts';

export const chapMd5: CallRule = {
  id: 'chap-md5',
  title: 'CHAP with MD5',
  severity: 'high',
  what: 'CHAP with MD5 authenticates a side.',
  why: 'Challenge and response allow to try passwords offline at billions a second. No key for MPPE comes out of it, so the session cannot be encrypted.',
  advice:
    'Demand EAP-TLS, or at least MS-CHAPv2 with 128-bit MPPE, until another VPN is there. Change passwords that are not long and random.',
  references: ['RFC 1994 §2', 'RFC 3079 §1'],
  evidence: 'A CHAP exchange agreed as algorithm 5; the algorithm in an acknowledged or proposed LCP option.',
  scope: 'call',
  find(call) {
    const exchanges = exchangesOf(call, 'chap-md5');
    if (exchanges.length === 0) return agreedOrProposed(call, 'chap-md5', 'CHAP with MD5', 'low');
    return {
      basis: 'used',
      frames: exchanges.flatMap(({ frames }) => frames),
      detail: `The exchange${ofUsers(exchanges)} is one of CHAP with MD5.`,
    };
  },
};
