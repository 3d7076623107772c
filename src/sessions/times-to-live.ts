/**
 * The times to live of one sender's TCP segments. They stay the same while the way stays the same; a single segment that
 * differs came from elsewhere: a firewall or an attacker that speaks with the sender's address.
 */
import type { Packet } from '../dissect/packet.ts';
import { tcpFlags } from '../tcp/header.ts';
import type { StrangeTimeToLive } from './model/control.ts';

/** Where more segments than this differ, the way changes, or the capture has two places. */
const strangeAtMost = 4;
/** Fewer segments of one kind do not make a rule. */
const usualAtLeast = 3;

const { fin, syn, rst } = tcpFlags;

export class TimesToLive {
  private usual = -1;
  private usualCount = 0;
  private differing = 0;
  private readonly found: Omit<StrangeTimeToLive, 'from' | 'usualTimeToLive'>[] = [];

  /** The first segment sets what is usual. */
  note(packet: Packet, flags: number, payloadOctets: number): void {
    const { timeToLive, frame } = packet;
    if (this.usual === -1) this.usual = timeToLive;
    if (timeToLive === this.usual) {
      this.usualCount += 1;
      return;
    }
    this.differing += 1;
    if (this.found.length === strangeAtMost || (flags & syn) !== 0) return;
    const carries =
      (flags & rst) !== 0 ? 'rst' : (flags & fin) !== 0 ? 'fin' : payloadOctets > 0 ? 'payload' : 'nothing';
    this.found.push({ frame, timeToLive, carries });
  }

  strange(): Omit<StrangeTimeToLive, 'from'>[] {
    if (this.usualCount < usualAtLeast || this.differing > strangeAtMost || this.usualCount < 2 * this.differing)
      return [];
    return this.found.map((segment) => ({ ...segment, usualTimeToLive: this.usual }));
  }
}
