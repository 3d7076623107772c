import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatInstant, secondsBetween } from './instant.ts';

describe('formatInstant', () => {
  test.each([
    [{ seconds: 0, nanoseconds: 0 }, 0, '1970-01-01T00:00:00Z'],
    [{ seconds: 2 ** 31 - 1, nanoseconds: 999_999_999 }, 6, '2038-01-19T03:14:07.999999Z'],
    [{ seconds: 951_827_696, nanoseconds: 5 }, 9, '2000-02-29T12:34:56.000000005Z'],
    [{ seconds: 0, nanoseconds: 7.25 }, 11, '1970-01-01T00:00:00.00000000725Z'],
    [{ seconds: -1, nanoseconds: 500_000_000 }, 3, '1969-12-31T23:59:59.500Z'],
    [{ seconds: 1e300, nanoseconds: 0 }, 6, '@1e+300'],
  ])('%o with %d digits', (instant, digits, text) => {
    expect(formatInstant(instant, digits)).toBe(text);
  });

  test('each second is its own, whichever were written before', () => {
    // Near one another, 64 apart, and anywhere in the years that take four digits.
    const second = fc.oneof(
      fc.integer({ min: 1_700_000_000, max: 1_700_000_010 }),
      fc.integer({ min: -4, max: 4 }).map((times) => 1_700_000_000 + times * 64),
      fc.integer({ min: -62_167_219_200, max: 253_402_300_799 }),
    );
    fc.assert(
      fc.property(fc.array(second, { maxLength: 200 }), (seconds) => {
        const written = seconds.map((one) => formatInstant({ seconds: one, nanoseconds: 0 }, 0));
        expect(written.map((text) => Date.parse(text) / 1000)).toEqual(seconds);
      }),
    );
  });
});

test('secondsBetween is negative where time went backwards', () => {
  const [one, other] = [
    { seconds: 10, nanoseconds: 250_000_000 },
    { seconds: 11, nanoseconds: 0 },
  ];
  expect([secondsBetween(one, other), secondsBetween(other, one)]).toEqual([0.75, -0.75]);
});
