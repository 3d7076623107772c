/**
 * The configuration file: `.pptpscope.json` in the working directory, or the one that `--config` names. What stands on
 * the command line goes before it.
 */
import { readFile } from 'node:fs/promises';
import { type Severity, severities } from '../findings/rules/rule.ts';
import { ruleOf } from '../findings/rules/table.ts';
import { inputError } from '../node/source.ts';

const defaultPath = '.pptpscope.json';

export interface Configuration {
  /** Ids of rules that are not asked. */
  readonly ignore?: readonly string[];
  readonly failOn?: Severity;
  readonly redact?: boolean;
  /** TCP ports of control connections. */
  readonly ports?: readonly number[];
}

/** What is wrong with a configuration file, one line for each fault. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(faults.join('\n'));
    this.faults = faults;
  }
}

/** Throws a ConfigurationError. Without `path` a file that is not there is an empty configuration. */
export async function readConfiguration(path: string | undefined): Promise<Configuration> {
  const name = path ?? defaultPath;
  let text: string;
  try {
    text = await readFile(name, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    if (path === undefined && code === 'ENOENT') return {};
    throw new ConfigurationError([inputError(name, error).message]);
  }
  return parseConfiguration(text, name);
}

/** `name` stands before each fault. Throws a ConfigurationError. */
export function parseConfiguration(text: string, name: string): Configuration {
  let document: unknown;
  try {
    document = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (error) {
    throw new ConfigurationError([`${name}: is not JSON: ${error instanceof Error ? error.message : String(error)}`]);
  }
  if (typeof document !== 'object' || document === null || Array.isArray(document)) {
    throw new ConfigurationError([`${name}: must be an object like { "ignore": ["pptp-in-use"] }`]);
  }
  const faults: string[] = [];
  for (const [key, value] of Object.entries(document)) {
    // A key that editors know.
    if (key === '$schema') continue;
    const check = checks.get(key);
    if (check === undefined) faults.push(`${name}: unknown key "${key}"; known are ${[...checks.keys()].join(', ')}`);
    else faults.push(...check(value).map((fault) => `${name}: ${key}${fault}`));
  }
  if (faults.length > 0) throw new ConfigurationError(faults);
  return document;
}

/** For each key: what is wrong with a value. */
const checks: ReadonlyMap<string, (value: unknown) => string[]> = new Map([
  [
    'ignore',
    (value: unknown): string[] => {
      if (!Array.isArray(value)) return [' must be a list of rule ids'];
      return value.flatMap((id: unknown, index) =>
        typeof id === 'string' && ruleOf(id) !== null
          ? []
          : [`[${index}]: ${JSON.stringify(id)} is no rule; "pptpscope rules" lists them`],
      );
    },
  ],
  [
    'failOn',
    (value: unknown): string[] =>
      severities.some((severity) => severity === value) ? [] : [` must be one of ${severities.join(', ')}`],
  ],
  ['redact', (value: unknown): string[] => (typeof value === 'boolean' ? [] : [' must be true or false'])],
  [
    'ports',
    (value: unknown): string[] => {
      const port = (one: unknown): boolean => Number.isInteger(one) && Number(one) >= 1 && Number(one) <= 65_535;
      return Array.isArray(value) && value.length > 0 && value.every(port)
        ? []
        : [' must be a list of numbers from 1 to 65535'];
    },
  ],
]);
