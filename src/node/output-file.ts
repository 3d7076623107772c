/**
 * Files that are written: whole or not at all. What is written goes to a new file beside the target, which takes the
 * target's name when all of it is on the disk. Nothing that exists is written into, and nothing is replaced unasked.
 */
import { randomBytes } from 'node:crypto';
import { fstatSync, linkSync, lstatSync, renameSync, rmSync, type Stats, statSync } from 'node:fs';
import { type FileHandle, open, readlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { OutputError, outputError } from './output-error.ts';

export interface OutputWish {
  /** A file that exists may be replaced. */
  readonly force: boolean;
  /** What is read meanwhile, `-` for standard input: never replaced. */
  readonly inputs: readonly string[];
  /** Nobody else is to read it; else a new file is as the umask says. One that is replaced keeps its permissions. */
  readonly secret: boolean;
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export class OutputFile {
  readonly target: string;
  private readonly handle: FileHandle;
  /** Null where the target is a pipe or a device, which is written as it is. */
  private readonly temporary: string | null;
  private readonly force: boolean;
  private done = false;

  private constructor(target: string, handle: FileHandle, temporary: string | null, force: boolean) {
    this.target = target;
    this.handle = handle;
    this.temporary = temporary;
    this.force = force;
    if (temporary !== null) for (const signal of signals) process.once(signal, this.interrupted);
  }

  /** Throws an OutputError where nothing can be written there, or may not. */
  static async open(target: string, { force, inputs, secret }: OutputWish): Promise<OutputFile> {
    try {
      const there = follow(target);
      if (there !== null && inputs.some((input) => isSame(there, input))) {
        throw new OutputError(`${target}: is one of the captures, and would be overwritten`);
      }
      if (there?.isDirectory()) throw new OutputError(`${target}: is a directory`);
      if (there?.isBlockDevice()) throw new OutputError(`${target}: is a disk, not a file`);
      if (there !== null && !there.isFile()) {
        return new OutputFile(target, await open(target, 'w'), null, force);
      }
      const held = lstatSync(target, { throwIfNoEntry: false });
      if (held !== undefined && !force) throw new OutputError(await whatIsThere(target, held));
      const temporary = join(dirname(target), `.pptpscope-${randomBytes(6).toString('hex')}.part`);
      const handle = await open(temporary, 'wx', secret ? 0o600 : 0o666);
      // Never to run as somebody else: who made the file that is replaced is not known.
      if (held?.isFile()) await handle.chmod(held.mode & 0o777);
      return new OutputFile(target, handle, temporary, force);
    } catch (error) {
      throw outputError(target, error);
    }
  }

  async write(octets: Uint8Array | string): Promise<void> {
    try {
      await this.handle.writeFile(octets);
    } catch (error) {
      throw outputError(this.target, error);
    }
  }

  /** All was written: now it is there, under its name. */
  async commit(): Promise<void> {
    const { temporary, target } = this;
    if (this.done) return;
    try {
      if (temporary !== null) await this.handle.sync();
      await this.handle.close();
      if (temporary !== null) this.rename(temporary);
    } catch (error) {
      await this.discard();
      throw outputError(target, error);
    }
    this.end();
  }

  /** Nothing of it stays. Does nothing after `commit`. */
  async discard(): Promise<void> {
    if (this.done) return;
    this.end();
    await this.handle.close().catch(() => {});
    if (this.temporary !== null) rmSync(this.temporary, { force: true });
  }

  private rename(temporary: string): void {
    const { target, force } = this;
    if (!force) {
      try {
        // Unlike a renaming, a link never replaces what came to be there in the meantime.
        linkSync(temporary, target);
        rmSync(temporary, { force: true });
        return;
      } catch (error) {
        const there = lstatSync(target, { throwIfNoEntry: false });
        if (there !== undefined) throw error;
        // Some file systems know no links.
      }
    }
    renameSync(temporary, target);
  }

  private end(): void {
    this.done = true;
    for (const signal of signals) process.off(signal, this.interrupted);
  }

  private readonly interrupted = (signal: NodeJS.Signals): void => {
    if (this.temporary !== null) rmSync(this.temporary, { force: true });
    process.kill(process.pid, signal);
  };
}

/** What a path leads to; null where it leads to nothing. Throws where that cannot be known. */
function follow(path: string): Stats | null {
  return statSync(path, { throwIfNoEntry: false }) ?? null;
}

/** The same file, under whatever names. */
function isSame(one: Stats, input: string): boolean {
  try {
    const other = input === '-' ? fstatSync(0) : statSync(input);
    return one.isFile() && one.dev === other.dev && one.ino === other.ino;
  } catch {
    // What is not there is told by who reads it.
    return false;
  }
}

async function whatIsThere(target: string, held: Stats): Promise<string> {
  if (!held.isSymbolicLink()) return `${target}: exists; --force replaces it`;
  return `${target}: is a symbolic link to ${await readlink(target)}; --force replaces the link`;
}
