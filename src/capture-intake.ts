/** One capture on its way in: its octets go to the reader, its frames to the dissector, and what is counted of them into the report. */
import type { AnalysisOptions } from './analysis-options.ts';
import type { Frame } from './capture/frame.ts';
import { linkTypeName } from './capture/link-types.ts';
import { CaptureReader } from './capture/reader.ts';
import type { CaptureSummary } from './capture/summary.ts';
import type { Compression } from './compression/decompress.ts';
import type { Dissector } from './dissect/dissector.ts';
import { isPointToPoint } from './link/point-to-point.ts';
import { formatInstant, type Instant, secondsBetween } from './octets/instant.ts';
import type { CaptureProblem, CaptureReport } from './report/contract.ts';
import type { Sequence } from './sequence.ts';
import type { Sessions } from './sessions/sessions.ts';

export class CaptureIntake {
  /** Number of its first frame: 1, or the next one of the capture that it goes on from. */
  readonly firstFrame: number;
  /** Which capture of the report this is, from 0. */
  readonly index: number;
  readonly reader: CaptureReader;
  framesBackInTime = 0;
  private largestStepBack: CaptureReport['largestStepBack'] = null;
  pointToPointFrames = 0;
  /** When the frame is that comes next, while it is looked at what is missing by then; else null. */
  arriving: Instant | null = null;
  private readonly path: string;
  private readonly compression: Compression | null;
  private readonly sessions: Sessions;
  private readonly dissector: Dissector;
  private readonly onFrame: AnalysisOptions['onFrame'];
  private readonly failures: CaptureProblem[] = [];
  private readonly duplicatesBefore: number;
  private duplicates: number | null = null;
  private ended: CaptureSummary | null = null;
  private droppedOutside: number | null = null;
  /** Number of its latest frame, and that frame's time. */
  lastFrame = 0;
  private lastSeconds = 0;
  private lastNanoseconds = 0;

  /** `before` is the one that it goes on from. */
  constructor(
    sequence: Sequence,
    path: string,
    compression: Compression | null,
    index: number,
    before: CaptureIntake | null,
  ) {
    this.path = path;
    this.compression = compression;
    this.index = index;
    const { sessions, dissector, onFrame } = sequence;
    this.sessions = sessions;
    this.dissector = dissector;
    this.onFrame = onFrame;
    this.duplicatesBefore = dissector.duplicateFrames;
    this.reader = new CaptureReader(this, sequence.limits);
    if (before !== null) {
      this.reader.goOnFrom(before.reader);
      this.lastFrame = before.lastFrame;
      this.lastSeconds = before.lastSeconds;
      this.lastNanoseconds = before.lastNanoseconds;
    }
    this.firstFrame = this.reader.frameNumber + 1;
  }

  frame(frame: Frame): void {
    this.lastFrame = frame.number;
    const { seconds, nanoseconds } = frame;
    this.onFrame?.(frame);
    if (seconds !== this.lastSeconds && frame.timed) {
      this.arriving = { seconds, nanoseconds };
      this.sessions.tick(this.arriving);
      this.arriving = null;
    }
    if (seconds < this.lastSeconds || (seconds === this.lastSeconds && nanoseconds < this.lastNanoseconds)) {
      this.framesBackInTime += 1;
      this.stepBack(frame);
    }
    this.lastSeconds = seconds;
    this.lastNanoseconds = nanoseconds;
    if (isPointToPoint(frame.linkType, frame.window.view, frame.start, frame.end)) this.pointToPointFrames += 1;
    this.dissector.frame(frame);
  }

  private stepBack({ seconds, nanoseconds, number }: Frame): void {
    const before = { seconds: this.lastSeconds, nanoseconds: this.lastNanoseconds };
    const step = Math.round(secondsBetween({ seconds, nanoseconds }, before) * 1e6) / 1e6;
    if (step > (this.largestStepBack?.seconds ?? 0)) this.largestStepBack = { seconds: step, frame: number };
  }

  push(chunk: Uint8Array): void {
    this.reader.push(chunk);
  }

  /** The latest frame's time and so many seconds more; null where there was no frame. */
  timeAfter(seconds: number): Instant | null {
    if (this.lastFrame === 0) return null;
    const whole = Math.floor(seconds);
    const nanoseconds = this.lastNanoseconds + (seconds - whole) * 1e9;
    const carry = Math.floor(nanoseconds / 1e9);
    return { seconds: this.lastSeconds + whole + carry, nanoseconds: nanoseconds - carry * 1e9 };
  }

  /** What the capturing program lost, where it says so outside of the capture. */
  dropped(packets: number): void {
    this.droppedOutside = packets;
  }

  /** Packets that were lost, as known by now; null where nobody says. */
  get droppedByCapture(): number | null {
    return this.droppedOutside ?? this.summary.droppedByCapture;
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

  /** No octets follow. */
  end(): void {
    if (this.ended !== null) return;
    this.ended = this.reader.finish();
    this.duplicates = this.dissector.duplicateFrames - this.duplicatesBefore;
  }

  /** `sequence`: index of its first capture. */
  report(
    found: Pick<CaptureReport, 'vantage' | 'incompleteDatagrams' | 'damagedHeaders' | 'failedNameLookups'>,
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
      linkTypes: [...new Set(summary.linkTypes.map(linkTypeName))],
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
      largestStepBack: this.largestStepBack,
      incompleteDatagrams: found.incompleteDatagrams,
      damagedHeaders: found.damagedHeaders,
      failedNameLookups: found.failedNameLookups,
      pointToPoint: summary.frames > 0 && this.pointToPointFrames === summary.frames,
      droppedByCapture: this.droppedByCapture,
    };
  }
}
