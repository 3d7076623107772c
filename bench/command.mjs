// The command lines of the scripts here: their help, and one line for what they do not know.
import { Command, InvalidArgumentError } from 'commander';

/** A script that answers wrong words with a line and status 2: 1 is for what it measures. */
export function command(name, description) {
  return new Command(name)
    .description(description)
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2));
}

/** The value of an option that takes a number, 0 or above; `1e9` is one too. */
export function number(text) {
  const value = Number(text);
  if (text === '' || !(value >= 0)) throw new InvalidArgumentError('It is a number, 0 or above.');
  return value;
}

/** The value of an option that takes some of these words, with commas between. */
export function someOf(names) {
  return (text) => {
    const unknown = text.split(',').filter((name) => !names.includes(name));
    if (unknown.length > 0) throw new InvalidArgumentError(`There are ${names.join(', ')}.`);
    return text.split(',');
  };
}
