import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { octets } from '../../test/support/octets.ts';
import { TcpView, tcpFault, tcpFlags } from './header.ts';

/** Source port 1723, destination port 41560, sequence, acknowledgment, offset 8, PSH ACK, window 509, checksum, urgent, 12 octets of options. */
const header = octets('06bb a258 11223344 8899aabb 8018 01fd 0000 0000 0101080a 3e47e5d5 1bfb0e8b');

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

describe('TcpView', () => {
  it('reads the fields of RFC 9293 §3.1', () => {
    const tcp = new TcpView();
    expect(tcp.at(viewOf(header), 0, header.length, header.length)).toBe(0);
    expect(tcp).toEqual({
      sourcePort: 1723,
      destinationPort: 41560,
      sequenceNumber: 0x1122_3344,
      acknowledgmentNumber: 0x8899_aabb,
      flags: tcpFlags.psh | tcpFlags.ack,
      window: 509,
      headerEnd: 32,
    });
  });

  it('says that every shorter prefix is cut', () => {
    const tcp = new TcpView();
    for (let end = 0; end < header.length; end += 1) expect(tcp.at(viewOf(header), 0, end, end)).toBe(tcpFault.short);
  });

  it('reads a header whose options the capture cut off, and says where they end', () => {
    const tcp = new TcpView();
    for (let end = 20; end < header.length; end += 1) {
      expect(tcp.at(viewOf(header), 0, end, header.length)).toBe(0);
      expect(tcp).toMatchObject({ sequenceNumber: 0x1122_3344, window: 509, headerEnd: 32 });
    }
    expect(tcp.at(viewOf(header), 0, 19, header.length)).toBe(tcpFault.short);
    expect(tcp.at(viewOf(header), 0, 20, 31)).toBe(tcpFault.short);
  });

  it('does not believe a data offset below 5', () => {
    for (let words = 0; words < 5; words += 1) {
      const lying = header.slice();
      lying[12] = words << 4;
      expect(new TcpView().at(viewOf(lying), 0, lying.length, lying.length)).toBe(tcpFault.dataOffset);
    }
  });

  it('never leaves the octets that it was given', () => {
    let sound = 0;
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 10, maxLength: 80, size: 'max' }), fc.nat(10), (bytes, start) => {
        const tcp = new TcpView();
        if (tcp.at(viewOf(bytes), start, bytes.length, bytes.length) !== 0) return;
        sound += 1;
        expect(tcp.headerEnd).toBeGreaterThanOrEqual(start + 20);
        expect(tcp.headerEnd).toBeLessThanOrEqual(bytes.length);
      }),
      { numRuns: 1000 },
    );
    expect(sound).toBeGreaterThan(50);
  });
});
