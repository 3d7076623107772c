/**
 * One line for a packet, as readable as pppd's debug lines. The text holds what was captured as it is: it reaches people
 * only through the escaping door of a report.
 */

import { coherencyCount, isCompressed, isEncrypted, isFlushed } from '../mppe/header.ts';
import { hex, hexNumber } from '../octets/hex.ts';
import { beforeNul, utf8 } from '../octets/printable.ts';
import { counted } from '../octets/words.ts';

/** `"local"`: a quotation mark or a backslash inside cannot end it. */
export function quoted(captured: string): string {
  return `"${utf8(beforeNul(captured)).replace(/["\\]/g, '\\$&')}"`;
}

/** `0x1a2b3c4d` */
export function hex32(value: number): string {
  return hexNumber(value >>> 0, 8);
}

/** So many octets as digits, an ellipsis for the others. */
export function someHex(octets: Uint8Array, atMost = 16): string {
  return octets.length <= atMost ? hex(octets) : `${hex(octets.subarray(0, atMost))}…`;
}

/** The 16 bits of MPPE and what follows them. RFC 3078 §3.1 */
export function mppeSummary(word: number, octets: number): string {
  const flags = [
    ...(isFlushed(word) ? ['flushed'] : []),
    ...((word & 0x4000) !== 0 ? ['at-front'] : []),
    ...(isCompressed(word) ? ['compressed'] : []),
    ...(isEncrypted(word) ? ['encrypted'] : ['not encrypted']),
  ];
  return `MPPE count=${coherencyCount(word)} ${flags.join(' ')}, ${counted(octets, 'octet')}`;
}

/** `SYN ACK`; `none` where no bit is set. RFC 9293 §3.1 */
export function tcpFlagsText(flags: number): string {
  const names = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG', 'ECE', 'CWR'];
  const order = [1, 0, 2, 3, 5, 6, 7, 4];
  const set = order.filter((bit) => (flags & (1 << bit)) !== 0).map((bit) => names[bit] ?? '');
  return set.length === 0 ? 'none' : set.join(' ');
}
