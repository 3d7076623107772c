import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Likeness } from './likeness.ts';

const octet = fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code));
const text = fc.oneof(
  fc.string({ unit: octet, maxLength: 200 }),
  fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 600 }),
  fc.tuple(fc.string({ unit: octet, maxLength: 40 }), fc.nat(400)).map(([start, times]) => start.repeat(times)),
);

/** Like another one: with stretches left out, put in and moved. */
const alike = fc
  .tuple(text, fc.array(fc.tuple(fc.nat(600), fc.nat(30), fc.string({ unit: octet, maxLength: 20 })), { maxLength: 6 }))
  .map(([first, changes]) => [
    first,
    changes.reduce((now, [at, left, put]) => `${now.slice(0, at)}${put}${now.slice(at + left)}`, first),
  ]);

describe('Likeness', () => {
  test('what was shortened comes back, in any order', () => {
    fc.assert(
      fc.property(fc.array(alike, { maxLength: 12 }), (pairs) => {
        const likeness = new Likeness();
        const texts = pairs.flat();
        const shortened = texts.map((one) => likeness.shorten(one));
        expect(shortened.toReversed().map((one) => likeness.whole(one))).toStrictEqual(texts.toReversed());
      }),
    );
  });

  test('every character is an octet', () => {
    const likeness = new Likeness();
    fc.assert(
      fc.property(text, (one) => {
        expect([...likeness.shorten(one)].every((character) => character.charCodeAt(0) <= 0xff)).toBe(true);
      }),
    );
  });

  test('a text that differs from an earlier one in some octets takes little more than those', () => {
    const likeness = new Likeness();
    const first = Array.from({ length: 1000 }, (_, at) => String.fromCharCode((at * at * 7) % 251)).join('');
    likeness.shorten(first);
    const other = `${first.slice(0, 300)}!!!!${first.slice(304, 700)}new octets${first.slice(700)}`;
    expect(likeness.shorten(other).length).toBeLessThan(14 + 20);
    expect(likeness.shorten(first).length).toBeLessThan(10);
  });

  test('a text that is like none grows by few octets, however many came before', () => {
    const likeness = new Likeness();
    const texts = fc.sample(fc.string({ unit: octet, minLength: 1000, maxLength: 1000 }), { numRuns: 40, seed: 7 });
    for (const one of texts) expect(likeness.shorten(one).length).toBeLessThan(1000 * 1.02);
    expect(texts.map((one) => likeness.whole(likeness.shorten(one)))).toStrictEqual(texts);
  });

  test('very long texts come back, and so does the empty one', () => {
    const likeness = new Likeness();
    const long = 'abcdefgh'.repeat(20_000);
    for (const one of ['', 'abcdefghabcdefgh', long, `${long}x${long}`]) {
      expect(likeness.whole(likeness.shorten(one))).toBe(one);
    }
  });
});
