/** The headers of IP, UDP and ICMP as layouts, for somebody who looks at a packet. The hot views stand beside this file. */
import { bits, fixedOctets, type Names, restOctets, u8, u16, u32 } from '../wire/field.ts';
import { layout } from '../wire/layout.ts';

/** IP protocol numbers that people meet. IANA, Protocol Numbers. */
export const ipProtocolNames: Names = {
  0: 'Hop-by-Hop Options',
  1: 'ICMP',
  2: 'IGMP',
  4: 'IPv4 in IP',
  6: 'TCP',
  17: 'UDP',
  41: 'IPv6 in IP',
  43: 'IPv6 Routing',
  44: 'IPv6 Fragment',
  47: 'GRE',
  50: 'ESP',
  51: 'AH',
  58: 'ICMPv6',
  59: 'No Next Header',
  60: 'IPv6 Destination Options',
  88: 'EIGRP',
  89: 'OSPF',
  103: 'PIM',
  112: 'VRRP',
  115: 'L2TP',
  132: 'SCTP',
};

const protocol = u8({ names: ipProtocolNames });
const ipv4Address = u32({ format: 'ipv4-address' });
const checksum = u16({ format: 'hexadecimal' });

/** RFC 791 §3.1; RFC 2474 §3 and RFC 3168 §5 for the second octet. The header length counts 32-bit words. */
export const ipv4Header = layout('IPv4', 'RFC 791 §3.1')
  .bits(bits(1, { version: [4, 4], headerLength: 4 }))
  .bits(bits(1, { differentiatedServices: 6, congestionNotification: 2 }))
  .fields({ totalLength: u16(), identification: u16({ format: 'hexadecimal' }) })
  .bits(bits(2, { reserved: [1, 0], dontFragment: 1, moreFragments: 1, fragmentOffset: 13 }))
  .fields({
    timeToLive: u8(),
    protocol,
    headerChecksum: checksum,
    source: ipv4Address,
    destination: ipv4Address,
    options: restOctets(),
  });

export const ipv6Header = layout('IPv6', 'RFC 8200 §3')
  .bits(bits(4, { version: [4, 6], trafficClass: 8, flowLabel: 20 }))
  .fields({
    payloadLength: u16(),
    nextHeader: protocol,
    hopLimit: u8(),
    source: fixedOctets(16, 'ipv6-address'),
    destination: fixedOctets(16, 'ipv6-address'),
  });

/** Hop-by-Hop Options, Routing, Destination Options and their like: the length counts 8 octets beyond the first 8. */
export const ipv6ExtensionHeader = layout('IPv6 extension header', 'RFC 8200 §4').fields({
  nextHeader: protocol,
  headerExtensionLength: u8(),
  more: restOctets(),
});

/** The fragment offset counts 8 octets. */
export const ipv6FragmentHeader = layout('IPv6 Fragment header', 'RFC 8200 §4.5')
  .fields({ nextHeader: protocol, reserved: u8({ legal: [0] }) })
  .bits(bits(2, { fragmentOffset: 13, reserved1: [2, 0], moreFragments: 1 }))
  .fields({ identification: u32({ format: 'hexadecimal' }) });

export const udpHeader = layout('UDP', 'RFC 768').fields({
  sourcePort: u16(),
  destinationPort: u16(),
  length: u16(),
  checksum,
});

const icmpStart = (name: string, source: string, types: Names) =>
  layout(name, source).fields({ type: u8({ names: types }), code: u8(), checksum });

/** RFC 792 and IANA. */
const icmpTypes: Names = {
  0: 'echo reply',
  3: 'destination unreachable',
  4: 'source quench',
  5: 'redirect',
  8: 'echo request',
  11: 'time exceeded',
  12: 'parameter problem',
};

/** RFC 4443, RFC 4861 and IANA. */
const icmpv6Types: Names = {
  1: 'destination unreachable',
  2: 'packet too big',
  3: 'time exceeded',
  4: 'parameter problem',
  128: 'echo request',
  129: 'echo reply',
  130: 'multicast listener query',
  131: 'multicast listener report',
  133: 'router solicitation',
  134: 'router advertisement',
  135: 'neighbor solicitation',
  136: 'neighbor advertisement',
  143: 'multicast listener report v2',
};

const icmp = icmpStart('ICMP', 'RFC 792', icmpTypes);
const icmpv6 = icmpStart('ICMPv6', 'RFC 4443 §2.1', icmpv6Types);

/** The header of 8 octets, whose second half means what the type says. */
export function icmpHeader(version: 4 | 6, type: number, code: number) {
  const start = version === 4 ? icmp : icmpv6;
  const echo = version === 4 ? type === 0 || type === 8 : type === 128 || type === 129;
  if (echo) return start.fields({ identifier: u16(), sequenceNumber: u16() });
  // RFC 1191 §4; RFC 4884 §4.1 puts the length of the quotation before it.
  if (version === 4 && type === 3) {
    const half = { unused: u8({ legal: [0] }), quotationLength: u8() };
    return code === 4 ? start.fields({ ...half, nextHopMtu: u16() }) : start.fields({ ...half, unused1: u16() });
  }
  if (version === 4 && type === 5) return start.fields({ gateway: ipv4Address });
  if (version === 6 && type === 2) return start.fields({ mtu: u32() });
  return start.fields({ restOfHeader: u32({ format: 'hexadecimal' }) });
}
