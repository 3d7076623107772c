/**
 * The one door through which text enters the text report: everything, ours or captured, becomes a Span,
 * and a Span holds nothing that a terminal would obey.
 */
import { printable } from '../../octets/printable.ts';

/** How marks look; the command line gives colours or, without them, the identity. Without colour nothing is lost. */
export interface Palette {
  passed(text: string): string;
  failed(text: string): string;
  partial(text: string): string;
  faint(text: string): string;
}

export type Mark = keyof Palette;

/** Text with one mark. Made by `span` alone. */
export interface Span {
  readonly text: string;
  readonly mark: Mark | null;
  /** Id of the heading that it names, where a document may lead there. */
  readonly to?: string;
  /** What a sign means that no word stands beside: for who cannot see it. */
  readonly says?: string;
}

/** No colours: text as it is. */
export const plainPalette: Palette = {
  passed: (text) => text,
  failed: (text) => text,
  partial: (text) => text,
  faint: (text) => text,
};

/** The door: the only way to make a Span. */
export function span(text: string, mark: Mark | null = null): Span {
  return { text: safe(text), mark };
}

/** What leads to a heading in a document: `to` is its id. */
export function reference(to: string, mark: Mark | null = null, text = to): Span {
  return { ...span(text, mark), to };
}

/** A sign, and what it says. */
export function sign(text: string, mark: Mark, says: string): Span {
  return { ...span(text, mark), says };
}

/**
 * The whole text with what a terminal would obey made visible. The backslash stays as it is, unlike in
 * `printable`: `CORP\dave` is the usual form of a user name, and steers no terminal.
 */
export function safe(text: string): string {
  if (!text.includes('\\')) return printable(text, Number.POSITIVE_INFINITY);
  return text
    .split('\\')
    .map((part) => printable(part, Number.POSITIVE_INFINITY))
    .join('\\');
}
