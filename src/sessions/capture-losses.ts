/**
 * What the capture lost of one direction of GRE, told from what the network lost: whoever acknowledges a number has received
 * it (RFC 2637 §4.3), so that only the capture lacks its packet, and what was left out of both directions at the same time
 * was lost by the capture, if acknowledgments do not tell otherwise. Made where a number is left out.
 */
import type { GreView } from '../gre/view.ts';
import type { MissedPackets } from './model/evidence.ts';
import { firstNumbers, type SequenceTracker } from './sequence.ts';

/** So many numbers of each direction that are left out at the same time are no chance: a path loses what one end sends. */
const fewestAtOnce = 2;

/** A direction whose numbers are accounted for. */
interface NumberedDirection {
  readonly sequence: SequenceTracker;
  /** The last packet with a number. */
  readonly numberedFrame: number;
  /** Highest acknowledgment number that this direction sent; -1 before the first. */
  readonly acknowledging: number;
  readonly losses: CaptureLosses | null;
  /** null while it is not known, or was not seen. */
  readonly reverse: NumberedDirection | null;
}

export class CaptureLosses {
  private readonly direction: NumberedDirection;
  /** A number that was acknowledged and has not come so far, and how many before it never came; -1 where there is none. */
  private awaited = -1;
  private neverCame = 0;
  /** The packet that acknowledged what has not come so far. */
  private awaitedFrame = 0;
  /** The numbers that were left out together last, the packets with a number before and behind them, and whether the capture lost them. */
  private rowFrom = 0;
  private rowTo = -1;
  private rowBefore = 0;
  private rowAfter = 0;
  private rowMissed = false;
  /** The packet behind them acknowledges none of what the other direction left out meanwhile: its sender did not receive that. */
  private rowStale = false;
  /** All numbers in such rows that the capture lost, and the packets before and behind the last of these; 0: none was before. */
  private missedInRows = 0;
  private missedBefore = 0;
  private missedAfter = 0;
  /** Numbers before the first that had been acknowledged when that came. */
  private missedAtFirst = 0;

  constructor(direction: NumberedDirection) {
    this.direction = direction;
  }

  /** A packet with that number came. */
  came(number: number): void {
    if (this.awaited === number) this.awaited = -1;
  }

  /** So many numbers from that one on were left out before the packet of that frame. */
  leftOut(from: number, numbers: number, frame: number, gre: GreView): void {
    this.rowFrom = from;
    this.rowTo = from + numbers - 1;
    this.rowBefore = this.direction.numberedFrame;
    this.rowAfter = frame;
    this.rowMissed = false;
    this.rowStale = gre.acknowledgmentPresent && this.isStale(gre.acknowledgmentNumber);
    if (this.awaited >= 0) this.received(this.awaited);
    this.compare();
  }

  /** The first packet of a call that was set up in the capture has that number, which is not the first. */
  beganLate(sequence: number, frame: number): void {
    const acknowledging = this.direction.reverse?.acknowledging ?? -1;
    if (acknowledging >= 0 && ((sequence - acknowledging) | 0) > 0) {
      this.missedAtFirst = Math.max(1, acknowledging);
      this.missedAfter = frame;
    }
    if (sequence < firstNumbers) return;
    this.rowTo = sequence - 1;
    this.rowAfter = frame;
    // It is not between the first and the last.
    this.rowMissed = true;
    this.compare();
  }

  /** That number was acknowledged by a packet and has not come. */
  awaits(number: number, frame: number): void {
    this.received(number);
    if (this.awaited === number) return;
    if (this.awaited >= 0) this.neverCame += 1;
    this.awaited = number;
    this.awaitedFrame = frame;
    const other = this.direction.reverse?.losses ?? null;
    if (other?.rowAfter === frame) other.compare();
  }

  /** The sender counts anew: what was awaited is of the sequence before. */
  restarted(): void {
    this.awaited = -1;
    this.rowTo = this.rowFrom - 1;
  }

  /** Numbers that were acknowledged and never came; `beyond` of them behind the last that came. */
  acknowledgedUnseen(beyond: number): number {
    return Math.min(this.neverCame + (this.awaited < 0 ? 0 : 1), this.direction.sequence.lost + beyond);
  }

  /** The packets that the capture lost, and those around the last of them; null where it lost none. */
  missed(beyond: number): MissedPackets | null {
    const { sequence, numberedFrame } = this.direction;
    const between = Math.min(sequence.lost, Math.max(this.missedInRows, this.acknowledgedUnseen(beyond) - beyond));
    const packets = this.missedAtFirst + between + beyond;
    if (packets === 0) return null;
    if (beyond > 0) return { packets, between, before: numberedFrame, after: null };
    return { packets, between, before: this.missedBefore || null, after: this.missedAfter || null };
  }

  /** Whether it acknowledges nothing that is newer than what the other direction left out at that time. */
  private isStale(acknowledgment: number): boolean {
    const { reverse } = this.direction;
    if (reverse === null) return false;
    const { losses } = reverse;
    const from = losses !== null && this.isMeanwhile(losses) ? losses.rowFrom : reverse.sequence.last + 1;
    return ((acknowledgment - from) | 0) < 0;
  }

  /** Whether numbers of both directions were left out at the same time. */
  private isMeanwhile(other: CaptureLosses): boolean {
    return this.rowBefore < other.rowAfter && other.rowBefore < this.rowAfter;
  }

  private get row(): number {
    return this.rowTo - this.rowFrom + 1;
  }

  /** Looks whether the capture lost what was left out last. */
  private compare(): void {
    const { reverse } = this.direction;
    const other = reverse?.losses ?? null;
    if (reverse === null || other === null || this.row < fewestAtOnce) return;
    if (other.row >= fewestAtOnce && this.isMeanwhile(other)) {
      if (this.rowStale || other.rowStale) return;
      this.missedRow();
      other.missedRow();
    } else if (other.awaited >= 0 && reverse.numberedFrame < this.rowAfter && this.rowBefore < other.awaitedFrame) {
      this.missedRow();
    }
  }

  /** Only the capture lacks that number, and most likely what was left out with it. */
  private received(number: number): void {
    if ((number - this.rowFrom) >>> 0 < this.row) this.missedRow();
  }

  private missedRow(): void {
    if (this.rowMissed) return;
    this.rowMissed = true;
    this.missedInRows += this.row;
    this.missedBefore = this.rowBefore;
    this.missedAfter = this.rowAfter;
  }
}
