/**
 * The packet view: one line for each packet, as text or as JSON. Pure, and packet by packet: nothing is kept but what
 * the next line's time is counted from.
 */
import { linkTypeName } from '../capture/link-types.ts';
import { formatInstant, type Instant, secondsBetween } from '../octets/instant.ts';
import type { PacketMark, ViewedPacket } from '../sessions/viewed-packet.ts';
import { jsonLine } from './json.ts';
import type { PacketLine } from './packet-contract.ts';
import { details, hexDump, maskedHex } from './packet-details.ts';
import { layerJson } from './packet-layers.ts';
import type { UtcOffset } from './text/clock.ts';
import { type Mark, type Palette, type Span, span } from './text/span.ts';
import { TextPage } from './text/text-page.ts';

/** `delta`: since the line before. */
export type PacketTimeStyle = 'utc' | 'local' | 'relative' | 'delta';

export interface PacketOptions {
  /** The field tree of every layer. */
  readonly details: boolean;
  /** The octets. */
  readonly hex: boolean;
  /** Passwords, challenges and responses as they are. */
  readonly showSecrets: boolean;
}

export interface PacketTextOptions extends PacketOptions {
  /** Columns that no line exceeds; 0: every packet is one line, however long. */
  readonly width: number;
  readonly palette: Palette;
  readonly time: PacketTimeStyle;
  /** Minutes that local time is ahead of UTC at a moment. */
  readonly utcOffset: UtcOffset;
  /** Says where each layer is described. */
  readonly sources: boolean;
  /** Whose octets the dump marks: a word of `protocolWords`; null marks those of the innermost layer. */
  readonly selected: ReadonlySet<string> | null;
}

/** What the lines of one capture have in common. */
export interface CaptureOfPackets {
  readonly path: string;
  /** Decimal digits after the second that its times have. */
  readonly digits: number;
  /** Time of its first frame. */
  readonly first: Instant | null;
}

/** One line of JSON. */
export function packetJson(packet: ViewedPacket, capture: CaptureOfPackets, options: PacketOptions): string {
  const { owner, instant } = packet;
  const line: PacketLine = {
    format: 'pptpscope-packet',
    version: 1,
    capture: capture.path,
    frame: packet.frame,
    time: instant === null ? null : formatInstant(instant, capture.digits),
    tunnel: owner?.tunnel.id ?? null,
    call: owner?.call?.id ?? null,
    from: owner?.from ?? null,
    source: packet.source,
    destination: packet.destination,
    protocol: packet.protocol,
    protocols: [...packet.protocols],
    summary: packet.summary,
    marks: [...packet.marks],
    lostBefore: packet.lostBefore,
    capturedBytes: packet.octets.length,
    wireBytes: packet.wireLength,
    linkType: linkTypeName(packet.linkType),
  };
  const { showSecrets } = options;
  if (options.details) {
    line.layers = packet.layers.map((layer) => layerJson(layer, showSecrets));
    line.reassemblies = packet.reassemblies.map(({ name, frames, octets, layers }) => ({
      name,
      frames: [...frames],
      bytes: octets.length,
      layers: layers.map((layer) => layerJson(layer, showSecrets)),
      ...(options.hex ? { hex: maskedHex(octets, layers, showSecrets) } : {}),
    }));
  }
  if (options.hex) line.hex = maskedHex(packet.octets, packet.layers, showSecrets);
  return jsonLine(line);
}

/** The marks in words. */
export const markTexts: Readonly<Record<PacketMark, string>> = {
  retransmission: 'retransmission',
  'out-of-order': 'out of order',
  duplicate: 'duplicate',
  'lost-before': 'lost before',
  malformed: 'malformed',
  cut: 'cut',
};

const frameWidth = 5;
/** Where a line goes on that is wider than the page. */
const hanging = frameWidth + 2;

/** The lines of one capture as text. */
export class PacketText {
  private readonly page: TextPage;
  private readonly options: PacketTextOptions;
  private readonly times: PacketTimes;
  private day = '';

  constructor(capture: CaptureOfPackets, options: PacketTextOptions) {
    this.options = options;
    this.times = new PacketTimes(capture, options);
    this.page = new TextPage(options.width === 0 ? Number.MAX_SAFE_INTEGER : options.width, options.palette);
  }

  /** Stands before the packets of each capture where there are several. */
  heading(path: string): string {
    this.page.blank();
    this.page.paragraph([span(path)]);
    return this.page.take();
  }

  /** All that there is to print for a packet. */
  packet(packet: ViewedPacket): string {
    const { page, options } = this;
    if (options.details) page.blank();
    this.dayLine(packet.instant);
    if (options.width === 0) page.row(this.line(packet), 0);
    else page.paragraph(this.line(packet), 0, hanging);
    if (options.details) details(page, packet, options);
    if (options.hex) {
      hexDump(page, packet.octets, packet.layers, options);
      for (const { name, octets, layers } of packet.reassemblies) {
        page.paragraph([span(name)], 2);
        hexDump(page, octets, layers, options);
      }
    }
    return page.take();
  }

  /** A day's times follow. */
  private dayLine(instant: Instant | null): void {
    const { time, utcOffset } = this.options;
    if (instant === null || (time !== 'utc' && time !== 'local')) return;
    const offset = time === 'utc' ? 0 : utcOffset(instant.seconds * 1000);
    const day = formatInstant({ ...instant, seconds: instant.seconds + offset * 60 }, 0).split('T')[0] ?? '';
    const zone = time === 'utc' ? 'UTC' : zoneText(offset);
    const text = `${day} ${zone}`;
    if (text === this.day) return;
    this.day = text;
    this.page.paragraph([span(text, 'faint')]);
  }

  private line(packet: ViewedPacket): Span[] {
    const { owner, source, destination } = packet;
    const data = packet.isData || packet.isAcknowledgment ? 'faint' : null;
    const id = owner === null ? '-' : (owner.call?.id ?? owner.tunnel.id);
    return [
      span(`${String(packet.frame).padStart(frameWidth)} `),
      span(`${this.times.text(packet.instant)} `, 'faint'),
      span(`${id.padEnd(4)} `),
      span(`${endpoints(source, destination, owner?.from ?? null)} `),
      span(packet.summary, data),
      ...markSpans(packet),
    ];
  }
}

/** Times of packets, in the reader's choice. */
export class PacketTimes {
  private readonly capture: CaptureOfPackets;
  private readonly options: Pick<PacketTextOptions, 'time' | 'utcOffset'>;
  private before: Instant | null = null;

  constructor(capture: CaptureOfPackets, options: Pick<PacketTextOptions, 'time' | 'utcOffset'>) {
    this.capture = capture;
    this.options = options;
  }

  /** Of the next packet; a hyphen where it has no time. */
  text(instant: Instant | null): string {
    const { time, utcOffset } = this.options;
    const { digits, first } = this.capture;
    if (instant === null) return '-';
    if (time === 'relative') return elapsed(first, instant, digits);
    if (time === 'delta') {
      const since = this.before;
      this.before = instant;
      return elapsed(since ?? instant, instant, digits);
    }
    const offset = time === 'utc' ? 0 : utcOffset(instant.seconds * 1000);
    const text = formatInstant({ ...instant, seconds: instant.seconds + offset * 60 }, digits);
    return text.split('T')[1]?.slice(0, -1) ?? text;
  }
}

function elapsed(from: Instant | null, to: Instant, digits: number): string {
  if (from === null) return '-';
  const seconds = secondsBetween(from, to);
  return `${seconds < 0 ? '' : '+'}${seconds.toFixed(Math.min(9, digits))}`;
}

function zoneText(offset: number): string {
  const size = Math.abs(Math.round(offset));
  const hours = String(Math.trunc(size / 60)).padStart(2, '0');
  return `${offset < 0 ? '-' : '+'}${hours}:${String(size % 60).padStart(2, '0')}`;
}

/** The client stands left, whoever sent; the arrow says it. */
function endpoints(source: string | null, destination: string | null, from: 'client' | 'server' | null): string {
  if (source === null || destination === null) return '-';
  return from === 'server' ? `${destination} ← ${source}` : `${source} → ${destination}`;
}

/** What happened to the packet, as its line ends with it. */
export function markSpans(packet: ViewedPacket): Span[] {
  return packet.marks.map((mark) => {
    const colour: Mark = mark === 'malformed' || mark === 'lost-before' ? 'failed' : 'partial';
    return span(` [${markText(packet, mark)}]`, colour);
  });
}

/** `3 lost before`. */
export function markText({ lostBefore }: ViewedPacket, mark: PacketMark): string {
  return mark === 'lost-before' ? `${lostBefore} ${markTexts[mark]}` : markTexts[mark];
}
