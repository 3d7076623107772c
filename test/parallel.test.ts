/** Captures that are read at the same time, by the built library: the report is the one of reading them in turn. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import type { AnalysisOptions } from '../src/analysis-options.ts';
import type * as Parallel from '../src/node/parallel.ts';
import type * as Source from '../src/node/source.ts';
import type * as Inputs from '../src/reading/inputs.ts';
import type { Input } from '../src/reading/inputs.ts';
import type { Place } from '../src/reading/reading.ts';
import { jsonReport } from '../src/report/json.ts';
import { split, splittable } from './support/split.ts';

const built = new URL('../dist/', import.meta.url).href;
const { analyzeFiles } = (await import(`${built}node/index.js`)) as typeof import('../src/node/index.ts');
const { inputsOf } = (await import(`${built}reading/inputs.js`)) as typeof Inputs;
const { captureAt } = (await import(`${built}node/source.js`)) as typeof Source;
const { analyzeShares, analyzeTogether, groupsOf, sharesOf } = (await import(
  `${built}node/parallel.js`
)) as typeof Parallel;

const folder = mkdtempSync(join(tmpdir(), 'pptpscope-parallel-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Workers that begin, and those that send something other than progress. */
const workers = { begun: 0, answered: 0 };
process.on('worker', (worker) => {
  workers.begun += 1;
  worker.on('message', (message) => {
    if ('outcome' in message) workers.answered += 1;
  });
});

const names = readdirSync('captures').filter((name) => /\.(pcap|pcapng|gz)$/.test(name));

async function placesOf(paths: readonly string[]): Promise<Place[]> {
  return (await inputsOf(paths.map(captureAt))).map((input, index) => ({ index, input }));
}

async function together(paths: readonly string[], most: number, options = {}): Promise<string | null> {
  const report = await analyzeShares(sharesOf(groupsOf(await placesOf(paths)), most), options, () => {});
  return report === null ? null : [...jsonReport(report)].join('');
}

async function inTurn(paths: readonly string[], options = {}): Promise<string> {
  return [...jsonReport(await analyzeFiles(paths, { ...options, onFrame: () => {} }))].join('');
}

describe('the same report', () => {
  test('of all samples, in two and in three shares', async () => {
    const paths = names.map((name) => join('captures', name));
    const expected = await inTurn(paths);
    for (const most of [2, 3]) {
      workers.begun = workers.answered = 0;
      expect(await together(paths, most)).toBe(expected);
      expect(workers).toEqual({ begun: most - 1, answered: most - 1 });
    }
  });

  test('of two rings and a stranger', async () => {
    const paths = rings();
    expect(groupsOf(await placesOf(paths)).length).toBeGreaterThan(2);
    expect(await together(paths, 2)).toBe(await inTurn(paths));
  });

  test('with secrets, other ports, and bounds', async () => {
    const paths = rings();
    const options = { keepSecrets: true, controlPorts: [1723, 47], limits: { anomalies: 1, 'control-messages': 2 } };
    expect(await together(paths, 2, options)).toBe(await inTurn(paths, options));
  });

  test('where a worker cannot be given its options', async () => {
    const paths = rings();
    workers.begun = workers.answered = 0;
    expect(await together(paths, 2, { stranger: () => {} })).toBe(await inTurn(paths));
    expect(workers.answered).toBe(0);
  });

  test('where a worker fails', async () => {
    const paths = rings();
    const fail = (worker: { terminate: () => unknown }): void => void worker.terminate();
    process.on('worker', fail);
    workers.begun = workers.answered = 0;
    try {
      expect(await together(paths, 2)).toBe(await inTurn(paths));
    } finally {
      process.off('worker', fail);
    }
    expect(workers).toEqual({ begun: 1, answered: 0 });
  });
});

test('files that turn out to be one sequence are not reported apart', async () => {
  const places = await placesOf(rings().slice(0, 2));
  expect(groupsOf(places)).toHaveLength(1);
  expect(
    await analyzeShares(
      places.map((place) => [place]),
      {},
      () => {},
    ),
  ).toBeNull();
});

describe('whether it is worthwhile', () => {
  /** Inputs that claim to be larger than they are. */
  const claiming = async (sizes: readonly (number | null)[]): Promise<Place[]> => {
    const places = await placesOf([...rings().slice(0, 1), join('captures', names[0] ?? '')]);
    return places.map(({ index, input }) => ({ index, input: { ...input, size: sizes[index] ?? null } }));
  };
  const answer = async (sizes: readonly (number | null)[], options: AnalysisOptions = {}): Promise<boolean> => {
    const report = await analyzeTogether(await claiming(sizes), options, () => {});
    return report !== null;
  };

  test('it is for large files', async () => {
    workers.begun = 0;
    expect(await answer([1e9, 1e9])).toBe(availableParallelism() > 1);
    expect(workers.begun).toBe(availableParallelism() > 1 ? 1 : 0);
  });

  test.each([
    ['small ones', [1e6, 1e6], {}],
    ['one that is large among small ones', [1e9, 1e6], {}],
    ['what can be read only once', [1e9, null], {}],
    ['who wants every event', [1e9, 1e9], { onEvent: () => {} }],
    ['who wants every frame', [1e9, 1e9], { onFrame: () => {} }],
  ])('it is not for %s', async (_whom, sizes, options) => {
    expect(await answer(sizes, options)).toBe(false);
  });
});

describe('groups', () => {
  const input = (
    path: string,
    first: number,
    last: number,
    change: Partial<Pick<Input, 'size' | 'compression'>> = {},
  ): Input => {
    const ended = (change.compression ?? null) === null;
    const [from, to] = [first, last].map((seconds) => ({ seconds, nanoseconds: 0 }));
    const extent = { path, linkTypes: [1], first: from ?? null, last: to ?? null, ended };
    const capture = captureAt(path);
    return { capture, extent, size: 100, compression: null, open: () => capture.open(), ...change };
  };
  const grouped = (...inputs: Input[]): number[][] => {
    return groupsOf(inputs.map((one, index) => ({ index, input: one }))).map((group) =>
      group.map(({ index }) => index),
    );
  };

  test('of two rings', () => {
    const files = [input('c1', 0, 600), input('s1', 0, 500), input('s2', 501, 999), input('c2', 601, 999)];
    expect(grouped(...files).map((group) => group.sort())).toEqual([
      [1, 2],
      [0, 3],
    ]);
  });

  test('one whose end is not known may go on in each that does not begin meanwhile', () => {
    const gzip = { compression: 'gzip' } as const;
    const files = [input('1', 0, 10, gzip), input('2', 5, 20, gzip), input('3', 400, 500), input('4', 401, 402)];
    expect(grouped(files[0] ?? input('', 0, 0), files[1] ?? input('', 0, 0))).toEqual([[0], [1]]);
    expect(grouped(...files).map((group) => group.sort())).toEqual([[0, 1, 2, 3]]);
  });

  test('are dealt out by what they cost, the largest first', () => {
    const sized = (index: number, size: number, compression: 'gzip' | null = null): Place[] => [
      { index, input: input(String(index), 0, 0, { size, compression }) },
    ];
    const shares = sharesOf([sized(0, 300), sized(1, 200), sized(2, 100, 'gzip'), sized(3, 10)], 2);
    expect(shares.map((share) => share.map(({ index }) => index))).toEqual([[2], [0, 1, 3]]);
    expect(sharesOf([sized(0, 300)], 4)).toHaveLength(1);
  });
});

/** Ten files: two rings of four at the same time, and a capture of another day, compressed. */
function rings(): string[] {
  const parts = splittable(readFileSync('captures/30-big-mixed-many-sessions-server.pcap'));
  if (parts === null) throw new Error('cannot be cut');
  const paths: string[] = [];
  for (const ring of ['client', 'server']) {
    for (const [place, octets] of split(parts, [1000, 2500, 4000]).entries()) {
      const path = join(folder, `${ring}_${place}.pcap`);
      writeFileSync(path, octets);
      paths.push(path);
    }
  }
  const stranger = join(folder, 'stranger.pcap.gz');
  writeFileSync(stranger, gzipSync(readFileSync('captures/07-pap-clear-client.pcap')));
  return [...paths, stranger];
}
