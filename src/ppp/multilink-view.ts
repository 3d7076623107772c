/** Multilink PPP (RFC 1990) on the hot path: only packets that are whole in one fragment can be looked into. */

/** Beginning and ending bits of a fragment. RFC 1990 §3 */
const wholePacket = 0xc0;
/** Long sequence numbers, the default: flags and 24 bits. */
const longHeader = 4;
/** Short ones, where LCP option 18 was agreed: flags and 12 bits. */
const shortHeader = 2;

/** Where the packet inside a multilink fragment starts; -1 where the fragment holds a part of it only. */
export function multilinkPacketStart(
  view: DataView,
  start: number,
  end: number,
  shortSequenceNumbers: boolean,
): number {
  const inner = start + (shortSequenceNumbers ? shortHeader : longHeader);
  return inner < end && (view.getUint8(start) & wholePacket) === wholePacket ? inner : -1;
}
