/** Packets as capture files, and capture files as packets: what generators make and what structural damage works on. */
import type { Frame } from '../capture/frame.ts';
import { pcapHeader, pcapRecord } from '../capture/pcap-writer.ts';
import { PcapngWriter } from '../capture/pcapng-writer.ts';
import { CaptureReader } from '../capture/reader.ts';
import type { Instant } from '../octets/instant.ts';
import { joined } from '../octets/joined.ts';

/** A packet as a capture holds it. */
export interface CapturedPacket {
  readonly instant: Instant;
  /** LINKTYPE_ number. */
  readonly linkType: number;
  readonly octets: Uint8Array;
  /** Octets that it had on the wire. */
  readonly wireLength: number;
}

/** A pcap file. Its link type is the first packet's; Ethernet where there is none. */
export function pcapOf(packets: readonly CapturedPacket[]): Uint8Array<ArrayBuffer> {
  return joined([
    pcapHeader(packets[0]?.linkType ?? 1),
    ...packets.map(({ instant, octets, wireLength }) => pcapRecord(instant, octets, wireLength)),
  ]);
}

/** A pcapng file with an interface for each link type. */
export function pcapngOf(packets: readonly CapturedPacket[]): Uint8Array<ArrayBuffer> {
  const writer = new PcapngWriter();
  return joined([
    writer.header('pptpscope/fuzz', []),
    ...packets.map((packet) =>
      writer.packet({ ...packet, origin: 'fuzz', frameCheckOctets: 0, digits: 9, comments: [] }),
    ),
  ]);
}

/** The packets of a capture, pcap or pcapng; of a damaged one those that can be read. */
export function packetsOf(file: Uint8Array): CapturedPacket[] {
  const packets: CapturedPacket[] = [];
  const reader = new CaptureReader({
    frame({ seconds, nanoseconds, linkType, window, start, end, wireLength }: Frame) {
      const octets = window.bytes.slice(start, end);
      packets.push({ instant: { seconds, nanoseconds }, linkType, octets, wireLength });
    },
  });
  reader.push(file);
  reader.finish();
  return packets;
}
