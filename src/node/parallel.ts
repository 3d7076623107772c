/**
 * Reads captures that have nothing to do with each other at the same time, on several cores. What a worker does with its
 * captures is what would be done with them here, so the report is the same.
 */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { AnalysisOptions } from '../analysis-options.ts';
import { type Extent, mayContinue, predecessor, sequencesOf } from '../capture/continuation.ts';
import type { Input } from '../reading/inputs.ts';
import { type Outcome, outcomeOf, type Place, type ReadProgress } from '../reading/reading.ts';
import type { ReportSource } from '../report/contract.ts';
import { reportSource } from '../report-source.ts';

/** What a worker is given. */
export interface Assignment {
  readonly places: readonly {
    readonly index: number;
    readonly input: Pick<Input, 'extent' | 'size' | 'compression'>;
  }[];
  readonly options: AnalysisOptions;
}

/** What a worker says: how far it is, and at last what it found. */
export type Message = { readonly progress: ReadProgress } | { readonly outcome: Outcome };

/**
 * Reading at the same time begins where it saves the time of so many octets. Measured: it takes 0.2 s of processor time more,
 * for a second start and the same code compiled again, and 500 MB take 0.25 s.
 */
const worthwhile = 400_000_000;
/** How much longer an octet takes that is compressed. */
const compressedFactor = 8;

/** null where reading one after the other is better, or the only way. */
export async function analyzeTogether(
  places: readonly Place[],
  options: AnalysisOptions,
  onProgress: (progress: ReadProgress) => void,
): Promise<ReportSource | null> {
  const { onEvent, onFrame } = options;
  if (onEvent !== undefined || onFrame !== undefined || places.some(({ input }) => input.size === null)) return null;
  const shares = sharesOf(groupsOf(places), availableParallelism());
  const costs = shares.map(costOf);
  const saved = costs.reduce((one, other) => one + other, 0) - Math.max(...costs);
  return saved < worthwhile ? null : analyzeShares(shares, options, onProgress);
}

/**
 * The first share is read here and each of the others by a worker. null where the files turned out not to be what they were
 * taken for, which happens where something is written to them, or a damaged end was taken for another.
 */
export async function analyzeShares(
  shares: readonly (readonly Place[])[],
  options: AnalysisOptions,
  onProgress: (progress: ReadProgress) => void,
): Promise<ReportSource | null> {
  const [own = [], ...others] = shares;
  // The others first: this thread is busy from then on.
  const reading = others.map((share) => inWorker(share, options, onProgress));
  const outcomes = [await outcomeOf(own, options, onProgress)];
  for (const [place, outcome] of (await Promise.all(reading)).entries()) {
    // A worker that failed, for want of memory say, costs time and nothing else.
    outcomes.push(outcome ?? (await outcomeOf(others[place] ?? [], options, onProgress)));
  }
  const results = outcomes.flatMap((outcome) => outcome.results).sort((one, other) => one.index - other.index);
  const extents: Extent[] = [];
  for (const outcome of outcomes) for (const { index, extent } of outcome.extents) extents[index] = extent;
  const sequences: number[] = [];
  for (const result of results) for (const { index } of result.captures) sequences[index] = result.index;
  const asTaken = sequencesOf(extents).every((sequence, index) => sequence === sequences[index]);
  return asTaken ? reportSource(results, options) : null;
}

/** null where the worker could not begin, or failed. */
function inWorker(
  places: readonly Place[],
  options: AnalysisOptions,
  onProgress: (progress: ReadProgress) => void,
): Promise<Outcome | null> {
  const assignment: Assignment = {
    places: places.map(({ index, input: { extent, size, compression } }) => {
      return { index, input: { extent, size, compression } };
    }),
    options,
  };
  const answered = new Promise<Outcome | null>((resolve) => {
    const worker = new Worker(new URL('./worker.js', import.meta.url), { workerData: assignment });
    worker.on('message', (message: Message) => {
      if ('progress' in message) onProgress(message.progress);
      else resolve(message.outcome);
    });
    worker.on('error', () => resolve(null));
    worker.on('exit', () => resolve(null));
  });
  return answered.catch(() => null);
}

/** Captures none of which goes on from one of another group, by what is known of them before they are read. */
export function groupsOf(places: readonly Place[]): Place[][] {
  const groups = new Set<Place[]>();
  let ends: { readonly extent: Extent; readonly group: Place[] }[] = [];
  for (const place of places) {
    const { extent } = place.input;
    const possible = ends.filter((end) => mayContinue(end.extent, extent) !== false);
    const sure = possible.every((end) => end.extent.ended);
    const before = predecessor(extent, ends);
    const joined = new Set(sure ? (before === null ? [] : [before.group]) : possible.map((end) => end.group));
    const group = [...[...joined].flat(), place];
    for (const one of joined) groups.delete(one);
    groups.add(group);
    // Where it is not sure from which of them it goes on, the next one may go on from the same.
    if (sure) ends = ends.filter((end) => end !== before);
    ends = ends.map((end) => (joined.has(end.group) ? { ...end, group } : end));
    ends.push({ extent, group });
  }
  return [...groups];
}

/** The groups dealt out to so many at most, the one that takes longest first. */
export function sharesOf(groups: readonly Place[][], most: number): Place[][] {
  const shares: { cost: number; places: Place[] }[] = [];
  for (const group of groups.toSorted((one, other) => costOf(other) - costOf(one))) {
    if (shares.length < most) shares.push({ cost: 0, places: [] });
    const [least] = shares.toSorted((one, other) => one.cost - other.cost);
    least?.places.push(...group);
    if (least !== undefined) least.cost += costOf(group);
  }
  return shares
    .toSorted((one, other) => other.cost - one.cost)
    .map(({ places }) => places.sort((one, other) => one.index - other.index));
}

function costOf(places: readonly Place[]): number {
  const costs = places.map(({ input }) => (input.size ?? 0) * (input.compression === null ? 1 : compressedFactor));
  return costs.reduce((one, other) => one + other, 0);
}
