/** Writes packets as classic pcap (draft-ietf-opsawg-pcap): little-endian, nanoseconds. Gives pieces; where they go is the caller's. */
import type { Instant } from '../octets/instant.ts';
import { pcapMagic } from './pcap.ts';
import { standardSnapLength } from './snap-length.ts';

/** The file header. All packets of a file are of one link type. */
export function pcapHeader(linkType: number): Uint8Array {
  const header = new DataView(new ArrayBuffer(24));
  header.setUint32(0, pcapMagic.nanosecond, true);
  header.setUint16(4, 2, true);
  header.setUint16(6, 4, true);
  header.setUint32(16, standardSnapLength, true);
  header.setUint32(20, linkType, true);
  return new Uint8Array(header.buffer);
}

/** A packet with its record header. Times before 1970 or after 2106 cannot be written and become the nearest that can. */
export function pcapRecord(instant: Instant, octets: Uint8Array, wireLength: number): Uint8Array {
  const record = new Uint8Array(16 + octets.length);
  const header = new DataView(record.buffer);
  header.setUint32(0, Math.min(Math.max(0, instant.seconds), 0xffff_ffff), true);
  header.setUint32(4, Math.floor(instant.nanoseconds), true);
  header.setUint32(8, octets.length, true);
  header.setUint32(12, wireLength, true);
  record.set(octets, 16);
  return record;
}
