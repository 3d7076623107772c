import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Frame } from './frame.ts';
import { PcapngWriter } from './pcapng-writer.ts';
import { CaptureReader } from './reader.ts';
import type { CaptureSummary } from './summary.ts';

interface Read {
  readonly frames: {
    octets: number[];
    wireLength: number;
    linkType: number;
    instant: unknown;
    frameCheckOctets: number;
  }[];
  readonly summary: CaptureSummary;
}

function read(blocks: readonly Uint8Array[]): Read {
  const frames: Read['frames'] = [];
  const reader = new CaptureReader({
    frame(frame: Frame) {
      frames.push({
        octets: [...frame.window.bytes.subarray(frame.start, frame.end)],
        wireLength: frame.wireLength,
        linkType: frame.linkType,
        instant: frame.timed ? { seconds: frame.seconds, nanoseconds: frame.nanoseconds } : null,
        frameCheckOctets: frame.frameCheckOctets,
      });
    },
  });
  for (const block of blocks) reader.push(block);
  return { frames, summary: reader.finish() };
}

const packet = fc.record({
  seconds: fc.integer({ min: 0, max: 0xffff_ffff }),
  nanoseconds: fc.integer({ min: 0, max: 999_999_999 }),
  octets: fc.uint8Array({ maxLength: 70 }),
  more: fc.integer({ min: 0, max: 9 }),
  origin: fc.constantFrom('one', 'two'),
  linkType: fc.constantFrom(1, 113),
  frameCheckOctets: fc.constantFrom(0, 4),
  comments: fc.array(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }), { maxLength: 3 }),
});

it('what it writes is read back: times, lengths, octets, link types, comments', () => {
  fc.assert(
    fc.property(fc.array(packet, { maxLength: 12 }), (packets) => {
      const writer = new PcapngWriter();
      const blocks = [writer.header('test', ['of the file'])];
      for (const { seconds, nanoseconds, octets, more, ...rest } of packets) {
        const instant = { seconds, nanoseconds };
        blocks.push(writer.packet({ ...rest, instant, octets, wireLength: octets.length + more, digits: 9 }));
      }
      const { frames, summary } = read(blocks);
      expect(summary.complete).toBe(true);
      expect(summary.problems).toEqual([]);
      expect(frames).toEqual(
        packets.map(({ seconds, nanoseconds, octets, more, linkType, frameCheckOctets }) => ({
          octets: [...octets],
          wireLength: octets.length + more,
          linkType,
          instant: { seconds, nanoseconds },
          frameCheckOctets,
        })),
      );
      // NULs at the end of a comment are taken for a filling.
      const said = packets.flatMap(({ comments }, index) =>
        comments.map((text) => ({ frame: index + 1, text: text.replace(/\0+$/, '') })),
      );
      expect(summary.comments.filter(({ frame }) => frame !== null)).toEqual(said);
      expect(summary.comments[0]).toEqual({ frame: null, text: 'of the file' });
    }),
  );
});

it('a packet without time stays without, or says so', () => {
  const writer = new PcapngWriter();
  const base = { octets: Uint8Array.of(1, 2, 3), origin: 'one', linkType: 1, frameCheckOctets: 0, digits: 6 };
  const { frames, summary } = read([
    writer.header('test', []),
    writer.packet({ ...base, instant: null, wireLength: 3, comments: [] }),
    writer.packet({ ...base, instant: { seconds: 5, nanoseconds: 1000 }, wireLength: 3, comments: [] }),
    writer.packet({ ...base, instant: null, wireLength: 9, comments: [] }),
  ]);
  expect(frames.map(({ instant }) => instant)).toEqual([
    null,
    { seconds: 5, nanoseconds: 1000 },
    { seconds: 5, nanoseconds: 1000 },
  ]);
  expect(summary.comments).toEqual([{ frame: 3, text: 'The capture holds no time for this packet.' }]);
});

it('a time that 64 bits cannot say becomes the nearest', () => {
  const writer = new PcapngWriter();
  const base = {
    octets: Uint8Array.of(1),
    origin: 'one',
    linkType: 1,
    frameCheckOctets: 0,
    digits: 9,
    wireLength: 1,
    comments: [],
  };
  const { frames } = read([
    writer.header('test', []),
    writer.packet({ ...base, instant: { seconds: -5, nanoseconds: 0 } }),
    writer.packet({ ...base, instant: { seconds: 1e300, nanoseconds: 0 } }),
  ]);
  expect(frames.map(({ instant }) => instant)).toEqual([
    { seconds: 0, nanoseconds: 0 },
    { seconds: 18_446_744_073, nanoseconds: 709_551_615 },
  ]);
});
