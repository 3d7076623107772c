/**
 * A packet's field tree and its octets as text. Every captured character goes through `span`.
 */
import { hex, hexNumber } from '../octets/hex.ts';
import { beforeNul, utf8 } from '../octets/printable.ts';
import { counted } from '../octets/words.ts';
import type { ViewedPacket } from '../sessions/viewed-packet.ts';
import { type Layer, leavesOf, type TreeField } from '../wire/tree.ts';
import type { PacketTextOptions } from './packets.ts';
import { type Span, span } from './text/span.ts';
import type { TextPage } from './text/text-page.ts';

type Options = Pick<PacketTextOptions, 'showSecrets' | 'sources' | 'selected' | 'width'>;

const octetsPerRow = 16;
const narrowOctetsPerRow = 8;
/** Columns of a row of 16 octets: offset, octets, characters. */
const fullRow = 4 + 4 + 2 + octetsPerRow * 3 + 2 + octetsPerRow;

/** The layers of a packet, and of what it completed. */
export function details(page: TextPage, packet: ViewedPacket, options: Options): void {
  for (const layer of packet.layers) layerLines(page, layer, 2, options);
  for (const { name, frames, octets, layers } of packet.reassemblies) {
    page.paragraph([span(`${name}, ${octets.length} octets put together from frames ${frames.join(' ')}`)], 2, 4);
    for (const layer of layers) layerLines(page, layer, 4, options);
  }
}

function layerLines(page: TextPage, layer: Layer, indent: number, options: Options): void {
  const source = options.sources && layer.source !== null ? `  ${layer.source}` : '';
  page.paragraph([span(layer.name, 'passed'), span(`  ${range(layer)}${source}`, 'faint')], indent, indent + 2);
  const rows = layer.fields.flatMap((field) => fieldRows(field, 0, options));
  const widest = Math.max(0, ...rows.map(({ label }) => label.length));
  for (const { place, label, text } of rows) {
    const head = [span(`${place.padEnd(9)} `, 'faint'), span(`${label.padEnd(widest)}  `)];
    page.paragraph([...head, ...text], indent + 2, Math.min(indent + 14 + widest, page.width - 24));
  }
  if (layer.fault !== null) {
    const { field, reason, needed, available, boundedBy } = layer.fault;
    const sizes = needed === null ? '' : `: needs ${needed} octets, ${available ?? 0} are there`;
    const cut = boundedBy === 'capture length';
    const why = cut ? 'the capture ends here' : `${reason.replaceAll('-', ' ')} (${boundedBy})`;
    page.paragraph([span(`${words(field)}: ${why}${sizes}`, cut ? 'partial' : 'failed')], indent + 2, indent + 4);
  }
}

interface Row {
  readonly place: string;
  readonly label: string;
  readonly text: readonly Span[];
}

function fieldRows(field: TreeField, depth: number, options: Options): Row[] {
  // What must be zero and is says nothing.
  if (field.reserved && !field.illegal) return [];
  const label = `${'  '.repeat(depth)}${words(field.name)}`;
  if (field.kind === 'group') {
    const head = { place: range(field), label, text: [span(field.meaning ?? '')] };
    return [head, ...field.children.flatMap((child) => fieldRows(child, depth + 1, options))];
  }
  if (field.bits.length > 0 && field.name === 'bits') {
    const word = typeof field.value === 'number' ? hexNumber(field.value, (field.end - field.start) * 2) : '';
    const shown = field.bits.filter((one) => !one.reserved || one.illegal);
    return shown.map((one, index) => ({
      place: index === 0 ? range(field) : '',
      label: `${'  '.repeat(depth)}${words(one.name)}`,
      text: [span(String(one.value), one.illegal ? 'failed' : null), span(index === 0 ? `  of ${word}` : '', 'faint')],
    }));
  }
  return [{ place: range(field), label, text: valueSpans(field, options) }];
}

function valueSpans(field: TreeField, options: Options): Span[] {
  const mark = field.illegal ? 'failed' : null;
  const octets = counted(field.end - field.start, 'octet');
  if (field.secret && !options.showSecrets) return [span(`hidden, ${octets}`, 'faint')];
  if (typeof field.value === 'number') {
    const raw = hexNumber(field.value, (field.end - field.start) * 2);
    const illegal = field.illegal && field.reserved ? '  must be 0' : field.illegal ? '  not allowed' : '';
    return [...integerSpans(field.value, raw, field, mark), span(illegal, 'failed')];
  }
  if (field.kind === 'undecoded' || field.kind === 'padding') {
    return [span(`${octets}: ${spaced(String(field.value ?? ''))}`, field.kind === 'padding' ? 'faint' : null)];
  }
  if (field.meaning === null) return [span(spaced(String(field.value ?? '')), mark)];
  // A text's value is its octets one by one. Where what it says ends with the first NUL, what follows is said to be there.
  const text = String(field.value ?? '');
  const said = beforeNul(text);
  const after = field.meaning === utf8(said) ? text.slice(said.length).replace(/^\0+|\0+$/g, '') : '';
  const rest = isText(field) && after !== '' ? `  and ${after.length} more octets after the first NUL` : '';
  return [span(isText(field) ? `"${field.meaning}"` : field.meaning, mark), span(rest, 'partial')];
}

/** The form that people know first, then the other: `10.0.0.1  0x0a000001`, `0x0800 IPv4`, `2 Response`, `64  0x40`. */
function integerSpans(value: number, raw: string, { notation, meaning }: TreeField, mark: Span['mark']): Span[] {
  switch (notation) {
    case 'ipv4-address':
      return [span(meaning ?? '', mark), span(`  ${raw}`, 'faint')];
    case 'hexadecimal':
      return [span(meaning === null ? raw : `${raw} ${meaning}`, mark)];
    case 'decimal':
      return [
        span(`${value}${meaning === null ? '' : ` ${meaning}`}`, mark),
        span(value < 10 ? '' : `  ${raw}`, 'faint'),
      ];
  }
}

/** A leaf with a meaning that is no address: text. */
function isText(field: TreeField): boolean {
  return typeof field.value === 'string' && field.value.length === field.end - field.start;
}

/** `2a00 0c01 …`: groups of four digits. */
function spaced(digits: string): string {
  return (digits.match(/.{1,4}/g) ?? []).join(' ');
}

/** `14-33`, or `23` for one octet; an empty stretch has no place. */
function range({ start, end }: { readonly start: number; readonly end: number }): string {
  if (end <= start) return '';
  return end - start === 1 ? `${start}` : `${start}-${end - 1}`;
}

/** `packet receive window size` of `packetReceiveWindowSize`. */
function words(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .replace(/\b(?:id|nt|mru|mrru|mtu|dns|nbns|lqrs|tls|crc|mppe|mppc|fcs|pptp|accm)\b/g, (word) => word.toUpperCase())
    .replace(/\bbps\b/g, 'bit/s');
}

/** The octets in rows; those of the selected layers are marked, where colours are on. */
export function hexDump(page: TextPage, octets: Uint8Array, layers: readonly Layer[], options: Options): void {
  const hidden = options.showSecrets ? new Set<number>() : secretOctets(layers);
  const marked = selectedRange(layers, options.selected);
  const perRow = options.width === 0 || options.width >= fullRow ? octetsPerRow : narrowOctetsPerRow;
  for (let at = 0; at < octets.length; at += perRow) {
    const end = Math.min(octets.length, at + perRow);
    const digits: Span[] = [];
    const characters: Span[] = [];
    for (let index = at; index < end; index += 1) {
      const octet = octets[index] ?? 0;
      const mark = marked(index) ? 'partial' : null;
      const shown = hidden.has(index);
      const gap = index === at + 8 ? ' ' : '';
      digits.push(span(`${gap}`), span(shown ? '**' : octet.toString(16).padStart(2, '0'), mark), span(' '));
      const character = octet >= 0x20 && octet < 0x7f ? String.fromCharCode(octet) : '.';
      characters.push(span(shown ? '*' : character, mark));
    }
    const missing = perRow - (end - at);
    const pad = ' '.repeat(missing * 3 + (end - at <= 8 && perRow > 8 ? 1 : 0) + 1);
    page.row([span(`${at.toString(16).padStart(4, '0')}  `, 'faint'), ...digits, span(pad), ...characters], 4);
  }
}

/** All octets as digits, `**` for those of secrets. */
export function maskedHex(octets: Uint8Array, layers: readonly Layer[], showSecrets: boolean): string {
  if (showSecrets) return hex(octets);
  const hidden = secretOctets(layers);
  if (hidden.size === 0) return hex(octets);
  return Array.from(octets, (octet, index) => (hidden.has(index) ? '**' : octet.toString(16).padStart(2, '0'))).join(
    '',
  );
}

function secretOctets(layers: readonly Layer[]): Set<number> {
  const hidden = new Set<number>();
  for (const { fields } of layers) {
    for (const leaf of leavesOf(fields)) {
      if (!leaf.secret) continue;
      for (let at = leaf.start; at < leaf.end; at += 1) hidden.add(at);
    }
  }
  return hidden;
}

function selectedRange(layers: readonly Layer[], selected: ReadonlySet<string> | null): (octet: number) => boolean {
  const innermost = layers.findLast(({ fields }) => fields.some(({ kind }) => kind !== 'padding'));
  const chosen = selected === null ? [] : layers.filter(({ protocol }) => selected.has(protocol));
  const ranges: readonly Pick<Layer, 'start' | 'end'>[] =
    chosen.length > 0 ? chosen : innermost === undefined ? [] : [innermost];
  return (octet) => ranges.some(({ start, end }) => octet >= start && octet < end);
}
