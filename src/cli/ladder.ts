/**
 * `pptpscope ladder FILE... --call T1.1`: the sequence diagram of a call.
 */
import { Command, Option } from 'commander';
import { rereading } from '../node/two-passes.ts';
import type { List } from '../octets/packed-list.ts';
import { type PacketSink, viewPackets } from '../reading/packets.ts';
import type { Timing } from '../reading/two-passes.ts';
import type { CallReport, Report, ReportSource, TunnelReport } from '../report/contract.ts';
import { LadderDiagram } from '../report/ladder-diagram.ts';
import type { PacketTimeStyle } from '../report/packets.ts';
import { localOffset } from '../report/text/clock.ts';
import { wholeReport } from '../report-source.ts';
import type { CountedPacket, Interest, ViewedPacket } from '../sessions/viewed-packet.ts';
import { analysisOptions, type CaptureOptions, limitOption, portOption } from './capture-options.ts';
import { complainOfLimits, complainOfUnread } from './complaints.ts';
import { complain, exitStatus, type Io, widthOf, write } from './io.ts';
import { coloured, paletteFor } from './palette.ts';
import { ProgressBar } from './progress.ts';

export interface LadderOptions extends CaptureOptions {
  call?: string;
  time: PacketTimeStyle;
  color: boolean;
}

const examples = `
Examples:
  pptpscope ladder --call T1.1 ticket.pcapng       who said what to whom, and when
  pptpscope ladder --call T4 ticket.pcapng         of a tunnel that has no call: its control connection

Data, acknowledgments and echoes that follow each other are counted on one line: 12→ are the client's.
Where a capture holds a single call, --call may be left out.`;

/** `finished` gets the exit status. */
export function ladderCommand(io: Io, finished: (status: number) => void): Command {
  return new Command('ladder')
    .description('draw the sequence diagram of a call')
    .argument('<FILE...>', 'captures; - is standard input')
    .option('--call <id>', 'the call, T1.1, or a tunnel without calls, T1')
    .addOption(
      new Option('--time <style>', 'how to show times')
        .choices(['utc', 'local', 'relative', 'delta'])
        .default('relative'),
    )
    .addOption(portOption())
    .addOption(limitOption())
    .option('--no-color', 'no colours, whatever the terminal can do')
    .addHelpText('after', examples)
    .action(async (paths: string[], options: LadderOptions) => {
      finished(await runLadder(paths, options, io));
    });
}

export async function runLadder(paths: readonly string[], options: LadderOptions, io: Io): Promise<number> {
  const progress = new ProgressBar(io);
  const run = new Run(options, io, () => progress.clear());
  const reading = {
    all: false,
    ...analysisOptions(options),
    onProgress: (read: Parameters<ProgressBar['show']>[0]) => progress.show(read),
  };
  const reached = await rereading(paths, (captures, copies) => viewPackets(captures, reading, run, copies)).finally(
    () => progress.clear(),
  );
  await run.end();
  await complainOfLimits(io, reached);
  return run.status;
}

class Run implements PacketSink {
  status: number = exitStatus.done;
  private readonly options: LadderOptions;
  private readonly io: Io;
  private readonly analyzed: () => void;
  private chosen: Choice | null = null;
  /** Of each capture. */
  private sequences: readonly number[] = [];
  /** Whether the capture is of the sequence that the call is in. */
  private wanted: 'yes' | 'stop' = 'stop';
  private diagram: LadderDiagram | null = null;
  private pieces: string[] = [];

  constructor(options: LadderOptions, io: Io, analyzed: () => void) {
    this.options = options;
    this.io = io;
    this.analyzed = analyzed;
  }

  async report(source: ReportSource): Promise<List<TunnelReport> | null> {
    this.analyzed();
    const report = wholeReport(source);
    this.sequences = report.captures.map(({ sequence }) => sequence);
    if (await complainOfUnread(this.io, report)) this.status = exitStatus.unreadable;
    if (report.captures.every(({ kind }) => kind === null)) return null;
    this.chosen = choose(report, this.options.call);
    if (this.chosen !== null) return report.tunnels;
    const ids = report.tunnels.flatMap(({ id, calls }) => (calls.length === 0 ? [id] : calls.map((call) => call.id)));
    const which = this.options.call === undefined ? 'name a call with --call' : `no call ${this.options.call}`;
    const list =
      ids.length === 0 ? 'the captures have none' : `there ${ids.length === 1 ? 'is' : 'are'} ${ids.join(' ')}`;
    await complain(this.io, `${which}: ${list}`);
    this.status = exitStatus.unreadable;
    return null;
  }

  capture(index: number, path: string, { first, digits }: Timing): void {
    const { chosen, io, options } = this;
    this.wanted = chosen !== null && this.sequences[index] === chosen.tunnel.capture ? 'yes' : 'stop';
    if (chosen?.tunnel.capture !== index) return;
    this.diagram = new LadderDiagram(
      chosen.tunnel,
      { path, digits, first },
      {
        width: Math.max(60, widthOf(io.stdout)),
        palette: paletteFor(coloured(io.stdout, io, options.color)),
        time: options.time,
        utcOffset: localOffset,
      },
    );
    this.pieces.push(this.diagram.heading());
  }

  wants(): 'yes' | 'stop' {
    return this.wanted;
  }

  readonly interest: Interest = (owner) => owner?.tunnel.id === this.chosen?.tunnel.id;

  packet(packet: ViewedPacket): boolean {
    if (this.shows(packet)) this.pieces.push(this.diagram?.packet(packet) ?? '');
    return true;
  }

  counted(packet: CountedPacket): void {
    if (this.shows(packet)) this.pieces.push(this.diagram?.counted(packet) ?? '');
  }

  private shows({ owner }: Pick<ViewedPacket, 'owner'>): boolean {
    const { chosen } = this;
    if (chosen === null || owner?.tunnel.id !== chosen.tunnel.id) return false;
    return owner.call === null || chosen.call === null || owner.call.id === chosen.call.id;
  }

  async flush(): Promise<void> {
    const text = this.pieces.join('');
    this.pieces = [];
    if (text !== '') await write(this.io.stdout, text);
  }

  /** What is still being counted. */
  async end(): Promise<void> {
    if (this.diagram !== null) this.pieces.push(this.diagram.finish());
    await this.flush();
  }
}

interface Choice {
  readonly tunnel: TunnelReport;
  readonly call: CallReport | null;
}

function choose(report: Report, id: string | undefined): Choice | null {
  const all = report.tunnels.flatMap((tunnel): Choice[] =>
    tunnel.calls.length === 0 ? [{ tunnel, call: null }] : tunnel.calls.map((call) => ({ tunnel, call })),
  );
  if (id === undefined) return all.length === 1 ? (all[0] ?? null) : null;
  const wanted = id.toLowerCase();
  return (
    all.find(({ tunnel, call }) => (call ?? tunnel).id.toLowerCase() === wanted) ??
    all.find(({ tunnel }) => tunnel.id.toLowerCase() === wanted && tunnel.calls.length === 1) ??
    null
  );
}
