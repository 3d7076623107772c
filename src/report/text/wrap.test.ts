import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Span, span } from './span.ts';
import { columnsOf, wrap } from './wrap.ts';

const texts = (lines: Span[][]): string[] => lines.map((line) => line.map(({ text }) => text).join(''));
const wrapped = (text: string, first: number, rest = first): string[] => texts(wrap([span(text)], first, rest));

describe('wrap', () => {
  test.each<[text: string, first: number, rest: number, lines: string[]]>([
    ['one two three', 7, 7, ['one two', 'three']],
    ['one two three', 13, 13, ['one two three']],
    ['one two three', 12, 12, ['one two', 'three']],
    ['one two three', 3, 9, ['one', 'two three']],
    ['abcdefgh', 3, 3, ['abc', 'def', 'gh']],
    ['a abcdefgh b', 4, 4, ['a', 'abcd', 'efgh', 'b']],
    ['a  b', 10, 10, ['a  b']],
    ['日本語日本語', 5, 5, ['日本', '語日', '本語']],
    ['', 10, 10, ['']],
  ])('%j in %i columns, then %i', (text, first, rest, lines) => {
    expect(wrapped(text, first, rest)).toEqual(lines);
  });

  test('marks stay on their own text over a break', () => {
    expect(wrap([span('ab '), span('cd ef', 'failed')], 5, 5)).toEqual([
      [
        { text: 'ab ', mark: null },
        { text: 'cd', mark: 'failed' },
      ],
      [{ text: 'ef', mark: 'failed' }],
    ]);
  });

  const anyText = fc.array(fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), fc.constant(' ')), {
    maxLength: 12,
  });

  test('no line is wider than asked for, and nothing but spaces at the breaks is lost', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 10, max: 60 }), fc.integer({ min: 10, max: 60 }), (parts, first, rest) => {
        const spans = parts.map((part) => span(part));
        const lines = texts(wrap(spans, first, rest));
        expect(columnsOf(lines[0] ?? '')).toBeLessThanOrEqual(first);
        for (const line of lines.slice(1)) expect(columnsOf(line)).toBeLessThanOrEqual(rest);
        const squeezed = (text: string): string => text.replaceAll(' ', '');
        expect(squeezed(lines.join(''))).toBe(squeezed(spans.map(({ text }) => text).join('')));
      }),
      { numRuns: 500 },
    );
  });
});
