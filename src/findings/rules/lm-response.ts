/** LAN Manager response. */
import { exchangesOf, ofUsers } from './facts.ts';
import type { CallRule } from './rule.ts';

export const lmResponse: CallRule = {
  id: 'lm-response',
  title: 'LAN Manager response',
  severity: 'critical',
  what: 'The response of MS-CHAPv1 carries the LAN Manager response.',
  why: 'The LAN Manager hash is made of two halves of seven characters in capital letters, each of which is found in hours; then the password is known.',
  advice: 'Forbid LAN Manager responses on the clients and MS-CHAPv1 on the server, and change the password.',
  references: [
    'RFC 2433 §6',
    "Schneier, Mudge: Cryptanalysis of Microsoft's Point-to-Point Tunneling Protocol (PPTP), 1998",
  ],
  evidence:
    'An MS-CHAPv1 response whose first 24 octets are not all 0, or whose flag says that the NT response is not to be used.',
  scope: 'call',
  find(call) {
    const exchanges = exchangesOf(call, 'ms-chap-v1').filter(({ evidence }) => evidence.lanManagerResponse === true);
    if (exchanges.length === 0) return null;
    return {
      basis: 'used',
      frames: exchanges.map(({ evidence }) => evidence.responseFrame),
      detail: `The response${ofUsers(exchanges)} carries a LAN Manager response.`,
    };
  },
};
