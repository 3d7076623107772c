/**
 * Room for what each flow remembers of its newest packets: some words in a page that it shares with others. A typed array
 * of its own would cost an engine as much again.
 */

/** Words of one room. */
export const roomWords = 80;
const roomsOfPage = 64;

/** Who has a room. */
export interface Lodger {
  /** null before it has one. */
  page: Int32Array | null;
  /** Where its words begin. */
  base: number;
}

export class Rooms {
  private readonly wordsOfPage: number;
  private page: Int32Array;
  private taken: number;
  private readonly freePages: Int32Array[] = [];
  private readonly freeBases: number[] = [];

  /** `rooms`: of one page. */
  constructor(rooms: number = roomsOfPage) {
    this.wordsOfPage = rooms * roomWords;
    this.page = new Int32Array(0);
    this.taken = 0;
  }

  /** Its words are 0. */
  give(lodger: Lodger): void {
    const free = this.freePages.pop();
    const base = this.freeBases.pop();
    if (free !== undefined && base !== undefined) {
      free.fill(0, base, base + roomWords);
      lodger.page = free;
      lodger.base = base;
      return;
    }
    if (this.taken === this.page.length) {
      this.page = new Int32Array(this.wordsOfPage);
      this.taken = 0;
    }
    lodger.page = this.page;
    lodger.base = this.taken;
    this.taken += roomWords;
  }

  /** The lodger remembers nothing any more, and needs nothing. */
  takeBack(lodger: Lodger): void {
    if (lodger.page === null) return;
    this.freePages.push(lodger.page);
    this.freeBases.push(lodger.base);
    lodger.page = null;
  }
}
