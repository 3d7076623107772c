import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hex } from '../octets/hex.ts';
import { sha1 } from './sha1.ts';

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

/** RFC 3174 §7.3 */
test.each([
  ['abc', 1, 'a9993e364706816aba3e25717850c26c9cd0d89d'],
  ['abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq', 1, '84983e441c3bd26ebaae4aa1f95129e5e54670f1'],
  ['a', 1_000_000, '34aa973cd4c4daa4f61eeb2bdbad27316534016f'],
  ['0123456701234567012345670123456701234567012345670123456701234567', 10, 'dea356a2cddd90c7a7ecedc5ebb563934f460452'],
])('RFC 3174: %s, %d times', (text, times, digest) => {
  expect(hex(sha1(ascii(text.repeat(times))))).toBe(digest);
});

test('any octets: what node:crypto says', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (octets) => {
      expect(hex(sha1(octets))).toBe(createHash('sha1').update(octets).digest('hex'));
    }),
  );
});
