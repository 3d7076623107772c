/**
 * Captures that are read twice: first for the tunnels, then frame by frame by somebody who knows them. What can be read only
 * once is copied while the tunnels are found, where the platform can.
 */
import type { AnalysisOptions } from '../analysis-options.ts';
import { Analysis } from '../analyze.ts';
import type { Frame } from '../capture/frame.ts';
import { CaptureReader } from '../capture/reader.ts';
import type { Instant } from '../octets/instant.ts';
import { Limits, type ReachedLimit } from '../octets/limits.ts';
import type { List } from '../octets/packed-list.ts';
import type { ReportSource, TunnelReport } from '../report/contract.ts';
import type { Tunnel } from '../sessions/model/tunnel.ts';
import { inputsOf, type Openable } from './inputs.ts';
import { type ReadProgress, readCaptures } from './reading.ts';
import { InputError } from './source.ts';

export interface TwoPassReading extends Omit<AnalysisOptions, 'keepSecrets'> {
  /** Of the first pass. */
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
  /**
   * After the first pass, whose tunnels hold the passwords that went over the links. Answers the tunnels that the second pass
   * has to know, in their order; null ends it all.
   */
  report(source: ReportSource): Promise<List<TunnelReport> | null> | List<TunnelReport> | null;
  /** A sequence of captures begins, with these tunnels: who takes its frames. */
  sequence(tunnels: readonly Tunnel[], limits: Limits): Promise<FrameTaker> | FrameTaker;
  /** A capture begins, or goes on from the one before: then frames are numbered on, and the timing is that of the first. */
  capture(index: number, path: string, timing: Timing): Promise<void> | void;
  /** After each chunk: what was made of its frames may be written. */
  flush(): Promise<void>;
  /** How far it has come, after each chunk. */
  progress?(read: ReadProgress): void;
}

export interface FrameTaker {
  /** `next-sequence`: no frame after this one is of interest; `enough`: of no capture. */
  frame(frame: Frame): 'more' | 'next-sequence' | 'enough';
  /** The frames of the sequence have been read, as many as were of interest. */
  finish(): void;
}

/** Captures that are to be read a second time. By their places in the order of reading. */
export interface Copies {
  /** Before the first pass. */
  begin(captures: readonly Openable[]): Promise<void>;
  /** A chunk of the first pass: null where it needs no copy. */
  write(index: number, chunk: Uint8Array): Promise<void> | null;
  /** What the second pass reads; null where there is nothing to read. */
  again(index: number): Openable | null;
}

/**
 * Captures that cannot be read stand in the report that the second pass gets. Answers the limits that were reached, by the report
 * too.
 */
export async function readTwice(
  captures: readonly Openable[],
  reading: TwoPassReading,
  second: SecondPass,
  copies: Copies,
): Promise<ReachedLimit[]> {
  const { onProgress, ...options } = reading;
  // The second pass has to know the passwords that it covers, or the responses that it tries passwords on.
  const analysis = new Analysis({ ...options, keepSecrets: true });
  const places = (await inputsOf(captures, options.limits)).map((input, index) => ({ index, input }));
  await copies.begin(places.map(({ input }) => input.capture));
  const onChunk = (index: number, chunk: Uint8Array) => copies.write(index, chunk);
  await readCaptures(analysis, places, { onProgress, onChunk });
  const source = analysis.source();
  const limits = new Limits(options.limits);
  const known = await second.report(source);
  if (known === null) return [...source.limitsReached];
  const tunnels = new Map<number, TunnelReport[]>();
  for (const tunnel of known) {
    const held = tunnels.get(tunnel.capture);
    if (held === undefined) tunnels.set(tunnel.capture, [tunnel]);
    else held.push(tunnel);
  }
  for (const sequence of analysis.results()) {
    const own = tunnels.get(sequence.index) ?? [];
    const frames = new SequenceFrames(await second.sequence(own, limits), second, limits);
    for (const { index, report } of sequence.captures) {
      const capture = copies.again(index);
      if (capture === null) continue;
      await second.capture(index, report.path, sequence.timing);
      await frames.read(capture);
      if (frames.wanted !== 'more') break;
    }
    await frames.finish();
    if (frames.wanted === 'enough') break;
  }
  const told = new Set(source.limitsReached.map(({ limit }) => limit));
  return [...source.limitsReached, ...limits.list().filter(({ limit }) => !told.has(limit))];
}

/** The frames of the captures of one sequence. */
class SequenceFrames {
  wanted: ReturnType<FrameTaker['frame']> = 'more';
  private readonly taker: FrameTaker;
  private readonly second: SecondPass;
  private readonly limits: Limits;
  private before: CaptureReader | null = null;

  constructor(taker: FrameTaker, second: SecondPass, limits: Limits) {
    this.taker = taker;
    this.second = second;
    this.limits = limits;
  }

  /** For the reader alone. */
  frame(frame: Frame): void {
    if (this.wanted === 'more') this.wanted = this.taker.frame(frame);
  }

  /** The next capture of the sequence. */
  async read(capture: Openable): Promise<void> {
    const reader = new CaptureReader(this, this.limits);
    if (this.before !== null) reader.goOnFrom(this.before);
    this.before = reader;
    try {
      const source = await capture.open();
      const { path, size } = source;
      try {
        for await (const chunk of source.chunks(this.limits)) {
          reader.push(chunk);
          await this.second.flush();
          this.second.progress?.({ path, bytesRead: source.bytesRead, size });
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
    await this.second.flush();
  }

  async finish(): Promise<void> {
    this.taker.finish();
    await this.second.flush();
  }
}
