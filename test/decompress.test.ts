import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gunzip as gunzipInBrowser } from '../src/browser/gunzip.ts';
import {
  type Compression,
  type Decompressor,
  decompress,
  recogniseCompression,
} from '../src/compression/decompress.ts';
import { DecompressionError } from '../src/compression/decompression-error.ts';
import { gunzip } from '../src/node/gunzip.ts';
import { joined } from '../src/octets/joined.ts';
import { compressed, original } from './support/compressed.ts';
import { hasTool, outputOf } from './support/tools.ts';

const octets = (hex: string) => Uint8Array.from(Buffer.from(hex.replaceAll(/\s/g, ''), 'hex'));

const kinds = ['gzip', 'zstd', 'lz4'] as const;
const gunzips = [
  ['in Node', gunzip],
  ['in a browser', gunzipInBrowser],
] as const;

async function* pieces(input: Uint8Array, size: number): AsyncGenerator<Uint8Array, void> {
  const lent = new Uint8Array(size);
  for (let at = 0; at < input.length; at += size) {
    const piece = input.subarray(at, at + size);
    lent.set(piece);
    yield lent.subarray(0, piece.length);
    // Whoever asks for the next chunk has done with this one.
    lent.fill(0xee);
  }
}

/** What was given before the end or the fault, and the fault. */
async function decompressed(
  kind: Compression,
  input: Uint8Array,
  size = 1000,
  gunzipHere: Decompressor = gunzip,
): Promise<{ output: Uint8Array; fault: unknown }> {
  const parts: Uint8Array[] = [];
  let fault: unknown = null;
  try {
    for await (const part of decompress(kind, pieces(input, size), gunzipHere)) parts.push(Uint8Array.from(part));
  } catch (error) {
    fault = error;
  }
  return { output: joined(parts), fault };
}

describe('recogniseCompression', () => {
  test.each(kinds)('%s', (kind) => expect(recogniseCompression(compressed[kind])).toBe(kind));
  test('a skippable frame first, as pzstd writes', () => {
    expect(recogniseCompression(octets('502a4d18 04000000'))).toBe('zstd');
    expect(recogniseCompression(octets('5f2a4d18 04000000'))).toBe('zstd');
    expect(recogniseCompression(octets('602a4d18 04000000'))).toBeNull();
  });
  test.each([
    ['pcap', original],
    ['nothing', new Uint8Array(0)],
    ['three octets', octets('28b52f')],
  ])('%s is none', (_, head) => expect(recogniseCompression(head)).toBeNull());
});

describe.each([
  ...gunzips.map(([place, inflate]) => ['gzip', place, inflate] as const),
  ['zstd', '', gunzip],
  ['lz4', '', gunzip],
] as const)('%s %s', (kind, _place, inflate) => {
  const file = compressed[kind];

  test.each([1, 3, 17, 1000])('in pieces of %i octets', async (size) => {
    expect(await decompressed(kind, file, size, inflate)).toEqual({ output: original, fault: null });
  });

  test('several members or frames are one stream', async () => {
    const { output, fault } = await decompressed(kind, joined([file, file, file]), 97, inflate);
    expect(fault).toBeNull();
    expect(output).toEqual(joined([original, original, original]));
  });

  test('every prefix gives a prefix, and says that the data end early', async () => {
    for (let size = 1; size < file.length; size++) {
      const { output, fault } = await decompressed(kind, file.subarray(0, size), 1000, inflate);
      expect(fault, `${size} octets`).toBeInstanceOf(DecompressionError);
      expect(output).toEqual(original.subarray(0, output.length));
    }
  });

  test('no damage throws anything else, nor hangs', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: file.length - 1 }),
        fc.uint8Array({ minLength: 1, maxLength: 6 }),
        async (at, changed) => {
          const spoilt = Uint8Array.from(file);
          spoilt.set(changed.subarray(0, file.length - at), at);
          const { fault } = await decompressed(kind, spoilt, 1000, inflate);
          expect(fault === null || fault instanceof DecompressionError).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('what was decompressed before the fault is given', () => {
  const large = Uint8Array.from(readFileSync('captures/22-netem-loss-reorder-mppe128-stateless-server.pcap'));

  test.each(gunzips)('gzip cut in the middle gives as much as gunzip does, %s', async (_place, inflate) => {
    const file = Uint8Array.from(gzipSync(large));
    const { output, fault } = await decompressed('gzip', file.subarray(0, file.length / 2), 1000, inflate);
    expect(fault).toMatchObject({ message: 'gzip: the data end early' });
    expect(output.length).toBeGreaterThan(large.length / 3);
    expect(output).toEqual(large.subarray(0, output.length));
  });

  test.each(gunzips)('gzip damaged in the middle of a small file, %s', async (_place, inflate) => {
    const file = Uint8Array.from(gzipSync(large, { level: 0 }));
    // Its one stored block is no longer the last; one follows whose length and complement disagree (RFC 1951 §3.2.4).
    expect([file[10], file.length - large.length]).toEqual([1, 23]);
    const spoilt = joined([file.subarray(0, file.length - 8), octets('01 0500 0000'), new Uint8Array(8)]);
    spoilt[10] = 0;
    const { output, fault } = await decompressed('gzip', spoilt, 1000, inflate);
    expect(fault).toBeInstanceOf(DecompressionError);
    expect(output.length).toBeGreaterThan(large.length - 512);
    expect(output).toEqual(large.subarray(0, output.length));
  });

  test('a second frame that is none', async () => {
    for (const kind of ['zstd', 'lz4'] as const) {
      const { output, fault } = await decompressed(kind, joined([compressed[kind], octets('deadbeef deadbeef')]));
      expect(output).toEqual(original);
      expect(fault).toMatchObject({ message: `${kind}: what follows is no frame` });
    }
  });

  test.each(gunzips)('garbage behind a gzip member is passed over, as gunzip does, %s', async (_place, inflate) => {
    const { output, fault } = await decompressed('gzip', joined([compressed.gzip, new Uint8Array(100)]), 64, inflate);
    expect({ output, fault }).toEqual({ output: original, fault: null });
  });
});

describe('claims', () => {
  test('a zstd window larger than 128 MiB is refused before it is allocated', async () => {
    // RFC 8878 §3.1.1.1.2: exponent 18, mantissa 0: 2^28.
    const frame = octets('28b52ffd 00 90 01 00 00 000000000000000000');
    expect((await decompressed('zstd', frame)).fault).toMatchObject({
      message: 'zstd: a frame claims a window of 268435456 octets, more than 134217728',
    });
    // Single segment with a content size of 2^40.
    const single = octets('28b52ffd e0 0000000000010000 010000 000000');
    expect((await decompressed('zstd', single)).fault).toMatchObject({
      message: 'zstd: a frame claims a window of 1099511627776 octets, more than 134217728',
    });
  });

  test('windows of zstd that come to more than any data need are refused before they are allocated', async () => {
    // Of 128 MiB each, in frames of nine octets: exponent 17, and an empty last block.
    const frame = octets('28b52ffd 00 88 010000');
    const { output, fault } = await decompressed('zstd', joined(Array.from({ length: 5000 }, () => frame)));
    expect(output).toHaveLength(0);
    expect(fault).toMatchObject({
      message: expect.stringMatching(/^zstd: frames claim windows of \d+ octets for \d+ of data$/),
    });
    expect((await decompressed('zstd', joined(Array.from({ length: 5 }, () => frame)))).fault).toBeNull();
  });

  test('blocks of zstd that take four octets and are 128 KiB each are not all in memory at once', async () => {
    // Window 2^17; blocks of one octet, repeated 2^17 times. RFC 8878 §3.1.1.2
    const file = joined([octets('28b52ffd 00 38'), ...Array.from({ length: 4000 }, () => octets('020010 61'))]);
    const before = process.memoryUsage().arrayBuffers;
    let most = 0;
    let size = 0;
    for await (const part of decompress('zstd', pieces(file, file.length), gunzip)) {
      size += part.length;
      most = Math.max(most, process.memoryUsage().arrayBuffers - before);
      if (size > 100 * 2 ** 17) break;
    }
    expect(size).toBeGreaterThan(100 * 2 ** 17);
    expect(most).toBeLessThan(64 * 2 ** 20);
  });

  test('tiny blocks of LZ4 that refer to those before', async () => {
    // Blocks of one octet, more than the history and its room hold; one that copies four from 65,535 before, and has a literal.
    const blocks = Array.from({ length: 300_000 }, (_, index) =>
      octets(`01000080 ${['61', '62', '63', '64', '65'][index % 5]}`),
    );
    const file = joined([octets('04224d18 40 40 00'), ...blocks, octets('05000000 00 ffff 10 7a'), octets('00000000')]);
    const { output, fault } = await decompressed('lz4', file, 1_000_000);
    expect(fault).toBeNull();
    expect(output).toHaveLength(300_000 + 5);
    expect(String.fromCharCode(...output.subarray(-6))).toBe('eabcdz');
  });

  test('frames of LZ4 that claim the largest blocks share one buffer', async () => {
    // A block of one octet, not compressed.
    const frame = octets('04224d18 60 70 00 01000080 61 00000000');
    const file = joined(Array.from({ length: 100 }, () => frame));
    const buffers = new Set<ArrayBufferLike>();
    let size = 0;
    for await (const part of decompress('lz4', pieces(file, 1000), gunzip)) {
      buffers.add(part.buffer);
      size += part.length;
    }
    expect([size, buffers.size]).toEqual([100, 1]);
  });

  test('a dictionary is said to be missing', async () => {
    expect((await decompressed('zstd', octets('28b52ffd 21 07 04 2100006162636400000000'))).fault).toMatchObject({
      message: 'zstd: a frame needs a dictionary',
    });
    expect((await decompressed('lz4', octets('04224d18 61 40 07000000 00 00000000'))).fault).toMatchObject({
      message: 'lz4: a frame needs a dictionary',
    });
  });

  test.each([
    ['a match before the first octet', '11 61 0500 00', 'refers to octets before the first'],
    ['offset 0', '11 61 0000 00', 'refers to octets before the first'],
    ['literals longer than the block', 'f0 ff', 'ends inside its literals'],
    ['half an offset', '10 61 01', 'ends inside an offset'],
    ['no last literals', '10 61 0100', 'ends without literals'],
    ['more than its frame allows', `1f 61 0100 ${'ff'.repeat(300)} 00 00`, 'holds more than its frame allows'],
  ])('an LZ4 block with %s', async (_, block, message) => {
    const body = octets(block);
    const size = Buffer.alloc(4);
    size.writeUInt32LE(body.length);
    const { output, fault } = await decompressed(
      'lz4',
      joined([octets('04224d18 60 40 82'), size, body, octets('00000000')]),
    );
    expect(fault).toMatchObject({ message: expect.stringContaining(message) });
    expect(output).toHaveLength(0);
  });

  test('an LZ4 block of overlapping matches, written out', async () => {
    // LZ4 block format: literal "ab", a match of 4 + 2 at offset 2, last literals "c": abababab c.
    const block = octets('22 6162 0200 10 63');
    const { output, fault } = await decompressed(
      'lz4',
      joined([octets('04224d18 60 40 82 07000000'), block, octets('00000000')]),
    );
    expect(fault).toBeNull();
    expect(Buffer.from(output).toString()).toBe('ababababc');
  });
});

describe.each([
  ['zstd', ['-q', '-1']],
  ['zstd', ['-q', '-19', '--no-check']],
  ['zstd', ['-q', '--ultra', '-22', '--long=27']],
  ['lz4', ['-q', '-1']],
  ['lz4', ['-q', '-9', '-BD', '-B4', '-BX']],
  ['lz4', ['-q', '-12', '--content-size', '-B7']],
  ['gzip', ['-9']],
] as const)('%s %s', (tool, parameters) => {
  test.skipIf(!hasTool(tool))(`what the tool writes is read (skipped where ${tool} is not installed)`, async () => {
    const whole = Uint8Array.from(readFileSync('captures/30-big-mixed-many-sessions-server.pcap'));
    const file = outputOf(tool, [...parameters, '-c'], whole);
    const { output, fault } = await decompressed(tool, file, 100_000);
    expect(fault).toBeNull();
    expect(Buffer.compare(output, whole)).toBe(0);
  });
});
