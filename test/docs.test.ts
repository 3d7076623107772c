/** What is generated is fresh: `npm run docs` would change nothing. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
let fresh = '';

beforeAll(() => {
  fresh = mkdtempSync(join(tmpdir(), 'pptpscope-docs-'));
  execFileSync(process.execPath, [join(root, 'scripts/generate-docs.mjs'), '--to', fresh]);
  // Four seconds of work, and other tests run beside it.
}, 180_000);
afterAll(() => rmSync(fresh, { recursive: true }));

test.each([
  'report.schema.json',
  'docs/report.md',
  'packets.schema.json',
  'docs/packets.md',
  'events.schema.json',
  'docs/events.md',
  'docs/cli.md',
  'docs/decrypt.md',
  'docs/findings.md',
  'docs/diagnoses.md',
  'docs/limits.md',
  'README.md',
])('%s', (path) => {
  expect(readFileSync(join(root, path), 'utf8')).toBe(readFileSync(join(fresh, path), 'utf8'));
});

test('everything that is generated is compared above', () => {
  const files = readdirSync(fresh, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  expect(files.map(({ name }) => name).sort()).toEqual([
    'README.md',
    'cli.md',
    'decrypt.md',
    'diagnoses.md',
    'events.md',
    'events.schema.json',
    'findings.md',
    'limits.md',
    'packets.md',
    'packets.schema.json',
    'report.md',
    'report.schema.json',
  ]);
});

test.each([
  ['docs/report.md', 150],
  ['docs/packets.md', 50],
  ['docs/events.md', 100],
])('every key in %s is described', (path, least) => {
  const rows = readFileSync(join(root, path), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| `'));
  expect(rows.length).toBeGreaterThan(least);
  expect(rows.filter((line) => line.endsWith('|  |'))).toEqual([]);
});
