import { createCipheriv } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { octets } from '../../test/support/octets.ts';
import { hex } from '../octets/hex.ts';
import { desEncrypt } from './des.ts';

/** The key as FIPS 46-3 writes it, eight octets with a parity bit each, here cleared. */
function withParity(key: Uint8Array): Uint8Array {
  const bits = Array.from(key, (octet) => octet.toString(2).padStart(8, '0')).join('');
  return Uint8Array.from(bits.match(/.{7}/g) ?? [], (seven) => Number.parseInt(`${seven}0`, 2));
}

/** RFC 2759 §9.2: the three parts of a response, of the hash of "clientPass" with five zeros. */
test.each([
  ['44ebba8d5312b8', '82309ecd8d708b5e'],
  ['d611474411f569', 'a08faa3981cd8354'],
  ['89ae0000000000', '4233114a3d85d6df'],
])('key %s', (key, cipher) => {
  expect(hex(desEncrypt(octets(key), octets('d02e4386bce91226')))).toBe(cipher);
});

test('any key and block: what three rounds with one key of node:crypto say', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 7, maxLength: 7 }),
      fc.uint8Array({ minLength: 8, maxLength: 8 }),
      (key, block) => {
        const long = withParity(key);
        const cipher = createCipheriv('des-ede3-ecb', Buffer.concat([long, long, long]), null).setAutoPadding(false);
        expect(hex(desEncrypt(key, block))).toBe(cipher.update(block).toString('hex'));
      },
    ),
  );
});
