import { describe, expect, it } from 'vitest';
import { RepeatedNumbers } from './repeated-numbers.ts';

describe('a number that comes again with other octets', () => {
  it('is a change, of which the first is kept', () => {
    const repeats = new RepeatedNumbers();
    repeats.change(8);
    repeats.change(9);
    expect(repeats).toMatchObject({ changed: 2, changedFrame: 8, restartFrame: 0 });
  });

  it('is none where its sender begins to count anew with it', () => {
    const repeats = new RepeatedNumbers();
    repeats.suspect(8, true);
    repeats.change(8);
    expect([repeats.isSuspect(8), repeats.isSuspect(9)]).toEqual([true, false]);
    repeats.restarted();
    expect(repeats).toMatchObject({ changed: 0, changedFrame: 0, restartFrame: 8 });
  });

  it('stays one where the sequence went on in between', () => {
    const repeats = new RepeatedNumbers();
    repeats.suspect(8, true);
    repeats.change(8);
    repeats.goesOn();
    repeats.restarted();
    expect(repeats).toMatchObject({ changed: 1, changedFrame: 8, restartFrame: 8 });
  });
});
