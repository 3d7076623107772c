/** Container reading against Wireshark's tools: counts, times, lengths and link types, of the samples and of hand-made files. */

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { CaptureSummary } from '../src/capture/summary.ts';
import type { Instant } from '../src/octets/instant.ts';
import { joined } from '../src/octets/joined.ts';
import { type BlockOption, type PacketRecord, PcapngBlocks, pcapFile, utf8 } from './support/captures.ts';
import { type ReadFrame, readCapture } from './support/reading.ts';
import { hasTool, outputOf } from './support/tools.ts';

const folder = mkdtempSync(join(tmpdir(), 'pptpscope-containers-'));
afterAll(() => rmSync(folder, { recursive: true }));

const samples = readdirSync('captures').filter((name) => /\.pcap(ng)?$/.test(name));

/** As Wireshark's tools print it: seconds and `digits` decimals. */
function epoch(instant: Instant | null, digits: number): string {
  if (instant === null) return 'n/a';
  const fraction = String(Math.floor(instant.nanoseconds)).padStart(9, '0').slice(0, digits);
  return digits === 0 ? String(instant.seconds) : `${instant.seconds}.${fraction}`;
}

describe('capinfos', () => {
  /** Its names of the link types that the samples have. */
  const encapsulations: { readonly [linkType: number]: string } = { 1: 'ether', 113: 'linux-sll' };
  const types = { microsecond: 'pcap', nanosecond: 'nsecpcap' };

  const row = (name: string, size: number, summary: CaptureSummary): string => {
    const type = summary.kind === 'pcapng' ? 'pcapng' : types[summary.timestampResolution as keyof typeof types];
    const encapsulation = encapsulations[summary.linkTypes[0] ?? -1];
    const times = [summary.first, summary.last].map((instant) => epoch(instant, summary.timestampDigits));
    return [name, type, encapsulation, summary.frames, size, summary.wireBytes, ...times].join('\t');
  };

  test.skipIf(!hasTool('capinfos'))('all samples (skipped where capinfos is not installed)', () => {
    expect(samples.length).toBeGreaterThan(70);
    const options = ['-T', '-r', '-M', '-S', '-t', '-E', '-c', '-s', '-d', '-a', '-e'];
    const paths = samples.map((name) => `captures/${name}`);
    const theirs = outputOf('capinfos', [...options, ...paths])
      .toString()
      .trimEnd()
      .split('\n');
    const ours = paths.map((path) => {
      const octets = readFileSync(path);
      return row(path, octets.length, readCapture(octets).summary);
    });
    expect(ours).toEqual(theirs);
  });
});

const filled = (size: number, seed: number) => Uint8Array.from({ length: size }, (_, index) => (index + seed) & 0xff);
const records: PacketRecord[] = Array.from({ length: 5 }, (_, index) => ({
  seconds: 1_700_000_000 + index,
  fraction: 123_456 * index,
  octets: filled(60 + index, index),
  wireLength: 60 + index + (index % 2) * 100,
}));

const little = new PcapngBlocks(true);
const big = new PcapngBlocks(false);
const resolution = (octet: number): BlockOption => [9, [octet]];
const packet = (blocks: PcapngBlocks, timestamp: bigint, interfaceId = 0) =>
  blocks.enhancedPacket(timestamp, filled(70, 1), { interfaceId, wireLength: 80 });

const handMade: { readonly [name: string]: Uint8Array } = {
  'big-endian.pcap': pcapFile(records, { littleEndian: false }),
  'nanoseconds.pcap': pcapFile(records, { magic: 0xa1b23c4d }),
  'nanoseconds-big-endian.pcap': pcapFile(records, { magic: 0xa1b23c4d, littleEndian: false }),
  'modified.pcap': pcapFile(records, { magic: 0xa1b2cd34 }),
  'modified-big-endian.pcap': pcapFile(records, { magic: 0xa1b2cd34, littleEndian: false }),
  'resolutions.pcapng': joined([
    little.sectionHeader([[1, utf8('one interface for each resolution')]]),
    ...[3, 6, 9, 0x94, 0x9e].map((octet) => little.interfaceDescription(1, 0, [resolution(octet)])),
    packet(little, 1_700_000_000_123n, 0),
    packet(little, 1_700_000_000_123_456n, 1),
    packet(little, 1_700_000_000_123_456_789n, 2),
    packet(little, (1_700_000_000n << 20n) + 123_456n, 3),
    packet(little, (1_700_000_000n << 30n) + 123_456_789n, 4),
  ]),
  'offsets.pcapng': joined([
    little.sectionHeader(),
    little.interfaceDescription(1, 0, [[14, little.writer().u64(1_600_000_000n).done()]]),
    little.interfaceDescription(1, 0, [[14, little.writer().u64(-3600n).done()]]),
    packet(little, 5_000_007n),
    packet(little, 1_700_000_000_000_001n, 1),
  ]),
  'sections.pcapng': joined([
    little.sectionHeader(),
    little.interfaceDescription(1),
    packet(little, 1_700_000_000_000_000n),
    big.sectionHeader(),
    big.interfaceDescription(1, 0, [resolution(9)]),
    big.interfaceDescription(101),
    packet(big, 1_700_000_001_000_000_000n),
    packet(big, 1_700_000_002_000_000n, 1),
    big.block(0xbad, [0, 0, 1, 2, 3]),
    big.block(0x7777, filled(33, 0)),
    big.packet(1_700_000_003_000_000n, filled(33, 0), 0xffff, 1),
  ]),
};

describe('tshark, frame by frame', () => {
  const fields = ['frame.number', 'frame.time_epoch', 'frame.len', 'frame.cap_len'];
  const row = (frame: ReadFrame): string => {
    const time = frame.timed ? epoch(frame, 9) : '';
    return [frame.number, time, frame.wireLength, frame.octets.length / 2].join('\t');
  };

  /** The custom block of `sections.pcapng`: tshark gives it a number and a length as if it were a frame. */
  const customRow = '4\t\t4\t4';

  function expectAgreement(path: string): void {
    const { frames } = readCapture(readFileSync(path));
    const theirs = outputOf('tshark', ['-n', '-r', path, '-T', 'fields', ...fields.flatMap((field) => ['-e', field])]);
    const packets = theirs
      .toString()
      .trimEnd()
      .split('\n')
      .filter((line) => line !== customRow);
    expect(frames.map(row)).toEqual(packets);
  }

  test
    .skipIf(!hasTool('tshark'))
    .each([
      '04-mschapv2-no-mppe-server-any-sll.pcap',
      '25-snaplen-96-server.pcap',
      '38-throughput-iperf3-mppe128-server.pcap',
      '50-variant-time-shuffled.pcap',
      ...samples.filter((name) => name.endsWith('.pcapng')),
    ])('%s (skipped where tshark is not installed)', (name) => expectAgreement(`captures/${name}`));

  test.skipIf(!hasTool('tshark')).each(Object.keys(handMade))('%s (skipped where tshark is not installed)', (name) => {
    const path = join(folder, name);
    writeFileSync(path, handMade[name] ?? '');
    expectAgreement(path);
  });
});

test('the gzip sample is the first one, compressed', async () => {
  const { gunzipSync } = await import('node:zlib');
  const sample = gunzipSync(readFileSync('captures/50-variant-gzip.pcap.gz'));
  expect(readCapture(sample)).toEqual(readCapture(readFileSync('captures/01-mschapv2-mppe128-stateless-client.pcap')));
});
