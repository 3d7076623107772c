/** Linux "cooked" captures, which tcpdump makes on the `any` interface. LINKTYPE_LINUX_SLL and LINKTYPE_LINUX_SLL2. */

import { type LinkCursor, linkFault, next } from './cursor.ts';
import { logicalLinkControl } from './ethernet.ts';
import { linkTypes } from './numbers.ts';

/** Hardware types of Linux whose protocol field is no EtherType. */
const hardwareNetlink = 824;
const hardwareIeee80211 = 801;
const hardwareRadiotap = 803;
/** Protocol fields for frames without an EtherType. */
const novellRaw = 0x0001;
const ieee8022 = 0x0004;

/** Packet type, hardware type, address length, address (8), protocol. */
export function linuxSll(view: DataView, cursor: LinkCursor): void {
  if (!cursor.has(16)) return;
  const hardware = view.getUint16(cursor.at + 2);
  const protocol = view.getUint16(cursor.at + 14);
  cursor.at += 16;
  afterProtocol(view, cursor, hardware, protocol);
}

/** Protocol, reserved, interface index, hardware type, packet type, address length, address (8). */
export function linuxSll2(view: DataView, cursor: LinkCursor): void {
  if (!cursor.has(20)) return;
  const protocol = view.getUint16(cursor.at);
  const hardware = view.getUint16(cursor.at + 8);
  cursor.at += 20;
  afterProtocol(view, cursor, hardware, protocol);
}

function afterProtocol(view: DataView, cursor: LinkCursor, hardware: number, protocol: number): void {
  if (hardware === hardwareNetlink || protocol === novellRaw) {
    cursor.fault = linkFault.notIp;
  } else if (hardware === hardwareRadiotap) {
    cursor.next = next.linkType + linkTypes.ieee80211Radiotap;
  } else if (hardware === hardwareIeee80211) {
    cursor.next = next.linkType + linkTypes.ieee80211;
  } else if (protocol === ieee8022) {
    logicalLinkControl(view, cursor);
  } else {
    cursor.next = next.etherType + protocol;
  }
}
