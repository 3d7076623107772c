/**
 * What an input is, by its first octets: a capture that we read, or something else, which is named where its
 * magic leaves no doubt so that the user knows what to do with it.
 */
import type { Window } from '../octets/window.ts';
import { type PcapVariant, pcapVariant } from './pcap.ts';
import { blockType, sectionByteOrder } from './pcapng.ts';

export type Detected =
  | { readonly kind: 'pcap'; readonly variant: PcapVariant }
  | { readonly kind: 'pcapng' }
  /** More octets are needed: at least this many in all. */
  | { readonly kind: 'undecided'; readonly needed: number }
  /** `message`: what it is instead. */
  | { readonly kind: 'other'; readonly message: string };

/** The first section's type, length and byte-order magic. */
const captureMagicSize = 12;
/** Enough to tell text from anything else. */
const guessSize = 512;

/** `atEnd`: the octets from `start` to `end` are all there is. They are at least one. */
export function detect(window: Window, start: number, end: number, atEnd: boolean): Detected {
  const size = end - start;
  if (size < captureMagicSize && !atEnd) return { kind: 'undecided', needed: captureMagicSize };
  if (size >= 4) {
    const variant = pcapVariant(window, start);
    if (variant !== null) return { kind: 'pcap', variant };
    if (window.view.getUint32(start, false) === blockType.sectionHeader) {
      if (size < captureMagicSize || sectionByteOrder(window, start) !== null) return { kind: 'pcapng' };
    }
  }
  if (size < guessSize && !atEnd) return { kind: 'undecided', needed: guessSize };
  return {
    kind: 'other',
    message: `no pcap or pcapng file: ${guess(window, start, Math.min(end, start + guessSize))}`,
  };
}

/** Magic numbers as one character an octet, and how the sentence ends. */
const others: readonly (readonly [magic: string, what: string])[] = [
  ['\x1f\x8b', 'it is compressed with gzip'],
  ['\x28\xb5\x2f\xfd', 'it is compressed with zstd'],
  ['\x04\x22\x4d\x18', 'it is compressed with LZ4'],
  ['\x02\x21\x4c\x18', 'it is compressed with LZ4 in its legacy format, decompress it first'],
  ['\xfd7zXZ\x00', 'it is compressed with xz, decompress it first'],
  ['BZh', 'it is compressed with bzip2, decompress it first'],
  ['PK\x03\x04', 'it is a ZIP archive, unpack it first'],
  ['7z\xbc\xaf\x27\x1c', 'it is a 7-Zip archive, unpack it first'],
  ['snoop\x00\x00\x00', 'it is a snoop capture, convert it with editcap'],
  ['GMBU', 'it is a Microsoft Network Monitor 2 capture, convert it with editcap'],
  ['RTSS', 'it is a Microsoft Network Monitor 1 capture, convert it with editcap'],
  ['TRSNIFF data    \x1a', 'it is a Sniffer capture, convert it with editcap'],
  ['XCP\x00', 'it is a NetXray capture, convert it with editcap'],
  ['iptrace 1.0', 'it is an AIX iptrace capture, convert it with editcap'],
  ['iptrace 2.0', 'it is an AIX iptrace capture, convert it with editcap'],
  ['\x7fELF', 'it is a program (ELF)'],
  ['%PDF-', 'it is a PDF document'],
  ['\x89PNG\r\n\x1a\n', 'it is a PNG image'],
  ['SQLite format 3\x00', 'it is an SQLite database'],
];

function guess(window: Window, start: number, end: number): string {
  const head = window.bytes.subarray(start, end);
  const text = String.fromCharCode(...head);
  for (const [magic, what] of others) if (text.startsWith(magic)) return what;
  if (isText(head)) {
    const begin = text.trimStart().toLowerCase();
    if (begin.startsWith('<!doctype html') || begin.startsWith('<html')) return 'it is an HTML page';
    if (begin.startsWith('<?xml')) return 'it is an XML document';
    return 'it is text';
  }
  if (head.every((octet) => octet === 0)) return `it starts with ${head.length} zero octets`;
  const shown = [...head.subarray(0, 4)].map((octet) => octet.toString(16).padStart(2, '0')).join(' ');
  return `it starts with the octets ${shown}`;
}

/** Printable ASCII, white space, and octets as of UTF-8. */
function isText(octets: Uint8Array): boolean {
  return octets.every((octet) => (octet >= 0x20 && octet !== 0x7f) || (octet >= 0x09 && octet <= 0x0d));
}
