/**
 * What the readers of both formats have in common: the one Frame that is refilled and handed on, the
 * counts over all frames, and the bounded lists of problems and comments.
 */
import type { Limits } from '../octets/limits.ts';
import { Window } from '../octets/window.ts';
import { Frame } from './frame.ts';
import { type CaptureProblem, type CaptureProblemCode, damagingProblems } from './problem.ts';
import type { CaptureSummary } from './summary.ts';
import type { TimestampResolution } from './timestamp-resolution.ts';

export interface FrameSink {
  /** `frame` and its window are valid during the call only. */
  frame(frame: Frame): void;
}

export class Tally {
  readonly frame = new Frame();
  /** File offset of the current window's first octet. */
  windowOffset = 0;
  kind: 'pcap' | 'pcapng' | null = null;
  byteOrder: 'little' | 'big' | null = null;
  /** True once a frame with a time was handed on: `frame.seconds` then is the time of the latest one. */
  timed = false;
  /** The latest time of all, where there is one. */
  lastSeconds = 0;
  timestampDigits = 0;
  droppedByCapture: number | null = null;
  droppedSinceStart = false;

  readonly limits: Limits;
  private readonly sink: FrameSink;
  private readonly linkTypes = new Set<number>();
  private resolution: TimestampResolution | null = null;
  private delivered = 0;
  private capturedBytes = 0;
  private wireBytes = 0;
  private truncatedFrames = 0;
  private firstSeconds = 0;
  private firstNanoseconds = 0;
  private lastNanoseconds = 0;
  private readonly problems: CaptureProblem[] = [];
  private furtherProblems = 0;
  private damaged = false;
  private readonly comments: { frame: number | null; text: string }[] = [];
  private furtherComments = 0;

  constructor(sink: FrameSink, limits: Limits) {
    this.sink = sink;
    this.limits = limits;
  }

  /** Frames handed on so far, of this file. */
  get frames(): number {
    return this.delivered;
  }

  /** Nothing more is handed on: the octets of the last frame are let go. */
  release(): void {
    this.frame.window = new Window(new Uint8Array(0));
  }

  /** The file goes on where another one ends: frames are numbered on, and those without a time repeat that of the last. */
  goOnFrom({ frame }: Tally): void {
    this.frame.number = frame.number;
    this.frame.seconds = frame.seconds;
    this.frame.nanoseconds = frame.nanoseconds;
  }

  /** Takes note of an interface of the file. */
  describeInterface(linkType: number, resolution: TimestampResolution): void {
    this.linkTypes.add(linkType);
    if (this.resolution === null || resolution.ticksPerSecond > this.resolution.ticksPerSecond) {
      this.resolution = resolution;
      this.timestampDigits = resolution.digits;
    }
  }

  /** Hands on the frame that `start` to `end` of the window hold; time, link type and interface are set by the caller. */
  deliver(window: Window, start: number, end: number, wireLength: number): void {
    const frame = this.frame;
    const captured = end - start;
    frame.number++;
    this.delivered++;
    frame.window = window;
    frame.start = start;
    frame.end = end;
    // A frame cannot have had fewer octets than were captured of it.
    frame.wireLength = Math.max(wireLength, captured);
    this.capturedBytes += captured;
    this.wireBytes += frame.wireLength;
    if (wireLength > captured) this.truncatedFrames++;
    if (frame.timed) this.extendTime(frame.seconds, frame.nanoseconds);
    this.sink.frame(frame);
  }

  /** Leaves out a frame number, for something that is no frame and yet has one in Wireshark. */
  passNumber(): void {
    this.frame.number++;
  }

  private extendTime(seconds: number, nanoseconds: number): void {
    if (!this.timed) {
      this.timed = true;
      this.firstSeconds = this.lastSeconds = seconds;
      this.firstNanoseconds = this.lastNanoseconds = nanoseconds;
      return;
    }
    if (seconds > this.lastSeconds || (seconds === this.lastSeconds && nanoseconds > this.lastNanoseconds)) {
      this.lastSeconds = seconds;
      this.lastNanoseconds = nanoseconds;
    } else if (seconds < this.firstSeconds || (seconds === this.firstSeconds && nanoseconds < this.firstNanoseconds)) {
      this.firstSeconds = seconds;
      this.firstNanoseconds = nanoseconds;
    }
  }

  /** `at`: position in the current window; null where no place can be named. */
  problem(at: number | null, code: CaptureProblemCode, message: string): void {
    if (damagingProblems.has(code)) this.damaged = true;
    if (this.limits.full('problems', this.problems.length)) {
      this.furtherProblems++;
      return;
    }
    this.problems.push({ offset: at === null ? null : this.windowOffset + at, frame: null, code, message });
  }

  /** True where a further comment would be kept: the caller need not decode one that is not. */
  acceptsComment(): boolean {
    if (!this.limits.full('comments', this.comments.length)) return true;
    this.furtherComments++;
    return false;
  }

  comment(frame: number | null, text: string): void {
    this.comments.push({ frame, text });
  }

  summary(): CaptureSummary {
    const problems = [...this.problems];
    if (this.furtherProblems > 0) {
      problems.push(withoutPlace('more-problems', `${this.furtherProblems} further problems are not listed`));
    }
    if (this.furtherComments > 0) {
      problems.push(withoutPlace('more-comments', `${this.furtherComments} further comments are not kept`));
    }
    return {
      kind: this.kind,
      byteOrder: this.byteOrder,
      linkTypes: [...this.linkTypes],
      timestampResolution: this.resolution?.name ?? null,
      timestampDigits: this.timestampDigits,
      frames: this.delivered,
      capturedBytes: this.capturedBytes,
      wireBytes: this.wireBytes,
      truncatedFrames: this.truncatedFrames,
      first: this.timed ? { seconds: this.firstSeconds, nanoseconds: this.firstNanoseconds } : null,
      last: this.timed ? { seconds: this.lastSeconds, nanoseconds: this.lastNanoseconds } : null,
      complete: !this.damaged,
      problems,
      comments: [...this.comments],
      droppedByCapture: this.droppedByCapture,
      droppedSinceStart: this.droppedSinceStart,
    };
  }
}

function withoutPlace(code: CaptureProblemCode, message: string): CaptureProblem {
  return { offset: null, frame: null, code, message };
}
