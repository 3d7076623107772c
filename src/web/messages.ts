/** What the page and its worker say to each other. */
import type { ReadProgress } from '../reading/reading.ts';
import type { TimeStyle } from '../report/text.ts';

export type Format = 'html' | 'markdown' | 'json' | 'csv' | 'sarif';

/** A report, and how it is to be written. */
export interface Wish {
  readonly format: Format;
  readonly time: TimeStyle;
  /** Pseudonyms for names and addresses. */
  readonly redact: boolean;
  /** To a file; else it is to be shown. */
  readonly save: boolean;
}

/** Captures to be read. */
export interface Reading {
  readonly files: readonly File[];
  readonly controlPorts: readonly number[];
}

/** To the worker: captures to be read, then any number of reports over them. */
export type Order = { readonly reading: Reading } | { readonly wish: Wish };

/** From the worker. */
export type Answer =
  /** `again`: read once more, for the diagrams. */
  | { readonly progress: ReadProgress; readonly again: boolean }
  /** All have been read. */
  | { readonly read: true }
  | { readonly wish: Wish; readonly document: Blob }
  /** It cannot go on: why. */
  | { readonly fault: string };
