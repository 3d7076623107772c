/** PPP that carries the captured frames themselves: HDLC-like (RFC 1662), over Ethernet (RFC 2516), and Cisco's HDLC. */

import { type LinkCursor, linkFault, next } from './cursor.ts';

const allStations = 0xff;
const unnumberedInformation = 0x03;
const ciscoUnicast = 0x0f;
const ciscoMulticast = 0x8f;

/** Address and control where they are there, then the protocol in one or two octets. RFC 1661 §2, §6.5, §6.6 */
export function ppp(view: DataView, cursor: LinkCursor): void {
  if (!cursor.has(1)) return;
  if (view.getUint8(cursor.at) === allStations) {
    if (!cursor.has(2)) return;
    if (view.getUint8(cursor.at + 1) === unnumberedInformation) cursor.at += 2;
    if (!cursor.has(1)) return;
  }
  const first = view.getUint8(cursor.at);
  if ((first & 1) === 1) {
    cursor.next = next.pppProtocol + first;
    cursor.at += 1;
    return;
  }
  if (!cursor.has(2)) return;
  cursor.next = next.pppProtocol + view.getUint16(cursor.at);
  cursor.at += 2;
}

/** LINKTYPE_PPP_HDLC: PPP, or Cisco HDLC, whose address octet is another and whose protocol is an EtherType. */
export function pppHdlc(view: DataView, cursor: LinkCursor): void {
  if (!cursor.has(1)) return;
  const address = view.getUint8(cursor.at);
  if (address !== ciscoUnicast && address !== ciscoMulticast) {
    ppp(view, cursor);
    return;
  }
  if (!cursor.has(4)) return;
  cursor.next = next.etherType + view.getUint16(cursor.at + 2);
  cursor.at += 4;
}

/** PPPoE session: version and type, code, session, length, then PPP without address and control. RFC 2516 §4 */
export function pppoeSession(view: DataView, cursor: LinkCursor): void {
  if (!cursor.has(6)) return;
  const sound = view.getUint8(cursor.at) === 0x11;
  const code = view.getUint8(cursor.at + 1);
  const length = view.getUint16(cursor.at + 4);
  if (!sound || code !== 0) {
    cursor.fault = sound ? linkFault.notIp : linkFault.malformed;
    return;
  }
  cursor.at += 6;
  cursor.bound(length);
  ppp(view, cursor);
}
