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

/** Packets of a network layer, in clear. RFC 1661 §2: 0x0*** to 0x3***, less what carries or changes others. */
export function isNetworkData(protocol: number): boolean {
  return protocol < networkLayerEnd && !carriers.has(protocol);
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
  1: 'Padding Protocol',
  33: 'IPv4',
  35: 'OSI Network Layer',
  37: 'Xerox NS IDP',
  39: 'DECnet Phase IV',
  41: 'AppleTalk',
  43: 'Novell IPX',
  45: 'Van Jacobson Compressed TCP/IP',
  47: 'Van Jacobson Uncompressed TCP/IP',
  49: 'Bridging PDU',
  51: 'Stream Protocol (ST-II)',
  53: 'Banyan Vines',
  59: 'MPLS Multicast',
  61: 'Multi-Link',
  63: 'NETBIOS Framing',
  83: 'Encryption',
  85: 'Individual Link Encryption',
  87: 'IPv6',
  89: 'PPP Muxing',
  97: 'RTP IPHC Full Header',
  99: 'RTP IPHC Compressed TCP',
  101: 'RTP IPHC Compressed Non TCP',
  103: 'RTP IPHC Compressed UDP 8',
  105: 'RTP IPHC Compressed RTP 8',
  251: 'single link compression in multilink',
  253: 'compressed datagram',
  513: '802.1d Hello Packets',
  515: 'IBM Source Routing BPDU',
  517: 'DEC LANBridge100 Spanning Tree',
  519: 'Cisco Discovery Protocol',
  523: 'STP - Scheduled Transfer Protocol',
  525: 'EDP - Extreme Discovery Protocol',
  565: 'Apple Client Server Protocol',
  641: 'MPLS Unicast',
  643: 'MPLS Multicast',
  32801: 'IPCP',
  32803: 'OSINLCP',
  32805: 'XNSCP',
  32807: 'DNCP',
  32809: 'ATCP',
  32811: 'IPXCP',
  32817: 'BCP',
  32821: 'BVCP',
  32831: 'NBFCP',
  32851: 'ECP',
  32853: 'Individual Link ECP',
  32855: 'IPV6CP',
  32857: 'PPPMuxCP',
  33019: 'Individual Link CCP',
  33021: 'CCP',
  33287: 'Cisco Discovery Protocol Control Protocol',
  33291: 'STP - Control Protocol',
  33293: 'EDPCP - Extreme Discovery Protocol Control Protocol',
  33333: 'Apple Client Server Control Protocol',
  33409: 'MPLSCP',
  49185: 'LCP',
  49187: 'PAP',
  49189: 'LQR',
  49191: 'SPAP',
  49193: 'CBCP',
  49195: 'BACP',
  49197: 'BAP',
  49243: 'VSAP',
  49281: 'Container Control Protocol',
  49699: 'CHAP',
  49701: 'RSA Authentication Protocol',
  49703: 'EAP',
  49775: 'Stampede Bridging Authorization Protocol',
  49793: 'Proprietary Authentication Protocol',
  50305: 'Proprietary Node ID Authentication Protocol',
};

/** A protocol's name; null where there is none here. */
export function pppProtocolName(protocol: number): string | null {
  return pppProtocolNames[protocol] ?? null;
}
