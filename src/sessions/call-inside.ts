/** What a call had inside: network packets, and the count of what became of them. */
import type { Instant } from '../octets/instant.ts';
import type { ConfirmedExchange } from './call-keys.ts';
import type { Call } from './model/call.ts';
import type { Side } from './model/side.ts';
import type { Tunnel } from './model/tunnel.ts';

/** A packet of the network layer. */
export interface InnerPacket {
  readonly call: Call;
  readonly from: Side;
  /** Of the GRE packet that carried it; of the last fragment where there were several. */
  readonly frame: number;
  /** null where the capture holds no time for it. */
  readonly instant: Instant | null;
  /** PPP protocol number. */
  readonly protocol: number;
  /** Behind PPP's protocol field. */
  readonly octets: Uint8Array;
  /** Octets that there were on the wire. */
  readonly wireLength: number;
}

/** What became of a call's network packets. */
export interface InnerCounts {
  /** Sent in clear. */
  clear: number;
  decrypted: number;
  /** Encrypted, and no credential explains the call's authentication. */
  withoutKey: number;
  /** Behind a loss that only the next key ends (RFC 3078 §8.2), or the next flush of what they are compressed with (RFC 2118 §4.3). */
  lost: number;
  /** Encrypted or compressed, and too old. */
  late: number;
  /** Decrypted or decompressed to what is no packet. */
  unreadable: number;
  /** Of those in clear and those decrypted: were compressed with MPPC, or with Deflate. */
  decompressed: number;
  /** Compressed with something else, which is not undone. */
  compressed: number;
}

/** Before the first packet. */
export function nothingInside(): InnerCounts {
  return { clear: 0, decrypted: 0, withoutKey: 0, lost: 0, late: 0, unreadable: 0, decompressed: 0, compressed: 0 };
}

/** What a call had inside. */
export interface CallInside {
  readonly tunnel: Tunnel;
  readonly call: Call;
  /** Those whose response a credential explains, the one that the keys come from first. */
  readonly confirmed: readonly ConfirmedExchange[];
  readonly packets: InnerCounts;
}
