/**
 * On classic pcap our reader agrees frame by frame with the package pcap-parser. That one knows microseconds in both byte orders;
 * it refuses nanosecond and modified files and pcapng, and says nothing of a file that was cut.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'pcap-parser';
import { afterAll, describe, expect, test } from 'vitest';
import { pcapFile } from './support/captures.ts';
import { readCapture } from './support/reading.ts';

interface Parsed {
  linkType: number;
  frames: { seconds: number; nanoseconds: number; wireLength: number; octets: string }[];
}

function parsed(path: string): Promise<Parsed> {
  return new Promise((resolve, reject) => {
    const result: Parsed = { linkType: -1, frames: [] };
    parse(path)
      .on('error', reject)
      .on('globalHeader', (header) => {
        result.linkType = header.linkLayerType;
      })
      .on('packet', ({ header, data }) => {
        result.frames.push({
          seconds: header.timestampSeconds,
          nanoseconds: header.timestampMicroseconds * 1000,
          wireLength: header.originalLength,
          octets: data.toString('hex'),
        });
      })
      .on('end', () => resolve(result));
  });
}

/** The magic of microsecond files, little endian as all samples are. */
const isMicrosecondPcap = (name: string) => readFileSync(`captures/${name}`).readUInt32LE(0) === 0xa1b2c3d4;

const folder = mkdtempSync(join(tmpdir(), 'pptpscope-pcap-parser-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function expectAgreement(path: string): Promise<number> {
  const theirs = await parsed(path);
  const ours = readCapture(readFileSync(path));
  expect(ours.summary.linkTypes).toEqual([theirs.linkType]);
  expect(
    ours.frames.map(({ seconds, nanoseconds, wireLength, octets }) => ({ seconds, nanoseconds, wireLength, octets })),
  ).toEqual(theirs.frames);
  return theirs.frames.length;
}

const samples = readdirSync('captures').filter((name) => name.endsWith('.pcap'));

describe('agreement with pcap-parser', () => {
  test('the samples are there', () => expect(samples.filter(isMicrosecondPcap).length).toBeGreaterThan(60));

  test.each(samples.filter(isMicrosecondPcap))('%s', async (name) => {
    expect(await expectAgreement(`captures/${name}`)).toBeGreaterThan(0);
  });

  test('a big-endian file', async () => {
    const path = join(folder, 'big-endian.pcap');
    const records = [1, 2, 3].map((index) => ({
      seconds: 1_700_000_000 + index,
      fraction: 999_990 + index,
      octets: new Uint8Array(40 + index).fill(index),
      wireLength: 1500,
    }));
    writeFileSync(path, pcapFile(records, { littleEndian: false, linkType: 101 }));
    expect(await expectAgreement(path)).toBe(3);
  });
});
