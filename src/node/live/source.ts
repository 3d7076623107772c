/**
 * Where live packets come from: a program that captures, or standard input. Both give a capture as octets, so that everything
 * behind is the same as for a file.
 */
import type { Limits } from '../../octets/limits.ts';
import { openCapture } from '../source.ts';
import { LiveError } from './error.ts';
import { captureFilters } from './filter.ts';
import { CaptureProcess, type CaptureWish, executable, type ProgramName } from './programs.ts';

type BackendName = ProgramName | 'stdin';
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
const preferred: readonly ProgramName[] = ['tcpdump', 'dumpcap', 'cap'];

/** Opens the device. Throws a LiveError. */
export async function openLive(wish: SourceWish): Promise<LiveSource> {
  const { backend } = wish;
  if (wish.interface === '-' || backend === 'stdin') return standardInput();
  let failure: unknown = null;
  for (const program of backend === 'auto' ? preferred : [backend]) {
    const found = await executable(program);
    const refused = refusal(program, wish);
    if (!('path' in found) || refused !== null) {
      const reason = 'path' in found ? refused : `${program}: ${found.detail}: ${found.mend}`;
      failure ??= new LiveError('no-program', reason ?? '');
      continue;
    }
    try {
      return await openProgram(program, found.path, wish);
    } catch (error) {
      if (failure === null || (failure instanceof LiveError && failure.code === 'no-program')) failure = error;
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

/** What was asked for is done, or refused, and not done otherwise; null where the program can do all of it. */
function refusal(program: ProgramName, { snapLength, promiscuous, user }: SourceWish): string | null {
  if (program === 'dumpcap' && user !== null) return 'dumpcap stays root: --user is for tcpdump and cap';
  if (program !== 'cap') return null;
  if (snapLength !== 0) return 'cap takes packets whole: leave --snap-length out';
  return promiscuous ? null : 'cap always makes the interface promiscuous: leave --no-promiscuous out';
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
