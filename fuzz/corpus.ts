/**
 * Inputs that are kept: fuzz/corpus/TARGET holds a file for each, named by what is in it. They are where a search begins,
 * and every test run runs them all.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const corpusFolder = 'fuzz/corpus';

export function corpusOf(target: string, folder: string = corpusFolder): { name: string; octets: Uint8Array }[] {
  let names: string[] = [];
  try {
    names = readdirSync(join(folder, target)).sort();
  } catch (error) {
    // A target without a folder has no inputs yet.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  return names.map((name) => ({ name, octets: new Uint8Array(readFileSync(join(folder, target, name))) }));
}

/** Answers the path. `find-` marks inputs that once broke a law. */
export function keep(target: string, octets: Uint8Array, isFind: boolean, folder: string = corpusFolder): string {
  const digest = createHash('sha256').update(octets).digest('hex').slice(0, 16);
  mkdirSync(join(folder, target), { recursive: true });
  const path = join(folder, target, isFind ? `find-${digest}` : digest);
  writeFileSync(path, octets);
  return path;
}
