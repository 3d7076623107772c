/** Encryption refused, and the session went on in clear. */
import { carriesData, mppeRequests, networkOpened } from './facts.ts';
import type { CallRule } from './rule.ts';

export const encryptionRefused: CallRule = {
  id: 'encryption-refused',
  title: 'Encryption refused, and the session went on in clear',
  severity: 'critical',
  what: 'One side asked for MPPE, it was refused, and the session went on without it.',
  why: 'A silent downgrade: the user believes that the tunnel protects. Who sits on the way can bring it about by answering for the other side.',
  advice: 'Require MPPE on both sides, so that the link ends where it is refused.',
  references: ['RFC 3078 §2, §9'],
  evidence:
    'A Configure-Reject or Protocol-Reject of a request for MPPE, and user data in clear, or a network protocol that opened on a link that nobody ended.',
  scope: 'call',
  find(call) {
    const { encryption, network } = call;
    if (encryption.method === 'mppe') return null;
    const refused = mppeRequests(call).filter(({ rejectedFrame }) => rejectedFrame !== null);
    const used = encryption.clearDataPackets > 0 || (encryption.agreed === 'negotiated' && carriesData(call));
    // Without data, who ends the link may do so because of the refusal.
    const went = used || (networkOpened(call) && call.lcp.terminatedBy === null);
    if (refused.length === 0 || !went) return null;
    return {
      basis: used ? 'used' : 'negotiated',
      frames: [
        ...refused.flatMap(({ requestFrame, rejectedFrame }) => [requestFrame, rejectedFrame]),
        encryption.evidence.firstClearFrame ?? network.openedFrame,
      ],
      detail: `MPPE was asked for and refused; ${used ? 'user data went without it' : 'the network protocol opened without it'}.`,
    };
  },
};
