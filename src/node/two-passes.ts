/**
 * Captures that are read twice, in Node. What can be read only once (standard input, a pipe) is written to a temporary file while
 * the tunnels are found.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { type FileHandle, open, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Openable } from '../reading/inputs.ts';
import type { Copies } from '../reading/two-passes.ts';
import { outputError } from './output-error.ts';
import { captureAt } from './source.ts';

/** `act` reads the captures twice with the copies that it is given. They go away in the end. */
export async function rereading<Result>(
  paths: readonly string[],
  act: (captures: readonly Openable[], copies: Copies) => Promise<Result>,
): Promise<Result> {
  const spool = new Spool();
  try {
    return await act(paths.map(captureAt), spool);
  } finally {
    await spool.close();
  }
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Temporary copies of what can be read only once. */
class Spool implements Copies {
  private folder: string | null = null;
  private regular: readonly (Openable | null)[] = [];
  private readonly copies = new Map<number, { readonly path: string; readonly handle: FileHandle }>();

  async begin(captures: readonly Openable[]): Promise<void> {
    this.regular = await Promise.all(
      captures.map(async (capture) => ((await isRegularFile(capture.path)) ? capture : null)),
    );
  }

  /** Throws an OutputError. */
  write(index: number, chunk: Uint8Array): Promise<void> | null {
    return this.regular[index] == null ? this.copy(index, chunk) : null;
  }

  again(index: number): Openable | null {
    const path = this.copies.get(index)?.path;
    return this.regular[index] ?? (path === undefined ? null : captureAt(path));
  }

  private async copy(index: number, chunk: Uint8Array): Promise<void> {
    try {
      const { handle } = this.copies.get(index) ?? (await this.file(index));
      await handle.writeFile(chunk);
    } catch (error) {
      throw outputError(`the temporary copy in ${tmpdir()}`, error);
    }
  }

  private async file(index: number): Promise<{ path: string; handle: FileHandle }> {
    if (this.folder === null) {
      // In this order and in one go: whenever the signal comes, it finds the folder named or not yet made.
      for (const signal of signals) process.once(signal, this.interrupted);
      this.folder = mkdtempSync(join(tmpdir(), 'pptpscope-'));
    }
    const path = join(this.folder, `capture-${index}`);
    // It holds what somebody captured: nobody else is to read it.
    const handle = await open(path, 'wx', 0o600);
    const copy = { path, handle };
    this.copies.set(index, copy);
    return copy;
  }

  async close(): Promise<void> {
    for (const { handle } of this.copies.values()) await handle.close();
    if (this.folder === null) return;
    for (const signal of signals) process.off(signal, this.interrupted);
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Nothing of the capture is to stay behind. */
  private readonly interrupted = (signal: NodeJS.Signals): void => {
    if (this.folder !== null) rmSync(this.folder, { recursive: true, force: true });
    process.kill(process.pid, signal);
  };
}

async function isRegularFile(path: string): Promise<boolean> {
  if (path === '-' || path === '/dev/stdin') return false;
  return stat(path).then(
    (status) => status.isFile(),
    () => false,
  );
}
