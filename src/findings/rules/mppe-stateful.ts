/** Stateful MPPE. */
import { counted } from '../../octets/words.ts';
import { mppeBits, strongest } from '../../ppp/ccp.ts';
import { insistedOn } from './facts.ts';
import type { CallRule } from './rule.ts';

export const mppeStateful: CallRule = {
  id: 'mppe-stateful',
  title: 'Stateful MPPE',
  severity: 'high',
  what: 'MPPE runs in stateful mode: the tables of RC4 go on from packet to packet.',
  why: 'After each CCP Reset the tables start anew from the same key, so that two packets have the same key stream and their contents fall to comparison. Who drops packets forces it.',
  advice: 'Allow stateless mode only (the H bit), on both sides.',
  references: [
    'RFC 3078 §8.2, §9',
    "Schneier, Mudge: Cryptanalysis of Microsoft's Point-to-Point Tunneling Protocol (PPTP), 1998",
  ],
  evidence:
    'An acknowledged MPPE option without the H bit, packets without the flushed bit, or requests for nothing else, in vain.',
  scope: 'call',
  find(call) {
    const { encryption } = call;
    if (encryption.method !== 'mppe') {
      const asked = insistedOn(call, (bits) => (bits & mppeBits.stateless) === 0 && strongest(bits) !== null);
      if (asked === null) return null;
      const detail = 'Stateful MPPE alone was asked for; no encryption came about.';
      return { basis: 'offered', frames: [asked.requestFrame], detail, severity: 'medium' };
    }
    if (encryption.stateless !== false) return null;
    const used = encryption.encryptedPackets > 0;
    return {
      basis: used ? 'used' : 'negotiated',
      frames: [encryption.openedFrame, encryption.evidence.firstEncryptedFrame],
      detail: `MPPE is stateful${used ? `; ${counted(encryption.encryptedPackets, 'packet')} so far` : ''}.`,
    };
  },
};
