import { describe, expect, it, test } from 'vitest';
import { octets } from '../../test/support/octets.ts';
import { octetsOfCharacters } from '../octets/characters.ts';
import { hex } from '../octets/hex.ts';
import { initialSessionKey, masterSessionKey, nextSessionKey, startKeyOfVersion1 } from './mppe-keys.ts';
import { hashNtPasswordHash, lmPasswordHash } from './ms-chap.ts';
import { Rc4 } from './rc4.ts';

const hashed = octets('41c00c584bd2d91c4017a2a12fa59f3f');
const response = octets('82309ecd8d708b5ea08faa3981cd83544233114a3d85d6df');

/** What the RFC calls send is what the server sends. */
describe('RFC 3079 §3.5', () => {
  it.each([
    [40, '8b7cdc149b993a1b', 'd1269ec49fa62e3e', '929137917e5803d668d75898'],
    // The RFC prints the last octet but one as 57.
    [56, '8b7cdc149b993a1b', 'd15c00c49fa62e3e', '3f106833fa448da842bc57b8'],
    [128, '8b7cdc149b993a1ba118cb153f56dccb', '405cb2247a7956e6e211007ae27b22d4', '81848317df68846272fb5abe'],
  ] as const)('%d bits', (bits, start, session, message) => {
    const master = masterSessionKey(hashed, response, 'authenticator', bits);
    expect(hex(master)).toBe(start);
    const key = initialSessionKey(master, bits);
    expect(hex(key)).toBe(session);
    expect(hex(new Rc4(key).apply(octetsOfCharacters('test message')))).toBe(message);
  });
});

describe('RFC 3079 §2.5', () => {
  it.each([
    [40, 'd1269e538cec4a08'],
    [56, 'd10801538cec4a08'],
  ] as const)('%d bits', (bits, session) => {
    const start = lmPasswordHash('clientPass')?.subarray(0, 8) ?? new Uint8Array(0);
    expect(hex(initialSessionKey(start, bits))).toBe(session);
  });

  it('128 bits', () => {
    const start = startKeyOfVersion1(hashed, octets('102db5df085d3041'), 128);
    // In its third step the RFC prints ca for c1, in the fourth it has it right.
    expect(hex(start)).toBe('a8947850cfc0acc1d1789fb62ddcddb0');
    expect(hex(initialSessionKey(start, 128))).toBe('59d159bc09f76f1da2a86a28ffec0b1e');
  });
});

/** The session of asleap's samples/pptp.dump: user "scott", password "turquoise", the client's packets. */
test('the key of the first packet of a real session', () => {
  const ofScott = octets('565fe2492fd5fb88edaec934c00d282c046227406c31609b');
  const start = octets('01118ae7c6d7a768ceeddc8d484ceaf9');
  const initial = initialSessionKey(start, 128);
  expect(hex(initial)).toBe('16bc18da7b529924e4d56f75f5f1b091');
  expect(hex(nextSessionKey(start, initial, 128))).toBe('2cbac6bf718014d04e2c5753441eded4');
  const hash = octets('18073343f630b5f82c38c03437f2816b');
  expect(hex(masterSessionKey(hashNtPasswordHash(hash), ofScott, 'peer', 128))).toBe(hex(start));
});
