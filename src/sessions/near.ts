/**
 * Of things that are in the order of their first frames, those around one frame. Who looks for the call of a packet looks
 * at its neighbours: there are seldom more, and a flood must not cost its square.
 */

/** Looked at on either side. */
const besideAtMost = 32;

export function near<Item extends { readonly firstFrame: number }>(
  items: readonly Item[],
  frame: number,
): readonly Item[] {
  if (items.length <= 2 * besideAtMost) return items;
  const at = firstBehind(items, frame);
  return items.slice(Math.max(0, at - besideAtMost), at + besideAtMost);
}

/** The index of the first whose first frame is not before `frame`. */
export function firstBehind(items: readonly { readonly firstFrame: number }[], frame: number): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((items[middle]?.firstFrame ?? 0) < frame) low = middle + 1;
    else high = middle;
  }
  return low;
}
