/** MPPE with 40 bit. */
import { mppeOf } from './mppe-strength.ts';
import type { CallRule } from './rule.ts';

export const mppe40Bit: CallRule = {
  id: 'mppe-40-bit',
  title: 'MPPE with 40 bit',
  severity: 'critical',
  what: 'MPPE encrypts with keys of 40 bit.',
  why: 'A key of 40 bit is found within hours on an ordinary computer, without the password. Then all of the session can be read.',
  advice: 'Allow 128 bit only, on both sides.',
  references: [
    'RFC 3078 §2',
    'RFC 3079 §2.3, §3.4',
    "Schneier, Mudge, Wagner: Cryptanalysis of Microsoft's PPTP Authentication Extensions (MS-CHAPv2), 1999",
  ],
  evidence: 'An acknowledged MPPE option with the L bit alone; or requests for nothing else, in vain.',
  scope: 'call',
  find: (call) => mppeOf(call, 40),
};
