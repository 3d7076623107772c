/** Packets that repeat a sequence number or a coherency count with other contents. */
import { counted } from '../../octets/words.ts';
import type { CallRule } from './rule.ts';

const strayAtMost = 3;

export const mppeReplay: CallRule = {
  id: 'mppe-replay',
  title: 'Packets that repeat a number with other contents',
  severity: 'high',
  what: 'Encrypted packets bear sequence numbers or coherency counts that other packets bore before.',
  why: 'A sender that works does not do that: it is broken, or somebody on the way injects packets. MPPE has no protection against change, so turned bits pass.',
  advice: 'Find out where the packets come from. Move to a VPN that protects against change and repetition.',
  references: [
    'RFC 2637 §4.2',
    'RFC 3078 §3.1, §9',
    "Schneier, Mudge, Wagner: Cryptanalysis of Microsoft's PPTP Authentication Extensions (MS-CHAPv2), 1999",
  ],
  evidence:
    'Two GRE packets of one direction with the same sequence number and different payload, or with different sequence numbers and a coherency count that does not rise with them, while MPPE is in use.',
  scope: 'call',
  find(call) {
    const { changedDuplicates, changedDuplicateFrame, repeatedCounts, repeatedCountFrame } = call.encryption.evidence;
    if (call.encryption.method !== 'mppe' || changedDuplicates + repeatedCounts === 0) return null;
    // GRE alone does not tell where one session ends and the next, which counts from 0 again, begins.
    if (call.kind === 'unsignalled' && changedDuplicates > strayAtMost) return null;
    const numbers = `${counted(changedDuplicates, 'packet')} with a repeated number and other contents.`;
    const counts = `${counted(repeatedCounts, 'packet')} with a repeated coherency count and another number.`;
    return {
      basis: 'used',
      frames: [changedDuplicateFrame, repeatedCountFrame],
      detail: [...(changedDuplicates > 0 ? [numbers] : []), ...(repeatedCounts > 0 ? [counts] : [])].join(' '),
    };
  },
};
