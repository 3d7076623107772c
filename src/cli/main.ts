#!/usr/bin/env node
/**
 * The program's entry: connects the command line to this process.
 */
import { readFiles } from '../node/index.ts';
import { exitStatus, isBrokenPipe } from './io.ts';
import { run } from './program.ts';

/** Of help and version, which are written without waiting. */
let unwritten = false;
process.stdout.on('error', (error) => {
  if (!isBrokenPipe(error)) unwritten = true;
});
process.stderr.on('error', () => {});

const status = await run(
  process.argv.slice(2),
  { stdout: process.stdout, stderr: process.stderr, environment: process.env, now: () => performance.now() },
  readFiles,
);
process.exitCode = unwritten ? exitStatus.unreadable : status;
