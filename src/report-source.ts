/** From what was found in sequences of captures to the report: tunnels are unpacked one at a time. */
import { Audit } from './findings/audit.ts';
import { Diagnoser } from './findings/diagnoses/diagnose.ts';
import type { View } from './findings/diagnoses/neighbour.ts';
import type { CaptureReport as CaptureParts } from './findings/diagnoses/report-parts.ts';
import { Views } from './findings/diagnoses/views.ts';
import type { Diagnosis } from './findings/diagnosis.ts';
import { MigrationSurvey } from './findings/migration.ts';
import { MostSevere } from './findings/most-severe.ts';
import { leaveUndecided, undecidedBy } from './findings/undecided.ts';
import type { Bounds } from './octets/bounds.ts';
import type { Instant } from './octets/instant.ts';
import { Limits } from './octets/limits.ts';
import { type List, type Packed, type PackedItems, PackedList, Packing } from './octets/packed-list.ts';
import type { CaptureReport, LimitReached, OtherVpn, Report, ReportSource, TunnelReport } from './report/contract.ts';
import { version } from './version.ts';

/** Kept as they are: 2 MB at most. */
const plainDiagnosesAtMost = 1024;

/** What diagnoses ask of a capture. */
export type DiagnosedCapture = Pick<CaptureReport, keyof CaptureParts>;

/** What was found in one capture, or in several that are one sequence: plain data. */
export interface SequenceResult {
  /** Of its first capture, among the report's. */
  readonly index: number;
  /** The earliest time of a frame, and the decimal digits after the second that its times have. */
  readonly timing: { readonly first: Instant | null; readonly digits: number };
  /** Its captures in order, each with its place among the report's. */
  readonly captures: readonly { readonly index: number; readonly report: CaptureReport }[];
  /** The captures taken together. */
  readonly whole: DiagnosedCapture;
  /** Its tunnels in order of their first frames, without ids where nobody followed them live. */
  readonly tunnels: PackedItems<TunnelReport>;
  readonly otherVpn: OtherVpn[];
  readonly limitsReached: LimitReached[];
}

export interface ReportOptions {
  readonly keepSecrets?: boolean;
  readonly ignore?: readonly string[];
  readonly limits?: Partial<Bounds>;
}

/** One report of sequences, which are given in the order of their first captures. */
export function reportSource(
  given: readonly SequenceResult[],
  { keepSecrets, ignore, limits: chosen }: ReportOptions,
): ReportSource {
  const { sequences, captures } = distinct(given);
  const cases = casesOf(sequences);
  // In the order in which they are told.
  const limits = { diagnoses: new Limits(chosen), audit: new Limits(chosen), migration: new Limits(chosen) };
  const views = new Views();
  const undecided = new Set<string>();
  const all = new AllTunnels(
    cases.map(({ tunnels }) => tunnels),
    views,
    undecided,
  );
  const audit = new Audit({ limits: limits.audit, ...(ignore === undefined ? {} : { ignore }) });
  const survey = new MigrationSurvey();
  let seen = 0;
  for (const { tunnels, diagnoser } of cases) {
    for (const tunnel of tunnels) {
      diagnoser.see(tunnel);
      audit.see(tunnel);
      survey.see(tunnel);
      views.see(tunnel, seen);
      seen += 1;
    }
  }
  const diagnoses = new KeptDiagnoses(limits.diagnoses);
  const findings = new MostSevere(limits.audit.bounds.findings);
  const viewOf = (tunnel: TunnelReport): View => ({ tunnel, path: captures[tunnel.capture]?.path ?? '' });
  let asked = 0;
  for (const { tunnels, diagnoser } of cases) {
    for (const tunnel of tunnels) {
      const index = asked;
      asked += 1;
      const own = diagnoses.keep(diagnoser.diagnosesOf(tunnel, () => all.otherViews(tunnel, index).map(viewOf)));
      for (const id of undecidedBy(tunnel, own)) undecided.add(id);
      for (const finding of audit.findingsOf(tunnel)) findings.add(finding);
    }
    diagnoses.keep(diagnoser.diagnosesOfNone());
  }
  if (findings.leftOut > 0) limits.audit.reached('findings', findings.leftOut);
  const otherVpn = sequences.flatMap((sequence) => sequence.otherVpn);
  const protocols = otherVpn.map(({ protocol }) => protocol);
  return {
    format: 'pptpscope-report',
    version: 1,
    tool: { name: 'pptpscope', version },
    ...(keepSecrets === true ? { secretsShown: true as const } : {}),
    captures,
    tunnels: all,
    diagnoses: diagnoses.list(),
    findings: findings.list(),
    otherVpn,
    migration: survey.migration(protocols, limits.migration),
    limitsReached: eachOnce([
      ...sequences.flatMap((sequence) => sequence.limitsReached),
      ...Object.values(limits).flatMap((own) => own.list()),
    ]),
  };
}

/** The tunnels of a sequence, and what says why they fail. */
interface SequenceCase {
  readonly tunnels: NamedTunnels;
  readonly diagnoser: Diagnoser;
}

function casesOf(sequences: readonly SequenceResult[]): SequenceCase[] {
  let tunnelsBefore = 0;
  return sequences.map(({ tunnels: items, whole, index }) => {
    const tunnels = new NamedTunnels(items, tunnelsBefore);
    tunnelsBefore += tunnels.length;
    return { tunnels, diagnoser: new Diagnoser(whole, index) };
  });
}

/** The diagnoses of the report, as many as its limit lets in. */
class KeptDiagnoses {
  private readonly packing = new Packing<Diagnosis>(plainDiagnosesAtMost);
  private readonly items: Packed<Diagnosis>[] = [];
  private readonly limits: Limits;

  constructor(limits: Limits) {
    this.limits = limits;
  }

  /** Answers those that were kept. */
  keep(found: readonly Diagnosis[]): Diagnosis[] {
    return found.filter((diagnosis) => {
      if (this.limits.full('diagnoses', this.items.length)) return false;
      this.items.push(this.packing.item(diagnosis));
      return true;
    });
  }

  list(): PackedList<Diagnosis> {
    return new PackedList(this.packing.list(this.items));
  }
}

/** The sequences without those that show the same as one before them, and all captures, of which these say so. */
function distinct(given: readonly SequenceResult[]): { sequences: SequenceResult[]; captures: CaptureReport[] } {
  const held = new Map<string, SequenceResult>();
  const sequences: SequenceResult[] = [];
  const captures: { readonly index: number; readonly report: CaptureReport }[] = [];
  for (const sequence of given) {
    const key = sequence.captures.map(({ report }) => framesOf(report)).join();
    const empty = sequence.captures.every(({ report }) => report.frames === 0);
    const alike = empty ? undefined : held.get(key);
    const before = alike !== undefined && showTheSame(alike, sequence) ? alike : undefined;
    if (before === undefined) {
      held.set(key, sequence);
      sequences.push(sequence);
    }
    for (const [place, { index, report }] of sequence.captures.entries()) {
      const repeats = before?.captures[place]?.index;
      captures.push({ index, report: repeats === undefined ? report : { ...report, repeats } });
    }
  }
  return { sequences, captures: captures.toSorted((a, b) => a.index - b.index).map(({ report }) => report) };
}

/** All that is told of their tunnels is the same, frame by frame: captures that were made alike, or changed, differ in it. */
function showTheSame(one: SequenceResult, other: SequenceResult): boolean {
  const tunnels = new PackedList(one.tunnels);
  let place = 0;
  for (const tunnel of new PackedList(other.tunnels)) {
    const before = tunnels.at(place);
    place += 1;
    if (before === undefined || shown(before) !== shown(tunnel)) return false;
  }
  return place === tunnels.length;
}

/** Without what tells captures apart. Formats differ in the digits of their times. */
function shown(tunnel: TunnelReport): string {
  return JSON.stringify({ ...tunnel, id: '', capture: 0 }).replaceAll(/0+Z"/g, 'Z"');
}

/** What captures with the same frames have in common: when these came and how many octets they have. */
function framesOf(capture: CaptureReport): string {
  const { path, frames, capturedBytes, wireBytes, firstFrameTime, lastFrameTime } = capture;
  // Formats differ in the digits of their times. Without times only the file itself is known again.
  const times = [firstFrameTime, lastFrameTime].map((time) => time?.replace(/0*Z$/, '') ?? path);
  return [frames, capturedBytes, wireBytes, ...times].join(' ');
}

/** The report with all its items in memory. */
export function wholeReport(source: ReportSource): Report {
  const { tunnels, diagnoses, findings } = source;
  return { ...source, tunnels: [...tunnels], diagnoses: [...diagnoses], findings: [...findings] };
}

/** The tunnels of a sequence under their ids. */
class NamedTunnels implements Iterable<TunnelReport> {
  readonly length: number;
  private readonly tunnels: PackedList<TunnelReport>;
  /** Tunnels of the sequences before. */
  private readonly before: number;

  constructor(tunnels: PackedItems<TunnelReport>, before: number) {
    this.tunnels = new PackedList(tunnels);
    this.length = this.tunnels.length;
    this.before = before;
  }

  at(index: number): TunnelReport | undefined {
    const tunnel = this.tunnels.at(index);
    if (tunnel?.id === '') giveIds(tunnel, `T${this.before + index + 1}`);
    return tunnel;
  }

  *[Symbol.iterator](): Generator<TunnelReport> {
    for (let index = 0; index < this.length; index += 1) {
      const tunnel = this.at(index);
      if (tunnel !== undefined) yield tunnel;
    }
  }
}

/** Each tunnel says which others are the same connection, and its ladders leave open what its diagnoses do. */
class AllTunnels implements List<TunnelReport> {
  readonly length: number;
  private readonly sequences: readonly NamedTunnels[];
  private readonly views: Views;
  private readonly undecided: ReadonlySet<string>;

  /** `views`, `undecided`: what they hold may come later. */
  constructor(sequences: readonly NamedTunnels[], views: Views, undecided: ReadonlySet<string>) {
    this.sequences = sequences;
    this.views = views;
    this.undecided = undecided;
    this.length = sequences.reduce((sum, { length }) => sum + length, 0);
  }

  at(index: number): TunnelReport | undefined {
    const tunnel = this.named(index);
    return tunnel === undefined ? undefined : this.viewed(tunnel, index);
  }

  /** The tunnels of other points of capture that are the same connection. */
  otherViews(tunnel: TunnelReport, index: number): TunnelReport[] {
    return this.views.of(tunnel, index).flatMap((other) => this.named(other) ?? []);
  }

  private named(index: number): TunnelReport | undefined {
    let place = index;
    for (const tunnels of this.sequences) {
      if (place < tunnels.length) return tunnels.at(place);
      place -= tunnels.length;
    }
    return undefined;
  }

  *[Symbol.iterator](): Generator<TunnelReport> {
    let index = 0;
    for (const tunnels of this.sequences) {
      for (const tunnel of tunnels) {
        yield this.viewed(tunnel, index);
        index += 1;
      }
    }
  }

  private viewed(tunnel: TunnelReport, index: number): TunnelReport {
    leaveUndecided(tunnel, this.undecided);
    const views = this.otherViews(tunnel, index);
    if (views.length === 0) return tunnel;
    tunnel.sameConnectionAs = views.map(({ id }) => id);
    const here = views.filter(({ capture }) => capture === tunnel.capture);
    if (here.length > 0) tunnel.sameConnectionInCapture = here.map(({ id }) => id);
    return tunnel;
  }
}

/** Gives a tunnel and its calls their ids; `callId` answers that of the call at a place. */
export function giveIds(
  tunnel: TunnelReport,
  id: string,
  callId = (place: number): string => `${id}.${place + 1}`,
): void {
  tunnel.id = id;
  tunnel.calls.forEach((call, place) => {
    call.id = callId(place);
  });
  for (const error of tunnel.icmpErrors) if (error.call !== null) error.call = callId(Number(error.call));
}

/** Each limit once, with how often it was reached in all. */
function eachOnce(limits: readonly LimitReached[]): LimitReached[] {
  const byName = new Map<string, LimitReached>();
  for (const limit of limits) {
    const held = byName.get(limit.limit);
    if (held === undefined) byName.set(limit.limit, { ...limit });
    else held.times += limit.times;
  }
  return [...byName.values()];
}
