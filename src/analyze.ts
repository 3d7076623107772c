/**
 * Puts the parts together: octets of captures in, the report out. One pass, nothing of the capture is kept.
 */
import type { Frame } from './capture/frame.ts';
import { linkTypeName } from './capture/link-types.ts';
import { CaptureReader } from './capture/reader.ts';
import { Dissector, ipProtocol } from './dissect/dissector.ts';
import { audit } from './findings/audit.ts';
import { diagnose } from './findings/diagnoses/diagnose.ts';
import { migrationOf } from './findings/migration.ts';
import { stagesOf, stagesWithoutCall } from './findings/stages.ts';
import { AddressBook } from './octets/address.ts';
import { formatInstant, type Instant, secondsBetween } from './octets/instant.ts';
import { controlPort } from './pptp/names.ts';
import type { CaptureProblem, CaptureReport, LimitReached, OtherVpn, Report, TunnelReport } from './report/contract.ts';
import { buildTunnel } from './sessions/build.ts';
import { ChallengeBook } from './sessions/challenge.ts';
import { Sessions } from './sessions/sessions.ts';
import { commonVantage, type Vantage } from './sessions/vantage.ts';
import { version } from './version.ts';

export interface AnalysisOptions {
  /** TCP ports of control connections; 1723 (RFC 2637 §1.4) alone when absent. Others are found by their first message. */
  readonly controlPorts?: readonly number[];
  /** Passwords, challenges and responses go into the report; they are left out when absent. */
  readonly keepSecrets?: boolean;
  /** Ids of rules of the audit that are not asked. */
  readonly ignore?: readonly string[];
}

export type Compression = CaptureReport['compression'];

/** Several captures, one report. */
export class Analysis {
  private readonly options: AnalysisOptions;
  private readonly captures: CaptureAnalysis[] = [];

  constructor(options: AnalysisOptions = {}) {
    this.options = options;
  }

  /** Opens the next capture. `path` is for the report alone. */
  capture(path: string, compression: Compression): CaptureAnalysis {
    const capture = new CaptureAnalysis(path, compression, this.captures.length, this.options);
    this.captures.push(capture);
    return capture;
  }

  /** The report over all captures. Those that were not finished are left out. */
  report(): Report {
    const finished = this.captures.flatMap((capture) => capture.result ?? []);
    const tunnels = finished.flatMap((result) => result.tunnels);
    tunnels.forEach(name);
    const otherVpn = finished.flatMap((result) => result.otherVpn);
    const captures = finished.map((result) => result.report);
    return {
      format: 'pptpscope-report',
      version: 1,
      tool: { name: 'pptpscope', version },
      ...(this.options.keepSecrets === true ? { secretsShown: true as const } : {}),
      captures,
      tunnels,
      diagnoses: diagnose(tunnels, captures),
      findings: audit(tunnels, this.options.ignore === undefined ? {} : { ignore: this.options.ignore }),
      otherVpn,
      migration: migrationOf(
        tunnels,
        otherVpn.map(({ protocol }) => protocol),
      ),
      limitsReached: joined(finished.flatMap((result) => result.limitsReached)),
    };
  }
}

interface CaptureResult {
  /** The earliest time of a frame, and the decimal digits after the second that its times have. */
  readonly timing: { readonly first: Instant | null; readonly digits: number };
  readonly report: CaptureReport;
  readonly tunnels: TunnelReport[];
  readonly otherVpn: OtherVpn[];
  readonly limitsReached: LimitReached[];
}

/** One capture on its way through. Its chunks may be of any size and cut anywhere. */
export class CaptureAnalysis {
  /** null until it is finished. */
  result: CaptureResult | null = null;
  private readonly path: string;
  private readonly compression: Compression;
  private readonly index: number;
  private readonly addresses = new AddressBook();
  private readonly reader: CaptureReader;
  private readonly sessions: Sessions;
  private readonly dissector: Dissector;
  private readonly tunnels: TunnelReport[] = [];
  private readonly vantages = new Map<Vantage, number>();
  private readonly failures: CaptureProblem[] = [];
  private lastFrame = 0;
  private lastSeconds = 0;
  private lastNanoseconds = 0;
  private framesBackInTime = 0;
  private pointToPointFrames = 0;

  constructor(path: string, compression: Compression, index: number, options: AnalysisOptions) {
    this.path = path;
    this.compression = compression;
    this.index = index;
    const challenges = new ChallengeBook();
    this.sessions = new Sessions((state) => {
      const { tunnel, timeOf } = buildTunnel(state, {
        addresses: this.addresses,
        digits: this.reader.timestampDigits,
        capture: index,
        challenges,
        keepSecrets: options.keepSecrets ?? false,
      });
      const calls = tunnel.calls.map((call) => ({ ...call, stages: stagesOf(tunnel, call, timeOf) }));
      this.tunnels.push(
        calls.length > 0 ? { ...tunnel, calls } : { ...tunnel, calls, stages: stagesWithoutCall(tunnel, timeOf) },
      );
      const { vantage } = tunnel;
      this.vantages.set(vantage, (this.vantages.get(vantage) ?? 0) + 1);
    });
    this.dissector = new Dissector(this.sessions, this.addresses, options.controlPorts ?? [controlPort]);
    this.reader = new CaptureReader(this);
  }

  /** For the reader alone. */
  frame(frame: Frame): void {
    this.lastFrame = frame.number;
    const { seconds, nanoseconds } = frame;
    if (seconds < this.lastSeconds || (seconds === this.lastSeconds && nanoseconds < this.lastNanoseconds)) {
      this.framesBackInTime += 1;
    }
    this.lastSeconds = seconds;
    this.lastNanoseconds = nanoseconds;
    if (isPointToPoint(frame)) this.pointToPointFrames += 1;
    this.dissector.frame(frame);
  }

  push(chunk: Uint8Array): void {
    this.reader.push(chunk);
  }

  /** The input failed (it could not be opened, its compression is damaged); what was read stays. */
  fail(problem: CaptureProblem): void {
    this.failures.push(problem);
  }

  finish(): void {
    if (this.result !== null) return;
    const summary = this.reader.finish();
    this.sessions.finish(this.lastFrame);
    const { first, last } = summary;
    const digits = summary.timestampDigits;
    const { dropped } = this.dissector.defragmenter;
    if (dropped > 0) {
      this.sessions.limits.reached('fragments', 'datagrams in fragments were given up to keep memory bounded', dropped);
    }
    if (this.addresses.overflowed > 0) {
      this.sessions.limits.reached(
        'ipv6-addresses',
        'IPv6 addresses beyond the first 65,536 are not told apart',
        this.addresses.overflowed,
      );
    }
    this.result = {
      timing: { first, digits },
      report: {
        path: this.path,
        kind: summary.kind,
        compression: this.compression,
        byteOrder: summary.byteOrder,
        linkTypes: summary.linkTypes.map((number) => linkTypeName(number) ?? String(number)),
        timestampResolution: summary.timestampResolution,
        frames: summary.frames,
        capturedBytes: summary.capturedBytes,
        wireBytes: summary.wireBytes,
        truncatedFrames: summary.truncatedFrames,
        duplicateFrames: this.dissector.duplicateFrames,
        firstFrameTime: first === null ? null : formatInstant(first, digits),
        lastFrameTime: last === null ? null : formatInstant(last, digits),
        durationSeconds: first === null || last === null ? null : Math.round(secondsBetween(first, last) * 1e9) / 1e9,
        complete: summary.complete && this.failures.length === 0,
        // What could not be read is empty only because of that.
        problems: [
          ...this.failures,
          ...summary.problems.filter(({ code }) => this.failures.length === 0 || code !== 'empty'),
        ],
        vantage: commonVantage(this.vantages),
        comments: summary.comments,
        framesBackInTime: this.framesBackInTime,
        incompleteDatagrams: this.incompleteDatagrams(),
        failedNameLookups: this.sessions.nameLookups.failed().flatMap(({ name, frame, outcome }) => {
          return outcome === 'answered' ? [] : [{ name, frame, outcome }];
        }),
        pointToPoint: summary.frames > 0 && this.pointToPointFrames === summary.frames,
        droppedByCapture: summary.droppedByCapture,
      },
      tunnels: this.tunnels.toSorted((a, b) => a.firstFrame - b.firstFrame),
      otherVpn: this.sessions.otherVpns.list().map(({ protocol, client, server, frames, firstFrame }) => ({
        protocol,
        client: this.addresses.text(client),
        server: this.addresses.text(server),
        frames,
        firstFrame,
      })),
      limitsReached: this.sessions.limits.list(),
    };
  }

  private incompleteDatagrams(): CaptureReport['incompleteDatagrams'] {
    return this.dissector.defragmenter.incomplete().flatMap(({ source, destination, protocol, frame, fragments }) => {
      if (protocol !== ipProtocol.gre && protocol !== ipProtocol.tcp) return [];
      return [{ from: this.addresses.text(source), to: this.addresses.text(destination), protocol, frame, fragments }];
    });
  }

  /** Which capture of the report this is, from 0. */
  get capture(): number {
    return this.index;
  }
}

/** LINKTYPE_ numbers of interfaces without link-layer addresses: PPP, raw IP, IPv4, IPv6. */
const pointToPointLinks: ReadonlySet<number> = new Set([9, 50, 101, 228, 229]);
const linuxCooked = 113;
/** ARPHRD_PPP, the link type that Linux cooked captures give for a PPP interface. */
const arphrdPpp = 512;

function isPointToPoint({ linkType, window, start, end }: Frame): boolean {
  if (linkType !== linuxCooked) return pointToPointLinks.has(linkType);
  return end - start >= 4 && window.view.getUint16(start + 2) === arphrdPpp;
}

/** Gives a tunnel and its calls their ids. */
function name(tunnel: TunnelReport, index: number): void {
  tunnel.id = `T${index + 1}`;
  tunnel.calls.forEach((call, number) => {
    call.id = `${tunnel.id}.${number + 1}`;
  });
  for (const error of tunnel.icmpErrors) if (error.call !== null) error.call = `${tunnel.id}.${error.call}`;
}

function joined(limits: readonly LimitReached[]): LimitReached[] {
  const byName = new Map<string, LimitReached>();
  for (const limit of limits) {
    const held = byName.get(limit.limit);
    if (held === undefined) byName.set(limit.limit, { ...limit });
    else held.times += limit.times;
  }
  return [...byName.values()];
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
