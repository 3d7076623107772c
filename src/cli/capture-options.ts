/** What all commands that read captures can be told: where control connections are, and how much is kept. */
import { InvalidArgumentError, Option } from 'commander';
import { type AnalysisOptions, portFault, portOf } from '../analysis-options.ts';
import { type Bounds, boundFault, boundNames } from '../octets/bounds.ts';

export interface CaptureOptions {
  /** TCP ports of control connections; 1723 when absent. */
  port?: number[];
  /** Bounds other than their defaults. */
  limit?: Partial<Bounds>;
}

/** The same as options of an analysis. */
export function analysisOptions({ port, limit }: CaptureOptions): Pick<AnalysisOptions, 'controlPorts' | 'limits'> {
  return {
    ...(port === undefined ? {} : { controlPorts: port }),
    ...(limit === undefined ? {} : { limits: limit }),
  };
}

/** `--port`, of `CaptureOptions`. */
export function portOption(): Option {
  return new Option('--port <number>', 'TCP port of control connections, repeatable (default: 1723)').argParser(
    collectPort,
  );
}

function collectPort(text: string, earlier: number[] | undefined): number[] {
  const port = portOf(text);
  if (port === null) throw new InvalidArgumentError(portFault);
  return [...(earlier ?? []), port];
}

/** `--limit NAME=NUMBER`, of `CaptureOptions`. */
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

/** Names that share a word with a wrong one, or else where all are. */
function similar(name: string): string {
  const words = name.split('-').filter((word) => word.length > 2);
  const alike = boundNames.filter((one) => words.some((word) => one.includes(word)));
  if (alike.length === 0) return 'docs/limits.md has the names.';
  return `There ${alike.length === 1 ? 'is' : 'are'}: ${alike.join(' ')}.`;
}
