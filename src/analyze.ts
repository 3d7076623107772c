/**
 * Puts the parts together: octets of captures in, the report out. One pass, nothing of the capture is kept.
 */
import type { Frame } from './capture/frame.ts';
import { linkTypeName } from './capture/link-types.ts';
import { CaptureReader } from './capture/reader.ts';
import type { CaptureSummary } from './capture/summary.ts';
import { Dissector, ipProtocol } from './dissect/dissector.ts';
import { audit } from './findings/audit.ts';
import { Diagnoser } from './findings/diagnoses/diagnose.ts';
import type { Diagnosis } from './findings/diagnosis.ts';
import { stagesOf, stagesWithoutCall } from './findings/stages.ts';
import { leaveUndecided, undecidedBy } from './findings/undecided.ts';
import { isPointToPoint } from './link/point-to-point.ts';
import { AddressBook } from './octets/address.ts';
import type { Bounds } from './octets/bounds.ts';
import { formatInstant, type Instant, secondsBetween } from './octets/instant.ts';
import { Limits } from './octets/limits.ts';
import { type Packed, type PackedItems, Packing } from './octets/packed-list.ts';
import { controlPort } from './pptp/names.ts';
import type { CaptureProblem, CaptureReport, Report, ReportSource, TunnelReport } from './report/contract.ts';
import type { AnalysisEvent } from './report/event-contract.ts';
import { type DiagnosedCapture, name, reportSource, type SequenceResult, wholeReport } from './report-source.ts';
import { buildTunnel } from './sessions/build.ts';
import type { CallState } from './sessions/call-state.ts';
import { ChallengeBook } from './sessions/challenge.ts';
import { Sessions } from './sessions/sessions.ts';
import type { TunnelState } from './sessions/tunnel-state.ts';
import { commonVantage, type Vantage } from './sessions/vantage.ts';
import { Watch } from './sessions/watch.ts';

export interface AnalysisOptions {
  /** TCP ports of control connections; 1723 (RFC 2637 §1.4) alone when absent. Others are found by their first message. */
  readonly controlPorts?: readonly number[];
  /** Passwords, challenges and responses go into the report; they are left out when absent. */
  readonly keepSecrets?: boolean;
  /** Ids of rules of the audit that are not asked. */
  readonly ignore?: readonly string[];
  /** Called for every step, failure, silence, cause and weakness while the capture is read. */
  readonly onEvent?: (event: AnalysisEvent) => void;
  /** Bounds other than their defaults, by their names. docs/limits.md */
  readonly limits?: Partial<Bounds>;
  /**
   * As long as there are so many tunnels, 1024 when absent, the details of all lie ready in memory; of more, those that
   * nobody looks at are packed.
   * This changes nothing but time and memory. Where events are told, all lie ready.
   */
  readonly awakeTunnels?: number;
  /** Called for each frame before it is looked at; as for the reader, the frame is valid during the call only. */
  readonly onFrame?: (frame: Frame) => void;
}

export type Compression = CaptureReport['compression'];

/** Several captures, one report. */
export class Analysis {
  private readonly options: AnalysisOptions;
  /** Of the sequences in the order in which they were begun; null until they are finished, and then all that is kept of them. */
  private readonly finished: (SequenceResult | null)[] = [];
  private captures = 0;

  /** Throws a RangeError where a limit is none, or out of its range. */
  constructor(options: AnalysisOptions = {}) {
    this.options = { ...options, limits: new Limits(options.limits).bounds };
  }

  /**
   * Opens the next capture. `path` is for the report alone. `index`: where it stands among the report's captures, all of
   * which are then to be given one.
   */
  capture(path: string, compression: Compression, index?: number): CaptureAnalysis {
    const place = this.finished.push(null) - 1;
    const finished = (result: SequenceResult): void => {
      this.finished[place] = result;
    };
    const sequence = new Sequence(this.options, () => this.captures++, finished);
    return sequence.open(path, compression, index, null);
  }

  /** The sequences that were finished, in the order in which they were begun. */
  results(): SequenceResult[] {
    return this.finished.flatMap((result) => result ?? []);
  }

  /** The report over all captures. Those that were not finished are left out. */
  report(): Report {
    return wholeReport(this.source());
  }

  /** The same for who writes it from start to end: what a tunnel takes in memory is little. */
  source(): ReportSource {
    return reportSource(this.results(), this.options);
  }
}

/** Reports of tunnels that are kept as they are: 17 MB at most. */
const plainTunnelsAtMost = 1024;

interface PackedTunnel {
  readonly firstFrame: number;
  readonly report: Packed<TunnelReport>;
}

/** The reports of a sequence's tunnels; of too many, the last ones that ended. */
class EndedTunnels {
  private readonly limits: Limits;
  private readonly packing = new Packing<TunnelReport>(plainTunnelsAtMost);
  private readonly kept: PackedTunnel[] = [];
  private readonly open: PackedTunnel[] = [];
  private added = 0;

  constructor(limits: Limits) {
    this.limits = limits;
  }

  add(tunnel: TunnelReport): void {
    // Each takes the place of the oldest where there are too many.
    this.limits.full('ended-tunnels', this.added);
    this.kept[this.added % this.limits.bounds['ended-tunnels']] = this.packed(tunnel);
    this.added += 1;
  }

  /** One that was still followed at the end: as many as may be followed. */
  addOpen(tunnel: TunnelReport): void {
    this.open.push(this.packed(tunnel));
  }

  /** In order of their first frames. */
  all(): PackedItems<TunnelReport> {
    const inOrder = [...this.kept, ...this.open].sort((a, b) => a.firstFrame - b.firstFrame);
    return this.packing.list(inOrder.map(({ report }) => report));
  }

  private packed(tunnel: TunnelReport): PackedTunnel {
    return { firstFrame: tunnel.firstFrame, report: this.packing.item(tunnel) };
  }
}

/** What the captures of one sequence share: what was found in one goes on in the next. */
class Sequence {
  readonly limits: Limits;
  readonly addresses: AddressBook;
  readonly sessions: Sessions;
  readonly dissector: Dissector;
  readonly watch: Watch | null;
  readonly onFrame: AnalysisOptions['onFrame'];
  /** The capture's time where no frame gives it. */
  now: Instant | null = null;
  private readonly captures: CaptureAnalysis[] = [];
  private readonly nextIndex: () => number;
  private readonly finished: (result: SequenceResult) => void;
  private readonly ended: EndedTunnels;
  private readonly vantages = new Map<Vantage, number>();
  private readonly onEvent: AnalysisOptions['onEvent'];
  private readonly ignore: readonly string[] | undefined;
  /** Causes and rules that were told, of tunnels that are followed. */
  private readonly told = new WeakMap<TunnelState, Set<string>>();
  /** Of tunnels that are followed and of their calls, by their ids. */
  private readonly eventsTold = new Map<string, Map<string | null, number>>();
  private finishing = false;

  constructor(options: AnalysisOptions, nextIndex: () => number, finished: (result: SequenceResult) => void) {
    this.nextIndex = nextIndex;
    this.finished = finished;
    const { onEvent, onFrame, ignore } = options;
    const limits = new Limits(options.limits);
    this.limits = limits;
    this.addresses = new AddressBook(limits);
    this.ended = new EndedTunnels(limits);
    this.onEvent = onEvent;
    this.onFrame = onFrame;
    this.ignore = ignore;
    const challenges = new ChallengeBook(limits);
    this.sessions = new Sessions((state) => {
      const { tunnel, states } = this.tunnelReport(state, state.calls, challenges, options.keepSecrets ?? false);
      const { watch } = this;
      if (watch !== null) {
        name(tunnel, watch.idOf(state), (place) => callIdAt(watch, states, place));
        if (!this.finishing) this.judge(state, state.calls, true);
      }
      if (this.finishing && watch !== null) this.ended.addOpen(tunnel);
      else this.ended.add(tunnel);
      const { vantage } = tunnel;
      this.vantages.set(vantage, (this.vantages.get(vantage) ?? 0) + 1);
    }, limits);
    if (options.awakeTunnels !== undefined) this.sessions.keepAwake(options.awakeTunnels);
    this.watch =
      onEvent === undefined
        ? null
        : new Watch(
            {
              event: (event) => this.tell(event),
              judge: (state, calls) => this.judge(state, calls, false),
              callForgotten: (tunnel, call) => this.eventsTold.get(tunnel)?.delete(call),
            },
            this.addresses,
            () => this.digits,
          );
    if (this.watch !== null) this.sessions.follow(this.watch);
    this.dissector = new Dissector(this.sessions, this.addresses, options.controlPorts ?? [controlPort], limits);
  }

  /** The next capture; `before` is the one that it goes on from. */
  open(
    path: string,
    compression: Compression,
    index: number | undefined,
    before: CaptureAnalysis | null,
  ): CaptureAnalysis {
    const capture = new CaptureAnalysis(this, path, compression, index ?? this.nextIndex(), before);
    this.captures.push(capture);
    return capture;
  }

  /** Of its first capture, among the report's. */
  private get index(): number {
    return this.captures[0]?.capture ?? 0;
  }

  /** Decimal digits after the second that times have, as known by now: the finest. */
  get digits(): number {
    return Math.max(...this.captures.map(({ reader }) => reader.timestampDigits));
  }

  /** As `CaptureAnalysis.open`. */
  followed(newest: number): { tunnels: TunnelReport[]; count: number } {
    if (this.watch === null) return { tunnels: [], count: 0 };
    const states = this.watch.open();
    const tunnels = states.slice(-newest).map((state) => {
      const tunnel = this.asItStands(state, state.calls);
      leaveUndecided(tunnel, new Set(undecidedBy(tunnel, this.diagnosesNow(tunnel))));
      return tunnel;
    });
    return { tunnels, count: states.length };
  }

  /** With these of its calls. */
  private asItStands(state: TunnelState, of: readonly CallState[]): TunnelReport {
    // Challenges are told apart by a book of their own: the report's is filled at the end.
    const { tunnel, states } = this.tunnelReport(state, of, new ChallengeBook(this.limits), false);
    const { watch } = this;
    if (watch !== null) name(tunnel, watch.idOf(state), (place) => callIdAt(watch, states, place));
    return tunnel;
  }

  private tunnelReport(
    state: TunnelState,
    of: readonly CallState[],
    challenges: ChallengeBook,
    keepSecrets: boolean,
  ): { tunnel: TunnelReport; states: readonly CallState[] } {
    const { addresses, digits, index: capture } = this;
    const { tunnel, states, timeOf } = buildTunnel(state, { addresses, digits, capture, challenges, keepSecrets }, of);
    // What was built just now is nobody else's: it need not be copied.
    const calls = tunnel.calls.map((call) => Object.assign(call, { stages: stagesOf(tunnel, call, timeOf) }));
    if (calls.length > 0) return { tunnel: Object.assign(tunnel, { calls }), states };
    return { tunnel: Object.assign(tunnel, { calls, stages: stagesWithoutCall(tunnel, timeOf) }), states };
  }

  /** Of too many events of a call, or of a tunnel apart from its calls, no more are told; the end always is. */
  private tell(event: AnalysisEvent): void {
    const { kind, tunnel, call } = event;
    const told = this.eventsTold.get(tunnel) ?? new Map<string | null, number>();
    const already = told.get(call) ?? 0;
    if (kind === 'tunnel-ended') {
      this.eventsTold.delete(tunnel);
    } else {
      if (this.limits.full('events', already)) return;
      this.eventsTold.set(tunnel, told.set(call, already + 1));
    }
    this.onEvent?.(event);
  }

  /** Says of a tunnel, as far as it lies in these calls, what was not said before: causes and weaknesses. */
  private judge(state: TunnelState, of: readonly CallState[], ended: boolean): void {
    if (this.watch === null) return;
    const tunnel = this.asItStands(state, of);
    const told = this.told.get(state) ?? new Set<string>();
    this.told.set(state, told);
    const { id, client, server } = tunnel;
    const base = { tunnel: id, time: this.timeNow, client, server };
    for (const diagnosis of this.diagnosesNow(tunnel)) {
      const { cause, call, evidence } = diagnosis;
      // While it goes on, "the capture ends before" is no news.
      if ((cause === 'capture-incomplete' && !ended) || told.has(`${cause} ${call}`)) continue;
      told.add(`${cause} ${call}`);
      const frame = evidence.at(-1)?.frame ?? null;
      this.tell({ ...base, kind: 'diagnosis', call, frame, diagnosis });
    }
    for (const finding of audit([tunnel], this.ignore === undefined ? {} : { ignore: this.ignore })) {
      const { rule, call, frames } = finding;
      if (told.has(`${rule} ${call}`)) continue;
      told.add(`${rule} ${call}`);
      this.tell({ ...base, kind: 'finding', call, frame: frames.at(-1) ?? null, finding });
    }
  }

  private get timeNow(): string {
    const now = this.now ?? this.captures.at(-1)?.lastTime ?? { seconds: 0, nanoseconds: 0 };
    return formatInstant(now, this.digits);
  }

  /** Of a tunnel as it stands, without a look at others. */
  private diagnosesNow(tunnel: TunnelReport): Diagnosis[] {
    const diagnoser = new Diagnoser({ ...this.whole(), lastFrameTime: this.timeNow }, this.index);
    diagnoser.see(tunnel);
    return diagnoser.diagnosesOf(tunnel);
  }

  /** No capture follows. */
  finish(lastFrame: number): void {
    if (this.finishing) return;
    // What is still open is in the report; nothing of it has ended.
    this.sessions.unfollow();
    this.finishing = true;
    this.sessions.finish(lastFrame);
    const whole = this.whole();
    const [first] = this.captures.flatMap(({ summary }) => summary.first ?? []).toSorted(byTime);
    this.finished({
      index: this.index,
      timing: { first: first ?? null, digits: this.digits },
      captures: this.captures.map((capture, place) => {
        const until = this.captures[place + 1]?.firstFrame ?? Number.POSITIVE_INFINITY;
        const inside = ({ frame }: { frame: number }): boolean => frame >= capture.firstFrame && frame < until;
        const { vantage } = whole;
        const incompleteDatagrams = whole.incompleteDatagrams.filter(inside);
        const failedNameLookups = whole.failedNameLookups.filter(inside);
        const report = capture.report({ vantage, incompleteDatagrams, failedNameLookups }, this.index);
        return { index: capture.capture, report };
      }),
      whole,
      tunnels: this.ended.all(),
      otherVpn: this.sessions.otherVpns.list().map(({ protocol, client, server, frames, firstFrame }) => ({
        protocol,
        client: this.addresses.text(client),
        server: this.addresses.text(server),
        frames,
        firstFrame,
      })),
      limitsReached: this.limits.list(),
    });
  }

  /** All captures taken together, as known by now. */
  private whole(): DiagnosedCapture {
    const { captures } = this;
    const summaries = captures.map(({ summary }) => summary);
    const last = summaries
      .flatMap((summary) => summary.last ?? [])
      .toSorted(byTime)
      .at(-1);
    const dropped = droppedOf(captures);
    const frames = sum(summaries.map((summary) => summary.frames));
    return {
      kind: summaries.find(({ kind }) => kind !== null)?.kind ?? null,
      frames,
      truncatedFrames: sum(summaries.map(({ truncatedFrames }) => truncatedFrames)),
      framesBackInTime: sum(captures.map(({ framesBackInTime }) => framesBackInTime)),
      droppedByCapture: dropped,
      lastFrameTime: last === undefined ? null : formatInstant(last, this.digits),
      vantage: commonVantage(this.vantages),
      pointToPoint: frames > 0 && sum(captures.map(({ pointToPointFrames }) => pointToPointFrames)) === frames,
      incompleteDatagrams: this.incompleteDatagrams(),
      failedNameLookups: this.sessions.nameLookups.failed().flatMap(({ name, frame, outcome }) => {
        return outcome === 'answered' ? [] : [{ name, frame, outcome }];
      }),
    };
  }

  private incompleteDatagrams(): CaptureReport['incompleteDatagrams'] {
    return this.dissector.defragmenter.incomplete().flatMap(({ source, destination, protocol, frame, fragments }) => {
      if (protocol !== ipProtocol.gre && protocol !== ipProtocol.tcp) return [];
      return [{ from: this.addresses.text(source), to: this.addresses.text(destination), protocol, frame, fragments }];
    });
  }
}

/** One capture on its way through. Its chunks may be of any size and cut anywhere. */
export class CaptureAnalysis {
  /** Number of its first frame: 1, or the next one of the capture that it goes on from. */
  readonly firstFrame: number;
  /** Those of this capture, and of others of its sequence. */
  readonly limits: Limits;
  /** For the sequence alone, as what follows up to `frame`. */
  readonly reader: CaptureReader;
  framesBackInTime = 0;
  pointToPointFrames = 0;
  private readonly sequence: Sequence;
  private readonly path: string;
  private readonly compression: Compression;
  private readonly index: number;
  private readonly sessions: Sessions;
  private readonly dissector: Dissector;
  private readonly onFrame: AnalysisOptions['onFrame'];
  private readonly failures: CaptureProblem[] = [];
  private readonly duplicatesBefore: number;
  private duplicates: number | null = null;
  private ended: CaptureSummary | null = null;
  private droppedOutside: number | null = null;
  private lastFrame = 0;
  private lastSeconds = 0;
  private lastNanoseconds = 0;

  /** For the sequence alone. */
  constructor(
    sequence: Sequence,
    path: string,
    compression: Compression,
    index: number,
    before: CaptureAnalysis | null,
  ) {
    this.sequence = sequence;
    this.path = path;
    this.compression = compression;
    this.index = index;
    const { sessions, dissector, onFrame } = sequence;
    this.sessions = sessions;
    this.dissector = dissector;
    this.onFrame = onFrame;
    this.duplicatesBefore = dissector.duplicateFrames;
    this.limits = sequence.limits;
    this.reader = new CaptureReader(this, sequence.limits);
    if (before !== null) {
      this.reader.goOnFrom(before.reader);
      this.lastFrame = before.lastFrame;
      this.lastSeconds = before.lastSeconds;
      this.lastNanoseconds = before.lastNanoseconds;
    }
    this.firstFrame = this.reader.frameNumber + 1;
  }

  /** For the reader alone. */
  frame(frame: Frame): void {
    this.lastFrame = frame.number;
    const { seconds, nanoseconds } = frame;
    this.onFrame?.(frame);
    if (seconds !== this.lastSeconds && frame.timed) this.sessions.tick({ seconds, nanoseconds });
    if (seconds < this.lastSeconds || (seconds === this.lastSeconds && nanoseconds < this.lastNanoseconds)) {
      this.framesBackInTime += 1;
    }
    this.lastSeconds = seconds;
    this.lastNanoseconds = nanoseconds;
    if (isPointToPoint(frame.linkType, frame.window.view, frame.start, frame.end)) this.pointToPointFrames += 1;
    this.dissector.frame(frame);
  }

  push(chunk: Uint8Array): void {
    this.reader.push(chunk);
  }

  /**
   * So many seconds have passed since the latest frame's time, and no frame came: answers that are overdue are missed, and
   * tunnels that are done with handed on. Does nothing without `onEvent`.
   */
  elapse(seconds: number): void {
    if (this.lastFrame === 0) return;
    const whole = Math.floor(seconds);
    const nanoseconds = this.lastNanoseconds + (seconds - whole) * 1e9;
    const carry = Math.floor(nanoseconds / 1e9);
    const now = { seconds: this.lastSeconds + whole + carry, nanoseconds: nanoseconds - carry * 1e9 };
    this.sequence.now = now;
    this.sessions.tick(now);
    this.sequence.now = null;
  }

  /** What the capturing program lost, where it says so outside of the capture. */
  dropped(packets: number): void {
    this.droppedOutside = packets;
  }

  /** Packets that were lost, as known by now; null where nobody says. */
  get droppedByCapture(): number | null {
    return this.droppedOutside ?? this.summary.droppedByCapture;
  }

  /** The newest tunnels that are followed, as they stand, under the ids of their events; and how many are followed. */
  open(newest = Number.MAX_SAFE_INTEGER): { tunnels: TunnelReport[]; count: number } {
    return this.sequence.followed(newest);
  }

  /** Decimal digits after the second that the frames' times have, as known by now. */
  get timestampDigits(): number {
    return this.sequence.digits;
  }

  /** The time of the latest frame that was read; null where there was none. */
  get lastTime(): Instant | null {
    return this.lastFrame === 0 ? null : { seconds: this.lastSeconds, nanoseconds: this.lastNanoseconds };
  }

  /** What was read, by now or in all. */
  get summary(): CaptureSummary {
    return this.ended ?? this.reader.soFar();
  }

  /** The input failed (it could not be opened, its compression is damaged); what was read stays. */
  fail(problem: CaptureProblem): void {
    this.failures.push(problem);
  }

  /**
   * Ends this one; answers the capture that goes on where it ends: frames are numbered on, tunnels go on, and the captures
   * are one sequence. To be called once, and then not `finish`, which is for the last. `path` and the rest as for
   * `Analysis.capture`.
   */
  next(path: string, compression: Compression, index?: number): CaptureAnalysis {
    this.end();
    return this.sequence.open(path, compression, index, this);
  }

  /** No octets follow, and no capture that goes on from this one. */
  finish(): void {
    this.end();
    this.sequence.finish(this.lastFrame);
  }

  private end(): void {
    if (this.ended !== null) return;
    this.ended = this.reader.finish();
    this.duplicates = this.dissector.duplicateFrames - this.duplicatesBefore;
  }

  /** For the sequence alone. `sequence`: index of its first capture. */
  report(
    found: Pick<CaptureReport, 'vantage' | 'incompleteDatagrams' | 'failedNameLookups'>,
    sequence: number,
  ): CaptureReport {
    const { summary } = this;
    const { first, last } = summary;
    const digits = summary.timestampDigits;
    return {
      path: this.path,
      sequence,
      firstFrame: this.firstFrame,
      kind: summary.kind,
      compression: this.compression,
      byteOrder: summary.byteOrder,
      linkTypes: summary.linkTypes.map(linkTypeName),
      timestampResolution: summary.timestampResolution,
      frames: summary.frames,
      capturedBytes: summary.capturedBytes,
      wireBytes: summary.wireBytes,
      truncatedFrames: summary.truncatedFrames,
      duplicateFrames: this.duplicates ?? 0,
      firstFrameTime: first === null ? null : formatInstant(first, digits),
      lastFrameTime: last === null ? null : formatInstant(last, digits),
      durationSeconds: first === null || last === null ? null : Math.round(secondsBetween(first, last) * 1e9) / 1e9,
      complete: summary.complete && this.failures.length === 0,
      // What could not be read is empty only because of that.
      problems: [
        ...this.failures,
        ...summary.problems.filter(({ code }) => this.failures.length === 0 || code !== 'empty'),
      ],
      vantage: found.vantage,
      comments: summary.comments,
      framesBackInTime: this.framesBackInTime,
      incompleteDatagrams: found.incompleteDatagrams,
      failedNameLookups: found.failedNameLookups,
      pointToPoint: summary.frames > 0 && this.pointToPointFrames === summary.frames,
      droppedByCapture: this.droppedByCapture,
    };
  }

  /** Which capture of the report this is, from 0. */
  get capture(): number {
    return this.index;
  }
}

/** In the captures of a sequence: what each counts by itself, and the highest that counts from the start of the first. */
function droppedOf(captures: readonly CaptureAnalysis[]): number | null {
  let byThemselves: number | null = null;
  let fromStart: number | null = null;
  for (const { droppedByCapture, summary } of captures) {
    if (droppedByCapture === null) continue;
    if (summary.droppedSinceStart) fromStart = Math.max(fromStart ?? 0, droppedByCapture);
    else byThemselves = (byThemselves ?? 0) + droppedByCapture;
  }
  return byThemselves === null ? fromStart : byThemselves + (fromStart ?? 0);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((one, other) => one + other, 0);
}

function byTime(one: Instant, other: Instant): number {
  return secondsBetween(other, one);
}

/** The id that the events of a call carry. */
function callIdAt(watch: Watch, states: readonly CallState[], place: number): string {
  const state = states[place];
  return state === undefined ? '' : watch.callIdOf(state);
}

/**
 * Analyses one capture, pcap or pcapng, not compressed: the whole of it, or its chunks as they come.
 *
 * @example
 * const report = await analyze(createReadStream('ticket.pcapng'));
 */
export async function analyze(
  chunks: Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  options: AnalysisOptions & { readonly path?: string } = {},
): Promise<Report> {
  const analysis = new Analysis(options);
  const capture = analysis.capture(options.path ?? '-', null);
  if (chunks instanceof Uint8Array) capture.push(chunks);
  else for await (const chunk of chunks) capture.push(chunk);
  capture.finish();
  return analysis.report();
}
