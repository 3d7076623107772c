/**
 * The command line as a whole: which commands there are, and how its own faults end.
 */
import { Command, CommanderError, Help, type Option } from 'commander';
import type { analyzeFiles } from '../node/index.ts';
import { safe } from '../report/text.ts';
import { version } from '../version.ts';
import { analyzeCommand, examples } from './analyze.ts';
import { explainCommand } from './explain.ts';
import { handshakesCommand } from './handshakes.ts';
import { interfacesCommand } from './interfaces.ts';
import { exitStatus, type Io } from './io.ts';
import { ladderCommand } from './ladder.ts';
import { liveCommand } from './live.ts';
import { packetsCommand } from './packets.ts';
import { rulesCommand } from './rules.ts';

/** Runs one command line (without the program's own name) and answers its exit status. */
export async function run(words: readonly string[], io: Io, analyze: typeof analyzeFiles): Promise<number> {
  let status: number = exitStatus.done;
  const program = createProgram(io, analyze, (finished) => {
    status = finished;
  });
  try {
    await program.parseAsync(words, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? exitStatus.done : exitStatus.unreadable;
  }
  return status;
}

export function createProgram(io: Io, analyze: typeof analyzeFiles, finished: (status: number) => void): Command {
  const analyzer = analyzeCommand(io, analyze, finished);
  const packets = packetsCommand(io, finished);
  const handshakes = handshakesCommand(io, analyze, finished);
  const rules = rulesCommand(io, finished);
  const ladder = ladderCommand(io, finished);
  const explain = explainCommand(io, finished);
  const live = liveCommand(io, finished);
  const interfaces = interfacesCommand(io, finished);
  const program: Command = new Command('pptpscope')
    .description('Finds every PPTP VPN tunnel in packet captures and says what happened to it.')
    .usage('[options] FILE...')
    .version(version, '--version', 'print the version')
    .helpCommand(false)
    .configureHelp({
      // `pptpscope FILE...` is `pptpscope analyze FILE...`, so its help shows those options too.
      visibleOptions: (command): Option[] => [
        ...Help.prototype.visibleOptions.call(new Help(), command),
        ...(command === program ? analyzer.options : []),
      ],
    })
    .addHelpText('after', examples)
    .addCommand(analyzer, { isDefault: true })
    .addCommand(packets)
    .addCommand(handshakes)
    .addCommand(rules)
    .addCommand(ladder)
    .addCommand(explain)
    .addCommand(live)
    .addCommand(interfaces);
  for (const command of [program, analyzer, packets, handshakes, rules, ladder, explain, live, interfaces]) {
    command
      .exitOverride()
      .showHelpAfterError('(pptpscope --help explains, with examples)')
      .configureOutput({
        writeOut: (text: string) => void io.stdout.write(text),
        writeErr: (text: string) => void io.stderr.write(lines(text)),
        getOutHelpWidth: () => helpWidth(io.stdout.columns),
        getErrHelpWidth: () => helpWidth(io.stderr.columns),
        getOutHasColors: () => false,
        getErrHasColors: () => false,
      });
  }
  return program;
}

const widestHelp = 100;

function helpWidth(columns: number | undefined): number {
  return Math.min(columns ?? widestHelp, widestHelp);
}

/** Commander repeats the user's words in its messages: line by line through the door. */
function lines(text: string): string {
  return text.split('\n').map(safe).join('\n');
}
