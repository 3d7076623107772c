/**
 * Segments that a capture holds twice because it shows both sides of a router, as interface `any` on one does: the same TCP
 * header, its checksum included, with another time to live. Exact duplicates are another matter, and so is what TCP sends
 * again: that comes later (RFC 6298 §2.4), and by the way of the others.
 */

/** Segments of a sender that are remembered: a burst may pass before the copy of its first one comes. */
const remembered = 4;
/** Of each: what tells it from others, its time to live, and when it came. */
const numbersOfEach = 3;
/** Seconds that a router may take, as for duplicate frames; no TCP sends again so soon. */
const longest = 0.1;
/** Octets of a TCP header up to its checksum, with it. */
const throughChecksum = 18;
const checksumAt = 16;

/** Of one sender. */
export class RoutedCopies {
  private readonly newest: number[] = [];
  private next = 0;

  /**
   * Asks and remembers: whether the segment from `start` to `end`, with that time to live and at that many seconds, is the copy of
   * one of just before. False where the capture cut its header off.
   */
  isCopy(view: DataView, start: number, end: number, timeToLive: number, at: number): boolean {
    if (end - start < throughChecksum) return false;
    const segment = view.getUint32(start + 4) * 0x1_0000 + view.getUint16(start + checksumAt);
    const { newest } = this;
    for (let place = 0; place < newest.length; place += numbersOfEach) {
      if (newest[place] !== segment || newest[place + 1] === timeToLive) continue;
      if (Math.abs(at - (newest[place + 2] ?? 0)) <= longest) return true;
    }
    const place = this.next * numbersOfEach;
    newest[place] = segment;
    newest[place + 1] = timeToLive;
    newest[place + 2] = at;
    this.next = (this.next + 1) % remembered;
    return false;
  }
}
