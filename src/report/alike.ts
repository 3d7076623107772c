/** Items of one kind, told together. */
export interface Alike<Item> {
  readonly first: Item;
  /** The first ones, and how many there are. */
  readonly some: readonly Item[];
  readonly count: number;
}

/** In order of the firsts; of each kind so many are kept. */
export function alike<Item>(items: Iterable<Item>, most: number, kind: (item: Item) => string): Alike<Item>[] {
  const groups = new Map<string, { first: Item; some: Item[]; count: number }>();
  for (const item of items) {
    const group = groups.get(kind(item));
    if (group === undefined) {
      groups.set(kind(item), { first: item, some: [item], count: 1 });
      continue;
    }
    group.count += 1;
    if (group.some.length < most) group.some.push(item);
  }
  return [...groups.values()];
}
