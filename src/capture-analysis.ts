/** One capture: its octets go to the reader, its frames to the dissector, and what the reader counts into the report. */
import type { AnalysisOptions, Compression } from './analysis-options.ts';
import type { Frame } from './capture/frame.ts';
import { linkTypeName } from './capture/link-types.ts';
import { CaptureReader } from './capture/reader.ts';
import type { CaptureSummary } from './capture/summary.ts';
import type { Dissector } from './dissect/dissector.ts';
import { isPointToPoint } from './link/point-to-point.ts';
import { formatInstant, type Instant, secondsBetween } from './octets/instant.ts';
import type { Limits } from './octets/limits.ts';
import type { CaptureProblem, CaptureReport, TunnelReport } from './report/contract.ts';
import type { Sequence } from './sequence.ts';
import type { Sessions } from './sessions/sessions.ts';

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
