/** MPPE with 128 bit. */
import { mppeOf } from './mppe-strength.ts';
import type { CallRule } from './rule.ts';

export const mppe128Bit: CallRule = {
  id: 'mppe-128-bit',
  title: 'MPPE with 128 bit',
  severity: 'high',
  what: 'MPPE encrypts with keys of 128 bit.',
  why: 'The best that PPTP has: RC4, which is prohibited elsewhere, without protection against change, and with a key that follows from the password and the MS-CHAP exchange alone.',
  advice: 'Move to WireGuard, to IKEv2 with certificates or EAP-TLS, or to OpenVPN; on Windows SSTP is there as well.',
  references: [
    'RFC 3078',
    'RFC 3079 §3',
    "Schneier, Mudge, Wagner: Cryptanalysis of Microsoft's PPTP Authentication Extensions (MS-CHAPv2), 1999",
    'RFC 7465',
  ],
  evidence: 'An acknowledged MPPE option with the S bit.',
  scope: 'call',
  find: (call) => mppeOf(call, 128),
};
