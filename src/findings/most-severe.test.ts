import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Finding } from './finding.ts';
import { MostSevere } from './most-severe.ts';
import { severities } from './rules/rule.ts';

function finding(severity: Finding['severity'], frame: number): Finding {
  const words = {
    rule: 'scan',
    title: 'A title',
    detail: 'A detail',
    advice: 'An advice',
    references: ['RFC 2637 §5'],
  };
  return { ...words, severity, basis: 'used', tunnel: 'T1', call: null, frames: [frame] };
}

test('of too many the least severe go, and among those the last; the rest keeps its order', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...severities)), fc.integer({ min: 1, max: 30 }), (all, most) => {
      const found = all.map((severity, frame) => finding(severity, frame));
      const kept = new MostSevere(most);
      for (const one of found) kept.add(one);
      const worst = found
        .toSorted((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity))
        .slice(0, most);
      const expected = found.filter((one) => worst.includes(one));
      expect([...kept.list()]).toEqual(expected);
      expect(kept.leftOut).toBe(found.length - expected.length);
      expect(kept.list()).toHaveLength(expected.length);
      expect(kept.list().at(expected.length - 1)).toEqual(expected.at(-1));
    }),
  );
});
