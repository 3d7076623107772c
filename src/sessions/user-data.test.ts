import { describe, expect, it } from 'vitest';
import { Packet } from '../dissect/packet.ts';
import { Window } from '../octets/window.ts';
import { ClearData, CompressedData } from './user-data.ts';

function packet(frame: number, octets: readonly number[]): Packet {
  return Object.assign(new Packet(), { frame, window: new Window(Uint8Array.from(octets)) });
}

/** Packets in the order in which they come, by sequence number and coherency count. */
function followed(...packets: readonly [number: number, count: number][]): CompressedData {
  const data = new CompressedData();
  for (const [index, [number, count]] of packets.entries()) data.follow(count, number, index + 1, true);
  return data;
}

describe('CompressedData', () => {
  it('reads the bits A to D and the count of RFC 3078 §3', () => {
    const data = new CompressedData();
    const counts = [
      [0x90, 0x00],
      [0x1f, 0xff],
      [0x70, 0x02],
      [0x80, 0x03],
    ].map((octets, index) => data.count(packet(index + 1, octets), 0, 2));
    expect(counts).toEqual([0, 0x0fff, 2, -1]);
    expect(data).toMatchObject({ packets: 4, encryptedBit: 3, firstEncryptedFrame: 1, flushedBit: 2 });
    expect(data.irregularities).toMatchObject({ compressedBit: 1, firstUnencryptedFrame: 4, noDeflate: false });
  });

  it.each([
    ['stored', 0x00, false],
    ['with fixed codes', 0x02, false],
    ['with dynamic codes', 0x04, false],
    ['reserved', 0x06, true],
    ['the last one', 0x01, true],
  ])('tells from a block of Deflate (RFC 1951 §3.2.3): %s', (_what, octet, noDeflate) => {
    const data = new CompressedData();
    data.count(packet(1, [0x10, 0x00, octet]), 0, 3);
    expect(data.irregularities.noDeflate).toBe(noDeflate);
  });

  it('goes on over loss, reordering and the end of twelve bits, where each packet has the next count (RFC 3078 §3.1)', () => {
    expect(followed([10, 0], [11, 1], [12, 2]).irregularities).toMatchObject({ coherencyGaps: 0, repeatedCounts: 0 });
    expect(followed([10, 4094], [11, 4095], [12, 0]).irregularities.coherencyGaps).toBe(0);
    expect(followed([10, 0], [13, 3]).irregularities).toMatchObject({ coherencyGaps: 1, repeatedCounts: 0 });
    expect(followed([10, 7], [12, 9], [11, 8], [13, 10]).irregularities.repeatedCounts).toBe(0);
  });

  it('notes a count that is there once more under another number', () => {
    const { irregularities } = followed([10, 5], [11, 6], [12, 6], [13, 7]);
    expect(irregularities).toMatchObject({ repeatedCounts: 1, repeatedCountFrame: 3 });
  });

  it('takes a sender that counts anew for no repetition, though the beginning is missing', () => {
    expect(followed([10, 5], [11, 6], [12, 3], [13, 4]).irregularities.repeatedCounts).toBe(0);
    expect(followed([10, 5], [11, 6], [12, 0], [13, 1]).irregularities.repeatedCounts).toBe(0);
  });
});

describe('ClearData', () => {
  it('counts apart what MPPE should have encrypted, and after it had', () => {
    const data = new ClearData();
    data.count(3, true, false);
    data.count(5, false, true);
    data.count(8, true, true);
    data.count(9, true, true);
    expect(data).toEqual({
      packets: 4,
      firstFrame: 3,
      afterEncrypted: 2,
      afterEncryptedFrame: 8,
      ofOtherProtocols: 1,
    });
  });
});
