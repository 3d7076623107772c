import { describe, expect, it } from 'vitest';
import { firstBehind, near } from './near.ts';

const items = (...frames: readonly number[]) => frames.map((firstFrame) => ({ firstFrame }));

describe('what is in the order of its first frames', () => {
  it('is found by a frame: the first that does not begin before it', () => {
    const some = items(3, 5, 5, 9);
    expect([1, 3, 4, 5, 6, 9, 10].map((frame) => firstBehind(some, frame))).toEqual([0, 0, 1, 1, 3, 3, 4]);
    expect(firstBehind([], 1)).toBe(0);
  });

  it('is looked at as a whole where it is little, and around the frame where it is much', () => {
    const little = items(...Array.from({ length: 64 }, (_, index) => index));
    expect(near(little, 0)).toBe(little);
    const much = items(...Array.from({ length: 1000 }, (_, index) => index));
    expect(near(much, 500)).toEqual(much.slice(468, 532));
    expect(near(much, 0)).toEqual(much.slice(0, 32));
    expect(near(much, 5000)).toEqual(much.slice(968));
  });
});
