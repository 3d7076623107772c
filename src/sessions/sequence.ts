/**
 * Accounting of the sequence numbers of one GRE direction (RFC 2637 §4.2) in serial-number arithmetic:
 * first, last, lost, duplicated, reordered, wraps. Fixed memory: a bitmap of the newest 1,024 numbers;
 * whether one older than that came before is no longer known: while numbers are missing it counts as one of them, which
 * comes late, else as a duplicate.
 */
import { type Lodger, Rooms } from './rooms.ts';

const history = 1024;
const historyWords = history / 32;
/** Newest packets of which fingerprints are kept; a power of two. */
const fingerprints = 32;
/** Classes that sizes of unacknowledged packets are counted in, two in a word. */
export const sizeClasses = 32;
/** Of flows of few packets there may be very many: as long as all numbers lie so close together, a smaller room holds them. */
const closeTogether = 16;
/** Farther than this from the newest number is another sequence: a stray, or an injected packet. */
const farthest = 0x10_0000;
/** Below it are a sender's first numbers: 0, with some 1, and the very first may be lost. RFC 2637 §4.1 */
export const firstNumbers = 4;
/** What so many others overtook is none that comes late. */
const overtakenAtMost = 32;

/** Words of a room: counts of sizes first, then the bitmap, then fingerprints. */
const countWords = sizeClasses / 2;
/** Of a small room: a class and its count each, 0 where it is free. */
const fewCounts = 4;

/** Room for what flows remember of their newest packets. */
export class FlowRooms {
  readonly small = new Rooms(fewCounts + 1 + closeTogether);
  readonly large = new Rooms(countWords + historyWords + fingerprints);
}

/**
 * What a packet's number is: the newest so far, that too and behind the longest gap so far, an older one that had not come, one
 * that had, or one far from all others. `first`: one of a sender's first numbers long after them, which the next packet explains;
 * `elsewhere`: the second of a sequence that began anew.
 */
export type Novelty = 'newest' | 'behind-longest-gap' | 'late' | 'repeated' | 'stray' | 'first' | 'elsewhere';

/** What numbers in order have nothing of. */
class Disorder {
  duplicates = 0;
  reordered = 0;
  wraps = 0;
  outsideWindow = 0;
  longestGap = 0;
  /** The number behind the stray that came last; -1 where another packet came since. */
  strayNext = -1;
  /** One of the sender's first numbers, long after them, that counts as a duplicate if it had come, until the next; -1 where none is. */
  held = -1;
  heldDuplicates = 0;
  restarts = 0;
  /** The last number before the last restart, and the first behind it. */
  restartAfter = 0;
  restartAt = 0;
}

export class SequenceTracker implements Lodger {
  /** Numbers as sent; meaningless while `count` is 0. */
  first = 0;
  last = 0;
  /** Different numbers seen. */
  count = 0;
  private disorder: Disorder | null = null;
  /** The room, there from the first packet on. In the bitmap `number % 1024` has its bit. */
  page: Int32Array | null = null;
  base = 0;
  private large = false;
  private readonly rooms: FlowRooms;
  private span = 0;

  /** Alone, it has a page to itself. */
  constructor(rooms: FlowRooms = new FlowRooms()) {
    this.rooms = rooms;
  }

  get duplicates(): number {
    return this.disorder === null ? 0 : this.disorder.duplicates + this.disorder.heldDuplicates;
  }

  get reordered(): number {
    return this.disorder?.reordered ?? 0;
  }

  get wraps(): number {
    return this.disorder?.wraps ?? 0;
  }

  get outsideWindow(): number {
    return this.disorder?.outsideWindow ?? 0;
  }

  /** Numbers that were left out at once, at most; packets that come late fill it without lessening this. */
  get longestGap(): number {
    return this.disorder?.longestGap ?? 0;
  }

  /** Times that the sequence went on elsewhere: the sender began to count anew. */
  get restarts(): number {
    return this.disorder?.restarts ?? 0;
  }

  /** The last number before the last restart. */
  get restartAfter(): number {
    return this.disorder?.restartAfter ?? 0;
  }

  /** The first number behind the last restart. */
  get restartAt(): number {
    return this.disorder?.restartAt ?? 0;
  }

  private disordered(): Disorder {
    this.disorder ??= new Disorder();
    return this.disorder;
  }

  /** It remembers nothing any more, and needs nothing. */
  letGo(): void {
    (this.large ? this.rooms.large : this.rooms.small).takeBack(this);
    this.large = false;
  }

  /** Numbers between first and last that never appeared. */
  get lost(): number {
    return this.count === 0 ? 0 : this.span + 1 - this.count;
  }

  /** The number has not come, as far as is remembered; false also for one from before the first. */
  lacks(number: number): boolean {
    const { page } = this;
    if (page === null) return false;
    const ahead = (number - this.last) | 0;
    if (ahead > 0) return true;
    return -ahead <= this.span && -ahead < (this.large ? history : closeTogether) && !this.isMarked(page, number);
  }

  /** Whether so many others came before it that it is none that comes late. */
  isOvertaken(sequence: number): boolean {
    return ((sequence - this.last) | 0) <= -overtakenAtMost;
  }

  /** Takes the next packet's number. `changed`: a packet with that number had come with other octets. */
  push(sequence: number, changed = false): Novelty {
    if (this.page === null) return this.begin(sequence);
    const ahead = (sequence - this.last) | 0;
    if (ahead > farthest || ahead < -farthest) return this.stray(sequence, this.page);
    const begins = ahead < 0 && (changed || this.isOvertaken(sequence));
    const held = this.disorder?.held ?? -1;
    if (held >= 0) {
      this.disordered().held = -1;
      this.disordered().heldDuplicates = 0;
      if (begins && sequence > held && sequence - held <= firstNumbers) return this.restart(held, sequence);
      this.place(held);
    }
    if (!begins || sequence >= firstNumbers) return this.place(sequence);
    const disorder = this.disordered();
    disorder.held = sequence;
    disorder.heldDuplicates = this.hasCome(this.page, sequence) ? 1 : 0;
    return 'first';
  }

  /** Counts a number of the sequence. */
  private place(sequence: number): Novelty {
    let { page } = this;
    if (page === null) return this.begin(sequence);
    const ahead = (sequence - this.last) | 0;
    if (!this.large && (this.span + ahead >= closeTogether || ahead <= -closeTogether)) page = this.enlarge(page);
    if (this.disorder !== null) this.disorder.strayNext = -1;
    if (ahead > 0) {
      let found: Novelty = 'newest';
      if (ahead > 1) {
        if (ahead - 1 > this.longestGap) {
          this.disordered().longestGap = ahead - 1;
          found = 'behind-longest-gap';
        }
        if (ahead >= history) page.fill(0, this.base + countWords, this.base + countWords + historyWords);
        else for (let number = 1; number < ahead; number += 1) this.clear(page, this.last + number);
      }
      if (sequence < this.last) this.disordered().wraps += 1;
      this.mark(page, sequence);
      this.last = sequence;
      this.span += ahead;
      this.count += 1;
      return found;
    }
    if (this.hasCome(page, sequence)) {
      this.disordered().duplicates += 1;
      return 'repeated';
    }
    if (-ahead < history) this.mark(page, sequence);
    this.disordered().reordered += 1;
    this.count += 1;
    if (-ahead > this.span) {
      this.first = sequence;
      this.span = -ahead;
    }
    return 'late';
  }

  /** Whether a number that is not beyond the last came before. */
  private hasCome(page: Int32Array, sequence: number): boolean {
    const behind = (this.last - sequence) | 0;
    return behind < history ? this.isMarked(page, sequence) : behind <= this.span && this.lost === 0;
  }

  private begin(sequence: number): Novelty {
    this.mark(this.rooms.small.give(this), sequence);
    this.first = sequence;
    this.last = sequence;
    this.count = 1;
    return 'newest';
  }

  /** One far number is a stray; two in a row are the sequence going on elsewhere, counted from there. */
  private stray(sequence: number, page: Int32Array): Novelty {
    const disorder = this.disordered();
    if (sequence !== disorder.strayNext) {
      disorder.outsideWindow += 1;
      disorder.strayNext = (sequence + 1) >>> 0;
      return 'stray';
    }
    disorder.strayNext = -1;
    disorder.outsideWindow -= 1;
    if (!this.large) this.enlarge(page);
    return this.restart((sequence - 1) >>> 0, sequence);
  }

  /** The sequence goes on elsewhere, with these two. That is neither loss nor order: the two stretches are joined without a gap. */
  private restart(from: number, to: number): Novelty {
    const { page } = this;
    if (page === null) return this.begin(to);
    const disorder = this.disordered();
    disorder.restarts += 1;
    disorder.restartAfter = this.last;
    disorder.restartAt = from;
    const forgotten = this.base + (this.large ? countWords : fewCounts);
    page.fill(0, forgotten, forgotten + (this.large ? historyWords + fingerprints : 1 + closeTogether));
    this.mark(page, from);
    this.mark(page, to);
    this.span += to - from + 1;
    this.count += 2;
    this.last = to;
    return 'elsewhere';
  }

  /** Moves from the small room into a large one. */
  private enlarge(page: Int32Array): Int32Array {
    const { base, last, rooms } = this;
    // Nobody else moves in before this is done.
    rooms.small.takeBack(this);
    const own = rooms.large.give(this);
    this.large = true;
    for (let index = base; index < base + fewCounts; index += 1) {
      const held = page[index] ?? 0;
      if (held !== 0) this.addUnacknowledged(own, held >>> 16, held & 0xffff);
    }
    const bits = page[base + fewCounts] ?? 0;
    for (let behind = 0; behind < closeTogether; behind += 1) {
      const number = (last - behind) >>> 0;
      if (((bits >>> (number & 31)) & 1) === 1) this.mark(own, number);
      const print = page[base + fewCounts + 1 + (number & (closeTogether - 1))] ?? 0;
      // Another's: of a stray.
      if (print >>> 24 === tagOf(number)) own[this.placeOf(number)] = print;
    }
    return own;
  }

  /**
   * Keeps the fingerprint of a packet's octets for its number; of the newest 32 numbers it is known. Of each a word is kept: 24
   * bits of the fingerprint, never 0, and the 8 bits of the number above those that tell the word's place.
   */
  remember(number: number, fingerprint: number): void {
    if (this.page !== null) this.page[this.placeOf(number)] = wordOf(number, fingerprint);
  }

  /** Whether another fingerprint is kept for the number. */
  hadOther(number: number, fingerprint: number): boolean {
    const kept = this.page?.[this.placeOf(number)] ?? 0;
    return kept !== 0 && kept >>> 24 === tagOf(number) && kept !== wordOf(number, fingerprint);
  }

  /** Packets of a class of sizes that were counted as unacknowledged. */
  unacknowledged(sizeClass: number): number {
    const { page, base } = this;
    if (page === null) return 0;
    if (this.large) return ((page[base + (sizeClass >> 1)] ?? 0) >>> ((sizeClass & 1) << 4)) & 0xffff;
    for (let index = base; index < base + fewCounts; index += 1) {
      const held = page[index] ?? 0;
      if (held !== 0 && held >>> 16 === sizeClass) return held & 0xffff;
    }
    return 0;
  }

  countUnacknowledged(sizeClass: number): void {
    const { page, base } = this;
    if (page === null) return;
    if (this.large) {
      this.addUnacknowledged(page, sizeClass, 1);
      return;
    }
    for (let index = base; index < base + fewCounts; index += 1) {
      const held = page[index] ?? 0;
      if (held !== 0 && held >>> 16 !== sizeClass) continue;
      page[index] = (sizeClass << 16) | ((held + 1) & 0xffff);
      return;
    }
    this.addUnacknowledged(this.enlarge(page), sizeClass, 1);
  }

  /** In a large room: two classes in a word. */
  private addUnacknowledged(page: Int32Array, sizeClass: number, packets: number): void {
    const word = this.base + (sizeClass >> 1);
    const shift = (sizeClass & 1) << 4;
    const held = page[word] ?? 0;
    const count = ((held >>> shift) + packets) & 0xffff;
    page[word] = (held & ~(0xffff << shift)) | (count << shift);
  }

  private placeOf(number: number): number {
    if (this.large) return this.base + countWords + historyWords + (number & (fingerprints - 1));
    return this.base + fewCounts + 1 + (number & (closeTogether - 1));
  }

  /** The word of the bitmap that a number's bit is in. */
  private wordOf(number: number): number {
    return this.large ? this.base + countWords + ((number % history) >>> 5) : this.base + fewCounts;
  }

  private mark(page: Int32Array, number: number): void {
    const index = this.wordOf(number);
    page[index] = (page[index] ?? 0) | (1 << (number & 31));
  }

  private clear(page: Int32Array, number: number): void {
    const index = this.wordOf(number);
    page[index] = (page[index] ?? 0) & ~(1 << (number & 31));
  }

  private isMarked(page: Int32Array, number: number): boolean {
    return (((page[this.wordOf(number)] ?? 0) >>> (number & 31)) & 1) === 1;
  }
}

function tagOf(number: number): number {
  return (number >>> 5) & 0xff;
}

function wordOf(number: number, fingerprint: number): number {
  return (tagOf(number) << 24) | (fingerprint >>> 8) | 1;
}
