/** MS-CHAPv1. */
import { agreedOrProposed, exchangesOf, ofUsers } from './facts.ts';
import type { CallRule } from './rule.ts';

export const msChapV1: CallRule = {
  id: 'ms-chap-v1',
  title: 'MS-CHAPv1',
  severity: 'critical',
  what: 'MS-CHAP version 1 authenticates the client.',
  why: 'Version 1 has a challenge of 8 octets, may carry the LAN Manager response, authenticates one side only, and its keys for MPPE are the same in both directions. It is weaker than version 2, which is broken.',
  advice: 'Turn MS-CHAPv1 off on the server and on the clients, and change the passwords that were used with it.',
  references: [
    'RFC 2433',
    "Schneier, Mudge: Cryptanalysis of Microsoft's Point-to-Point Tunneling Protocol (PPTP), 1998",
    'RFC 3079 §2',
  ],
  evidence: 'A CHAP exchange agreed as algorithm 0x80; the algorithm in an acknowledged or proposed LCP option.',
  scope: 'call',
  find(call) {
    const exchanges = exchangesOf(call, 'ms-chap-v1');
    if (exchanges.length === 0) return agreedOrProposed(call, 'ms-chap-v1', 'MS-CHAPv1', 'medium');
    return {
      basis: 'used',
      frames: exchanges.flatMap(({ frames }) => frames),
      detail: `The exchange${ofUsers(exchanges)} is one of MS-CHAPv1.`,
    };
  },
};
