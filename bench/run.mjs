// How fast, against tcpdump and tshark where they are installed: the programs take turns over the same captures, and
// medians and their ratios are printed. Build first (`npm run build`).
//
//   npm run bench -- --help
//
// Peak memory needs GNU time (/usr/bin/time). Wall-clock times of one machine say little: compare the ratios.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { command, number, someOf } from './command.mjs';
import { generate, kindNames } from './generate.mjs';

const usual = ['mixed', 'gre', 'mixed-pcapng', 'gre-pcapng', 'calls', 'control', 'fragments', 'gzip'];
const { octets, runs, kinds, keep } = command('npm run bench --', 'Measures how fast captures are read.')
  .option('--octets <number>', 'of each capture', number, 1e9)
  .option('--runs <number>', 'of each program over each capture', number, 5)
  .option('--kinds <names>', 'of captures', someOf([...kindNames, 'gzip']), usual)
  .option('--keep <folder>', 'leave the captures there')
  .parse()
  .opts();
const program = fileURLToPath(new URL('../dist/bin/pptpscope.js', import.meta.url));
const folder = keep ?? mkdtempSync(join(tmpdir(), 'pptpscope-bench-'));
mkdirSync(folder, { recursive: true });

const installed = (name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0;
const gnuTime = existsSync('/usr/bin/time');
/** tshark reads 1 GB in minutes: it gets a tenth of the runs, one at least. */
const peers = [
  { name: 'pptpscope', words: (file) => [process.execPath, program, file], share: 1 },
  ...(installed('tcpdump')
    ? [
        {
          name: 'tcpdump',
          words: (file) => ['tcpdump', '-r', file, '-w', '/dev/null', 'tcp port 1723 or proto 47'],
          share: 1,
        },
      ]
    : []),
  ...(installed('tshark')
    ? [{ name: 'tshark', words: (file) => ['tshark', '-r', file, '-q', '-z', 'expert'], share: 0.1 }]
    : []),
];

/** Where this is set, Node reads certificates at each start: 0.05 s for those of Debian, which say nothing of any program. */
const { NODE_EXTRA_CA_CERTS: _, ...environment } = process.env;

/** One run: seconds, and kilobytes of peak memory where GNU time is there. */
function run(words) {
  const command = gnuTime ? ['/usr/bin/time', '-f', '%M', ...words] : words;
  const before = process.hrtime.bigint();
  const { stderr, status } = spawnSync(command[0], command.slice(1), {
    env: environment,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const seconds = Number(process.hrtime.bigint() - before) / 1e9;
  if (status !== 0) throw new Error(`${words.join(' ')} failed: ${stderr}`);
  return { seconds, kilobytes: gnuTime ? Number(stderr.toString().trim().split('\n').at(-1)) : Number.NaN };
}

function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[(sorted.length - 1) >> 1] ?? Number.NaN;
}

/** The capture of a kind; a compressed one is made of mixed traffic of a tenth of the size. */
function captureOf(kind) {
  const file = join(folder, kind);
  const made = generate(kind === 'gzip' ? 'mixed' : kind, kind === 'gzip' ? octets / 10 : octets, file);
  if (kind !== 'gzip') return { file, ...made };
  const compressed = `${file}.gz`;
  writeFileSync(compressed, gzipSync(readFileSync(file), { level: 1 }));
  return { file: compressed, ...made };
}

function show(number, digits = 2) {
  return Number.isNaN(number) ? '–' : number.toFixed(digits);
}

const smallest = join(folder, 'small');
generate('gre', 10_000, smallest);
const startUp = median(Array.from({ length: runs }, () => run([process.execPath, program, smallest]).seconds));

console.log(`${process.version}, ${octets} octets a capture, ${runs} runs, medians; start-up ${show(startUp)} s\n`);
console.log('| capture | program | seconds | ratio | million packets/s | MB/s | peak MB | start-up share |');
console.log('| --- | --- | --- | --- | --- | --- | --- | --- |');
for (const kind of kinds) {
  const { file, frames } = captureOf(kind);
  // Into the page cache; and to the disk, which otherwise goes on writing while the first ones read.
  execFileSync('sync');
  execFileSync('cat', [file], { stdio: ['ignore', 'ignore', 'ignore'] });
  const results = new Map(peers.map(({ name }) => [name, []]));
  for (let turn = 0; turn < runs; turn += 1) {
    for (const { name, words, share } of peers) {
      // tcpdump does not decompress.
      if (name === 'tcpdump' && file.endsWith('.gz')) continue;
      if (turn < Math.max(1, runs * share)) results.get(name).push(run(words(file)));
    }
  }
  const own = median(results.get('pptpscope').map(({ seconds }) => seconds));
  for (const [name, taken] of results) {
    if (taken.length === 0) continue;
    const seconds = median(taken.map((one) => one.seconds));
    const cells = [
      kind,
      name,
      show(seconds, 3),
      name === 'pptpscope' ? '1' : show(own / seconds, 3),
      show(frames / seconds / 1e6),
      show(statSync(file).size / seconds / 1e6, 0),
      show(median(taken.map((one) => one.kilobytes)) / 1000, 0),
      name === 'pptpscope' ? `${show((startUp / seconds) * 100, 0)} %` : '',
    ];
    console.log(`| ${cells.join(' | ')} |`);
  }
  if (keep === undefined) rmSync(file, { force: true });
}
if (keep === undefined) rmSync(folder, { recursive: true, force: true });
