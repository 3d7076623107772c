/** A worker of `parallel.ts`: reads its captures and sends what it found. */
import { parentPort, workerData } from 'node:worker_threads';
import { fileInput } from './inputs.ts';
import type { Assignment, Message } from './parallel.ts';
import { outcomeOf } from './reading.ts';

const say = (message: Message): void => parentPort?.postMessage(message);
const { places, options }: Assignment = workerData;
const inputs = places.map(({ index, input }) => ({ index, input: fileInput(input) }));
say({ outcome: await outcomeOf(inputs, options, (progress) => say({ progress })) });
