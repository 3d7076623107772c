/**
 * IEEE 802.11 data frames, bare and behind the two headers that capture cards put in front: radiotap
 * and PPI. Aggregates (A-MSDU) and parts of MSDUs are named and not taken apart: a capture in the air
 * that holds them is nearly always encrypted anyway.
 */

import { type LinkCursor, linkFault, next } from './cursor.ts';
import { logicalLinkControl } from './ethernet.ts';

const frameCheckOctets = 4;

/** Bits of the first octet of Frame Control. IEEE 802.11 §9.2.4.1 */
const versionAndTypeMask = 0x0f;
const dataType = 0x08;
const withoutData = 0x40;
const qualityOfService = 0x80;
/** Bits of its second octet. */
const toDistributionSystem = 0x01;
const fromDistributionSystem = 0x02;
const moreFragments = 0x04;
const protectedFrame = 0x40;
const order = 0x80;
/** Bit of the QoS Control field. */
const aggregatePresent = 0x80;

/** LINKTYPE_IEEE802_11. The frame check sequence may be there unannounced: IP's own length leaves it out. */
export function ieee80211(view: DataView, cursor: LinkCursor): void {
  if (!cursor.has(24)) return;
  const start = cursor.at;
  const control = view.getUint8(start);
  const flags = view.getUint8(start + 1);
  if ((control & versionAndTypeMask) !== dataType || (control & withoutData) !== 0) {
    cursor.fault = linkFault.notIp;
    return;
  }
  if ((flags & protectedFrame) !== 0) {
    cursor.fault = linkFault.encrypted;
    return;
  }
  if ((flags & moreFragments) !== 0 || (view.getUint8(start + 22) & 0x0f) !== 0) {
    cursor.fault = linkFault.fragment;
    return;
  }
  const bothSystems = toDistributionSystem | fromDistributionSystem;
  let length = (flags & bothSystems) === bothSystems ? 30 : 24;
  if ((control & qualityOfService) !== 0) {
    if (!cursor.has(length + 2)) return;
    if ((view.getUint8(start + length) & aggregatePresent) !== 0) {
      cursor.fault = linkFault.aggregate;
      return;
    }
    length += (flags & order) !== 0 ? 6 : 2;
  }
  if (cursor.headerPadded) length = (length + 3) & ~3;
  if (!cursor.has(length)) return;
  cursor.at += length;
  logicalLinkControl(view, cursor);
}

/** Radiotap (radiotap.org): its length, and from its Flags field whether a frame check sequence ends the frame. */
export function radiotap(view: DataView, cursor: LinkCursor): void {
  if (!cursor.has(8)) return;
  const start = cursor.at;
  if (view.getUint8(start) !== 0) {
    cursor.fault = linkFault.malformed;
    return;
  }
  const length = view.getUint16(start + 2, true);
  if (length < 8) {
    cursor.fault = linkFault.malformed;
    return;
  }
  if (!cursor.has(length)) return;
  const flags = radiotapFlags(view, start, start + length);
  cursor.at += length;
  if ((flags & radiotapBadFrameCheck) !== 0) {
    cursor.fault = linkFault.badFrameCheck;
    return;
  }
  if ((flags & radiotapFrameCheck) !== 0) cursor.dropFrameCheck(frameCheckOctets);
  cursor.headerPadded = (flags & radiotapPadded) !== 0;
  ieee80211(view, cursor);
}

/** Per-Packet Information: a link type inside, and fields, of which 802.11-Common says whether a frame check sequence is there. */
export function perPacketInformation(view: DataView, cursor: LinkCursor): void {
  if (!cursor.has(8)) return;
  const start = cursor.at;
  const length = view.getUint16(start + 2, true);
  if (view.getUint8(start) !== 0 || length < 8) {
    cursor.fault = linkFault.malformed;
    return;
  }
  if (!cursor.has(length)) return;
  const aligned = (view.getUint8(start + 1) & perPacketAligned) !== 0;
  const flags = perPacketFlags(view, start + 8, start + length, aligned);
  cursor.next = next.linkType + view.getUint32(start + 4, true);
  cursor.at += length;
  if ((flags & perPacketBadFrameCheck) !== 0) cursor.fault = linkFault.badFrameCheck;
  else if ((flags & perPacketFrameCheck) !== 0) cursor.dropFrameCheck(frameCheckOctets);
}

const radiotapFrameCheck = 0x10;
const radiotapPadded = 0x20;
const radiotapBadFrameCheck = 0x40;

/** The Flags field (bit 1), which only the 8-octet time stamp (bit 0) precedes; 0 where it is absent. */
function radiotapFlags(view: DataView, start: number, end: number): number {
  const present = view.getUint32(start + 4, true);
  if ((present & 0x02) === 0) return 0;
  let at = start + 4;
  // Bit 31: one more word of presence bits follows.
  while (at + 4 <= end && view.getUint32(at, true) >>> 31 === 1) at += 4;
  at += 4;
  // The time stamp is aligned to 8 octets from the start of the header.
  if ((present & 0x01) !== 0) at = start + ((at - start + 7) & ~7) + 8;
  return at < end ? view.getUint8(at) : 0;
}

const perPacketAligned = 0x01;
const commonField = 2;
const perPacketFrameCheck = 0x01;
const perPacketBadFrameCheck = 0x04;

/** Flags of the 802.11-Common field, behind its 8-octet time stamp; 0 where it is absent. */
function perPacketFlags(view: DataView, start: number, end: number, aligned: boolean): number {
  let at = start;
  while (at + 4 <= end) {
    const type = view.getUint16(at, true);
    const length = view.getUint16(at + 2, true);
    if (type === commonField && length >= 10 && at + 14 <= end) return view.getUint16(at + 12, true);
    at += 4 + (aligned ? (length + 3) & ~3 : length);
  }
  return 0;
}
