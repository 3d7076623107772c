/**
 * Packets that PPP Multilink cut into several fragments, put together for the packet view. RFC 1990 §3: fragments of a
 * bundle are numbered in one sequence, whichever link carries them, and a packet's stand next to each other.
 */

import { joined } from '../octets/joined.ts';
import type { Limits } from '../octets/limits.ts';

export interface MultilinkFragment {
  readonly beginning: boolean;
  readonly ending: boolean;
  readonly sequenceNumber: number;
  /** Numbers before the sequence starts again: 2^24, or 2^12 with short numbers. */
  readonly modulus: number;
  readonly octets: Uint8Array;
  readonly frame: number;
}

export interface AssembledPacket {
  readonly octets: Uint8Array;
  /** Frames of its fragments, in order. */
  readonly frames: readonly number[];
}

/** One direction of a bundle. */
export class MultilinkBundle {
  private readonly waiting = new Map<number, MultilinkFragment>();
  private readonly limits: Limits;

  constructor(limits: Limits) {
    this.limits = limits;
  }

  /** The packet that the fragment completes; null where some of it is missing. */
  push(fragment: MultilinkFragment): AssembledPacket | null {
    const { waiting } = this;
    const known = waiting.has(fragment.sequenceNumber);
    const parts = this.run(fragment);
    if (parts === null) {
      const oldest =
        !known && this.limits.full('multilink-fragments', waiting.size) ? waiting.keys().next().value : undefined;
      if (oldest !== undefined) waiting.delete(oldest);
      waiting.set(fragment.sequenceNumber, fragment);
      return null;
    }
    for (const { sequenceNumber } of parts) waiting.delete(sequenceNumber);
    const octets = joined(parts.map((part) => part.octets));
    return { octets, frames: parts.map(({ frame }) => frame).sort((a, b) => a - b) };
  }

  /** From the fragment's beginning to its end, where all of them are here. */
  private run(fragment: MultilinkFragment): MultilinkFragment[] | null {
    const { waiting } = this;
    const { modulus } = fragment;
    const parts = [fragment];
    for (let first = fragment; !first.beginning; ) {
      const before = waiting.get((first.sequenceNumber + modulus - 1) % modulus);
      if (before === undefined || before.ending || parts.length > waiting.size) return null;
      parts.unshift(before);
      first = before;
    }
    for (let last = fragment; !last.ending; ) {
      const after = waiting.get((last.sequenceNumber + 1) % modulus);
      if (after === undefined || after.beginning || parts.length > waiting.size) return null;
      parts.push(after);
      last = after;
    }
    return parts;
  }
}
