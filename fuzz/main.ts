/**
 *   npm run fuzz -- [--time SECONDS] [--executions N] [--seed N] [--target NAME]... [--grow]
 *
 * Runs the inputs in fuzz/corpus, and then searches in all targets by turns for so long, or for about so many executions; 60 s
 * when neither is given. Finds are made small, kept there as `find-…`, and told; then the exit status is 1. `--grow` also
 * keeps the small inputs that reached code which neither the corpus nor smaller ones reach. One JSON line a target says
 * what was done, also after an interrupt (Ctrl-C).
 */
import { parseArgs } from 'node:util';
import { Campaign, type Find } from './campaign.ts';
import { corpusOf, keep } from './corpus.ts';
import { Coverage } from './coverage.ts';
import { Watchdog } from './watchdog.ts';

const { values } = parseArgs({
  options: {
    time: { type: 'string' },
    executions: { type: 'string' },
    seed: { type: 'string', default: '1' },
    target: { type: 'string', multiple: true },
    grow: { type: 'boolean', default: false },
  },
});
const seconds = positive('time', values.time ?? (values.executions === undefined ? '60' : 'Infinity'));
const executions = positive('executions', values.executions ?? 'Infinity');
const seed = positive('seed', values.seed);

const coverage = new Coverage('/build/src/');
// Only what is loaded while coverage is taken is covered.
const { targets } = await import('./targets.ts');
const unknown = (values.target ?? []).filter((name) => targets.every((target) => target.name !== name));
if (unknown.length > 0)
  fail(`no target ${unknown.join(', ')}; there are ${targets.map(({ name }) => name).join(', ')}`);
const chosen = targets.filter(({ name }) => values.target?.includes(name) ?? true);

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
  if (values.grow) {
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

function positive(name: string, text: string): number {
  const number = Number(text);
  if (!(number >= 0)) fail(`--${name} takes a number`);
  return number;
}

function fail(message: string): never {
  process.stderr.write(`fuzz: ${message}\n`);
  process.exit(2);
}
