/**
 * Room for what each flow remembers of its newest packets: some words in a page that it shares with others. A typed array
 * of its own would cost an engine as much again.
 */

/** Of the first page there is one: many captures have no more. */
const roomsOfPage = 256;

/** Who has a room. */
export interface Lodger {
  /** null before it has one. */
  page: Int32Array | null;
  /** Where its words begin. */
  base: number;
}

export class Rooms {
  /** Words of one room. */
  readonly size: number;
  private page: Int32Array;
  private taken: number;
  private readonly freePages: Int32Array[] = [];
  private readonly freeBases: number[] = [];

  constructor(size: number) {
    this.size = size;
    this.page = new Int32Array(0);
    this.taken = 0;
  }

  /** Its words are 0. Answers its page. */
  give(lodger: Lodger): Int32Array {
    const free = this.freePages.pop();
    const base = this.freeBases.pop();
    if (free !== undefined && base !== undefined) {
      free.fill(0, base, base + this.size);
      lodger.page = free;
      lodger.base = base;
      return free;
    }
    if (this.taken === this.page.length) {
      this.page = new Int32Array(this.size * (this.taken === 0 ? 1 : roomsOfPage));
      this.taken = 0;
    }
    lodger.page = this.page;
    lodger.base = this.taken;
    this.taken += this.size;
    return this.page;
  }

  /** The lodger remembers nothing any more, and needs nothing. */
  takeBack(lodger: Lodger): void {
    if (lodger.page === null) return;
    this.freePages.push(lodger.page);
    this.freeBases.push(lodger.base);
    lodger.page = null;
  }
}
