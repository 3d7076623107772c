/**
 * The house's laws that can be read off the sources: imports run downwards, no barrels, no default exports.
 */
import { posix } from 'node:path';

/** Law 1 of docs/architecture.md: who stands on which floor. Keys are folders of `src`, or its files. */
export const ranks: { readonly [place: string]: number } = {
  octets: 0,
  'version.ts': 0,
  wire: 1,
  crypto: 1,
  compression: 2,
  capture: 2,
  link: 2,
  ip: 2,
  tcp: 2,
  pptp: 2,
  gre: 2,
  ppp: 2,
  mppe: 2,
  dissect: 3,
  sessions: 4,
  fuzz: 4,
  findings: 5,
  report: 6,
  'report-source.ts': 7,
  'analysis-options.ts': 7,
  'analyze.ts': 7,
  'capture-analysis.ts': 7,
  'capture-intake.ts': 7,
  'ended-tunnels.ts': 7,
  'layers-of.ts': 7,
  'sequence.ts': 7,
  'index.ts': 7,
  reading: 8,
  node: 9,
  browser: 9,
  cli: 10,
  web: 10,
};

/** The files of `src` itself, which may import each other. */
const rootRank = 7;
/** The highest floor that knows no platform. */
const withoutPlatform = 8;

/** One line for each law that a file of `src` breaks; `path` is relative to `src`, with slashes. */
export function breaches(path: string, source: string): string[] {
  const code = withoutComments(source);
  const place = placeOf(path);
  const rank = ranks[place];
  if (rank === undefined) return [`${path}: ${place} has no rank`];

  const found: string[] = [];
  for (const specifier of specifiers(code)) {
    if (specifier.startsWith('node:') && rank <= withoutPlatform)
      found.push(`${path}: imports the platform: ${specifier}`);
    if (!specifier.startsWith('.')) continue;
    const target = posix.join(posix.dirname(path), specifier);
    const targetPlace = placeOf(target);
    const targetRank = ranks[targetPlace];
    if (targetRank === undefined) found.push(`${path}: imports ${target}, which has no rank`);
    else if (targetRank > rank) found.push(`${path}: imports upwards: ${target}`);
    else if (targetRank === rank && targetPlace !== place && targetRank !== rootRank) {
      found.push(`${path}: imports a sibling: ${target}`);
    }
  }
  if (/\bexport\s+default\b|\bexport\s*\{[^}]*\bas\s+default\b/.test(code)) found.push(`${path}: has a default export`);
  if (posix.basename(path) !== 'index.ts' && isBarrel(code)) found.push(`${path}: is a barrel`);
  if (!/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)*$/.test(posix.basename(path)))
    found.push(`${path}: is not named in kebab-case`);
  return found;
}

function placeOf(path: string): string {
  return path.split('/')[0] ?? path;
}

function specifiers(code: string): string[] {
  const forms = /(?:\bfrom\s*|\bimport\s*\(\s*|\bimport\s+)(['"])([^'"]+)\1/g;
  return [...code.matchAll(forms)].map((match) => match[2] ?? '');
}

/** Passes everything of another module on, or holds nothing but what it passes on. */
function isBarrel(code: string): boolean {
  if (/\bexport\s*\*/.test(code)) return true;
  const passedOn = /\bexport\s+(?:type\s*)?\{[^}]*\}\s*from\s*(['"])[^'"]+\1;?/g;
  return passedOn.test(code) && code.replace(passedOn, '').trim() === '';
}

/** Comments may speak of imports; strings are kept, so that `//` inside one does not count. */
function withoutComments(source: string): string {
  const stringOrComment = /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g;
  return source.replace(stringOrComment, (match) => (match.startsWith('/') ? ' ' : match));
}
