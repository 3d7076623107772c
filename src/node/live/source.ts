/**
 * Where live packets come from: a program that captures, the in-process backend, or standard input. All of them give a
 * capture as octets, so that everything behind is the same as for a file.
 */
import type { Limits } from '../../octets/limits.ts';
import { openCapture } from '../source.ts';
import { CapCapture, loadCap } from './cap.ts';
import { LiveError } from './error.ts';
import { captureFilters } from './filter.ts';
import { CaptureProcess, type CaptureWish, type ProgramName, programPath } from './programs.ts';

export type BackendName = ProgramName | 'cap' | 'stdin';
export const backendNames = ['auto', 'tcpdump', 'dumpcap', 'cap', 'stdin'] as const;

export interface LiveSource {
  readonly backend: BackendName;
  /** As the kernel got it; null where there is none. */
  readonly filter: string | null;
  /** Packets lost so far; null where nobody says. */
  readonly dropped: number | null;
  /** To be called once. Throws a LiveError (or an InputError) after all octets before the fault. `limits`: openCapture's. */
  chunks(limits: Limits): AsyncIterable<Uint8Array>;
  /** Asks it to end; a second time it is made to. */
  stop(): void;
  /** Asks for newer counters of what was lost. */
  askForCounters(): void;
}

export interface SourceWish extends Omit<CaptureWish, 'filter'> {
  readonly backend: (typeof backendNames)[number];
  readonly ports: readonly number[];
  /** The user's own filter expression. */
  readonly filter: string | null;
}

/** tcpdump first: it loses least, and its drop counters can be asked for at any time. docs/performance-live.md */
const preferred: readonly ProgramName[] = ['tcpdump', 'dumpcap'];

/** Opens the device. Throws a LiveError. */
export async function openLive(wish: SourceWish): Promise<LiveSource> {
  if (wish.interface === '-' || wish.backend === 'stdin') return standardInput();
  if (wish.backend === 'cap') return openCap(wish);
  const candidates = wish.backend === 'auto' ? preferred : [wish.backend];
  const installed = candidates.flatMap((program) => {
    const path = programPath(program);
    return path === null ? [] : [{ program, path }];
  });
  if (installed.length === 0) {
    if (wish.backend === 'auto' && 'Cap' in (await loadCap())) return openCap(wish);
    throw notInstalled(candidates);
  }
  let failure: unknown = null;
  for (const { program, path } of installed) {
    try {
      return await openProgram(program, path, wish);
    } catch (error) {
      failure ??= error;
      // Another program may have the permission that this one lacks.
      if (!(error instanceof LiveError) || error.code !== 'no-permission') throw error;
    }
  }
  throw failure;
}

async function openProgram(program: ProgramName, path: string, wish: SourceWish): Promise<LiveSource> {
  return withFilter(wish, async (filter) => {
    const started = new CaptureProcess(program, path, { ...wish, filter });
    await started.opened();
    return new ProgramSource(started, filter);
  });
}

/** What it cannot do is refused, and not done otherwise. */
async function openCap(wish: SourceWish): Promise<LiveSource> {
  const module = await loadCap();
  if (!('Cap' in module)) throw new LiveError('no-program', `cap: ${module.detail}: ${module.mend}; or use tcpdump`);
  if (wish.snapLength !== 0) throw new LiveError('capture-failed', 'cap takes packets whole: leave --snap-length out');
  if (!wish.promiscuous) {
    throw new LiveError('capture-failed', 'cap always makes the interface promiscuous: leave --no-promiscuous out');
  }
  return withFilter(wish, async (filter) => {
    const capture = new CapCapture(module, wish.interface, filter);
    return {
      backend: 'cap',
      filter,
      dropped: null,
      chunks: () => capture.chunks(),
      stop: () => capture.stop(),
      askForCounters: () => {},
    };
  });
}

/** A filter that the link does not know is followed by a plainer one. */
async function withFilter(wish: SourceWish, open: (filter: string) => Promise<LiveSource>): Promise<LiveSource> {
  let failure: unknown = null;
  for (const filter of captureFilters(wish.ports, wish.filter)) {
    try {
      return await open(filter);
    } catch (error) {
      failure = error;
      const code = error instanceof LiveError ? error.code : null;
      // `no VLAN support for LINUX_SLL2` and the like come in the words of libpcap, one for each link.
      if (code !== 'bad-filter' && code !== 'capture-failed') throw error;
    }
  }
  throw failure;
}

class ProgramSource implements LiveSource {
  readonly filter: string;
  private readonly started: CaptureProcess;

  constructor(started: CaptureProcess, filter: string) {
    this.started = started;
    this.filter = filter;
  }

  get backend(): BackendName {
    return this.started.program;
  }

  get dropped(): number | null {
    return this.started.dropped;
  }

  chunks(): AsyncIterable<Uint8Array> {
    return this.started.chunks();
  }

  stop(): void {
    this.started.stop();
  }

  askForCounters(): void {
    this.started.askForCounters();
  }
}

async function standardInput(): Promise<LiveSource> {
  const source = await openCapture('-');
  return {
    backend: 'stdin',
    filter: null,
    dropped: null,
    chunks: (limits) => source.chunks(limits),
    stop: () => void source.close(),
    askForCounters: () => {},
  };
}

function notInstalled(programs: readonly string[]): LiveError {
  const names = programs.join(' nor ');
  const neither = programs.length > 1 ? 'neither ' : '';
  const verb = programs.length > 1 ? 'is installed' : 'is not installed';
  return new LiveError('no-program', `${neither}${names} ${verb}; on Debian: sudo apt-get install tcpdump`);
}
