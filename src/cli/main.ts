#!/usr/bin/env node
/**
 * The program's entry: connects the command line to this process.
 */
import { createWriteStream, fstatSync } from 'node:fs';
import { readFiles } from '../node/index.ts';
import { exitStatus, isBrokenPipe } from './io.ts';
import { run } from './program.ts';

/** Most captures are read before: this module takes 5 ms to load. */
const longRunMilliseconds = 80;

/**
 * What is kept of a capture grows while it is read: collected at each fifth more, and not at each doubling, as V8 does. Nearly
 * all else is of no use after a packet: room for young objects that outgrows the processor's cache costs memory and no less time.
 */
async function tuneEngine(): Promise<void> {
  const { setFlagsFromString } = await import('node:v8');
  setFlagsFromString('--heap-growing-percent=20');
  setFlagsFromString('--semi-space-growth-factor=1');
  // That of Node 20 optimises so early that much of it is for code which is soon done with. Later ones do not know the flag.
  if (process.versions.v8.startsWith('11.')) setFlagsFromString('--interrupt-budget=450000');
}

setTimeout(tuneEngine, longRunMilliseconds).unref();

/** Behind `process.stdout` what a disk takes only in part is lost without a word where standard output is a file. */
const stdout = isFile(1) ? createWriteStream('', { fd: 1, autoClose: false }) : process.stdout;

function isFile(descriptor: number): boolean {
  try {
    return fstatSync(descriptor).isFile();
  } catch {
    // Not every system tells of a console.
    return false;
  }
}

/** Of help and version, which are written without waiting: it shows when the program is at its end. */
let unwritten = false;
stdout.on('error', (error) => {
  if (isBrokenPipe(error)) return;
  unwritten = true;
  process.exitCode = exitStatus.unreadable;
});
process.stderr.on('error', () => {});

const status = await run(
  process.argv.slice(2),
  { stdout, stderr: process.stderr, environment: process.env, now: () => process.uptime() * 1000 },
  readFiles,
);
if (!unwritten) process.exitCode = status;
