/**
 * `pptpscope analyze FILE...`: what happened to every tunnel in the captures.
 */
import { Command, InvalidArgumentError, Option } from 'commander';
import { type Severity, severities } from '../findings/rules/rule.ts';
import { ruleOf } from '../findings/rules/table.ts';
import type { FileAnalysisOptions, readFiles } from '../node/index.ts';
import type { OutputFile } from '../node/output-file.ts';
import type { ReportSource } from '../report/contract.ts';
import type { Diagrams } from '../report/diagrams.ts';
import { jsonReport } from '../report/json.ts';
import { type TimeStyle, textReport } from '../report/text.ts';
import { analysisOptions, type CaptureOptions, limitOption, portOption } from './capture-options.ts';
import { complainOfLimits, complainOfUnread } from './complaints.ts';
import { type Configuration, ConfigurationError, readConfiguration } from './config.ts';
import { addCredentialOptions, type CredentialOptions, credentialsOf } from './credentials.ts';
import { complain, exitStatus, type Io, widthOf, write } from './io.ts';
import { forceOption, openOutput } from './output-options.ts';
import { coloured, paletteFor } from './palette.ts';
import { ProgressBar } from './progress.ts';

interface AnalyzeOptions extends CaptureOptions, CredentialOptions {
  format: 'text' | 'markdown' | 'html' | 'json' | 'csv' | 'sarif';
  /** Path to write the report to; `-` and absent are standard output. */
  output?: string;
  force?: boolean;
  time: TimeStyle;
  color: boolean;
  verbose?: boolean;
  /** The least severity that makes the exit status 1. */
  failOn?: Severity;
  /** Ids of rules that are not asked. */
  ignore?: string[];
  /** Path of the configuration file. */
  config?: string;
  showSecrets?: boolean;
  redact?: boolean;
}

export const examples = `
Examples:
  pptpscope ticket.pcapng                          what happened to every tunnel, and where it stopped
  pptpscope --format markdown ticket.pcapng        the same to paste into the ticket
  pptpscope --format html -o a.html ticket.pcapng  a page that stands alone, with the ladder diagram of each call
  pptpscope explain 806                            what an error number, cause or finding means
  pptpscope --verbose --time local ticket.pcapng   every control message and option, in local time
  pptpscope client.pcap server.pcap.gz             captured at both ends: where between them is it lost?
  pptpscope --format json -o report.json a.pcap    for a program; report.schema.json describes it
  pptpscope --format sarif -o audit.sarif --fail-on high a.pcap
                                                   the findings for a dashboard; exit status 1 where it is bad
  pptpscope --redact client.pcap                   to share: pseudonyms instead of names and addresses
  pptpscope --port 1723 --port 11723 nat.pcap      control connections on these ports
  tcpdump -U -w - 'tcp port 1723 or proto 47 or icmp' | pptpscope -
  pptpscope vpn_*.pcapng                           a capture that was written to several files is one

Several captures are reported in the order of their times. A connection that is in two of them, or twice in one
of a NAT, is known by its TCP sequence numbers, and what is lost between the two places is said. Files of one
series, whose names differ in digits alone, that go on where another one ends are read as one capture: tunnels
go on, frames are numbered on. The same frames in two files, whatever their formats, count once.

Reads pcap and pcapng, plain or in gzip, zstd or lz4. PPTP's data is GRE, IP protocol 47:
a capture filter of TCP port 1723 alone leaves it out.

Exit status: 0 done, 1 when --fail-on found something, 2 when an input could not be read or the
command line or configuration is wrong.
A capture damaged in the middle is read as far as possible, and the report says so.`;

/** `finished` gets the exit status. */
export function analyzeCommand(io: Io, analyze: typeof readFiles, finished: (status: number) => void): Command {
  const command = new Command('analyze')
    .description('report what happened to every PPTP tunnel in captures')
    .argument('<FILE...>', 'captures; - is standard input')
    .addOption(
      new Option('--format <format>', 'how to write the report')
        .choices(['text', 'markdown', 'html', 'json', 'csv', 'sarif'])
        .default('text'),
    )
    .option('-o, --output <file>', 'write the report to a file')
    .addOption(forceOption('-o'))
    .addOption(portOption())
    .addOption(limitOption())
    .addOption(
      new Option('--time <style>', 'how to show times in text and HTML')
        .choices(['utc', 'local', 'relative'])
        .default('utc'),
    )
    .option('--no-color', 'no colours, whatever the terminal can do')
    .option(
      '--verbose',
      'add control messages, options of each negotiation, counts of each direction, and tunnels told in short',
    )
    .addOption(
      new Option('--fail-on <severity>', 'exit with 1 when a finding is at least that severe').choices(severities),
    )
    .option('--ignore <rule>', 'a rule of the audit that is not asked, repeatable', collectRule);
  return addCredentialOptions(command, 'that somebody knows, for the audit to try')
    .option('--config <file>', 'configuration file (default: .pptpscope.json, where there is one)')
    .addOption(new Option('--show-secrets', 'show passwords, challenges and responses').conflicts('redact'))
    .option('--redact', 'pseudonyms instead of user names, host names, addresses and domains')
    .addHelpText('after', examples)
    .action(async (paths: string[], options: AnalyzeOptions) => {
      try {
        finished(await runAnalyze(paths, configured(options, await readConfiguration(options.config)), io, analyze));
      } catch (error) {
        if (!(error instanceof ConfigurationError)) throw error;
        for (const fault of error.faults) await complain(io, fault);
        finished(exitStatus.unreadable);
      }
    });
}

async function runAnalyze(
  paths: readonly string[],
  options: AnalyzeOptions,
  io: Io,
  analyze: typeof readFiles,
): Promise<number> {
  const target = options.output === undefined || options.output === '-' ? null : options.output;
  const file = target === null ? null : await openOutput(target, paths, options.showSecrets === true, options.force);
  try {
    return await analyzeInto(file, paths, options, io, analyze);
  } finally {
    await file?.discard();
  }
}

/** `file` null: standard output. */
async function analyzeInto(
  file: OutputFile | null,
  paths: readonly string[],
  options: AnalyzeOptions,
  io: Io,
  analyze: typeof readFiles,
): Promise<number> {
  const credentials = await credentialsOf(options, io);
  if (credentials === null) return exitStatus.unreadable;
  const progress = new ProgressBar(io);
  const reading: FileAnalysisOptions = {
    credentials,
    ...analysisOptions(options),
    ...(options.ignore === undefined ? {} : { ignore: options.ignore }),
    keepSecrets: options.showSecrets === true,
    onProgress: (read) => progress.show(read),
  };
  const found = await read(paths, options, reading, analyze).finally(() => progress.clear());
  const { source: report } = found;

  let status: number = fails(report, options.failOn) ? exitStatus.found : exitStatus.done;
  if (await complainOfUnread(io, report, misspelt)) status = exitStatus.unreadable;
  // These have no place for them.
  if (options.format === 'csv' || options.format === 'sarif') await complainOfLimits(io, report.limitsReached);
  const nothing = report.captures.every(({ kind }) => kind === null);
  if (options.format === 'text' && nothing) return status;

  const shown = options.redact === true ? (await import('../report/redact.ts')).redactSource(report) : report;
  const pieces = await render({ ...found, source: shown }, options, file === null ? io.stdout : null, io);
  for (const piece of larger(pieces)) await (file === null ? write(io.stdout, piece) : file.write(piece));
  await file?.commit();
  return status;
}

interface Found {
  readonly source: ReportSource;
  readonly diagrams?: Diagrams;
}

/** HTML draws the calls, for which the captures are read once more. */
async function read(
  paths: readonly string[],
  { format, redact }: AnalyzeOptions,
  reading: FileAnalysisOptions,
  analyze: typeof readFiles,
): Promise<Found> {
  if (format !== 'html' || redact === true) return { source: await analyze(paths, reading) };
  const { rereading } = await import('../node/two-passes.ts');
  const { readWithDiagrams } = await import('../reading/diagrams.ts');
  return rereading(paths, (captures, copies) => readWithDiagrams(captures, reading, copies));
}

/** Characters that are written at once: each writing costs as much as a tunnel's text. */
const writtenAtOnce = 0x1_0000;

function* larger(pieces: Iterable<string>): Generator<string> {
  let held = '';
  for (const piece of pieces) {
    held += piece;
    if (held.length < writtenAtOnce) continue;
    yield held;
    held = '';
  }
  if (held !== '') yield held;
}

/** The command line goes before the configuration; rules to ignore are those of both. */
function configured(options: AnalyzeOptions, configuration: Configuration): AnalyzeOptions {
  const { ignore, failOn, redact: redacting, ports } = configuration;
  const merged: AnalyzeOptions = { ...options };
  if (ignore !== undefined) merged.ignore = [...(options.ignore ?? []), ...ignore];
  if (failOn !== undefined) merged.failOn ??= failOn;
  // Who asks for the secrets has said that nothing is to be hidden.
  if (redacting !== undefined && options.showSecrets !== true) merged.redact ??= redacting;
  if (ports !== undefined) merged.port ??= [...ports];
  return merged;
}

function fails({ findings }: ReportSource, least: Severity | undefined): boolean {
  if (least === undefined) return false;
  for (const { severity } of findings) if (severities.indexOf(severity) <= severities.indexOf(least)) return true;
  return false;
}

/** What only some reports need is loaded for them alone. */
async function render(
  { source: report, diagrams }: Found,
  options: AnalyzeOptions,
  output: Io['stdout'] | null,
  io: Io,
): Promise<Iterable<string>> {
  switch (options.format) {
    case 'json':
      return jsonReport(report);
    case 'markdown':
      return (await import('../report/markdown.ts')).markdownReport(report);
    case 'html':
      return (await import('../report/html.ts')).htmlReport(report, {
        time: options.time,
        ...(diagrams === undefined ? {} : { diagrams }),
      });
    case 'csv':
      return (await import('../report/csv.ts')).csvReport(report);
    case 'sarif':
      return (await import('../report/sarif.ts')).sarifReport(report);
    case 'text':
      return text(report, options, output, io);
  }
}

function text(report: ReportSource, options: AnalyzeOptions, output: Io['stdout'] | null, io: Io): Iterable<string> {
  return textReport(report, {
    width: widthOf(output),
    palette: paletteFor(coloured(output, io, options.color)),
    time: options.time,
    verbose: options.verbose === true,
  });
}

function collectRule(id: string, earlier: string[] | undefined): string[] {
  if (ruleOf(id) === null) throw new InvalidArgumentError('No such rule; "pptpscope rules" lists them.');
  return [...(earlier ?? []), id];
}

/** A word that is no command is taken for a file of this one. */
function misspelt(name: string): string {
  return /^[a-z]+$/.test(name) ? ' and no command (pptpscope --help has them)' : '';
}
