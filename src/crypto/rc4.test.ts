import { expect, test } from 'vitest';
import { octets } from '../../test/support/octets.ts';
import { hex } from '../octets/hex.ts';
import { Rc4 } from './rc4.ts';

/** RFC 6229 §2: the first and the second 16 octets, and those from 240 on. */
test.each([
  [
    '0102030405',
    'b2396305f03dc027ccc3524a0a1118a8',
    '6982944f18fc82d589c403a47a0d0919',
    '28cb1132c96ce286421dcaadb8b69eae',
  ],
  [
    '0102030405060708',
    '97ab8a1bf0afb96132f2f67258da15a8',
    '8263efdb45c4a18684ef87e6b19e5b09',
    '9636ebc9841926f4f7d1f362bddf6e18',
  ],
  [
    '0102030405060708090a0b0c0d0e0f10',
    '9ac7cc9a609d1ef7b2932899cde41b97',
    '5248c4959014126a6e8a84f11d1a9e1c',
    '065902e4b620f6cc36c8589f66432f2b',
  ],
])('key %s', (key, first, second, later) => {
  const stream = new Rc4(octets(key));
  expect(hex(stream.apply(new Uint8Array(16)))).toBe(first);
  const copy = stream.copy();
  expect(hex(stream.apply(new Uint8Array(16)))).toBe(second);
  stream.apply(new Uint8Array(208));
  expect(hex(stream.apply(new Uint8Array(16)))).toBe(later);
  expect(hex(copy.apply(new Uint8Array(16)))).toBe(second);
});
