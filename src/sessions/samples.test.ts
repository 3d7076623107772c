import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Samples } from './samples.ts';

describe('Samples', () => {
  it('gives the lower median of few samples exactly', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { minLength: 1, maxLength: 255 }), (values) => {
        const samples = new Samples();
        for (const value of values) if (samples.takesNext()) samples.add(value);
        const atMost = values.filter((value) => value / 1000 <= (samples.medianMilliseconds() ?? Number.NaN)).length;
        const atLeast = values.filter((value) => value / 1000 >= (samples.medianMilliseconds() ?? Number.NaN)).length;
        expect(atMost * 2).toBeGreaterThanOrEqual(values.length);
        expect(atLeast * 2).toBeGreaterThanOrEqual(values.length);
      }),
    );
  });

  it('stays near the median of very many', () => {
    const samples = new Samples();
    for (let value = 0; value < 100_000; value += 1) {
      if (samples.takesNext()) samples.add((value * 7919) % 100_003);
    }
    expect(samples.medianMilliseconds()).toBeGreaterThan(40);
    expect(samples.medianMilliseconds()).toBeLessThan(60);
  });

  it('has none without samples', () => {
    expect(new Samples().medianMilliseconds()).toBeNull();
  });
});
