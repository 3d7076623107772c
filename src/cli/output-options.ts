/** Files that commands write: `-o` and `-w`, and the `--force` beside them. */
import { Option } from 'commander';
import type { OutputFile } from '../node/output-file.ts';

/** `flag`: the option that names the file. */
export function forceOption(flag: '-o' | '-w'): Option {
  return new Option('--force', `with ${flag}: replace a file that exists`);
}

/** A file that is written while `inputs` are read; `secret`: for its owner alone. Throws an OutputError. */
export async function openOutput(
  target: string,
  inputs: readonly string[],
  secret: boolean,
  force = false,
): Promise<OutputFile> {
  const { OutputFile } = await import('../node/output-file.ts');
  return OutputFile.open(target, { force, inputs, secret });
}
