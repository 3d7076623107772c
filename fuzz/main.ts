/**
 *   npm run fuzz -- --help
 *
 * Runs the inputs in fuzz/corpus, and then searches in all targets by turns. Finds are made small, kept there as `find-…`, and
 * told; then the exit status is 1. One JSON line a target says what was done, also after an interrupt (Ctrl-C).
 */
import { Command, InvalidArgumentError } from 'commander';
import { Campaign, type Find } from './campaign.ts';
import { corpusOf, keep } from './corpus.ts';
import { Coverage } from './coverage.ts';
import { Watchdog } from './watchdog.ts';

interface Options {
  readonly time?: number;
  readonly executions?: number;
  readonly seed: number;
  readonly target?: readonly string[];
  readonly grow: boolean;
}

const program = new Command('npm run fuzz --')
  .description('Searches for inputs that break a law.')
  .option('--time <seconds>', 'search for so long (default: 60, or without end with --executions)', positive)
  .option('--executions <number>', 'search for about so many', positive)
  .option('--seed <number>', 'what the search begins with', positive, 1)
  .option('--target <name...>', 'search in these alone')
  .option('--grow', 'keep small inputs that reach what no other reaches', false)
  // 1 is for finds.
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
  .parse();
const options = program.opts<Options>();
const executions = options.executions ?? Infinity;
const seconds = options.time ?? (executions === Infinity ? 60 : Infinity);
const { seed } = options;

const coverage = new Coverage('/build/src/');
// Only what is loaded while coverage is taken is covered.
const { targets } = await import('./targets.ts');
const wanted = options.target ?? targets.map(({ name }) => name);
const unknown = wanted.filter((name) => targets.every((target) => target.name !== name));
if (unknown.length > 0) {
  program.error(`error: no target ${unknown.join(', ')}; there are ${targets.map(({ name }) => name).join(', ')}`);
}
const chosen = targets.filter(({ name }) => wanted.includes(name));

/** Octets of an input that is worth keeping in the repository. */
const smallEnough = 3000;

const watchdog = new Watchdog(chosen, new URL('watchdog-thread.js', import.meta.url));
const campaigns = chosen.map((target) => new Campaign(target, seed, coverage.reached(), watchdog));
let done = 0;
let stopped = false;
const told = new Set<Find>();
process.once('SIGINT', () => {
  stopped = true;
});

for (const campaign of campaigns) {
  await campaign.begin(corpusOf(campaign.target.name).map(({ octets }) => octets));
  tell(campaign);
}
const end = performance.now() + seconds * 1000;
for (let turn = 0; !stopped && performance.now() < end && done < executions; turn += 1) {
  const campaign = campaigns[turn % campaigns.length];
  if (campaign === undefined || campaigns.every(({ isGivenUp }) => isGivenUp)) break;
  if (!campaign.isGivenUp) await campaign.step();
  tell(campaign);
  done = campaigns.reduce((sum, one) => sum + one.executions, 0);
  // For the interrupt to be heard.
  await new Promise(setImmediate);
}

for (const campaign of campaigns) {
  const { target } = campaign;
  if (options.grow) {
    const held = corpusOf(target.name).map(({ octets }) => octets);
    for (const input of await campaign.worthKeeping(held, coverage.reached())) {
      if (input.length <= smallEnough) keep(target.name, input, false);
    }
  }
  const { functions, characters } = campaign.reached;
  process.stdout.write(
    `${JSON.stringify({
      target: target.name,
      executions: campaign.executions,
      seconds: Math.round(campaign.milliseconds) / 1000,
      slowestMilliseconds: Math.round(campaign.slowest),
      functions,
      characters,
      kept: campaign.pool.length,
      finds: campaign.finds.length,
    })}\n`,
  );
}
const finds = campaigns.reduce((sum, one) => sum + one.finds.length, 0);
const { maxRSS } = process.resourceUsage();
const total = { executions: done, finds, seed, peakMegabytes: Math.round(maxRSS / 1024) };
process.stdout.write(`${JSON.stringify({ total })}\n`);
process.exitCode = finds > 0 ? 1 : 0;

/** Finds are kept as they come: whatever becomes of the search, they stay. */
function tell({ target, finds }: Campaign): void {
  for (const find of finds) {
    if (told.has(find)) continue;
    told.add(find);
    process.stderr.write(`fuzz: ${find.what}\n  ${keep(target.name, find.input, true)}\n${find.stack}\n`);
  }
}

function positive(text: string): number {
  const number = Number(text);
  if (text === '' || !(number >= 0)) throw new InvalidArgumentError('It is a number, 0 or above.');
  return number;
}
