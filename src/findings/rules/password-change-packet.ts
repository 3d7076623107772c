/** Password change over PPP. */
import { ofUsers } from './facts.ts';
import type { CallRule } from './rule.ts';

export const passwordChangePacket: CallRule = {
  id: 'password-change-packet',
  title: 'Password change over PPP',
  severity: 'high',
  what: 'A password is changed with a Change-Password packet of MS-CHAP.',
  why: 'The packet carries the new password encrypted with the old hash. Who finds the old password reads the new one; with version 1 a listener computes it.',
  advice: 'Change passwords over a protected connection, and treat this one as known.',
  references: [
    'RFC 2433 §9, §10',
    'RFC 2759 §7',
    "Schneier, Mudge: Cryptanalysis of Microsoft's Point-to-Point Tunneling Protocol (PPTP), 1998",
  ],
  evidence: 'A CHAP packet of code 5, 6 or 7, or EAP MS-CHAPv2 with opcode 7.',
  scope: 'call',
  find(call) {
    const frames = call.authentication.flatMap(({ evidence }) => evidence.passwordChangeFrames);
    if (frames.length === 0) return null;
    const exchanges = call.authentication.filter(({ evidence }) => evidence.passwordChangeFrames.length > 0);
    return { basis: 'used', frames, detail: `The password${ofUsers(exchanges)} was changed, or was meant to be.` };
  },
};
