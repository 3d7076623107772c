/** The packets that carry a tunnel: link headers, IP, TCP, UDP, GRE, with their lengths and checksums right. */
import { enhancedGre } from '../gre/enhanced-gre.ts';
import { ipv4Header, ipv6Header, udpHeader } from '../ip/layouts.ts';
import {
  ethernetHeader,
  linuxCooked2Header,
  linuxCookedHeader,
  mplsLabel,
  nullHeader,
  vlanHeader,
} from '../link/layouts.ts';
import { etherTypes, linkTypes } from '../link/numbers.ts';
import { joined } from '../octets/joined.ts';
import { tcpHeader } from '../tcp/layout.ts';
import { encode } from '../wire/layout.ts';

/** An IPv4 address is its number, an IPv6 address its 16 octets. */
export type Address = number | Uint8Array;

export const ipProtocol = { icmp: 1, tcp: 6, udp: 17, gre: 47 } as const;

/** An IP packet, of the version that the addresses have. */
export function ipPacket(
  source: Address,
  destination: Address,
  protocol: number,
  payload: Uint8Array,
  { identification = 0, timeToLive = 64 }: { readonly identification?: number; readonly timeToLive?: number } = {},
): Uint8Array {
  if (typeof source === 'number' && typeof destination === 'number') {
    const header = encode(ipv4Header, {
      headerLength: 5,
      totalLength: 20 + payload.length,
      identification,
      dontFragment: 1,
      timeToLive,
      protocol,
      source,
      destination,
    });
    return joined([withIpv4Checksum(header), payload]);
  }
  if (typeof source === 'number' || typeof destination === 'number') throw new TypeError('addresses of two versions');
  const payloadLength = payload.length;
  const header = encode(ipv6Header, { payloadLength, nextHeader: protocol, hopLimit: timeToLive, source, destination });
  return joined([header, payload]);
}

/** An IPv4 header whose checksum is set. RFC 791 §3.1 */
export function withIpv4Checksum(header: Uint8Array): Uint8Array {
  header.fill(0, 10, 12);
  new DataView(header.buffer, header.byteOffset).setUint16(10, onesComplement(header));
  return header;
}

export interface Segment {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly sequenceNumber: number;
  readonly acknowledgmentNumber: number;
  readonly synchronize?: 1;
  readonly acknowledgment?: 1;
  readonly push?: 1;
  readonly finish?: 1;
  readonly reset?: 1;
}

/** A TCP segment without options. RFC 9293 §3.1 */
export function tcpSegment(source: Address, destination: Address, segment: Segment, payload: Uint8Array): Uint8Array {
  const octets = joined([encode(tcpHeader, { ...segment, dataOffset: 5, window: 0xffff }), payload]);
  setChecksum(octets, 16, source, destination, ipProtocol.tcp);
  return octets;
}

/** A UDP datagram. RFC 768 */
export function udpDatagram(
  source: Address,
  destination: Address,
  ports: { readonly sourcePort: number; readonly destinationPort: number },
  payload: Uint8Array,
): Uint8Array {
  const octets = joined([encode(udpHeader, { ...ports, length: 8 + payload.length }), payload]);
  setChecksum(octets, 6, source, destination, ipProtocol.udp);
  return octets;
}

/** A packet of enhanced GRE. RFC 2637 §4.1 */
export function grePacket(
  callId: number,
  sequenceNumber: number | null,
  acknowledgmentNumber: number | null,
  payload: Uint8Array,
): Uint8Array {
  return encode(enhancedGre, {
    keyPresent: 1,
    version: 1,
    payloadLength: payload.length,
    callId,
    payload,
    ...(sequenceNumber === null ? {} : { sequencePresent: 1, sequenceNumber }),
    ...(acknowledgmentNumber === null ? {} : { acknowledgmentPresent: 1, acknowledgmentNumber }),
  });
}

/** What stands before IP in a capture. */
export type Link = 'ethernet' | 'vlan' | 'mpls' | 'linux-cooked' | 'linux-cooked-2' | 'raw' | 'null';

export const links: readonly Link[] = ['ethernet', 'vlan', 'mpls', 'linux-cooked', 'linux-cooked-2', 'raw', 'null'];

/** An IP packet in a frame, with the frame's LINKTYPE_ number. */
export function framed(link: Link, packet: Uint8Array): { readonly linkType: number; readonly octets: Uint8Array } {
  const isIpv6 = (packet[0] ?? 0) >> 4 === 6;
  const etherType = isIpv6 ? etherTypes.ipv6 : etherTypes.ipv4;
  const ethernet = (typeOrLength: number) =>
    encode(ethernetHeader, {
      destination: Uint8Array.of(2, 0, 0, 0, 0, 1),
      source: Uint8Array.of(2, 0, 0, 0, 0, 2),
      typeOrLength,
    });
  switch (link) {
    case 'ethernet':
      return { linkType: linkTypes.ethernet, octets: joined([ethernet(etherType), packet]) };
    case 'vlan': {
      const tag = encode(vlanHeader, { vlan: 100, typeOrLength: etherType });
      return { linkType: linkTypes.ethernet, octets: joined([ethernet(etherTypes.vlan), tag, packet]) };
    }
    case 'mpls': {
      const label = encode(mplsLabel, { label: 16, bottomOfStack: 1, timeToLive: 64 });
      return { linkType: linkTypes.ethernet, octets: joined([ethernet(etherTypes.mplsUnicast), label, packet]) };
    }
    case 'linux-cooked': {
      const header = encode(linuxCookedHeader, { hardwareType: 1, addressLength: 6, protocol: etherType });
      return { linkType: linkTypes.linuxSll, octets: joined([header, packet]) };
    }
    case 'linux-cooked-2': {
      const header = encode(linuxCooked2Header, { hardwareType: 1, addressLength: 6, protocol: etherType });
      return { linkType: linkTypes.linuxSll2, octets: joined([header, packet]) };
    }
    case 'raw':
      return { linkType: linkTypes.raw, octets: packet };
    case 'null': {
      const family = Uint8Array.of(isIpv6 ? 24 : 2, 0, 0, 0);
      return { linkType: linkTypes.null, octets: joined([encode(nullHeader, { family }), packet]) };
    }
  }
}

/** Over the pseudo header of RFC 9293 §3.1 or RFC 8200 §8.1 and the octets themselves. */
function setChecksum(octets: Uint8Array, at: number, source: Address, destination: Address, protocol: number): void {
  const end = Uint8Array.of(0, 0, octets.length >> 8, octets.length & 0xff, 0, 0, 0, protocol);
  const pseudo = joined([addressOctets(source), addressOctets(destination), end]);
  new DataView(octets.buffer, octets.byteOffset).setUint16(at, onesComplement(joined([pseudo, octets])));
}

function addressOctets(address: Address): Uint8Array {
  if (typeof address !== 'number') return address;
  return Uint8Array.of(address >>> 24, address >>> 16, address >>> 8, address);
}

/** RFC 1071; 0 becomes 0xffff, which UDP wants and others take. */
function onesComplement(octets: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < octets.length; at += 2) sum += ((octets[at] ?? 0) << 8) | (octets[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x1_0000);
  return sum === 0xffff ? 0xffff : ~sum & 0xffff;
}
