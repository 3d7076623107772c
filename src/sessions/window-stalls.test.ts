import { describe, expect, it } from 'vitest';
import { packetAt } from '../../test/support/followed.ts';
import { WindowStalls } from './window-stalls.ts';

describe('a sender that pauses with the window full (RFC 2637 §4.3)', () => {
  it('waited for it where it goes on as soon as it opens', () => {
    const stalls = new WindowStalls();
    stalls.openedAt = 10;
    stalls.goesOn(packetAt(7, 10.01), 0.4, 5);
    expect(stalls).toMatchObject({ stalls: 1, seconds: 0.4, longest: { seconds: 0.4, before: 5, after: 7 } });
  });

  it('had nothing to send where it goes on later', () => {
    const stalls = new WindowStalls();
    stalls.openedAt = 10;
    stalls.goesOn(packetAt(7, 10.1), 0.5, 5);
    expect(stalls).toMatchObject({ stalls: 0, seconds: 0, longest: null });
  });

  it('keeps the longest pause with the packets around it', () => {
    const stalls = new WindowStalls();
    for (const [frame, pause] of [
      [2, 0.25],
      [4, 1],
      [6, 0.5],
    ] as const) {
      stalls.openedAt = frame;
      stalls.goesOn(packetAt(frame, frame), pause, frame - 1);
    }
    expect(stalls).toMatchObject({ stalls: 3, seconds: 1.75, longest: { seconds: 1, before: 3, after: 4 } });
  });
});
