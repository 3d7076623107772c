#!/usr/bin/env node
/**
 * The program's entry: connects the command line to this process.
 */
import { readFiles } from '../node/index.ts';
import { exitStatus, isBrokenPipe } from './io.ts';
import { run } from './program.ts';

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
