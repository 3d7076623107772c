/**
 * Exact duplicate frames: the same packet captured twice, by a mirrored port, on both sides of a bridge,
 * on the `any` interface, or because 802.11 sent it again. They are artefacts of the capture and would show
 * as TCP retransmissions and GRE duplicates that nobody sent.
 *
 * A frame is a duplicate when its IP packet equals an earlier one octet for octet, so that link headers,
 * VLAN tags and padding may differ, and the two are at most 0.1 s apart. The time keeps real repetitions out: no
 * TCP sends again so soon (RFC 6298 §2.4 asks for 1 s, Linux waits 0.2 s), while mirrors and
 * bridges repeat within milliseconds. Frames without time may be 8 frames apart.
 *
 * All octets are hashed, into 64 bits that must all agree: damaged copies of GRE may differ anywhere, and no
 * checksum in their first octets tells. 1,400 octets take 0.33 µs, which is 0.25 s for a capture of 1 GB.
 */

import type { Frame } from '../capture/frame.ts';
import type { Walk } from './walk.ts';

const ticksPerSecond = 100_000;
const nanosecondsPerTick = 10_000;
const longestTicks = 0.1 * ticksPerSecond;
const longestFrames = 8;

/** Sets of entries: together they hold 0.1 s of 300,000 packets/s. A full set loses its oldest entry. */
const setBits = 13;
const entriesPerSet = 4;
/** An entry: the two halves of the hash, the length, when. */
const wordsPerEntry = 4;
const wordsPerSet = entriesPerSet * wordsPerEntry;

/** Multipliers of xxHash32: odd, with evenly spread bits. */
const prime1 = 0x9e37_79b1;
const prime2 = 0x85eb_ca77;
const prime3 = 0xc2b2_ae3d;
const prime4 = 0x27d4_eb2f;

/** Remembers the packets of the last 0.1 s in 512 KiB. */
export class DuplicateFilter {
  private readonly table = new Int32Array(wordsPerSet << setBits);
  private low = 0;
  private high = 0;

  /** Asks and remembers: whether the packet that `walk` found in `frame` repeats one of just before. */
  isDuplicate(walk: Walk, frame: Frame): boolean {
    const length = walk.ipEnd - walk.ipStart;
    this.hash(frame.window.view, walk.ipStart, walk.ipEnd);
    const { table, low, high } = this;
    // Lengths end in bit 0 = timed, so that frame numbers and times never meet.
    const lengthAndKind = (length << 1) | (frame.timed ? 1 : 0);
    // Modulo 2^32 ticks, which is 12 hours: the same packet would have to come back after exactly that.
    const now = frame.timed
      ? (frame.seconds * ticksPerSecond + frame.nanoseconds / nanosecondsPerTick) | 0
      : frame.number;
    const longest = frame.timed ? longestTicks : longestFrames;
    const set = (low >>> (32 - setBits)) * wordsPerSet;
    let oldest = set;
    let oldestAge = -1;
    for (let at = set; at < set + wordsPerSet; at += wordsPerEntry) {
      if (table[at + 2] === 0) {
        oldest = at;
        break;
      }
      const age = Math.abs((now - (table[at + 3] ?? 0)) | 0);
      if (table[at] === low && table[at + 1] === high && table[at + 2] === lengthAndKind && age <= longest) {
        table[at + 3] = now;
        return true;
      }
      if (age > oldestAge) {
        oldestAge = age;
        oldest = at;
      }
    }
    table[oldest] = low;
    table[oldest + 1] = high;
    table[oldest + 2] = lengthAndKind;
    table[oldest + 3] = now;
    return false;
  }

  /**
   * Four lanes, each of which keeps apart what differs in one word, and a fifth that follows them: differences that
   * cancel out in a lane, at 2^-32, must do so in the fifth as well.
   */
  private hash(view: DataView, start: number, end: number): void {
    let a = prime1 | 0;
    let b = prime2 | 0;
    let c = prime3 | 0;
    let d = prime4 | 0;
    let all = 0;
    let at = start;
    for (const last = end - 16; at <= last; at += 16) {
      a = round(a, view.getUint32(at, true));
      b = round(b, view.getUint32(at + 4, true));
      c = round(c, view.getUint32(at + 8, true));
      d = round(d, view.getUint32(at + 12, true));
      all = round(all, a + b + c + d);
    }
    for (; at + 4 <= end; at += 4) a = round(a, view.getUint32(at, true));
    for (; at < end; at += 1) b = round(b, view.getUint8(at));
    this.low = mix(Math.imul(a, prime3) ^ rotate(b, 7) ^ Math.imul(rotate(c, 12), prime2) ^ rotate(d, 18));
    this.high = mix(round(all, a ^ rotate(b, 9)) ^ rotate(c, 21) ^ rotate(d, 3));
  }
}

function round(lane: number, word: number): number {
  return rotate(Math.imul(lane ^ word, prime1), 13);
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

/** Spreads every bit over all: the top bits choose the set. */
function mix(word: number): number {
  let mixed = Math.imul(word ^ (word >>> 15), prime2);
  mixed = Math.imul(mixed ^ (mixed >>> 13), prime3);
  return mixed ^ (mixed >>> 16);
}
