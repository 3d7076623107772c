/** Tunnel without encryption. */
import { counted } from '../../octets/words.ts';
import { carriesData, dataFrames, networkOpened } from './facts.ts';
import type { CallRule } from './rule.ts';

export const noEncryption: CallRule = {
  id: 'no-encryption',
  title: 'Tunnel without encryption',
  severity: 'critical',
  what: 'User data flows, or may flow, without MPPE.',
  why: 'Everybody on the way reads and changes what is in the tunnel.',
  advice:
    'Require MPPE with 128 bit on both sides, so that the link ends where it is refused, or better move to another VPN.',
  references: ['RFC 3078 §2'],
  evidence:
    'User data outside MPPE or under a mere compression, or an opened network protocol, on a call that has not agreed on MPPE.',
  scope: 'call',
  find(call) {
    const { encryption, network } = call;
    if (encryption.method === 'mppe') return null;
    const { compressedPackets, firstClearFrame } = encryption.evidence;
    const merelyCompressed = encryption.agreed === 'negotiated' ? compressedPackets : 0;
    if (encryption.clearDataPackets > 0) {
      const others =
        merelyCompressed === 0
          ? ''
          : `; ${merelyCompressed} more are compressed (${encryption.method}) and not encrypted`;
      return {
        basis: 'used',
        frames: [firstClearFrame, ...dataFrames(call)],
        detail: `${counted(encryption.clearDataPackets, 'packet')} of user data went in clear${others}.`,
      };
    }
    if (encryption.agreed === 'negotiated' && carriesData(call)) {
      return {
        basis: 'used',
        frames: [encryption.openedFrame, ...dataFrames(call)],
        detail: `User data is compressed (${encryption.method}) and not encrypted.`,
      };
    }
    if (call.multilink !== null && networkOpened(call) && encryption.ccp !== 'opened' && carriesData(call)) {
      return {
        basis: 'used',
        frames: [network.openedFrame, ...dataFrames(call)],
        detail: 'User data goes in multilink fragments, and no encryption was agreed for what is in them.',
      };
    }
    if (!networkOpened(call) || network.openedFrame === null || carriesData(call) || encryption.cut) return null;
    return {
      basis: 'negotiated',
      frames: [network.openedFrame],
      detail: 'The network protocol opened without encryption; no user data was seen.',
    };
  },
};
