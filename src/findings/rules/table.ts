/** The table of all rules, in the order of the audit's catalogue. */
import { accountStateExposed } from './account-state-exposed.ts';
import { addressesExposed } from './addresses-exposed.ts';
import { callFlood } from './call-flood.ts';
import { challengeReflection } from './challenge-reflection.ts';
import { chapMd5 } from './chap-md5.ts';
import { controlInjectionSigns } from './control-injection-signs.ts';
import { dataBeforeEncryption } from './data-before-encryption.ts';
import { eapWithoutTls } from './eap-without-tls.ts';
import { encryptionRefused } from './encryption-refused.ts';
import { greOutsideWindow } from './gre-outside-window.ts';
import { hostIdentificationExposed } from './host-identification-exposed.ts';
import { innerLeak } from './inner-leak.ts';
import { lmResponse } from './lm-response.ts';
import { malformedControl } from './malformed-control.ts';
import { memoryExposed } from './memory-exposed.ts';
import { mppcCompression } from './mppc-compression.ts';
import { mppe40Bit } from './mppe-40-bit.ts';
import { mppe56Bit } from './mppe-56-bit.ts';
import { mppe128Bit } from './mppe-128-bit.ts';
import { mppeDowngrade } from './mppe-downgrade.ts';
import { mppeObsoleteBit } from './mppe-obsolete-bit.ts';
import { mppePacketNotEncrypted } from './mppe-packet-not-encrypted.ts';
import { mppeReplay } from './mppe-replay.ts';
import { mppeReset } from './mppe-reset.ts';
import { mppeStateful } from './mppe-stateful.ts';
import { msChapV1 } from './ms-chap-v1.ts';
import { msChapV2Handshake } from './ms-chap-v2-handshake.ts';
import { negotiationInClear } from './negotiation-in-clear.ts';
import { noAuthentication } from './no-authentication.ts';
import { noEncryption } from './no-encryption.ts';
import { nonzeroReservedResponse } from './nonzero-reserved-response.ts';
import { oneSidedAuthentication } from './one-sided-authentication.ts';
import { papPassword } from './pap-password.ts';
import { passwordChangePacket } from './password-change-packet.ts';
import { passwordGuessing } from './password-guessing.ts';
import { passwordVerified } from './password-verified.ts';
import { pptpInUse } from './pptp-in-use.ts';
import type { Rule } from './rule.ts';
import { scan } from './scan.ts';
import { userNameExposed } from './user-name-exposed.ts';
import { weakChallenge } from './weak-challenge.ts';

export const rules: readonly Rule[] = [
  pptpInUse,
  msChapV2Handshake,
  msChapV1,
  lmResponse,
  papPassword,
  chapMd5,
  eapWithoutTls,
  noAuthentication,
  oneSidedAuthentication,
  noEncryption,
  mppe40Bit,
  mppe56Bit,
  mppe128Bit,
  mppeStateful,
  mppeReset,
  mppeObsoleteBit,
  mppcCompression,
  mppeDowngrade,
  encryptionRefused,
  mppePacketNotEncrypted,
  dataBeforeEncryption,
  mppeReplay,
  negotiationInClear,
  addressesExposed,
  hostIdentificationExposed,
  memoryExposed,
  userNameExposed,
  passwordGuessing,
  accountStateExposed,
  weakChallenge,
  challengeReflection,
  nonzeroReservedResponse,
  passwordVerified,
  scan,
  callFlood,
  controlInjectionSigns,
  malformedControl,
  greOutsideWindow,
  innerLeak,
  passwordChangePacket,
];

/** The rule of that id, or null. */
export function ruleOf(id: string): Rule | null {
  return rules.find((rule) => rule.id === id) ?? null;
}
