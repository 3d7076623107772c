/**
 * Damage to captures that knows what packets are: records lost, doubled, overtaken and cut, datagrams in fragments,
 * streams in other segments, lengths that lie where lengths stand.
 */
import { Frame } from '../capture/frame.ts';
import { Walk } from '../dissect/walk.ts';
import { ipv6FragmentHeader } from '../ip/layouts.ts';
import { AddressBook } from '../octets/address.ts';
import { joined } from '../octets/joined.ts';
import { Window } from '../octets/window.ts';
import { controlPort } from '../pptp/names.ts';
import { encode } from '../wire/layout.ts';
import { type CapturedPacket, packetsOf, pcapngOf, pcapOf } from './capture-file.ts';
import { type Choices, once, pick, shuffled } from './choices.ts';
import { damaged } from './damage.ts';
import { ipProtocol, withIpv4Checksum } from './network.ts';

/** A capture file with something done to it: to its octets, or to its packets, which are then written anew. */
export function damagedCapture(choices: Choices, file: Uint8Array, other: Uint8Array = file): Uint8Array {
  if (once(choices, 3)) return damaged(choices, file, other);
  const packets = damagedPackets(choices, packetsOf(file), packetsOf(other));
  return once(choices, 3) ? pcapngOf(packets) : pcapOf(packets);
}

/** Packets with one to four things done to them. `others`: packets to splice in, perhaps of another capture. */
export function damagedPackets(
  choices: Choices,
  packets: readonly CapturedPacket[],
  others: readonly CapturedPacket[] = packets,
): CapturedPacket[] {
  let result = [...packets];
  for (let left = 1 + choices.below(4); left > 0; left -= 1) result = pick(choices, kinds)(choices, result, others);
  return result;
}

type Kind = (choices: Choices, packets: CapturedPacket[], others: readonly CapturedPacket[]) => CapturedPacket[];

/** Replaces one packet, chosen at random, by others; leaves all alone where `change` has no use for it. */
function replaceOne(
  choices: Choices,
  packets: CapturedPacket[],
  change: (packet: CapturedPacket) => readonly CapturedPacket[] | null,
): CapturedPacket[] {
  if (packets.length === 0) return packets;
  const at = choices.below(packets.length);
  const packet = packets[at];
  const changed = packet === undefined ? null : change(packet);
  return changed === null ? packets : packets.toSpliced(at, 1, ...changed);
}

const lose: Kind = (choices, packets) =>
  packets.toSpliced(choices.below(packets.length + 1), choices.below(once(choices, 4) ? packets.length + 1 : 3));

const double: Kind = (choices, packets) => {
  if (packets.length === 0) return packets;
  const start = choices.below(packets.length);
  const copies = packets.slice(start, start + 1 + choices.below(4));
  return packets.toSpliced(start + choices.below(packets.length - start + 1), 0, ...copies);
};

/** What stands in a window of the capture changes its order; the times stay where they are, or go with the packets. */
const reorder: Kind = (choices, packets) => {
  const start = choices.below(packets.length + 1);
  const stretch = packets.slice(start, start + 2 + choices.below(8));
  const order = shuffled(choices, stretch);
  const keepTimes = once(choices, 2);
  const moved = keepTimes
    ? order.map((packet, index) => ({ ...packet, instant: stretch[index]?.instant ?? packet.instant }))
    : order;
  return packets.toSpliced(start, stretch.length, ...moved);
};

const splice: Kind = (choices, packets, others) => {
  const start = choices.below(others.length + 1);
  const piece = others.slice(start, start + 1 + choices.below(once(choices, 4) ? others.length + 1 : 8));
  return packets.toSpliced(choices.below(packets.length + 1), choices.below(3), ...piece);
};

/** The capture kept fewer octets than the wire had. */
const cut: Kind = (choices, packets) => {
  const most = choices.below(120);
  const all = once(choices, 3);
  const shorter = (packet: CapturedPacket) => ({ ...packet, octets: packet.octets.slice(0, most) });
  return all ? packets.map(shorter) : replaceOne(choices, packets, (packet) => [shorter(packet)]);
};

const octets: Kind = (choices, packets) =>
  replaceOne(choices, packets, (packet) => {
    const changed = damaged(choices, packet.octets);
    return [{ ...packet, octets: changed, wireLength: pick(choices, [changed.length, packet.wireLength]) }];
  });

const times: Kind = (choices, packets) =>
  replaceOne(choices, packets, (packet) => {
    const seconds = pick(choices, [0, 1, packet.instant.seconds + 3600, packet.instant.seconds - 3600, 0xffff_ffff]);
    return [{ ...packet, instant: { ...packet.instant, seconds: Math.max(0, seconds) } }];
  });

/** A length, a header length or an offset that is not true. */
const lengths: Kind = (choices, packets) =>
  replaceOne(choices, packets, (packet) => {
    const places = lengthsOf(packet);
    if (places.length === 0) return null;
    const { at, size } = pick(choices, places);
    const changed = packet.octets.slice();
    const view = new DataView(changed.buffer);
    const before = size === 1 ? view.getUint8(at) : view.getUint16(at);
    const most = 2 ** (8 * size) - 1;
    const value = pick(choices, [
      0,
      1,
      before - 1,
      before + 1,
      before + 8,
      choices.below(64),
      most,
      choices.below(most + 1),
    ]);
    if (size === 1) view.setUint8(at, value);
    else view.setUint16(at, value);
    return [{ ...packet, octets: changed }];
  });

/** One datagram becomes two or three fragments, in any order, perhaps overlapping. RFC 791 §2.3, RFC 8200 §4.5 */
const fragment: Kind = (choices, packets) =>
  replaceOne(choices, packets, (packet) => {
    const place = placesOf(packet);
    if (place === null || place.fragment) return null;
    const size = place.payloadEnd - place.payloadStart;
    if (size < 16) return null;
    const step = 8 * (1 + choices.below(Math.max(1, size >> 3)));
    const overlap = once(choices, 4) ? 8 : 0;
    const pieces: CapturedPacket[] = [];
    for (let from = 0; from < size; from += step) {
      pieces.push(fragmentOf(packet, place, from, Math.min(size, from + step + overlap)));
      if (pieces.length > 20) break;
    }
    return once(choices, 2) ? shuffled(choices, pieces) : pieces;
  });

/** One segment becomes several, in any order, perhaps overlapping, perhaps with other octets where they overlap. */
const segment: Kind = (choices, packets) =>
  replaceOne(choices, packets, (packet) => {
    const place = placesOf(packet);
    if (place === null || place.protocol !== ipProtocol.tcp || place.fragment) return null;
    const view = new DataView(packet.octets.buffer, packet.octets.byteOffset, packet.octets.length);
    if (place.payloadEnd - place.payloadStart < 20) return null;
    const start = place.payloadStart + 4 * (view.getUint8(place.payloadStart + 12) >> 4);
    const size = place.payloadEnd - start;
    if (start < place.payloadStart + 20 || size < 2) return null;
    const sequence = view.getUint32(place.payloadStart + 4);
    const pieces: CapturedPacket[] = [];
    for (let at = 0; at < size && pieces.length < 40; ) {
      const end = Math.min(size, at + 1 + choices.below(size));
      const overlap = once(choices, 3) ? choices.below(at + 1) : 0;
      const from = at - overlap;
      const header = packet.octets.slice(place.ipStart, start);
      new DataView(header.buffer).setUint32(place.payloadStart - place.ipStart + 4, (sequence + from) >>> 0);
      const payload = packet.octets.slice(start + from, start + end);
      if (overlap > 0 && once(choices, 2)) payload.fill(0x58, 0, overlap);
      pieces.push(rewritten(packet, place, joined([header, payload])));
      at = end;
    }
    return once(choices, 2) ? shuffled(choices, pieces) : pieces;
  });

const kinds: readonly Kind[] = [lose, double, reorder, splice, cut, octets, times, lengths, lengths, fragment, segment];

/** Where things stand in a packet, from its first octet on. */
interface Places {
  readonly version: 4 | 6;
  readonly protocol: number;
  readonly ipStart: number;
  readonly payloadStart: number;
  readonly payloadEnd: number;
  readonly fragment: boolean;
}

/** null where there is no IP in it. */
function placesOf({ octets, linkType, wireLength }: CapturedPacket): Places | null {
  const frame = new Frame();
  frame.window = new Window(octets);
  frame.end = octets.length;
  frame.linkType = linkType;
  frame.wireLength = wireLength;
  const walk = new Walk(new AddressBook());
  if (!walk.walk(frame) || walk.version === 0) return null;
  const { version, protocol, ipStart, payloadStart, payloadEnd, fragment } = walk;
  return { version, protocol, ipStart, payloadStart, payloadEnd, fragment };
}

/** Numbers that say how long something is, or where it goes on. */
function lengthsOf(packet: CapturedPacket): { readonly at: number; readonly size: 1 | 2 }[] {
  const place = placesOf(packet);
  if (place === null) return [];
  const { version, ipStart, payloadStart, payloadEnd, protocol } = place;
  const places: { at: number; size: 1 | 2 }[] =
    version === 4
      ? [
          { at: ipStart, size: 1 },
          { at: ipStart + 2, size: 2 },
          { at: ipStart + 6, size: 2 },
        ]
      : [{ at: ipStart + 4, size: 2 }];
  const view = new DataView(packet.octets.buffer, packet.octets.byteOffset, packet.octets.length);
  if (protocol === ipProtocol.tcp && payloadEnd - payloadStart >= 20) {
    places.push({ at: payloadStart + 12, size: 1 });
    const stream = payloadStart + 4 * (view.getUint8(payloadStart + 12) >> 4);
    const ports = [view.getUint16(payloadStart), view.getUint16(payloadStart + 2)];
    if (ports.includes(controlPort)) places.push({ at: stream, size: 2 }, { at: stream + 8, size: 2 });
  }
  if (protocol === ipProtocol.udp) places.push({ at: payloadStart + 4, size: 2 });
  if (protocol === ipProtocol.gre) {
    places.push({ at: payloadStart, size: 2 }, { at: payloadStart + 4, size: 2 });
    // Behind the longest header FF 03, the protocol, code and identifier: PPP's own length, and an option's.
    for (const header of [8, 12, 16]) {
      places.push({ at: payloadStart + header + 6, size: 2 }, { at: payloadStart + header + 9, size: 1 });
    }
  }
  return places.filter(({ at, size }) => at + size <= packet.octets.length);
}

function fragmentOf(packet: CapturedPacket, place: Places, from: number, to: number): CapturedPacket {
  const { ipStart, payloadStart, payloadEnd, version, protocol } = place;
  const header = packet.octets.slice(ipStart, payloadStart);
  const payload = packet.octets.slice(payloadStart + from, payloadStart + to);
  const more = payloadStart + to < payloadEnd ? 1 : 0;
  if (version === 4) {
    new DataView(header.buffer).setUint16(6, (more << 13) | (from >> 3));
    return rewritten(packet, place, joined([header, payload]));
  }
  // Extension headers would have to go before it: only the plain header is kept.
  const plain = header.slice(0, 40);
  plain[6] = 44;
  const fields = { nextHeader: protocol, fragmentOffset: from >> 3, moreFragments: more, identification: payloadEnd };
  return rewritten(packet, place, joined([plain, encode(ipv6FragmentHeader, fields), payload]));
}

/** The frame with another IP packet in it, whose lengths and checksum are made right. */
function rewritten(packet: CapturedPacket, { ipStart, version }: Places, ip: Uint8Array): CapturedPacket {
  const view = new DataView(ip.buffer, ip.byteOffset, ip.length);
  if (version === 4) {
    view.setUint16(2, ip.length);
    withIpv4Checksum(ip.subarray(0, 4 * (view.getUint8(0) & 0xf)));
  } else view.setUint16(4, ip.length - 40);
  const octets = joined([packet.octets.subarray(0, ipStart), ip]);
  return { ...packet, octets, wireLength: octets.length };
}
