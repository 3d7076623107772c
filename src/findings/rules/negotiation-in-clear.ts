/** Negotiation in clear beside encryption. */
import type { CallRule } from './rule.ts';

export const negotiationInClear: CallRule = {
  id: 'negotiation-in-clear',
  title: 'Negotiation in clear beside encryption',
  severity: 'info',
  what: 'LCP, CCP and IPCP go in clear although MPPE is in use.',
  why: 'MPPE encrypts the network protocols alone: addresses, name servers and the negotiation itself can be read, and forged, by everybody on the way.',
  advice: 'Nothing can be done about it in PPTP.',
  references: ['RFC 3078 §3'],
  evidence: 'IPCP or IPV6CP packets on a call with MPPE.',
  scope: 'call',
  find(call) {
    const { encryption, network } = call;
    if (encryption.method !== 'mppe' || network.firstFrame === null) return null;
    return {
      basis: 'used',
      frames: [encryption.firstFrame, network.firstFrame, network.lastFrame],
      detail: 'The negotiation of encryption and addresses can be read and forged.',
    };
  },
};
