/**
 * Damaged and odd captures against Wireshark's tools: for all that these accept, the same frames. Fixed seeds, real
 * captures damaged in their octets, in their packets, and as pcapng.
 *
 * Understood differences, each of them allowed for below and nowhere else:
 * - A wire length below the captured one is raised to it here; Wireshark shows it as it is, and lengths from 2^31 on as 2^31 - 1.
 * - Behind damage Wireshark stops. Reading goes on here, so that more frames are no difference; what Wireshark read last
 *   before it stopped may be the damage, taken at its word.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { packetsOf, pcapngOf, pcapOf } from '../src/fuzz/capture-file.ts';
import { pick, seeded } from '../src/fuzz/choices.ts';
import { damaged } from '../src/fuzz/damage.ts';
import { damagedPackets } from '../src/fuzz/damaged-packets.ts';
import { type ReadFrame, readCapture } from './support/reading.ts';
import { hasTool } from './support/tools.ts';

const folder = mkdtempSync(join(tmpdir(), 'pptpscope-damaged-'));
afterAll(() => rmSync(folder, { recursive: true }));

/**
 * Small ones: damage hits what a file is made of, not the thousandth packet. Those that the seeds were looked through with: one
 * more would make other cases of all, and with them differences of Wireshark's (it takes sixteen zeros for a packet at time 0,
 * and guesses variants of pcap whose record headers are longer).
 */
const samples = readdirSync('captures')
  .filter((name) => /\.pcap(ng)?$/.test(name) && name < '60')
  .map((name) => new Uint8Array(readFileSync(`captures/${name}`)))
  .filter((file) => file.length < 20_000);

interface Damaged {
  readonly path: string;
  readonly file: Uint8Array;
  readonly frames: readonly ReadFrame[];
}

function damagedFile(seed: number): Damaged {
  const choices = seeded(seed);
  const [sample, other] = [pick(choices, samples), pick(choices, samples)];
  const file = pick(choices, [
    () => damaged(choices, sample, other),
    () => damaged(choices, pcapngOf(packetsOf(sample)), other),
    () => pcapOf(damagedPackets(choices, packetsOf(sample), packetsOf(other))),
  ])();
  const path = join(folder, `${seed}.capture`);
  writeFileSync(path, file);
  return { path, file, frames: readCapture(file).frames };
}

/** What a tool says that may give up on its way. */
function said(tool: string, words: readonly string[]): { out: string[]; complaints: string } {
  const { stdout, stderr } = spawnSync(tool, words, { encoding: 'utf8', maxBuffer: 1 << 28 });
  return { out: stdout.split('\n').filter((line) => line !== ''), complaints: stderr };
}

describe.skipIf(!hasTool('capinfos'))('capinfos (skipped where it is not installed)', () => {
  it('counts the same frames, as far as it reads', () => {
    const files = Array.from({ length: 400 }, (_, seed) => damagedFile(seed));
    const { out, complaints } = said('capinfos', ['-T', '-r', '-M', '-c', ...files.map(({ path }) => path)]);
    const counted = new Map(out.map((line) => line.split('\t') as [string, string]));
    let whole = 0;
    let partly = 0;
    const differ = files.flatMap(({ path, frames }) => {
      const until = new RegExp(`after reading (\\d+) packets from "${path}"`).exec(complaints)?.[1];
      const count = counted.get(path);
      if (until !== undefined) {
        partly += 1;
        return frames.length >= Number(until) - 1 ? [] : [`${path}: ${until} before it stopped, here ${frames.length}`];
      }
      // Not a capture for it.
      if (count === undefined) return [];
      whole += 1;
      return frames.length === Number(count) ? [] : [`${path}: ${count}, here ${frames.length}`];
    });
    expect(differ).toEqual([]);
    expect(whole).toBeGreaterThan(150);
    expect(partly).toBeGreaterThan(100);
  });
});

describe.skipIf(!hasTool('tshark'))('tshark (skipped where it is not installed)', () => {
  const fields = ['frame.number', 'frame.time_epoch', 'frame.cap_len', 'frame.len', 'frame.md5_hash'];

  const row = (frame: ReadFrame): string => {
    const octets = Buffer.from(frame.octets, 'hex');
    const time = frame.timed ? `${frame.seconds}.${String(Math.floor(frame.nanoseconds)).padStart(9, '0')}` : '';
    const hash = createHash('md5').update(octets).digest('hex');
    return [frame.number, time, octets.length, Math.min(frame.wireLength, 0x7fff_ffff), hash].join(' ');
  };

  const theirRow = (line: string): string => {
    const [number = '', time = '', captured = '', wire = '', hash = ''] = line.split('\t');
    return [number, time, captured, Math.max(Number(wire), Number(captured)), hash].join(' ');
  };

  it.each(Array.from({ length: 20 }, (_, seed) => seed))('reads the same frames, seed %i', (seed) => {
    const { path, frames } = damagedFile(seed);
    const words = ['-n', '-r', path, '-o', 'frame.generate_md5_hash:TRUE', '-T', 'fields'];
    const { out, complaints } = said('tshark', [...words, ...fields.flatMap((field) => ['-e', field])]);
    const stopped = complaints.includes('tshark: The file');
    const theirs = out.map(theirRow);
    const ours = frames.map(row);
    if (!stopped) expect(ours).toEqual(theirs);
    else expect(ours.slice(0, Math.max(0, theirs.length - 1))).toEqual(theirs.slice(0, -1));
  });
});
