// How many octets the analysis allocates for a frame: `node --expose-gc --max-semi-space-size=64
// --no-concurrent-recompilation allocation.mjs FILE [object]`.
// Prints the least of several stretches of the capture, after a first one in which everything is compiled. With `object`, an
// object for each frame is made on purpose, which the count must show. Nothing is collected within a stretch: the young
// generation holds more than one can make.
import { readFileSync } from 'node:fs';
import { Analysis } from '../../dist/index.js';

const [, , file, object] = process.argv;
const chunkSize = 1 << 20;
const stretches = 6;

let kept = null;
let frames = 0;
const counting = () => {
  frames += 1;
};
const allocating = (frame) => {
  frames += 1;
  kept = { number: frame.number };
};
const octets = readFileSync(file);
const capture = new Analysis({ onFrame: object === undefined ? counting : allocating }).capture(file, null);
const stretch = Math.floor(octets.length / (stretches + 2) / chunkSize) * chunkSize;
let at = 0;
const read = (upTo) => {
  for (; at < upTo; at += chunkSize) capture.push(octets.subarray(at, at + chunkSize));
};
// The file header's block is read as any other.
read(stretch * 2);
let least = Number.POSITIVE_INFINITY;
for (let number = 0; number < stretches; number += 1) {
  globalThis.gc();
  frames = 0;
  const before = process.memoryUsage().heapUsed;
  read(at + stretch);
  least = Math.min(least, (process.memoryUsage().heapUsed - before) / frames);
}
console.log(JSON.stringify({ octetsPerFrame: least, frames, kept: kept !== null }));
