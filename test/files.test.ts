/** Files that are written: whole or not at all, never over something unasked, and never over what is read. */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { CaptureReader } from '../src/capture/reader.ts';
import { run } from '../src/cli/program.ts';
import { analyzeFiles } from '../src/node/index.ts';
import { FileRecorder, TriggeredRecorder } from '../src/node/live/recorder.ts';
import { OutputFile } from '../src/node/output-file.ts';
import { pcapFile } from './support/captures.ts';
import { recordedIo } from './support/io.ts';
import { wholeSession } from './support/session.ts';

const program = fileURLToPath(new URL('../dist/bin/pptpscope.js', import.meta.url));
const session = fileURLToPath(new URL('../captures/01-mschapv2-mppe128-stateless-client.pcap', import.meta.url));
const all = mkdtempSync(join(tmpdir(), 'pptpscope-files-'));
afterAll(() => rmSync(all, { recursive: true }));

/** Only root can mount a small file system, and be somebody else. */
const isRoot = process.getuid?.() === 0 && process.platform === 'linux';

let folder = '';
let capture = '';
let count = 0;
beforeEach(() => {
  count += 1;
  folder = join(all, String(count));
  mkdirSync(folder);
  capture = join(folder, 'a.pcap');
  writeFileSync(capture, pcapFile(wholeSession()));
});

const path = (name: string): string => join(folder, name);
const there = (): string[] => readdirSync(folder).sort();

async function pptpscope(...words: string[]): Promise<{ status: number; err: string }> {
  const io = recordedIo();
  const status = await run(words, io, analyzeFiles);
  return { status, err: io.err() };
}

/** The commands that write a file, as they are told to write `target`. */
const writers: readonly (readonly [name: string, words: (target: string) => string[]])[] = [
  ['analyze -o', (target) => ['analyze', '--format', 'json', '-o', target]],
  ['packets -w', (target) => ['packets', '-w', target]],
];

describe.each(writers)('%s', (_name, words) => {
  test('makes a file, and leaves nothing else behind', async () => {
    expect((await pptpscope(...words(path('out')), capture)).status).toBe(0);
    expect(there()).toEqual(['a.pcap', 'out']);
    expect(statSync(path('out')).size).toBeGreaterThan(1000);
  });

  test('leaves what exists as it is, unless --force is given', async () => {
    writeFileSync(path('out'), 'mine');
    chmodSync(path('out'), 0o640);
    const refused = await pptpscope(...words(path('out')), capture);
    expect(refused).toEqual({ status: 2, err: `pptpscope: ${path('out')}: exists; --force replaces it\n` });
    expect(readFileSync(path('out'), 'utf8')).toBe('mine');
    expect((await pptpscope(...words(path('out')), '--force', capture)).status).toBe(0);
    expect(statSync(path('out')).size).toBeGreaterThan(1000);
    expect(statSync(path('out')).mode & 0o777).toBe(0o640);
    expect(there()).toEqual(['a.pcap', 'out']);
  });

  test('what replaces a file runs as nobody else', async () => {
    writeFileSync(path('out'), 'mine');
    chmodSync(path('out'), 0o6755);
    expect((await pptpscope(...words(path('out')), '--force', capture)).status).toBe(0);
    expect(statSync(path('out')).mode & 0o7777).toBe(0o755);
  });

  test('does not follow a link: --force replaces the link itself', async () => {
    writeFileSync(path('elsewhere'), 'mine');
    symlinkSync('elsewhere', path('out'));
    symlinkSync('nowhere', path('dangling'));
    const refused = await pptpscope(...words(path('out')), capture);
    const message = `${path('out')}: is a symbolic link to elsewhere; --force replaces the link`;
    expect(refused).toEqual({ status: 2, err: `pptpscope: ${message}\n` });
    expect((await pptpscope(...words(path('dangling')), capture)).status).toBe(2);
    expect((await pptpscope(...words(path('out')), '--force', capture)).status).toBe(0);
    expect(lstatSync(path('out')).isFile()).toBe(true);
    expect(readFileSync(path('elsewhere'), 'utf8')).toBe('mine');
    expect(there()).toEqual(['a.pcap', 'dangling', 'elsewhere', 'out']);
  });

  test.each([
    ['itself', (target: string) => rmSync(target, { force: true })],
    ['a symbolic link', (target: string) => symlinkSync('a.pcap', target)],
    ['a hard link', (target: string) => linkSync(path('a.pcap'), target)],
  ])('does not write over a capture that is read: %s', async (what, make) => {
    const target = what === 'itself' ? capture : path('alias');
    if (what !== 'itself') make(target);
    const before = readFileSync(capture);
    const { status, err } = await pptpscope(...words(target), '--force', capture);
    expect([status, err]).toEqual([2, `pptpscope: ${target}: is one of the captures, and would be overwritten\n`]);
    expect(readFileSync(capture)).toEqual(before);
  });

  test.each<[string, string]>([
    ['no/such/out', 'cannot be written: no such folder'],
    ['a.pcap/out', 'cannot be written: no such folder'],
    ['.', 'is a directory'],
    ['x'.repeat(300), 'cannot be written: the name is too long'],
  ])('%s is one clear line', async (name, says) => {
    const { status, err } = await pptpscope(...words(path(name)), capture);
    expect([status, err]).toEqual([2, `pptpscope: ${path(name)}: ${says}\n`]);
    expect(there()).toEqual(['a.pcap']);
  });

  test('writes nothing where no capture can be read', async () => {
    writeFileSync(path('out'), 'mine');
    writeFileSync(path('empty'), '');
    const formatted = words(path('out')).filter((word) => word !== '--format' && word !== 'json');
    expect((await pptpscope(...formatted, '--force', path('empty'))).status).toBe(2);
    expect(readFileSync(path('out'), 'utf8')).toBe('mine');
    expect(there()).toEqual(['a.pcap', 'empty', 'out']);
  });

  test('a device is written as it is', async () => {
    expect((await pptpscope(...words('/dev/null'), capture)).status).toBe(0);
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
  });

  test.skipIf(!isRoot)(
    isRoot ? 'no permission is one clear line' : 'no permission (skipped: needs root on Linux)',
    () => {
      chmodSync(all, 0o755);
      const target = path('out');
      const { status, stderr } = spawnSync(process.execPath, [program, ...words(target), capture], {
        encoding: 'utf8',
        uid: 65_534,
        gid: 65_534,
      });
      expect([status, stderr]).toEqual([2, `pptpscope: ${target}: cannot be written: no permission\n`]);
    },
  );

  test('a signal leaves nothing behind', () => {
    // The first capture is a pipe that never ends.
    const fifo = path('pipe');
    spawnSync('mkfifo', [fifo]);
    const script = `exec 3<>"$1"; "$2" "$3" ${words('"$4"').join(' ')} "$1" & child=$!
      until ls -A "$5" | grep -q part; do sleep 0.05; done; kill -TERM $child; wait $child`;
    const done = spawnSync('sh', ['-c', script, 'sh', fifo, process.execPath, program, path('out'), folder], {
      encoding: 'utf8',
    });
    expect(done.status).toBe(128 + 15);
    expect(there()).toEqual(['a.pcap', 'pipe']);
  });
});

test('what holds secrets is for its owner alone', async () => {
  await pptpscope('analyze', '-o', path('open'), capture);
  await pptpscope('analyze', '--show-secrets', '-o', path('secrets'), capture);
  await pptpscope('packets', '-w', path('octets'), capture);
  const modes = ['open', 'secrets', 'octets'].map((name) => statSync(path(name)).mode & 0o777);
  expect(modes).toEqual([0o666 & ~process.umask(), 0o600, 0o600]);
});

describe('what came to be there in the meantime', () => {
  test('is not replaced', async () => {
    const file = await OutputFile.open(path('out'), { force: false, inputs: [], secret: false });
    await file.write('late');
    writeFileSync(path('out'), 'mine');
    await expect(file.commit()).rejects.toThrow(
      `${path('out')}: cannot be written: it came to be there in the meantime`,
    );
    expect(readFileSync(path('out'), 'utf8')).toBe('mine');
    expect(there()).toEqual(['a.pcap', 'out']);
  });
});

test('standard input that is the target is not replaced either', () => {
  const script = '"$1" "$2" --format json --force -o "$3" - < "$3"';
  const done = spawnSync('sh', ['-c', script, 'sh', process.execPath, program, capture], { encoding: 'utf8' });
  expect(done.stderr).toBe(`pptpscope: ${capture}: is one of the captures, and would be overwritten\n`);
  expect(done.status).toBe(2);
});

/** A file system of a few kilobytes at a place of its own. */
function small(): string | null {
  const place = path('small');
  mkdirSync(place);
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=8k', 'tmpfs', place]);
  return mounted.status === 0 ? place : null;
}

describe.skipIf(!isRoot)(isRoot ? 'a full disk' : 'a full disk (skipped: needs root on Linux)', () => {
  test.each(writers)('%s: one clear line, and the file that was there stays', (_name, words) => {
    const place = small();
    if (place === null) throw new Error('no tmpfs can be mounted');
    try {
      writeFileSync(join(place, 'out'), 'mine');
      const done = spawnSync(process.execPath, [program, ...words(join(place, 'out')), '--force', session], {
        encoding: 'utf8',
      });
      expect([done.status, done.stderr]).toEqual([
        2,
        `pptpscope: ${join(place, 'out')}: cannot be written: the disk is full\n`,
      ]);
      expect(readdirSync(place)).toEqual(['out']);
      expect(readFileSync(join(place, 'out'), 'utf8')).toBe('mine');
    } finally {
      spawnSync('umount', [place]);
    }
  });

  test('for the copy of what can be read only once is one clear line', () => {
    const place = small();
    if (place === null) throw new Error('no tmpfs can be mounted');
    try {
      const script = 'cat "$3" "$3" | TMPDIR="$4" "$1" "$2" packets -';
      const words = [process.execPath, program, session, place];
      const done = spawnSync('sh', ['-c', script, 'sh', ...words], { encoding: 'utf8' });
      expect(done.stderr).toBe(`pptpscope: the temporary copy in ${place}: cannot be written: the disk is full\n`);
      expect(done.status).toBe(2);
      expect(readdirSync(place)).toEqual([]);
    } finally {
      spawnSync('umount', [place]);
    }
  });

  test('behind standard output is one clear line', () => {
    const place = small();
    if (place === null) throw new Error('no tmpfs can be mounted');
    try {
      const script = '"$1" "$2" --format json "$3" > "$4"';
      const words = [process.execPath, program, session, join(place, 'out')];
      const done = spawnSync('sh', ['-c', script, 'sh', ...words], { encoding: 'utf8' });
      expect(done.stderr).toBe('pptpscope: standard output: cannot be written: the disk is full\n');
      expect(done.status).toBe(2);
    } finally {
      spawnSync('umount', [place]);
    }
  });

  test.each([
    ['--help'],
    ['--version'],
    ['explain', '806'],
    ['rules'],
    ['analyze', session],
    ['packets', session],
    ['packets', '-w', '-', session],
    ['ladder', session],
    ['handshakes', session],
    ['live', '-i', '-', '--format', 'jsonl'],
    ['live', '-i', '-'],
  ])('behind standard output is one clear line: %j', (...words) => {
    const script = 'node=$1 program=$2 input=$3; shift 3; "$node" "$program" "$@" < "$input" > /dev/full';
    const done = spawnSync('sh', ['-c', script, 'sh', process.execPath, program, session, ...words], {
      encoding: 'utf8',
    });
    expect(done.stderr).toBe('pptpscope: standard output: cannot be written: the disk is full\n');
    expect(done.status).toBe(2);
  });

  test('a recording ends with a whole block', () => {
    const place = small();
    if (place === null) throw new Error('no tmpfs can be mounted');
    try {
      const target = join(place, 'out.pcapng');
      const recorder = new FileRecorder({ ...recording, path: target });
      let failure: unknown = null;
      const record = (): void => {
        replay((frame) => {
          try {
            recorder.frame(frame, 6);
            recorder.flush();
          } catch (error) {
            failure ??= error;
          }
        });
      };
      while (failure === null) record();
      recorder.close();
      expect(failure).toMatchObject({ message: `${target}: cannot be written: the disk is full` });
      const written = new CaptureReader({ frame: () => {} });
      written.push(readFileSync(target));
      expect(written.finish()).toMatchObject({ problems: [], complete: true });
      expect(written.soFar().frames).toBeGreaterThan(10);
    } finally {
      spawnSync('umount', [place]);
    }
  });
});

const recording = {
  interface: 'eth0',
  force: false,
  rotateOctets: null,
  rotateSeconds: null,
  files: null,
  opened: () => {},
};

function replay(frame: ConstructorParameters<typeof CaptureReader>[0]['frame']): void {
  const reader = new CaptureReader({ frame });
  reader.push(readFileSync(session));
  reader.finish();
}

describe('recordings', () => {
  test('do not write over a file, nor through a link', () => {
    writeFileSync(path('out.pcapng'), 'mine');
    symlinkSync('elsewhere', path('link.pcapng'));
    const made = (name: string) => () => new FileRecorder({ ...recording, path: path(name) });
    expect(made('out.pcapng')).toThrow(`${path('out.pcapng')}: exists; --force replaces it`);
    expect(made('link.pcapng')).toThrow(`${path('link.pcapng')}: is a symbolic link; --force replaces it`);
    new FileRecorder({ ...recording, path: path('link.pcapng'), force: true }).close();
    expect(lstatSync(path('link.pcapng')).isFile()).toBe(true);
    expect(there()).toEqual(['a.pcap', 'link.pcapng', 'out.pcapng']);
    expect(readFileSync(path('out.pcapng'), 'utf8')).toBe('mine');
  });

  test('pass over numbers that are taken', () => {
    writeFileSync(path('out-00001.pcapng'), 'mine');
    writeFileSync(path('out-00003.pcapng'), 'mine');
    const opened: string[] = [];
    const options = { ...recording, path: path('out.pcapng'), opened: (name: string) => opened.push(name) };
    const recorder = new FileRecorder({ ...options, rotateOctets: 4000 });
    replay((frame) => recorder.frame(frame, 6));
    recorder.close();
    expect(opened.slice(0, 2)).toEqual([path('out-00002.pcapng'), path('out-00004.pcapng')]);
    const triggered = new TriggeredRecorder(options, { beforeOctets: 1e6, beforeSeconds: 60, afterSeconds: 1 });
    triggered.failure();
    triggered.close();
    expect(opened).not.toContain(path('out-00001.pcapng'));
    expect(new Set(opened).size).toBe(opened.length);
    for (const number of ['1', '3']) expect(readFileSync(path(`out-0000${number}.pcapng`), 'utf8')).toBe('mine');
  });

  test('are captures at any moment', () => {
    const recorder = new FileRecorder({ ...recording, path: path('out.pcapng') });
    let frames = 0;
    replay((frame) => {
      recorder.frame(frame, 6);
      recorder.flush();
      frames += 1;
      const written = new CaptureReader({ frame: () => {} });
      written.push(readFileSync(path('out.pcapng')));
      expect(written.finish()).toMatchObject({ frames, problems: [], complete: true });
    });
    recorder.close();
    expect(frames).toBe(57);
  });
});
