/**
 * The sequence diagram of a call: client left, server right, what passed between them in order of the capture, with times
 * and gaps. What is many and alike (user data, acknowledgments, echoes) becomes a count. Line by line: only what is being
 * counted is kept.
 */
import { tcpFlagsText } from '../dissect/summary.ts';
import { endpointText } from '../octets/address.ts';
import { type Instant, secondsBetween } from '../octets/instant.ts';
import { bytes, counted, duration, frameRange } from '../octets/words.ts';
import type { ViewedPacket } from '../sessions/packet-view.ts';
import { tcpFlags } from '../tcp/header.ts';
import type { Layer } from '../wire/tree.ts';
import type { TunnelReport } from './contract.ts';
import type { CaptureOfPackets } from './packets.ts';
import { markTexts, type PacketTextOptions, PacketTimes } from './packets.ts';
import { type Mark, type Span, span } from './text/span.ts';
import { TextPage } from './text/text-page.ts';
import { columnsOf, wrap } from './text/wrap.ts';

export type LadderOptions = Pick<PacketTextOptions, 'width' | 'palette' | 'time' | 'utcOffset'>;

/** Silence that gets a line of its own, and silence that ends a count. */
const gapSeconds = 1;
const countedGapSeconds = 10;
/** Columns of frame numbers at the right. */
const frameColumns = 7;

/** Things of one kind, by who sent them. */
interface Count {
  client: number;
  server: number;
  octets: number;
}

interface Run {
  readonly counts: Map<string, Count>;
  readonly firstFrame: number;
  lastFrame: number;
  readonly first: Instant | null;
  last: Instant | null;
  /** Packets with each mark. */
  readonly marks: Map<string, number>;
  lost: number;
}

export class LadderDiagram {
  private readonly page: TextPage;
  private readonly tunnel: TunnelReport;
  private readonly times: PacketTimes;
  private readonly timeColumns: number;
  private run: Run | null = null;
  private before: Instant | null = null;
  private bareAcknowledgments = 0;
  private bareSegments = 0;
  private handshake = false;

  constructor(tunnel: TunnelReport, capture: CaptureOfPackets, options: LadderOptions) {
    this.tunnel = tunnel;
    this.page = new TextPage(options.width, options.palette);
    this.times = new PacketTimes(capture, options);
    this.timeColumns = options.time === 'utc' || options.time === 'local' ? 17 : 13;
  }

  /** Who stands where. */
  heading(): string {
    const { client, server } = this.tunnel;
    const room = this.room();
    this.between([span('client')], [span('server')], room);
    this.between([span(endpointText(client), 'faint')], [span(endpointText(server), 'faint')], room);
    return this.page.take();
  }

  packet(packet: ViewedPacket): string {
    const kind = countedKind(packet);
    if (kind === acknowledgments && this.run === null && packet.marks.length === 0) {
      this.bareAcknowledgments += 1;
      return this.page.take();
    }
    if (kind !== null) {
      this.count(packet, kind);
      return this.page.take();
    }
    if (this.isBareSegment(packet)) {
      this.bareSegments += 1;
      return this.page.take();
    }
    this.endRun();
    this.gap(packet.instant);
    this.step(packet);
    this.before = packet.instant ?? this.before;
    return this.page.take();
  }

  /** After the last packet. */
  finish(): string {
    this.endRun();
    const hidden = [
      ...(this.bareSegments > 0 ? [counted(this.bareSegments, 'TCP segment')] : []),
      ...(this.bareAcknowledgments > 0 ? [counted(this.bareAcknowledgments, 'GRE packet')] : []),
    ];
    if (hidden.length > 0) {
      this.page.paragraph([span(`Not shown: ${hidden.join(' and ')} with nothing but acknowledgments.`, 'faint')]);
    }
    return this.page.take();
  }

  /** Segments that only acknowledge, but for the one that ends the handshake. */
  private isBareSegment(packet: ViewedPacket): boolean {
    if (packet.protocol !== 'tcp' || packet.tcpFlags !== tcpFlags.ack) return false;
    if (this.handshake) {
      this.handshake = false;
      return false;
    }
    return !packet.marks.some((mark) => mark === 'malformed' || mark === 'lost-before');
  }

  private step(packet: ViewedPacket): void {
    const from = packet.owner?.from ?? null;
    const flags = packet.tcpFlags ?? 0;
    if ((flags & opened) === opened) this.handshake = true;
    const marks = packet.marks.map((mark): Span => {
      const lost = mark === 'lost-before' ? `${packet.lostBefore} ` : '';
      return span(
        ` [${lost}${markTexts[mark]}]`,
        mark === 'malformed' || mark === 'lost-before' ? 'failed' : 'partial',
      );
    });
    const failed: Mark | null = from === null || (flags & tcpFlags.rst) !== 0 ? 'failed' : null;
    const text = [span(short(packet), failed), ...marks];
    this.arrow(from, text, this.times.text(packet.instant), String(packet.frame));
  }

  /** A text over or in an arrow; without a sender only the text. */
  private arrow(from: 'client' | 'server' | null, text: readonly Span[], time: string, frames: string): void {
    const room = this.room();
    const lines = wrap(text, room - 2, room - 2);
    const last = lines.at(-1) ?? [];
    const inLine = lines.length === 1 && lineColumns(last) <= room - 8;
    let first = true;
    const row = (inside: readonly Span[], aside: string): void => {
      const label = first ? time.padEnd(this.timeColumns) : ' '.repeat(this.timeColumns);
      first = false;
      this.page.row([span(label, 'faint'), span('│'), ...inside, span('│'), span(` ${aside}`, 'faint')], 0);
    };
    if (!inLine || from === null) {
      lines.forEach((line, index) => {
        const pad = span(' '.repeat(room - 1 - lineColumns(line)));
        row([span(' '), ...line, pad], from === null && index === lines.length - 1 ? frames : '');
      });
      if (from !== null)
        row([span(from === 'client' ? `${'─'.repeat(room - 1)}▶` : `◀${'─'.repeat(room - 1)}`)], frames);
      return;
    }
    const rest = '─'.repeat(room - lineColumns(last) - 5);
    if (from === 'client') row([span('── '), ...last, span(` ${rest}▶`)], frames);
    else row([span(`◀${rest} `), ...last, span(' ──')], frames);
  }

  private count(packet: ViewedPacket, kind: string): void {
    const { instant, frame } = packet;
    const silence = this.silenceBefore(instant);
    if (this.run !== null && silence >= countedGapSeconds) this.endRun();
    if (this.run === null) {
      this.gap(instant);
      this.run = {
        counts: new Map(),
        firstFrame: frame,
        lastFrame: frame,
        first: instant,
        last: instant,
        marks: new Map(),
        lost: 0,
      };
    }
    const { run } = this;
    let count = run.counts.get(kind);
    if (count === undefined) {
      count = { client: 0, server: 0, octets: 0 };
      run.counts.set(kind, count);
    }
    if (packet.owner?.from === 'server') count.server += 1;
    else count.client += 1;
    count.octets += packet.isData ? packet.wireLength : 0;
    for (const mark of packet.marks) {
      if (mark !== 'lost-before') run.marks.set(mark, (run.marks.get(mark) ?? 0) + 1);
    }
    run.lost += packet.lostBefore;
    run.lastFrame = frame;
    run.last = instant ?? run.last;
    this.before = instant ?? this.before;
  }

  private endRun(): void {
    const { run } = this;
    if (run === null) return;
    this.run = null;
    const seconds = run.first === null || run.last === null ? 0 : secondsBetween(run.first, run.last);
    const kinds = [...run.counts].map(([kind, { client, server, octets }]) => {
      const size = octets === 0 ? '' : `, ${bytes(octets)}`;
      return `${kind} ${client}→ ${server}←${size}`;
    });
    const time = seconds > 0 ? ` in ${duration(seconds)}` : '';
    const marks = [...run.marks].map(([mark, times]) => `${times} ${markTexts[mark as keyof typeof markTexts]}`);
    const lost = run.lost > 0 ? [`${run.lost} missing`] : [];
    const aside = [...lost, ...marks].join(', ');
    const text = [span(`${kinds.join('; ')}${time}`), span(aside === '' ? '' : `  [${aside}]`, 'partial')];
    const frames = frameRange(run.firstFrame, run.lastFrame).replace(/^frames? /, '');
    const room = this.room();
    const lines = wrap(text, room - 6, room - 6);
    lines.forEach((line, index) => {
      const label = index === 0 ? this.times.text(run.first) : '';
      const pad = room - 4 - lineColumns(line);
      this.page.row(
        [
          span(label.padEnd(this.timeColumns), 'faint'),
          span('│'),
          span('══ '),
          ...line,
          span(` ${'═'.repeat(Math.max(0, pad))}`),
          span('│'),
          span(` ${index === 0 ? frames : ''}`, 'faint'),
        ],
        0,
      );
    });
  }

  private silenceBefore(instant: Instant | null): number {
    return instant === null || this.before === null ? 0 : secondsBetween(this.before, instant);
  }

  private gap(instant: Instant | null): void {
    const silence = this.silenceBefore(instant);
    if (silence < gapSeconds) return;
    const room = this.room();
    const text = ` ${duration(silence)} of silence`;
    const pad = ' '.repeat(Math.max(0, room - columnsOf(text)));
    this.page.row([span(' '.repeat(this.timeColumns)), span(`┊${text}${pad}┊`, 'faint')], 0);
  }

  private between(left: readonly Span[], right: readonly Span[], room: number): void {
    const pad = Math.max(1, room + 2 - lineColumns(left) - lineColumns(right));
    this.page.row([span(' '.repeat(this.timeColumns)), ...left, span(' '.repeat(pad)), ...right], 0);
  }

  /** Columns between the two sides. */
  private room(): number {
    return Math.max(24, this.page.width - this.timeColumns - frameColumns - 3);
  }
}

const acknowledgments = 'acknowledgments';
/** Of the segment that answers a SYN. */
const opened = tcpFlags.syn | tcpFlags.ack;
/** What is worth showing of a segment with a message. */
const notable = tcpFlags.syn | tcpFlags.fin | tcpFlags.rst;
/** Names of layers. RFC 2637 §2.5, §2.6; RFC 1661 §5.8 */
const echoNames: ReadonlySet<string> = new Set(['Echo-Request', 'Echo-Reply', 'LCP Echo-Request', 'LCP Echo-Reply']);

/** What a packet is counted as; null for what is shown by itself. */
function countedKind(packet: ViewedPacket): string | null {
  if (packet.marks.includes('malformed')) return null;
  if (packet.isData) return dataName(packet);
  if (packet.isAcknowledgment) return acknowledgments;
  if (packet.protocol === 'lcp' && isEcho(packet)) return 'LCP echoes';
  if (packet.protocol === 'pptp' && isEcho(packet) && ((packet.tcpFlags ?? 0) & notable) === 0) return 'PPTP echoes';
  return null;
}

/** Of what it is about, it holds an echo and nothing else. */
function isEcho(packet: ViewedPacket): boolean {
  const about = layersOf(packet).filter(({ protocol }) => protocol === packet.protocol);
  return about.length === 1 && about.every(({ name }) => echoNames.has(name));
}

function layersOf({ layers, reassemblies }: ViewedPacket): Layer[] {
  return [...layers, ...reassemblies.flatMap((one) => one.layers)];
}

function dataName(packet: ViewedPacket): string {
  const { protocol } = packet;
  if (protocol === 'mppe') return 'MPPE';
  if (protocol === 'multilink') return 'multilink fragments';
  if (protocol === 'compressed') return 'compressed';
  const all = layersOf(packet);
  const ppp = all.findIndex((layer) => layer.protocol === 'ppp');
  const inside = all[ppp + 1];
  return inside === undefined || ppp < 0 ? 'data' : `${inside.name} in clear`;
}

/** Sequence numbers of TCP say little in a diagram. */
function short({ protocol, tcpFlags: flags, summary }: ViewedPacket): string {
  return protocol === 'tcp' && flags !== null ? `TCP ${tcpFlagsText(flags)}` : summary;
}

function lineColumns(line: readonly Span[]): number {
  return columnsOf(line.map(({ text }) => text).join(''));
}
