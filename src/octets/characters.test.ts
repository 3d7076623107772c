import fc from 'fast-check';
import { expect, test } from 'vitest';
import { charactersOf } from './characters.ts';

test('has the octet as the code of each character, however many there are', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(200), (octets, times) => {
      const many = new Uint8Array(octets.length * times).map((_, index) => octets[index % octets.length] ?? 0);
      expect(charactersOf(many)).toBe(Buffer.from(many).toString('latin1'));
    }),
  );
});
