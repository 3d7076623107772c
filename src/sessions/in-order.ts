/** Packets in the order of their numbers: one that was overtaken is waited for. */

/** Packets that wait for one. */
const waitingAtMost = 64;

/** Of 32 bits, as GRE's. RFC 2637 §4.1 */
export class InOrder<Item> {
  private next: number | null = null;
  private readonly waiting = new Map<number, Item>();

  /** Those whose turn it is now; null where that of this one is over. */
  push(sequence: number, item: Item): Item[] | null {
    this.next ??= sequence;
    if (((sequence - this.next) | 0) < 0) return null;
    this.waiting.set(sequence, item);
    const items = this.following();
    if (this.waiting.size < waitingAtMost) return items;
    return [...items, ...this.skipped()];
  }

  /** No packet follows: those that still wait. */
  finish(): Item[] {
    const items: Item[] = [];
    while (this.waiting.size > 0) items.push(...this.skipped());
    return items;
  }

  /** What is missing now is given up. */
  private skipped(): Item[] {
    const next = this.next ?? 0;
    this.next = (next + Math.min(...[...this.waiting.keys()].map((sequence) => (sequence - next) >>> 0))) >>> 0;
    return this.following();
  }

  private following(): Item[] {
    const items: Item[] = [];
    for (;;) {
      const next = this.next ?? 0;
      const item = this.waiting.get(next);
      if (item === undefined) return items;
      this.waiting.delete(next);
      items.push(item);
      this.next = (next + 1) >>> 0;
    }
  }
}
