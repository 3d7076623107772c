/** What the rules on MPPE's key lengths share. */
import { counted } from '../../octets/words.ts';
import { type MppeStrength, strongest } from '../../ppp/ccp.ts';
import type { Call } from '../../sessions/model/call.ts';
import { insistedOn } from './facts.ts';
import type { Hit } from './rule.ts';

/** Keys of `bits` agreed, or the only ones that a side asked for where nothing was agreed (but for the strongest). */
export function mppeOf(call: Call, bits: MppeStrength): Hit | null {
  const { encryption } = call;
  if (encryption.method === 'mppe' && encryption.bits === bits) {
    const used = encryption.encryptedPackets > 0;
    return {
      basis: used ? 'used' : 'negotiated',
      frames: [encryption.openedFrame, encryption.evidence.firstEncryptedFrame],
      detail: `MPPE with ${bits} bit was agreed${used ? `; ${counted(encryption.encryptedPackets, 'packet')} so far` : ''}.`,
    };
  }
  const asked = bits === 128 ? null : insistedOn(call, (supported) => strongest(supported) === bits);
  if (asked === null) return null;
  const detail = `MPPE with at most ${bits} bit was asked for; no encryption came about.`;
  return { basis: 'offered', frames: [asked.requestFrame], detail, severity: 'medium' };
}
