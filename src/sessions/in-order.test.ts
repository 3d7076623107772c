import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InOrder } from './in-order.ts';

describe('packets in the order of their numbers', () => {
  const items = (order: InOrder<number>, numbers: readonly number[]): number[] => [
    ...numbers.flatMap((number) => order.push(number, number) ?? []),
    ...order.finish(),
  ];

  it('those that were overtaken are waited for', () => {
    const order = new InOrder<number>();
    expect([7, 9, 8, 12, 11, 10, 13].map((number) => order.push(number, number))).toEqual([
      [7],
      [],
      [8, 9],
      [],
      [],
      [10, 11, 12],
      [13],
    ]);
  });

  it('any order within 64 packets is put right', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(Array.from({ length: 64 }, (_, index) => index + 1)), (numbers) => {
        expect(items(new InOrder(), [0, ...numbers])).toEqual([0, ...numbers.toSorted((a, b) => a - b)]);
      }),
    );
  });

  it('a missing one is given up when 64 wait for it, and late then', () => {
    const order = new InOrder<number>();
    expect(order.push(0, 0)).toEqual([0]);
    const others = Array.from({ length: 64 }, (_, index) => index + 2);
    expect(others.map((number) => order.push(number, number)?.length)).toEqual([
      ...Array.from({ length: 63 }, () => 0),
      64,
    ]);
    expect(order.push(1, 1)).toBeNull();
    expect(order.push(66, 66)).toEqual([66]);
  });

  it('numbers begin again after 2^32 - 1', () => {
    const last = 0xffff_ffff;
    expect(items(new InOrder(), [last - 1, 0, last, 2, 1])).toEqual([last - 1, last, 0, 1, 2]);
  });

  it('several gaps at the end', () => {
    expect(items(new InOrder(), [1, 9, 5, 6])).toEqual([1, 5, 6, 9]);
  });
});
