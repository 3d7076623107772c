/** Obsolete bit of MPPE asked for. */
import { mppeBits } from '../../ppp/ccp.ts';
import type { CallRule } from './rule.ts';

export const mppeObsoleteBit: CallRule = {
  id: 'mppe-obsolete-bit',
  title: 'Obsolete bit of MPPE asked for',
  severity: 'medium',
  what: 'A side asks for MPPE with the D bit, which is obsolete.',
  why: 'Only very old implementations do, which have other faults.',
  advice: 'Replace the device or program that asks for it.',
  references: ['RFC 3078 §2'],
  evidence: 'An MPPE option with the bit 0x10 in a CCP Configure-Request.',
  scope: 'call',
  find(call) {
    const { client, server } = call.encryption.mppeNegotiation;
    const asking = [client, server].filter((side) => side?.requested.some((bits) => (bits & mppeBits.obsolete) !== 0));
    if (asking.length === 0) return null;
    const agreed = asking.some((side) => ((side?.acknowledged ?? 0) & mppeBits.obsolete) !== 0);
    const who = asking.length === 2 ? 'Both sides ask' : `The ${asking[0] === client ? 'client' : 'server'} asks`;
    return {
      basis: agreed ? 'negotiated' : 'offered',
      frames: asking.map((side) => side?.requestFrame ?? null),
      detail: `${who} for the obsolete D bit of MPPE.`,
    };
  },
};
