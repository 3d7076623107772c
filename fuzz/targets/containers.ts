/** Capture files: the containers, and the compression around them. */
import { deflateRawSync, gzipSync } from 'node:zlib';
import type { Frame } from '../../src/capture/frame.ts';
import { CaptureReader } from '../../src/capture/reader.ts';
import type { CaptureSummary } from '../../src/capture/summary.ts';
import { type Compression, decompress } from '../../src/compression/decompress.ts';
import { DecompressionError } from '../../src/compression/decompression-error.ts';
import { pcapngOf, pcapOf } from '../../src/fuzz/capture-file.ts';
import { type Choices, octetString, once, pick } from '../../src/fuzz/choices.ts';
import { damaged } from '../../src/fuzz/damage.ts';
import { damagedCapture } from '../../src/fuzz/damaged-packets.ts';
import { tunnel } from '../../src/fuzz/tunnel.ts';
import { gunzip } from '../../src/node/gunzip.ts';
import { joined } from '../../src/octets/joined.ts';
import { hold, Parameters, same, type Target } from '../target.ts';

interface Reading {
  readonly frames: readonly string[];
  readonly summary: CaptureSummary;
}

function read(file: Uint8Array, cut: (at: number) => number): Reading {
  const frames: string[] = [];
  let octets = 0;
  const reader = new CaptureReader({
    frame(frame: Frame) {
      const { window, start, end } = frame;
      hold('a frame lies within its window', 0 <= start && start <= end && end <= window.bytes.length);
      hold('nanoseconds are less than a second', frame.nanoseconds >= 0 && frame.nanoseconds < 1e9);
      octets += end - start;
      let sum = 0;
      for (let at = start; at < end; at += 1) sum = (Math.imul(sum, 31) + (window.bytes[at] ?? 0)) | 0;
      const { number, seconds, nanoseconds, wireLength, linkType, interfaceIndex, timed } = frame;
      frames.push([number, seconds, nanoseconds, wireLength, linkType, interfaceIndex, timed, end - start, sum].join());
    },
  });
  for (let at = 0; at < file.length; ) {
    const end = Math.min(file.length, at + Math.max(1, cut(at)));
    const lent = file.slice(at, end);
    reader.push(lent);
    // The chunk is not to be kept.
    lent.fill(0xee);
    at = end;
  }
  const summary = reader.finish();
  hold('no more octets than the file has', octets <= file.length);
  return { frames, summary };
}

function container(name: string, write: (choices: Choices) => Uint8Array): Target {
  return {
    name,
    what: `damaged ${name} files: the same frames and problems however the file is cut`,
    batch: 150,
    longest: 8192,
    generate: (choices) => joined([octetString(choices, 4), write(choices)]),
    change(choices, input, other) {
      const file = damagedCapture(choices, input.subarray(4), other.subarray(4));
      return joined([octetString(choices, 4), once(choices, 2) ? damaged(choices, input.subarray(4)) : file]);
    },
    run(input) {
      const parameters = new Parameters(input);
      const sizes = [...parameters.octets(4)];
      const file = parameters.rest();
      const whole = read(file, () => file.length);
      same(
        'the same however it is cut',
        read(file, (at) => sizes[at % 4] ?? 1),
        whole,
      );
      hold('problems are bounded', whole.summary.problems.length <= 200);
    },
  };
}

const pcap = container('pcap', (choices) => pcapOf(tunnel(choices, 'valid').slice(0, 12)));
const pcapng = container('pcapng', (choices) => pcapngOf(tunnel(choices, 'valid').slice(0, 12)));

/** A zstd frame of raw and run-length blocks, as RFC 8878 §3.1.1 says: its other blocks come by damage. */
function zstdFrame(choices: Choices): Uint8Array {
  const blocks: Uint8Array[] = [];
  for (let left = 1 + choices.below(4); left > 0; left -= 1) {
    const repeated = once(choices, 2);
    const size = choices.below(200);
    const header = (size << 3) | (repeated ? 2 : 0) | (left === 1 ? 1 : 0);
    blocks.push(
      Uint8Array.of(header & 0xff, (header >> 8) & 0xff, header >> 16),
      octetString(choices, repeated ? 1 : size),
    );
  }
  return joined([Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58), ...blocks]);
}

/** An LZ4 frame without checks, of blocks that are not compressed and some that are. */
function lz4Frame(choices: Choices): Uint8Array {
  const blocks: Uint8Array[] = [];
  for (let left = 1 + choices.below(3); left > 0; left -= 1) {
    if (once(choices, 2)) {
      const literals = 1 + choices.below(14);
      const back = 1 + choices.below(literals);
      const block = joined([
        Uint8Array.of((literals << 4) | choices.below(15)),
        octetString(choices, literals),
        Uint8Array.of(back, 0),
      ]);
      const last = joined([block, Uint8Array.of(0x50), octetString(choices, 5)]);
      blocks.push(Uint8Array.of(last.length, 0, 0, 0), last);
    } else {
      const size = 1 + choices.below(100);
      blocks.push(Uint8Array.of(size, 0, 0, 0x80), octetString(choices, size));
    }
  }
  return joined([Uint8Array.of(0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82), ...blocks, new Uint8Array(4)]);
}

function gzipMember(choices: Choices): Uint8Array {
  const content = once(choices, 3) ? new Uint8Array(choices.below(5000)) : octetString(choices, choices.below(300));
  const level = pick(choices, [0, 1, 9] as const);
  if (once(choices, 4)) return joined([Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3), deflateRawSync(content)]);
  return gzipSync(content, { level });
}

function compressed(name: Compression, write: (choices: Choices) => Uint8Array): Target {
  return {
    name,
    what: `damaged ${name} streams: octets, then an end or a DecompressionError; the same however the stream is cut`,
    batch: 60,
    longest: 2048,
    generate: (choices) => joined([octetString(choices, 1), write(choices)]),
    change: damaged,
    async run(input) {
      const parameters = new Parameters(input);
      const size = 1 + parameters.octet();
      const stream = parameters.rest();
      const whole = await decompressed(name, stream, stream.length);
      // A decoder of Node's may give up a little earlier or later by how it was fed: only sound streams are compared.
      if (whole.failed === null) same('the same however it is cut', await decompressed(name, stream, size), whole);
    },
  };
}

/** Octets that a test stream may become: more is a bomb, which is given up. */
const enough = 4 << 20;

async function decompressed(
  name: Compression,
  stream: Uint8Array,
  size: number,
): Promise<{ octets: number; sum: number; failed: string | null }> {
  let octets = 0;
  let sum = 0;
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < stream.length; at += size) yield stream.slice(at, at + size);
  }
  try {
    for await (const chunk of decompress(name, pieces(), gunzip)) {
      octets += chunk.length;
      for (let at = 0; at < chunk.length; at += 1) sum = (Math.imul(sum, 31) + (chunk[at] ?? 0)) | 0;
      if (octets > enough) return { octets: enough, sum: 0, failed: 'bomb' };
    }
    return { octets, sum, failed: null };
  } catch (error) {
    if (!(error instanceof DecompressionError)) throw error;
    return { octets, sum, failed: error.message };
  }
}

export const containers: readonly Target[] = [
  pcap,
  pcapng,
  compressed('gzip', gzipMember),
  compressed('zstd', zstdFrame),
  compressed('lz4', lz4Frame),
];
