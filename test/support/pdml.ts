/** What tshark shows of packets, field by field, with the octets of each. */
import { outputOf } from './tools.ts';

export interface TsharkField {
  /** `lcp.opt.mru` */
  readonly name: string;
  /** The protocol that it stands under: `lcp`. */
  readonly protocol: string;
  /** Octets from the start of the frame, or of what tshark put together. */
  readonly position: number;
  readonly size: number;
  /** As its display filters have it. */
  readonly show: string;
  /** Hexadecimal digits; of a bit field its own bits. */
  readonly value: string;
  /** It is a part of a word. */
  readonly isBits: boolean;
}

export interface TsharkPacket {
  readonly frame: number;
  /** Names of all its protocols, in order. */
  readonly protocols: readonly string[];
  readonly fields: readonly TsharkField[];
}

/** The packets that a display filter lets through, as `tshark -T pdml` writes them. */
export function pdmlOf(path: string, filter: string): TsharkPacket[] {
  const text = outputOf('tshark', ['-r', path, '-T', 'pdml', '-Y', filter]).toString();
  return text
    .split('<packet>')
    .slice(1)
    .map((packet) => {
      const protocols: string[] = [];
      const fields: TsharkField[] = [];
      let frame = 0;
      for (const [, element, attributes] of packet.matchAll(/<(proto|field) ([^>]*?)\/?>/g)) {
        const of = attributesOf(attributes ?? '');
        const name = of['name'] ?? '';
        if (element === 'proto') {
          protocols.push(name);
          continue;
        }
        if (name === 'frame.number') frame = Number(of['show']);
        fields.push({
          name,
          protocol: protocols.at(-1) ?? '',
          position: Number(of['pos'] ?? -1),
          size: Number(of['size'] ?? 0),
          show: of['show'] ?? '',
          value: of['value'] ?? '',
          isBits: of['unmaskedvalue'] !== undefined,
        });
      }
      return { frame, protocols, fields };
    });
}

function attributesOf(text: string): Record<string, string> {
  return Object.fromEntries(
    [...text.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name ?? '', unescaped(value ?? '')]),
  );
}

function unescaped(text: string): string {
  return text
    .replace(/&#x([0-9a-fA-F]+);/g, (_, digits: string) => String.fromCodePoint(Number.parseInt(digits, 16)))
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&');
}
