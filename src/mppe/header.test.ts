import { expect, it } from 'vitest';
import { octets, windowOf } from '../../test/support/octets.ts';
import { decode, encode, violations } from '../wire/layout.ts';
import { coherencyCount, isCompressed, isEncrypted, isFlushed, mppePacket } from './header.ts';

it('reads a stateless packet: flushed, encrypted, count 1', () => {
  const bytes = octets('9001 de788cfe');
  const { window, start, end } = windowOf(bytes);
  const decoded = decode(mppePacket, window, start, end);
  expect(decoded).toMatchObject({
    value: {
      flushed: 1,
      packetAtFront: 0,
      compressed: 0,
      encrypted: 1,
      coherencyCount: 1,
      encryptedData: octets('de788cfe'),
    },
  });
  expect(decoded.ok && encode(mppePacket, decoded.value)).toEqual(bytes);
  expect(decoded.ok && violations(mppePacket, decoded.value)).toEqual([]);
});

it('has functions on the word that agree with the layout on every word', () => {
  for (let word = 0; word < 0x1_0000; word += 1) {
    const { window, start, end } = windowOf(Uint8Array.of(word >> 8, word & 0xff), 0, 0);
    const decoded = decode(mppePacket, window, start, end);
    if (!decoded.ok) throw new Error('malformed');
    const { flushed, compressed, encrypted, coherencyCount: count } = decoded.value;
    const asFunctions = [isFlushed(word), isCompressed(word), isEncrypted(word), coherencyCount(word)];
    if (asFunctions.join() !== [flushed === 1, compressed === 1, encrypted === 1, count].join()) {
      expect({ word, asFunctions }).toEqual({ word, asFunctions: [flushed, compressed, encrypted, count] });
    }
  }
  expect(coherencyCount(0x9fff)).toBe(4095);
});
