/**
 * Accounting of the sequence numbers of one GRE direction (RFC 2637 §4.2) in serial-number arithmetic:
 * first, last, lost, duplicated, reordered, wraps. Fixed memory: a bitmap of the newest 1,024 numbers;
 * a number older than that counts as reordered, and whether it came before is no longer known.
 */
import { type Lodger, Rooms } from './rooms.ts';

const history = 1024;
/** Words of the bitmap: the first ones of the room. */
export const historyWords = history / 32;
/** Farther than this from the newest number is another sequence: a stray, or an injected packet. */
const farthest = 0x10_0000;

export class SequenceTracker implements Lodger {
  /** Numbers as sent; meaningless while `count` is 0. */
  first = 0;
  last = 0;
  /** Different numbers seen. */
  count = 0;
  duplicates = 0;
  reordered = 0;
  wraps = 0;
  outsideWindow = 0;
  /** Numbers that were left out at once, at most; packets that come late fill it without lessening this. */
  longestGap = 0;
  /** One bit for each number of the history, by `number % 1024`; there from the first packet on. */
  page: Int32Array | null = null;
  base = 0;
  private readonly rooms: Rooms;
  private strayNext = -1;
  private span = 0;

  /** Alone, it has a page to itself. */
  constructor(rooms: Rooms = new Rooms(1)) {
    this.rooms = rooms;
  }

  /** Numbers between first and last that never appeared. */
  get lost(): number {
    return this.count === 0 ? 0 : this.span + 1 - this.count;
  }

  /** Takes the next packet's number; true where it is the newest so far. */
  push(sequence: number): boolean {
    const { page, base } = this;
    if (page === null) return this.begin(sequence);
    const ahead = (sequence - this.last) | 0;
    if (ahead > farthest || ahead < -farthest) return this.stray(sequence, page);
    this.strayNext = -1;
    if (ahead > 0) {
      if (ahead - 1 > this.longestGap) this.longestGap = ahead - 1;
      if (ahead >= history) page.fill(0, base, base + historyWords);
      else for (let number = 1; number < ahead; number += 1) clear(page, base, this.last + number);
      if (sequence < this.last) this.wraps += 1;
      mark(page, base, sequence);
      this.last = sequence;
      this.span += ahead;
      this.count += 1;
      return true;
    }
    if (-ahead < history && isMarked(page, base, sequence)) {
      this.duplicates += 1;
      return false;
    }
    if (-ahead < history) mark(page, base, sequence);
    this.reordered += 1;
    this.count += 1;
    if (-ahead > this.span) {
      this.first = sequence;
      this.span = -ahead;
    }
    return false;
  }

  private begin(sequence: number): true {
    this.rooms.give(this);
    if (this.page !== null) mark(this.page, this.base, sequence);
    this.first = sequence;
    this.last = sequence;
    this.count = 1;
    return true;
  }

  /** One far number is a stray; two in a row are the sequence going on elsewhere, counted from there. */
  private stray(sequence: number, page: Int32Array): boolean {
    if (sequence !== this.strayNext) {
      this.outsideWindow += 1;
      this.strayNext = (sequence + 1) >>> 0;
      return false;
    }
    this.strayNext = -1;
    this.outsideWindow -= 1;
    const { base } = this;
    page.fill(0, base, base + historyWords);
    mark(page, base, sequence - 1 + history);
    mark(page, base, sequence);
    // The jump itself is neither loss nor order: the two stretches are joined without a gap.
    this.span += 2;
    this.count += 2;
    this.last = sequence;
    return true;
  }
}

function mark(page: Int32Array, base: number, number: number): void {
  const index = base + ((number % history) >>> 5);
  page[index] = (page[index] ?? 0) | (1 << (number & 31));
}

function clear(page: Int32Array, base: number, number: number): void {
  const index = base + ((number % history) >>> 5);
  page[index] = (page[index] ?? 0) & ~(1 << (number & 31));
}

function isMarked(page: Int32Array, base: number, number: number): boolean {
  return (((page[base + ((number % history) >>> 5)] ?? 0) >>> (number & 31)) & 1) === 1;
}
