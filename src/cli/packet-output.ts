/** Where `packets` puts what was selected: lines on standard output, or a capture. */
import { PcapngWriter } from '../capture/pcapng-writer.ts';
import type { OutputFile } from '../node/output-file.ts';
import { counted } from '../octets/words.ts';
import type { Timing } from '../reading/two-passes.ts';
import { annotations } from '../report/annotations.ts';
import type { Report } from '../report/contract.ts';
import { PacketText, type PacketTimeStyle, packetJson } from '../report/packets.ts';
import { localOffset } from '../report/text/clock.ts';
import type { ViewedPacket } from '../sessions/viewed-packet.ts';
import { version } from '../version.ts';
import { complain, type Io, widthOf, write, writeBlocks } from './io.ts';
import { coloured, paletteFor } from './palette.ts';

/** How packets are shown or written. */
export interface PacketOutputOptions {
  format: 'text' | 'json';
  details?: boolean;
  hex?: boolean;
  rfc?: boolean;
  showSecrets?: boolean;
  annotate?: boolean;
  time: PacketTimeStyle;
  protocol?: string[];
  color: boolean;
}

/** Where packets go. */
export interface PacketOutput {
  begin(report: Report): Promise<void> | void;
  capture(index: number, path: string, timing: Timing): void;
  packet(packet: ViewedPacket): void;
  flush(): Promise<void>;
  /** After the last packet of so many. */
  close(packets: number): Promise<void>;
}

/** Lines on standard output. */
export class PacketLines implements PacketOutput {
  private readonly options: PacketOutputOptions;
  private readonly io: Io;
  private captures: Report['captures'] = [];
  private current = { path: '', digits: 6, first: null as Timing['first'] };
  private text: PacketText | null = null;
  private pieces: string[] = [];

  constructor(options: PacketOutputOptions, io: Io) {
    this.options = options;
    this.io = io;
  }

  begin({ captures }: Report): void {
    this.captures = captures;
  }

  capture(index: number, path: string, { first, digits }: Timing): void {
    const { options } = this;
    this.current = { path, digits, first };
    if (this.text === null || this.captures[index]?.sequence === index) this.text = this.newText();
    if (options.format === 'text' && this.captures.length > 1) this.pieces.push(this.text.heading(path));
  }

  private newText(): PacketText {
    const { options, io } = this;
    const wide = io.stdout.isTTY === true || options.details === true || options.hex === true;
    return new PacketText(this.current, {
      details: options.details === true,
      hex: options.hex === true,
      showSecrets: options.showSecrets === true,
      width: wide ? Math.max(40, widthOf(io.stdout)) : 0,
      palette: paletteFor(coloured(io.stdout, io, options.color)),
      time: options.time,
      utcOffset: localOffset,
      sources: options.rfc === true,
      selected: options.protocol === undefined ? null : new Set(options.protocol),
    });
  }

  packet(packet: ViewedPacket): void {
    const { options } = this;
    if (options.format === 'text') {
      this.pieces.push(this.text?.packet(packet) ?? '');
      return;
    }
    const { details = false, hex = false, showSecrets = false } = options;
    this.pieces.push(packetJson(packet, this.current, { details, hex, showSecrets }));
  }

  async flush(): Promise<void> {
    const { pieces } = this;
    this.pieces = [];
    for (let at = 0; at < pieces.length; at += 256) await write(this.io.stdout, pieces.slice(at, at + 256).join(''));
  }

  async close(): Promise<void> {
    await this.flush();
  }
}

/** A pcapng capture: `file`, or null for standard output. */
export class PacketCapture implements PacketOutput {
  private readonly file: OutputFile | null;
  private readonly options: PacketOutputOptions;
  private readonly io: Io;
  private readonly writer = new PcapngWriter();
  private report: Report | null = null;
  private blocks: Uint8Array[] = [];
  private origin = { index: 0, path: '', digits: 6 };
  private comments: ReadonlyMap<number, readonly string[]> = new Map();
  /** Of the sequence, by frame. */
  private annotated: ReadonlyMap<number, readonly string[]> = new Map();
  /** Of the tunnels none of whose packets is written yet. */
  private verdicts = new Map<string, readonly string[]>();

  constructor(file: OutputFile | null, options: PacketOutputOptions, io: Io) {
    this.file = file;
    this.options = options;
    this.io = io;
  }

  begin(report: Report): void {
    this.report = report;
    const comments = report.captures.flatMap((capture) =>
      capture.comments.flatMap(({ frame, text }) => (frame === null ? [text] : [])),
    );
    this.blocks.push(this.writer.header(`pptpscope ${version}`, comments));
  }

  capture(index: number, path: string, { digits }: Timing): void {
    const { report } = this;
    const capture = report?.captures[index];
    this.origin = { index, path, digits };
    const own = new Map<number, string[]>();
    for (const { frame, text } of capture?.comments ?? []) {
      if (frame !== null) own.set(frame, [...(own.get(frame) ?? []), text]);
    }
    if (report !== null && capture?.sequence === index && this.options.annotate === true) {
      const { verdicts, frames } = annotations(report, index);
      this.verdicts = new Map(verdicts);
      this.annotated = frames;
    }
    for (const [frame, texts] of this.annotated) own.set(frame, [...(own.get(frame) ?? []), ...texts]);
    this.comments = own;
  }

  packet(packet: ViewedPacket): void {
    const { instant, octets, wireLength, linkType, frameCheckOctets } = packet;
    const { path, digits } = this.origin;
    const tunnel = packet.owner?.tunnel.id ?? '';
    const verdict = this.verdicts.get(tunnel) ?? [];
    this.verdicts.delete(tunnel);
    this.blocks.push(
      this.writer.packet({
        instant,
        octets,
        wireLength,
        linkType,
        frameCheckOctets,
        digits,
        origin: `${path} interface ${packet.interfaceIndex}`,
        comments: [...verdict, ...(this.comments.get(packet.frame) ?? [])],
      }),
    );
  }

  async flush(): Promise<void> {
    const { blocks, file } = this;
    this.blocks = [];
    await writeBlocks(blocks, file, this.io);
  }

  async close(packets: number): Promise<void> {
    await this.flush();
    if (this.file === null || this.report === null) return;
    await this.file.commit();
    await complain(this.io, `${counted(packets, 'packet')} written to ${this.file.target}`);
  }
}
