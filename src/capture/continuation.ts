/**
 * Which files are one capture: programs that capture begin another file at a size or a time (`tcpdump -C` and `-G`,
 * `dumpcap -b`, `pptpscope live --rotate-size`) and lose nothing in between.
 */
import { type Instant, secondsBetween } from '../octets/instant.ts';

/** What decides it. */
export interface Extent {
  readonly path: string;
  /** LINKTYPE_ numbers of the interfaces that are described before the first frame. */
  readonly linkTypes: readonly number[];
  /** Times of the first and of the last frame of the file that have one; null where none has. */
  readonly first: Instant | null;
  readonly last: Instant | null;
  /** False: it is not known how the file ends, and `last` is of some frame before its end. */
  readonly ended: boolean;
}

/**
 * Seconds from the last frame of a file to the first of the one that goes on. A control connection sends an Echo-Request
 * when nothing came for 60 seconds, and is closed when nothing comes for another 60 (RFC 2637 §3.1.4): no tunnel is silent
 * for longer and goes on.
 */
const longestPause = 120;

/**
 * Frames may be written a little out of order, also where a new file begins: so far a file may begin before the one that it
 * goes on from has ended, but no further than a tenth of what that one lasts. Two captures of one short session taken at
 * its two ends lie over each other for nearly all of it.
 */
const longestOverlap = 1;
const overlapShare = 0.1;

/** In the order of their first frames; those without a time are last, by path. */
export function byStart(one: Extent, other: Extent): number {
  if (one.first === null || other.first === null) {
    return Number(one.first === null) - Number(other.first === null) || byPath(one, other);
  }
  return secondsBetween(other.first, one.first) || byPath(one, other);
}

function byPath({ path: one }: Extent, { path: other }: Extent): number {
  return one < other ? -1 : Number(one > other);
}

/** Whether `later` may go on where `earlier` ends; null where that is known only when `earlier` has been read. */
export function mayContinue(earlier: Extent, later: Extent): boolean | null {
  const { first, last, ended } = earlier;
  if (first === null || last === null || later.first === null) return false;
  // Times first: they tell nearly all pairs of many files apart, and cost least.
  const pause = secondsBetween(last, later.first);
  const overlap = Math.min(longestOverlap, Math.max(0, secondsBetween(first, last)) * overlapShare);
  if (pause < (ended ? -overlap : -longestOverlap) || (ended && pause > longestPause)) return false;
  if (!sameNumbers(earlier.linkTypes, later.linkTypes) || seriesOf(earlier.path) !== seriesOf(later.path)) return false;
  return ended ? true : null;
}

/**
 * The one of `ends`, files that no other has gone on from, where `later` goes on; null where there is none. Of two series at
 * the same time whose names differ in digits alone, it is the one whose name is most like its own, and none where that does
 * not tell.
 */
export function predecessor<End extends { readonly extent: Extent }>(later: Extent, ends: readonly End[]): End | null {
  const fitting = ends.filter(({ extent }) => mayContinue(extent, later) === true);
  const alike = fitting.map(({ extent }) => likeness(extent.path, later.path));
  const most = Math.max(...alike);
  const [found, ...others] = fitting.filter((_end, place) => alike[place] === most);
  return others.length > 0 ? null : (found ?? null);
}

/** For each of the files, which are given in their order and have all ended, the place of the first one of its sequence. */
export function sequencesOf(extents: readonly Extent[]): number[] {
  const ends: { extent: Extent; sequence: number }[] = [];
  return extents.map((extent, place) => {
    const before = predecessor(extent, ends);
    const sequence = before?.sequence ?? place;
    if (before !== null) ends.splice(ends.indexOf(before), 1);
    ends.push({ extent, sequence });
    return sequence;
  });
}

/**
 * What the names of all files of a series have in common: their numbers and times are digits. Captures that somebody took one
 * after the other have names in words.
 */
function seriesOf(path: string): string {
  return path.replace(/\.(?:gz|zst|lz4)$/, '').replaceAll(/\d+/g, '');
}

/** Characters that two names have in common at their beginnings and at their ends. */
function likeness(one: string, other: string): number {
  const shorter = Math.min(one.length, other.length);
  let head = 0;
  while (head < shorter && one[head] === other[head]) head += 1;
  let tail = 0;
  while (tail < shorter - head && one.at(-1 - tail) === other.at(-1 - tail)) tail += 1;
  return head + tail;
}

function sameNumbers(one: readonly number[], other: readonly number[]): boolean {
  return one.length === other.length && one.every((number, place) => number === other[place]);
}
