/**
 * Whether octets are what MPPE encrypted or MPPC compressed: a PPP packet of a network protocol, its protocol field in front
 * (RFC 3078 §3, RFC 2118 §3.1). A wrong key gives octets that are anything, and decompressed they are anything else; an IP header is
 * hardly ever among them.
 */

import { isToBeEncrypted } from '../mppe/header.ts';
import type { Likelihood } from '../mppe/likelihood.ts';
import { pppProtocol, pppProtocolName } from '../ppp/protocols.ts';
import { PppView } from '../ppp/view.ts';

/** RFC 1570 §2.2 */
const longestPadding = 255;

/** `missing`: octets behind them that are not there; infinite where nobody knows how many. */
export function likelihoodOf(octets: Uint8Array, missing: number): Likelihood {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  const ppp = new PppView();
  if (ppp.at(view, 0, octets.length) !== 0 || ppp.addressAndControl) return 'none';
  const { protocol, protocolCompressed, informationStart: start } = ppp;
  const length = octets.length - start + missing;
  if (!isToBeEncrypted(protocol)) return 'none';
  if (protocol === pppProtocol.ipv4 || protocol === pppProtocol.ipv6) {
    const isVersion4 = protocol === pppProtocol.ipv4;
    if (isVersion4 ? isIpv4(view, start, length) : isIpv6(view, start, length)) return 'certain';
    // One octet of protocol says too little.
    const version = start < octets.length ? view.getUint8(start) >>> 4 : null;
    return protocolCompressed && version !== null && version !== (isVersion4 ? 4 : 6) ? 'none' : 'odd';
  }
  const known = pppProtocolName(protocol) !== null;
  if (protocolCompressed) return known ? 'odd' : 'none';
  return known ? 'possible' : 'odd';
}

/** Octets of an IP packet by its header, which may be all that there is of it; null for other protocols, and where they are not there. */
export function lengthByHeader(protocol: number, octets: Uint8Array): number | null {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  if (protocol === pppProtocol.ipv4 && octets.length >= 4) return view.getUint16(2);
  if (protocol === pppProtocol.ipv6 && octets.length >= 6) return view.getUint16(4) + 40;
  return null;
}

/** RFC 791 §3.1: version, header length, total length and the header's checksum. */
function isIpv4(view: DataView, start: number, length: number): boolean {
  if (view.byteLength - start < 20) return false;
  const headerLength = (view.getUint8(start) & 0x0f) * 4;
  if (view.getUint8(start) >>> 4 !== 4 || headerLength < 20) return false;
  const totalLength = view.getUint16(start + 2);
  if (totalLength < headerLength || totalLength > length || view.byteLength - start < headerLength) return false;
  let sum = 0;
  for (let at = start; at < start + headerLength; at += 2) sum += view.getUint16(at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return sum === 0xffff;
}

/** RFC 8200 §3: version and payload length, behind which there may be padding. */
function isIpv6(view: DataView, start: number, length: number): boolean {
  if (view.byteLength - start < 40 || view.getUint8(start) >>> 4 !== 6) return false;
  const behind = length - 40 - view.getUint16(start + 4);
  return behind === Number.POSITIVE_INFINITY || (behind >= 0 && behind <= longestPadding);
}
