/** The built program as a process: what only a process has (standard input, pipes that close, exit statuses). */
import { type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const program = fileURLToPath(new URL('../dist/bin/pptpscope.js', import.meta.url));
const captures = fileURLToPath(new URL('../captures/', import.meta.url));
const session = join(captures, '01-mschapv2-mppe128-stateless-client.pcap');
const environment = { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' };

function pptpscope(words: string[], input?: Buffer): SpawnSyncReturns<string> {
  return spawnSync(process.execPath, [program, ...words], { input, encoding: 'utf8', env: environment });
}

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pptpscope-process-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

test('a file', () => {
  const { status, stdout, stderr } = pptpscope([session]);
  expect(status).toBe(0);
  expect(stderr).toBe('');
  expect(stdout).toContain('10.10.1.2:41560 → 203.0.113.10:1723');
  expect(stdout).toMatch(/✓ data /);
});

test('standard input gives the same tunnels as the file', () => {
  const read = (words: string[], input?: Buffer): { path: string; tunnels: unknown } => {
    const { captures, tunnels } = JSON.parse(pptpscope(['--format', 'json', ...words], input).stdout);
    return { path: captures[0].path, tunnels };
  };
  const piped = read(['-'], readFileSync(session));
  expect(piped.path).toBe('-');
  expect(piped.tunnels).toEqual(read([session]).tunnels);
});

test('several captures are one report, with tunnels numbered through', () => {
  const { status, stdout } = pptpscope(['--format', 'json', session, `${captures}/16-tcp1723-closed-rst-client.pcap`]);
  const report: { captures: unknown[]; tunnels: { id: string; capture: number }[] } = JSON.parse(stdout);
  expect(status).toBe(0);
  expect(report.captures).toHaveLength(2);
  expect(report.tunnels[0]).toMatchObject({ id: 'T1', capture: 0 });
  expect(report.tunnels.filter(({ capture }) => capture === 1).length).toBeGreaterThan(0);
  expect(report.tunnels.map(({ id }) => id)).toEqual(report.tunnels.map((_, index) => `T${index + 1}`));
});

describe('what cannot be read ends with 2 and one line that names it', () => {
  test.each<[what: string, octets: string | null, says: RegExp]>([
    ['missing.pcap', null, /^pptpscope: .*missing\.pcap: no such file\n$/],
    ['empty.pcap', '', /^pptpscope: .*empty\.pcap: [^\n]+\n$/],
    ['notes.txt', 'Dear colleague,\nthe VPN does not work.\n', /^pptpscope: .*notes\.txt: [^\n]+\n$/],
  ])('%s', (name, octets, says) => {
    const path = join(folder, name);
    if (octets !== null) writeFileSync(path, octets);
    const { status, stdout, stderr } = pptpscope([path]);
    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(says);
  });

  test('a directory', () => {
    const { status, stderr } = pptpscope([folder]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^pptpscope: .*: is a directory, not a file\n$/);
  });

  test('nothing on standard input', () => {
    const { status, stderr } = pptpscope(['-'], Buffer.alloc(0));
    expect(status).toBe(2);
    expect(stderr).toMatch(/^pptpscope: standard input: [^\n]+\n$/);
  });

  test('the others are reported all the same', () => {
    const { status, stdout, stderr } = pptpscope([join(folder, 'none.pcap'), session]);
    expect(status).toBe(2);
    expect(stdout).toContain('10.10.1.2:41560');
    expect(stderr).toMatch(/^pptpscope: .*none\.pcap: no such file\n$/);
  });
});

test('a capture that ends inside a record is read up to there: 0, and it says so', () => {
  const cut = join(folder, 'cut.pcap');
  writeFileSync(cut, readFileSync(session).subarray(0, 3000));
  const { status, stdout } = pptpscope([cut]);
  expect(status).toBe(0);
  expect(stdout).toContain('T1  10.10.1.2:41560');
  expect(stdout).toMatch(/^ +! record 29 at offset 2976 claims 46 octets, 8 remain$/m);
});

test('a file that is not there is no command where a command was named', () => {
  expect(pptpscope(['decrypt', 'dump', '-w', join(folder, 'none.pcapng')]).stderr).toContain('dump: no such file\n');
});

test('a misspelt command is no file, and no command', () => {
  const { status, stderr } = pptpscope(['anaylze', session]);
  expect(status).toBe(2);
  expect(stderr).toBe('pptpscope: anaylze: no such file and no command (pptpscope --help has them)\n');
});

test.each([
  ['no file', []],
  ['a list of packets for what is written', ['packets', '--details', '-w', join(folder, 'inner.pcapng'), session]],
  ['an unknown option', ['--nonsense', session]],
])('a wrong command line, %s: 2', (_what, words) => {
  expect(pptpscope(words).status).toBe(2);
});

test('a pipe that nobody reads is no error', async () => {
  const big = join(captures, '30-big-mixed-many-sessions-server.pcap');
  const child = spawn(process.execPath, [program, '--verbose', big, big], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.destroy();
  let complaint = '';
  child.stderr.on('data', (octets) => {
    complaint += String(octets);
  });
  const status = await new Promise((resolve) => child.on('close', resolve));
  expect(complaint).toBe('');
  expect(status).toBe(0);
});
