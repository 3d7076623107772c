/** Numbers of PPP's protocol field. IANA, PPP Numbers. */
import type { Names } from '../wire/field.ts';

/** Protocol numbers that this program has something to do with. */
export const pppProtocol = {
  padding: 0x0001,
  ipv4: 0x0021,
  vanJacobsonCompressed: 0x002d,
  ipv6: 0x0057,
  multilink: 0x003d,
  encrypted: 0x0053,
  linkEncrypted: 0x0055,
  linkCompressed: 0x00fb,
  compressed: 0x00fd,
  ipcp: 0x8021,
  ecp: 0x8053,
  multilinkEcp: 0x8055,
  ipv6cp: 0x8057,
  multilinkCcp: 0x80fb,
  ccp: 0x80fd,
  lcp: 0xc021,
  pap: 0xc023,
  lqr: 0xc025,
  spap: 0xc027,
  cbcp: 0xc029,
  bacp: 0xc02b,
  bap: 0xc02d,
  chap: 0xc223,
  eap: 0xc227,
} as const;

const { lcp, lqr, cbcp, bacp, bap } = pppProtocol;
const withoutSecrets: ReadonlySet<number> = new Set([lcp, lqr, cbcp, bacp, bap]);

/**
 * Whether packets of the protocol may hold passwords, challenges or responses: all that concern the link (RFC 1661 §2), but
 * for those that are known to hold none. Of one that nobody here knows, that is not known.
 */
export function mayHoldSecrets(protocol: number): boolean {
  return protocol >= 0xc000 && !withoutSecrets.has(protocol);
}

/** Whether a number can be a protocol's: its last octet is odd, the one before even. RFC 1661 §2 */
export function isProtocolNumber(number: number): boolean {
  return (number & 0x0101) === 0x0001;
}

/** Packets of a network layer, in clear. RFC 1661 §2: 0x0*** to 0x3***, less what carries or changes others. */
export function isNetworkData(protocol: number): boolean {
  return protocol < networkLayerEnd && isProtocolNumber(protocol) && !carriers.has(protocol);
}

/** What a link, or all links of a bundle, compressed or encrypted. RFC 1962 §2 */
export function isCompressedDatagram(protocol: number): boolean {
  return protocol === compressed || protocol === linkCompressed;
}

const networkLayerEnd = 0x4000;
const { padding, multilink, encrypted, linkEncrypted, linkCompressed, compressed } = pppProtocol;
const carriers: ReadonlySet<number> = new Set([
  padding,
  multilink,
  encrypted,
  linkEncrypted,
  linkCompressed,
  compressed,
]);

export const pppProtocolNames: Names = {
  0x0001: 'Padding Protocol',
  0x0021: 'IPv4',
  0x0023: 'OSI Network Layer',
  0x0025: 'Xerox NS IDP',
  0x0027: 'DECnet Phase IV',
  0x0029: 'AppleTalk',
  0x002b: 'Novell IPX',
  0x002d: 'Van Jacobson Compressed TCP/IP',
  0x002f: 'Van Jacobson Uncompressed TCP/IP',
  0x0031: 'Bridging PDU',
  0x0033: 'Stream Protocol (ST-II)',
  0x0035: 'Banyan Vines',
  0x003b: 'MPLS Multicast',
  0x003d: 'Multi-Link',
  0x003f: 'NETBIOS Framing',
  0x0053: 'Encryption',
  0x0055: 'Individual Link Encryption',
  0x0057: 'IPv6',
  0x0059: 'PPP Muxing',
  0x0061: 'RTP IPHC Full Header',
  0x0063: 'RTP IPHC Compressed TCP',
  0x0065: 'RTP IPHC Compressed Non TCP',
  0x0067: 'RTP IPHC Compressed UDP 8',
  0x0069: 'RTP IPHC Compressed RTP 8',
  0x00fb: 'single link compression in multilink',
  0x00fd: 'compressed datagram',
  0x0201: '802.1d Hello Packets',
  0x0203: 'IBM Source Routing BPDU',
  0x0205: 'DEC LANBridge100 Spanning Tree',
  0x0207: 'Cisco Discovery Protocol',
  0x020b: 'STP - Scheduled Transfer Protocol',
  0x020d: 'EDP - Extreme Discovery Protocol',
  0x0235: 'Apple Client Server Protocol',
  0x0281: 'MPLS Unicast',
  0x0283: 'MPLS Multicast',
  0x8021: 'IPCP',
  0x8023: 'OSINLCP',
  0x8025: 'XNSCP',
  0x8027: 'DNCP',
  0x8029: 'ATCP',
  0x802b: 'IPXCP',
  0x8031: 'BCP',
  0x8035: 'BVCP',
  0x803f: 'NBFCP',
  0x8053: 'ECP',
  0x8055: 'Individual Link ECP',
  0x8057: 'IPV6CP',
  0x8059: 'PPPMuxCP',
  0x80fb: 'Individual Link CCP',
  0x80fd: 'CCP',
  0x8207: 'Cisco Discovery Protocol Control Protocol',
  0x820b: 'STP - Control Protocol',
  0x820d: 'EDPCP - Extreme Discovery Protocol Control Protocol',
  0x8235: 'Apple Client Server Control Protocol',
  0x8281: 'MPLSCP',
  0xc021: 'LCP',
  0xc023: 'PAP',
  0xc025: 'LQR',
  0xc027: 'SPAP',
  0xc029: 'CBCP',
  0xc02b: 'BACP',
  0xc02d: 'BAP',
  0xc05b: 'VSAP',
  0xc081: 'Container Control Protocol',
  0xc223: 'CHAP',
  0xc225: 'RSA Authentication Protocol',
  0xc227: 'EAP',
  0xc26f: 'Stampede Bridging Authorization Protocol',
  0xc281: 'Proprietary Authentication Protocol',
  0xc481: 'Proprietary Node ID Authentication Protocol',
};

/** A protocol's name; null where there is none here. */
export function pppProtocolName(protocol: number): string | null {
  return pppProtocolNames[protocol] ?? null;
}
