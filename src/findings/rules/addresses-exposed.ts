/** Inner addresses in clear. */
import type { CallRule } from './rule.ts';

export const addressesExposed: CallRule = {
  id: 'addresses-exposed',
  title: 'Inner addresses in clear',
  severity: 'info',
  what: 'IPCP tells the addresses inside the tunnel, and the name servers.',
  why: 'They tell an outsider how the network behind the VPN is numbered and where its name servers are.',
  advice: 'Nothing can be done about it in PPTP.',
  references: ['RFC 1332 §3.3', 'RFC 1877 §1'],
  evidence: 'Acknowledged IPCP options with addresses.',
  scope: 'call',
  find(call) {
    const { clientAddress, serverAddress, dns, nbns, openedFrame, lastFrame } = call.network;
    const parts = [
      clientAddress === null ? '' : `client ${clientAddress}`,
      serverAddress === null ? '' : `server ${serverAddress}`,
      dns.length === 0 ? '' : `DNS ${[...new Set(dns)].join(' ')}`,
      nbns.length === 0 ? '' : `NBNS ${[...new Set(nbns)].join(' ')}`,
    ].filter((part) => part !== '');
    if (parts.length === 0) return null;
    return { basis: 'used', frames: [openedFrame ?? lastFrame], detail: `IPCP shows ${parts.join(', ')}.` };
  },
};
