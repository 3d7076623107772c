/**
 * Whether and how to colour: the terminal decides, `NO_COLOR`, `FORCE_COLOR` and `--no-color` overrule it.
 */
import { styleText } from 'node:util';
import { type Palette, plainPalette } from '../report/text.ts';
import type { Io, Output } from './io.ts';

/** `--no-color` goes before `FORCE_COLOR`, and that before `NO_COLOR`, as in Node itself. */
export function coloured(output: Output | null, { environment }: Pick<Io, 'environment'>, allowed: boolean): boolean {
  if (!allowed) return false;
  const force = environment['FORCE_COLOR'];
  if (force !== undefined) return force !== '0' && force !== 'false';
  if ((environment['NO_COLOR'] ?? '') !== '') return false;
  return output?.isTTY === true && environment['TERM'] !== 'dumb';
}

export function paletteFor(colours: boolean): Palette {
  return colours ? colourPalette : plainPalette;
}

const style =
  (format: Parameters<typeof styleText>[0]) =>
  (text: string): string =>
    styleText(format, text, { validateStream: false });

const colourPalette: Palette = {
  passed: style('green'),
  failed: style('red'),
  partial: style('yellow'),
  faint: style('dim'),
};
