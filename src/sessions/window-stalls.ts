/**
 * What the receiver's window does to a sender of GRE (RFC 2637 §4.3): packets that are sent beyond it, and pauses of a sender that
 * waits for it. Made where the window is full.
 */
import type { Packet } from '../dissect/packet.ts';

/** A sender that waits for the window goes on at once when it opens. */
const resumesWithin = 0.05;
/** Shorter pauses, in seconds, are no starvation. */
export const shortestStall = 0.1;

export class WindowStalls {
  /** When it opened again, and nothing was sent since; -1 where that is not so. */
  openedAt = -1;
  /** Times that the sender paused with the window full and went on as soon as it opened, and how long in all. */
  stalls = 0;
  seconds = 0;
  /** The longest of them in seconds, and the packets before and behind it. */
  longest: { seconds: number; before: number; after: number } | null = null;
  /** Packets sent beyond the window. */
  beyondWindow = 0;

  /** The sender goes on after a pause of `shortestStall` or more, behind the packet of frame `before`. */
  goesOn(packet: Packet, pause: number, before: number): void {
    if (packet.at - this.openedAt > resumesWithin) return;
    this.stalls += 1;
    this.seconds += pause;
    this.longest ??= { seconds: 0, before: 0, after: 0 };
    if (pause <= this.longest.seconds) return;
    this.longest.seconds = pause;
    this.longest.before = before;
    this.longest.after = packet.frame;
  }
}
