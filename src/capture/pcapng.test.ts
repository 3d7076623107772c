import { describe, expect, test } from 'vitest';
import { type BlockOption, OctetWriter, PcapngBlocks, utf8 } from '../../test/support/captures.ts';
import { readCapture } from '../../test/support/reading.ts';
import { joined } from '../octets/joined.ts';

const filled = (size: number, seed = 0) => Uint8Array.from({ length: size }, (_, index) => (index * 7 + seed) & 0xff);
const hex = (octets: Uint8Array) => Buffer.from(octets).toString('hex');

const little = new PcapngBlocks(true);
const big = new PcapngBlocks(false);
const second = 1_700_000_000n;
const microseconds = (seconds: bigint, fraction: bigint) => seconds * 1_000_000n + fraction;

/** if_tsresol, if_tsoffset, if_fcslen, opt_comment. */
const resolution = (octet: number): BlockOption => [9, [octet]];
const timeOffset = (seconds: bigint, blocks = little): BlockOption => [14, blocks.writer().u64(seconds).done()];
const comment = (text: string): BlockOption => [1, utf8(text)];

describe('a section written out', () => {
  // draft-ietf-opsawg-pcapng figures 9, 10 and 11, octet by octet, big endian.
  test('big endian', () => {
    const file = Uint8Array.from(
      Buffer.from(
        [
          '0a0d0d0a 0000001c 1a2b3c4d 0001 0000 ffffffffffffffff 0000001c',
          '00000001 00000014 0071 0000 00000060 00000014',
          '00000006 00000028 00000000 00060a25 37b07a41 00000005 00000064 0102030405 000000 00000028',
        ]
          .join('')
          .replaceAll(' ', ''),
        'hex',
      ),
    );
    const timestamp = 0x0006_0a25_37b0_7a41;
    const { frames, summary } = readCapture(file);
    expect(frames).toEqual([
      {
        number: 1,
        seconds: Math.floor(timestamp / 1e6),
        nanoseconds: (timestamp % 1e6) * 1000,
        timed: true,
        wireLength: 100,
        linkType: 113,
        frameCheckOctets: 0,
        interfaceIndex: 0,
        octets: '0102030405',
      },
    ]);
    expect(summary).toMatchObject({
      kind: 'pcapng',
      byteOrder: 'big',
      linkTypes: [113],
      timestampResolution: 'microsecond',
      timestampDigits: 6,
      frames: 1,
      capturedBytes: 5,
      wireBytes: 100,
      truncatedFrames: 1,
      complete: true,
      problems: [],
      comments: [],
      droppedByCapture: null,
    });
  });
});

describe('sections and interfaces', () => {
  test('each section has its own byte order and interfaces', () => {
    const file = joined([
      little.sectionHeader(),
      little.interfaceDescription(1),
      little.interfaceDescription(113),
      little.enhancedPacket(microseconds(second, 1n), filled(20), { interfaceId: 1 }),
      big.sectionHeader([], 1000n),
      big.interfaceDescription(101, 0, [resolution(9)]),
      big.enhancedPacket(second * 1_000_000_000n + 123_456_789n, filled(21)),
      little.sectionHeader(),
      little.interfaceDescription(1),
      little.enhancedPacket(microseconds(second, 2n), filled(22)),
    ]);
    const { frames, summary } = readCapture(file);
    expect(frames.map((frame) => [frame.linkType, frame.interfaceIndex, frame.nanoseconds, frame.octets])).toEqual([
      [113, 1, 1000, hex(filled(20))],
      [101, 2, 123_456_789, hex(filled(21))],
      [1, 3, 2000, hex(filled(22))],
    ]);
    expect(summary).toMatchObject({
      byteOrder: 'little',
      linkTypes: [1, 113, 101],
      timestampResolution: 'nanosecond',
      timestampDigits: 9,
      complete: true,
    });
  });

  test.each([
    // Units of 2024-02-29T12:34:56.789012345Z, from the definition: the nearest unit not above.
    ['second', 0, 0, 1_709_210_096n, 1_709_210_096, 0],
    ['10^-3 s', 3, 3, 1_709_210_096_789n, 1_709_210_096, 789_000_000],
    ['microsecond', 6, 6, 1_709_210_096_789_012n, 1_709_210_096, 789_012_000],
    ['10^-7 s', 7, 7, 17_092_100_967_890_123n, 1_709_210_096, 789_012_300],
    ['nanosecond', 9, 9, 1_709_210_096_789_012_345n, 1_709_210_096, 789_012_345],
    ['10^-10 s', 10, 10, 17_092_100_967_890_123_457n, 1_709_210_096, 789_012_345.7],
    ['10^-12 s', 12, 12, 6_789_012_345_678_901_234n, 6_789_012, 345_678_901.234],
    ['10^-19 s', 19, 15, 12_345_678_901_234_567_890n, 1, 234_567_890.123_456_8],
    ['2^-10 s', 0x8a, 10, (1_709_210_096n << 10n) + 47n, 1_709_210_096, 45_898_437.5],
    ['2^-1 s', 0x81, 1, 3_418_420_193n, 1_709_210_096, 500_000_000],
    ['2^-20 s', 0x94, 15, (1_709_210_096n << 20n) + 786_432n, 1_709_210_096, 750_000_000],
    ['2^-30 s', 0x9e, 15, (1_709_210_096n << 30n) + 1n, 1_709_210_096, 0.931_322_574_615_478_5],
    ['2^-36 s', 0xa4, 15, (200_000_000n << 36n) + (3n << 34n), 200_000_000, 750_000_000],
    ['2^-60 s', 0xbc, 15, (7n << 60n) + (1n << 58n), 7, 250_000_000],
    ['2^-64 s', 0xc0, 15, 1n << 63n, 0, 500_000_000],
  ])('if_tsresol %s', (name, option, digits, timestamp, seconds, nanoseconds) => {
    for (const blocks of [little, big]) {
      const { frames, summary } = readCapture(
        joined([
          blocks.sectionHeader(),
          blocks.interfaceDescription(1, 0, [resolution(option)]),
          blocks.enhancedPacket(timestamp, filled(4)),
        ]),
      );
      expect(summary).toMatchObject({ timestampResolution: name, timestampDigits: digits });
      expect(frames[0]?.seconds).toBe(seconds);
      expect(frames[0]?.nanoseconds).toBeCloseTo(nanoseconds, 6);
    }
  });

  test.each([
    ['all ones', 6, 0xffff_ffff_ffff_ffffn, 18_446_744_073_709, 551_615_000],
    ['all ones', 9, 0xffff_ffff_ffff_ffffn, 18_446_744_073, 709_551_615],
    ['one before a second', 9, 1_709_210_096_999_999_999n, 1_709_210_096, 999_999_999],
    ['just a second', 9, 1_709_210_097_000_000_000n, 1_709_210_097, 0],
    ['beyond 2^53 microseconds', 6, 9_007_199_254_740_993n, 9_007_199_254, 740_993_000],
  ])('64-bit timestamps are exact: %s at 10^-%i', (_, exponent, timestamp, seconds, nanoseconds) => {
    const { frames } = readCapture(
      joined([
        little.sectionHeader(),
        little.interfaceDescription(1, 0, [resolution(exponent)]),
        little.enhancedPacket(timestamp, filled(4)),
      ]),
    );
    expect(frames[0]).toMatchObject({ seconds, nanoseconds });
  });

  test('a whole second is never reached by rounding', () => {
    const { frames } = readCapture(
      joined([
        little.sectionHeader(),
        little.interfaceDescription(1, 0, [resolution(19)]),
        little.enhancedPacket(9_999_999_999_999_999_999n, filled(4)),
      ]),
    );
    expect(frames[0]?.seconds).toBe(0);
    expect(frames[0]?.nanoseconds).toBeLessThan(1e9);
  });

  test('if_tsoffset is added, and may be negative', () => {
    for (const blocks of [little, big]) {
      const { frames } = readCapture(
        joined([
          blocks.sectionHeader(),
          blocks.interfaceDescription(1, 0, [timeOffset(1_700_000_000n, blocks)]),
          blocks.interfaceDescription(1, 0, [timeOffset(-86_400n, blocks)]),
          blocks.enhancedPacket(5_000_001n, filled(4)),
          blocks.enhancedPacket(microseconds(second, 7n), filled(4), { interfaceId: 1 }),
        ]),
      );
      expect(frames[0]).toMatchObject({ seconds: 1_700_000_005, nanoseconds: 1000 });
      expect(frames[1]).toMatchObject({ seconds: 1_699_913_600, nanoseconds: 7000 });
    }
  });

  test('frame check sequences: if_fcslen, and epb_flags where a packet differs', () => {
    const { frames } = readCapture(
      joined([
        little.sectionHeader(),
        little.interfaceDescription(1, 0, [[13, [4]]]),
        little.enhancedPacket(0, filled(20)),
        little.enhancedPacket(0, filled(20), {
          options: [
            [
              2,
              little
                .writer()
                .u32(2 << 5)
                .done(),
            ],
          ],
        }),
        little.enhancedPacket(0, filled(20)),
      ]),
    );
    expect(frames.map((frame) => frame.frameCheckOctets)).toEqual([4, 2, 4]);
  });
});

describe('blocks', () => {
  const start = [little.sectionHeader(), little.interfaceDescription(1, 64)];

  test('Simple Packet Block: no time, the captured length follows from the snap length', () => {
    const { frames, summary } = readCapture(
      joined([
        ...start,
        little.enhancedPacket(microseconds(second, 5n), filled(10)),
        little.simplePacket(filled(30)),
        little.simplePacket(filled(64), 1500),
      ]),
    );
    expect(frames.map((frame) => [frame.timed, frame.seconds, frame.wireLength, frame.octets.length / 2])).toEqual([
      [true, 1_700_000_000, 10, 10],
      [false, 1_700_000_000, 30, 30],
      [false, 1_700_000_000, 1500, 64],
    ]);
    expect(summary).toMatchObject({ truncatedFrames: 1, last: { seconds: 1_700_000_000, nanoseconds: 5000 } });
    const untimed = readCapture(joined([...start, little.simplePacket(filled(30))])).summary;
    expect(untimed).toMatchObject({ frames: 1, first: null, last: null, complete: true });
  });

  test('the obsolete Packet Block, with its count of drops', () => {
    const { frames, summary } = readCapture(
      joined([
        ...start,
        little.interfaceDescription(101),
        little.packet(microseconds(second, 5n), filled(9), 3, 1),
        little.packet(microseconds(second, 6n), filled(9), 0xffff, 0),
      ]),
    );
    expect(frames.map((frame) => [frame.linkType, frame.nanoseconds, frame.octets])).toEqual([
      [101, 5000, hex(filled(9))],
      [1, 6000, hex(filled(9))],
    ]);
    expect(summary.droppedByCapture).toBe(3);
  });

  test('name resolution, secrets, custom and unknown blocks are skipped by their length', () => {
    const others = [4, 10, 0xbad, 0x4000_0bad, 9, 0x8000_0001, 0x1234_5678].map((type) =>
      little.block(type, filled(50)),
    );
    const { frames, summary } = readCapture(
      joined([...start, ...others, little.enhancedPacket(1, filled(10)), little.block(0x77, [])]),
    );
    // As in Wireshark, custom blocks and journal entries take a frame number, though they are no packets.
    expect(frames).toMatchObject([{ number: 4 }]);
    expect(summary).toMatchObject({ frames: 1, complete: true, problems: [] });
  });

  test('dropped packets: the latest statistics of each interface', () => {
    const dropped = (count: number): BlockOption => [5, little.writer().u64(count).done()];
    const { summary } = readCapture(
      joined([
        ...start,
        little.interfaceDescription(1),
        little.interfaceStatistics(0, [dropped(2)]),
        little.interfaceStatistics(0, [dropped(7)]),
        little.interfaceStatistics(1, [[4, little.writer().u64(99).done()], dropped(1)]),
        little.sectionHeader(),
        little.interfaceDescription(1),
        little.interfaceStatistics(0, [dropped(10)]),
      ]),
    );
    expect(summary.droppedByCapture).toBe(18);
  });

  test('dropped packets: epb_dropcount where there are no statistics', () => {
    const drops = (count: number) => ({ options: [[4, little.writer().u64(count).done()] as const] });
    const file = [
      ...start,
      little.enhancedPacket(0, filled(8), drops(2)),
      little.enhancedPacket(0, filled(8), drops(3)),
    ];
    expect(readCapture(joined(file)).summary.droppedByCapture).toBe(5);
  });

  test('comments are kept with their frame', () => {
    const { summary } = readCapture(
      joined([
        little.sectionHeader([[3, utf8('Linux')], comment('about the file'), comment('again — ünïcode')]),
        little.interfaceDescription(1, 0, [comment('about eth0')]),
        little.enhancedPacket(0, filled(9)),
        little.enhancedPacket(0, filled(9), { options: [comment('here it fails\0'), comment('see RFC')] }),
        little.interfaceStatistics(0, [comment('counters')]),
      ]),
    );
    expect(summary.comments).toEqual([
      { frame: null, text: 'about the file' },
      { frame: null, text: 'again — ünïcode' },
      { frame: null, text: 'about eth0' },
      { frame: 2, text: 'here it fails' },
      { frame: 2, text: 'see RFC' },
      { frame: null, text: 'counters' },
    ]);
  });

  test('comments are bounded in number and length, and what is left out is said', () => {
    const packet = little.enhancedPacket(0, filled(4), { options: [comment('x'), comment('y')] });
    const long = little.enhancedPacket(0, filled(4), { options: [comment('z'.repeat(5000))] });
    const { summary } = readCapture(joined([...start, long, ...Array.from({ length: 600 }, () => packet)]));
    expect(summary.comments).toHaveLength(1000);
    expect(summary.comments[0]?.text).toBe(`${'z'.repeat(4096)}…`);
    expect(summary).toMatchObject({
      complete: true,
      problems: [{ offset: null, code: 'more-comments', message: '201 further comments are not kept' }],
    });
  });

  test('options that claim more than the block has are not followed', () => {
    const body = new OctetWriter().u32(0).u32(0).u32(0).u32(4).u32(4).raw(filled(4)).u16(1).u16(60_000).u32(0);
    const { frames, summary } = readCapture(joined([...start, little.block(6, body.done())]));
    expect(frames).toHaveLength(1);
    expect(summary.comments).toEqual([]);
  });
});

describe('damage', () => {
  const packets = Array.from({ length: 12 }, (_, index) =>
    little.enhancedPacket(microseconds(second, BigInt(index)), filled(40 + index)),
  );
  const whole = [little.sectionHeader(), little.interfaceDescription(1), ...packets];
  const offsetOf = (packet: number) => 48 + packets.slice(0, packet).reduce((sum, block) => sum + block.length, 0);

  test('every prefix gives the frames that it holds whole, and says where it ends', () => {
    const file = joined(whole.slice(0, 4));
    const boundaries = [28, 48, offsetOf(1), offsetOf(2)];
    for (let size = 0; size < file.length; size++) {
      const { frames, summary } = readCapture(file.subarray(0, size));
      expect(frames.length, `${size} octets`).toBe([offsetOf(1), offsetOf(2)].filter((end) => end <= size).length);
      const atBoundary = boundaries.includes(size);
      expect(summary.complete, `${size} octets`).toBe(atBoundary);
      const code = size === 0 ? 'empty' : size < 4 ? 'not-a-capture' : 'truncated-record';
      expect(summary.problems.map((problem) => problem.code)).toEqual(atBoundary ? [] : [code]);
    }
  });

  test('a block cut at the end is told with its offset and numbers', () => {
    const file = joined(whole.slice(0, 4));
    expect(readCapture(file.subarray(0, offsetOf(1) + 30)).summary.problems).toEqual([
      {
        offset: offsetOf(1),
        frame: null,
        code: 'truncated-record',
        message: `block 4 at offset ${offsetOf(1)} claims 76 octets, 30 remain`,
      },
    ]);
  });

  const withWord = (at: number, value: number): Uint8Array => {
    const file = joined(whole);
    new DataView(file.buffer).setUint32(at, value, true);
    return file;
  };

  test.each([
    ['no multiple of 4', 71],
    ['too small', 8],
    ['4 GiB', 0xffff_fffc],
    ['another than at its end', 76],
    ['reaching behind the end of the file', 6000],
  ])('a block length that lies (%s) costs its packet, and the rest is read', (_, length) => {
    const { frames, summary } = readCapture(withWord(offsetOf(5) + 4, length));
    expect(frames.map((frame) => frame.nanoseconds / 1000)).toEqual([0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11]);
    expect(summary).toMatchObject({ complete: false, problems: [{ offset: offsetOf(5), code: 'bad-length' }] });
    const skipped = offsetOf(6) - offsetOf(5);
    expect(summary.problems[0]?.message).toContain(
      `${skipped} octets are skipped, reading goes on at offset ${offsetOf(6)}`,
    );
  });

  test('a trailer that lies', () => {
    const { frames, summary } = readCapture(withWord(offsetOf(6) - 4, 1));
    expect(frames).toHaveLength(11);
    expect(summary.problems[0]?.message).toContain('octets at its start and 1 at its end');
  });

  test('a section header without its magic', () => {
    const spoilt = little.sectionHeader();
    spoilt[8] = 0;
    const { frames, summary } = readCapture(
      joined([...whole, spoilt, big.sectionHeader(), big.interfaceDescription(1), big.enhancedPacket(5, filled(5))]),
    );
    expect(frames).toHaveLength(13);
    expect(summary.problems).toMatchObject([{ offset: offsetOf(12), code: 'bad-magic' }]);
  });

  test('octets lost from the middle', () => {
    const file = joined(whole);
    const { frames } = readCapture(joined([file.subarray(0, offsetOf(3) + 10), file.subarray(offsetOf(7) + 13)]));
    expect(frames.map((frame) => frame.nanoseconds / 1000)).toEqual([0, 1, 2, 8, 9, 10, 11]);
  });

  test('nothing sound behind the damage', () => {
    const { frames, summary } = readCapture(joined([...whole, new Uint8Array(100).fill(0xff)]));
    expect(frames).toHaveLength(12);
    expect(summary.problems).toMatchObject([{ offset: offsetOf(12), code: 'bad-length' }]);
    expect(summary.problems[0]?.message).toContain('no sound block follows in the 100 octets to the end of the file');
  });

  test('packets before any interface and of unknown interfaces are skipped', () => {
    const { frames, summary } = readCapture(
      joined([
        little.sectionHeader(),
        little.enhancedPacket(1, filled(8)),
        little.simplePacket(filled(8)),
        little.packet(1, filled(8), 0),
        little.interfaceDescription(1),
        little.enhancedPacket(2, filled(8), { interfaceId: 1 }),
        little.enhancedPacket(3, filled(8)),
      ]),
    );
    expect(frames).toMatchObject([{ number: 1, nanoseconds: 3000 }]);
    expect(summary.complete).toBe(false);
    expect(summary.problems.map(({ code, offset }) => [code, offset])).toEqual([
      ['unknown-interface', 28],
      ['unknown-interface', 68],
      ['unknown-interface', 92],
      ['unknown-interface', 152],
    ]);
    expect(summary.problems[3]?.message).toContain('is of interface 1');
  });

  test('a packet that claims more than its block holds is skipped', () => {
    const enhanced = new OctetWriter().u32(0).u32(0).u32(0).u32(2_000_000_000).u32(60).raw(filled(60));
    const { frames, summary } = readCapture(
      joined([
        ...whole.slice(0, 2),
        little.block(6, enhanced.done()),
        little.simplePacket(filled(8), 90),
        little.enhancedPacket(3, filled(8)),
      ]),
    );
    expect(frames).toHaveLength(1);
    expect(summary.problems.map(({ code, offset }) => [code, offset])).toEqual([
      ['bad-length', 48],
      ['bad-length', 140],
    ]);
  });

  test('blocks that are shorter than their type takes', () => {
    const short = [1, 2, 3, 5, 6].map((type) => little.block(type, []));
    const { frames, summary } = readCapture(joined([...whole, ...short]));
    expect(frames).toHaveLength(12);
    expect(summary.problems.map(({ code }) => code)).toEqual(Array(5).fill('bad-length'));
  });

  test('problems are listed up to a bound, and the rest is counted', () => {
    const stray = little.enhancedPacket(1, filled(8));
    const { summary } = readCapture(joined([little.sectionHeader(), ...Array.from({ length: 250 }, () => stray)]));
    expect(summary.problems).toHaveLength(101);
    expect(summary.problems[100]).toEqual({
      offset: null,
      frame: null,
      code: 'more-problems',
      message: '150 further problems are not listed',
    });
  });

  test('interfaces are kept up to a bound', () => {
    const description = little.interfaceDescription(1);
    const file = new Uint8Array(28 + 65_540 * 20);
    file.set(little.sectionHeader());
    for (let at = 28; at < file.length; at += 20) file.set(description, at);
    const { summary } = readCapture(joined([file, little.enhancedPacket(1, filled(8), { interfaceId: 65_537 })]));
    expect(summary.problems.map(({ code }) => code)).toEqual(['too-many-interfaces', 'unknown-interface']);
  });
});
