import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SequenceTracker, sizeClasses } from './sequence.ts';

function track(numbers: readonly number[]): SequenceTracker {
  const tracker = new SequenceTracker();
  for (const number of numbers) tracker.push(number);
  return tracker;
}

/** The definitions of the report, word by word, over numbers that do not wrap. */
function byDefinition(numbers: readonly number[]) {
  const seen = new Set<number>();
  let duplicates = 0;
  let reordered = 0;
  let highest = Number.NEGATIVE_INFINITY;
  for (const number of numbers) {
    if (seen.has(number)) duplicates += 1;
    else if (number < highest) reordered += 1;
    seen.add(number);
    highest = Math.max(highest, number);
  }
  const first = Math.min(...seen);
  return { first, last: highest, lost: highest - first + 1 - seen.size, duplicates, reordered };
}

const shown = ({ first, last, lost, duplicates, reordered }: SequenceTracker) => ({
  first,
  last,
  lost,
  duplicates,
  reordered,
});

describe('SequenceTracker', () => {
  it('counts a plain run', () => {
    expect(shown(track([1, 2, 3, 4]))).toEqual({ first: 1, last: 4, lost: 0, duplicates: 0, reordered: 0 });
  });

  it('agrees with the definitions for numbers in any order', () => {
    fc.assert(
      // A sender's first numbers would be a sequence that begins anew.
      fc.property(fc.array(fc.integer({ min: 10, max: 910 }), { minLength: 1, maxLength: 400 }), (numbers) => {
        expect(shown(track(numbers))).toEqual(byDefinition(numbers));
      }),
    );
  });

  it('agrees with the definitions for numbers that lie close together at first', () => {
    const close = fc.array(fc.integer({ min: 20, max: 40 }), { minLength: 1, maxLength: 40 });
    const wide = fc.array(fc.integer({ min: 5, max: 80 }), { maxLength: 20 });
    fc.assert(
      fc.property(close, wide, (first, then) => {
        expect(shown(track([...first, ...then]))).toEqual(byDefinition([...first, ...then]));
      }),
    );
  });

  it('knows the fingerprints of the newest 32 numbers, and what it counted, when it moves into a larger room too', () => {
    const tracker = new SequenceTracker();
    const print = (number: number): number => (number + 1) << 12;
    const others = (numbers: readonly number[]): number[] =>
      numbers.filter((number) => tracker.hadOther(number, print(number) ^ 0x4000_0000));
    const upTo = (count: number): number[] => Array.from({ length: count }, (_, number) => number);
    for (const number of upTo(40)) {
      tracker.push(number);
      tracker.remember(number, print(number));
      tracker.countUnacknowledged(number % 3);
      const seen = upTo(number + 1);
      expect(others(seen)).toEqual(seen.slice(-32));
      expect(seen.some((one) => tracker.hadOther(one, print(one)))).toBe(false);
      expect(tracker.unacknowledged(0) + tracker.unacknowledged(1) + tracker.unacknowledged(2)).toBe(number + 1);
    }
  });

  it('counts what was not acknowledged by its size, in rooms of both sizes', () => {
    const sizeClass = fc.integer({ min: 0, max: sizeClasses - 1 });
    // A step of more than 16 numbers moves it into a large room.
    fc.assert(
      fc.property(fc.array(fc.tuple(sizeClass, fc.constantFrom(0, 0, 0, 1, 20)), { maxLength: 60 }), (counted) => {
        const tracker = track([5]);
        let number = 5;
        const expected = new Array<number>(sizeClasses).fill(0);
        for (const [size, step] of counted) {
          number += step;
          if (step > 0) tracker.push(number);
          tracker.countUnacknowledged(size);
          expected[size] = (expected[size] ?? 0) + 1;
        }
        expect(expected.map((_, size) => tracker.unacknowledged(size))).toEqual(expected);
        expect([tracker.last, tracker.lost]).toEqual([number, number - 5 + 1 - tracker.count]);
      }),
    );
  });

  it('begins anew when it let go, whatever room it had', () => {
    const tracker = track([0, 100, 200]);
    tracker.letGo();
    for (const number of [900, 901, 901, 903]) tracker.push(number);
    expect([tracker.first, tracker.last, tracker.duplicates]).toEqual([900, 903, 1]);
  });

  it('gives the same counts wherever the numbers start, across the wrap too', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 10, max: 910 }), { minLength: 1, maxLength: 200 }),
        fc.integer({ min: 0, max: 0xffffffff }),
        (numbers, offset) => {
          // Those of a sender's beginning may be a sequence that begins anew.
          fc.pre(numbers.every((number) => (number + offset) % 0x1_0000_0000 >= 4));
          const plain = track(numbers);
          const moved = track(numbers.map((number) => (number + offset) % 0x1_0000_0000));
          expect(moved.lost).toBe(plain.lost);
          expect(moved.duplicates).toBe(plain.duplicates);
          expect(moved.reordered).toBe(plain.reordered);
          expect(moved.first).toBe((plain.first + offset) % 0x1_0000_0000);
          expect(moved.last).toBe((plain.last + offset) % 0x1_0000_0000);
        },
      ),
    );
  });

  it('counts a wrap from 0xFFFFFFFF to 0 and no loss', () => {
    const tracker = track([0xfffffffe, 0xffffffff, 0, 1]);
    expect(shown(tracker)).toEqual({ first: 0xfffffffe, last: 1, lost: 0, duplicates: 0, reordered: 0 });
    expect(tracker.wraps).toBe(1);
  });

  it('sees a number as a duplicate across long gaps of the history', () => {
    expect(track([0, 2000, 2000]).duplicates).toBe(1);
    expect(track([0, 500, 1500, 500 + 1024]).duplicates).toBe(0);
  });

  it.each([
    ['all of them are there: duplicates', [], [5, 6, 7, 3000], { lost: 0, duplicates: 4, reordered: 0 }],
    ['as many are missing: late ones', [50, 60], [50, 60], { lost: 0, duplicates: 0, reordered: 2 }],
    ['fewer are missing: no more late ones than those', [50], [50, 60], { lost: 0, duplicates: 1, reordered: 1 }],
  ])('of numbers older than are remembered, where %s', (_what, missing, then, expected) => {
    const numbers = Array.from({ length: 5000 }, (_, index) => index).filter((number) => !missing.includes(number));
    expect(shown(track([...numbers, ...then]))).toEqual({ first: 0, last: 4999, ...expected });
  });

  it('keeps one far number out of the counts', () => {
    const tracker = track([10, 11, 0x7000_0000, 12, 13]);
    expect(shown(tracker)).toEqual({ first: 10, last: 13, lost: 0, duplicates: 0, reordered: 0 });
    expect(tracker.outsideWindow).toBe(1);
  });

  it('goes on where the sequence went on elsewhere', () => {
    const tracker = track([10, 11, 0x7000_0000, 0x7000_0001, 0x7000_0002]);
    expect(tracker.outsideWindow).toBe(0);
    expect(tracker.last).toBe(0x7000_0002);
    expect(tracker.lost).toBe(0);
    expect(tracker.count).toBe(5);
  });

  const upTo = (last: number): number[] => Array.from({ length: last + 1 }, (_, number) => number);

  it.each([
    ['at 0', [...upTo(99), 0, 1, 2, 3], 3, 0],
    ['at 1, and one is lost', [...upTo(99), 1, 3, 4], 4, 1],
    ['after more than are remembered', [...upTo(4999), 0, 1, 2], 2, 0],
    ['from farther than numbers are reordered', [0x7000_0000, 0x7000_0001, 0, 1, 2], 2, 0],
    ['behind the beginning of what was seen', [...upTo(99).map((number) => number + 9000), 0, 1, 2], 2, 0],
  ])('begins anew %s: neither loss, order nor duplicates', (_what, numbers, last, lost) => {
    const tracker = track(numbers);
    expect(shown(tracker)).toEqual({ first: numbers[0], last, lost, duplicates: 0, reordered: 0 });
    expect([tracker.restarts, tracker.count]).toEqual([1, numbers.length]);
  });

  it.each([
    ['one that is repeated late', [...upTo(99), 0, 100, 1, 101], 2],
    ['one at the end', [...upTo(99), 0], 1],
    ['few are overtaken', [...upTo(20).slice(2), 0, 1, 21], 0],
    ['the numbers wrap', [0xffff_fffe, 0xffff_ffff, 0, 1, 2], 0],
  ])('does not begin anew where %s', (_what, numbers, duplicates) => {
    const tracker = track(numbers);
    expect([tracker.restarts, tracker.duplicates]).toEqual([0, duplicates]);
  });

  it('begins anew soon where the octets are others', () => {
    const tracker = track(upTo(6));
    expect([tracker.push(0, true), tracker.push(1, true), tracker.push(2)]).toEqual(['first', 'elsewhere', 'newest']);
    expect([tracker.last, tracker.lost, tracker.duplicates, tracker.restarts]).toEqual([2, 0, 0, 1]);
  });
});
