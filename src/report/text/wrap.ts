/**
 * Lines no wider than asked for, in terminal columns: wide characters count two, combining marks none.
 * Nothing is cut off: what does not fit goes to the next line.
 */
import stringWidth from 'fast-string-width';
import type { Span } from './span.ts';

/** Printable ASCII and the report's own marks: nearly all text, and ten times quicker than to ask. */
const oneColumnEach = /^[ -~→↔↑↓✓✗…·–]*$/;

/** Made with the first word that needs it: it takes 8 ms. */
let clusters: Intl.Segmenter | null = null;

/** Terminal columns that the text takes. */
export function columnsOf(text: string): number {
  return oneColumnEach.test(text) ? text.length : stringWidth(text);
}

/** The same of spans. */
export function columnsOfAll(spans: readonly Span[]): number {
  let columns = 0;
  for (const { text } of spans) columns += columnsOf(text);
  return columns;
}

/** Lines of spans, the first at most `first` columns wide, the others at most `rest`; broken at spaces where there are any. */
export function wrap(spans: readonly Span[], first: number, rest: number): Span[][] {
  const text = textOf(spans);
  if (text.length <= first && oneColumnEach.test(text)) return [spans.filter((part) => part.text !== '')];
  const lines: Span[][] = [];
  let lineStart = 0;
  let lineEnd = 0;
  let used = 0;
  let limit = first;
  const close = (next: number): void => {
    lines.push(slice(spans, lineStart, lineEnd));
    lineStart = next;
    lineEnd = next;
    used = 0;
    limit = rest;
  };

  for (let at = 0; at <= text.length; ) {
    const space = text.indexOf(' ', at);
    const wordEnd = space < 0 ? text.length : space;
    const width = columnsOf(text.slice(at, wordEnd));
    const separator = at > lineStart ? 1 : 0;
    if (used + separator + width > limit && at > lineStart) close(at);
    if (width <= limit) {
      used += (at > lineStart ? 1 : 0) + width;
      lineEnd = wordEnd;
    } else {
      for (const end of breaks(text.slice(at, wordEnd), limit, rest)) {
        if (lineEnd > lineStart) close(lineEnd);
        lineEnd = at + end;
      }
      used = columnsOf(text.slice(lineStart, lineEnd));
    }
    at = wordEnd + 1;
  }
  close(text.length);
  return lines;
}

function textOf(spans: readonly Span[]): string {
  let text = '';
  for (const part of spans) text += part.text;
  return text;
}

/** Where to break a word that is wider than a line; ends with its length. */
function breaks(word: string, first: number, rest: number): number[] {
  const ends: number[] = [];
  if (oneColumnEach.test(word)) {
    for (let end = Math.max(1, first); end < word.length; end += Math.max(1, rest)) ends.push(end);
    return [...ends, word.length];
  }
  let start = 0;
  let limit = first;
  let end = 0;
  for (const piece of pieces(word, Math.min(first, rest))) {
    if (end > start && columnsOf(word.slice(start, end + piece.length)) > limit) {
      ends.push(end);
      start = end;
      limit = rest;
    }
    end += piece.length;
  }
  ends.push(end);
  return ends;
}

/** Grapheme clusters; code points of a cluster that alone is wider than a line. */
function* pieces(word: string, limit: number): Generator<string> {
  clusters ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' });
  for (const { segment } of clusters.segment(word)) {
    if (columnsOf(segment) <= limit) yield segment;
    else yield* segment;
  }
}

/** The spans' part between two offsets of their joined text. */
function slice(spans: readonly Span[], start: number, end: number): Span[] {
  const parts: Span[] = [];
  let offset = 0;
  for (const { text, mark } of spans) {
    const part = text.slice(Math.max(0, start - offset), Math.max(0, end - offset));
    if (part !== '') parts.push({ text: part, mark });
    offset += text.length;
  }
  return parts;
}
