/** Multilink PPP (RFC 1990) on the hot path: only the fragment that begins a packet can be looked into. */
import type { Window } from '../octets/window.ts';

/** Bits of a fragment: the packet begins in it, and ends in it. RFC 1990 §3 */
const beginning = 0x80;
const ending = 0x40;
/** Long sequence numbers, the default: flags and 24 bits. */
const longHeader = 4;
/** Short ones, where LCP option 18 was agreed: flags and 12 bits. */
const shortHeader = 2;

/** Where the packet inside a multilink fragment starts; -1 where it began in another one. */
export function multilinkPacketStart(
  view: DataView,
  start: number,
  end: number,
  shortSequenceNumbers: boolean,
): number {
  const inner = start + (shortSequenceNumbers ? shortHeader : longHeader);
  return inner < end && (view.getUint8(start) & beginning) !== 0 ? inner : -1;
}

/** Of a fragment in which a packet begins: whether it ends there too. */
export function isWholePacket(view: DataView, start: number): boolean {
  return (view.getUint8(start) & ending) !== 0;
}

/** A fragment's marks, number and octets; null where its header is cut. RFC 1990 §3 */
export function multilinkFragment(window: Window, start: number, end: number, shortSequenceNumbers: boolean) {
  const inner = start + (shortSequenceNumbers ? shortHeader : longHeader);
  if (inner > end) return null;
  const flags = window.view.getUint8(start);
  return {
    beginning: (flags & beginning) !== 0,
    ending: (flags & ending) !== 0,
    sequenceNumber: shortSequenceNumbers
      ? window.view.getUint16(start) & 0xfff
      : window.view.getUint32(start) & 0xff_ffff,
    modulus: shortSequenceNumbers ? 2 ** 12 : 2 ** 24,
    octets: window.bytes.slice(inner, end),
  };
}
