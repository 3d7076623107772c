/** Captures that were written to several files: which belong together, and in which of them a frame is. */
import { secondsBetweenTimes } from '../findings/diagnoses/time.ts';
import { duration } from '../octets/words.ts';
import type { CaptureReport, ReportSource, TunnelReport } from './contract.ts';

/** A capture as reports name it. */
export function nameOf({ path }: CaptureReport): string {
  return path === '-' ? 'standard input' : path;
}

/** The captures of every sequence, in order, with the index of the first. A capture that stands alone is one of itself. */
export function sequencesOf({ captures }: ReportSource): [index: number, captures: CaptureReport[]][] {
  const sequences = new Map<number, CaptureReport[]>();
  for (const capture of captures) {
    const held = sequences.get(capture.sequence);
    if (held === undefined) sequences.set(capture.sequence, [capture]);
    else held.push(capture);
  }
  return [...sequences];
}

/** The tunnels of one sequence after the other, as the report has them: each is made once. */
export class TunnelsInTurn {
  private readonly tunnels: Iterator<TunnelReport>;
  private next: TunnelReport | null = null;

  constructor({ tunnels }: ReportSource) {
    this.tunnels = tunnels[Symbol.iterator]();
    this.advance();
  }

  /** Those of a sequence that comes after all that were asked for. */
  *of(sequence: number): Generator<TunnelReport> {
    for (; this.next !== null && this.next.capture <= sequence; this.advance()) {
      if (this.next.capture === sequence) yield this.next;
    }
  }

  private advance(): void {
    const { done, value } = this.tunnels.next();
    this.next = done === true ? null : value;
  }
}

/** Index of the capture that holds a frame; `sequence` as tunnels name it. */
export function captureOfFrame({ captures }: ReportSource, sequence: number, frame: number): number {
  return captures.findLastIndex((capture) => capture.sequence === sequence && capture.firstFrame <= frame);
}

/** That a capture holds the frames of one before it; empty where it does not. */
export function repeating({ repeats }: CaptureReport, { captures }: ReportSource): string {
  if (repeats === undefined) return '';
  return `the same frames as ${captures[repeats]?.path}: what they show is told there, and not counted again`;
}

/** What there is to say of captures without a tunnel; empty where none of them could be read. */
export function withoutTunnels(captures: readonly CaptureReport[]): string {
  const read = captures.filter(({ kind }) => kind !== null);
  if (read.length === 0) return '';
  return read.every(({ frames, complete }) => frames === 0 && !complete)
    ? 'No frame could be read.'
    : 'No PPTP in this capture.';
}

/** How a capture goes on from the one before it. */
export function goingOn(capture: CaptureReport, before: CaptureReport): string {
  const pause = secondsBetweenTimes(before.lastFrameTime, capture.firstFrameTime) ?? 0;
  const from = pause >= 1 ? `goes on ${duration(pause)} after the file before` : 'goes on from the file before';
  return `${from}, frames numbered from ${capture.firstFrame} on`;
}
