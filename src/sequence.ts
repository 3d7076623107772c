/** A capture, or the files that one capture was written to. */
import type { AnalysisOptions } from './analysis-options.ts';
import { CaptureAnalysis } from './capture-analysis.ts';
import { CaptureIntake } from './capture-intake.ts';
import type { Compression } from './compression/decompress.ts';
import { Dissector, ipProtocol } from './dissect/dissector.ts';
import { EndedTunnels } from './ended-tunnels.ts';
import { audit } from './findings/audit.ts';
import { Diagnoser } from './findings/diagnoses/diagnose.ts';
import type { Diagnosis } from './findings/diagnosis.ts';
import { stagesOf, stagesWithoutCall } from './findings/stages.ts';
import { leaveUndecided, undecidedBy } from './findings/undecided.ts';
import { AddressBook } from './octets/address.ts';
import { formatInstant, type Instant, secondsBetween } from './octets/instant.ts';
import { Limits } from './octets/limits.ts';
import { controlPort } from './pptp/names.ts';
import type { CaptureReport, TunnelReport } from './report/contract.ts';
import type { AnalysisEvent } from './report/event-contract.ts';
import { type DiagnosedCapture, giveIds, type SequenceResult } from './report-source.ts';
import type { SecretsContext } from './sessions/authentication-model.ts';
import { buildTunnel } from './sessions/build.ts';
import type { CallState } from './sessions/call-state.ts';
import { ChallengeBook } from './sessions/challenge.ts';
import { Sessions } from './sessions/sessions.ts';
import type { TunnelState } from './sessions/tunnel-state.ts';
import { commonVantage, type Vantage } from './sessions/vantage.ts';
import { Watch } from './sessions/watch.ts';

/** What the captures of one sequence share: what was found in one goes on in the next. */
export class Sequence {
  readonly limits: Limits;
  private readonly addresses: AddressBook;
  readonly sessions: Sessions;
  readonly dissector: Dissector;
  private readonly watch: Watch | null;
  readonly onFrame: AnalysisOptions['onFrame'];
  /** The capture's time where no frame gives it. */
  private now: Instant | null = null;
  private readonly captures: CaptureIntake[] = [];
  private readonly nextIndex: () => number;
  private readonly finished: (result: SequenceResult) => void;
  private readonly ended: EndedTunnels;
  private readonly vantages = new Map<Vantage, number>();
  private readonly onEvent: AnalysisOptions['onEvent'];
  private readonly ignore: readonly string[] | undefined;
  /** Rules that were told, of tunnels that are followed. */
  private readonly told = new WeakMap<TunnelState, Set<string>>();
  /** Causes that were told and not taken back, with their calls. */
  private readonly causesTold = new WeakMap<TunnelState, ToldCause[]>();
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
      const { tunnel, states } = this.tunnelReport(state, state.calls, {
        challenges,
        keepSecrets: options.keepSecrets ?? false,
        credentials: options.credentials ?? [],
      });
      const { watch } = this;
      if (watch !== null) {
        giveIds(tunnel, watch.idOf(state), (place) => callIdAt(watch, states, place));
        if (!this.finishing) this.judge(state, state.calls, 'ended');
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
              judge: (state, calls) => this.judge(state, calls, 'judged'),
              passed: (state, calls) => {
                if (this.causesTold.has(state)) this.judge(state, calls, 'passed');
              },
              callForgotten: (tunnel, call) => this.eventsTold.get(tunnel)?.delete(call),
            },
            this.addresses,
            () => this.digits,
          );
    if (this.watch !== null) this.sessions.follow(this.watch);
    this.dissector = new Dissector(this.sessions, this.addresses, options.controlPorts ?? [controlPort], limits);
  }

  /** The first capture, or the one that goes on from the one before. */
  open(path: string, compression: Compression | null, index: number | undefined): CaptureAnalysis {
    const before = this.captures.at(-1) ?? null;
    const intake = new CaptureIntake(this, path, compression, index ?? this.nextIndex(), before);
    this.captures.push(intake);
    return new CaptureAnalysis(this, intake);
  }

  /** It is `now`, and no frame came. */
  elapse(now: Instant): void {
    this.now = now;
    this.sessions.tick(now);
    this.now = null;
  }

  /** Of its first capture, among the report's. */
  private get index(): number {
    return this.captures[0]?.index ?? 0;
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
    const { tunnel, states } = this.tunnelReport(state, of, {
      challenges: new ChallengeBook(this.limits),
      keepSecrets: false,
      credentials: [],
    });
    const { watch } = this;
    if (watch !== null) giveIds(tunnel, watch.idOf(state), (place) => callIdAt(watch, states, place));
    return tunnel;
  }

  private tunnelReport(
    state: TunnelState,
    of: readonly CallState[],
    secrets: SecretsContext,
  ): { tunnel: TunnelReport; states: readonly CallState[] } {
    const { addresses, digits, index: capture } = this;
    const { tunnel, states, timeOf } = buildTunnel(state, { addresses, digits, capture, ...secrets }, of);
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

  /**
   * Says of a tunnel, as far as it lies in these calls, what was not said before, causes and weaknesses, and takes back what does
   * not hold. Where a rung was passed, what comes next decides: nothing new is said.
   */
  private judge(state: TunnelState, of: readonly CallState[], when: 'judged' | 'passed' | 'ended'): void {
    const { watch } = this;
    if (watch === null) return;
    const tunnel = this.asItStands(state, of);
    const told = this.told.get(state) ?? new Set<string>();
    this.told.set(state, told);
    const { id, client, server } = tunnel;
    const time = formatInstant(this.captures.at(-1)?.arriving ?? this.seenUntil, this.digits);
    const base = { tunnel: id, time, client, server };
    // While it goes on, "the capture ends before" is no news.
    const now = this.diagnosesNow(tunnel).filter(({ cause }) => {
      return cause !== 'capture-incomplete' || when === 'ended';
    });
    // Of calls that are forgotten nothing more is said.
    const followed = new Set([null, ...state.calls.map((call) => watch.callIdOf(call))]);
    const before = (this.causesTold.get(state) ?? []).filter(({ call }) => followed.has(call));
    const about = new Set([null, ...tunnel.calls.map((call) => call.id)]);
    const kept = before.filter((said) => !about.has(said.call) || now.some((one) => isSame(one, said)));
    for (const { cause, call } of before.filter((said) => !kept.includes(said))) {
      const holds = when === 'passed' ? kept : now;
      const instead = holds.filter((one) => one.call === call).map((one) => one.cause);
      this.tell({ ...base, kind: 'diagnosis-withdrawn', call, frame: tunnel.lastFrame, cause, instead });
    }
    for (const diagnosis of when === 'passed' ? [] : now) {
      const { cause, call, evidence } = diagnosis;
      if (kept.some((said) => isSame(said, diagnosis))) continue;
      kept.push({ cause, call });
      const frame = evidence.at(-1)?.frame ?? null;
      this.tell({ ...base, kind: 'diagnosis', call, frame, diagnosis });
    }
    if (kept.length > 0) this.causesTold.set(state, kept);
    else this.causesTold.delete(state);
    if (when === 'passed') return;
    for (const finding of audit([tunnel], this.ignore === undefined ? {} : { ignore: this.ignore })) {
      const { rule, call, frames } = finding;
      if (told.has(`${rule} ${call}`)) continue;
      told.add(`${rule} ${call}`);
      this.tell({ ...base, kind: 'finding', call, frame: frames.at(-1) ?? null, finding });
    }
  }

  /** What comes later is not known yet. */
  private get seenUntil(): Instant {
    return this.now ?? this.captures.at(-1)?.lastTime ?? { seconds: 0, nanoseconds: 0 };
  }

  /** Of a tunnel as it stands, without a look at others. */
  private diagnosesNow(tunnel: TunnelReport): Diagnosis[] {
    const diagnoser = new Diagnoser(
      { ...this.whole(), lastFrameTime: formatInstant(this.seenUntil, this.digits) },
      this.index,
    );
    diagnoser.see(tunnel);
    return diagnoser.diagnosesOf(tunnel);
  }

  /** No capture follows. */
  finish(): void {
    if (this.finishing) return;
    // What is still open is in the report; nothing of it has ended.
    this.sessions.unfollow();
    this.finishing = true;
    this.sessions.finish(this.captures.at(-1)?.lastFrame ?? 0);
    const whole = this.whole();
    const vantage = commonVantage(this.vantages);
    const [first] = this.captures.flatMap(({ summary }) => summary.first ?? []).toSorted(byTime);
    this.finished({
      index: this.index,
      timing: { first: first ?? null, digits: this.digits },
      captures: this.captures.map((capture, place) => {
        const until = this.captures[place + 1]?.firstFrame ?? Number.POSITIVE_INFINITY;
        const inside = ({ frame }: { frame: number }): boolean => frame >= capture.firstFrame && frame < until;
        const incompleteDatagrams = whole.incompleteDatagrams.filter(inside);
        const failedNameLookups = whole.failedNameLookups.filter(inside);
        const damaged = this.sessions.damagedHeaders;
        const damagedHeaders = damaged !== null && inside({ frame: damaged.firstFrame }) ? damaged : null;
        const found = { vantage, incompleteDatagrams, damagedHeaders, failedNameLookups };
        const report = capture.report(found, this.index);
        return { index: capture.index, report };
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
    const end = last === undefined ? 0 : last.seconds + last.nanoseconds / 1e9;
    const dropped = droppedOf(captures);
    const frames = sum(summaries.map((summary) => summary.frames));
    return {
      kind: summaries.find(({ kind }) => kind !== null)?.kind ?? null,
      frames,
      truncatedFrames: sum(summaries.map(({ truncatedFrames }) => truncatedFrames)),
      framesBackInTime: sum(captures.map(({ framesBackInTime }) => framesBackInTime)),
      droppedByCapture: dropped,
      lastFrameTime: last === undefined ? null : formatInstant(last, this.digits),
      pointToPoint: frames > 0 && sum(captures.map(({ pointToPointFrames }) => pointToPointFrames)) === frames,
      incompleteDatagrams: this.incompleteDatagrams(),
      failedNameLookups: this.sessions.nameLookups.failed(end).flatMap(({ name, frame, outcome }) => {
        return outcome === 'answered' ? [] : [{ name, frame, outcome }];
      }),
    };
  }

  private incompleteDatagrams(): CaptureReport['incompleteDatagrams'] {
    return this.dissector.defragmenter.incomplete().flatMap((datagram) => {
      const { protocol, frame, fragments, startSeen: firstSeen } = datagram;
      if (protocol !== ipProtocol.gre && protocol !== ipProtocol.tcp) return [];
      const from = this.addresses.text(datagram.source);
      const to = this.addresses.text(datagram.destination);
      return [{ from, to, protocol, frame, fragments, firstSeen }];
    });
  }
}

/** A cause that was told of a call, or of a tunnel. */
interface ToldCause {
  readonly cause: string;
  readonly call: string | null;
}

function isSame(one: ToldCause, other: ToldCause): boolean {
  return one.cause === other.cause && one.call === other.call;
}

/** In the captures of a sequence: what each counts by itself, and the highest that counts from the start of the first. */
function droppedOf(captures: readonly CaptureIntake[]): number | null {
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
