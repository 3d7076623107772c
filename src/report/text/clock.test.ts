import { describe, expect, test } from 'vitest';
import { Clock, secondsFrom, type TimeStyle } from './clock.ts';

const origin = '2026-11-20T23:07:02.500000Z';
const later = '2026-11-21T00:07:03.750001Z';
const inNewYork = (): number => -300;
const clock = (style: TimeStyle): Clock => new Clock(style, origin, inNewYork);

test.each<[style: TimeStyle, date: string, moment: string]>([
  ['utc', '2026-11-21 00:07:03 UTC', '2026-11-21 00:07:03.750001 UTC'],
  ['local', '2026-11-20 19:07:03 -05:00', '2026-11-20 19:07:03.750001 -05:00'],
  ['relative', '2026-11-21 00:07:03 UTC', '+3601.250001 s'],
])('%s', (style, date, moment) => {
  expect(clock(style).date(later)).toBe(date);
  expect(clock(style).moment(later)).toBe(moment);
});

describe('times that need care', () => {
  test('an offset of half hours', () => {
    expect(new Clock('local', origin, () => 330).date(origin)).toBe('2026-11-21 04:37:02 +05:30');
  });

  test('nanoseconds keep their digits', () => {
    expect(clock('utc').moment('2026-11-20T23:07:02.123456789Z')).toBe('2026-11-20 23:07:02.123456789 UTC');
    expect(clock('relative').moment('2026-11-20T23:07:02.500000001Z')).toBe('+0.000000001 s');
  });

  test('time that runs backwards', () => {
    expect(clock('relative').moment('2026-11-20T23:07:02.250000Z')).toBe('-0.250000 s');
    expect(secondsFrom(later, origin)).toBeCloseTo(-3601.250001, 6);
  });

  test('what no calendar holds is shown as it is', () => {
    for (const style of ['utc', 'local', 'relative'] as const) {
      expect(clock(style).date('@1e300')).toBe('@1e300');
      expect(clock(style).moment('@1e300')).toBe('@1e300');
    }
    expect(secondsFrom(origin, '@1e300')).toBeNull();
  });

  test('no time is nothing', () => {
    expect(clock('utc').moment(null)).toBe('');
  });
});
