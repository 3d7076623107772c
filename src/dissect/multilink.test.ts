import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Limits } from '../octets/limits.ts';
import { MultilinkBundle, type MultilinkFragment } from './multilink.ts';

/** A packet of octets cut at the given places, numbered from `first` on. */
function fragmentsOf(octets: Uint8Array, cuts: readonly number[], first: number, modulus: number): MultilinkFragment[] {
  const places = [0, ...cuts, octets.length];
  return places.slice(1).map((end, index) => ({
    beginning: index === 0,
    ending: index === places.length - 2,
    sequenceNumber: (first + index) % modulus,
    modulus,
    octets: octets.slice(places[index], end),
    frame: 10 + index,
  }));
}

describe('a packet in fragments', () => {
  it('is whole with its last fragment, in whatever order they come, across the wrap too', () => {
    const cut = fc
      .uniqueArray(fc.integer({ min: 1, max: 49 }), { maxLength: 8 })
      .map((cuts) => cuts.sort((a, b) => a - b));
    const any = fc.record({
      octets: fc.uint8Array({ minLength: 50, maxLength: 50 }),
      cuts: cut,
      first: fc.integer({ min: 4090, max: 4099 }),
      order: fc.infiniteStream(fc.nat()),
    });
    fc.assert(
      fc.property(any, ({ octets, cuts, first, order }) => {
        const fragments = fragmentsOf(octets, cuts, first % 4096, 4096);
        const shuffled = [...fragments].sort(() => ((order.next().value ?? 0) % 3) - 1);
        const bundle = new MultilinkBundle(new Limits());
        const answers = shuffled.map((fragment) => bundle.push(fragment));
        expect(answers.slice(0, -1).every((answer) => answer === null)).toBe(true);
        expect(answers.at(-1)).toEqual({ octets, frames: fragments.map(({ frame }) => frame) });
      }),
    );
  });

  it('of which one is missing is never whole, and the next one is', () => {
    const bundle = new MultilinkBundle(new Limits());
    const [begin, , end] = fragmentsOf(Uint8Array.of(1, 2, 3), [1, 2], 5, 4096);
    const [next, last] = fragmentsOf(Uint8Array.of(4, 5), [1], 8, 4096);
    const answers = [begin, end, next, last].map((fragment) => (fragment === undefined ? null : bundle.push(fragment)));
    expect(answers.map((answer) => answer?.octets ?? null)).toEqual([null, null, null, Uint8Array.of(4, 5)]);
  });

  it('that never ends keeps a bounded number', () => {
    const bundle = new MultilinkBundle(new Limits());
    for (let number = 0; number < 5000; number += 1) {
      const fragment = {
        beginning: number === 0,
        ending: false,
        sequenceNumber: number,
        modulus: 2 ** 24,
        octets: new Uint8Array(1),
        frame: number,
      };
      expect(bundle.push(fragment)).toBeNull();
    }
    expect(
      bundle.push({
        beginning: false,
        ending: true,
        sequenceNumber: 5000,
        modulus: 2 ** 24,
        octets: new Uint8Array(1),
        frame: 1,
      }),
    ).toBeNull();
  });
});
