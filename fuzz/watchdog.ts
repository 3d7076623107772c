/**
 * Sees from another thread that an execution does not end: keeps its input and ends the process, which nothing else could.
 */
import { Worker } from 'node:worker_threads';
import type { Witness } from './campaign.ts';
import type { Target } from './target.ts';

/** Inputs that are longer are not kept whole; no target takes them. */
const longest = 1 << 20;
const secondsUntilHang = 20;

/** Places in `state`. */
const place = { executions: 0, running: 1, length: 2, target: 3 } as const;

export class Watchdog implements Witness {
  private readonly state = new Int32Array(new SharedArrayBuffer(16));
  private readonly input = new Uint8Array(new SharedArrayBuffer(longest));
  private readonly names: readonly string[];
  private readonly worker: Worker;

  constructor(targets: readonly Target[], keeper: URL) {
    this.names = targets.map(({ name }) => name);
    const { state, input, names } = this;
    this.worker = new Worker(keeper, { workerData: { state, input, names, secondsUntilHang, place } });
    this.worker.unref();
  }

  begins(target: Target, input: Uint8Array): void {
    const { state } = this;
    this.input.set(input.subarray(0, longest));
    state[place.length] = Math.min(longest, input.length);
    state[place.target] = this.names.indexOf(target.name);
    state[place.executions] = ((state[place.executions] ?? 0) + 1) | 0;
    Atomics.store(state, place.running, 1);
  }

  ends(): void {
    Atomics.store(this.state, place.running, 0);
  }
}

export interface Watched {
  readonly state: Int32Array;
  readonly input: Uint8Array;
  readonly names: readonly string[];
  readonly secondsUntilHang: number;
  readonly place: typeof place;
}
