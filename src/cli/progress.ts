/**
 * A progress bar on standard error: only where that is a terminal, and only once reading takes its time.
 */
import type { SingleBar } from 'cli-progress';
import type { ReadProgress } from '../node/index.ts';
import { safe } from '../report/text.ts';
import type { Io } from './io.ts';

/** Shorter reads show nothing. */
const patienceMilliseconds = 500;

const sized = '{bar} {percentage}%  {megabytes} MB  {path}';
const unsized = '{megabytes} MB  {path}';
const triedOn = '{bar} {percentage}%  passwords tried on {value} of {total} calls';

export class ProgressBar {
  private readonly io: Io;
  private readonly since: number;
  private bar: SingleBar | null = null;
  /** Of the bar, or of the last. */
  private format = '';
  /** Loaded once a bar is wanted: most reads are over before. */
  private library: typeof import('cli-progress') | null = null;
  private loading: Promise<void> | null = null;
  /** How far each capture is, by path. */
  private readonly read = new Map<string, ReadProgress>();

  constructor(io: Io) {
    this.io = io;
    this.since = io.now();
  }

  show(progress: ReadProgress): void {
    this.read.set(progress.path, progress);
    const { path, bytesRead, size } = this.whole(progress);
    const megabytes = (bytesRead / 1e6).toFixed(1);
    this.draw(size === null ? unsized : sized, bytesRead, size ?? 0, { path, megabytes });
  }

  /** Passwords were tried on so many calls. Who tries them waits until that can be shown. */
  async tried(calls: number, all: number): Promise<void> {
    this.draw(triedOn, calls, all, {});
    if (this.loading === null || this.library !== null) return;
    await this.loading;
    this.draw(triedOn, calls, all, {});
  }

  private draw(format: string, done: number, all: number, words: Record<string, string>): void {
    if (this.io.stderr.isTTY !== true || this.io.now() - this.since < patienceMilliseconds) return;
    const library = this.library;
    if (library === null) {
      this.loading ??= this.load();
      return;
    }
    if (this.format !== format) this.clear();
    this.format = format;
    if (this.bar === null) {
      this.bar = this.newBar(library, format);
      this.bar.start(all, done, words);
    }
    this.bar.update(done, words);
  }

  /** Of several captures, which may be read at the same time, all together. */
  private whole(progress: ReadProgress): ReadProgress {
    const all = [...this.read.values()];
    const path = progress.path === '-' ? 'standard input' : safe(progress.path);
    if (all.length === 1) return { ...progress, path };
    const sum = (numbers: readonly number[]): number => numbers.reduce((one, other) => one + other, 0);
    const sizes = all.flatMap(({ size }) => size ?? []);
    return {
      path: `${all.length} captures`,
      bytesRead: sum(all.map(({ bytesRead }) => bytesRead)),
      size: sizes.length < all.length ? null : sum(sizes),
    };
  }

  /** Takes the bar off the terminal. */
  clear(): void {
    this.bar?.stop();
    this.bar = null;
  }

  private async load(): Promise<void> {
    this.library = await import('cli-progress');
  }

  private newBar(library: typeof import('cli-progress'), format: string): SingleBar {
    return new library.SingleBar({
      stream: this.io.stderr,
      format,
      barsize: 24,
      barCompleteChar: '█',
      barIncompleteChar: '░',
      clearOnComplete: true,
      hideCursor: null,
      linewrap: null,
      // Its signal handler would swallow the interrupt; with the cursor left alone there is nothing to restore.
      gracefulExit: false,
    });
  }
}
