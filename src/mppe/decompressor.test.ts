import { describe, expect, it } from 'vitest';
import { flushedBefore, networkPackets, withHistory, withoutHistory } from '../../test/support/mppc.ts';
import { octets } from '../../test/support/packets.ts';
import type { MppePacket } from './coherency.ts';
import { MppcDecompressor } from './decompressor.ts';
import type { Likelihood } from './likelihood.ts';

interface Numbered extends MppePacket {
  readonly index: number;
}

/** IPv4, as all of `networkPackets` are, and no other packet. */
function likelihood(plain: Uint8Array, missing: number): Likelihood {
  const length = (plain[4] ?? 0) * 256 + (plain[5] ?? 0) + 2;
  if (plain[0] !== 0 || plain[1] !== 0x21) return 'none';
  return plain[2] === 0x45 && length <= plain.length + missing ? 'certain' : 'odd';
}

/** GRE's numbers begin with 10, the coherency count with 0. */
function sent(packets = withHistory): Numbered[] {
  return packets.map(({ flags, data }, index) => {
    return { word: flags | index, octets: Uint8Array.from(data), cut: 0, sequence: 10 + index, others: 0, index };
  });
}

function decompressor(): MppcDecompressor<Numbered> {
  return new MppcDecompressor(likelihood, { sequence: 9, others: 0 });
}

/** The packets that come out whole, by their places in what was sent. */
function read(one: MppcDecompressor<Numbered>, packets: readonly Numbered[]): number[] {
  const found = [...packets.flatMap((packet) => one.push(packet)), ...one.finish()];
  return found.map(({ packet: { index }, octets: whole, missing }) => {
    expect(missing).toBe(0);
    expect(whole).toEqual(networkPackets[index]);
    return index;
  });
}

const places = (...gone: number[]): number[] => [...withHistory.keys()].filter((index) => !gone.includes(index));
const none = { lost: 0, late: 0, unreadable: 0 };

describe('MPPC without encryption', () => {
  it.each([
    ['with a history', withHistory],
    ['with a flush before each packet', withoutHistory],
  ])('%s', (_, packets) => {
    const one = decompressor();
    expect(read(one, sent(packets))).toEqual([...packets.keys()]);
    expect(one.compressed).toEqual(none);
  });

  it('packets that were overtaken are waited for', () => {
    const one = decompressor();
    const packets = sent();
    const order = places().toSpliced(5, 4, 7, 6, 8, 5);
    expect(
      read(
        one,
        order.flatMap((index) => packets[index] ?? []),
      ),
    ).toEqual(places());
    expect(one.compressed).toEqual(none);
  });

  it('behind a missing packet none that needs it is read before the flush', () => {
    const one = decompressor();
    const packets = sent().filter(({ index }) => index !== 3);
    const gone = places().filter((index) => index >= 3 && index < flushedBefore);
    expect(read(one, packets)).toEqual(places(...gone));
    expect(one.compressed).toEqual({ ...none, lost: gone.length - 1 });
  });

  it('waits for no more than 64', () => {
    const one = decompressor();
    // Octets below 0x80 are their own codes.
    const data = octets(
      0,
      0x21,
      0x45,
      0,
      0,
      20,
      Array.from({ length: 16 }, (_, at) => at),
    );
    const [, ...others] = sent(Array.from({ length: 70 }, () => ({ flags: 0x2000, data })));
    const found = others.map((packet) => one.push(packet).length);
    expect(found).toEqual([...Array.from({ length: 63 }, () => 0), 64, 1, 1, 1, 1, 1]);
    expect(one.compressed).toEqual(none);
  });

  it('a packet that is not compressed needs no other, in whatever order', () => {
    const one = decompressor();
    const packets = sent().map((packet) => ({
      ...packet,
      word: packet.word & 0xfff,
      octets: Uint8Array.from(networkPackets[packet.index] ?? []),
    }));
    expect(read(one, packets.toReversed())).toEqual(places().toReversed());
  });

  it('one that comes too late is read where it needs no other', () => {
    const one = decompressor();
    const packets = sent();
    const late = (index: number): Numbered[] => packets.slice(index, index + 1);
    expect(read(one, [...packets.slice(0, 13), ...packets.slice(14), ...late(13), ...late(14)])).toEqual([
      ...places(13),
      14,
    ]);
    expect(one.compressed).toEqual({ ...none, late: 1 });
  });

  it('a count that comes twice counts once', () => {
    const one = decompressor();
    const packets = sent();
    const order = places().toSpliced(6, 3, 8, 8, 6, 7);
    expect(
      read(
        one,
        order.flatMap((index) => packets[index] ?? []),
      ),
    ).toEqual(places());
    expect(one.compressed).toEqual({ ...none, late: 1 });
  });

  it('CCP is negotiated once more: counts and history begin again', () => {
    const one = decompressor();
    const again = sent().map((packet) => ({ ...packet, sequence: (packet.sequence ?? 0) + withHistory.length }));
    expect(read(one, [...sent(), ...again])).toEqual([...places(), ...places()]);
    expect(one.compressed).toEqual(none);
  });

  it('a count that cannot be does not disturb', () => {
    const one = decompressor();
    const packets = sent();
    const [stray] = packets.slice(3, 4).map((packet) => ({ ...packet, word: 0x2abc, octets: Uint8Array.of(1, 2, 3) }));
    expect(read(one, stray === undefined ? [] : packets.toSpliced(3, 0, stray))).toEqual(places());
    expect(one.compressed).toEqual({ ...none, unreadable: 1 });
  });

  it('a damaged packet is unreadable, and those that need it are lost', () => {
    const one = decompressor();
    const packets = sent().map((packet) =>
      packet.index === 12 ? { ...packet, octets: Uint8Array.of(0xf0, 0) } : packet,
    );
    expect(read(one, packets)).toEqual(places(12, 13));
    expect(one.compressed).toEqual({ ...none, lost: 1, unreadable: 1 });
  });
});
