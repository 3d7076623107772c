/**
 * Accounting of the sequence numbers of one GRE direction (RFC 2637 §4.2) in serial-number arithmetic:
 * first, last, lost, duplicated, reordered, wraps. Fixed memory: a bitmap of the newest 1,024 numbers;
 * a number older than that counts as reordered, and whether it came before is no longer known.
 */
const history = 1024;
/** Farther than this from the newest number is another sequence: a stray, or an injected packet. */
const farthest = 0x10_0000;

export class SequenceTracker {
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
  /** One bit for each number of the history, by `number % 1024`; made with the first packet. */
  private seen: Uint32Array | null = null;
  private strayNext = -1;
  private span = 0;

  /** Numbers between first and last that never appeared. */
  get lost(): number {
    return this.count === 0 ? 0 : this.span + 1 - this.count;
  }

  /** Takes the next packet's number; true where it is the newest so far. */
  push(sequence: number): boolean {
    const seen = this.seen;
    if (seen === null) {
      this.seen = new Uint32Array(history / 32);
      mark(this.seen, sequence);
      this.first = sequence;
      this.last = sequence;
      this.count = 1;
      return true;
    }
    const ahead = (sequence - this.last) | 0;
    if (ahead > farthest || ahead < -farthest) return this.stray(sequence, seen);
    this.strayNext = -1;
    if (ahead > 0) {
      if (ahead - 1 > this.longestGap) this.longestGap = ahead - 1;
      if (ahead >= history) seen.fill(0);
      else for (let number = 1; number < ahead; number += 1) clear(seen, this.last + number);
      if (sequence < this.last) this.wraps += 1;
      mark(seen, sequence);
      this.last = sequence;
      this.span += ahead;
      this.count += 1;
      return true;
    }
    if (-ahead < history && isMarked(seen, sequence)) {
      this.duplicates += 1;
      return false;
    }
    if (-ahead < history) mark(seen, sequence);
    this.reordered += 1;
    this.count += 1;
    if (-ahead > this.span) {
      this.first = sequence;
      this.span = -ahead;
    }
    return false;
  }

  /** One far number is a stray; two in a row are the sequence going on elsewhere, counted from there. */
  private stray(sequence: number, seen: Uint32Array): boolean {
    if (sequence !== this.strayNext) {
      this.outsideWindow += 1;
      this.strayNext = (sequence + 1) >>> 0;
      return false;
    }
    this.strayNext = -1;
    this.outsideWindow -= 1;
    seen.fill(0);
    mark(seen, sequence - 1 + history);
    mark(seen, sequence);
    // The jump itself is neither loss nor order: the two stretches are joined without a gap.
    this.span += 2;
    this.count += 2;
    this.last = sequence;
    return true;
  }
}

function mark(map: Uint32Array, number: number): void {
  const index = (number % history) >>> 5;
  map[index] = (map[index] ?? 0) | (1 << (number & 31));
}

function clear(map: Uint32Array, number: number): void {
  const index = (number % history) >>> 5;
  map[index] = (map[index] ?? 0) & ~(1 << (number & 31));
}

function isMarked(map: Uint32Array, number: number): boolean {
  return (((map[(number % history) >>> 5] ?? 0) >>> (number & 31)) & 1) === 1;
}
