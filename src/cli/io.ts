/**
 * What a command needs of the world, handed in, so that tests hold the terminal, the clock and the environment.
 */
import { outputError } from '../node/output-error.ts';
import type { OutputFile } from '../node/output-file.ts';
import { joined } from '../octets/joined.ts';
import { safe } from '../report/text/span.ts';

export type Output = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };

export interface Io {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Milliseconds; only differences count. */
  readonly now: () => number;
}

const defaultWidth = 100;

/** Columns of an output: the terminal's, or those of a page where no terminal says. */
export function widthOf(output: Output | null): number {
  return output?.isTTY === true ? (output.columns ?? defaultWidth) : defaultWidth;
}

/** Exit status: `found` by `--fail-on`, `unreadable` when an input could not be read or the command line is wrong. */
export const exitStatus = { done: 0, found: 1, unreadable: 2 } as const;

/** One line on standard error, which is the last place: where it cannot be written, nobody can be told. */
export function complain(io: Io, message: string): Promise<void> {
  return write(io.stderr, `pptpscope: ${safe(message)}\n`).catch(() => {});
}

/** Resolves when the text is handed over, or when nobody reads any more: a closed pipe is no error. Else an OutputError. */
export function write(output: Output, text: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    output.write(text, (error?: Error | null) => {
      if (error && !isBrokenPipe(error)) reject(outputError('standard output', error));
      else resolve();
    });
  });
}

/** `file` null: to standard output. */
export async function writeBlocks(blocks: readonly Uint8Array[], file: OutputFile | null, io: Io): Promise<void> {
  if (blocks.length === 0) return;
  const octets = joined(blocks);
  await (file === null ? write(io.stdout, octets) : file.write(octets));
}

export function isBrokenPipe(error: Error): boolean {
  return 'code' in error && error.code === 'EPIPE';
}
