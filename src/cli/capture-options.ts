/** `--limit NAME=NUMBER` of the commands that read captures, and what was reached where no report says so. */
import { InvalidArgumentError, Option } from 'commander';
import { type Bounds, boundFault, boundNames } from '../octets/bounds.ts';
import type { ReachedLimit } from '../octets/limits.ts';
import { complain, type Io } from './io.ts';

/** The option's value is `Partial<Bounds>`; absent where it was not given. */
export function limitOption(): Option {
  return new Option(
    '--limit <name=number>',
    'what is kept or followed at most, repeatable; docs/limits.md has the names',
  ).argParser(collectLimit);
}

function collectLimit(text: string, earlier: Partial<Bounds> | undefined): Partial<Bounds> {
  const [, name = '', digits = ''] = /^([^=]*)=(.*)$/.exec(text) ?? [];
  if (name === '') throw new InvalidArgumentError('A limit is written NAME=NUMBER: tunnels=1000.');
  const fault = boundFault(name, /^\d{1,12}$/.test(digits) ? Number(digits) : Number.NaN);
  if (fault !== null) throw new InvalidArgumentError(known(name) ? fault : `${fault} ${similar(name)}`);
  return { ...earlier, [name]: Number(digits) };
}

function known(name: string): boolean {
  return boundNames.some((one) => one === name);
}

/** Names that share a word with a wrong one, or else all. */
function similar(name: string): string {
  const words = name.split('-').filter((word) => word.length > 2);
  const alike = boundNames.filter((one) => words.some((word) => one.includes(word)));
  return `There ${alike.length === 1 ? 'is' : 'are'}: ${(alike.length === 0 ? boundNames : alike).join(' ')}.`;
}

/** One line for each limit that was reached, where what is printed has no place for it. */
export async function complainOfLimits(io: Io, limits: readonly ReachedLimit[]): Promise<void> {
  for (const { limit, message } of limits) await complain(io, `limit reached: ${message} (--limit ${limit}=...)`);
}
