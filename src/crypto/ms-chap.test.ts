import { expect, test } from 'vitest';
import { octets } from '../../test/support/octets.ts';
import { octetsOfCharacters } from '../octets/characters.ts';
import { hex } from '../octets/hex.ts';
import {
  authenticatorResponse,
  challengeHash,
  hashNtPasswordHash,
  isResponseTo,
  lmPasswordHash,
  ntPasswordHash,
} from './ms-chap.ts';

const authenticator = octets('5B5D7C7D7B3F2F3E3C2C602132262628');
const peer = octets('21402324255E262A28295F2B3A337C7E');
const response = '82309ecd8d708b5ea08faa3981cd83544233114a3d85d6df';

/** RFC 2759 §9.2: user "User", password "clientPass". */
test('RFC 2759 §9.2', () => {
  const challenge = challengeHash(peer, authenticator, octetsOfCharacters('User'));
  expect(hex(challenge)).toBe('d02e4386bce91226');
  expect(hex(challengeHash(authenticator, peer, octetsOfCharacters('User')))).not.toBe('d02e4386bce91226');
  const hash = ntPasswordHash('clientPass');
  expect(hex(hash)).toBe('44ebba8d5312b8d611474411f56989ae');
  expect(hex(hashNtPasswordHash(hash))).toBe('41c00c584bd2d91c4017a2a12fa59f3f');
  expect(isResponseTo(challenge, hash, octets(response))).toBe(true);
  for (const at of [0, 15, 23]) {
    expect(
      isResponseTo(
        challenge,
        hash,
        octets(response).map((octet, index) => (index === at ? octet ^ 1 : octet)),
      ),
    ).toBe(false);
  }
  expect(hex(authenticatorResponse(hash, octets(response), challenge))).toBe(
    '407a5589115fd0d6209f510fe9c04566932cda56',
  );
});

/** `printf %s … | iconv -t utf-16le | openssl dgst -md4 -provider legacy` */
test.each([
  ['Sw0rdfish!', '993566856c98027209a6c0c31ca5b921'],
  ['', '31d6cfe0d16ae931b73c59d7e0c089c0'],
  ['Grüße 😀', 'ae70f30217acb83b6997ac3d2e824beb'],
])('NtPasswordHash of %j', (password, hash) => {
  expect(hex(ntPasswordHash(password))).toBe(hash);
});

/** RFC 3079 §2.5.1 */
test('LmPasswordHash knows no case, no more than 14 characters, and ASCII alone', () => {
  expect(hex(lmPasswordHash('clientPass') ?? new Uint8Array(0))).toBe('76a152936096d7830e2390227404afd2');
  expect(lmPasswordHash('CLIENTPASS')).toEqual(lmPasswordHash('clientPass'));
  expect(lmPasswordHash('fifteen letters')).toBeNull();
  expect(lmPasswordHash('Grüße')).toBeNull();
});
