/** Captures one behind the other in one file: another program takes longer to start than to read them. */
import { basename } from 'node:path';
import { outputOf } from './tools.ts';

/** A capture's place in the file. */
export interface JoinedCapture {
  readonly name: string;
  /** The number that its first frame has there. */
  readonly first: number;
  readonly frames: number;
}

/** Writes `target`, a pcapng, with mergecap; capinfos tells how many frames each capture has. */
export function joinCaptures(paths: readonly string[], target: string): JoinedCapture[] {
  outputOf('mergecap', ['-a', '-w', target, ...paths]);
  const rows = outputOf('capinfos', ['-TrcM', ...paths])
    .toString()
    .trim()
    .split('\n');
  let first = 1;
  return rows.map((row) => {
    const [path = '', frames] = row.split('\t');
    const capture = { name: basename(path), first, frames: Number(frames) };
    first += capture.frames;
    return capture;
  });
}

/** The capture that a frame of the file comes from, and its number there. */
export function captureOfFrame(captures: readonly JoinedCapture[], frame: number): { name: string; frame: number } {
  const capture = captures.find(({ first, frames }) => frame >= first && frame < first + frames);
  if (capture === undefined) throw new Error(`no capture has frame ${frame}`);
  return { name: capture.name, frame: frame - capture.first + 1 };
}
