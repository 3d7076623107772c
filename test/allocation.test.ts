import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const generator = fileURLToPath(new URL('../bench/generate.mjs', import.meta.url));
const script = fileURLToPath(new URL('support/allocation.mjs', import.meta.url));

/**
 * Octets per frame that are no object of a frame's own: windows of chunks, samples of acknowledgment times, tables that
 * grow. A boxed number takes 16, and so does the smallest object.
 */
const tolerance = 3;

/** The engine's object for a part of an array takes some 100 octets: what copying a fragment needs. */
const view = 120;

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pptpscope-allocation-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

interface Allocated {
  readonly octetsPerFrame: number;
  /** Who allocated the most. */
  readonly most: string;
  readonly frames: number;
}

function allocated(kind: string, ...words: string[]): Allocated {
  const file = join(folder, kind);
  execFileSync(process.execPath, [generator, kind, '48e6', file]);
  // What is hot is compiled at once and not beside, so that a busy machine counts no more than an idle one.
  const options = ['--max-semi-space-size=64', '--no-concurrent-recompilation'];
  const output = execFileSync(process.execPath, [...options, script, file, ...words], { encoding: 'utf8' });
  const counted = JSON.parse(output) as Allocated;
  expect(counted.frames).toBeGreaterThan(30_000);
  return counted;
}

describe('nothing is allocated for a data packet', () => {
  test.each(['gre', 'gre-pcapng', 'mixed'])('%s', (kind) => {
    const { octetsPerFrame, most } = allocated(kind);
    expect(octetsPerFrame, most).toBeLessThan(tolerance);
  });

  test('but a view for each fragment, to copy it', () => {
    const { octetsPerFrame, most } = allocated('fragments');
    expect(octetsPerFrame, most).toBeLessThan(view + tolerance);
  });

  // The count is one of samples.
  test.each([
    ['object', 24],
    ['number', 16],
  ])('one %s for each frame would show', (what, size) => {
    expect(allocated('gre', what).octetsPerFrame).toBeGreaterThan(size * 0.9);
  });
});
