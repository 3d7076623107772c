// How many octets the analysis allocates for a frame, and who allocates the most: `node --max-semi-space-size=64
// --no-concurrent-recompilation allocation.mjs FILE [object | number]`. V8's own profiler counts, by a sample for every 64 octets,
// over the last half of the capture; in the first one everything is compiled. What the heap holds before and after is no
// measure: it changes by what V8 does for itself. With `object` or `number`, an object, or a number that V8 has to box, is
// made for each frame on purpose, which the count must show. Nothing is collected while it counts: the young generation
// holds more than one half can make.
import { readFileSync } from 'node:fs';
import { Session } from 'node:inspector';
import { Analysis } from '../../dist/index.js';

const [, , file, extra] = process.argv;
const chunkSize = 1 << 20;

let kept = null;
let frames = 0;
const onFrame = {
  object: (frame) => {
    frames += 1;
    kept = { number: frame.number };
  },
  number: (frame) => {
    frames += 1;
    kept = frame.number + 0.5;
  },
  undefined: () => {
    frames += 1;
  },
}[extra];
const octets = readFileSync(file);
const capture = new Analysis({ onFrame }).capture(file, null);
let at = 0;
const read = (upTo) => {
  for (; at < upTo; at += chunkSize) capture.push(octets.subarray(at, at + chunkSize));
};

const session = new Session();
session.connect();
/** Answers come at once where the session is the process's own. */
const ask = (method, parameters) => {
  let answer;
  session.post(method, parameters, (error, result) => {
    if (error !== null) throw new Error(`${method}: ${error.message}`);
    answer = result;
  });
  return answer;
};

// The first part: everything is compiled in it, and the file header's block is read as any other.
read(octets.length / 2);
frames = 0;
ask('HeapProfiler.startSampling', {
  samplingInterval: 64,
  includeObjectsCollectedByMajorGC: true,
  includeObjectsCollectedByMinorGC: true,
});
read(octets.length);
const { profile } = ask('HeapProfiler.stopSampling');

/** Octets by who asked for them. The profiler's own are not the analysis's. */
const allocated = new Map();
const pending = [profile.head];
for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
  const { functionName, url } = node.callFrame;
  pending.push(...node.children);
  if (url === 'node:inspector') continue;
  const name = `${functionName} ${url.split('/').at(-1)}`;
  allocated.set(name, (allocated.get(name) ?? 0) + node.selfSize);
}
let total = 0;
let most = '';
for (const [name, size] of allocated) {
  total += size;
  if (size > (allocated.get(most) ?? 0)) most = name;
}
console.log(JSON.stringify({ octetsPerFrame: total / frames, most, frames, kept: kept !== null }));
