/** BSD loopback: an address family in front of the packet, in the byte order of the machine (NULL) or the network's (LOOP). */

import { type LinkCursor, linkFault, next } from './cursor.ts';
import { etherTypes } from './numbers.ts';

/** LINKTYPE_NULL. Families are small numbers: the order in which the value is small is the one it was written in. */
export function nullLoopback(view: DataView, cursor: LinkCursor): void {
  if (!cursor.has(4)) return;
  const bigEndian = view.getUint32(cursor.at);
  afterFamily(cursor, bigEndian <= 0xffff ? bigEndian : view.getUint32(cursor.at, true));
}

/** LINKTYPE_LOOP */
export function loopback(view: DataView, cursor: LinkCursor): void {
  if (cursor.has(4)) afterFamily(cursor, view.getUint32(cursor.at));
}

function afterFamily(cursor: LinkCursor, family: number): void {
  cursor.at += 4;
  switch (family) {
    case 2:
      cursor.next = next.etherType + etherTypes.ipv4;
      break;
    // AF_INET6 of Linux, Windows, NetBSD and OpenBSD, FreeBSD, Darwin.
    case 10:
    case 23:
    case 24:
    case 28:
    case 30:
      cursor.next = next.etherType + etherTypes.ipv6;
      break;
    default:
      cursor.fault = linkFault.notIp;
  }
}
