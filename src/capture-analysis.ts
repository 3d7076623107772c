/** One capture, as who reads it sees it: octets in, then the next one or the end. */

import type { CaptureIntake } from './capture-intake.ts';
import type { Compression } from './compression/decompress.ts';
import type { Instant } from './octets/instant.ts';
import type { Limits } from './octets/limits.ts';
import type { CaptureProblem, TunnelReport } from './report/contract.ts';
import type { Sequence } from './sequence.ts';

/** One capture on its way through. Its chunks may be of any size and cut anywhere. */
export class CaptureAnalysis {
  private readonly sequence: Sequence;
  private readonly intake: CaptureIntake;

  constructor(sequence: Sequence, intake: CaptureIntake) {
    this.sequence = sequence;
    this.intake = intake;
  }

  /** Those of this capture, and of others of its sequence. */
  get limits(): Limits {
    return this.sequence.limits;
  }

  push(chunk: Uint8Array): void {
    this.intake.push(chunk);
  }

  /**
   * So many seconds have passed since the latest frame's time, and no frame came: answers that are overdue are missed, and
   * tunnels that are done with handed on. Does nothing without `onEvent`.
   */
  elapse(seconds: number): void {
    const now = this.intake.timeAfter(seconds);
    if (now !== null) this.sequence.elapse(now);
  }

  /** What the capturing program lost, where it says so outside of the capture. */
  dropped(packets: number): void {
    this.intake.dropped(packets);
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
    return this.intake.lastTime;
  }

  /** The input failed (it could not be opened, its compression is damaged); what was read stays. */
  fail(problem: CaptureProblem): void {
    this.intake.fail(problem);
  }

  /**
   * Ends this one; answers the capture that goes on where it ends: frames are numbered on, tunnels go on, and the captures
   * are one sequence. To be called once, and then not `finish`, which is for the last. `path` and the rest as for
   * `Analysis.capture`.
   */
  next(path: string, compression: Compression | null, index?: number): CaptureAnalysis {
    this.intake.end();
    return this.sequence.open(path, compression, index);
  }

  /** No octets follow, and no capture that goes on from this one. */
  finish(): void {
    this.intake.end();
    this.sequence.finish();
  }
}
