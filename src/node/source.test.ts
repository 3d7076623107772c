import { execFileSync, spawn } from 'node:child_process';
import { appendFileSync, chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { joined } from '../octets/joined.ts';
import { Limits } from '../octets/limits.ts';
import { type CaptureSource, InputError } from '../reading/source.ts';
import { openCapture } from './source.ts';

const folder = mkdtempSync(join(tmpdir(), 'pptpscope-source-'));
afterAll(() => rmSync(folder, { recursive: true }));

const sample = 'captures/30-big-mixed-many-sessions-server.pcap';
const plain = 'captures/01-mschapv2-mppe128-stateless-client.pcap';

async function contentOf(source: CaptureSource): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const chunk of source.chunks(new Limits())) parts.push(Uint8Array.from(chunk));
  return joined(parts);
}

describe('files', () => {
  test('larger than a chunk', async () => {
    const source = await openCapture(sample);
    expect(source).toMatchObject({ path: sample, size: 4_473_855, compression: null });
    expect(Buffer.compare(await contentOf(source), readFileSync(sample))).toBe(0);
    expect(source.bytesRead).toBe(4_473_855);
  });

  test('compressed, recognised by content whatever the name', async () => {
    const path = join(folder, 'looks-plain.pcap');
    copyFileSync('captures/50-variant-gzip.pcap.gz', path);
    const source = await openCapture(path);
    expect(source).toMatchObject({ compression: 'gzip', size: 3981 });
    expect(Buffer.compare(await contentOf(source), readFileSync(plain))).toBe(0);
    expect(source.bytesRead).toBe(3981);
  });

  test('empty, and shorter than any magic', async () => {
    for (const content of ['', 'ab']) {
      const path = join(folder, 'short');
      writeFileSync(path, content);
      expect(Buffer.from(await contentOf(await openCapture(path))).toString()).toBe(content);
    }
  });

  test('a file that grows while it is read is read to the end that is met', async () => {
    const path = join(folder, 'growing.pcap');
    copyFileSync(sample, path);
    const source = await openCapture(path);
    let size = 0;
    for await (const chunk of source.chunks(new Limits())) {
      if (size === 0) appendFileSync(path, 'more of it');
      size += chunk.length;
    }
    expect(source.size).toBe(4_473_855);
    expect(size).toBe(4_473_865);
  });

  test('may be left early, or closed unread', async () => {
    const source = await openCapture(sample);
    for await (const chunk of source.chunks(new Limits())) {
      expect(chunk.length).toBeGreaterThan(0);
      break;
    }
    await source.close();
    await (await openCapture(sample)).close();
  });
});

describe('failures are one clear line', () => {
  const failure = async (path: string): Promise<unknown> => {
    try {
      await contentOf(await openCapture(path));
      return null;
    } catch (error) {
      expect(error).toBeInstanceOf(InputError);
      return error instanceof InputError ? { code: error.code, message: error.message } : error;
    }
  };

  test('missing', async () => {
    expect(await failure('captures/none.pcap')).toEqual({
      code: 'not-found',
      message: 'captures/none.pcap: no such file',
    });
    expect(await failure(`${plain}/x`)).toMatchObject({ code: 'not-found' });
  });

  test('a directory', async () => {
    expect(await failure('captures')).toEqual({
      code: 'is-a-directory',
      message: 'captures: is a directory, not a file',
    });
  });

  test('no permission', async () => {
    const path = join(folder, 'secret.pcap');
    writeFileSync(path, '');
    chmodSync(path, 0);
    // Root may read everything: then the file is opened as somebody else.
    const isRoot = process.geteuid?.() === 0;
    if (isRoot) process.seteuid?.(65_534);
    const failed = await failure(path).finally(() => isRoot && process.seteuid?.(0));
    expect(failed).toEqual({ code: 'no-permission', message: `${path}: no permission to read it` });
  });

  test('damaged compression, after what could be read', async () => {
    const path = join(folder, 'cut.pcap.gz');
    const whole = gzipSync(readFileSync(sample));
    writeFileSync(path, whole.subarray(0, whole.length - 1000));
    const parts: Uint8Array[] = [];
    const source = await openCapture(path);
    await expect(async () => {
      for await (const chunk of source.chunks(new Limits())) parts.push(Uint8Array.from(chunk));
    }).rejects.toMatchObject({ code: 'damaged-compression', message: `${path}: gzip: the data end early` });
    const read = joined(parts);
    expect(read.length).toBeGreaterThan(4_400_000);
    expect(Buffer.compare(read, readFileSync(sample).subarray(0, read.length))).toBe(0);
  });
});

describe.skipIf(process.platform === 'win32')('pipes (skipped on Windows, which has no FIFOs)', () => {
  test('a FIFO', async () => {
    const path = join(folder, 'fifo');
    execFileSync('sh', ['-c', 'mkfifo "$1"', 'sh', path]);
    const writer = spawn('sh', ['-c', 'cat "$1" > "$2"', 'sh', sample, path]);
    const source = await openCapture(path);
    expect(source.size).toBeNull();
    expect(Buffer.compare(await contentOf(source), readFileSync(sample))).toBe(0);
    writer.kill();
  });

  test('chunks of a FIFO come as they are written, in pieces smaller than the magic', async () => {
    const path = join(folder, 'slow');
    execFileSync('sh', ['-c', 'mkfifo "$1"', 'sh', path]);
    const content = readFileSync('captures/50-variant-gzip.pcap.gz');
    const script =
      'exec 3> "$2"; head -c 1 "$1" >&3; sleep 0.05; tail -c +2 "$1" | head -c 2 >&3; sleep 0.05; tail -c +4 "$1" >&3';
    const writer = spawn('sh', ['-c', script, 'sh', 'captures/50-variant-gzip.pcap.gz', path]);
    const source = await openCapture(path);
    expect(source.compression).toBe('gzip');
    expect(Buffer.compare(await contentOf(source), readFileSync(plain))).toBe(0);
    expect(source.bytesRead).toBe(content.length);
    writer.kill();
  });
});
