/** PPTP is in use. */
import { isSuccess } from '../../pptp/names.ts';
import type { CallRule } from './rule.ts';

export const pptpInUse: CallRule = {
  id: 'pptp-in-use',
  title: 'PPTP is in use',
  severity: 'high',
  what: 'A call of a PPTP tunnel was connected.',
  why: 'PPTP is obsolete: its control connection is not authenticated, its keys come from the password alone and give no forward secrecy, and its encryption protects nothing from change. Its vendor has deprecated it.',
  advice: 'Move to WireGuard, to IKEv2 with certificates or EAP-TLS, or to OpenVPN; on Windows SSTP is there as well.',
  references: [
    'RFC 2637 §5',
    'Microsoft Security Advisory 2743314',
    'Microsoft: PPTP and L2TP deprecation in Windows Server, October 2024',
  ],
  evidence: 'A call reply that says success, or user data or an opened network protocol inside GRE.',
  scope: 'call',
  find(call) {
    const established = call.outcome === 'established';
    if (!isSuccess(call.resultCode) && !established) return null;
    const { clientToServer, serverToClient } = call.gre;
    return {
      basis: established ? 'used' : 'negotiated',
      frames: call.replyFrame === null ? [clientToServer.firstFrame, serverToClient.firstFrame] : [call.replyFrame],
      detail: established ? 'The VPN came up over PPTP.' : 'The server connected the call; the VPN did not come up.',
    };
  },
};
