/** The IPv4 header as the hot path reads it. RFC 791 §3.1. */

import { ipFault } from './fault.ts';

const shortestHeader = 20;

/** Valid until the next `at()`; after a fault only the fields before it mean something. */
export class Ipv4View {
  /** One past the options: where the payload starts. */
  headerEnd = 0;
  /** As sent; 0 where the network card was to fill it in. */
  totalLength = 0;
  identification = 0;
  moreFragments = false;
  /** In octets. */
  fragmentOffset = 0;
  timeToLive = 0;
  protocol = 0;
  /** 32-bit values, signed: those above 2^31 would be boxed by JavaScript engines wherever they are handed on. */
  source = 0;
  destination = 0;

  /** A fault of `ipFault`, 0 when sound. A total length beyond `end` is no fault of the header. */
  at(view: DataView, start: number, end: number): number {
    if (end - start < 1) return ipFault.short;
    const versionAndLength = view.getUint8(start);
    if (versionAndLength >>> 4 !== 4) return ipFault.version;
    const headerLength = (versionAndLength & 0x0f) * 4;
    if (headerLength < shortestHeader) return ipFault.headerLength;
    if (end - start < headerLength) return ipFault.short;
    const totalLength = view.getUint16(start + 2);
    if (totalLength !== 0 && totalLength < headerLength) return ipFault.totalLength;
    const fragment = view.getUint16(start + 6);
    this.headerEnd = start + headerLength;
    this.totalLength = totalLength;
    this.identification = view.getUint16(start + 4);
    this.moreFragments = (fragment & 0x2000) !== 0;
    this.fragmentOffset = (fragment & 0x1fff) * 8;
    this.timeToLive = view.getUint8(start + 8);
    this.protocol = view.getUint8(start + 9);
    this.source = view.getInt32(start + 12);
    this.destination = view.getInt32(start + 16);
    return 0;
  }
}
