import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type PacketRecord, type PcapOptions, pcapFile, pcapHeader, pcapRecord } from '../../test/support/captures.ts';
import { octets } from '../../test/support/octets.ts';
import { readCapture } from '../../test/support/reading.ts';
import { joined } from '../octets/joined.ts';

/** As many octets, each different from the next. */
const filled = (size: number, seed = 0) => Uint8Array.from({ length: size }, (_, index) => (index * 7 + seed) & 0xff);

const second = 1_700_000_000;
const records: PacketRecord[] = [
  { seconds: second, fraction: 1, octets: filled(60) },
  { seconds: second, fraction: 999_999, octets: filled(96, 1), wireLength: 1514 },
  { seconds: second + 5, fraction: 250_000, octets: filled(41, 2) },
];

describe('the file header', () => {
  // draft-ietf-opsawg-pcap figure 1, octets written out: 2.4, snap length 0xffff, link type 101.
  test('big endian, microseconds', () => {
    const file = octets(
      'a1b2c3d4 0002 0004 00000000 00000000 0000ffff 00000065'.replaceAll(' ', '') +
        '6553f100 000f4237 00000004 0000003c deadbeef'.replaceAll(' ', ''),
    );
    const { frames, summary } = readCapture(file);
    expect(frames).toEqual([
      {
        number: 1,
        seconds: 1_700_000_000,
        nanoseconds: 999_991_000,
        timed: true,
        wireLength: 60,
        linkType: 101,
        frameCheckOctets: 0,
        interfaceIndex: 0,
        octets: 'deadbeef',
      },
    ]);
    expect(summary).toEqual({
      kind: 'pcap',
      byteOrder: 'big',
      linkTypes: [101],
      timestampResolution: 'microsecond',
      timestampDigits: 6,
      frames: 1,
      capturedBytes: 4,
      wireBytes: 60,
      truncatedFrames: 1,
      first: { seconds: 1_700_000_000, nanoseconds: 999_991_000 },
      last: { seconds: 1_700_000_000, nanoseconds: 999_991_000 },
      complete: true,
      problems: [],
      comments: [],
      droppedByCapture: null,
      droppedSinceStart: false,
    });
  });

  test.each([
    ['little, microsecond', { littleEndian: true, magic: 0xa1b2c3d4 }, 'microsecond', 1000],
    ['big, microsecond', { littleEndian: false, magic: 0xa1b2c3d4 }, 'microsecond', 1000],
    ['little, nanosecond', { littleEndian: true, magic: 0xa1b23c4d }, 'nanosecond', 1],
    ['big, nanosecond', { littleEndian: false, magic: 0xa1b23c4d }, 'nanosecond', 1],
    ['little, modified', { littleEndian: true, magic: 0xa1b2cd34 }, 'microsecond', 1000],
    ['big, modified', { littleEndian: false, magic: 0xa1b2cd34 }, 'microsecond', 1000],
  ] satisfies [string, PcapOptions, string, number][])('%s', (_, options, resolution, nanoseconds) => {
    const { frames, summary } = readCapture(pcapFile(records, options));
    expect(summary.timestampResolution).toBe(resolution);
    expect(summary.byteOrder).toBe(options.littleEndian ? 'little' : 'big');
    expect(frames.map((frame) => frame.octets)).toEqual(
      records.map(({ octets }) => Buffer.from(octets).toString('hex')),
    );
    expect(frames.map((frame) => [frame.seconds, frame.nanoseconds])).toEqual(
      records.map(({ seconds, fraction }) => [seconds, fraction * nanoseconds]),
    );
    expect(frames.map((frame) => frame.wireLength)).toEqual([60, 1514, 41]);
    expect(summary).toMatchObject({
      frames: 3,
      capturedBytes: 197,
      wireBytes: 1615,
      truncatedFrames: 1,
      complete: true,
    });
  });

  test('the upper bits of the link type say how long the frame check sequence is', () => {
    // f bit (26) set, FCS length 2 in units of 16 bits: 4 octets.
    expect(readCapture(pcapFile(records, { linkType: 0x2400_0069 })).frames[0]).toMatchObject({
      linkType: 105,
      frameCheckOctets: 4,
    });
    // Without the f bit the length means nothing.
    expect(readCapture(pcapFile(records, { linkType: 0x2000_0069 })).frames[0]).toMatchObject({
      linkType: 105,
      frameCheckOctets: 0,
    });
  });

  test('snap length 0 is no limit', () => {
    expect(readCapture(pcapFile(records, { snapLength: 0 })).summary).toMatchObject({ frames: 3, problems: [] });
  });

  test('another major version is said and read all the same', () => {
    const file = pcapFile(records);
    file[4] = 3;
    expect(readCapture(file).summary).toMatchObject({
      frames: 3,
      complete: true,
      problems: [{ offset: 4, code: 'unsupported-version' }],
    });
  });

  test('before version 2.4 the lengths may stand the other way round', () => {
    const swapped = new DataView(new ArrayBuffer(20));
    swapped.setUint32(0, second, true);
    swapped.setUint32(8, 60, true);
    swapped.setUint32(12, 4, true);
    const record = new Uint8Array(swapped.buffer);
    const { frames, summary } = readCapture(joined([pcapHeader({ versionMinor: 2 }), record, record]));
    expect(summary).toMatchObject({ frames: 2, complete: true, problems: [] });
    expect(frames[1]).toMatchObject({ wireLength: 60, octets: '00000000' });
  });
});

describe('time', () => {
  test('may run backwards: first and last are the earliest and the latest', () => {
    const shuffled = [records[2], records[0], records[1]].filter((record) => record !== undefined);
    const { summary } = readCapture(pcapFile(shuffled));
    expect(summary.first).toEqual({ seconds: second, nanoseconds: 1000 });
    expect(summary.last).toEqual({ seconds: second + 5, nanoseconds: 250_000_000 });
  });

  test('leaps of years are believed where the file goes on', () => {
    const leaping = [0, 4_000_000_000, 4_000_000_001, 5].map((seconds) => ({
      seconds,
      fraction: 0,
      octets: filled(20),
    }));
    const { frames, summary } = readCapture(pcapFile([...leaping, { seconds: 6, fraction: 0, octets: filled(20) }]));
    expect(frames.map((frame) => frame.seconds)).toEqual([0, 4_000_000_000, 4_000_000_001, 5, 6]);
    expect(summary.problems).toEqual([]);
  });
});

describe('damage', () => {
  test('a damaged time costs no frame, as tshark 4.0 reads it', () => {
    const seconds = [second, second + 1, 54_964, second + 3];
    const file = pcapFile(seconds.map((one) => ({ seconds: one, fraction: 0, octets: filled(60) })));
    const { frames, summary } = readCapture(file);
    expect(frames.map((frame) => frame.seconds)).toEqual(seconds);
    expect(summary.problems).toEqual([]);
  });

  test('every prefix gives the frames that it holds whole, and says where it ends', () => {
    const file = pcapFile(records);
    const ends = [100, 212, 269];
    for (let size = 0; size < file.length; size++) {
      const { frames, summary } = readCapture(file.subarray(0, size));
      expect(frames.length, `${size} octets`).toBe(ends.filter((end) => end <= size).length);
      const atBoundary = [24, ...ends].includes(size);
      expect(summary.complete, `${size} octets`).toBe(atBoundary);
      const code = size === 0 ? 'empty' : size < 4 ? 'not-a-capture' : 'truncated-record';
      expect(summary.problems.map((problem) => problem.code)).toEqual(atBoundary ? [] : [code]);
    }
  });

  test('what follows the header of a record that was cut is no record of another time', () => {
    // The first record of a real capture: from its length on, its octets would pass for one of 1970.
    const file = readFileSync(new URL('../../captures/07b-pap-wrong-password-server.pcap', import.meta.url));
    for (let size = 25; size < 24 + 16 + 74; size++) {
      expect(readCapture(file.subarray(0, size)).summary, `${size} octets`).toMatchObject({
        frames: 0,
        problems: [{ offset: 24, code: 'truncated-record' }],
      });
    }
  });

  test('a record cut at the end is told with its offset and numbers', () => {
    const file = pcapFile(records);
    expect(readCapture(file.subarray(0, file.length - 24)).summary.problems).toEqual([
      {
        offset: 212,
        frame: null,
        code: 'truncated-record',
        message: 'record 3 at offset 212 claims 41 octets, 17 remain',
      },
    ]);
    expect(readCapture(file.subarray(0, 212 + 9)).summary.problems[0]?.message).toBe(
      'record 3 at offset 212: its header takes 16 octets, 9 remain',
    );
  });

  const many = Array.from({ length: 20 }, (_, index) => ({
    seconds: second + index,
    fraction: index * 1000,
    octets: filled(50 + index, index),
  }));
  /** The file of `many` with a captured length overwritten. */
  const withLength = (index: number, length: number): Uint8Array => {
    const parts = [pcapHeader(), ...many.map((record) => pcapRecord(record))];
    new DataView((parts[index + 1] ?? new Uint8Array()).buffer).setUint32(8, length, true);
    return joined(parts);
  };
  const offsetOf = (index: number) =>
    24 + many.slice(0, index).reduce((sum, { octets }) => sum + 16 + octets.length, 0);

  test.each([
    ['4 GiB', 0xffff_ffff],
    ['more than a record may hold', 262_145],
    ['more than the wire had', 2000],
    ['too little', 3],
    ['nothing', 0],
  ])('a length that lies (%s) costs its record, and the rest is read', (_, length) => {
    const { frames, summary } = readCapture(withLength(7, length));
    const seen = frames.map((frame) => frame.seconds - second);
    expect(seen).toEqual(expect.arrayContaining([0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19]));
    expect(summary.complete).toBe(false);
    expect(summary.problems).toHaveLength(1);
    expect(summary.problems[0]).toMatchObject({ code: 'bad-length' });
    expect(summary.problems[0]?.message).toContain(`reading goes on at offset ${offsetOf(8)}`);
  });

  test('zeros behind a length that is too small may pass for records: behind them the rest is read', () => {
    const padded = many.map((record) => ({ ...record, octets: joined([record.octets, new Uint8Array(60)]) }));
    const parts = [pcapHeader(), ...padded.map((record) => pcapRecord(record))];
    new DataView((parts[8] ?? new Uint8Array()).buffer).setUint32(8, 70, true);
    const { frames, summary } = readCapture(joined(parts));
    const read = frames.filter(({ seconds }) => seconds > 0).map(({ seconds }) => seconds - second);
    expect(read).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
    expect(summary.problems).toMatchObject([{ code: 'bad-length' }]);
  });

  test('what was skipped is counted', () => {
    const problem = readCapture(withLength(7, 0xffff_ffff)).summary.problems[0];
    expect(problem).toEqual({
      offset: offsetOf(7),
      frame: null,
      code: 'bad-length',
      message:
        `record 8 at offset ${offsetOf(7)} claims 4294967295 octets, more than the 262144 that a record may hold; ` +
        `73 octets are skipped, reading goes on at offset ${offsetOf(8)}`,
    });
  });

  test('a length that reaches behind the end of the file is told from a cut file', () => {
    const { frames, summary } = readCapture(withLength(7, 60_000));
    expect(frames).toHaveLength(19);
    expect(summary.problems).toMatchObject([{ offset: offsetOf(7), code: 'bad-length' }]);
  });

  test('octets lost from the middle', () => {
    const file = pcapFile(many);
    const hole = offsetOf(5) + 30;
    const { frames } = readCapture(joined([file.subarray(0, hole), file.subarray(hole + 400)]));
    const after = many.filter((_, index) => offsetOf(index) >= hole + 400).map(({ seconds }) => seconds);
    expect(frames.map((frame) => frame.seconds)).toEqual(expect.arrayContaining(after.slice(1)));
  });

  test('nothing sound behind the damage', () => {
    const file = joined([pcapFile(records), new Uint8Array(500).fill(0xff)]);
    const { frames, summary } = readCapture(file);
    expect(frames).toHaveLength(3);
    expect(summary.problems).toMatchObject([{ offset: 269, code: 'bad-length' }]);
    expect(summary.problems[0]?.message).toContain('no sound record follows in the 500 octets to the end of the file');
  });

  test('files joined with cat: only the second header is lost', () => {
    const { frames, summary } = readCapture(joined([pcapFile(many), pcapFile(many)]));
    expect(frames).toHaveLength(40);
    expect(summary.problems).toMatchObject([{ offset: offsetOf(20), code: 'bad-length' }]);
  });

  test('writers that break the rules throughout are believed', () => {
    const broken = Array.from({ length: 5 }, (_, index) => ({
      seconds: second + index,
      fraction: 1_000_001,
      octets: filled(40),
      wireLength: 0,
    }));
    const { frames, summary } = readCapture(pcapFile(broken));
    expect(summary).toMatchObject({ frames: 5, problems: [], truncatedFrames: 0, wireBytes: 200 });
    expect(frames[0]).toMatchObject({ seconds: second + 1, nanoseconds: 1000, wireLength: 40 });
  });
});
