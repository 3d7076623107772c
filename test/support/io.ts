/** A command's world in memory: what it prints is kept, terminal and environment are as the test wants them. */
import { Writable } from 'node:stream';
import type { Io, Output } from '../../src/cli/io.ts';

export interface Terminal {
  isTTY?: boolean;
  columns?: number;
}

export interface RecordedIo extends Io {
  /** All that was written so far. */
  readonly out: () => string;
  readonly err: () => string;
}

export function recordedIo(
  world: { stdout?: Terminal; stderr?: Terminal; environment?: Io['environment']; now?: Io['now'] } = {},
): RecordedIo {
  const out: string[] = [];
  const err: string[] = [];
  return {
    stdout: output(out, world.stdout),
    stderr: output(err, world.stderr),
    environment: world.environment ?? {},
    now: world.now ?? (() => 0),
    out: () => out.join(''),
    err: () => err.join(''),
  };
}

function output(written: string[], terminal: Terminal = {}): Output {
  const stream = new Writable({
    decodeStrings: false,
    write(chunk, _encoding, done) {
      written.push(String(chunk));
      done();
    },
  });
  return Object.assign(stream, terminal);
}
