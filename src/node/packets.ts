/**
 * The packet view of captures in Node: each is read twice, first for the tunnels, then for the packets. What can be read
 * only once (standard input, a pipe) is written to a temporary file while the tunnels are found.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { type FileHandle, open, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Analysis, type AnalysisOptions } from '../analyze.ts';
import type { Frame } from '../capture/frame.ts';
import { CaptureReader } from '../capture/reader.ts';
import type { Instant } from '../octets/instant.ts';
import { Limits, type ReachedLimit } from '../octets/limits.ts';
import type { Report } from '../report/contract.ts';
import { type Interest, PacketView, type ViewedPacket } from '../sessions/packet-view.ts';
import type { ReadProgress } from './index.ts';
import { type CaptureSource, InputError, openCapture } from './source.ts';

export interface PacketReading extends AnalysisOptions {
  /** Packets outside of tunnels too. */
  readonly all: boolean;
  onProgress?: (progress: ReadProgress) => void;
}

export interface Timing {
  /** The earliest time of a frame. */
  readonly first: Instant | null;
  /** Decimal digits after the second that times have. */
  readonly digits: number;
}

/** What the second pass is asked and told. */
export interface PacketSink {
  /** After the first pass: the tunnels of all captures. False ends it all. */
  report(report: Report): Promise<boolean> | boolean;
  /** A capture begins. */
  capture(index: number, timing: Timing): Promise<void> | void;
  /** Whether the frame is of interest: `stop` where none after it is. */
  wants(frame: Frame): 'yes' | 'no' | 'stop';
  /** Whether GRE of that owner may be: false is certain. */
  readonly interest: Interest;
  /** False: no more packets are wanted. */
  packet(packet: ViewedPacket): boolean;
  /** After each chunk: what was made of its packets may be written. */
  flush(): Promise<void>;
}

/**
 * Reads the captures one after the other. Those that cannot be read stand in the report that the sink gets. Answers the
 * limits that were reached, by the report too.
 */
export async function viewPackets(
  paths: readonly string[],
  reading: PacketReading,
  sink: PacketSink,
): Promise<ReachedLimit[]> {
  const { all, onProgress, ...options } = reading;
  const spool = new Spool();
  try {
    const analysis = new Analysis(options);
    const again: (string | null)[] = [];
    const timings: Timing[] = [];
    for (const path of paths) again.push(await analyzeOnce(analysis, path, spool, timings, onProgress));
    const report = analysis.report();
    const limits = new Limits(options.limits);
    if (!(await sink.report(report))) return report.limitsReached;
    for (const [index, path] of again.entries()) {
      if (path === null) continue;
      await sink.capture(index, timings[index] ?? { first: null, digits: 6 });
      const view = new PacketView(
        report.tunnels.filter((tunnel) => tunnel.capture === index),
        limits,
      );
      if (!(await secondPass(path, view, all, sink, limits))) break;
    }
    const told = new Set(report.limitsReached.map(({ limit }) => limit));
    return [...report.limitsReached, ...limits.list().filter(({ limit }) => !told.has(limit))];
  } finally {
    await spool.close();
  }
}

/** The first pass over one capture; answers where the second can read it, null where it cannot be read. */
async function analyzeOnce(
  analysis: Analysis,
  path: string,
  spool: Spool,
  timings: Timing[],
  onProgress: PacketReading['onProgress'],
): Promise<string | null> {
  let source: CaptureSource;
  try {
    source = await openCapture(path);
  } catch (error) {
    const capture = analysis.capture(path, null);
    capture.fail(problemOf(error));
    capture.finish();
    timings.push({ first: null, digits: 6 });
    return null;
  }
  const capture = analysis.capture(path, source.compression);
  const copy = (await isRegularFile(path)) ? null : await spool.file();
  try {
    for await (const chunk of source.chunks(capture.limits)) {
      capture.push(chunk);
      if (copy !== null) await copy.handle.write(chunk);
      onProgress?.({ path, bytesRead: source.bytesRead, size: source.size });
    }
  } catch (error) {
    capture.fail(problemOf(error));
  }
  capture.finish();
  timings.push(capture.result?.timing ?? { first: null, digits: 6 });
  return copy === null ? path : copy.path;
}

/** False where no more packets are wanted of any capture. */
async function secondPass(
  path: string,
  view: PacketView,
  all: boolean,
  sink: PacketSink,
  limits: Limits,
): Promise<boolean> {
  let more = true;
  let enough = false;
  const reader = new CaptureReader(
    {
      frame(frame) {
        if (!more) return;
        const wanted = sink.wants(frame);
        if (wanted === 'stop') {
          more = false;
          return;
        }
        const packet = view.packet(frame, all, wanted === 'yes' ? sink.interest : null);
        if (packet === null || sink.packet(packet)) return;
        more = false;
        enough = true;
      },
    },
    limits,
  );
  let source: CaptureSource;
  try {
    source = await openCapture(path);
  } catch (error) {
    // It could be read a moment ago.
    if (error instanceof InputError) return true;
    throw error;
  }
  try {
    for await (const chunk of source.chunks(limits)) {
      reader.push(chunk);
      await sink.flush();
      if (!more) break;
    }
    if (more) reader.finish();
  } catch (error) {
    // The first pass has said so.
    if (!(error instanceof InputError)) throw error;
  } finally {
    await source.close();
  }
  await sink.flush();
  return !enough;
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
  #folder: string | null = null;
  readonly #handles: FileHandle[] = [];

  async file(): Promise<{ path: string; handle: FileHandle }> {
    if (this.#folder === null) {
      // In this order and in one go: whenever the signal comes, it finds the folder named or not yet made.
      for (const signal of signals) process.once(signal, this.#interrupted);
      this.#folder = mkdtempSync(join(tmpdir(), 'pptpscope-'));
    }
    const path = join(this.#folder, `capture-${this.#handles.length}`);
    // It holds what somebody captured: nobody else is to read it.
    const handle = await open(path, 'wx', 0o600);
    this.#handles.push(handle);
    return { path, handle };
  }

  async close(): Promise<void> {
    for (const handle of this.#handles) await handle.close();
    if (this.#folder === null) return;
    for (const signal of signals) process.off(signal, this.#interrupted);
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** Nothing of the capture is to stay behind. */
  readonly #interrupted = (signal: NodeJS.Signals): void => {
    if (this.#folder !== null) rmSync(this.#folder, { recursive: true, force: true });
    process.kill(process.pid, signal);
  };
}

function problemOf(error: unknown): { offset: null; frame: null; code: string; message: string } {
  if (!(error instanceof InputError)) throw error;
  return { offset: null, frame: null, code: error.code, message: error.message };
}
