import { expect, test } from 'vitest';
import { hex, octetsOfHex } from '../octets/hex.ts';
import { challengeHash } from './ms-chap.ts';

/** RFC 2759 §9.2: user "User". */
test('the challenge of RFC 2759 §9.2', () => {
  const authenticator = octetsOfHex('5B5D7C7D7B3F2F3E3C2C602132262628') ?? new Uint8Array(0);
  const peer = octetsOfHex('21402324255E262A28295F2B3A337C7E') ?? new Uint8Array(0);
  const user = Uint8Array.of(0x55, 0x73, 0x65, 0x72);
  expect(hex(challengeHash(peer, authenticator, user))).toBe('d02e4386bce91226');
  expect(hex(challengeHash(authenticator, peer, user))).not.toBe('d02e4386bce91226');
});
