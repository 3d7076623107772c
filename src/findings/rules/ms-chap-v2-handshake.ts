/** MS-CHAPv2 exchange captured. */
import { exchangesOf, ofUsers } from './facts.ts';
import type { CallRule } from './rule.ts';

export const msChapV2Handshake: CallRule = {
  id: 'ms-chap-v2-handshake',
  title: 'MS-CHAPv2 exchange captured',
  severity: 'critical',
  what: 'Challenge and response of MS-CHAPv2 passed without the protection of TLS.',
  why: 'Whoever has the exchange finds the NT hash by trying 2^56 DES keys, whatever the password is; a weak password falls to a word list sooner. The hash opens recorded traffic of this session and is as good as the password on a Windows network.',
  advice:
    'Treat all PPTP traffic as not encrypted, change the passwords that were used over it, and move to another VPN. Until then let MS-CHAPv2 run inside PEAP or use EAP-TLS. Keep this capture as you keep a password.',
  references: [
    'Marlinspike, Hulton: Defeating PPTP VPNs and WPA2 Enterprise with MS-CHAPv2, DEF CON 20, 2012',
    "Schneier, Mudge, Wagner: Cryptanalysis of Microsoft's PPTP Authentication Extensions (MS-CHAPv2), 1999",
    'Microsoft Security Advisory 2743314',
    'RFC 2759 §8',
  ],
  evidence: 'A CHAP Challenge and a Response to it, agreed as algorithm 0x81, or of that form.',
  scope: 'call',
  find(call) {
    const exchanges = exchangesOf(call, 'ms-chap-v2').filter((exchange) => exchange.handshakeComplete);
    if (exchanges.length === 0) return null;
    const accepted = exchanges.some(({ outcome }) => outcome === 'success');
    const verdict = accepted ? ' The server accepted it, so it holds the right password.' : ' It was not accepted.';
    return {
      basis: 'used',
      frames: exchanges.flatMap(({ evidence }) => [
        evidence.challengeFrame,
        evidence.responseFrame,
        evidence.resultFrame,
      ]),
      detail: `The MS-CHAPv2 exchange${ofUsers(exchanges)} can be read by everybody on the way.${verdict}`,
    };
  },
};
