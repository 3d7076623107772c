#!/usr/bin/env node
/**
 * The program's entry: connects the command line to this process.
 */
import { analyzeFiles } from '../node/index.ts';
import { isBrokenPipe } from './io.ts';
import { run } from './program.ts';

for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error) => {
    if (!isBrokenPipe(error)) throw error;
  });
}

process.exitCode = await run(
  process.argv.slice(2),
  { stdout: process.stdout, stderr: process.stderr, environment: process.env, now: () => performance.now() },
  analyzeFiles,
);
