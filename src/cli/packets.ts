/**
 * `pptpscope packets FILE...`: the packets of the tunnels one by one, or written to a capture of their own.
 */
import { Command, InvalidArgumentError, Option } from 'commander';
import type { Frame } from '../capture/frame.ts';
import { protocolWords } from '../dissect/protocol-words.ts';
import { rereading } from '../node/two-passes.ts';
import { stampedInstant } from '../octets/instant.ts';
import type { List } from '../octets/packed-list.ts';
import { type PacketReading, type PacketSink, viewPackets } from '../reading/packets.ts';
import type { Timing } from '../reading/two-passes.ts';
import type { Report, ReportSource, TunnelReport } from '../report/contract.ts';
import {
  type FrameRange,
  lastFrameOf,
  type Moment,
  mayBeSelected,
  type PacketSelection,
  selectsFrame,
  selectsPacket,
} from '../report/packet-selection.ts';
import { localOffset } from '../report/text/clock.ts';
import { wholeReport } from '../report-source.ts';
import type { Interest, ViewedPacket } from '../sessions/viewed-packet.ts';
import { analysisOptions, type CaptureOptions, limitOption, portOption } from './capture-options.ts';
import { complainOfLimits, complainOfUnread } from './complaints.ts';
import { complain, exitStatus, type Io } from './io.ts';
import { isBefore, momentOf } from './moment.ts';
import { forceOption, openOutput } from './output-options.ts';
import { PacketCapture, PacketLines, type PacketOutput, type PacketOutputOptions } from './packet-output.ts';
import { ProgressBar } from './progress.ts';

export interface PacketsOptions extends CaptureOptions, PacketOutputOptions {
  all?: boolean;
  frames?: FrameRange[];
  tunnel?: string[];
  call?: string[];
  from?: 'client' | 'server';
  /** Two times; what commander takes for more of them are captures. */
  between?: string[];
  grep?: string;
  count?: number;
  write?: string;
  force?: boolean;
}

const examples = `
Examples:
  pptpscope packets ticket.pcapng                               one line for each packet of the tunnels
  pptpscope packets --call T1.1 --protocol lcp,chap ticket.pcap how the link was negotiated
  pptpscope packets --frames 12 --details --hex ticket.pcap     every octet of one packet
  pptpscope packets --between 23:04:20 23:04:30 ticket.pcap     ten seconds of the first frame's day
  pptpscope packets --tunnel T7 -w t7.pcapng --annotate big.pcap
                                                                the packets that matter, explained, for Wireshark

Times of --between: 2026-11-20T23:04:22.5Z, the same without zone or only 23:04:22 (UTC, local with
--time local), or seconds from the capture's first frame, +12.5. All selections must hold together.

Text is one line for each packet where standard output is no terminal. Passwords, challenges and responses
are covered unless --show-secrets is given; a capture written with -w holds all octets as they were.
A capture is read twice; standard input and pipes are kept in a temporary file for that.`;

/** `finished` gets the exit status. */
export function packetsCommand(io: Io, finished: (status: number) => void): Command {
  return new Command('packets')
    .description('show the packets of the tunnels one by one, or write them to a capture')
    .usage('[options] FILE...')
    .argument('[FILE...]', 'captures; - is standard input')
    .addOption(
      new Option('--format <format>', 'text, or one JSON object a line').choices(['text', 'json']).default('text'),
    )
    .option('--all', 'packets outside of tunnels too')
    .option('--details', 'the fields of every layer, each with its octets')
    .option('--hex', "the octets; with colours, those of --protocol's layers or of the innermost one are marked")
    .option('--rfc', 'with --details: say where each layer is described')
    .option('--show-secrets', 'do not cover passwords, challenges and responses')
    .addOption(
      new Option('--time <style>', 'how to show times in text')
        .choices(['utc', 'local', 'relative', 'delta'])
        .default('utc'),
    )
    .option('--frames <ranges>', 'frames by number: 10-40,57', parseFrames)
    .option('--tunnel <id>', 'packets of a tunnel, T1; repeatable', collectWords)
    .option('--call <id>', 'packets of a call, T1.1; repeatable', collectWords)
    .option('--protocol <names>', `packets with a layer of one of: ${protocolWords.join(' ')}`, parseProtocols)
    .addOption(new Option('--from <side>', 'packets that one side sent').choices(['client', 'server']))
    .option('--between <from> <to...>', 'packets from one time to another')
    .option('--grep <text>', 'packets whose summary or marks hold the text, in either case: "lost before"')
    .option('--count <number>', 'no more packets than that', parseCount)
    .addOption(
      new Option('-w, --write <file>', 'write the packets to a pcapng capture instead of showing them').conflicts([
        'format',
        'details',
        'hex',
        'rfc',
      ]),
    )
    .addOption(forceOption('-w'))
    .option('--annotate', 'with -w: verdict, findings and their proof as packet comments')
    .addOption(portOption())
    .addOption(limitOption())
    .option('--no-color', 'no colours, whatever the terminal can do')
    .addHelpText('after', examples)
    .action(async (paths: string[], options: PacketsOptions, command: Command) => {
      // The option for the two times takes all words up to the next option.
      const [from, to, ...more] = options.between ?? [];
      const captures = [...more, ...paths];
      if (options.between !== undefined && to === undefined) command.error('error: --between takes two times');
      if (options.annotate === true && options.write === undefined) command.error('error: --annotate needs -w');
      const utcOffset = options.time === 'local' ? localOffset : () => 0;
      const moment = (text: string): Moment =>
        momentOf(text, utcOffset) ?? command.error(`error: --between takes two times: ${text} is no time`);
      const between = from === undefined || to === undefined ? null : ([moment(from), moment(to)] as const);
      if (between !== null && isBefore(between[1], between[0])) command.error(`error: ${to} is before ${from}`);
      if (captures.length === 0) command.error("error: missing required argument 'FILE'");
      finished(await runPackets(captures, options, selectionOf(options, between), io));
    });
}

export async function runPackets(
  paths: readonly string[],
  options: PacketsOptions,
  selection: PacketSelection,
  io: Io,
): Promise<number> {
  const target = options.write ?? null;
  const file = target === null || target === '-' ? null : await openOutput(target, paths, true, options.force);
  const progress = new ProgressBar(io);
  const output = target === null ? new PacketLines(options, io) : new PacketCapture(file, options, io);
  const run = new Run(output, selection, options.count ?? Number.POSITIVE_INFINITY, io, () => progress.clear());
  try {
    const reading: PacketReading = {
      all: options.all === true,
      ...analysisOptions(options),
      onProgress: (read) => progress.show(read),
    };
    const reached = await rereading(paths, (captures, copies) => viewPackets(captures, reading, run, copies));
    await output.close(run.packets);
    await complainOfLimits(io, reached);
  } finally {
    progress.clear();
    await file?.discard();
  }
  return run.status;
}

/** The second pass: what is selected goes to the output. */
class Run implements PacketSink {
  status: number = exitStatus.done;
  packets = 0;
  private first: Timing['first'] = null;
  private readonly output: PacketOutput;
  private readonly selection: PacketSelection;
  private readonly count: number;
  private readonly io: Io;
  private readonly analyzed: () => void;
  private readonly lastFrame: number;

  constructor(output: PacketOutput, selection: PacketSelection, count: number, io: Io, analyzed: () => void) {
    this.output = output;
    this.selection = selection;
    this.count = count;
    this.io = io;
    this.analyzed = analyzed;
    this.lastFrame = lastFrameOf(selection);
  }

  async report(source: ReportSource): Promise<List<TunnelReport> | null> {
    this.analyzed();
    const report = wholeReport(source);
    if (await complainOfUnread(this.io, report)) this.status = exitStatus.unreadable;
    await this.complainOfUnknown(report);
    const readable = report.captures.some(({ kind }) => kind !== null);
    if (readable) await this.output.begin(report);
    return readable ? report.tunnels : null;
  }

  /** A tunnel or call that is not there is a wrong command line, not an empty answer. */
  private async complainOfUnknown(report: Report): Promise<void> {
    const known = new Set(report.tunnels.flatMap(({ id, calls }) => [id, ...calls.map((call) => call.id)]));
    const ids = new Set([...known].map((id) => id.toLowerCase()));
    for (const id of [...(this.selection.tunnels ?? []), ...(this.selection.calls ?? [])]) {
      if (ids.has(id)) continue;
      this.status = exitStatus.unreadable;
      await complain(this.io, `no ${id.toUpperCase()} in the captures: there ${existing([...known])}`);
    }
  }

  capture(index: number, path: string, timing: Timing): void {
    this.first = timing.first;
    this.output.capture(index, path, timing);
  }

  wants(frame: Frame): 'yes' | 'no' | 'stop' {
    if (frame.number > this.lastFrame) return 'stop';
    const instant = stampedInstant(frame);
    return selectsFrame(this.selection, frame.number, instant, this.first) ? 'yes' : 'no';
  }

  readonly interest: Interest = (owner, pppProtocol) => mayBeSelected(this.selection, owner, pppProtocol);

  packet(packet: ViewedPacket): boolean {
    if (!selectsPacket(this.selection, packet)) return true;
    this.packets += 1;
    this.output.packet(packet);
    return this.packets < this.count;
  }

  flush(): Promise<void> {
    return this.output.flush();
  }
}

function existing(ids: readonly string[]): string {
  if (ids.length === 0) return 'are no tunnels';
  const shown = ids.slice(0, 12).join(' ');
  return `${ids.length === 1 ? 'is' : 'are'} ${shown}${ids.length > 12 ? ' …' : ''}`;
}

function selectionOf(options: PacketsOptions, between: PacketSelection['between']): PacketSelection {
  const lowerCase = (words: readonly string[] | undefined): ReadonlySet<string> | null =>
    words === undefined ? null : new Set(words.map((word) => word.toLowerCase()));
  return {
    frames: options.frames ?? null,
    tunnels: lowerCase(options.tunnel),
    calls: lowerCase(options.call),
    protocols: options.protocol === undefined ? null : new Set(options.protocol),
    from: options.from ?? null,
    between,
    text: options.grep ?? null,
  };
}

/** `10-40,57,100-` */
function parseFrames(text: string): FrameRange[] {
  return text.split(',').map((part) => {
    const match = /^(\d{1,15})(?:(-)(\d{1,15})?)?$/.exec(part.trim());
    if (match === null) throw new InvalidArgumentError('Frames are numbers and ranges: 10-40,57.');
    const first = Number(match[1]);
    const last = match[2] === undefined ? first : match[3] === undefined ? Number.POSITIVE_INFINITY : Number(match[3]);
    if (first < 1 || last < first) throw new InvalidArgumentError('Frames count from 1, and ranges run upwards.');
    return { first, last };
  });
}

function collectWords(text: string, earlier: string[] | undefined): string[] {
  return [...(earlier ?? []), ...text.split(',').map((word) => word.trim())];
}

function parseProtocols(text: string, earlier: string[] | undefined): string[] {
  const words = text.split(',').map((word) => word.trim().toLowerCase());
  const unknown = words.find((word) => !protocolWords.includes(word));
  if (unknown !== undefined) {
    throw new InvalidArgumentError(`${unknown} is none of: ${protocolWords.join(' ')}.`);
  }
  return [...(earlier ?? []), ...words];
}

function parseCount(text: string): number {
  const count = /^\d{1,15}$/.test(text) ? Number(text) : 0;
  if (count < 1) throw new InvalidArgumentError('A count is a number from 1 on.');
  return count;
}
