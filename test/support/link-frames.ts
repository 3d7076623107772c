/**
 * One frame for each way from a link type to IP, and what tshark 4.0.17 reads in it
 * (`-T fields -e ip.src -e ip.dst -e ip.proto`, or `ipv6.*`).
 */

/** 10.0.0.1 to 10.0.0.2, protocol 47, 8 octets of payload. */
const v4 = '4500001c 00010000 402f66ad 0a000001 0a000002 3001880b 00000000';
/** 2001:db8::1 to 2001:db8::2, next header 47, 8 octets of payload. */
const v6 =
  '60000000 00082f40 20010db8 00000000 00000000 00000001 20010db8 00000000 00000000 00000002 3001880b 00000000';
const ethernet = '0a0000000002 0a0000000001';
/** Of a maker that tshark knows, by which it tells Ethernet from a control word. */
const inner = '005056000002 005056000001';
const snap = 'aaaa03 000000';
/** 802.11 data to the distribution system: frame control, duration, three addresses, sequence control. */
const wireless = '0801 0000 0a0000000003 0a0000000001 0a0000000002 1000';
const frameCheck = 'deadbeef';

export interface LinkFrame {
  readonly name: string;
  readonly linkType: number;
  readonly hex: string;
  readonly version: 4 | 6;
}

export const linkFrames: readonly LinkFrame[] = [
  { name: 'NULL, little-endian family', linkType: 0, hex: `02000000 ${v4}`, version: 4 },
  { name: 'NULL, big-endian family', linkType: 0, hex: `00000002 ${v4}`, version: 4 },
  { name: 'NULL, IPv6 of Darwin', linkType: 0, hex: `1e000000 ${v6}`, version: 6 },
  { name: 'NULL, IPv6 of FreeBSD', linkType: 0, hex: `0000001c ${v6}`, version: 6 },
  { name: 'LOOP', linkType: 108, hex: `00000002 ${v4}`, version: 4 },
  { name: 'LOOP, IPv6 of OpenBSD', linkType: 108, hex: `00000018 ${v6}`, version: 6 },
  { name: 'Ethernet', linkType: 1, hex: `${ethernet} 0800 ${v4}`, version: 4 },
  { name: 'Ethernet, IPv6', linkType: 1, hex: `${ethernet} 86dd ${v6}`, version: 6 },
  { name: 'Ethernet, padded to 60 octets', linkType: 1, hex: `${ethernet} 0800 ${v4} ${'00'.repeat(18)}`, version: 4 },
  {
    name: 'Ethernet, IP options',
    linkType: 1,
    hex: `${ethernet} 0800 46000020 00010000 402f0000 0a000001 0a000002 01010100 3001880b 00000000`,
    version: 4,
  },
  { name: 'Ethernet, 802.1Q', linkType: 1, hex: `${ethernet} 8100 0064 0800 ${v4}`, version: 4 },
  { name: 'Ethernet, 802.1ad and 802.1Q', linkType: 1, hex: `${ethernet} 88a8 00c8 8100 0064 86dd ${v6}`, version: 6 },
  { name: 'Ethernet, 0x9100 and 802.1Q', linkType: 1, hex: `${ethernet} 9100 00c8 8100 0064 0800 ${v4}`, version: 4 },
  { name: 'Ethernet, MPLS', linkType: 1, hex: `${ethernet} 8847 00010140 ${v4}`, version: 4 },
  {
    name: 'Ethernet, three MPLS labels',
    linkType: 1,
    hex: `${ethernet} 8847 00010040 00020040 00030140 ${v6}`,
    version: 6,
  },
  {
    name: 'Ethernet, MPLS, pseudowire of Ethernet',
    linkType: 1,
    hex: `${ethernet} 8847 00010140 ${inner} 0800 ${v4}`,
    version: 4,
  },
  {
    name: 'Ethernet, MPLS, control word, Ethernet',
    linkType: 1,
    hex: `${ethernet} 8847 00010140 00000000 ${inner} 0800 ${v4}`,
    version: 4,
  },
  {
    name: 'Ethernet, MPLS, control word with a sequence number, Ethernet, 802.1Q, IPv6',
    linkType: 1,
    hex: `${ethernet} 8847 00010140 00001234 ${inner} 8100 0064 86dd ${v6}`,
    version: 6,
  },
  { name: 'Ethernet, 802.1Q, MPLS', linkType: 1, hex: `${ethernet} 8100 0064 8847 00010140 ${v4}`, version: 4 },
  { name: 'Ethernet, PPPoE', linkType: 1, hex: `${ethernet} 8864 1100 0001 001e 0021 ${v4} 0000`, version: 4 },
  {
    name: 'Ethernet, 802.1Q, PPPoE, IPv6',
    linkType: 1,
    hex: `${ethernet} 8100 0007 8864 1100 0001 0032 0057 ${v6}`,
    version: 6,
  },
  { name: 'Ethernet, 802.3 length and SNAP', linkType: 1, hex: `${ethernet} 0024 ${snap} 0800 ${v4} 0000`, version: 4 },
  { name: 'Ethernet, 802.3 length and SAP of IP', linkType: 1, hex: `${ethernet} 001f 060603 ${v4}`, version: 4 },
  { name: 'RAW', linkType: 101, hex: v4, version: 4 },
  { name: 'RAW, IPv6', linkType: 101, hex: v6, version: 6 },
  { name: 'RAW as 12', linkType: 12, hex: v4, version: 4 },
  { name: 'RAW as 14', linkType: 14, hex: v6, version: 6 },
  { name: 'IPV4', linkType: 228, hex: v4, version: 4 },
  { name: 'IPV6', linkType: 229, hex: v6, version: 6 },
  { name: 'LINUX_SLL', linkType: 113, hex: `0000 0001 0006 0a0000000001 0000 0800 ${v4}`, version: 4 },
  {
    name: 'LINUX_SLL, 802.1Q',
    linkType: 113,
    hex: `0000 0001 0006 0a0000000001 0000 8100 0064 86dd ${v6}`,
    version: 6,
  },
  {
    name: 'LINUX_SLL of a ppp interface',
    linkType: 113,
    hex: `0004 0200 0000 0000000000000000 0800 ${v4}`,
    version: 4,
  },
  {
    name: 'LINUX_SLL, 802.2',
    linkType: 113,
    hex: `0000 0001 0006 0a0000000001 0000 0004 ${snap} 0800 ${v4}`,
    version: 4,
  },
  { name: 'LINUX_SLL2', linkType: 276, hex: `0800 0000 00000002 0001 00 06 0a0000000001 0000 ${v4}`, version: 4 },
  { name: 'PPP with address and control', linkType: 9, hex: `ff03 0021 ${v4}`, version: 4 },
  { name: 'PPP without address and control', linkType: 9, hex: `0057 ${v6}`, version: 6 },
  { name: 'PPP with one octet of protocol', linkType: 9, hex: `21 ${v4}`, version: 4 },
  { name: 'PPP, MPLS', linkType: 9, hex: `ff03 0281 00010140 ${v4}`, version: 4 },
  { name: 'PPP_HDLC', linkType: 50, hex: `ff03 0021 ${v4}`, version: 4 },
  { name: 'PPP_HDLC of Cisco', linkType: 50, hex: `0f00 0800 ${v4}`, version: 4 },
  { name: 'PPP_ETHER', linkType: 51, hex: `1100 0001 001e 0021 ${v4}`, version: 4 },
  { name: '802.11', linkType: 105, hex: `${wireless} ${snap} 0800 ${v4}`, version: 4 },
  {
    name: '802.11, retry, frame check unannounced',
    linkType: 105,
    hex: `0809 ${wireless.slice(4)} ${snap} 0800 ${v4} ${frameCheck}`,
    version: 4,
  },
  {
    name: '802.11, quality of service',
    linkType: 105,
    hex: `8801 ${wireless.slice(4)} 0000 ${snap} 86dd ${v6}`,
    version: 6,
  },
  {
    name: '802.11, four addresses and quality of service',
    linkType: 105,
    hex: `8803 ${wireless.slice(4)} 0a0000000004 0000 ${snap} 0800 ${v4}`,
    version: 4,
  },
  { name: 'radiotap', linkType: 127, hex: `00 00 0800 00000000 ${wireless} ${snap} 0800 ${v4}`, version: 4 },
  {
    name: 'radiotap, time stamp, frame check',
    linkType: 127,
    hex: `00 00 1100 03000000 0000000000000000 10 ${wireless} ${snap} 0800 ${v4} ${frameCheck}`,
    version: 4,
  },
  {
    name: 'radiotap, two presence words, header padded',
    linkType: 127,
    hex: `00 00 0d00 02000080 00000000 20 8801 ${wireless.slice(4)} 0000 0000 ${snap} 0800 ${v4}`,
    version: 4,
  },
  { name: 'PPI, Ethernet', linkType: 192, hex: `00 00 0800 01000000 ${ethernet} 0800 ${v4}`, version: 4 },
  {
    name: 'PPI, 802.11 with frame check',
    linkType: 192,
    hex: `00 00 2000 69000000 0200 1400 0000000000000000 0100 0000 0000 0000 00 00 00 00 ${wireless} ${snap} 0800 ${v4} ${frameCheck}`,
    version: 4,
  },
];
