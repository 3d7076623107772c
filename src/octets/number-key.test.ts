import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addressKey, connectionKey, pairKey } from './number-key.ts';

const address = fc.oneof(
  fc.integer({ min: 0, max: 2 ** 40 - 1 }),
  fc.constantFrom(0, 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32),
);
const number = fc.integer({ min: 0, max: 0xffff });

test('keys are the same for the same numbers alone, in one order as in the other', () => {
  const ends = fc.tuple(address, number, address, number);
  fc.assert(
    fc.property(ends, ends, ([a, i, b, j], [c, k, d, l]) => {
      expect(addressKey(a, i) === addressKey(b, j)).toBe(a === b && i === j);
      expect(pairKey(a, b)).toBe(pairKey(b, a));
      expect(pairKey(a, b) === pairKey(c, d)).toBe([a, b].sort().join() === [c, d].sort().join());
      expect(connectionKey(a, i, b, j)).toBe(connectionKey(b, j, a, i));
      const same = [`${a}:${i}`, `${b}:${j}`].sort().join() === [`${c}:${k}`, `${d}:${l}`].sort().join();
      expect(connectionKey(a, i, b, j) === connectionKey(c, k, d, l)).toBe(same);
    }),
  );
});

test('neighbours are told apart in every octet', () => {
  const places = Array.from({ length: 40 }, (_, bit) => 2 ** bit);
  expect(new Set(places.map((place) => addressKey(place, 0))).size).toBe(40);
  expect(new Set(places.map((place) => pairKey(place, 0))).size).toBe(40);
});
