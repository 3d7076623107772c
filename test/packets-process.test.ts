/** The packet view as a process: what can be read only once, and what is left behind. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const program = fileURLToPath(new URL('../dist/bin/pptpscope.js', import.meta.url));
const captures = fileURLToPath(new URL('../captures/', import.meta.url));
const session = join(captures, '01-mschapv2-mppe128-stateless-client.pcap');

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'packets-process-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Temporary files go to a folder of their own, so that what stays behind shows. */
function world(name: string): { temporary: string; env: NodeJS.ProcessEnv } {
  const temporary = join(folder, name);
  mkdirSync(temporary);
  return {
    temporary,
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0', TMPDIR: temporary, TMP: temporary, TEMP: temporary },
  };
}

describe('standard input', () => {
  test('gives the packets of the file, and leaves nothing behind', () => {
    const { temporary, env } = world('input');
    const words = ['packets', '--details', '--format', 'json'];
    const options = { encoding: 'utf8', env, maxBuffer: 1 << 28 } as const;
    const piped = spawnSync(process.execPath, [program, ...words, '-'], { ...options, input: readFileSync(session) });
    const read = spawnSync(process.execPath, [program, ...words, session], options);
    expect(piped.status).toBe(0);
    expect(piped.stdout.split('\n')).toHaveLength(58);
    expect(piped.stdout.replaceAll('"capture":"-"', '')).toBe(
      read.stdout.replaceAll(`"capture":${JSON.stringify(session)}`, ''),
    );
    expect(readdirSync(temporary)).toEqual([]);
  });

  test('compressed captures too, and -w to standard output', () => {
    const { env } = world('compressed');
    const input = readFileSync(join(captures, '50-variant-gzip.pcap.gz'));
    const written = spawnSync(process.execPath, [program, 'packets', '-w', '-', '-'], {
      env,
      input,
      maxBuffer: 1 << 28,
    });
    expect(written.status).toBe(0);
    const again = spawnSync(process.execPath, [program, 'packets', '-'], {
      env,
      input: written.stdout,
      encoding: 'utf8',
    });
    const direct = spawnSync(process.execPath, [program, 'packets', '-'], { env, input, encoding: 'utf8' });
    // Only the frame numbers may differ, where packets outside of tunnels were left out.
    const summaries = (text: string): string[] => text.split('\n').map((line) => line.replace(/^ *\d+ /, ''));
    expect(summaries(again.stdout)).toEqual(summaries(direct.stdout));
  });

  test('an interrupted reading leaves nothing behind', async () => {
    const { temporary, env } = world('interrupted');
    const child = spawn(process.execPath, [program, 'packets', '-'], { env, stdio: ['pipe', 'ignore', 'pipe'] });
    child.stdin.write(readFileSync(session));
    await new Promise<void>((resolve) => {
      const look = setInterval(() => {
        if (readdirSync(temporary).length === 0) return;
        clearInterval(look);
        resolve();
      }, 10);
    });
    const ended = new Promise((resolve) => child.on('exit', (_status, signal) => resolve(signal)));
    child.kill('SIGTERM');
    expect(await ended).toBe('SIGTERM');
    expect(readdirSync(temporary)).toEqual([]);
  });
});

test('a reader who stops early is no error', async () => {
  const { env } = world('early');
  const big = join(captures, '38-throughput-iperf3-mppe128-server.pcap');
  const child = spawn(process.execPath, [program, 'packets', '--details', big], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.destroy();
  let complaint = '';
  child.stderr.on('data', (octets) => {
    complaint += String(octets);
  });
  expect(await new Promise((resolve) => child.on('close', resolve))).toBe(0);
  expect(complaint).toBe('');
});
