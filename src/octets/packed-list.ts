/** Long lists whose items are kept packed. */
import { Packer, type PackerTables } from './pack.ts';

/** What long lists offer, in memory or packed. An array is one. */
export interface List<Item> extends Iterable<Item> {
  readonly length: number;
  at(index: number): Item | undefined;
}

/** A packed list as plain data, which may go to another thread. */
export interface PackedItems {
  readonly tables: PackerTables;
  readonly items: readonly string[];
}

export function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value;
}

/** Each item is made anew where it is read, and belongs to who reads it. */
export class PackedList<Item> implements List<Item> {
  private readonly packer: Packer;
  private readonly items: readonly string[];

  constructor({ tables, items }: PackedItems) {
    this.packer = new Packer([], tables);
    this.items = items;
  }

  get length(): number {
    return this.items.length;
  }

  at(index: number): Item | undefined {
    const item = this.items[index];
    return item === undefined ? undefined : (this.packer.unpack(item) as Item);
  }

  *[Symbol.iterator](): Generator<Item> {
    for (const item of this.items) yield this.packer.unpack(item) as Item;
  }
}
