/** MPPE with 56 bit. */
import { mppeOf } from './mppe-strength.ts';
import type { CallRule } from './rule.ts';

export const mppe56Bit: CallRule = {
  id: 'mppe-56-bit',
  title: 'MPPE with 56 bit',
  severity: 'critical',
  what: 'MPPE encrypts with keys of 56 bit.',
  why: 'A key of 56 bit is as short as that of DES, which is found in a day with hired hardware, without the password.',
  advice: 'Allow 128 bit only, on both sides.',
  references: ['RFC 3078 §2', 'RFC 3079 §3.4'],
  evidence: 'An acknowledged MPPE option with the M bit as the strongest; or requests for nothing else, in vain.',
  scope: 'call',
  find: (call) => mppeOf(call, 56),
};
