/**
 * Where generators take their decisions from. A generator is a plain function over `Choices`, so that a seed, a
 * recorded list, or a property-testing library can decide: nothing here depends on one.
 */

/** A source of decisions. Smaller answers stand for simpler values, which is what shrinking goes by. */
export interface Choices {
  /** A whole number from 0 up to, not including, `bound`, which is 1 to 2^32. */
  below(bound: number): number;
}

/** Decisions that are the same for the same seed, on every platform (mulberry32). */
export function seeded(seed: number): Choices {
  let state = seed >>> 0;
  return {
    below(bound) {
      state = (state + 0x6d2b_79f5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * bound);
    },
  };
}

/** Decisions read from a list of whole numbers; where it ends, the simplest follow. What a shorter list decides is simpler. */
export function chosen(numbers: readonly number[]): Choices {
  let at = 0;
  return {
    below(bound) {
      const number = numbers[at] ?? 0;
      at += 1;
      return number % bound;
    },
  };
}

export function between(choices: Choices, minimum: number, maximum: number): number {
  return minimum + choices.below(maximum - minimum + 1);
}

/** True once in `times`; false is the simpler answer. */
export function once(choices: Choices, times: number): boolean {
  return choices.below(times) === times - 1;
}

/** One of a list that is not empty; the first is the simplest. */
export function pick<Item>(choices: Choices, list: readonly Item[]): Item {
  const index = choices.below(list.length);
  if (index >= list.length) throw new RangeError('nothing to pick from');
  return list[index] as Item;
}

/** Some of a list, in its order. */
export function some<Item>(choices: Choices, list: readonly Item[]): Item[] {
  return list.filter(() => choices.below(2) === 1);
}

/** The list in another order (Fisher and Yates); all zeros leave it as it is. */
export function shuffled<Item>(choices: Choices, list: readonly Item[]): Item[] {
  const order = [...list];
  for (let at = 0; at < order.length - 1; at += 1) {
    const from = at + choices.below(order.length - at);
    [order[at], order[from]] = [order[from] as Item, order[at] as Item];
  }
  return order;
}

/** Mostly few, seldom as many as allowed. */
export function lengthUpTo(choices: Choices, most: number): number {
  if (once(choices, 4)) return choices.below(most + 1);
  return choices.below(Math.min(most, 12) + 1);
}

export function octetString(choices: Choices, length: number): Uint8Array {
  const octets = new Uint8Array(length);
  for (let at = 0; at < length; at += 4) {
    // Four at a time: one choice an octet would be most of the work.
    const word = choices.below(2 ** 32);
    for (let place = 0; place < 4 && at + place < length; place += 1) octets[at + place] = word >>> (8 * place);
  }
  return octets;
}

const letters = 'abcdefghijklmnopqrstuvwxyz0123456789.-_@ ABCDEFGHIJKLMNOPQRSTUVWXYZ\\';

/** What people write into a field: mostly printable, sometimes any octets, one character for each. */
export function characters(choices: Choices, length: number): string {
  if (once(choices, 4)) return String.fromCharCode(...octetString(choices, length));
  let written = '';
  while (written.length < length) written += letters[choices.below(letters.length)];
  return written;
}
