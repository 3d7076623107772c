/** A packet as somebody looks at it: what the packet view makes of each. */
import type { Instant } from '../octets/instant.ts';
import type { Layer } from '../wire/tree.ts';
import type { Owner } from './attribution.ts';

/** What happened to a packet, as far as the packets before it tell. */
export type PacketMark =
  /** Sent before. */
  | 'retransmission'
  /** Overtaken by one that was sent after it. */
  | 'out-of-order'
  /** The same octets captured again, or a GRE sequence number that came before. */
  | 'duplicate'
  /** Numbers or octets before it are missing. */
  | 'lost-before'
  /** Contradicts its format. */
  | 'malformed'
  /** The capture kept fewer octets than the wire had. */
  | 'cut';

/** What was put together from several frames and completed by this one. */
export interface Reassembly {
  readonly name: string;
  /** All frames that carried it, in order. */
  readonly frames: readonly number[];
  readonly octets: Uint8Array;
  readonly layers: readonly Layer[];
}

export interface ViewedPacket {
  readonly frame: number;
  /** null where the capture holds no time for it. */
  readonly instant: Instant | null;
  /** LINKTYPE_ number. */
  readonly linkType: number;
  readonly interfaceIndex: number;
  readonly frameCheckOctets: number;
  readonly octets: Uint8Array;
  readonly wireLength: number;
  readonly owner: Owner | null;
  /** `192.0.2.1:50000`; the address alone where there are no ports; null without IP. */
  readonly source: string | null;
  readonly destination: string | null;
  /** The protocol that it is about. */
  readonly protocol: string;
  /** Of all its layers, from the outside in. */
  readonly protocols: readonly string[];
  readonly summary: string;
  /** The control bits of a segment of the control connection (RFC 9293 §3.1); null for all else. */
  readonly tcpFlags: number | null;
  readonly marks: readonly PacketMark[];
  /** GRE packets, or octets of a control connection, that are missing before it. */
  readonly lostBefore: number;
  /** Carries user data of the call. */
  readonly isData: boolean;
  /** GRE without payload: an acknowledgment alone. */
  readonly isAcknowledgment: boolean;
  readonly layers: readonly Layer[];
  readonly reassemblies: readonly Reassembly[];
}

/** A packet of a call that says no more than its kind, size and place: user data, or an acknowledgment alone. */
export interface CountedPacket
  extends Pick<ViewedPacket, 'frame' | 'instant' | 'owner' | 'wireLength' | 'marks' | 'lostBefore'> {
  readonly kind: 'mppe' | 'compressed' | 'ipv4' | 'ipv6' | 'acknowledgment';
}

/**
 * Whether a packet of GRE may be wanted, by whose it is and the PPP protocol that it begins with (null where it has
 * none). False is certain.
 */
export type Interest = (owner: Owner | null, pppProtocol: number | null) => boolean;

export function inOrder(marks: ReadonlySet<PacketMark>): PacketMark[] {
  return order.filter((mark) => marks.has(mark));
}

/** As they are written. */
const order: readonly PacketMark[] = ['retransmission', 'out-of-order', 'duplicate', 'lost-before', 'malformed', 'cut'];
