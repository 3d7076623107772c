/**
 * Writes packets as pcapng (draft-ietf-opsawg-pcapng): one little-endian section, an interface for each link that the
 * packets come from, and the packets' own times, lengths and comments. Gives blocks; where they go is the caller's.
 */
import type { Instant } from '../octets/instant.ts';
import { joined } from '../octets/joined.ts';
import { utf8Octets } from '../octets/utf8.ts';
import { blockType, byteOrderMagic } from './pcapng.ts';
import { commentOption, enhancedPacketOption, interfaceOption, sectionOption } from './pcapng-options.ts';

export interface WrittenPacket {
  /** null where the capture held none. */
  readonly instant: Instant | null;
  readonly octets: Uint8Array;
  readonly wireLength: number;
  /** What the packet came from: packets of different names get different interfaces. */
  readonly origin: string;
  /** LINKTYPE_ number. */
  readonly linkType: number;
  /** Octets of frame check sequence at its end; 0 where unknown. */
  readonly frameCheckOctets: number;
  /** As the place of capture sees it; absent where it does not say. */
  readonly direction?: 'inbound' | 'outbound';
  /** Decimal digits after the second that its time has; at most nine are written. */
  readonly digits: number;
  readonly comments: readonly string[];
}

/** What an option's length field of 16 bits can say, less the padding. */
const longestOption = 65_532;
const latestTimestamp = 2n ** 64n - 1n;

export class PcapngWriter {
  private readonly interfaces = new Map<string, number>();
  private before = 0n;

  /** The section header: the first block. */
  header(application: string, comments: readonly string[]): Uint8Array {
    const block = new Block(blockType.sectionHeader);
    block.u32(byteOrderMagic).u16(1).u16(0).u32(0xffff_ffff).u32(0xffff_ffff);
    block.options([
      ...textOptions(commentOption, comments),
      ...textOptions(sectionOption.userApplication, [application]),
    ]);
    return block.done();
  }

  /** The packet's block, behind its interface's where that is new. */
  packet(packet: WrittenPacket): Uint8Array {
    const resolution = packet.digits > 6 ? 9 : 6;
    const key = `${packet.origin} ${packet.linkType} ${packet.frameCheckOctets} ${resolution}`;
    const known = this.interfaces.get(key);
    const id = known ?? this.interfaces.size;
    if (known === undefined) this.interfaces.set(key, id);
    const block = this.packetBlock(packet, id, resolution);
    return known === undefined ? joined([interfaceBlock(packet, resolution), block]) : block;
  }

  private packetBlock(packet: WrittenPacket, id: number, resolution: number): Uint8Array {
    const { instant, octets, wireLength, comments } = packet;
    // Without a time there is only the Simple Packet Block, which has no options and belongs to the first interface.
    const plain = comments.length === 0 && packet.direction === undefined && wireLength === octets.length;
    if (instant === null && id === 0 && plain) {
      return new Block(blockType.simplePacket).u32(wireLength).octets(octets).done();
    }
    const untimed = instant === null ? ['The capture holds no time for this packet.'] : [];
    if (instant !== null) this.before = timestamp(instant, resolution);
    const block = new Block(blockType.enhancedPacket)
      .u32(id)
      .u32(Number(this.before >> 32n))
      .u32(Number(this.before & 0xffff_ffffn))
      .u32(octets.length)
      .u32(wireLength)
      .octets(octets);
    const flags = flagsOf(packet);
    block.options([...textOptions(commentOption, [...comments, ...untimed]), ...flags]);
    return block.done();
  }
}

interface Option {
  readonly code: number;
  readonly value: Uint8Array;
}

function interfaceBlock(packet: WrittenPacket, resolution: number): Uint8Array {
  const block = new Block(blockType.interfaceDescription).u16(packet.linkType).u16(0).u32(0);
  const frameCheck = { code: interfaceOption.frameCheckLength, value: Uint8Array.of(packet.frameCheckOctets) };
  block.options([
    ...textOptions(2, [packet.origin]),
    { code: interfaceOption.timestampResolution, value: Uint8Array.of(resolution) },
    ...(packet.frameCheckOctets > 0 ? [frameCheck] : []),
  ]);
  return block.done();
}

/** The flags word: bits 0 and 1 the direction, 5 to 8 octets of frame check sequence. Nothing where it says nothing. */
function flagsOf({ frameCheckOctets, direction }: WrittenPacket): Option[] {
  const directions = { inbound: 1, outbound: 2 } as const;
  const word = ((frameCheckOctets & 0xf) << 5) | (direction === undefined ? 0 : directions[direction]);
  return word === 0 ? [] : [{ code: enhancedPacketOption.flags, value: Uint8Array.of(word & 0xff, word >> 8, 0, 0) }];
}

/** Units of the resolution since 1970; what 64 bits cannot say becomes the nearest that they can. */
function timestamp({ seconds, nanoseconds }: Instant, resolution: number): bigint {
  if (!Number.isFinite(seconds) || seconds < 0) return 0n;
  const perSecond = 10 ** resolution;
  const fraction = BigInt(Math.floor(nanoseconds / 10 ** (9 - resolution)));
  const units = BigInt(Math.floor(seconds)) * BigInt(perSecond) + fraction;
  return units > latestTimestamp ? latestTimestamp : units;
}

function textOptions(code: number, texts: readonly string[]): Option[] {
  return texts.map((text) => ({ code, value: utf8Octets(text).subarray(0, longestOption) }));
}

/** A block while it is written: one room for all of them, as large as the largest. */
let room = new Uint8Array(4096);
let roomView = new DataView(room.buffer);

class Block {
  private at = 8;

  constructor(type: number) {
    roomView.setUint32(0, type, true);
  }

  u16(value: number): this {
    this.reserve(2);
    roomView.setUint16(this.at, value, true);
    this.at += 2;
    return this;
  }

  u32(value: number): this {
    this.reserve(4);
    roomView.setUint32(this.at, value, true);
    this.at += 4;
    return this;
  }

  /** Filled up to a multiple of four. */
  octets(octets: Uint8Array): this {
    const padding = -octets.length & 3;
    this.reserve(octets.length + padding);
    room.set(octets, this.at);
    this.at += octets.length;
    room.fill(0, this.at, this.at + padding);
    this.at += padding;
    return this;
  }

  options(options: readonly Option[]): this {
    for (const { code, value } of options) this.u16(code).u16(value.length).octets(value);
    return options.length === 0 ? this : this.u16(0).u16(0);
  }

  /** With both lengths. */
  done(): Uint8Array {
    this.reserve(4);
    const length = this.at + 4;
    roomView.setUint32(4, length, true);
    roomView.setUint32(this.at, length, true);
    return room.slice(0, length);
  }

  private reserve(octets: number): void {
    if (this.at + octets <= room.length) return;
    const larger = new Uint8Array(Math.max(room.length * 2, this.at + octets));
    larger.set(room);
    room = larger;
    roomView = new DataView(larger.buffer);
  }
}
