import { expect, test } from 'vitest';
import { bytes, counted, duration, frameList, frameRange } from './words.ts';

test.each<[seconds: number, text: string]>([
  [0, '0 s'],
  [0.0004, '0.4 ms'],
  [0.00004, '0.04 ms'],
  [0.25, '250 ms'],
  [3.14, '3.1 s'],
  [31.06, '31.1 s'],
  [125, '2 min 5 s'],
  [3719, '1 h 2 min'],
])('%d s is %s', (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});

test.each<[count: number, text: string]>([
  [0, '0 B'],
  [812, '812 B'],
  [1234, '1.2 kB'],
  [999_999, '1.0 MB'],
  [31_400_000, '31.4 MB'],
])('%d octets are %s', (count, text) => {
  expect(bytes(count)).toBe(text);
});

test('one and many', () => {
  expect(counted(1, 'reply', 'replies')).toBe('1 reply');
  expect(counted(2, 'reply', 'replies')).toBe('2 replies');
  expect(counted(0, 'packet')).toBe('0 packets');
});

test.each<[frames: (number | null)[], text: string]>([
  [[], ''],
  [[null], ''],
  [[4], 'frame 4'],
  [[4, 4, null], 'frame 4'],
  [[12, 4, 5, 6, 8], 'frames 4-6, 8, 12'],
])('%j is "%s"', (frames, text) => {
  expect(frameList(frames)).toBe(text);
});

test('a range of one frame is one frame', () => {
  expect(frameRange(4, 9)).toBe('frames 4-9');
  expect(frameRange(4, 4)).toBe('frame 4');
});
