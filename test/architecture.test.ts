/** The house's laws, held against every source file. docs/architecture.md says why they are as they are. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { breaches, ranks } from './support/architecture.ts';

const sources = new URL('../src/', import.meta.url);
const paths = readdirSync(sources, { recursive: true, encoding: 'utf8' })
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'));

describe('the sources', () => {
  test('are found', () => {
    expect(paths).toContain('octets/instant.ts');
    expect(paths).toContain('report/contract.ts');
  });

  test.each(paths)('%s keeps the laws', (path) => {
    expect(breaches(path, readFileSync(new URL(path, sources), 'utf8'))).toEqual([]);
  });
});

describe('a breach is found', () => {
  const cases: [what: string, path: string, source: string][] = [
    ['an import upwards', 'octets/bad.ts', "import { Tunnel } from '../sessions/model/tunnel.ts';"],
    ['an import of types alone', 'sessions/bad.ts', "import type { Report } from '../report/contract.ts';"],
    ['an import of the top from below', 'report/text/bad.ts', "import { analyze } from '../../analyze.ts';"],
    ['an import over several lines', 'wire/bad.ts', "import {\n  LcpView,\n} from '../ppp/lcp.ts';"],
    ['a dynamic import', 'wire/bad.ts', "const gre = await import('../gre/view.ts');"],
    ['an import for its effect', 'octets/bad.ts', "import '../cli/main.ts';"],
    ['a passing on', 'octets/bad.ts', "export const one = 1;\nexport { Frame } from '../capture/frame.ts';"],
    ['a sibling of rank 2', 'gre/bad.ts', "import { PppView } from '../ppp/view.ts';"],
    ['a sibling of rank 1', 'wire/bad.ts', "import { md4 } from '../crypto/md4.ts';"],
    ['the platform in the core', 'capture/bad.ts', "import { open } from 'node:fs/promises';"],
    ['a folder without a rank', 'misc/bad.ts', 'export const one = 1;'],
    ['an import from a folder without a rank', 'cli/bad.ts', "import { one } from '../misc/bad.ts';"],
    ['a default export', 'octets/bad.ts', 'export default function octets() {}'],
    ['a renamed default export', 'octets/bad.ts', 'const one = 1;\nexport { one as default };'],
    ['a star', 'octets/bad.ts', "export const one = 1;\nexport * from './hex.ts';"],
    [
      'a barrel',
      'octets/bad.ts',
      "/** All. */\nexport { hex } from './hex.ts';\nexport type { Window } from './window.ts';",
    ],
    ['a name not in kebab-case', 'octets/badName.ts', 'export const one = 1;'],
  ];

  test.each(cases)('%s', (_what, path, source) => {
    expect(breaches(path, source)).toHaveLength(1);
  });
});

describe('what is allowed is let through', () => {
  const cases: [what: string, path: string, source: string][] = [
    ['downwards', 'cli/good.ts', "import { Window } from '../octets/window.ts';\nimport { open } from 'node:fs';"],
    ['within the folder', 'gre/good.ts', "import { GreView } from './view.ts';"],
    [
      'the face',
      'index.ts',
      "export { analyze } from './analyze.ts';\nexport type { Report } from './report/contract.ts';",
    ],
    [
      'comments',
      'octets/good.ts',
      "// import { a } from '../cli/main.ts'\n/* export default 1 */\nexport const one = '// x';",
    ],
  ];

  test.each(cases)('%s', (_what, path, source) => {
    expect(breaches(path, source)).toEqual([]);
  });
});

test('siblings of one rank are those of law 1', () => {
  expect(Object.keys(ranks).filter((place) => ranks[place] === 2)).toEqual([
    'compression',
    'capture',
    'link',
    'ip',
    'tcp',
    'pptp',
    'gre',
    'ppp',
    'mppe',
  ]);
});
