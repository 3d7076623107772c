/** What is generated is fresh: `npm run docs` would change nothing. What documents link to is there. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
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

/** What GitHub makes of a document's headings. */
function anchorsOf(document: string): ReadonlySet<string> {
  const headings = [...document.replaceAll(/^```[\s\S]*?^```/gm, '').matchAll(/^#+ (.+)$/gm)];
  return new Set(
    headings.map(([, text = '']) =>
      text
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

/** Links of a document to files or headings that are not there. */
function deadLinks(path: string, document: string): readonly string[] {
  const prose = document.replaceAll(/^```[\s\S]*?^```/gm, '');
  const links = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
  return links.filter((link) => {
    if (/^https:/.test(link)) return false;
    const [file = '', heading] = link.split('#');
    const target = file === '' ? path : join(dirname(path), file);
    if (!existsSync(join(root, target))) return true;
    if (heading === undefined) return false;
    return !anchorsOf(target === path ? document : readFileSync(join(root, target), 'utf8')).has(heading);
  });
}

const documents = ['', 'docs', 'docs/decisions', 'captures'].flatMap((folder) =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name)),
);

test.each(documents)('what %s links to is there', (path) => {
  expect(deadLinks(path, readFileSync(join(root, path), 'utf8'))).toEqual([]);
});

test('a dead link would be noticed', () => {
  const document = '# A heading\n[a](docs/cli.md) [b](docs/none.md) [c](docs/live.md#none) [d](#a-heading) [e](#none)';
  expect(deadLinks('README.md', document)).toEqual(['docs/none.md', 'docs/live.md#none', '#none']);
});
