/** User data before encryption began. */
import type { CallRule } from './rule.ts';

export const dataBeforeEncryption: CallRule = {
  id: 'data-before-encryption',
  title: 'User data before encryption began',
  severity: 'high',
  what: 'User data was sent before CCP had agreed on MPPE.',
  why: 'Those packets can be read by everybody; implementations must not send data before the negotiation ends.',
  advice: 'Require MPPE on the side that sent them, and update it.',
  references: ['RFC 3078 §9'],
  evidence: 'PPP 0x0021, 0x0057 and the like before the frame in which CCP opened, on a call with MPPE.',
  scope: 'call',
  find(call) {
    const { encryption } = call;
    const { firstClearFrame } = encryption.evidence;
    const { openedFrame } = encryption;
    if (encryption.method !== 'mppe' || openedFrame === null || firstClearFrame === null) return null;
    if (firstClearFrame >= openedFrame) return null;
    return {
      basis: 'used',
      frames: [firstClearFrame, openedFrame],
      detail: `User data went in clear in frame ${firstClearFrame}, before encryption opened in frame ${openedFrame}.`,
    };
  },
};
