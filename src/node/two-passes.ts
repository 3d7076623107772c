/**
 * Captures that are read twice: first for the tunnels, then frame by frame by somebody who knows them. What can be read only
 * once (standard input, a pipe) is written to a temporary file while the tunnels are found.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { type FileHandle, open, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AnalysisOptions } from '../analysis-options.ts';
import { Analysis } from '../analyze.ts';
import type { Frame } from '../capture/frame.ts';
import { CaptureReader } from '../capture/reader.ts';
import type { Instant } from '../octets/instant.ts';
import { Limits, type ReachedLimit } from '../octets/limits.ts';
import { inputsOf } from '../reading/inputs.ts';
import { type ReadProgress, readCaptures } from '../reading/reading.ts';
import { InputError } from '../reading/source.ts';
import type { Report } from '../report/contract.ts';
import type { Tunnel } from '../sessions/model/tunnel.ts';
import { outputError } from './output-error.ts';
import { captureAt, openCapture } from './source.ts';

export interface TwoPassReading extends Omit<AnalysisOptions, 'keepSecrets'> {
  onProgress?: (progress: ReadProgress) => void;
}

export interface Timing {
  /** The earliest time of a frame. */
  readonly first: Instant | null;
  /** Decimal digits after the second that times have. */
  readonly digits: number;
}

/** What a second pass is asked and told. */
export interface SecondPass {
  /** After the first pass: the tunnels of all captures. False ends it all. */
  report(report: Report): Promise<boolean> | boolean;
  /** A sequence of captures begins, with these tunnels: who takes its frames. */
  sequence(tunnels: readonly Tunnel[], limits: Limits): FrameTaker;
  /** A capture begins, or goes on from the one before: then frames are numbered on, and the timing is that of the first. */
  capture(index: number, path: string, timing: Timing): Promise<void> | void;
  /** After each chunk: what was made of its frames may be written. */
  flush(): Promise<void>;
}

export interface FrameTaker {
  /** `next-sequence`: no frame after this one is of interest; `enough`: of no capture. */
  frame(frame: Frame): 'more' | 'next-sequence' | 'enough';
  /** The frames of the sequence have been read, as many as were of interest. */
  finish(): void;
}

/**
 * Captures that cannot be read stand in the report that the second pass gets. Answers the limits that were reached, by the report
 * too.
 */
export async function readTwice(
  paths: readonly string[],
  reading: TwoPassReading,
  second: SecondPass,
): Promise<ReachedLimit[]> {
  const { onProgress, ...options } = reading;
  const spool = new Spool();
  try {
    // The second pass has to know the passwords that it covers, or the responses that it tries passwords on.
    const analysis = new Analysis({ ...options, keepSecrets: true });
    const places = (await inputsOf(paths.map(captureAt), options.limits)).map((input, index) => ({ index, input }));
    const regular = await Promise.all(places.map(({ input }) => isRegularFile(input.extent.path)));
    const onChunk = (index: number, chunk: Uint8Array) => (regular[index] ? null : spool.write(index, chunk));
    await readCaptures(analysis, places, { onProgress, onChunk });
    const report = analysis.report();
    const limits = new Limits(options.limits);
    if (!(await second.report(report))) return report.limitsReached;
    for (const sequence of analysis.results()) {
      const tunnels = report.tunnels.filter(({ capture }) => capture === sequence.index);
      const frames = new SequenceFrames(second.sequence(tunnels, limits), () => second.flush(), limits);
      for (const { index, report: capture } of sequence.captures) {
        const path = regular[index] ? capture.path : spool.path(index);
        if (path === null) continue;
        await second.capture(index, capture.path, sequence.timing);
        await frames.read(path);
        if (frames.wanted !== 'more') break;
      }
      await frames.finish();
      if (frames.wanted === 'enough') break;
    }
    const told = new Set(report.limitsReached.map(({ limit }) => limit));
    return [...report.limitsReached, ...limits.list().filter(({ limit }) => !told.has(limit))];
  } finally {
    await spool.close();
  }
}

/** The frames of the captures of one sequence. */
class SequenceFrames {
  wanted: ReturnType<FrameTaker['frame']> = 'more';
  private readonly taker: FrameTaker;
  private readonly flush: () => Promise<void>;
  private readonly limits: Limits;
  private before: CaptureReader | null = null;

  constructor(taker: FrameTaker, flush: () => Promise<void>, limits: Limits) {
    this.taker = taker;
    this.flush = flush;
    this.limits = limits;
  }

  /** For the reader alone. */
  frame(frame: Frame): void {
    if (this.wanted === 'more') this.wanted = this.taker.frame(frame);
  }

  /** The next capture of the sequence. */
  async read(path: string): Promise<void> {
    const reader = new CaptureReader(this, this.limits);
    if (this.before !== null) reader.goOnFrom(this.before);
    this.before = reader;
    try {
      const source = await openCapture(path);
      try {
        for await (const chunk of source.chunks(this.limits)) {
          reader.push(chunk);
          await this.flush();
          if (this.wanted !== 'more') break;
        }
        if (this.wanted === 'more') reader.finish();
      } finally {
        await source.close();
      }
    } catch (error) {
      // The first pass has said so.
      if (!(error instanceof InputError)) throw error;
    }
    await this.flush();
  }

  async finish(): Promise<void> {
    this.taker.finish();
    await this.flush();
  }
}

async function isRegularFile(path: string): Promise<boolean> {
  if (path === '-' || path === '/dev/stdin') return false;
  return stat(path).then(
    (status) => status.isFile(),
    () => false,
  );
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Temporary copies of what can be read only once. */
class Spool {
  private folder: string | null = null;
  private readonly copies = new Map<number, { readonly path: string; readonly handle: FileHandle }>();

  /** Throws an OutputError. */
  async write(index: number, chunk: Uint8Array): Promise<void> {
    try {
      const copy = this.copies.get(index) ?? (await this.begin(index));
      await copy.handle.writeFile(chunk);
    } catch (error) {
      throw outputError(`the temporary copy in ${tmpdir()}`, error);
    }
  }

  /** null where nothing was written. */
  path(index: number): string | null {
    return this.copies.get(index)?.path ?? null;
  }

  private async begin(index: number): Promise<{ path: string; handle: FileHandle }> {
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
