/**
 * ICMP and ICMPv6 errors and the packet that they quote: how a network says why a connection or a
 * call does not get through. RFC 792, RFC 1191 (next-hop MTU), RFC 4443, RFC 4884 (length of the quotation).
 */

import type { AddressBook } from '../octets/address.ts';
import type { Window } from '../octets/window.ts';
import { Ipv4View } from './ipv4.ts';
import { Ipv6View } from './ipv6.ts';

export interface IcmpErrorQuote {
  readonly type: number;
  readonly code: number;
  /** `3/13 communication administratively prohibited`; the numbers alone where they have no name. */
  readonly name: string;
  /** Next-hop MTU of 3/4 (RFC 1191 §4; null where the router left it 0) and of Packet Too Big (RFC 4443 §3.2). */
  readonly mtu: number | null;
  readonly quoted: QuotedPacket;
}

/** The packet that met the error. The quotation may hold as little as 8 octets of its payload, or fewer. */
export interface QuotedPacket {
  readonly version: 4 | 6;
  /** Address numbers of the address book. */
  readonly source: number;
  readonly destination: number;
  /** IP protocol number of the payload. */
  readonly protocol: number;
  /** Time to live, or hop limit, as it was where the error arose. */
  readonly timeToLive: number;
  /** In octets; beyond 0 the payload does not start with its header. */
  readonly fragmentOffset: number;
  /** The octets that are quoted, in the window of the error. */
  readonly payloadStart: number;
  readonly payloadEnd: number;
}

/** ICMP header: type, code, checksum and four octets whose meaning the type decides. */
const headerLength = 8;

/** The names of an error's codes; undefined for what is no error. */
function codeNames(version: 4 | 6, type: number): Readonly<Record<number, string>> | undefined {
  return (version === 4 ? icmpErrors : icmpv6Errors)[type];
}

/** Whether messages of the type quote a packet. */
export function isIcmpError(version: 4 | 6, type: number): boolean {
  return codeNames(version, type) !== undefined;
}

/**
 * What an ICMP message (`start` to `end`, of IP `version`) says went wrong with which packet. Null for what is no
 * error message (echo, neighbour discovery, ...) and where the quotation holds no sound IP header.
 */
export function decodeIcmpError(
  window: Window,
  start: number,
  end: number,
  version: 4 | 6,
  addresses: AddressBook,
): IcmpErrorQuote | null {
  const { view } = window;
  if (end - start < headerLength) return null;
  const type = view.getUint8(start);
  const code = view.getUint8(start + 1);
  const names = codeNames(version, type);
  if (names === undefined) return null;
  const quoteStart = start + headerLength;
  const quoted = quotedPacket(view, quoteStart, quotationEnd(view, start, end, version, type), addresses);
  if (quoted === null) return null;
  const named = names[code];
  return {
    type,
    code,
    name: named === undefined ? `${type}/${code}` : `${type}/${code} ${named}`,
    mtu: nextHopMtu(view, start, version, type, code),
    quoted,
  };
}

/**
 * Whether a message of that type and code (RFC 792, RFC 4443) says that a packet is not let through as it is. A redirect
 * and a source quench do not, nor does the time for the other fragments of a packet when it has run out.
 */
export function isRejection(version: 4 | 6, type: number, code: number): boolean {
  const timeExceeded = version === 4 ? 11 : 3;
  if (type === timeExceeded) return code === 0;
  return version === 6 || (type !== sourceQuench && type !== redirect);
}

const sourceQuench = 4;
const redirect = 5;
const destinationUnreachable = 3;
const fragmentationNeeded = 4;
const packetTooBig = 2;
/** Errors whose header may say how long the quotation is. RFC 4884 §4 */
const extensible = { 4: [3, 11, 12], 6: [1, 3] } as const;
/** RFC 4884 §3: a quotation with extensions behind it is padded to at least so many octets. */
const shortestExtendedQuotation = 128;

/** Error types of ICMP and the names of their codes. RFC 792, RFC 1122 §3.2.2.1, RFC 1812 §5.2.7. */
const icmpErrors: Readonly<Record<number, Readonly<Record<number, string>>>> = {
  3: {
    0: 'network unreachable',
    1: 'host unreachable',
    2: 'protocol unreachable',
    3: 'port unreachable',
    4: 'fragmentation needed and DF set',
    5: 'source route failed',
    6: 'destination network unknown',
    7: 'destination host unknown',
    8: 'source host isolated',
    9: 'network administratively prohibited',
    10: 'host administratively prohibited',
    11: 'network unreachable for type of service',
    12: 'host unreachable for type of service',
    13: 'communication administratively prohibited',
    14: 'host precedence violation',
    15: 'precedence cutoff in effect',
  },
  4: { 0: 'source quench' },
  5: {
    0: 'redirect for the network',
    1: 'redirect for the host',
    2: 'redirect for the type of service and network',
    3: 'redirect for the type of service and host',
  },
  11: { 0: 'time to live exceeded in transit', 1: 'fragment reassembly time exceeded' },
  12: { 0: 'parameter problem: pointer indicates the error', 1: 'missing a required option', 2: 'bad length' },
};

/** Error types of ICMPv6 and the names of their codes. RFC 4443 §3. */
const icmpv6Errors: Readonly<Record<number, Readonly<Record<number, string>>>> = {
  1: {
    0: 'no route to destination',
    1: 'communication administratively prohibited',
    2: 'beyond scope of source address',
    3: 'address unreachable',
    4: 'port unreachable',
    5: 'source address failed ingress/egress policy',
    6: 'reject route to destination',
  },
  2: { 0: 'packet too big' },
  3: { 0: 'hop limit exceeded in transit', 1: 'fragment reassembly time exceeded' },
  4: {
    0: 'erroneous header field encountered',
    1: 'unrecognized next header type encountered',
    2: 'unrecognized IPv6 option encountered',
  },
};

/** Where the quotation ends and extensions begin; their own length counts words of 32 bits, in ICMPv6 of 64. */
function quotationEnd(view: DataView, start: number, end: number, version: 4 | 6, type: number): number {
  const types: readonly number[] = extensible[version];
  if (!types.includes(type)) return end;
  const length = version === 4 ? view.getUint8(start + 5) * 4 : view.getUint8(start + 4) * 8;
  return length < shortestExtendedQuotation ? end : Math.min(end, start + headerLength + length);
}

function nextHopMtu(view: DataView, start: number, version: 4 | 6, type: number, code: number): number | null {
  if (version === 6) return type === packetTooBig ? view.getUint32(start + 4) : null;
  if (type !== destinationUnreachable || code !== fragmentationNeeded) return null;
  // RFC 1191 §4: routers older than it leave the field zero.
  return view.getUint16(start + 6) || null;
}

function quotedPacket(view: DataView, start: number, end: number, addresses: AddressBook): QuotedPacket | null {
  if (start >= end) return null;
  if (view.getUint8(start) >>> 4 === 6) {
    const ipv6 = new Ipv6View();
    if (ipv6.at(view, start, end) !== 0) return null;
    return {
      version: 6,
      source: addresses.ipv6(view, start + 8),
      destination: addresses.ipv6(view, start + 24),
      protocol: ipv6.protocol,
      timeToLive: ipv6.hopLimit,
      fragmentOffset: ipv6.fragmentOffset,
      payloadStart: ipv6.headerEnd,
      payloadEnd: bounded(ipv6.headerEnd, start + 40 + ipv6.payloadLength, end),
    };
  }
  const ipv4 = new Ipv4View();
  if (ipv4.at(view, start, end) !== 0) return null;
  return {
    version: 4,
    source: ipv4.source,
    destination: ipv4.destination,
    protocol: ipv4.protocol,
    timeToLive: ipv4.timeToLive,
    fragmentOffset: ipv4.fragmentOffset,
    payloadStart: ipv4.headerEnd,
    payloadEnd: bounded(ipv4.headerEnd, start + ipv4.totalLength, end),
  };
}

/** The quoted packet's own end, where it lies between its header and the end of the quotation. */
function bounded(headerEnd: number, packetEnd: number, end: number): number {
  return packetEnd > headerEnd && packetEnd < end ? packetEnd : end;
}
