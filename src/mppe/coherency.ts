/** Where packets stand that count themselves in 12 bits: behind losses, overtaken, and where the count began again. RFC 3078 §3.1 */
import { coherencyCount } from './header.ts';

/** A packet of PPP protocol 0x00FD. */
export interface MppePacket {
  /** The 16 bits before its data. */
  readonly word: number;
  readonly octets: Uint8Array<ArrayBuffer>;
  /** Octets at its end that the capture did not keep. */
  readonly cut: number;
  /** GRE's sequence number: it tells how many packets are missing where the coherency count has gone round. null without one. */
  readonly sequence: number | null;
  /** Packets with a sequence number and of another protocol that came before it: they are no part of the count. */
  readonly others: number;
}

/** Of the packet before. */
export type Before = Pick<MppePacket, 'sequence' | 'others'>;

/** Coherency counts before they begin again. */
const counts = 0x1000;

const nothing: Before = { sequence: null, others: 0 };

/** Of one direction. */
export class Coherency {
  /** How many packets came before the newest that was taken; the coherency count is the low 12 bits of it. -1: none was taken yet. */
  readonly position: number;
  /** Of the packet at that position; where there is none yet, of the last packet of another protocol. */
  private readonly before: Before;

  constructor(before: Before = nothing, position = -1) {
    this.before = before;
    this.position = position;
  }

  /** Where nobody knows how many packets came before this one. */
  static before({ word, sequence, others }: MppePacket): Coherency {
    const before = sequence === null ? nothing : { sequence: (sequence - 1) | 0, others };
    return new Coherency(before, counts + coherencyCount(word) - 1);
  }

  /** After a packet was taken. */
  at({ sequence, others }: MppePacket, position: number): Coherency {
    return new Coherency({ sequence, others }, position);
  }

  /** Packets up to that position are given up. */
  skippedTo(position: number): Coherency {
    return new Coherency(this.before, position);
  }

  /**
   * Whether the sender may have begun again from 0 since the newest packet that was taken: GRE's sequence counts every packet, so that
   * it went on by more than the count.
   */
  mayBeginAgain({ word, sequence }: MppePacket): boolean {
    const { position, before } = this;
    if (position === -1) return false;
    return before.sequence === null || sequence === null || coherencyCount(word) < ((sequence - before.sequence) | 0);
  }

  /**
   * The packet's position by its count and by how far GRE's sequence went on, which counts every packet and so is never less.
   * null: both cannot be; the sender began again from 0.
   */
  positionOf({ word, sequence, others }: MppePacket): number | null {
    const { position, before } = this;
    const ahead = (coherencyCount(word) - position) & (counts - 1);
    if (before.sequence === null || sequence === null) {
      return position === -1 || ahead < counts / 2 ? position + ahead : position + ahead - counts;
    }
    const sent = (sequence - before.sequence) | 0;
    const missing = sent - (others - before.others) - ahead;
    const rounds = Math.max(0, Math.round(missing / counts));
    if (position === -1) return position + ahead + counts * rounds;
    if (sent < 0) return position + ahead - counts;
    return ahead > sent ? null : position + ahead + counts * rounds;
  }
}
