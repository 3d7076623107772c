/**
 * The command line as a whole: which commands there are, and how its own faults end.
 */
import { Command, CommanderError, Help, type Option } from 'commander';
import type { readFiles } from '../node/index.ts';
import { OutputError } from '../node/output-error.ts';
import { safe } from '../report/text/span.ts';
import { version } from '../version.ts';
import { analyzeCommand, examples } from './analyze.ts';
import { complain, exitStatus, type Io, write } from './io.ts';

type Analyze = typeof readFiles;
type Finished = (status: number) => void;

/** In the order of the help. Each is loaded only where it is asked for: loading them all takes longer than a small capture. */
const commands: Readonly<Record<string, (io: Io, finished: Finished, analyze: Analyze) => Promise<Command>>> = {
  analyze: async (io, finished, analyze) => analyzeCommand(io, analyze, finished),
  packets: async (io, finished) => (await import('./packets.ts')).packetsCommand(io, finished),
  handshakes: async (io, finished, analyze) =>
    (await import('./handshakes.ts')).handshakesCommand(io, analyze, finished),
  decrypt: async (io, finished) => (await import('./decrypt.ts')).decryptCommand(io, finished),
  rules: async (io, finished) => (await import('./rules.ts')).rulesCommand(io, finished),
  ladder: async (io, finished) => (await import('./ladder.ts')).ladderCommand(io, finished),
  explain: async (io, finished) => (await import('./explain.ts')).explainCommand(io, finished),
  live: async (io, finished) => (await import('./live.ts')).liveCommand(io, finished),
  interfaces: async (io, finished) => (await import('./interfaces.ts')).interfacesCommand(io, finished),
};

/** Captures without a command are for this one. */
const byDefault = 'analyze';

/** Runs one command line (without the program's own name) and answers its exit status. */
export async function run(words: readonly string[], io: Io, analyze: Analyze): Promise<number> {
  let status: number = exitStatus.done;
  const finished: Finished = (reached) => {
    status = reached;
  };
  const program = await createProgram(io, analyze, finished, namesFor(words));
  try {
    await program.parseAsync(words, { from: 'user' });
  } catch (error) {
    if (error instanceof OutputError) {
      await complain(io, error.message);
      return exitStatus.unreadable;
    }
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? exitStatus.done : exitStatus.unreadable;
  }
  return status;
}

/** The command that the words name, which they do first; the help tells of all. */
function namesFor([first]: readonly string[]): readonly string[] {
  if (first === undefined || first === '-h' || first === '--help') return Object.keys(commands);
  return [Object.hasOwn(commands, first) ? first : byDefault];
}

export async function createProgram(
  io: Io,
  analyze: Analyze,
  finished: Finished,
  names: readonly string[] = Object.keys(commands),
): Promise<Command> {
  const program: Command = new Command('pptpscope');
  const made: Command[] = [];
  for (const name of names) {
    const command = await commands[name]?.(io, finished, analyze);
    if (command !== undefined) made.push(command);
  }
  const analyzer = made.find((command) => command.name() === byDefault);
  program
    .description('Finds every PPTP VPN tunnel in packet captures and says what happened to it.')
    .usage('[options] FILE...')
    .version(version, '--version', 'print the version')
    .helpCommand(false)
    .configureHelp({
      // `pptpscope FILE...` is `pptpscope analyze FILE...`, so its help shows those options too.
      visibleOptions: (command): Option[] => [
        ...Help.prototype.visibleOptions.call(new Help(), command),
        ...(command === program ? (analyzer?.options ?? []) : []),
      ],
    })
    .addHelpText('after', examples);
  for (const command of made) program.addCommand(command, { isDefault: command === analyzer });
  /** Help comes in pieces: that they cannot be written is said once. */
  let told = false;
  const say = (text: string): void => {
    write(io.stdout, text).catch((error: Error) => {
      if (!told) void complain(io, error.message);
      told = true;
    });
  };
  for (const command of [program, ...made]) {
    command
      .exitOverride()
      .showHelpAfterError(`(${helpOf(command, program, analyzer)} explains, with examples)`)
      .configureOutput({
        writeOut: say,
        writeErr: (text: string) => void io.stderr.write(lines(text)),
        getOutHelpWidth: () => helpWidth(io.stdout.columns),
        getErrHelpWidth: () => helpWidth(io.stderr.columns),
        getOutHasColors: () => false,
        getErrHasColors: () => false,
      });
  }
  return program;
}

/** What prints the help with a command's options: the program's own for the command that needs no name. */
function helpOf(command: Command, program: Command, analyzer: Command | undefined): string {
  return command === program || command === analyzer ? 'pptpscope --help' : `pptpscope ${command.name()} --help`;
}

const widestHelp = 100;

function helpWidth(columns: number | undefined): number {
  return Math.min(columns ?? widestHelp, widestHelp);
}

/** Commander repeats the user's words in its messages: line by line through the door. */
function lines(text: string): string {
  return text.split('\n').map(safe).join('\n');
}
