/**
 * The IPv6 header and its extension headers as the hot path reads them. RFC 8200 §3, §4.
 * The Authentication Header ends the chain: it is a VPN's own protocol, 51, and not looked behind.
 */

import { boundTable } from '../octets/bounds.ts';
import { ipFault } from './fault.ts';

const headerLength = 40;

const hopByHopOptions = 0;
const routing = 43;
const fragmentHeader = 44;
const noNextHeader = 59;
const destinationOptions = 60;
const mobility = 135;
const hostIdentity = 139;
const shim6 = 140;

/** Valid until the next `at()`; after a fault the fields mean nothing. */
export class Ipv6View {
  /** One past the last extension header: where the payload starts. */
  headerEnd = 0;
  /** As sent, extension headers included; 0 for a jumbogram or where the network card was to fill it in. */
  payloadLength = 0;
  hopLimit = 0;
  /** Of what starts at `headerEnd`; in a fragment, of what the first fragment starts with. */
  protocol = 0;
  /** The packet has a Fragment header that says more than "all of it". */
  fragment = false;
  identification = 0;
  moreFragments = false;
  /** In octets. */
  fragmentOffset = 0;

  private readonly nesting: number;

  /** `nesting`: extension headers that are followed. RFC 8200 §4.1 has each at most once, Destination Options twice. */
  constructor(nesting: number = boundTable.nesting.default) {
    this.nesting = nesting;
  }

  /** A fault of `ipFault`, 0 when sound. A payload length beyond `end` is no fault of the header. */
  at(view: DataView, start: number, end: number): number {
    if (end - start < 1) return ipFault.short;
    if (view.getUint8(start) >>> 4 !== 6) return ipFault.version;
    if (end - start < headerLength) return ipFault.short;
    this.payloadLength = view.getUint16(start + 4);
    this.hopLimit = view.getUint8(start + 7);
    this.fragment = false;
    this.identification = 0;
    this.moreFragments = false;
    this.fragmentOffset = 0;
    const packetEnd = start + headerLength + this.payloadLength;
    const bound = this.payloadLength !== 0 && packetEnd < end ? packetEnd : end;
    return this.extensionHeaders(view, view.getUint8(start + 6), start + headerLength, bound);
  }

  /** From a next header value on: what the Fragment header of a datagram names, once the datagram is whole. */
  extensionHeaders(view: DataView, nextHeader: number, start: number, end: number): number {
    let at = start;
    let next = nextHeader;
    for (let i = 0; i <= this.nesting; i += 1) {
      if (!isExtensionHeader(next)) {
        this.protocol = next;
        this.headerEnd = at;
        return 0;
      }
      if (at + 8 > end) return ipFault.short;
      if (next === fragmentHeader) {
        next = view.getUint8(at);
        const offset = view.getUint16(at + 2);
        this.identification = view.getUint32(at + 4);
        this.moreFragments = (offset & 1) !== 0;
        this.fragmentOffset = offset & 0xfff8;
        at += 8;
        // RFC 6946 §4: a fragment that is the whole datagram is an ordinary packet.
        if (offset >>> 3 === 0 && !this.moreFragments) continue;
        this.fragment = true;
        this.protocol = next;
        this.headerEnd = at;
        return 0;
      }
      const length = (view.getUint8(at + 1) + 1) * 8;
      if (at + length > end) return ipFault.short;
      next = view.getUint8(at);
      at += length;
    }
    return ipFault.extensionHeaders;
  }
}

/** True where a payload length of 0 means "no payload" and not "see elsewhere". RFC 8200 §4.7 */
export function endsWithoutPayload(view: DataView, start: number): boolean {
  return view.getUint8(start + 6) === noNextHeader;
}

/** Whether it stands in front of another header. */
export function isExtensionHeader(next: number): boolean {
  switch (next) {
    case hopByHopOptions:
    case routing:
    case fragmentHeader:
    case destinationOptions:
    case mobility:
    case hostIdentity:
    case shim6:
      return true;
    default:
      return false;
  }
}
