/** The watchdog's own thread. See watchdog.ts */
import { workerData } from 'node:worker_threads';
import { keep } from './corpus.ts';
import type { Watched } from './watchdog.ts';

const { state, input, names, secondsUntilHang, place }: Watched = workerData;
let before = -1;
let seconds = 0;

setInterval(() => {
  const now = Atomics.load(state, place.executions);
  seconds = Atomics.load(state, place.running) === 1 && now === before ? seconds + 1 : 0;
  before = now;
  if (seconds < secondsUntilHang) return;
  const target = names[state[place.target] ?? -1] ?? 'unknown';
  const path = keep(target, input.slice(0, state[place.length]), true);
  process.stderr.write(`fuzz: ${target} does not end with ${path}\n`);
  process.kill(process.pid, 'SIGKILL');
}, 1000);
