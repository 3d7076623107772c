/**
 * The hot way from a frame to its IP payload: all link types, tags and tunnels of the link layer, IPv4, IPv6.
 * Numbers over the frame's DataView: nothing is allocated per frame. The table of what follows what stands
 * in `step`.
 */

import type { Frame } from '../capture/frame.ts';
import { ipFault } from '../ip/fault.ts';
import { Ipv4View } from '../ip/ipv4.ts';
import { endsWithoutPayload, Ipv6View } from '../ip/ipv6.ts';
import { LinkCursor, linkFault, next } from '../link/cursor.ts';
import { ethernet, vlanTag } from '../link/ethernet.ts';
import { ieee80211, perPacketInformation, radiotap } from '../link/ieee80211.ts';
import { linuxSll, linuxSll2 } from '../link/linux-cooked.ts';
import { loopback, nullLoopback } from '../link/loopback.ts';
import { mplsLabels } from '../link/mpls.ts';
import { etherTypes, linkTypes, pppProtocols } from '../link/numbers.ts';
import { ppp, pppHdlc, pppoeSession } from '../link/ppp.ts';
import type { AddressBook } from '../octets/address.ts';
import { Limits } from '../octets/limits.ts';
import type { Names } from '../wire/field.ts';
import { headerChecksum } from './packet.ts';

/** Why a frame led to no IP packet. *Cut* is the capture's doing, *short* and the rest are the sender's. */
export const walkFault = {
  linkHeaderCut: linkFault.headerCut,
  linkHeaderShort: linkFault.headerShort,
  /** Another protocol than IP. */
  notIp: linkFault.notIp,
  /** 802.11 under link encryption. */
  linkEncrypted: linkFault.encrypted,
  linkFragment: linkFault.fragment,
  linkAggregate: linkFault.aggregate,
  badFrameCheck: linkFault.badFrameCheck,
  linkMalformed: linkFault.malformed,
  /** A link type that is not read. */
  unknownLinkType: 9,
  /** More headers stacked than anybody sends. */
  nesting: linkFault.nesting,
  ipHeaderCut: 11,
  ipHeaderShort: 12,
  /** The version field is not the one that the layer below announced. */
  ipVersion: 13,
  /** IPv4 header length below 20 octets. */
  ipHeaderLength: 14,
  /** IPv4 total length below the header's length. */
  ipTotalLength: 15,
  /** More IPv6 extension headers than anybody sends. */
  ipExtensionHeaders: 16,
} as const;

/** What a fault is, as the rest of a line about the frame. What leads to something else than IP is none. */
export const walkFaultNames: Names = {
  [walkFault.linkHeaderCut]: 'the capture cut the link header',
  [walkFault.linkHeaderShort]: 'shorter than its link header',
  [walkFault.linkEncrypted]: 'encrypted by 802.11',
  [walkFault.linkFragment]: 'a fragment of 802.11',
  [walkFault.linkAggregate]: 'an aggregate of 802.11',
  [walkFault.badFrameCheck]: 'wrong frame check sequence',
  [walkFault.linkMalformed]: 'malformed link header',
  [walkFault.unknownLinkType]: 'link type not read',
  [walkFault.nesting]: 'too many link headers',
  [walkFault.ipHeaderCut]: 'the capture cut the IP header',
  [walkFault.ipHeaderShort]: 'shorter than its IP header',
  [walkFault.ipVersion]: 'another IP version than announced',
  [walkFault.ipHeaderLength]: 'IPv4 header length below 5',
  [walkFault.ipTotalLength]: 'IPv4 total length below its header',
  [walkFault.ipExtensionHeaders]: 'too many IPv6 extension headers',
};

const etherTypeIpv4 = next.etherType + etherTypes.ipv4;
const etherTypeIpv6 = next.etherType + etherTypes.ipv6;

/** Valid until the next `walk()`. After one that returned false only `fault` means something. */
export class Walk {
  version: 0 | 4 | 6 = 0;
  /** IP protocol number of the payload. */
  protocol = 0;
  /** Hop limit in IPv6. */
  timeToLive = 0;
  /** Of the datagram; 0 in an IPv6 packet without Fragment header. */
  identification = 0;
  /** The octets of the packet that the capture holds, without what the link layer put behind it. */
  ipStart = 0;
  ipEnd = 0;
  payloadStart = 0;
  payloadEnd = 0;
  /** Octets of payload by IP's own length; by the frame's where IP leaves it 0 (offload, jumbograms). */
  payloadWireLength = 0;
  /** The capture holds fewer octets than IP says. */
  cut = false;
  /** IP says more octets than the frame had on the wire: not the capture's doing. Then `cut` is true as well. */
  lengthBeyondFrame = false;
  fragment = false;
  /** In octets. */
  fragmentOffset = 0;
  moreFragments = false;
  /** A value of `walkFault`, 0 when an IP packet was found. */
  fault = 0;
  private readonly addresses: AddressBook;
  private readonly limits: Limits;
  private readonly nesting: number;
  private readonly cursor: LinkCursor;
  private readonly ipv4View = new Ipv4View();
  private readonly ipv6View: Ipv6View;
  private view: DataView = new DataView(new ArrayBuffer(0));

  constructor(addresses: AddressBook, limits = new Limits()) {
    this.addresses = addresses;
    this.limits = limits;
    const { nesting } = limits.bounds;
    this.nesting = nesting;
    this.cursor = new LinkCursor(nesting);
    this.ipv6View = new Ipv6View(nesting);
  }

  /** True: an IP packet with a sound header was found. False: `fault` says why not. */
  walk(frame: Frame): boolean {
    const { start } = frame;
    const { view } = frame.window;
    this.view = view;
    let end = frame.end;
    // A wire length below the captured one is a container's lie.
    let wireEnd = Math.max(end, start + frame.wireLength);
    if (frame.frameCheckOctets !== 0) {
      wireEnd = Math.max(start, wireEnd - frame.frameCheckOctets);
      if (end > wireEnd) end = wireEnd;
    }
    if (frame.linkType === linkTypes.ethernet && end - start >= 34 && view.getUint16(start + 12) === etherTypes.ipv4) {
      return this.ipv4(view, start + 14, end, wireEnd);
    }
    const { cursor } = this;
    cursor.reset(start, end, wireEnd);
    cursor.next = next.linkType + frame.linkType;
    cursor.frameCheckDropped = frame.frameCheckOctets !== 0;
    return this.chain(view);
  }

  /** The sender's address number; asks the address book where it is IPv6. */
  source(): number {
    return this.version === 6 ? this.addresses.ipv6(this.view, this.ipStart + 8) : this.ipv4View.source;
  }

  destination(): number {
    return this.version === 6 ? this.addresses.ipv6(this.view, this.ipStart + 24) : this.ipv4View.destination;
  }

  /** Of a whole packet: a value of `headerChecksum`. RFC 791 §3.1, RFC 1071 */
  headerChecksum(): number {
    const { view, ipStart, payloadStart } = this;
    if (this.version !== 4 || this.fragment || view.getUint16(ipStart + 10) === 0) return headerChecksum.unknown;
    let sum = 0;
    // Two words of the checksum at once: the header has four octets a step.
    for (let at = ipStart; at < payloadStart; at += 4) {
      const words = view.getInt32(at);
      sum += (words >>> 16) + (words & 0xffff);
    }
    // The carries, added in: all ones where it is right.
    sum = (sum & 0xffff) + (sum >>> 16);
    sum = (sum & 0xffff) + (sum >>> 16);
    return sum === 0xffff ? headerChecksum.right : headerChecksum.wrong;
  }

  /** From layer to layer until IP. */
  private chain(view: DataView): boolean {
    const { cursor } = this;
    for (let layer = 0; layer < this.nesting; layer += 1) {
      switch (cursor.next) {
        case next.ip:
        case next.linkType + linkTypes.raw:
        case next.linkType + linkTypes.rawBsd:
        case next.linkType + linkTypes.rawOpenBsd:
          return this.ipByVersion(view);
        case etherTypeIpv4:
        case next.pppProtocol + pppProtocols.ipv4:
        case next.linkType + linkTypes.ipv4:
          return this.ipv4(view, cursor.at, cursor.end, cursor.wireEnd);
        case etherTypeIpv6:
        case next.pppProtocol + pppProtocols.ipv6:
        case next.linkType + linkTypes.ipv6:
          return this.ipv6(view, cursor.at, cursor.end, cursor.wireEnd);
        default:
          step(view, cursor);
      }
      if (cursor.fault === linkFault.nesting) return this.nested(walkFault.nesting);
      if (cursor.fault !== 0) return this.fail(cursor.fault);
    }
    return this.nested(walkFault.nesting);
  }

  private ipByVersion(view: DataView): boolean {
    const { at, end, wireEnd } = this.cursor;
    if (at >= end) return this.fail(at < wireEnd ? walkFault.ipHeaderCut : walkFault.ipHeaderShort);
    switch (view.getUint8(at) >>> 4) {
      case 4:
        return this.ipv4(view, at, end, wireEnd);
      case 6:
        return this.ipv6(view, at, end, wireEnd);
      default:
        return this.fail(walkFault.notIp);
    }
  }

  private ipv4(view: DataView, start: number, end: number, wireEnd: number): boolean {
    const ip = this.ipv4View;
    const fault = ip.at(view, start, end);
    if (fault !== 0) return this.failIp(fault, end < wireEnd);
    this.fault = 0;
    this.version = 4;
    this.protocol = ip.protocol;
    this.timeToLive = ip.timeToLive;
    this.identification = ip.identification;
    this.fragmentOffset = ip.fragmentOffset;
    this.moreFragments = ip.moreFragments;
    this.fragment = ip.moreFragments || ip.fragmentOffset !== 0;
    // Network cards that cut segments themselves (offload) are handed packets whose total length is 0.
    const packetEnd = ip.totalLength === 0 ? wireEnd : start + ip.totalLength;
    this.bounds(start, ip.headerEnd, packetEnd, end, wireEnd);
    return true;
  }

  private ipv6(view: DataView, start: number, end: number, wireEnd: number): boolean {
    const ip = this.ipv6View;
    const fault = ip.at(view, start, end);
    if (fault !== 0) {
      const declaredEnd = ip.payloadLength === 0 ? wireEnd : Math.min(wireEnd, start + 40 + ip.payloadLength);
      return this.failIp(fault, end < declaredEnd);
    }
    this.fault = 0;
    this.version = 6;
    this.protocol = ip.protocol;
    this.timeToLive = ip.hopLimit;
    this.identification = ip.identification;
    this.fragmentOffset = ip.fragmentOffset;
    this.moreFragments = ip.moreFragments;
    this.fragment = ip.fragment;
    const unsaid = ip.payloadLength === 0 && !endsWithoutPayload(view, start);
    this.bounds(start, ip.headerEnd, unsaid ? wireEnd : start + 40 + ip.payloadLength, end, wireEnd);
    return true;
  }

  private bounds(start: number, headerEnd: number, packetEnd: number, end: number, wireEnd: number): void {
    this.ipStart = start;
    this.ipEnd = Math.min(packetEnd, end);
    this.payloadStart = headerEnd;
    this.payloadEnd = this.ipEnd;
    this.payloadWireLength = packetEnd - headerEnd;
    this.cut = packetEnd > end;
    this.lengthBeyondFrame = packetEnd > wireEnd;
  }

  private fail(fault: number): false {
    this.fault = fault;
    this.version = 0;
    return false;
  }

  /** More headers than are followed. */
  private nested(fault: number): false {
    this.limits.reached('nesting');
    return this.fail(fault);
  }

  private failIp(fault: number, byCapture: boolean): false {
    switch (fault) {
      case ipFault.short:
        return this.fail(byCapture ? walkFault.ipHeaderCut : walkFault.ipHeaderShort);
      case ipFault.version:
        return this.fail(walkFault.ipVersion);
      case ipFault.headerLength:
        return this.fail(walkFault.ipHeaderLength);
      case ipFault.totalLength:
        return this.fail(walkFault.ipTotalLength);
      default:
        return this.nested(walkFault.ipExtensionHeaders);
    }
  }
}

/** Whether a number of `next` leads to IP and not to another link layer. */
export function leadsToIp(number: number): boolean {
  switch (number) {
    case next.ip:
    case next.linkType + linkTypes.raw:
    case next.linkType + linkTypes.rawBsd:
    case next.linkType + linkTypes.rawOpenBsd:
    case next.linkType + linkTypes.ipv4:
    case next.linkType + linkTypes.ipv6:
    case etherTypeIpv4:
    case etherTypeIpv6:
    case next.pppProtocol + pppProtocols.ipv4:
    case next.pppProtocol + pppProtocols.ipv6:
      return true;
    default:
      return false;
  }
}

/** The link layers by the number that leads to them. */
export function step(view: DataView, cursor: LinkCursor): void {
  switch (cursor.next) {
    case next.linkType + linkTypes.ethernet:
      ethernet(view, cursor);
      break;
    case next.etherType + etherTypes.vlan:
    case next.etherType + etherTypes.serviceVlan:
    case next.etherType + etherTypes.oldServiceVlan:
      vlanTag(view, cursor);
      break;
    case next.etherType + etherTypes.mplsUnicast:
    case next.etherType + etherTypes.mplsMulticast:
    case next.pppProtocol + pppProtocols.mplsUnicast:
    case next.pppProtocol + pppProtocols.mplsMulticast:
      mplsLabels(view, cursor);
      break;
    case next.etherType + etherTypes.pppoeSession:
    case next.linkType + linkTypes.pppEther:
      pppoeSession(view, cursor);
      break;
    case next.linkType + linkTypes.ppp:
      ppp(view, cursor);
      break;
    case next.linkType + linkTypes.pppHdlc:
      pppHdlc(view, cursor);
      break;
    case next.linkType + linkTypes.null:
      nullLoopback(view, cursor);
      break;
    case next.linkType + linkTypes.loop:
      loopback(view, cursor);
      break;
    case next.linkType + linkTypes.linuxSll:
      linuxSll(view, cursor);
      break;
    case next.linkType + linkTypes.linuxSll2:
      linuxSll2(view, cursor);
      break;
    case next.linkType + linkTypes.ieee80211:
      ieee80211(view, cursor);
      break;
    case next.linkType + linkTypes.ieee80211Radiotap:
      radiotap(view, cursor);
      break;
    case next.linkType + linkTypes.ppi:
      perPacketInformation(view, cursor);
      break;
    default:
      cursor.fault = cursor.next >= next.linkType ? walkFault.unknownLinkType : linkFault.notIp;
  }
}
