/** `pptpscope packets -w`: what is written is what was captured, by the word of tshark and capinfos. */

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../src/cli/program.ts';
import { analyzeFiles } from '../src/node/index.ts';
import { joined } from '../src/octets/joined.ts';
import { PcapngBlocks, utf8 } from './support/captures.ts';
import { recordedIo } from './support/io.ts';
import { joinCaptures } from './support/joined-captures.ts';
import { wholeSession } from './support/session.ts';
import { hasTool, outputOf } from './support/tools.ts';

const captures = fileURLToPath(new URL('../captures/', import.meta.url));
const names = readdirSync(captures).filter((name) => /\.pcap(ng)?(\.gz)?$/.test(name));
const session = join(captures, '01-mschapv2-mppe128-stateless-client.pcap');
const columns = ['frame.time_epoch', 'frame.len', 'frame.cap_len', 'frame.encap_type', 'frame.protocols'];

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pptpscope-write-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function pptpscope(words: string[]): Promise<{ status: number; err: string }> {
  const io = recordedIo();
  return { status: await run(words, io, analyzeFiles), err: io.err() };
}

function written(name: string, file: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, file);
  return path;
}

const installed = hasTool('tshark') && hasTool('capinfos') && hasTool('mergecap');
describe.skipIf(!installed)('-w (skipped without tshark, capinfos and mergecap)', () => {
  /** Times, lengths, protocols and octets of all packets, as tshark prints them. */
  const packets = (path: string): string => outputOf('tshark', ['-r', path, '-t', 'e', '-x']).toString();
  const fields = (path: string): string =>
    outputOf('tshark', ['-r', path, '-T', 'fields', ...columns.flatMap((column) => ['-e', column])]).toString();

  it('all of each sample is read by tshark with equal frame data', async () => {
    const copies: string[] = [];
    const said: number[] = [];
    for (const name of names) {
      const copy = join(folder, `${name}.pcapng`);
      const { status, err } = await pptpscope(['packets', '--all', '-w', copy, join(captures, name)]);
      expect(status, name).toBe(0);
      said.push(Number(/(\d+) packets? written to /.exec(err)?.[1]));
      copies.push(copy);
    }
    const [theirs, ours] = [join(folder, 'originals.pcapng'), join(folder, 'copies.pcapng')];
    const originals = joinCaptures(
      names.map((name) => join(captures, name)),
      theirs,
    );
    expect(said).toEqual(originals.map(({ frames }) => frames));
    expect(joinCaptures(copies, ours).map(({ frames }) => frames)).toEqual(said);
    const [expected, lines] = [packets(theirs).split('\n'), packets(ours).split('\n')];
    expect(expected.length).toBeGreaterThan(100_000);
    expect(lines.length).toBe(expected.length);
    expect(lines.find((line, index) => line !== expected[index])).toBeUndefined();
  });

  it('writes the selected packets, and the explanations as comments', async () => {
    const copy = join(folder, 'lcp.pcapng');
    await pptpscope(['packets', '--protocol', 'lcp', '-w', copy, '--annotate', session]);
    const rows = (path: string): string[] =>
      outputOf('tshark', ['-r', path, '-T', 'fields', '-e', 'frame.number', '-e', 'frame.comment'])
        .toString()
        .split('\n')
        .slice(0, -1);
    expect(rows(copy)).toHaveLength(8);
    // The verdict stands on the first packet that is written, whichever it is.
    expect(rows(copy)[0]).toMatch(/^1\tT1\.1 VPN came up/);
    expect(rows(copy).join('\n')).toMatch(/T1\.1 lcp passed: MRU 1400\/1400/);
    const plain = join(folder, 'plain.pcapng');
    await pptpscope(['packets', '--protocol', 'lcp', '-w', plain, session]);
    expect(rows(plain)).toEqual(Array.from({ length: 8 }, (_, index) => `${index + 1}\t`));
  });

  it('keeps comments, time finer than a microsecond, and cut frames', async () => {
    const blocks = new PcapngBlocks();
    const [first, second] = wholeSession();
    if (first === undefined || second === undefined) throw new Error('a session has frames');
    const file = written(
      'comments.pcapng',
      joined([
        blocks.sectionHeader([[1, utf8('of the file')]]),
        blocks.interfaceDescription(1, 0, [[9, [9]]]),
        blocks.enhancedPacket(1_700_000_000_123_456_789n, first.octets, { options: [[1, utf8('of the frame äöü')]] }),
        blocks.enhancedPacket(1_700_000_000_123_456_790n, second.octets.slice(0, 50), {
          wireLength: second.octets.length,
        }),
      ]),
    );
    const copy = join(folder, 'comments-copy.pcapng');
    await pptpscope(['packets', '--all', '-w', copy, file]);
    expect(fields(copy)).toBe(fields(file));
    expect(outputOf('tshark', ['-r', copy, '-T', 'fields', '-e', 'frame.comment']).toString()).toBe(
      'of the frame äöü\n\n',
    );
    expect(outputOf('capinfos', ['-k', copy]).toString()).toContain('of the file');
  });

  it('does not overwrite what it reads', async () => {
    const file = written('own.pcap', readFileSync(session));
    const { status, err } = await pptpscope(['packets', '-w', file, file]);
    expect(status).toBe(2);
    expect(err).toContain('would be overwritten');
    expect(readFileSync(file)).toEqual(readFileSync(session));
  });

  it('a place that cannot be written is one line', async () => {
    const { status, err } = await pptpscope(['packets', '-w', join(folder, 'no', 'such.pcapng'), session]);
    expect(status).toBe(2);
    expect(err.trim().split('\n')).toHaveLength(1);
  });
});
