/** Long lists: their first items are kept as they are, which is quick to read, all others packed, which is small. */
import { Packer, type PackerTables } from './pack.ts';

/** What long lists offer, in memory or packed. An array is one. */
export interface List<Item> extends Iterable<Item> {
  readonly length: number;
  at(index: number): Item | undefined;
}

/** An item of a packed list: itself, or packed. */
export type Packed<Item extends object> = Item | string;

/** A packed list as plain data, which may go to another thread. */
export interface PackedItems<Item extends object> {
  readonly tables: PackerTables;
  readonly items: readonly Packed<Item>[];
}

/** Makes the items of a packed list. */
export class Packing<Item extends object> {
  private readonly packer = new Packer();
  private left: number;

  /** So many items stay as they are. */
  constructor(plainAtMost: number) {
    this.left = plainAtMost;
  }

  item(item: Item): Packed<Item> {
    if (this.left === 0) return this.packer.pack(item);
    this.left -= 1;
    return item;
  }

  list(items: readonly Packed<Item>[]): PackedItems<Item> {
    return { tables: this.packer.tables, items };
  }
}

export function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value;
}

/** A list of what is made of another's items, each time that they are read. */
export class MappedList<Item> implements List<Item> {
  private readonly items: List<Item>;
  private readonly change: (item: Item) => Item;

  constructor(items: List<Item>, change: (item: Item) => Item) {
    this.items = items;
    this.change = change;
  }

  get length(): number {
    return this.items.length;
  }

  at(index: number): Item | undefined {
    const item = this.items.at(index);
    return item === undefined ? undefined : this.change(item);
  }

  *[Symbol.iterator](): Generator<Item> {
    for (const item of this.items) yield this.change(item);
  }
}

/** A packed item is made anew each time it is read. */
export class PackedList<Item extends object> implements List<Item> {
  private readonly packer: Packer;
  private readonly items: readonly Packed<Item>[];

  constructor({ tables, items }: PackedItems<Item>) {
    this.packer = new Packer([], tables);
    this.items = items;
  }

  get length(): number {
    return this.items.length;
  }

  at(index: number): Item | undefined {
    const item = this.items[index];
    return item === undefined ? undefined : this.unpacked(item);
  }

  *[Symbol.iterator](): Generator<Item> {
    for (const item of this.items) yield this.unpacked(item);
  }

  private unpacked(item: Packed<Item>): Item {
    return typeof item === 'string' ? (this.packer.unpack(item) as Item) : item;
  }
}
