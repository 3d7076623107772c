import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type PacketRecord, PcapngBlocks, pcapFile, pcapngFile } from '../../test/support/captures.ts';
import { cutInto, readCapture, readChunks } from '../../test/support/reading.ts';
import { joined } from '../octets/joined.ts';
import { CaptureReader } from './reader.ts';

const record: fc.Arbitrary<PacketRecord> = fc.record({
  seconds: fc.integer({ min: 1_600_000_000, max: 1_600_400_000 }),
  fraction: fc.integer({ min: 0, max: 999_999 }),
  octets: fc.uint8Array({ minLength: 1, maxLength: 80 }),
});

/** Snapped records as well. */
const records = fc.array(
  fc.tuple(record, fc.nat({ max: 2000 })).map(([kept, cut]) => ({ ...kept, wireLength: kept.octets.length + cut })),
  { maxLength: 12 },
);

const sizes = fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 8 });

/** Captures of either format, sound and with octets overwritten, removed or added. */
const damaged = fc
  .tuple(
    records,
    fc.boolean(),
    fc.boolean(),
    fc.array(fc.tuple(fc.nat({ max: 600 }), fc.uint8Array({ maxLength: 5 }), fc.nat({ max: 6 })), { maxLength: 4 }),
  )
  .map(([packets, ng, littleEndian, changes]) => {
    let file = ng ? pcapngFile(packets, 1, littleEndian) : pcapFile(packets, { littleEndian });
    for (const [place, octets, removed] of changes) {
      const at = place % (file.length + 1);
      file = joined([file.subarray(0, at), octets, file.subarray(at + removed)]);
    }
    return file;
  });

describe('any cutting into chunks gives the same', () => {
  test('of hand-made files, sound and damaged', () => {
    fc.assert(
      fc.property(damaged, sizes, (file, cuts) => {
        expect(readChunks(cutInto(file, cuts))).toEqual(readCapture(file));
      }),
      { numRuns: 500 },
    );
  });

  test('of arbitrary octets behind either magic', () => {
    const magic = fc.constantFrom(
      'a1b2c3d4',
      'd4c3b2a1',
      '4d3cb2a1',
      '34cdb2a1',
      '0a0d0d0a1c0000004d3c2b1a',
      '0a0d0d0a0000001c1a2b3c4d',
      '',
    );
    fc.assert(
      fc.property(magic, fc.uint8Array({ maxLength: 800 }), sizes, (head, octets, cuts) => {
        const file = joined([Buffer.from(head, 'hex'), octets]);
        expect(readChunks(cutInto(file, cuts))).toEqual(readCapture(file));
      }),
      { numRuns: 500 },
    );
  });

  test.each([1, 7, 1000, 65_536])('of a real capture, %i octets each', (size) => {
    const file = readFileSync('captures/22-netem-loss-reorder-mppe128-stateless-server.pcap');
    expect(readChunks(cutInto(file, [size]))).toEqual(readCapture(file));
  });
});

test('pcap and pcapng of the same frames give the same frames', () => {
  fc.assert(
    fc.property(records, fc.boolean(), (packets, littleEndian) => {
      const pcap = readCapture(pcapFile(packets, { littleEndian }));
      const pcapng = readCapture(pcapngFile(packets, 1, littleEndian));
      expect(pcapng.frames).toEqual(pcap.frames);
      expect(pcapng.summary).toEqual({ ...pcap.summary, kind: 'pcapng' });
      expect(pcap.frames.map(({ octets }) => octets)).toEqual(
        packets.map(({ octets }) => Buffer.from(octets).toString('hex')),
      );
      expect(pcap.summary.complete).toBe(true);
    }),
  );
});

describe('no input throws', () => {
  test.each(['05-mschapv1-mppe128-server.pcapng', '04-mschapv2-no-mppe-server-any-sll.pcap'])(
    'mutations of %s',
    (name) => {
      const original = readFileSync(`captures/${name}`);
      const changes = fc.array(fc.tuple(fc.nat({ max: original.length - 1 }), fc.integer({ min: 0, max: 255 })), {
        maxLength: 40,
      });
      fc.assert(
        fc.property(changes, (changed) => {
          const file = Uint8Array.from(original);
          for (const [at, octet] of changed) file[at] = octet;
          const { frames, summary } = readCapture(file);
          expect(summary.frames).toBe(frames.length);
          for (const frame of frames) {
            expect(frame.wireLength).toBeGreaterThanOrEqual(frame.octets.length / 2);
            expect(frame.nanoseconds).toBeLessThan(1e9);
          }
        }),
        { numRuns: 300 },
      );
    },
  );
});

describe('the reader between chunks', () => {
  const packets = [1, 2, 3].map((fraction) => ({ seconds: 1_700_000_000, fraction, octets: new Uint8Array(100) }));

  test('a frame is handed on as soon as its last octet is there', () => {
    const blocks = new PcapngBlocks();
    for (const file of [
      pcapFile(packets),
      joined([blocks.sectionHeader(), blocks.interfaceDescription(1), blocks.enhancedPacket(1, new Uint8Array(50))]),
    ]) {
      let frames = 0;
      const reader = new CaptureReader({ frame: () => frames++ });
      reader.push(file.subarray(0, file.length - 1));
      const before = frames;
      reader.push(file.subarray(file.length - 1));
      expect(frames).toBe(before + 1);
    }
  });

  test('timestampDigits tells what is known', () => {
    const reader = new CaptureReader({ frame: () => {} });
    expect(reader.timestampDigits).toBe(0);
    const file = pcapFile(packets);
    reader.push(file.subarray(0, 200));
    expect(reader.timestampDigits).toBe(6);
  });

  test('a record of 256 KiB in small chunks', () => {
    const large = { seconds: 1, fraction: 2, octets: Uint8Array.from({ length: 262_144 }, (_, index) => index % 251) };
    const file = pcapFile([large, large]);
    const { frames, summary } = readChunks(cutInto(file, [1460]));
    expect(summary).toMatchObject({ frames: 2, complete: true });
    expect(frames[1]?.octets).toBe(Buffer.from(large.octets).toString('hex'));
  });

  test('push and finish after finish are the caller’s fault', () => {
    const reader = new CaptureReader({ frame: () => {} });
    reader.finish();
    expect(() => reader.push(new Uint8Array(1))).toThrow('push after finish');
    expect(() => reader.finish()).toThrow('finish called twice');
  });
});
