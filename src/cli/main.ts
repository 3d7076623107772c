#!/usr/bin/env node
/**
 * The program's entry: connects the command line to this process.
 */
import { setFlagsFromString } from 'node:v8';
import { readFiles } from '../node/index.ts';
import { exitStatus, isBrokenPipe } from './io.ts';
import { run } from './program.ts';

/** What is kept of a capture grows while it is read: collected at each fifth more, and not at each doubling, as V8 does. */
setFlagsFromString('--heap-growing-percent=20');

/** Of help and version, which are written without waiting: it shows when the program is at its end. */
let unwritten = false;
process.stdout.on('error', (error) => {
  if (isBrokenPipe(error)) return;
  unwritten = true;
  process.exitCode = exitStatus.unreadable;
});
process.stderr.on('error', () => {});

const status = await run(
  process.argv.slice(2),
  { stdout: process.stdout, stderr: process.stderr, environment: process.env, now: () => performance.now() },
  readFiles,
);
if (!unwritten) process.exitCode = status;
