/** Where captures come from in a browser: files that somebody has chosen. */
import type { Openable } from '../reading/inputs.ts';
import { InputError, type Platform, type RawInput, RecognisedSource } from '../reading/source.ts';
import type { Copies } from '../reading/two-passes.ts';
import { gunzip } from './gunzip.ts';

/** Each is fetched from another process of the browser's: a tenth as many as of 1 MiB take a third of the time. */
const chunkSize = 8 * 1024 * 1024;

const platform: Platform = { gunzip, inputError };

/** A capture to be opened; its name is its path. */
export function captureIn(file: File): Openable {
  return {
    path: file.name,
    async open() {
      try {
        return await RecognisedSource.of(file.name, rawInput(file), platform);
      } catch (error) {
        throw inputError(file.name, error);
      }
    },
  };
}

/** Files can be read as often as somebody likes. */
export class ChosenFiles implements Copies {
  private captures: readonly Openable[] = [];

  async begin(captures: readonly Openable[]): Promise<void> {
    this.captures = captures;
  }

  write(): null {
    return null;
  }

  again(index: number): Openable | null {
    return this.captures[index] ?? null;
  }
}

function rawInput(file: File): RawInput {
  const readAt = async (position: number, size: number): Promise<Uint8Array> =>
    new Uint8Array(await file.slice(position, position + size).arrayBuffer());
  async function* chunks(): AsyncGenerator<Uint8Array, void> {
    // The next one is on its way while this one is used; a fault in it is told when it is asked for.
    let next = readAt(0, chunkSize);
    for (let at = 0; at < file.size; at += chunkSize) {
      const chunk = await next;
      next = readAt(at + chunkSize, chunkSize);
      next.catch(() => {});
      yield chunk;
    }
  }
  return { size: file.size, chunks: chunks(), readAt, close: async () => {} };
}

/** A folder, and a file that has changed or gone since it was chosen, are errors of reading. */
function inputError(path: string, error: unknown): InputError {
  if (error instanceof InputError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new InputError('read-failed', `${path}: cannot be read: ${reason}`, { cause: error });
}
