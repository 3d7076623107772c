/** `pptpscope decrypt FILE... -w INNER`: what travelled inside the tunnels, as a capture of its own. */
import { setImmediate } from 'node:timers/promises';
import { Command, Option } from 'commander';
import { PcapngWriter } from '../capture/pcapng-writer.ts';
import { linkTypes } from '../link/numbers.ts';
import type { ReadProgress } from '../node/index.ts';
import type { OutputFile } from '../node/output-file.ts';
import { rereading } from '../node/two-passes.ts';
import type { Limits } from '../octets/limits.ts';
import type { List } from '../octets/packed-list.ts';
import { counted } from '../octets/words.ts';
import {
  type FrameTaker,
  readTwice,
  type SecondPass,
  type Timing,
  type TwoPassReading,
} from '../reading/two-passes.ts';
import type { ReportSource, TunnelReport } from '../report/contract.ts';
import { insideReport, insideText } from '../report/inside.ts';
import { escaped } from '../report/json.ts';
import { safe } from '../report/text.ts';
import type { CallInside, InnerPacket } from '../sessions/call-inside.ts';
import { type ConfirmedExchange, type Credential, confirmations } from '../sessions/call-keys.ts';
import { InnerPackets } from '../sessions/inner-packets.ts';
import type { Call } from '../sessions/model/call.ts';
import type { Tunnel } from '../sessions/model/tunnel.ts';
import { version } from '../version.ts';
import { analysisOptions, type CaptureOptions, limitOption, portOption } from './capture-options.ts';
import { complainOfLimits, complainOfUnread } from './complaints.ts';
import { addCredentialOptions, type CredentialOptions, credentialsOf } from './credentials.ts';
import { complain, exitStatus, type Io, write, writeBlocks } from './io.ts';
import { forceOption, openOutput } from './output-options.ts';
import { ProgressBar } from './progress.ts';

interface DecryptOptions extends CaptureOptions, CredentialOptions {
  write: string;
  force?: boolean;
  format: 'text' | 'json';
}

const examples = `
Examples:
  pptpscope decrypt ticket.pcap -w inner.pcapng --password-file alice.txt
                                               what alice's tunnel carried, for Wireshark or tcpdump
  pptpscope decrypt clear.pcap -w inner.pcapng  what travelled in clear needs no password

A password is tried on the MS-CHAP exchange of each call, and its keys are used where the response in the capture fits it.
With the password of its user whoever has the capture can read it: MPPE has no forward secrecy. Decrypt what you may read.
Others on this machine can see the words of a command line: --password-file holds one password a line.
The packets are PPP frames (LINKTYPE_PPP), one interface for each call; outbound is what its client sent.
A capture is read twice; standard input and pipes are kept in a temporary file for that.`;

/** So long passwords are tried without a break. */
const breathMilliseconds = 50;

/** `finished` gets the exit status. */
export function decryptCommand(io: Io, finished: (status: number) => void): Command {
  const command = new Command('decrypt')
    .description('write what travelled inside the tunnels to a capture, decrypted with a password that you know')
    .usage('[options] FILE... -w INNER')
    .argument('<FILE...>', 'captures; - is standard input')
    .requiredOption('-w, --write <file>', 'the pcapng capture to write; - is standard output')
    .addOption(forceOption('-w'));
  return addCredentialOptions(command, 'to try')
    .addOption(new Option('--format <format>', 'how to tell of each call').choices(['text', 'json']).default('text'))
    .addOption(portOption())
    .addOption(limitOption())
    .addHelpText('after', examples)
    .action(async (paths: string[], options: DecryptOptions) => {
      if (options.write === '-' && options.format === 'json') {
        await complain(io, '-w - puts the capture on standard output: for --format json, write it to a file');
        finished(exitStatus.unreadable);
        return;
      }
      const credentials = await credentialsOf(options, io);
      if (credentials === null) {
        finished(exitStatus.unreadable);
        return;
      }
      const target = options.write;
      const { passwordFile = [] } = options;
      const file = target === '-' ? null : await openOutput(target, paths.concat(passwordFile), true, options.force);
      try {
        finished(await decryptInto(file, paths, options, credentials, io));
      } finally {
        await file?.discard();
      }
    });
}

/** `file` null: standard output, and what is told of the calls goes to standard error. */
async function decryptInto(
  file: OutputFile | null,
  paths: readonly string[],
  options: DecryptOptions,
  credentials: readonly Credential[],
  io: Io,
): Promise<number> {
  const progress = new ProgressBar(io);
  const pass = new Decryption(file, credentials, progress, io);
  try {
    const reading: TwoPassReading = { ...analysisOptions(options), onProgress: (read) => progress.show(read) };
    const reached = await rereading(paths, (captures, copies) => readTwice(captures, reading, pass, copies));
    progress.clear();
    await pass.close();
    await write(file === null ? io.stderr : io.stdout, told(pass.insides, options.format, credentials.length > 0));
    await complainOfLimits(io, reached);
  } finally {
    progress.clear();
  }
  return pass.status;
}

function told(insides: readonly CallInside[], format: 'text' | 'json', asked: boolean): string {
  if (format === 'json') return `${escaped(JSON.stringify(insides.map(insideReport), null, 2))}\n`;
  const lines = insides.flatMap((inside) => insideText(inside, asked));
  return (lines.length === 0 ? ['No network packets in the captures.'] : lines)
    .map((line) => `${safe(line)}\n`)
    .join('');
}

class Decryption implements SecondPass {
  status: number = exitStatus.done;
  readonly insides: CallInside[] = [];
  private written = 0;
  private blocks: Uint8Array[] = [];
  private digits = 6;
  private path: string | null = null;
  private readonly writer = new PcapngWriter();
  private readonly file: OutputFile | null;
  private readonly credentials: readonly Credential[];
  private readonly bar: ProgressBar;
  private readonly io: Io;

  constructor(file: OutputFile | null, credentials: readonly Credential[], bar: ProgressBar, io: Io) {
    this.file = file;
    this.credentials = credentials;
    this.bar = bar;
    this.io = io;
  }

  async report(source: ReportSource): Promise<List<TunnelReport> | null> {
    if (await complainOfUnread(this.io, source)) this.status = exitStatus.unreadable;
    this.blocks.push(
      this.writer.header(`pptpscope ${version}`, ['What travelled inside of PPTP tunnels, out of their GRE.']),
    );
    return source.captures.some(({ kind }) => kind !== null) ? source.tunnels : null;
  }

  async sequence(tunnels: readonly Tunnel[], limits: Limits): Promise<FrameTaker> {
    this.path = null;
    const packets = new InnerPackets(tunnels, await this.confirmed(tunnels), limits, (packet) => this.packet(packet));
    return {
      frame(frame) {
        packets.frame(frame);
        return 'more';
      },
      finish: () => {
        for (const inside of packets.finish()) this.insides.push(inside);
      },
    };
  }

  /** Many passwords and many calls take their time: meanwhile it is shown, and signals come through. */
  private async confirmed(tunnels: readonly Tunnel[]): Promise<Map<Call, ConfirmedExchange[]>> {
    const confirmed = new Map<Call, ConfirmedExchange[]>();
    const all = tunnels.reduce((sum, { calls }) => sum + calls.length, 0);
    let since = this.io.now();
    for (const [call, exchanges] of confirmations(tunnels, this.credentials)) {
      confirmed.set(call, exchanges);
      if (this.io.now() - since < breathMilliseconds) continue;
      await this.bar.tried(confirmed.size, all);
      await setImmediate();
      since = this.io.now();
    }
    return confirmed;
  }

  /** Calls have the name of the first of several captures that are one. */
  capture(_index: number, path: string, { digits }: Timing): void {
    this.path ??= path;
    this.digits = digits;
  }

  private packet({ call, from, instant, protocol, octets, wireLength }: InnerPacket): void {
    const frame = new Uint8Array(octets.length + pppHeader);
    frame.set([0xff, 0x03, protocol >> 8, protocol & 0xff]);
    frame.set(octets, pppHeader);
    this.written += 1;
    this.blocks.push(
      this.writer.packet({
        instant,
        octets: frame,
        wireLength: wireLength + pppHeader,
        linkType: linkTypes.ppp,
        frameCheckOctets: 0,
        direction: from === 'client' ? 'outbound' : 'inbound',
        digits: this.digits,
        origin: `${call.id} of ${this.path ?? ''}`,
        comments: [],
      }),
    );
  }

  progress(read: ReadProgress): void {
    this.bar.show(read);
  }

  async flush(): Promise<void> {
    const { blocks, file } = this;
    this.blocks = [];
    await writeBlocks(blocks, file, this.io);
  }

  async close(): Promise<void> {
    await this.flush();
    if (this.file === null) return;
    await this.file.commit();
    await complain(this.io, `${counted(this.written, 'packet')} written to ${this.file.target}`);
  }
}

/** FF 03 and two octets of protocol. RFC 1662 §3.1 */
const pppHeader = 4;
