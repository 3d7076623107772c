/**
 * Decompresses MPPC, one direction of a link: RFC 2118 §4, with the history of §3.1. What is lost of the history is known to be lost:
 * where a receiver waits for the next flush, packets that refer to nothing lost are read before it.
 */
import { isCompressed, isFlushed, isPacketAtFront } from './header.ts';

/** Octets of the history, and so of the longest packet. RFC 2118 §4 */
export const historySize = 0x2000;
/** Stands for an octet that is not known. */
const unknown = 0x100;
/** Fewer bits than this at the end are padding: no code is shorter. RFC 2118 §4.1 */
const shortestCode = 8;

/** A packet with MPPC undone, where it was compressed. */
export interface Reading {
  /** Up to the first octet that comes out of lost history. */
  readonly octets: Uint8Array<ArrayBuffer>;
  /** Octets behind these; null: nobody knows how many, of compressed data that the capture cut. */
  readonly missing: number | null;
  /** What is missing comes, or part of it, out of lost history. */
  readonly lost: boolean;
  /** All that goes into the history. */
  readonly output: Uint16Array;
}

/** What a packet is read against. */
interface Beginning {
  /** What every octet of the history is; null where they differ. */
  readonly all: number | null;
  /** Where the packet goes. */
  readonly next: number;
  /** Whether `next` is counted from the front, as the sender's is. */
  readonly placed: boolean;
}

const flushed: Beginning = { all: 0, next: 0, placed: true };
const lost: Beginning = { all: unknown, next: 0, placed: false };
const nothing = new Uint16Array(0);
const scratch = new Uint16Array(historySize);

export class MppcHistory {
  private octets: Uint16Array | null = null;
  private state = flushed;
  /** Of the packet that was taken last. */
  private position = -1;

  /**
   * What a packet says, if it is one; null where it is damaged. `position`: packets that the sender has sent before it. `cut`: octets
   * at the end of `data` that the capture did not keep.
   */
  read(data: Uint8Array<ArrayBuffer>, word: number, cut: number, position: number): Reading | null {
    if (!isCompressed(word)) return { octets: data, missing: cut, lost: false, output: nothing };
    const length = this.decompress(data, cut > 0, this.beginning(word, position));
    if (length === null) return null;
    const output = scratch.slice(0, length);
    const first = output.indexOf(unknown);
    const known = first < 0 ? output : output.subarray(0, first);
    const missing = cut > 0 ? null : length - known.length;
    return { octets: Uint8Array.from(known), missing, lost: first >= 0, output };
  }

  /** A packet that was read is the next one, or one behind a loss. Those that came too late leave nothing. */
  take({ output, missing }: Reading, word: number, position: number): void {
    if (position <= this.position) return;
    const { all, next, placed } = this.beginning(word, position);
    this.position = position;
    this.state = missing === null ? lost : { all, next, placed };
    if (missing === null || output.length === 0) return;
    this.octets ??= new Uint16Array(historySize);
    if (all !== null) this.octets.fill(all);
    const front = output.subarray(0, historySize - next);
    this.octets.set(front, next);
    this.octets.set(output.subarray(front.length));
    const end = next + output.length;
    this.state = { all: null, next: placed ? end : end % historySize, placed };
  }

  /**
   * Bit A empties the history, whether the packet is compressed or not; a missing packet leaves none of it. RFC 2118 §3.1, §4.3.
   * What is not compressed does not enter it: so do FreeBSD's and Linux' MPPC, and Microsoft's ([MS-RDPBCGR] §3.1.8.3).
   */
  private beginning(word: number, position: number): Beginning {
    if (isFlushed(word)) return flushed;
    const kept = position === this.position + 1 ? this.state : lost;
    if (!isCompressed(word) || !isPacketAtFront(word)) return kept;
    return { all: kept.placed ? kept.all : unknown, next: 0, placed: true };
  }

  /** RFC 2118 §4.1, §4.2, into `scratch`: how many octets; null where the bits are none that a compressor makes. */
  private decompress(data: Uint8Array, cut: boolean, { all, next, placed }: Beginning): number | null {
    const history = all === null ? this.octets : null;
    const otherwise = all ?? 0;
    const space = placed ? historySize - next : historySize;
    const end = data.length * 8;
    let length = 0;
    let at = 0;
    while (end - at >= shortestCode) {
      const bits = bitsAt(data, at);
      if (bits >>> 30 < 3) {
        const low = bits >>> 31 === 0;
        at += low ? 8 : 9;
        if (at > end) return cut ? length : null;
        if (length === space) return null;
        scratch[length] = low ? bits >>> 24 : 0x80 | ((bits >>> 23) & 0x7f);
        length += 1;
        continue;
      }
      const { offset, width } = offsetOf(bits);
      const lengthBits = bitsAt(data, at + width);
      const ones = Math.clz32(~lengthBits);
      // One more bit for each one that is in front, twice: once in the prefix, once in the number.
      at += width + (ones === 0 ? 1 : 2 * ones + 2);
      if (at > end) return cut ? length : null;
      const copied = ones === 0 ? 3 : (2 << ones) + ((lengthBits << (ones + 1)) >>> (31 - ones));
      if (ones > 11 || offset === 0 || offset >= historySize || copied > space - length) return null;
      for (let last = length + copied; length < last; length += 1) {
        const from = length - offset;
        scratch[length] =
          from >= 0 ? (scratch[from] ?? 0) : (history?.[(next + from) & (historySize - 1)] ?? otherwise);
      }
    }
    return length;
  }
}

/** 32 bits, of which at least the first 25 are those at a bit's place; zeros behind the end. */
function bitsAt(data: Uint8Array, at: number): number {
  const first = at >>> 3;
  const octets =
    ((data[first] ?? 0) << 24) |
    ((data[first + 1] ?? 0) << 16) |
    ((data[first + 2] ?? 0) << 8) |
    (data[first + 3] ?? 0);
  return (octets << (at & 7)) >>> 0;
}

/** RFC 2118 §4.2.1 */
function offsetOf(bits: number): { offset: number; width: number } {
  if (bits >>> 28 === 0xf) return { offset: (bits >>> 22) & 0x3f, width: 10 };
  if (bits >>> 28 === 0xe) return { offset: 64 + ((bits >>> 20) & 0xff), width: 12 };
  return { offset: 320 + ((bits >>> 16) & 0x1fff), width: 16 };
}
