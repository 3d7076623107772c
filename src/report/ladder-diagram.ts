/** The sequence diagram of a call as lines: client left, server right, with times and frames beside what passed between them. */
import { endpointText } from '../octets/address.ts';
import type { CountedPacket, ViewedPacket } from '../sessions/viewed-packet.ts';
import type { TunnelReport } from './contract.ts';
import { Ladder, type Rung } from './ladder.ts';
import type { CaptureOfPackets } from './packets.ts';
import { type PacketTextOptions, PacketTimes } from './packets.ts';
import { type Span, span } from './text/span.ts';
import { TextPage } from './text/text-page.ts';
import { columnsOfAll, wrap } from './text/wrap.ts';

export type LadderOptions = Pick<PacketTextOptions, 'width' | 'palette' | 'time' | 'utcOffset'>;

/** Columns of frame numbers at the right. */
const frameColumns = 7;

export class LadderDiagram {
  private readonly page: TextPage;
  private readonly tunnel: TunnelReport;
  private readonly times: PacketTimes;
  private readonly timeColumns: number;
  private readonly ladder = new Ladder((rung) => this.draw(rung));

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
    this.ladder.packet(packet);
    return this.page.take();
  }

  counted(packet: CountedPacket): string {
    this.ladder.counted(packet);
    return this.page.take();
  }

  /** After the last packet. */
  finish(): string {
    this.ladder.finish();
    return this.page.take();
  }

  private draw(rung: Rung): void {
    switch (rung.kind) {
      case 'packet':
        this.arrow(rung);
        break;
      case 'counted':
        this.band(rung);
        break;
      case 'silence': {
        const room = this.room();
        const pad = span(' '.repeat(Math.max(0, room - 1 - columnsOfAll(rung.text))));
        this.page.row(
          [span(' '.repeat(this.timeColumns)), span('┊ ', 'faint'), ...rung.text, pad, span('┊', 'faint')],
          0,
        );
        break;
      }
      case 'note':
        this.page.paragraph(rung.text);
    }
  }

  /** A text over or in an arrow; without a sender only the text. */
  private arrow({ from, text, instant, frames }: Rung): void {
    const time = this.times.text(instant);
    const room = this.room();
    const lines = wrap(text, room - 2, room - 2);
    const last = lines.at(-1) ?? [];
    const inLine = lines.length === 1 && columnsOfAll(last) <= room - 8;
    let first = true;
    const row = (inside: readonly Span[], aside: string): void => {
      const label = first ? time.padEnd(this.timeColumns) : ' '.repeat(this.timeColumns);
      first = false;
      this.page.row([span(label, 'faint'), span('│'), ...inside, span('│'), span(` ${aside}`, 'faint')], 0);
    };
    if (!inLine || from === null) {
      lines.forEach((line, index) => {
        const pad = span(' '.repeat(room - 1 - columnsOfAll(line)));
        row([span(' '), ...line, pad], from === null && index === lines.length - 1 ? frames : '');
      });
      if (from !== null)
        row([span(from === 'client' ? `${'─'.repeat(room - 1)}▶` : `◀${'─'.repeat(room - 1)}`)], frames);
      return;
    }
    const rest = '─'.repeat(room - columnsOfAll(last) - 5);
    if (from === 'client') row([span('── '), ...last, span(` ${rest}▶`)], frames);
    else row([span(`◀${rest} `), ...last, span(' ──')], frames);
  }

  /** What is counted. */
  private band({ text, instant, frames }: Rung): void {
    const room = this.room();
    const lines = wrap(text, room - 6, room - 6);
    lines.forEach((line, index) => {
      const label = index === 0 ? this.times.text(instant) : '';
      const pad = room - 4 - columnsOfAll(line);
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

  private between(left: readonly Span[], right: readonly Span[], room: number): void {
    const pad = Math.max(1, room + 2 - columnsOfAll(left) - columnsOfAll(right));
    this.page.row([span(' '.repeat(this.timeColumns)), ...left, span(' '.repeat(pad)), ...right], 0);
  }

  /** Columns between the two sides. */
  private room(): number {
    return Math.max(24, this.page.width - this.timeColumns - frameColumns - 3);
  }
}
