/** Makes a case that shows something smaller, for as long as it still shows it (delta debugging, Zeller 1999). */
import { joined } from '../octets/joined.ts';

/**
 * The smallest octets found of which `shows` is true, starting from octets of which it is. First whole stretches
 * go, from half of all down to one octet, then what is left becomes as small a number as it can.
 *
 * @param tries How often `shows` may be asked.
 */
export async function smallest(
  octets: Uint8Array,
  shows: (octets: Uint8Array) => boolean | Promise<boolean>,
  tries = 5000,
): Promise<Uint8Array> {
  let best = octets;
  let left = tries;
  const take = async (candidate: Uint8Array): Promise<boolean> => {
    if (left <= 0) return false;
    left -= 1;
    // The candidate is kept apart from what is asked, which may write into what it gets.
    if (!(await shows(candidate.slice()))) return false;
    best = candidate;
    return true;
  };
  for (let before = -1; before !== best.length && left > 0; ) {
    before = best.length;
    for (let size = Math.max(1, best.length >> 1); size >= 1; size >>= 1) {
      for (let at = 0; at < best.length && left > 0; ) {
        if (!(await take(joined([best.subarray(0, at), best.subarray(at + size)])))) at += size;
      }
    }
  }
  for (let at = 0; at < best.length && left > 0; at += 1) {
    for (let octet = 0; octet < (best[at] ?? 0); octet = octet === 0 ? 1 : octet * 2) {
      const candidate = best.slice();
      candidate[at] = octet;
      if (await take(candidate)) break;
    }
  }
  return best;
}
