/**
 * `pptpscope live -i INTERFACE`: what happens to tunnels, as it happens, and the report in the end.
 */
import { Command, InvalidArgumentError, Option } from 'commander';
import { LiveError } from '../node/live/error.ts';
import { type Followed, type FollowOptions, follow } from '../node/live/follow.ts';
import { userNamed } from '../node/live/privileges.ts';
import { FileRecorder, TriggeredRecorder } from '../node/live/recorder.ts';
import { backendNames } from '../node/live/source.ts';
import { controlPort } from '../pptp/names.ts';
import { InputError } from '../reading/source.ts';
import type { EventLine } from '../report/event-contract.ts';
import { eventText } from '../report/event-text.ts';
import { jsonLine } from '../report/json.ts';
import { type OpenTunnels, openTunnelsTable } from '../report/open-tunnels.ts';
import { localOffset } from '../report/text/clock.ts';
import { textReport } from '../report/text.ts';
import { analysisOptions, type CaptureOptions, limitOption, portOption } from './capture-options.ts';
import { complainOfUnread } from './complaints.ts';
import { complain, exitStatus, type Io, widthOf, write } from './io.ts';
import { forceOption } from './output-options.ts';
import { coloured, paletteFor } from './palette.ts';

export interface LiveOptions extends CaptureOptions {
  interface: string;
  backend: (typeof backendNames)[number];
  format: 'text' | 'jsonl';
  filter?: string;
  snapLength: number;
  promiscuous: boolean;
  duration?: number;
  count?: number;
  user?: string;
  write?: string;
  force?: boolean;
  rotateSize?: number;
  rotateTime?: number;
  files?: number;
  triggerOn?: 'failure';
  triggerBefore: number;
  triggerAfter: number;
  triggerMemory: number;
  table: boolean;
  time: 'utc' | 'local';
  color: boolean;
  verbose?: boolean;
}

/** Capturing as `follow` does it; handed in by tests. */
export type Follow = typeof follow;

/** Ended tunnels that the report keeps where --limit says nothing: a capture may go on for months. */
const endedTunnels = 1000;

const help = `
Examples:
  sudo pptpscope live -i eth0                       every step of every tunnel, until Ctrl-C
  sudo pptpscope live -i eth0 --format jsonl        for a program: docs/live.md describes the lines
  sudo pptpscope live -i eth0 --user nobody -w vpn.pcapng --rotate-size 100M --files 10
  sudo pptpscope live -i eth0 -w fail.pcapng --trigger-on failure
  ssh router tcpdump -U -w - 'tcp port 1723 or proto 47 or icmp' | pptpscope live -i -

Ctrl-C and SIGTERM end with the report. Exit status: 0 done, 2 when the capture could not begin or broke off.`;

/** `finished` gets the exit status. */
export function liveCommand(io: Io, finished: (status: number) => void, following: Follow = follow): Command {
  return new Command('live')
    .description('watch tunnels come up on an interface')
    .requiredOption('-i, --interface <name>', 'the interface; - is a capture on standard input')
    .addOption(new Option('--backend <name>', 'what captures').choices(backendNames).default('auto'))
    .addOption(
      new Option('--format <format>', 'lines for people, or one JSON object a line')
        .choices(['text', 'jsonl'])
        .default('text'),
    )
    .option('-f, --filter <expression>', 'capture filter (pcap-filter) that packets have to pass besides ours')
    .option('-s, --snap-length <octets>', 'octets kept of each packet; 0 is all', wholeNumber(0), 0)
    .option('-p, --no-promiscuous', 'do not put the interface into promiscuous mode')
    .option('--duration <seconds>', 'end after so many seconds', wholeNumber(1))
    .option('-c, --count <packets>', 'end after so many packets', wholeNumber(1))
    .addOption(portOption())
    .option('--user <name>', 'become this user as soon as the device is open (as root)')
    .option('-w, --write <file>', 'write the packets to a pcapng capture at the same time')
    .addOption(forceOption('-w'))
    .option('--rotate-size <octets>', 'begin another file at this size: 500k, 100M, 2G', octets)
    .option('--rotate-time <seconds>', 'begin another file after so many seconds', wholeNumber(1))
    .option('--files <number>', 'keep so many files, the newest', wholeNumber(1))
    .addOption(
      new Option('--trigger-on <event>', 'with -w: write a capture only when a tunnel fails').choices(['failure']),
    )
    .option('--trigger-before <seconds>', 'packets before the failure', wholeNumber(0), 60)
    .option('--trigger-after <seconds>', 'packets after the failure', wholeNumber(0), 10)
    .option('--trigger-memory <octets>', 'packets held in memory at most: 64M', octets, 64_000_000)
    .addOption(limitOption())
    .option('--no-table', 'no table of the open tunnels, whatever the terminal can do')
    .addOption(new Option('--time <style>', 'how to show times').choices(['utc', 'local']).default('local'))
    .option('--no-color', 'no colours, whatever the terminal can do')
    .option('--verbose', 'the report as with analyze --verbose')
    .addHelpText('after', help)
    .action(async (options: LiveOptions) => {
      try {
        finished(await runLive(options, io, following));
      } catch (error) {
        if (!(error instanceof LiveError) && !(error instanceof InputError)) throw error;
        await complain(io, error.message);
        finished(exitStatus.unreadable);
      }
    });
}

export async function runLive(options: LiveOptions, io: Io, following: Follow): Promise<number> {
  const fault = contradiction(options);
  if (fault !== null) {
    await complain(io, fault);
    return exitStatus.unreadable;
  }
  const interruption = new AbortController();
  const interrupt = (): void => interruption.abort();
  let unwritten: unknown = null;
  /** What is told is told at once; where that fails, the capture ends as by Ctrl-C, and what it wrote is whole. */
  const say: Say = (text) => {
    write(io.stdout, text).catch((error: unknown) => {
      unwritten ??= error;
      interrupt();
    });
  };
  const screen = options.format === 'jsonl' ? new Lines(io, say) : new Screen(io, options, say);
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  // Nobody reads any more.
  io.stdout.once('close', interrupt);
  let followed: Followed;
  try {
    followed = await following(followOptions(options), screen, interruption.signal);
  } finally {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
    io.stdout.off('close', interrupt);
    screen.clear();
  }
  if (unwritten !== null) throw unwritten;
  await screen.report(followed);
  const { reason, report } = followed;
  // What is cut off by Ctrl-C, by a count or by time may be anything.
  const whole = reason === 'failed' || reason === 'end';
  return whole && (await complainOfUnread(io, report)) ? exitStatus.unreadable : exitStatus.done;
}

function contradiction({ write: path, ...options }: LiveOptions): string | null {
  if (options.interface === '-' || options.backend === 'stdin') {
    const idle = options.filter === undefined ? (options.snapLength === 0 ? null : '--snap-length') : '--filter';
    if (idle !== null)
      return `${idle}: what comes on standard input is taken whole; give it to the program that captures`;
  }
  const rotating = options.rotateSize !== undefined || options.rotateTime !== undefined;
  if (path === undefined) {
    const orphan = rotating
      ? '--rotate-size and --rotate-time'
      : options.triggerOn === undefined
        ? null
        : '--trigger-on';
    return orphan === null ? null : `${orphan}: nothing is written without -w`;
  }
  if (options.triggerOn !== undefined && options.rotateTime !== undefined) {
    return '--trigger-on begins a file with a failure: leave --rotate-time out';
  }
  if (options.files !== undefined && !rotating && options.triggerOn === undefined) {
    return '--files: there is one file only without --rotate-size, --rotate-time or --trigger-on';
  }
  return null;
}

function followOptions(options: LiveOptions): FollowOptions {
  const { write: path, interface: device } = options;
  const recorder = {
    interface: device,
    force: options.force === true,
    rotateOctets: options.rotateSize ?? null,
    rotateSeconds: options.rotateTime ?? null,
    files: options.files ?? null,
  };
  const trigger = {
    beforeOctets: options.triggerMemory,
    beforeSeconds: options.triggerBefore,
    afterSeconds: options.triggerAfter,
  };
  return {
    interface: device,
    backend: options.backend,
    ports: options.port ?? [controlPort],
    filter: options.filter ?? null,
    snapLength: options.snapLength,
    promiscuous: options.promiscuous,
    count: options.count ?? null,
    durationSeconds: options.duration ?? null,
    user: options.user === undefined ? null : userNamed(options.user),
    analysis: {
      ...analysisOptions(options),
      limits: { 'ended-tunnels': endedTunnels, ...options.limit },
    },
    record:
      path === undefined
        ? null
        : (opened) =>
            options.triggerOn === undefined
              ? new FileRecorder({ ...recorder, path, opened })
              : new TriggeredRecorder({ ...recorder, path, opened }, trigger),
  };
}

type Say = (text: string) => void;

/** `--format jsonl`. */
class Lines {
  private readonly io: Io;
  private readonly say: Say;

  constructor(io: Io, say: Say) {
    this.io = io;
    this.say = say;
  }

  event(event: EventLine): void {
    this.say(jsonLine(event));
  }

  open(): void {}

  clear(): void {}

  report({ report }: Followed): Promise<void> {
    return write(this.io.stdout, jsonLine({ kind: 'report', report } satisfies EventLine));
  }
}

/** Rows of the table at most; the rest of the screen is the log's. */
const tableRows = 12;

/** Lines for people; on a terminal with a table under them that is redrawn in place. */
class Screen {
  private readonly io: Io;
  private readonly options: LiveOptions;
  private readonly palette: ReturnType<typeof paletteFor>;
  private readonly terminal: boolean;
  private readonly say: Say;
  /** Lines of the table that stands under the log. */
  private drawn = 0;
  private table: readonly string[] = [];
  private octets = new Map<string, number>();
  private lookedAt: number;

  constructor(io: Io, options: LiveOptions, say: Say) {
    this.io = io;
    this.say = say;
    this.options = options;
    this.palette = paletteFor(coloured(io.stdout, io, options.color));
    this.terminal = io.stdout.isTTY === true && options.table && io.environment['TERM'] !== 'dumb';
    this.lookedAt = io.now();
  }

  event(event: EventLine): void {
    const text = eventText(event, { palette: this.palette, time: this.options.time, utcOffset: localOffset });
    if (text === null) return;
    this.draw(`${text}\n`);
  }

  open(newest: (most: number) => OpenTunnels): void {
    if (!this.terminal) return;
    const open = newest(tableRows);
    const now = this.io.now();
    const since = { octets: this.octets, seconds: (now - this.lookedAt) / 1000 };
    this.table = openTunnelsTable(open, since, { width: this.width, rowsAtMost: tableRows, palette: this.palette });
    this.lookedAt = now;
    this.octets = new Map(
      open.tunnels.flatMap(({ calls }) =>
        calls.map(({ id, gre }) => [id, gre.clientToServer.bytes + gre.serverToClient.bytes] as const),
      ),
    );
    this.draw('');
  }

  /** Takes the table off the terminal. */
  clear(): void {
    this.table = [];
    this.draw('');
  }

  async report({ report }: Followed): Promise<void> {
    const { time, verbose } = this.options;
    await write(this.io.stdout, '\n');
    const pieces = textReport(report, { width: this.width, palette: this.palette, time, verbose: verbose === true });
    for (const piece of pieces) await write(this.io.stdout, piece);
  }

  private get width(): number {
    return widthOf(this.io.stdout);
  }

  private draw(log: string): void {
    // Up to the table's first line, and clear from there on. ECMA-48, CUU and ED
    const over = this.drawn === 0 ? '' : `\x1b[${this.drawn}A\x1b[J`;
    const under = this.table.map((line) => `${line}\n`).join('');
    this.drawn = this.table.length;
    if (over !== '' || log !== '' || under !== '') this.say(`${over}${log}${under}`);
  }
}

function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const number = /^\d{1,9}$/.test(text) ? Number(text) : -1;
    if (number < least) throw new InvalidArgumentError(`A whole number of at least ${least}.`);
    return number;
  };
}

function octets(text: string): number {
  const [, digits = '', unit = ''] = /^(\d{1,9})([kMG]?)$/.exec(text) ?? [];
  const number = Number(digits) * ({ k: 1e3, M: 1e6, G: 1e9 }[unit] ?? 1);
  if (digits === '' || number === 0) throw new InvalidArgumentError('A number of octets: 500k, 100M, 2G.');
  return number;
}
