import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type RecordedIo, recordedIo } from '../../test/support/io.ts';
import { capture, report, unreadCapture } from '../../test/support/reports.ts';
import type { analyzeFiles, FileAnalysisOptions } from '../node/index.ts';
import type { Report } from '../report/contract.ts';
import { run } from './program.ts';

type Analyze = typeof analyzeFiles;

const answers =
  (of: Report): Analyze =>
  async () =>
    of;

async function pptpscope(
  words: string[],
  io: RecordedIo = recordedIo(),
  analyze: Analyze = answers(report()),
): Promise<{ status: number; out: string; err: string }> {
  const status = await run(words, io, analyze);
  return { status, out: io.out(), err: io.err() };
}

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pptpscope-cli-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

describe('the command line', () => {
  test('files alone mean analyze', async () => {
    const short = await pptpscope(['ticket.pcap']);
    expect(short).toEqual(await pptpscope(['analyze', 'ticket.pcap']));
    expect(short.status).toBe(0);
    expect(short.out).toContain('✓ T1  10.10.1.2:41560');
    expect(short.err).toBe('');
  });

  test('hands over files and ports', async () => {
    let seen: [readonly string[], FileAnalysisOptions] | null = null;
    await pptpscope(['--port', '11723', 'a.pcap', '-', '--port', '1723'], recordedIo(), async (paths, options = {}) => {
      seen = [paths, options];
      return report();
    });
    expect(seen).toEqual([['a.pcap', '-'], expect.objectContaining({ controlPorts: [11723, 1723] })]);
  });

  test('without --port the analysis keeps its own', async () => {
    let seen: FileAnalysisOptions = {};
    await pptpscope(['a.pcap'], recordedIo(), async (_paths, options = {}) => {
      seen = options;
      return report();
    });
    expect(seen).not.toHaveProperty('controlPorts');
  });

  test('--help teaches, with the options of analyze and examples', async () => {
    for (const words of [['--help'], ['analyze', '--help']]) {
      const { status, out } = await pptpscope(words);
      expect(status).toBe(0);
      for (const part of [
        '--format',
        '--output',
        '--port',
        '--time',
        '--no-color',
        '--verbose',
        'Examples:',
        'tcpdump',
        'Exit status',
      ]) {
        expect(out).toContain(part);
      }
    }
  });

  test('--version is the package version', async () => {
    const manifest: unknown = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'));
    expect(await pptpscope(['--version'])).toEqual({
      status: 0,
      out: `${(manifest as { version: string }).version}\n`,
      err: '',
    });
  });

  test.each<[what: string, words: string[], says: string]>([
    ['no file', [], "missing required argument 'FILE'"],
    ['an unknown option', ['--colour', 'a.pcap'], "unknown option '--colour'"],
    ['an unknown format', ['--format', 'xml', 'a.pcap'], 'Allowed choices are text, markdown, html, json'],
    ['an unknown time style', ['--time', 'lunar', 'a.pcap'], 'Allowed choices are utc, local, relative'],
    ['a port that is none', ['--port', '0', 'a.pcap'], 'A port is a number from 1 to 65535'],
    ['a port too large', ['--port', '65536', 'a.pcap'], 'A port is a number from 1 to 65535'],
    ['a port with a tail', ['--port', '1723x', 'a.pcap'], 'A port is a number from 1 to 65535'],
  ])('%s ends with 2 and says why', async (_what, words, says) => {
    const { status, out, err } = await pptpscope(words);
    expect(status).toBe(2);
    expect(out).toBe('');
    expect(err).toContain(says);
    expect(err).toContain('(pptpscope --help explains');
  });

  test('a fault in what a command is told points at the help of that command', async () => {
    const { status, err } = await pptpscope(['packets', '--nonsense', 'a.pcap']);
    expect(status).toBe(2);
    expect(err).toContain('(pptpscope packets --help explains');
  });

  test('words of the user reach the terminal escaped', async () => {
    expect((await pptpscope(['--\u001b[31m', 'a.pcap'])).err).toContain('\\x1b[31m');
  });
});

describe('live: what cannot be meant', () => {
  test.each<[string, string[], RegExp]>([
    ['a filter of standard input', ['-i', '-', '-f', 'host 10.0.0.1'], /^pptpscope: --filter: .*standard input/],
    [
      'a snap length of it',
      ['-i', 'eth0', '--backend', 'stdin', '-s', '96'],
      /^pptpscope: --snap-length: .*standard input/,
    ],
    ['rotation of nothing', ['-i', 'eth0', '--rotate-size', '1M'], /^pptpscope: --rotate-size .* without -w/],
    ['a trigger of nothing', ['-i', 'eth0', '--trigger-on', 'failure'], /^pptpscope: --trigger-on: .* without -w/],
    [
      'two ways to begin a file',
      ['-i', 'eth0', '-w', 'a.pcapng', '--trigger-on', 'failure', '--rotate-time', '5'],
      /^pptpscope: --trigger-on .*leave --rotate-time out/,
    ],
    ['so many of one file', ['-i', 'eth0', '-w', 'a.pcapng', '--files', '3'], /^pptpscope: --files: .*one file only/],
  ])('%s', async (_what, words, said) => {
    const { status, out, err } = await pptpscope(['live', ...words]);
    expect(err).toMatch(said);
    expect({ status, out }).toEqual({ status: 2, out: '' });
  });
});

describe('inputs that cannot be read', () => {
  const missing = unreadCapture('b.pcap', 'not-found', 'b.pcap: no such file');

  test('alone: the message, no report, 2', async () => {
    const alone = answers(report({ captures: [missing], tunnels: [] }));
    expect(await pptpscope(['b.pcap'], recordedIo(), alone)).toEqual({
      status: 2,
      out: '',
      err: 'pptpscope: b.pcap: no such file\n',
    });
  });

  test('among others: the others are reported, 2', async () => {
    const { status, out, err } = await pptpscope(
      ['a.pcap', 'b.pcap'],
      recordedIo(),
      answers(report({ captures: [capture(), { ...missing, sequence: 1 }] })),
    );
    expect(status).toBe(2);
    expect(out).toContain('✓ T1');
    expect(out).toContain('b.pcap   could not be read');
    expect(err).toBe('pptpscope: b.pcap: no such file\n');
  });

  test('in JSON the document is complete all the same', async () => {
    const { status, out } = await pptpscope(
      ['--format', 'json', 'b.pcap'],
      recordedIo(),
      answers(report({ captures: [missing], tunnels: [] })),
    );
    expect(status).toBe(2);
    expect(JSON.parse(out)).toEqual(report({ captures: [missing], tunnels: [] }));
  });

  test('standard input is called so, and the name is not said twice', async () => {
    const silent = unreadCapture('-', 'empty', 'the input is empty');
    const { err } = await pptpscope(['-'], recordedIo(), answers(report({ captures: [silent], tunnels: [] })));
    expect(err).toBe('pptpscope: standard input: the input is empty\n');
  });

  test('a path with escape sequences does not steer the terminal', async () => {
    const hostile = unreadCapture('\u001b]0;x\u0007', 'not-found', '\u001b]0;x\u0007: no such file');
    const { err } = await pptpscope(['x'], recordedIo(), answers(report({ captures: [hostile], tunnels: [] })));
    expect(err).toBe('pptpscope: \\x1b]0;x\\x07: no such file\n');
  });

  const problem = (code: string) => ({ offset: 1234, frame: 12, code, message: 'something' });

  test('a capture damaged in the middle is read: 0', async () => {
    const damaged = capture({
      complete: false,
      problems: [problem('truncated-record'), problem('damaged-compression')],
    });
    expect((await pptpscope(['a.pcap'], recordedIo(), answers(report({ captures: [damaged] })))).status).toBe(0);
  });

  test('a read that broke off is a failure: 2, with what was read', async () => {
    const broken = capture({ complete: false, problems: [problem('read-failed')] });
    const { status, out } = await pptpscope(['a.pcap'], recordedIo(), answers(report({ captures: [broken] })));
    expect(status).toBe(2);
    expect(out).not.toBe('');
  });
});

describe('--output', () => {
  test('writes the file and nothing else', async () => {
    const target = join(folder, 'report.json');
    expect(await pptpscope(['--format', 'json', '-o', target, 'a.pcap'])).toEqual({ status: 0, out: '', err: '' });
    expect(JSON.parse(await readFile(target, 'utf8'))).toEqual(report());
  });

  test('- is standard output', async () => {
    expect((await pptpscope(['-o', '-', 'a.pcap'])).out).toContain('✓ T1');
  });

  test('a folder that is not there ends with 2', async () => {
    const { status, err } = await pptpscope(['-o', join(folder, 'no', 'report.txt'), 'a.pcap']);
    expect(status).toBe(2);
    expect(err).toMatch(/^pptpscope: .*report\.txt: cannot be written: no such folder\n$/);
  });

  test('never overwrites a capture that is read, whatever it is called', async () => {
    const original = join(folder, 'original.pcap');
    const alias = join(folder, 'alias.pcap');
    await writeFile(original, 'octets');
    await symlink(original, alias);
    const { status, err } = await pptpscope(['-o', alias, original]);
    expect(status).toBe(2);
    expect(err).toContain('would be overwritten');
    expect(await readFile(original, 'utf8')).toBe('octets');
  });
});

describe('terminals', () => {
  const green = '\u001b[32m✓\u001b[39m';
  const terminal = { isTTY: true, columns: 100 };

  test.each<[what: string, words: string[], world: Parameters<typeof recordedIo>[0], coloured: boolean]>([
    ['a terminal', [], { stdout: terminal }, true],
    ['no terminal', [], {}, false],
    ['a dumb terminal', [], { stdout: terminal, environment: { TERM: 'dumb' } }, false],
    ['NO_COLOR', [], { stdout: terminal, environment: { NO_COLOR: '1' } }, false],
    ['an empty NO_COLOR', [], { stdout: terminal, environment: { NO_COLOR: '' } }, true],
    ['--no-color', ['--no-color'], { stdout: terminal }, false],
    ['FORCE_COLOR', [], { environment: { FORCE_COLOR: '1' } }, true],
    ['FORCE_COLOR=0', [], { stdout: terminal, environment: { FORCE_COLOR: '0' } }, false],
    ['FORCE_COLOR and --no-color', ['--no-color'], { environment: { FORCE_COLOR: '1' } }, false],
  ])('%s', async (_what, words, world, coloured) => {
    const { out } = await pptpscope([...words, 'a.pcap'], recordedIo(world));
    expect(out.includes(green)).toBe(coloured);
    expect(out.includes('\u001b')).toBe(coloured);
  });

  test.each<[stdout: { isTTY?: boolean; columns?: number }, widest: number]>([
    [{ isTTY: true, columns: 60 }, 60],
    [{ isTTY: true, columns: 10 }, 40],
    [{ columns: 60 }, 100],
  ])('%j: no line is wider than %i', async (stdout, widest) => {
    const { out } = await pptpscope(['--verbose', '--no-color', 'a.pcap'], recordedIo({ stdout }));
    const lengths = out.split('\n').map((line) => line.length);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(widest);
    expect(Math.max(...lengths)).toBeGreaterThan(widest * 0.8);
  });

  test('a file has no colours', async () => {
    const target = join(folder, 'plain.txt');
    await pptpscope(['-o', target, 'a.pcap'], recordedIo({ stdout: terminal }));
    expect(await readFile(target, 'utf8')).not.toContain('\u001b');
  });

  test('--time and --verbose reach the report', async () => {
    const { out } = await pptpscope(['--verbose', '--time', 'relative', 'a.pcap']);
    expect(out).toContain('+0.400000 s');
  });
});

describe('progress', () => {
  /** An analysis that takes a second for each of the reads; the bar's library is loaded after the first. */
  function slow(clock: { seconds: number }, size: number | null): Analyze {
    return async (paths, options = {}) => {
      for (const bytesRead of [1_000_000, 25_000_000, 50_000_000]) {
        clock.seconds += 1;
        options.onProgress?.({ path: paths[0] ?? '', bytesRead, size });
        await vi.dynamicImportSettled();
      }
      return report();
    };
  }

  async function shown(
    stderr: { isTTY?: boolean; columns?: number },
    size: number | null,
    second = 1,
  ): Promise<string> {
    const clock = { seconds: 0 };
    const io = recordedIo({ stderr, now: () => clock.seconds * 1000 * second });
    return (await pptpscope(['a.pcap'], io, slow(clock, size))).err;
  }

  test('a bar on a terminal, and it is taken away', async () => {
    const err = await shown({ isTTY: true, columns: 80 }, 100_000_000);
    expect(err).toContain('25%');
    expect(err).toContain('50.0 MB');
    expect(err).toContain('a.pcap');
    expect(err.endsWith('\u001b[2K')).toBe(true);
  });

  test('an amount where the size is not known', async () => {
    const err = await shown({ isTTY: true, columns: 80 }, null);
    expect(err).toContain('25.0 MB');
    expect(err).not.toContain('%');
  });

  test('one bar for several captures, whichever is read', async () => {
    const clock = { seconds: 0 };
    const io = recordedIo({ stderr: { isTTY: true, columns: 80 }, now: () => clock.seconds * 1000 });
    const { err } = await pptpscope(['a.pcap', 'b.pcap'], io, async (paths, options = {}) => {
      for (const path of paths) options.onProgress?.({ path, bytesRead: 0, size: 50_000_000 });
      for (const bytesRead of [10_000_000, 25_000_000]) {
        clock.seconds += 1;
        for (const path of paths) options.onProgress?.({ path, bytesRead, size: 50_000_000 });
        await vi.dynamicImportSettled();
      }
      return report();
    });
    expect(err).toContain('50%');
    expect(err).toContain('50.0 MB');
    expect(err).toContain('2 captures');
    expect(err).not.toContain('a.pcap');
  });

  test('nothing without a terminal', async () => {
    expect(await shown({}, 100_000_000)).toBe('');
  });

  test('nothing for a short read', async () => {
    expect(await shown({ isTTY: true, columns: 80 }, 100_000_000, 0.15)).toBe('');
  });
});
