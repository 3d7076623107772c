/** What one packet does not say of itself, and what its field tree depends on: its call, its connection, its bundle. */
import type { GreView } from '../gre/view.ts';
import type { Limits } from '../octets/limits.ts';
import type { Window } from '../octets/window.ts';
import type { LinkKnowledge } from '../ppp/body-tree.ts';
import type { TcpView } from '../tcp/header.ts';
import type { SegmentPieces } from './control-stream.ts';
import type { AssembledPacket, MultilinkFragment } from './multilink.ts';

/** What is known of a call and cannot be read in one packet. */
export interface CallKnowledge extends LinkKnowledge {
  /** What PPP 0x00FD carries: `mppe`, another method, or null where nobody knows. */
  readonly compression: string | null;
  /** Multilink fragments of this direction have short sequence numbers. RFC 1990 §5.1.2 */
  readonly shortMultilinkNumbers: boolean;
}

/** What has been read of the packet that knowledge is asked about. */
export interface PacketSoFar {
  readonly window: Window;
  /** Addresses of the outermost IP header; null without one. */
  readonly source: string | null;
  readonly destination: string | null;
  /** Of enhanced GRE; null without one. */
  readonly gre: GreView | null;
}

/** What a TCP segment carries, in the packet's window. */
export interface SegmentPayload {
  readonly start: number;
  /** Behind the last octet that was captured. */
  readonly end: number;
  /** Octets that were sent. */
  readonly wireLength: number;
}

/** What a packet's place among others says. Asked while the packet is read. */
export interface PacketKnowledge {
  call(source: string, destination: string, callId: number): CallKnowledge | null;
  /** The pieces of a segment of a control connection; null where the connection is none. */
  segment(packet: PacketSoFar, tcp: TcpView, payload: SegmentPayload): SegmentPieces | null;
  /** The packet that a fragment of PPP Multilink completes; null where it does not. */
  multilink(packet: PacketSoFar, fragment: Omit<MultilinkFragment, 'frame'>): AssembledPacket | null;
  /** Name and frames of the control message that a part of one belongs to; null where that is not known. */
  carriers(): { readonly name: string; readonly frames: readonly number[] } | null;
  readonly limits: Limits;
}
