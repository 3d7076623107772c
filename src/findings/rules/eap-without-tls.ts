/** EAP method without TLS. */
import { exchangesOf, ofUsers } from './facts.ts';
import type { CallRule } from './rule.ts';

const names: Readonly<Record<number, string>> = {
  4: 'MD5-Challenge',
  5: 'One-Time Password',
  6: 'Generic Token Card',
  26: 'MS-CHAPv2',
};

export const eapWithoutTls: CallRule = {
  id: 'eap-without-tls',
  title: 'EAP method without TLS',
  severity: 'high',
  what: 'An EAP method that protects nothing authenticates the client: MD5-Challenge, One-Time Password, Generic Token Card, or MS-CHAPv2 outside TLS.',
  why: 'MD5-Challenge can be guessed offline, MS-CHAPv2 is broken in 2^56 steps, and the others send what the user typed as it is. None but MS-CHAPv2 gives keys for MPPE.',
  advice: 'Use EAP-TLS, or PEAP with a server certificate that the clients check.',
  references: ['RFC 3748 §5', 'RFC 2759', 'Microsoft Security Advisory 2743314'],
  evidence: 'A response of EAP type 4, 5, 6 or 26 outside a TLS method.',
  scope: 'call',
  find(call) {
    const exchanges = exchangesOf(call, 'eap-md5', 'eap-ms-chap-v2', 'eap').filter(
      ({ evidence }) => evidence.responseFrame !== null && names[evidence.eapType ?? 0] !== undefined,
    );
    if (exchanges.length === 0) return null;
    const methods = [...new Set(exchanges.map(({ evidence }) => names[evidence.eapType ?? 0]))];
    return {
      basis: 'used',
      frames: exchanges.flatMap(({ frames }) => frames),
      detail: `The exchange${ofUsers(exchanges)} is EAP ${methods.join(' and ')} without TLS.`,
      severity: exchanges.every(({ protocol }) => protocol === 'eap-md5') ? 'high' : 'critical',
    };
  },
};
