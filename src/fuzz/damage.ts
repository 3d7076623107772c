/**
 * Damage to octets that knows nothing of what they mean: flips, lies, cuts, duplications, splices. Made for whole
 * captures and for single packets alike.
 */
import { joined } from '../octets/joined.ts';
import { type Choices, octetString, pick } from './choices.ts';

/** `octets` with one to four things done to them. `other`: octets to splice in, perhaps of another capture. */
export function damaged(choices: Choices, octets: Uint8Array, other: Uint8Array = octets): Uint8Array {
  let result: Uint8Array = octets.slice();
  for (let left = 1 + choices.below(4); left > 0; left -= 1) result = pick(choices, kinds)(choices, result, other);
  return result;
}

type Kind = (choices: Choices, octets: Uint8Array, other: Uint8Array) => Uint8Array;

/** Takes a stretch: mostly short, sometimes anything. */
function stretch(choices: Choices, length: number): [start: number, end: number] {
  const start = choices.below(length + 1);
  const most = length - start;
  const size = choices.below(Math.min(most, choices.below(4) === 0 ? most : 16) + 1);
  return [start, start + size];
}

function flip(choices: Choices, octets: Uint8Array): Uint8Array {
  if (octets.length > 0) {
    const at = choices.below(octets.length);
    octets[at] = (octets[at] ?? 0) ^ (1 << choices.below(8));
  }
  return octets;
}

function change(choices: Choices, octets: Uint8Array): Uint8Array {
  if (octets.length > 0) octets[choices.below(octets.length)] = choices.below(256);
  return octets;
}

/** Of GRE, TCP, UDP, IP, PPP and PPTP: lengths just below and above them are where programs err. */
const headerSizes: readonly number[] = [2, 4, 8, 12, 16, 20, 21, 24, 28, 40, 60];

/** Numbers of 8, 16 or 32 bits, in both byte orders, become small, huge, or a little more or less. */
function lie(choices: Choices, octets: Uint8Array): Uint8Array {
  const size = pick(choices, [1, 2, 4] as const);
  if (octets.length < size) return octets;
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  const at = choices.below(octets.length - size + 1);
  const little = choices.below(2) === 1;
  const largest = 2 ** (8 * size) - 1;
  const before = size === 1 ? view.getUint8(at) : size === 2 ? view.getUint16(at, little) : view.getUint32(at, little);
  const value = pick(choices, [
    0,
    1,
    before - 1,
    before + 1,
    before + 4,
    before * 2,
    octets.length,
    octets.length - at,
    pick(choices, headerSizes),
    largest,
    largest >>> 1,
    (largest >>> 1) + 1,
  ]);
  if (size === 1) view.setUint8(at, value);
  else if (size === 2) view.setUint16(at, value, little);
  else view.setUint32(at, value, little);
  return octets;
}

function cut(choices: Choices, octets: Uint8Array): Uint8Array {
  return octets.slice(0, choices.below(octets.length + 1));
}

function remove(choices: Choices, octets: Uint8Array): Uint8Array {
  const [start, end] = stretch(choices, octets.length);
  return joined([octets.subarray(0, start), octets.subarray(end)]);
}

function duplicate(choices: Choices, octets: Uint8Array): Uint8Array {
  const [start, end] = stretch(choices, octets.length);
  return joined([octets.subarray(0, end), octets.subarray(start)]);
}

function insert(choices: Choices, octets: Uint8Array): Uint8Array {
  const at = choices.below(octets.length + 1);
  return joined([octets.subarray(0, at), octetString(choices, 1 + choices.below(16)), octets.subarray(at)]);
}

function fill(choices: Choices, octets: Uint8Array): Uint8Array {
  const [start, end] = stretch(choices, octets.length);
  return octets.fill(pick(choices, [0, 0xff]), start, end);
}

function copy(choices: Choices, octets: Uint8Array): Uint8Array {
  const [start, end] = stretch(choices, octets.length);
  return octets.copyWithin(choices.below(octets.length + 1), start, end);
}

/** The beginning of one and the end of the other, or a piece of the other in the middle. */
function splice(choices: Choices, octets: Uint8Array, other: Uint8Array): Uint8Array {
  const [start, end] = stretch(choices, octets.length);
  const [from, to] = stretch(choices, other.length);
  if (choices.below(2) === 0) return joined([octets.subarray(0, start), other.subarray(from)]);
  return joined([octets.subarray(0, start), other.subarray(from, to), octets.subarray(end)]);
}

const kinds: readonly Kind[] = [flip, change, lie, lie, cut, remove, duplicate, insert, fill, copy, splice];
