/** The examples of the README and of docs/library.md: compiled as strictly as TypeScript can, and run with what is in dist/. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
// Inside of the package, where it can be imported by its name.
mkdirSync(join(root, 'build'), { recursive: true });
const folder = mkdtempSync(join(root, 'build', 'library-'));
afterAll(() => rmSync(folder, { recursive: true }));

const capture = readFileSync(join(root, 'captures', '09-mschapv2-wrong-password-client.pcap'));
writeFileSync(join(folder, 'ticket.pcapng'), capture);

const examples = ['README.md', 'docs/library.md'].flatMap((page) => {
  const blocks = readFileSync(join(root, page), 'utf8').matchAll(/```ts\n([\s\S]*?)```/g);
  return [...blocks].map(([, code = ''], index) => ({ page, number: index + 1, code }));
});
const names = examples.map(({ code }, index) => {
  writeFileSync(join(folder, `example-${index}.ts`), code);
  return `example-${index}`;
});

/** What a program prints; throws where it fails, with what it printed. */
function run(...words: string[]): string {
  try {
    return execFileSync(process.execPath, words, { cwd: folder, encoding: 'utf8', stdio: 'pipe' });
  } catch (error) {
    throw new Error(error instanceof Error && 'stdout' in error ? `${error.message}\n${error.stdout}` : String(error));
  }
}

it('compiles, types of the package included', () => {
  const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');
  const strict = ['exactOptionalPropertyTypes', 'noUncheckedIndexedAccess', 'noPropertyAccessFromIndexSignature'];
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      compilerOptions: {
        ...Object.fromEntries(
          ['strict', 'verbatimModuleSyntax', 'isolatedModules', ...strict].map((key) => [key, true]),
        ),
        target: 'es2023',
        module: 'nodenext',
        types: ['node'],
        rootDir: '.',
        skipLibCheck: false,
      },
      files: names.map((name) => `${name}.ts`),
    }),
  );
  expect(run(tsc, '--project', folder)).toBe('');
});

// The capture's truth: pppd refused alice with E=691 in frame 18.
it.each([
  ['README.md', 1, /^T1\.1 failed authentication /],
  ['docs/library.md', 1, /^T1\.1 wrong-credentials certain [\s\S]*\n✗ T1 /],
  ['docs/library.md', 2, /^2026-11-20T23:09:\d\d\.\d+Z T1 frame 18\n1\n$/],
  ['docs/library.md', 3, /^false .*no pcap or pcapng file/],
  // RFC 1661 §5.8: an Echo-Request of which the Magic-Number is missing.
  ['docs/library.md', 4, /^LCP Echo-Request.* true\n[\s\S]*\nEnhanced GRE RFC 2637 §4\.1 sequenceNumber 4 null\n/],
])('%s, example %i', (page, number, said) => {
  const index = examples.findIndex((example) => example.page === page && example.number === number);
  expect(run(join(folder, `${names[index]}.js`))).toMatch(said);
});

it('tries all examples', () => {
  expect(examples).toHaveLength(5);
});
