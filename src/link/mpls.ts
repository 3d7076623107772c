/** MPLS label stacks. RFC 3032 §2.1: nothing in them says what they carry; the first four bits of IP do. */

import { type LinkCursor, linkFault, next } from './cursor.ts';

export function mplsLabels(view: DataView, cursor: LinkCursor): void {
  for (let depth = 0; depth < cursor.nesting; depth += 1) {
    if (!cursor.has(4)) return;
    const bottom = (view.getUint8(cursor.at + 2) & 0x01) === 1;
    cursor.at += 4;
    if (bottom) {
      cursor.next = next.ip;
      return;
    }
  }
  cursor.fault = linkFault.nesting;
}
