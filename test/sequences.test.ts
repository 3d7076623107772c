/**
 * Captures that were written to several files: whatever they are cut into and in whatever order they are named, the report
 * is the one of the whole.
 */

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { Analysis } from '../src/analyze.ts';
import { run } from '../src/cli/program.ts';
import { analyzeFiles } from '../src/node/index.ts';
import { joined } from '../src/octets/joined.ts';
import type { CaptureReport, Report } from '../src/report/contract.ts';
import { csvReport } from '../src/report/csv.ts';
import { markdownReport } from '../src/report/markdown.ts';
import { sarifReport } from '../src/report/sarif.ts';
import { plainPalette, textReport } from '../src/report/text.ts';
import { PcapngBlocks, pcapFile } from './support/captures.ts';
import { recordedIo } from './support/io.ts';
import { Scene } from './support/scene.ts';
import { cleanCuts, type Splittable, split, splittable } from './support/split.ts';
import { hasTool, outputOf } from './support/tools.ts';

const folder = mkdtempSync(join(tmpdir(), 'pptpscope-sequences-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let cases = 0;

/** Writes the files to a folder of their own; their names have the same order. */
function written(files: readonly Uint8Array[], suffix = '.pcap'): string[] {
  cases += 1;
  const own = join(folder, String(cases));
  mkdirSync(own);
  return files.map((octets, place) => {
    const path = join(own, `ring_${String(place + 1).padStart(5, '0')}${suffix}`);
    writeFileSync(path, octets);
    return path;
  });
}

function without({ captures: _captures, ...rest }: Report): Omit<Report, 'captures'> {
  return rest;
}

/** A healthy session and one that fails, beside the samples. */
const generated = [
  ['a generated session', new Scene().up().talk(30).hangUp().file()],
  ['a generated failure', new Scene({ vantage: 'server' }).dial().lcpInVain(8, 3).hangUp().file()],
] as const;

const names = readdirSync('captures').filter((name) => /\.pcap(ng)?$/.test(name));
const captures = [...names.map((name) => [name, readFileSync(join('captures', name))] as const), ...generated];
const samples = captures.flatMap(
  ([name, octets]): { name: string; path: string; parts: Splittable; cuts: number[] }[] => {
    const parts = splittable(octets);
    if (parts === null) return [];
    const [path = ''] = written([octets]);
    const cuts = cleanCuts(parts);
    return cuts.length === 0 ? [] : [{ name, path, parts, cuts }];
  },
);

test('nearly all samples can be cut', () => {
  expect(samples.length).toBeGreaterThan(captures.length - 3);
});

describe('a capture in several files', () => {
  test.each(samples)('$name', async ({ path, parts, cuts }) => {
    const whole = await analyzeFiles([path]);
    const [original] = whole.captures;
    if (original === undefined) throw new Error('no capture');
    await fc.assert(
      fc.asyncProperty(
        fc.subarray(cuts, { minLength: 1, maxLength: Math.min(8, cuts.length) }).chain((chosen) => {
          const order = Array.from({ length: chosen.length + 1 }, (_, place) => place);
          return fc.record({
            chosen: fc.constant(chosen),
            order: fc.shuffledSubarray(order, { minLength: order.length }),
            compressed: fc.boolean(),
          });
        }),
        async ({ chosen, order, compressed }) => {
          const files = split(parts, chosen);
          const paths = written(compressed ? files.map((file) => gzipSync(file)) : files);
          const report = await analyzeFiles(order.map((place) => paths[place] ?? ''));
          expect(without(report)).toEqual(without(whole));
          expect(report.captures.map((capture) => capture.path)).toEqual(paths);
          expectParts(report.captures, original);
        },
      ),
      { numRuns: 6 },
    );
  });
});

/** The captures of one sequence say together what the whole says. */
function expectParts(parts: readonly CaptureReport[], whole: CaptureReport): void {
  const total = (of: (capture: CaptureReport) => number): number => parts.reduce((sum, part) => sum + of(part), 0);
  for (const key of ['frames', 'capturedBytes', 'wireBytes', 'truncatedFrames', 'duplicateFrames'] as const) {
    expect(total((part) => part[key])).toBe(whole[key]);
  }
  expect(total((part) => part.framesBackInTime)).toBe(whole.framesBackInTime);
  for (const key of ['comments', 'incompleteDatagrams', 'failedNameLookups'] as const) {
    expect(parts.flatMap((part): unknown[] => part[key])).toEqual(whole[key]);
  }
  let next = 1;
  for (const part of parts) {
    expect(part).toMatchObject({ sequence: 0, firstFrame: next, vantage: whole.vantage, complete: whole.complete });
    next += part.frames;
  }
  expect(parts[0]?.firstFrameTime).toBe(whole.firstFrameTime);
  expect(parts.at(-1)?.lastFrameTime).toBe(whole.lastFrameTime);
}

const session = '01-mschapv2-mppe128-stateless-client.pcap';

function sample(name: string): Splittable {
  const found = samples.find((one) => one.name === name);
  if (found === undefined) throw new Error(`${name} cannot be cut`);
  return found.parts;
}

describe('what is no sequence', () => {
  test('two captures of the same time stay two, whatever the order', async () => {
    const { head, records } = sample(session);
    // The same frames would be one capture, given twice.
    const wholes = [records, records.slice(0, -1)].map((some) => joined([head, ...some.map(({ octets }) => octets)]));
    const paths = written(wholes);
    const report = await analyzeFiles(paths);
    expect(report.captures.map(({ sequence, firstFrame }) => [sequence, firstFrame])).toEqual([
      [0, 1],
      [1, 1],
    ]);
    expect(report.tunnels.map(({ id, capture }) => [id, capture])).toEqual([
      ['T1', 0],
      ['T2', 1],
    ]);
    expect(await analyzeFiles(paths.toReversed())).toEqual(report);
  });

  test('two captures with a pause that no tunnel survives', async () => {
    const octets = Uint8Array.of(1, 2, 3, 4);
    const paths = written([
      pcapFile([{ seconds: 1000, fraction: 0, octets }]),
      pcapFile([{ seconds: 1121, fraction: 0, octets }]),
    ]);
    expect((await analyzeFiles(paths)).captures.map(({ sequence }) => sequence)).toEqual([0, 1]);
  });

  test('what cannot be read stands last, by its path', async () => {
    const paths = written(split(sample(session), [20]));
    const missing = ['/no/such/b', '/no/such/a'];
    const { captures } = await analyzeFiles([...missing, ...paths]);
    expect(captures.map(({ path, sequence }) => [path, sequence])).toEqual([
      [paths[0], 0],
      [paths[1], 0],
      ['/no/such/a', 2],
      ['/no/such/b', 3],
    ]);
  });
});

describe('rotation', () => {
  test('a file that is damaged in the middle is told of in its own entry, and the rest goes on', async () => {
    const parts = sample(session);
    const [one, two, three] = split(parts, [20, 40]);
    if (one === undefined || two === undefined || three === undefined) throw new Error('three files');
    const paths = written([one, two.subarray(0, -5), three]);
    const report = await analyzeFiles(paths);
    expect(report.captures.map(({ complete, problems }) => [complete, problems.map(({ code }) => code)])).toEqual([
      [true, []],
      [false, ['truncated-record']],
      [true, []],
    ]);
    // Record 20 of the file, whatever number its frame would have.
    expect(report.captures[1]?.problems[0]?.message).toMatch(/^record 20 at offset /);
    const without39 = { ...parts, records: parts.records.filter((_record, place) => place !== 39) };
    const whole = await analyzeFiles(written(split(without39, [])));
    expect(without(report)).toEqual(without(whole));
  });

  test('a frame that is in both files is counted once', async () => {
    const parts = sample(session);
    const twice = {
      ...parts,
      records: parts.records.flatMap((record, place) => (place === 30 ? [record, record] : record)),
    };
    const report = await analyzeFiles(written(split(twice, [31])));
    expect(report.captures.map(({ duplicateFrames }) => duplicateFrames)).toEqual([0, 1]);
    const whole = await analyzeFiles(written(split(twice, [])));
    expect(without(report)).toEqual(without(whole));
  });

  test('frames may cross where a file begins', async () => {
    const parts = sample(session);
    const records = parts.records.toSpliced(30, 2, ...parts.records.slice(30, 32).toReversed());
    const crossed = { ...parts, records };
    const report = await analyzeFiles(written(split(crossed, [31])));
    expect(report.captures.map(({ sequence }) => sequence)).toEqual([0, 0]);
    expect(report.captures.map(({ framesBackInTime }) => framesBackInTime)).toEqual([0, 1]);
    expect(without(report)).toEqual(without(await analyzeFiles(written(split(crossed, [])))));
  });

  test('a ring that is given twice counts once', async () => {
    const parts = sample(session);
    const alone = await analyzeFiles(written(split(parts, [])));
    const ring = written(split(parts, [20, 40]));
    const twice = await analyzeFiles([...ring, ...written(split(parts, [20, 40]), '.dump')]);
    expect(twice.captures.map(({ repeats }) => repeats)).toEqual([undefined, 0, undefined, 2, undefined, 4]);
    expect(without(twice)).toEqual(without(alone));
  });

  test('a capture that only looks like another one, by lengths and times, is one of its own', async () => {
    const file = readFileSync(`captures/${session}`);
    const other = Buffer.from(file.toString('latin1').replaceAll('alice', 'clive'), 'latin1');
    const paths = [file, other].map((octets, index) => {
      const path = join(folder, `alike-${index}.pcap`);
      writeFileSync(path, octets);
      return path;
    });
    const report = await analyzeFiles(paths);
    expect(report.captures.map(({ repeats }) => repeats)).toEqual([undefined, undefined]);
    expect(report.tunnels.map(({ calls }) => calls[0]?.authentication[0]?.user)).toEqual(['alice', 'clive']);
  });

  test('two rings at the same time are told apart by their names', async () => {
    const parts = sample(session);
    const one = written(split(parts, [20, 40]), '_client.pcap');
    // The same frames would be one capture, given twice.
    const two = written(split({ ...parts, records: parts.records.slice(0, -1) }, [20, 40]), '_server.pcap');
    const report = await analyzeFiles([...one, ...two]);
    const sequenceOf = (path: string | undefined) => report.captures.find((capture) => capture.path === path)?.sequence;
    expect(new Set(one.map(sequenceOf)).size).toBe(1);
    expect(new Set(two.map(sequenceOf)).size).toBe(1);
    expect(report.tunnels.map(({ calls }) => calls.length)).toEqual([1, 1]);
  });

  test('a pipe may be one of the files', async () => {
    const parts = sample(session);
    const files = split(parts, [20, 40]);
    const paths = written(files);
    const [first = '', piped = '', last = ''] = paths;
    rmSync(piped);
    execFileSync('mkfifo', [piped]);
    const [report] = await Promise.all([analyzeFiles([last, piped, first]), writeFile(piped, files[1] ?? '')]);
    expect(report.captures.map(({ path, sequence }) => [path, sequence])).toEqual(paths.map((path) => [path, 0]));
    expect(without(report)).toEqual(without(await analyzeFiles(written(split(parts, [])))));
  });

  test.skipIf(!hasTool('editcap'))(
    'files that editcap names as dumpcap does (skipped where it is not installed)',
    async () => {
      for (const name of ['30-big-mixed-many-sessions-server.pcap', '05-mschapv1-mppe128-server.pcapng']) {
        cases += 1;
        const own = join(folder, String(cases));
        mkdirSync(own);
        outputOf('editcap', ['-c', '25', join('captures', name), join(own, 'vpn.pcapng')]);
        const paths = readdirSync(own).map((file) => join(own, file));
        expect(paths.length).toBeGreaterThan(2);
        const report = await analyzeFiles(paths.toReversed());
        expect(new Set(report.captures.map(({ sequence }) => sequence))).toEqual(new Set([0]));
        expect(without(report)).toEqual(without(await analyzeFiles([join('captures', name)])));
      }
    },
  );

  test.skipIf(!hasTool('mergecap'))('mergecap numbers frames alike (skipped where it is not installed)', async () => {
    for (const { parts, cuts } of samples.filter(({ name }) => name.endsWith('.pcap')).slice(0, 12)) {
      const paths = written(split(parts, [cuts[2] ?? 1, cuts[Math.floor(cuts.length / 2)] ?? 1]));
      const merged = join(folder, 'merged.pcapng');
      outputOf('mergecap', ['-w', merged, ...paths]);
      expect(without(await analyzeFiles(paths))).toEqual(without(await analyzeFiles([merged])));
    }
  });
});

test('dropped packets are counted from the start of the capture, or for each packet', () => {
  const blocks = new PcapngBlocks();
  const count = (value: number): Uint8Array => blocks.writer().u64(value).done();
  const empty = new Uint8Array(4);
  const head = [blocks.sectionHeader(), blocks.interfaceDescription(1, 0)];
  // isb_ifdrop counts from the start of the capture, epb_dropcount since the packet before. draft-ietf-opsawg-pcapng
  const statistics = (dropped: number) =>
    joined([...head, blocks.enhancedPacket(1, empty), blocks.interfaceStatistics(0, [[5, count(dropped)]])]);
  const packet = (dropped: number) =>
    joined([...head, blocks.enhancedPacket(1, empty, { options: [[4, count(dropped)]] })]);
  const droppedOf = ([first, ...later]: Uint8Array[]): number | null | undefined => {
    const analysis = new Analysis();
    let capture = analysis.capture('first', null);
    capture.push(first ?? new Uint8Array(0));
    for (const file of later) {
      capture = capture.next('later', null);
      capture.push(file);
    }
    capture.finish();
    return analysis.results()[0]?.whole.droppedByCapture;
  };
  expect(droppedOf([statistics(3), statistics(5)])).toBe(5);
  expect(droppedOf([packet(3), packet(5)])).toBe(8);
  expect(droppedOf([packet(3), statistics(5), statistics(7)])).toBe(10);
  expect(droppedOf([pcapFile([]), pcapFile([])])).toBeNull();
});

describe('formats', () => {
  test('text and Markdown say that frames are numbered on; SARIF and CSV name the file that holds them', async () => {
    const paths = written(split(sample(session), [14]));
    const report = await analyzeFiles(paths);
    const text = [...textReport(report, { width: 200, palette: plainPalette, time: 'utc', verbose: false })].join('');
    for (const shown of [text, [...markdownReport(report)].join('')]) {
      expect(shown.match(/goes on from the file before, frames numbered from 15 on/g)).toHaveLength(1);
      expect(shown.match(/No PPTP/g)).toBeNull();
    }
    const [run] = JSON.parse([...sarifReport(report)].join('')).runs;
    const places: [number, number][] = run.results.map((result: SarifResult) => {
      const [location] = result.locations;
      return [result.properties.frames[0], location?.physicalLocation.artifactLocation.index];
    });
    expect(new Set(places.map(([, index]) => index))).toEqual(new Set([0, 1]));
    for (const [frame, index] of places) expect(index).toBe(frame <= 14 ? 0 : 1);
    expect([...csvReport(report)][1]?.startsWith(`${paths[0]},`)).toBe(true);
  });

  test('packets and ladder show what they show of the whole', async () => {
    const parts = sample(session);
    const paths = written(split(parts, [20, 40]));
    const [whole] = written(split(parts, []));
    const shown = async (words: string[]): Promise<string> => {
      const io = recordedIo();
      expect(await run(words, io, analyzeFiles)).toBe(0);
      return io.out();
    };
    const lines = (of: string): object[] => {
      return of.split('\n').flatMap((line) => (line === '' ? [] : [{ ...JSON.parse(line), capture: null }]));
    };
    for (const more of [['--all'], ['--frames', '15-45', '--details'], ['--frames', '41-'], ['--count', '3']]) {
      const words = ['packets', '--format', 'json', ...more];
      const expected = lines(await shown([...words, whole ?? '']));
      expect(expected.length).toBeGreaterThan(0);
      expect(lines(await shown([...words, ...paths.toReversed()]))).toEqual(expected);
    }
    expect(await shown(['ladder', ...paths])).toBe(await shown(['ladder', whole ?? '']));
    const text = await shown(['packets', '--time', 'delta', ...paths]);
    const bare = (of: string): string[] => of.split('\n').filter((line) => line !== '' && !paths.includes(line));
    expect(bare(text)).toEqual(bare(await shown(['packets', '--time', 'delta', whole ?? ''])));
  });
});

interface SarifResult {
  locations: { physicalLocation: { artifactLocation: { index: number } } }[];
  properties: { frames: number[] };
}
