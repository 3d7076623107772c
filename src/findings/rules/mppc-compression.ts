/** Compression before encryption (MPPC). */
import { carriesData } from './facts.ts';
import type { CallRule } from './rule.ts';

export const mppcCompression: CallRule = {
  id: 'mppc-compression',
  title: 'Compression before encryption (MPPC)',
  severity: 'medium',
  what: 'MPPC compresses the data before it is encrypted or sent.',
  why: 'The length of what is sent then tells of its contents, and the decompressor is old code that reads what strangers send.',
  advice: 'Turn MPPC off (the C bit), on both sides.',
  references: ['RFC 2118', 'RFC 3078 §2'],
  evidence: 'An acknowledged MPPE option with the C bit, or MPPE packets with the compressed bit.',
  scope: 'call',
  find(call) {
    const { encryption } = call;
    if (encryption.mppc !== true) return null;
    return {
      basis: carriesData(call) ? 'used' : 'negotiated',
      frames: [encryption.openedFrame, encryption.evidence.firstEncryptedFrame ?? encryption.firstFrame],
      detail: `MPPC compression was agreed${encryption.method === 'mppe' ? ' together with MPPE' : ' without encryption'}.`,
    };
  },
};
