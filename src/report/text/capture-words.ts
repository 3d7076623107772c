/** What all formats say in the same words of a capture's times and of frames that belong nowhere. */
import { counted, duration } from '../../octets/words.ts';
import type { CaptureReport } from '../contract.ts';

/** Seconds by which times may go back before lengths are not told: less than this is what frames out of order show. */
const outOfStep = 1;

/** The clock was put back, or the file is not in order: the length of what lies across that is not known. */
export function isOutOfStep(stepBackSeconds: number): boolean {
  return stepBackSeconds >= outOfStep;
}

/** How long the capture is; empty where it gives no times, or they go back. */
export function lengthOf({ durationSeconds, largestStepBack }: CaptureReport): string {
  const known = durationSeconds !== null && !isOutOfStep(largestStepBack?.seconds ?? 0);
  return known ? duration(durationSeconds) : '';
}

/** Of frames that are earlier than the one before them; empty where there are none. */
export function timeOrder({ framesBackInTime, largestStepBack }: CaptureReport): string {
  if (framesBackInTime === 0) return '';
  const frames = `${counted(framesBackInTime, 'frame')} out of order in time`;
  if (largestStepBack === null || !isOutOfStep(largestStepBack.seconds)) return frames;
  const { seconds, frame } = largestStepBack;
  return `${frames}: at frame ${frame} times go back by ${duration(seconds)}, by a clock that was set or frames that were shuffled; lengths across it are not told`;
}

/** Of GRE that an address in it took out of its tunnel; empty where there is none. */
export function damagedHeaders({ damagedHeaders: damaged }: CaptureReport): string {
  if (damaged === null) return '';
  const { packets, firstFrame } = damaged;
  const from = packets === 1 ? `frame ${firstFrame}` : `from frame ${firstFrame} on`;
  return `${counted(packets, 'GRE packet')} of no tunnel, damaged on the way: the IP header does not fit its checksum (${from})`;
}
