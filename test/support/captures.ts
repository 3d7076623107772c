/**
 * Capture files made by hand for tests, octet by octet from the formats' documents
 * (draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng). Shares no code with the reader.
 */

import { joined } from '../../src/octets/joined.ts';

export interface PacketRecord {
  /** Whole seconds since the epoch. */
  readonly seconds: number;
  /** In units of the file's or interface's resolution: microseconds unless said otherwise. */
  readonly fraction: number;
  /** The captured octets. */
  readonly octets: Uint8Array;
  /** Defaults to the number of captured octets. */
  readonly wireLength?: number;
}

export interface PcapOptions {
  readonly littleEndian?: boolean;
  /** 0xa1b2c3d4 unless given. */
  readonly magic?: number;
  readonly versionMinor?: number;
  readonly snapLength?: number;
  /** The whole field, FCS length included. */
  readonly linkType?: number;
}

export class OctetWriter {
  readonly littleEndian: boolean;
  #parts: Uint8Array[] = [];
  #size = 0;

  constructor(littleEndian = true) {
    this.littleEndian = littleEndian;
  }

  get size(): number {
    return this.#size;
  }

  u8(value: number): this {
    return this.raw(Uint8Array.of(value));
  }

  u16(value: number): this {
    const octets = new Uint8Array(2);
    new DataView(octets.buffer).setUint16(0, value, this.littleEndian);
    return this.raw(octets);
  }

  u32(value: number): this {
    const octets = new Uint8Array(4);
    new DataView(octets.buffer).setUint32(0, value, this.littleEndian);
    return this.raw(octets);
  }

  u64(value: number | bigint): this {
    const octets = new Uint8Array(8);
    new DataView(octets.buffer).setBigUint64(0, BigInt(value), this.littleEndian);
    return this.raw(octets);
  }

  raw(octets: Uint8Array | readonly number[]): this {
    this.#parts.push(octets instanceof Uint8Array ? octets : Uint8Array.from(octets));
    this.#size += octets.length;
    return this;
  }

  /** Zeros up to a multiple of four. */
  pad(): this {
    return this.raw(new Uint8Array(-this.#size & 3));
  }

  done(): Uint8Array {
    return joined(this.#parts);
  }
}

export function pcapFile(records: readonly PacketRecord[], options: PcapOptions = {}): Uint8Array {
  return joined([pcapHeader(options), ...records.map((record) => pcapRecord(record, options))]);
}

export function pcapHeader(options: PcapOptions = {}): Uint8Array {
  return new OctetWriter(options.littleEndian)
    .u32(options.magic ?? 0xa1b2c3d4)
    .u16(2)
    .u16(options.versionMinor ?? 4)
    .u32(0)
    .u32(0)
    .u32(options.snapLength ?? 262_144)
    .u32(options.linkType ?? 1)
    .done();
}

export function pcapRecord(record: PacketRecord, options: PcapOptions = {}): Uint8Array {
  const { littleEndian = true } = options;
  const { seconds, fraction, octets, wireLength = octets.length } = record;
  const modified = options.magic === 0xa1b2cd34;
  const headerSize = modified ? 24 : 16;
  const written = new Uint8Array(headerSize + octets.length);
  const header = new DataView(written.buffer);
  for (const [place, value] of [seconds, fraction, octets.length, wireLength].entries()) {
    header.setUint32(place * 4, value, littleEndian);
  }
  if (modified) {
    // Interface index, protocol, packet type and a spare octet.
    header.setUint32(16, 2, littleEndian);
    header.setUint16(20, 0x0800, littleEndian);
  }
  written.set(octets, headerSize);
  return written;
}

/** An option of a block: its code and value. */
export type BlockOption = readonly [code: number, value: readonly number[] | Uint8Array];

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Blocks of one section; each method gives one whole block. */
export class PcapngBlocks {
  readonly littleEndian: boolean;

  constructor(littleEndian = true) {
    this.littleEndian = littleEndian;
  }

  writer(): OctetWriter {
    return new OctetWriter(this.littleEndian);
  }

  /** Any block: the body is padded, both lengths are true. */
  block(type: number, body: readonly number[] | Uint8Array): Uint8Array {
    const padded = this.writer().raw(body).pad();
    const length = padded.size + 12;
    return this.writer().u32(type).u32(length).raw(padded.done()).u32(length).done();
  }

  options(options: readonly BlockOption[]): Uint8Array {
    const writer = this.writer();
    for (const [code, value] of options) {
      const octets = [...value];
      writer.u16(code).u16(octets.length).raw(octets).pad();
    }
    if (options.length > 0) writer.u16(0).u16(0);
    return writer.done();
  }

  sectionHeader(options: readonly BlockOption[] = [], sectionLength = -1n): Uint8Array {
    const body = this.writer().u32(0x1a2b3c4d).u16(1).u16(0).u64(sectionLength).raw(this.options(options));
    return this.block(0x0a0d0d0a, body.done());
  }

  interfaceDescription(linkType = 1, snapLength = 0, options: readonly BlockOption[] = []): Uint8Array {
    return this.block(1, this.writer().u16(linkType).u16(0).u32(snapLength).raw(this.options(options)).done());
  }

  enhancedPacket(
    timestamp: number | bigint,
    octets: Uint8Array,
    settings: { interfaceId?: number; wireLength?: number; options?: readonly BlockOption[] } = {},
  ): Uint8Array {
    const body = this.writer()
      .u32(settings.interfaceId ?? 0)
      .u32(Number(BigInt(timestamp) >> 32n))
      .u32(Number(BigInt(timestamp) & 0xffff_ffffn))
      .u32(octets.length)
      .u32(settings.wireLength ?? octets.length)
      .raw(octets)
      .pad()
      .raw(this.options(settings.options ?? []));
    return this.block(6, body.done());
  }

  simplePacket(octets: Uint8Array, wireLength = octets.length): Uint8Array {
    return this.block(3, this.writer().u32(wireLength).raw(octets).done());
  }

  /** The obsolete Packet Block. */
  packet(timestamp: number | bigint, octets: Uint8Array, drops: number, interfaceId = 0): Uint8Array {
    const body = this.writer()
      .u16(interfaceId)
      .u16(drops)
      .u32(Number(BigInt(timestamp) >> 32n))
      .u32(Number(BigInt(timestamp) & 0xffff_ffffn))
      .u32(octets.length)
      .u32(octets.length)
      .raw(octets)
      .pad();
    return this.block(2, body.done());
  }

  interfaceStatistics(interfaceId: number, options: readonly BlockOption[]): Uint8Array {
    return this.block(5, this.writer().u32(interfaceId).u64(0).raw(this.options(options)).done());
  }
}

/** One section, one interface, one Enhanced Packet Block a record, in microseconds. */
export function pcapngFile(records: readonly PacketRecord[], linkType = 1, littleEndian = true): Uint8Array {
  const blocks = new PcapngBlocks(littleEndian);
  return joined([
    blocks.sectionHeader(),
    blocks.interfaceDescription(linkType, 262_144),
    ...records.map(({ seconds, fraction, octets, wireLength }) =>
      blocks.enhancedPacket(BigInt(seconds) * 1_000_000n + BigInt(fraction), octets, {
        wireLength: wireLength ?? octets.length,
      }),
    ),
  ]);
}
