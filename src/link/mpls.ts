/**
 * MPLS label stacks. RFC 3032 §2.1: nothing in them says what they carry; the first four bits of IP do. What is not IP is taken
 * for Ethernet, of which most pseudowires are, often behind a control word that begins with four bits of 0. RFC 4448 §4, RFC 4385 §3
 */

import { type LinkCursor, linkFault, next } from './cursor.ts';
import { etherTypes, linkTypes } from './numbers.ts';

export function mplsLabels(view: DataView, cursor: LinkCursor): void {
  for (let depth = 0; depth < cursor.nesting; depth += 1) {
    if (!cursor.has(4)) return;
    const bottom = (view.getUint8(cursor.at + 2) & 0x01) === 1;
    cursor.at += 4;
    if (bottom) {
      afterLabels(view, cursor);
      return;
    }
  }
  cursor.fault = linkFault.nesting;
}

function afterLabels(view: DataView, cursor: LinkCursor): void {
  cursor.next = next.ip;
  if (cursor.at >= cursor.end) return;
  const version = view.getUint8(cursor.at) >>> 4;
  if (version === 4 || version === 6) return;
  cursor.next = next.linkType + linkTypes.ethernet;
  if (version !== 0 || carriesOn(view, cursor.at + 12, cursor.end)) return;
  if (cursor.has(4)) cursor.at += 4;
}

/** Whether an EtherType stands there that leads on to IP. */
function carriesOn(view: DataView, at: number, end: number): boolean {
  if (at + 2 > end) return false;
  switch (view.getUint16(at)) {
    case etherTypes.ipv4:
    case etherTypes.ipv6:
    case etherTypes.vlan:
    case etherTypes.serviceVlan:
    case etherTypes.oldServiceVlan:
    case etherTypes.mplsUnicast:
    case etherTypes.pppoeSession:
      return true;
    default:
      return false;
  }
}
