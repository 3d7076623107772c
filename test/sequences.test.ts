/**
 * Captures that were written to several files: whatever they are cut into and in whatever order they are named, the report
 * is the one of the whole.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { analyzeFiles } from '../src/node/index.ts';
import type { CaptureReport, Report } from '../src/report/contract.ts';
import { cleanCuts, type Splittable, split, splittable } from './support/split.ts';

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

const names = readdirSync('captures').filter((name) => /\.pcap(ng)?$/.test(name));
const samples = names.flatMap((name): { name: string; path: string; parts: Splittable; cuts: number[] }[] => {
  const path = join('captures', name);
  const parts = splittable(readFileSync(path));
  if (parts === null) return [];
  const cuts = cleanCuts(parts);
  return cuts.length === 0 ? [] : [{ name, path, parts, cuts }];
});

test('nearly all samples can be cut', () => {
  expect(samples.length).toBeGreaterThan(names.length - 3);
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
