/** What a report is told on: lines for a terminal, or a document. The words are the same. */
import type { Span } from './span.ts';

/**
 * What a heading stands above. `outcomes`: what became of all tunnels; `section`: a part of the details; `part`: what else
 * concerns all tunnels.
 */
export type HeadingKind = 'outcomes' | 'capture' | 'tunnel' | 'call' | 'cause' | 'section' | 'part' | 'finding';

export interface Page {
  /** A document has a heading above every part, and puts details out of sight until somebody asks for them. */
  readonly kind: 'lines' | 'document';

  /** `id`: what spans lead to it by. */
  heading(kind: HeadingKind, spans: readonly Span[], id?: string): void;

  /** Ends what stands together. */
  blank(): void;

  /** Text that begins at column `indent` and goes on at column `hanging`. */
  paragraph(spans: readonly Span[], indent?: number, hanging?: number): void;

  /** A row of a list: what it is, what is to say about it, and an aside. `labelWidth`, `asideWidth`: columns that all its rows need. */
  entry(label: readonly Span[], labelWidth: number, text: readonly Span[], aside: string, asideWidth: number): void;

  /** Cells under their headings. */
  table(headings: readonly string[], rows: readonly (readonly string[])[], indent: number): void;

  /** What `tell` writes; in a document out of sight, under `title`. */
  details(title: string, tell: () => void): void;

  /** What was written since it was asked last. */
  take(): string;
}
