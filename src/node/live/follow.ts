/**
 * Follows what a live source gives until it ends, is interrupted, or has lasted long enough: events on the way, the report in
 * the end. The clock stands in for packets that do not come.
 */
import { performance } from 'node:perf_hooks';
import type { AnalysisOptions } from '../../analysis-options.ts';
import { Analysis } from '../../analyze.ts';
import type { Frame } from '../../capture/frame.ts';
import { InputError } from '../../reading/source.ts';
import type { Report, TunnelReport } from '../../report/contract.ts';
import type { AnalysisEvent, CaptureEnded, EventLine } from '../../report/event-contract.ts';
import { ToldDiagnoses } from '../../report/told-diagnoses.ts';
import { version } from '../../version.ts';
import { LiveError } from './error.ts';
import { deviceState } from './interfaces.ts';
import { become, type UserIdentity } from './privileges.ts';
import type { Recorder } from './recorder.ts';
import { type LiveSource, openLive, type SourceWish } from './source.ts';

export interface FollowOptions extends Omit<SourceWish, 'user'> {
  readonly analysis: AnalysisOptions;
  readonly durationSeconds: number | null;
  /** Who this process becomes once the device is open. */
  readonly user: UserIdentity | null;
  /** Opens the files to write to, once the device is open and before privileges are dropped. */
  readonly record: ((opened: (path: string) => void) => Recorder) | null;
}

export interface Follower {
  event(event: EventLine): void;
  /** Once a second: asks for the newest tunnels that are followed, and how many there are. */
  open(newest: (most: number) => { readonly tunnels: readonly TunnelReport[]; readonly count: number }): void;
}

export interface Followed {
  readonly report: Report;
  readonly reason: CaptureEnded['reason'];
}

const secondMilliseconds = 1000;
/** Seconds between two looks at the drop counters. */
const countersEvery = 5;
/** Seconds that a backend has to end in order before it is made to. */
const patienceSeconds = 5;

/**
 * Throws a LiveError where the capture cannot begin; what goes wrong later is an event, and the report is of what was read.
 * Throws what is no fault of capture, input or files as it is.
 */
export async function follow(options: FollowOptions, follower: Follower, interruption: AbortSignal): Promise<Followed> {
  const { user } = options;
  const source = await openLive({ ...options, user: user?.name ?? null });
  return new Following(options, follower, source).run(interruption);
}

class Following {
  private readonly options: FollowOptions;
  private readonly follower: Follower;
  private readonly source: LiveSource;
  private readonly analysis: Analysis;
  private readonly capture: ReturnType<Analysis['capture']>;
  private readonly told: ToldDiagnoses;
  private recorder: Recorder | null = null;
  private reason: CaptureEnded['reason'] = 'end';
  private stopping = false;
  /** The first fault that is our own. */
  private fault: { readonly error: unknown } | null = null;
  private lastChunkAt = performance.now();
  private toldDropped = 0;
  private frames = 0;
  /** `any` and standard input are no devices; one that was down from the start is not missed. */
  private readonly deviceKnown: boolean;

  constructor(options: FollowOptions, follower: Follower, source: LiveSource) {
    this.options = options;
    this.follower = follower;
    this.source = source;
    this.deviceKnown = source.backend !== 'stdin' && deviceState(options.interface) === 'up';
    this.analysis = new Analysis({
      ...options.analysis,
      onEvent: (event) => this.event(event),
      onFrame: (frame) => {
        this.frames += 1;
        this.record(frame);
      },
    });
    this.capture = this.analysis.capture(options.interface, null);
    this.told = new ToldDiagnoses(this.capture.limits.bounds['ended-tunnels']);
  }

  async run(interruption: AbortSignal): Promise<Followed> {
    const { options, source } = this;
    const interrupted = (): void => this.stop('interrupted');
    const timers: NodeJS.Timeout[] = [];
    try {
      this.begin();
    } catch (error) {
      source.stop();
      throw error;
    }
    try {
      interruption.addEventListener('abort', interrupted);
      if (interruption.aborted) interrupted();
      timers.push(setInterval(() => this.second(), secondMilliseconds));
      timers.push(setInterval(() => source.askForCounters(), countersEvery * secondMilliseconds));
      if (options.durationSeconds !== null) {
        timers.push(setTimeout(() => this.stop('duration'), options.durationSeconds * secondMilliseconds));
      }
      for await (const chunk of source.chunks(this.capture.limits)) this.take(chunk);
      if (!this.stopping) this.exhausted();
    } catch (error) {
      // libpcap's words for it are many, and some programs end as if all were well.
      this.failed(this.lostDevice() ?? error);
    } finally {
      for (const timer of timers) clearInterval(timer);
      interruption.removeEventListener('abort', interrupted);
    }
    return this.end();
  }

  /** The packets ended by themselves: as they should after a count or with standard input, and never else. */
  private exhausted(): void {
    const { count, interface: device } = this.options;
    if (count !== null && this.frames >= count) this.reason = 'count';
    else if (this.source.backend !== 'stdin')
      throw new LiveError('capture-failed', `${device}: ${this.source.backend} ended`);
  }

  /** The device is open: files, then privileges, then the first line. Throws a LiveError. */
  private begin(): void {
    const { options, source } = this;
    const files: string[] = [];
    let begun = false;
    const opened = (path: string): void => {
      if (begun) this.follower.event({ kind: 'file-opened', time: now(), path });
      else files.push(path);
    };
    this.recorder = options.record?.(opened) ?? null;
    if (options.user !== null) become(options.user);
    begun = true;
    this.follower.event({
      kind: 'capture-started',
      format: 'pptpscope-events',
      version: 1,
      tool: { name: 'pptpscope', version },
      time: now(),
      interface: options.interface,
      backend: source.backend,
      filter: source.filter,
    });
    for (const path of files) opened(path);
  }

  /** A fault is kept from the reader, which stands in the middle of a chunk. */
  private record(frame: Frame): void {
    try {
      this.recorder?.frame(frame, this.capture.timestampDigits);
    } catch (error) {
      this.failed(error);
    }
  }

  private take(chunk: Uint8Array): void {
    this.lastChunkAt = performance.now();
    this.capture.push(chunk);
    const { count } = this.options;
    if (count !== null && this.frames >= count) this.stop('count');
  }

  private event(event: AnalysisEvent): void {
    this.told.note(event);
    this.follower.event(event);
    if (!isFailure(event)) return;
    try {
      this.recorder?.failure();
    } catch (error) {
      this.failed(error);
    }
  }

  private second(): void {
    try {
      this.capture.elapse((performance.now() - this.lastChunkAt) / secondMilliseconds);
      this.recorder?.flush();
      const lost = this.lostDevice();
      if (lost !== null) throw lost;
    } catch (error) {
      this.failed(error);
      return;
    }
    this.tellDropped();
    if (!this.stopping) this.follower.open((most) => this.capture.open(most));
  }

  /** libpcap waits for a device that went down to come up again, and says nothing. */
  private lostDevice(): LiveError | null {
    const { interface: device } = this.options;
    if (this.stopping || !this.deviceKnown) return null;
    const state = deviceState(device);
    if (state === 'down') return new LiveError('capture-failed', `${device}: the interface went down`);
    return state === 'gone' ? new LiveError('capture-failed', `${device}: the interface disappeared`) : null;
  }

  private tellDropped(): void {
    const { dropped } = this.source;
    if (dropped === null) return;
    this.capture.dropped(dropped);
    if (dropped <= this.toldDropped) return;
    this.toldDropped = dropped;
    this.follower.event({ kind: 'packets-dropped', time: now(), dropped });
  }

  private stop(reason: CaptureEnded['reason']): void {
    if (this.stopping) return;
    this.reason = reason;
    this.halt();
  }

  private halt(): void {
    if (this.stopping) return;
    this.stopping = true;
    this.source.stop();
    setTimeout(() => this.source.stop(), patienceSeconds * secondMilliseconds).unref();
  }

  /** The report is of what was read. An own fault leaves none: it is kept, for `end` to throw. */
  private failed(error: unknown): void {
    if (!(error instanceof LiveError || error instanceof InputError)) {
      this.fault ??= { error };
      this.halt();
      return;
    }
    const unwritten = error instanceof LiveError && error.code === 'write-failed';
    // Standard input that is closed while it is read says so.
    if (this.fault !== null || this.reason === 'failed' || (this.stopping && !unwritten)) return;
    this.reason = 'failed';
    const { message } = error;
    this.capture.fail({ offset: null, frame: null, code: 'read-failed', message });
    this.follower.event({ kind: 'capture-fault', time: now(), message });
    if (unwritten) this.recorder = null;
    this.halt();
  }

  private end(): Followed {
    try {
      this.recorder?.close();
    } catch (error) {
      this.failed(error);
    }
    if (this.fault !== null) throw this.fault.error;
    this.tellDropped();
    const { dropped } = this.source;
    const { reason, frames } = this;
    this.capture.finish();
    const report = this.analysis.report();
    for (const event of this.told.withdrawn(report, now())) this.follower.event(event);
    this.follower.event({ kind: 'capture-ended', time: now(), reason, frames, dropped });
    return { report, reason };
  }
}

const failures: ReadonlySet<AnalysisEvent['kind']> = new Set([
  'tcp-refused',
  'call-refused',
  'gre-unanswered',
  'authentication-failed',
  'echo-unanswered',
  'icmp-error',
  'tunnel-silent',
  'diagnosis',
]);

/** What --trigger-on failure waits for. */
function isFailure(event: AnalysisEvent): boolean {
  if (event.kind === 'control-started') return !event.accepted;
  if (event.kind === 'diagnosis') return event.diagnosis.cause !== 'capture-incomplete';
  return failures.has(event.kind);
}

function now(): string {
  return new Date().toISOString();
}
