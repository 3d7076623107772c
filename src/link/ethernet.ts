/** Ethernet, its VLAN tags, and the LLC of IEEE 802.2 with SNAP (RFC 1042). */

import { type LinkCursor, linkFault, next } from './cursor.ts';
import { etherTypes } from './numbers.ts';

/** IEEE 802.3 §3.2.6: up to here the field is a length, from `leastEtherType` on a type. */
const greatestLength = 1500;
const leastEtherType = 0x0600;

/** Destination, source, EtherType or length. */
export function ethernet(view: DataView, cursor: LinkCursor): void {
  if (!cursor.has(14)) return;
  const typeOrLength = view.getUint16(cursor.at + 12);
  cursor.at += 14;
  afterTypeOrLength(view, cursor, typeOrLength);
}

/** The tag's second half: priority and VLAN, then the EtherType or length of what it tags. IEEE 802.1Q §9.6 */
export function vlanTag(view: DataView, cursor: LinkCursor): void {
  if (!cursor.has(4)) return;
  const typeOrLength = view.getUint16(cursor.at + 2);
  cursor.at += 4;
  afterTypeOrLength(view, cursor, typeOrLength);
}

/** LLC: SNAP leads to an EtherType (RFC 1042), SAP 0x06 is IP itself. */
export function logicalLinkControl(view: DataView, cursor: LinkCursor): void {
  if (!cursor.has(3)) return;
  const accessPoints = view.getUint16(cursor.at);
  const control = view.getUint8(cursor.at + 2);
  if (accessPoints === 0x0606 && control === 0x03) {
    cursor.at += 3;
    cursor.next = next.etherType + etherTypes.ipv4;
    return;
  }
  if (accessPoints !== 0xaaaa || control !== 0x03) {
    cursor.fault = linkFault.notIp;
    return;
  }
  if (!cursor.has(8)) return;
  const organization = view.getUint16(cursor.at + 3) * 0x100 + view.getUint8(cursor.at + 5);
  // 0x0000F8 marks frames that a bridge carried over (IEEE 802.1H).
  if (organization !== 0x00_0000 && organization !== 0x00_00f8) {
    cursor.fault = linkFault.notIp;
    return;
  }
  cursor.next = next.etherType + view.getUint16(cursor.at + 6);
  cursor.at += 8;
}

function afterTypeOrLength(view: DataView, cursor: LinkCursor, typeOrLength: number): void {
  if (typeOrLength >= leastEtherType) {
    cursor.next = next.etherType + typeOrLength;
  } else if (typeOrLength <= greatestLength) {
    cursor.bound(typeOrLength);
    logicalLinkControl(view, cursor);
  } else {
    cursor.fault = linkFault.malformed;
  }
}
