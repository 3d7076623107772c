/** Clear packets in an encrypted session. */
import { counted } from '../../octets/words.ts';
import type { CallRule } from './rule.ts';

export const mppePacketNotEncrypted: CallRule = {
  id: 'mppe-packet-not-encrypted',
  title: 'Clear packets in an encrypted session',
  severity: 'critical',
  what: 'After encryption had begun, packets came without it: MPPE packets without the encrypted bit, or user data outside MPPE.',
  why: 'Their contents can be read by everybody. It happens by faulty implementations, and by attackers who turn the bit or send packets of their own.',
  advice:
    'Find out which side sends them; if neither does, somebody on the way does. Move to a VPN that protects against change.',
  references: ['RFC 3078 §3, §9'],
  evidence: 'PPP 0x00FD without the bit 0x1000, or PPP 0x0021, 0x0057 and the like, after MPPE opened.',
  scope: 'call',
  find(call) {
    const { encryption } = call;
    if (encryption.method !== 'mppe') return null;
    const {
      unencryptedMppePackets,
      unencryptedMppeFrame,
      clearAfterEncrypted,
      clearAfterEncryptedFrame,
      clearOfOtherProtocols,
      firstClearFrame,
    } = encryption.evidence;
    const { openedFrame } = encryption;
    const neverEncrypted =
      encryption.encryptedPackets === 0 &&
      openedFrame !== null &&
      firstClearFrame !== null &&
      firstClearFrame > openedFrame;
    const inClear = neverEncrypted ? encryption.clearDataPackets - clearOfOtherProtocols : clearAfterEncrypted;
    if (unencryptedMppePackets === 0 && inClear === 0) return null;
    const parts = [
      unencryptedMppePackets > 0 ? `${counted(unencryptedMppePackets, 'MPPE packet')} without the encrypted bit` : '',
      inClear > 0 ? `${counted(inClear, 'packet')} of user data outside MPPE` : '',
    ].filter((part) => part !== '');
    return {
      basis: 'used',
      frames: [unencryptedMppeFrame, neverEncrypted ? firstClearFrame : clearAfterEncryptedFrame],
      detail: `${parts.join(' and ')}, after encryption was agreed.`,
    };
  },
};
