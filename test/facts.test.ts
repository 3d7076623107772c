/** The comparison of reports with facts: that it lets the true through, and finds each kind of untruth. */
import { describe, expect, test } from 'vitest';
import { mismatches } from './support/facts.ts';

const report = {
  frames: 57,
  lost: 0,
  user: null,
  tunnels: [
    { id: 'T1', calls: [1, 2] },
    { id: 'T2', calls: [] },
  ],
};

describe('true facts', () => {
  test.each<[facts: unknown]>([
    [{}],
    [{ frames: 57, user: null }],
    [{ tunnels: [{ id: 'T1' }, { calls: [] }] }],
    [{ tunnels: { $includes: [{ id: 'T2' }, { id: 'T1' }], $excludes: [{ id: 'T3' }], $length: 2 } }],
    [{ frames: { $min: 57, $max: 57 } }],
    [{ frames: { $oneOf: [1, { $min: 50 }] } }],
    [{ user: { $not: 'alice' } }],
    [{ tunnels: [{ calls: [1, 2] }, {}] }],
  ])('%j', (facts) => {
    expect(mismatches(facts, report)).toEqual([]);
  });
});

describe('untrue facts', () => {
  test.each<[facts: unknown, line: string]>([
    [{ frames: 58 }, 'report.frames: expected 58, got 57'],
    [{ lost: -0 }, 'report.lost: expected 0, got 0'],
    [{ absent: null }, 'report.absent: expected null, got nothing'],
    [{ user: {} }, 'report.user: expected an object, got null'],
    [{ tunnels: [{ id: 'T1' }] }, 'report.tunnels: expected 1 elements, got 2'],
    [{ tunnels: [{ id: 'T2' }, { id: 'T2' }] }, 'report.tunnels[0].id: expected "T2", got "T1"'],
    [{ frames: [57] }, 'report.frames: expected 1 elements, got 57'],
    [{ tunnels: { $includes: [{ id: 'T3' }] } }, 'report.tunnels: holds no {"id":"T3"}; it is'],
    [{ frames: { $includes: [57] } }, 'report.frames: holds no 57; it is 57'],
    [{ tunnels: { $excludes: [{ id: 'T1' }] } }, 'report.tunnels: holds {"id":"T1"}, which it must not'],
    [{ absent: { $excludes: [1] } }, 'report.absent: holds 1, which it must not'],
    [{ tunnels: { $length: 3 } }, 'report.tunnels: expected 3 elements, got 2'],
    [{ absent: { $length: 0 } }, 'report.absent: expected 0 elements, got nothing'],
    [{ frames: { $min: 58 } }, 'report.frames: expected at least 58, got 57'],
    [{ user: { $min: 0 } }, 'report.user: expected at least 0, got null'],
    [{ frames: { $max: 56 } }, 'report.frames: expected at most 56, got 57'],
    [{ frames: { $oneOf: [1, 2] } }, 'report.frames: expected one of [1,2], got 57'],
    [{ user: { $not: null } }, 'report.user: is null, which it must not be'],
    [{ frames: { $min: 50, $max: 51 } }, 'report.frames: expected at most 51, got 57'],
  ])('%j', (facts, line) => {
    const [found, ...more] = mismatches(facts, report);
    expect(found).toContain(line);
    expect(more).toEqual([]);
  });
});

test('a misspelt condition is an error of the facts, not of the report', () => {
  expect(() => mismatches({ frames: { $minimum: 1 } }, report)).toThrow('unknown key $minimum');
});
