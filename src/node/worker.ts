/** A worker of `parallel.ts`: reads its captures and sends what it found. */
import { parentPort, workerData } from 'node:worker_threads';
import { outcomeOf } from '../reading/reading.ts';
import type { Assignment, Message } from './parallel.ts';
import { captureAt } from './source.ts';

/** Octets after which it says how far it is: reading elsewhere lets its thread look no more often. */
const progressStep = 16 * 1024 * 1024;

const say = (message: Message): void => parentPort?.postMessage(message);
let told = 0;
const { places, options }: Assignment = workerData;
const inputs = places.map(({ index, input }) => {
  const capture = captureAt(input.extent.path);
  return { index, input: { ...input, capture, open: () => capture.open() } };
});
const outcome = await outcomeOf(inputs, options, (progress) => {
  if (Math.abs(progress.bytesRead - told) < progressStep) return;
  told = progress.bytesRead;
  say({ progress });
});
say({ outcome });
