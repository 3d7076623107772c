/**
 * The rungs of a call's sequence diagram: what passed between client and server in order of the capture, and the silence
 * between. What is many and alike (user data, acknowledgments, echoes) becomes a count. Rung by rung: only what is being counted
 * is kept. `ladder-diagram.ts` draws them as lines, `html/html-page.ts` as rows of a table.
 */
import { tcpFlagsText } from '../dissect/summary.ts';
import { type Instant, secondsBetween } from '../octets/instant.ts';
import { bytes, counted, duration, frameRange } from '../octets/words.ts';
import type { CountedPacket, PacketMark, ViewedPacket } from '../sessions/viewed-packet.ts';
import { tcpFlags } from '../tcp/header.ts';
import type { Layer } from '../wire/tree.ts';
import { markSpans, markTexts } from './packets.ts';
import { type Mark, type Span, span } from './text/span.ts';

/** `note`: stands below the others. */
export interface Rung {
  readonly kind: 'packet' | 'counted' | 'silence' | 'note';
  /** Of the packet, or the first of those that are counted. */
  readonly instant: Instant | null;
  /** Who sent it; null where that is neither, or both. */
  readonly from: 'client' | 'server' | null;
  readonly text: readonly Span[];
  /** Frame numbers, as people write them. */
  readonly frames: string;
}

/** Silence that gets a line of its own, and silence that ends a count. */
const gapSeconds = 1;
const countedGapSeconds = 10;
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
  readonly marks: Map<PacketMark, number>;
  lost: number;
}

export class Ladder {
  private readonly take: (rung: Rung) => void;
  private run: Run | null = null;
  private before: Instant | null = null;
  private bareAcknowledgments = 0;
  private bareSegments = 0;
  private handshake = false;

  /** `take` gets each rung when it is complete. */
  constructor(take: (rung: Rung) => void) {
    this.take = take;
  }

  packet(packet: ViewedPacket): void {
    const kind = countedKind(packet);
    if (kind !== null) {
      this.count(packet, kind, packet.isData ? packet.wireLength : 0);
      return;
    }
    if (this.isBareSegment(packet)) {
      this.bareSegments += 1;
      return;
    }
    this.endRun();
    this.gap(packet.instant);
    this.step(packet);
    this.before = packet.instant ?? this.before;
  }

  counted(packet: CountedPacket): void {
    this.count(packet, countedWords[packet.kind], packet.kind === 'acknowledgment' ? 0 : packet.wireLength);
  }

  /** After the last packet. */
  finish(): void {
    this.endRun();
    const hidden = [
      ...(this.bareSegments > 0 ? [counted(this.bareSegments, 'TCP segment')] : []),
      ...(this.bareAcknowledgments > 0 ? [counted(this.bareAcknowledgments, 'GRE packet')] : []),
    ];
    if (hidden.length === 0) return;
    const text = `Not shown: ${hidden.join(' and ')} with nothing but acknowledgments.`;
    this.rung('note', null, null, [span(text, 'faint')]);
  }

  private rung(
    kind: Rung['kind'],
    instant: Instant | null,
    from: Rung['from'],
    text: readonly Span[],
    frames = '',
  ): void {
    this.take({ kind, instant, from, text, frames });
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
    const failed: Mark | null = from === null || (flags & tcpFlags.rst) !== 0 ? 'failed' : null;
    const text = [span(short(packet), failed), ...markSpans(packet)];
    this.rung('packet', packet.instant, from, text, String(packet.frame));
  }

  /** `octets`: of user data. */
  private count(packet: ViewedPacket | CountedPacket, kind: string, octets: number): void {
    const { instant, frame } = packet;
    if (kind === acknowledgments && this.run === null && packet.marks.length === 0) {
      this.bareAcknowledgments += 1;
      return;
    }
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
    count.octets += octets;
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
    const marks = [...run.marks].map(([mark, times]) => `${times} ${markTexts[mark]}`);
    const lost = run.lost > 0 ? [`${run.lost} missing`] : [];
    const aside = [...lost, ...marks].join(', ');
    const text = [span(`${kinds.join('; ')}${time}`), span(aside === '' ? '' : `  [${aside}]`, 'partial')];
    const frames = frameRange(run.firstFrame, run.lastFrame).replace(/^frames? /, '');
    this.rung('counted', run.first, null, text, frames);
  }

  private silenceBefore(instant: Instant | null): number {
    return instant === null || this.before === null ? 0 : secondsBetween(this.before, instant);
  }

  private gap(instant: Instant | null): void {
    const silence = this.silenceBefore(instant);
    if (silence < gapSeconds) return;
    this.rung('silence', null, null, [span(`${duration(silence)} of silence`, 'faint')]);
  }
}

const acknowledgments = 'acknowledgments';
const countedWords: Readonly<Record<CountedPacket['kind'], string>> = {
  mppe: 'MPPE',
  compressed: 'compressed',
  ipv4: 'IPv4 in clear',
  ipv6: 'IPv6 in clear',
  acknowledgment: acknowledgments,
};
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
  if (protocol === 'mppe') return countedWords.mppe;
  if (protocol === 'multilink') return 'multilink fragments';
  if (protocol === 'compressed') return countedWords.compressed;
  const all = layersOf(packet);
  const ppp = all.findIndex((layer) => layer.protocol === 'ppp');
  const inside = all[ppp + 1];
  return inside === undefined || ppp < 0 ? 'data' : `${inside.name} in clear`;
}

/** Sequence numbers of TCP say little in a diagram. */
function short({ protocol, tcpFlags: flags, summary }: ViewedPacket): string {
  return protocol === 'tcp' && flags !== null ? `TCP ${tcpFlagsText(flags)}` : summary;
}
