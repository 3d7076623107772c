import fc from 'fast-check';
import { expect, it } from 'vitest';
import { hex, hexNumber, octetsOfHex } from './hex.ts';

it('writes and reads octets', () => {
  expect(hex(Uint8Array.of(0x00, 0x1a, 0xff))).toBe('001aff');
  expect(octetsOfHex('001AfF')).toEqual(Uint8Array.of(0x00, 0x1a, 0xff));
  fc.assert(
    fc.property(fc.uint8Array(), (octets) => {
      expect(octetsOfHex(hex(octets))).toEqual(octets);
    }),
  );
});

it('refuses what is not pairs of digits', () => {
  expect(octetsOfHex('123')).toBeNull();
  expect(octetsOfHex('0x12')).toBeNull();
  expect(octetsOfHex('1 2 ')).toBeNull();
});

it('writes protocol numbers', () => {
  expect(hexNumber(0x880b, 4)).toBe('0x880b');
  expect(hexNumber(0x21, 4)).toBe('0x0021');
});
