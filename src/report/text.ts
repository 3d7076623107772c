/** The report as text: lines for a terminal. Pure: width, colours and the local time's offset come from the caller. */
import type { ReportSource } from './contract.ts';
import type { Palette } from './text/span.ts';
import { TextPage } from './text/text-page.ts';
import { type ToldOptions, told } from './text/whole.ts';

export type { TimeStyle } from './text/clock.ts';
export { type Palette, plainPalette, safe } from './text/span.ts';

/** How the text report looks. */
export interface TextOptions extends ToldOptions {
  /** Columns that no line exceeds; below 40 it is taken as 40. */
  width: number;
  palette: Palette;
}

const narrowest = 40;

/** The whole report, in pieces. Every line ends with a newline and holds no control character but what the palette adds. */
export function textReport(report: ReportSource, options: TextOptions): Generator<string> {
  return told(report, new TextPage(Math.max(narrowest, Math.trunc(options.width)), options.palette), options);
}
