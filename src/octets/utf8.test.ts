import fc from 'fast-check';
import { expect, it } from 'vitest';
import { utf8Octets } from './utf8.ts';

it('writes what the platform writes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(utf8Octets(text)).toEqual(new TextEncoder().encode(text));
    }),
  );
  expect(utf8Octets('a\ud800b')).toEqual(new TextEncoder().encode('a\ufffdb'));
});
