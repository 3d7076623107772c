import fc from 'fast-check';
import { expect, test } from 'vitest';
import { charactersOf, charactersOfList, octetsOfCharacters } from './characters.ts';

test('has the octet as the code of each character, however many there are', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(200), (octets, times) => {
      const many = new Uint8Array(octets.length * times).map((_, index) => octets[index % octets.length] ?? 0);
      const text = Buffer.from(many).toString('latin1');
      expect(charactersOf(many)).toBe(text);
      expect(charactersOfList([...many, 1, 2, 3], many.length)).toBe(text);
      expect(octetsOfCharacters(text)).toEqual(many);
    }),
  );
});
