/// <reference path="./lz4js.d.ts" />
/**
 * LZ4 frames (LZ4 Frame Format 1.6.x): the frames are parsed here, their blocks decompressed by lz4js, which knows
 * neither streams nor blocks that refer to the one before. Checksums are passed over.
 */
import { decompressBlock } from 'lz4js';
import { joined } from '../octets/joined.ts';
import { DecompressionError } from './decompression-error.ts';
import { lz4Magic, skippableMagic } from './frame-magic.ts';

/** How far back a match may reach. */
const historySize = 64 * 1024;

export async function* unlz4(compressed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  const input = new OctetQueue(compressed);
  const room = new Room();
  while (await input.has(4)) {
    const magic = input.u32();
    if (magic >>> 4 === skippableMagic) {
      await input.need(4);
      await input.skip(input.u32());
    } else if (magic === lz4Magic) {
      yield* frame(input, room);
    } else {
      throw damaged('what follows is no frame');
    }
  }
  if (input.available > 0) throw damaged('what follows is no frame');
}

async function* frame(input: OctetQueue, room: Room): AsyncGenerator<Uint8Array, void> {
  await input.need(2);
  const flags = input.u8();
  const blockDescriptor = input.u8();
  if (flags >>> 6 !== 1) throw damaged(`frame version ${flags >>> 6} is unknown`);
  const sizeCode = (blockDescriptor >>> 4) & 7;
  if (sizeCode < 4) throw damaged(`maximum block size ${sizeCode} is unknown`);
  const maximumBlock = 2 ** (8 + 2 * sizeCode);
  const independent = (flags & 0x20) !== 0;
  const blockChecksum = (flags & 0x10) !== 0;
  const contentSize = (flags & 0x08) !== 0;
  const contentChecksum = (flags & 0x04) !== 0;
  if ((flags & 0x01) !== 0) throw damaged('a frame needs a dictionary');
  await input.skip((contentSize ? 8 : 0) + 1);

  // The history, then room for blocks: it is moved to the front seldom, however short they are.
  const output = room.of(2 * historySize + maximumBlock);
  let history = 0;
  for (;;) {
    await input.need(4);
    const field = input.u32();
    if (field === 0) break;
    const size = field & 0x7fff_ffff;
    if (size > maximumBlock) throw damaged(`a block claims ${size} octets, its frame allows ${maximumBlock}`);
    await input.need(size + (blockChecksum ? 4 : 0));
    const block = input.take(size);
    if (blockChecksum) input.take(4);
    const start = independent ? 0 : history;
    let end = start + size;
    if (field >= 0x8000_0000) {
      output.set(block, start);
    } else {
      const fault = blockFault(block, start, start + maximumBlock);
      if (fault !== null) throw damaged(fault);
      end = decompressBlock(block, output, 0, size, start);
    }
    yield output.subarray(start, end);
    if (!independent) {
      history = end;
      if (history + maximumBlock > output.length) {
        output.copyWithin(0, end - historySize, end);
        history = historySize;
      }
    }
  }
  if (contentChecksum) await input.skip(4);
}

/** One buffer for all frames: a file may have one every eleven octets. */
class Room {
  private octets = new Uint8Array(0);

  of(size: number): Uint8Array {
    if (this.octets.length < size) this.octets = new Uint8Array(size);
    return this.octets;
  }
}

/**
 * lz4js trusts its input: before it runs, every length and offset of the block is followed here. `start`: octets of output
 * that matches may refer to; `limit`: octets of output there may be with the block's own.
 */
function blockFault(block: Uint8Array, start: number, limit: number): string | null {
  let at = 0;
  let produced = start;
  const extended = (nibble: number): number => {
    let length = nibble;
    if (nibble !== 15) return length;
    for (;;) {
      const octet = block[at++];
      if (octet === undefined) return Number.POSITIVE_INFINITY;
      length += octet;
      if (octet !== 255) return length;
    }
  };
  while (at < block.length) {
    const token = block[at++] ?? 0;
    const literals = extended(token >>> 4);
    at += literals;
    produced += literals;
    if (at > block.length) return 'a block ends inside its literals';
    if (produced > limit) return 'a block holds more than its frame allows';
    if (at === block.length) return null;
    if (at + 2 > block.length) return 'a block ends inside an offset';
    const offset = (block[at] ?? 0) | ((block[at + 1] ?? 0) << 8);
    at += 2;
    if (offset === 0 || offset > produced) return 'a block refers to octets before the first';
    produced += extended(token & 15) + 4;
    if (produced > limit) return 'a block holds more than its frame allows';
  }
  return 'a block ends without literals';
}

function damaged(what: string): DecompressionError {
  return new DecompressionError(`lz4: ${what}`);
}

/** Octets as they arrive, taken in pieces of known size; gathers no more than the largest piece asked for and a chunk. */
class OctetQueue {
  private readonly source: AsyncIterator<Uint8Array>;
  private octets = new Uint8Array(0);
  private at = 0;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.source = source[Symbol.asyncIterator]();
  }

  get available(): number {
    return this.octets.length - this.at;
  }

  async has(size: number): Promise<boolean> {
    const parts = [this.octets.subarray(this.at)];
    let available = this.available;
    if (available >= size) return true;
    while (available < size) {
      const next = await this.source.next();
      if (next.done) break;
      // Copied: the source may use the chunk again.
      parts.push(Uint8Array.from(next.value));
      available += next.value.length;
    }
    this.octets = joined(parts);
    this.at = 0;
    return available >= size;
  }

  async need(size: number): Promise<void> {
    if (!(await this.has(size))) throw damaged('the data end inside a frame');
  }

  async skip(size: number): Promise<void> {
    let rest = size;
    while (rest > 0) {
      await this.need(1);
      const skipped = Math.min(rest, this.available);
      this.at += skipped;
      rest -= skipped;
    }
  }

  /** What `need` promised. Valid until the next `need`. */
  take(size: number): Uint8Array {
    this.at += size;
    return this.octets.subarray(this.at - size, this.at);
  }

  u8(): number {
    return this.take(1)[0] ?? 0;
  }

  u32(): number {
    const octets = this.take(4);
    return new DataView(octets.buffer, octets.byteOffset, 4).getUint32(0, true);
  }
}
