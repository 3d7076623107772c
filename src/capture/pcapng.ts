/**
 * The pcapng format (draft-ietf-opsawg-pcapng): blocks of type, length, body and the length again, in
 * sections that each have their own byte order and interfaces. Blocks that carry no frames and nothing
 * that the summary tells are skipped by their length.
 */
import { charactersOf } from '../octets/characters.ts';
import type { Limits } from '../octets/limits.ts';
import { utf8 } from '../octets/printable.ts';
import type { Window } from '../octets/window.ts';
import type { ContainerReader } from './container-reader.ts';
import { CaptureInterface } from './interface.ts';
import {
  commentOption,
  enhancedPacketOption,
  interfaceOption,
  interfaceStatisticsOption,
  PcapngOptions,
  padded,
} from './pcapng-options.ts';
import type { Tally } from './tally.ts';

/** Block types. */
export const blockType = {
  sectionHeader: 0x0a0d0d0a,
  interfaceDescription: 0x00000001,
  /** Obsolete. */
  packet: 0x00000002,
  simplePacket: 0x00000003,
  nameResolution: 0x00000004,
  interfaceStatistics: 0x00000005,
  enhancedPacket: 0x00000006,
  systemdJournalExport: 0x00000009,
  decryptionSecrets: 0x0000000a,
  custom: 0x00000bad,
  customNotToBeCopied: 0x40000bad,
} as const;

export const byteOrderMagic = 0x1a2b3c4d;

/** Block type, both lengths: what a block without a body has. */
const minimumBlockSize = 12;

/** Longer blocks are not looked for behind damage: every candidate has to be gathered whole to see its trailer. */
const searchedBlockSize = 1024 * 1024;

/** The byte order that the section header at `at` states, 12 octets of which are there; null where it states none. */
export function sectionByteOrder(window: Window, at: number): 'little' | 'big' | null {
  if (window.view.getUint32(at + 8, true) === byteOrderMagic) return 'little';
  return window.view.getUint32(at + 8, false) === byteOrderMagic ? 'big' : null;
}

export class PcapngReader implements ContainerReader {
  needed = minimumBlockSize;

  private readonly tally: Tally;
  private readonly options = new PcapngOptions();
  /** The largest block that is put together, whatever its header says. */
  private readonly largest: number;
  private little = true;
  /** Of the current section, by Interface ID. */
  private interfaces: CaptureInterface[] = [];
  /** Interfaces of the sections before. */
  private earlierInterfaces = 0;
  private tooManyInterfaces = false;
  /** Sums over the file; -1 where nothing was said. */
  private droppedByStatistics = -1;
  private droppedByPackets = -1;
  private blocks = 0;

  /** Why the block at which the hot loop stopped cannot be read; null where it only has to be seen whole. */
  private fault: Fault | null = null;
  /** Set while the next block is searched for behind damage. */
  private search: (Fault & { readonly offset: number }) | null = null;

  constructor(tally: Tally) {
    this.tally = tally;
    this.largest = tally.limits.bounds['record-octets'];
    tally.kind = 'pcapng';
  }

  read(window: Window, start: number, end: number, atEnd: boolean): number {
    let at = start;
    for (;;) {
      const before = at;
      if (this.search !== null) {
        at = this.searchBlock(window, at, end, atEnd);
      } else {
        at = this.readBlocks(window, at, end);
        if (this.fault !== null) at = this.startSearch(at, this.fault);
        else if (atEnd && at < end) at = this.endInside(window, at, end);
      }
      if (at === end || (at === before && this.needed > end - at)) {
        if (atEnd) this.tellDropped();
        return at;
      }
    }
  }

  /** The hot loop: whole sound blocks. */
  private readBlocks(window: Window, start: number, end: number): number {
    const view = window.view;
    const largest = this.largest;
    let at = start;
    this.fault = null;
    while (end - at >= minimumBlockSize) {
      const type = view.getUint32(at, this.little);
      if (type === blockType.sectionHeader) {
        const byteOrder = sectionByteOrder(window, at);
        if (byteOrder === null) {
          this.fault = { code: 'bad-magic', message: 'has no byte-order magic' };
          return at;
        }
        this.little = byteOrder === 'little';
      }
      const length = view.getUint32(at + 4, this.little);
      const fault = lengthFault(length, largest);
      if (fault !== null) {
        if (length > largest) this.tally.limits.reached('record-octets');
        this.fault = fault;
        return at;
      }
      const next = at + length;
      if (next > end) {
        this.needed = length;
        return at;
      }
      const trailer = view.getUint32(next - 4, this.little);
      if (trailer !== length) {
        this.fault = { code: 'bad-length', message: `claims ${length} octets at its start and ${trailer} at its end` };
        return at;
      }
      this.blocks++;
      if (type === blockType.enhancedPacket) this.packet(window, at, length, view.getUint32(at + 8, this.little));
      else this.otherBlock(window, type, at, length);
      at = next;
    }
    this.needed = minimumBlockSize;
    return at;
  }

  /** An Enhanced Packet Block, or the obsolete Packet Block, which differs in how it gives the interface. False: skipped. */
  private packet(window: Window, at: number, length: number, id: number): boolean {
    const view = window.view;
    const little = this.little;
    if (length < 32) {
      this.tooShort(at, length, 32);
      return false;
    }
    const origin = this.interfaces[id];
    if (origin === undefined) {
      this.unknownInterface(at, id);
      return false;
    }
    const captured = view.getUint32(at + 20, little);
    if (captured > length - 32) {
      this.tooLarge(at, captured, length - 32);
      return false;
    }
    origin.stamp(this.tally.frame, view.getUint32(at + 12, little), view.getUint32(at + 16, little));
    const body = at + 28;
    const options = body + padded(captured);
    if (options < at + length - 4) this.packetOptions(window, options, at + length - 4);
    this.tally.deliver(window, body, body + captured, view.getUint32(at + 24, little));
    return true;
  }

  /** pack_flags has the same number and meaning as epb_flags. */
  private packetOptions(window: Window, start: number, end: number): void {
    const options = this.options;
    options.open(window, start, end, this.little);
    while (this.nextOption(window, this.tally.frame.number + 1)) {
      if (options.code === enhancedPacketOption.flags && options.size === 4) {
        // Bits 5 to 8: length of the frame check sequence in octets; 0 where this packet does not say.
        const octets = (options.unsigned32 >>> 5) & 0xf;
        if (octets > 0) this.tally.frame.frameCheckOctets = octets;
      } else if (options.code === enhancedPacketOption.dropCount && options.size === 8) {
        this.droppedByPackets = Math.max(this.droppedByPackets, 0) + options.unsigned64;
      }
    }
  }

  /** The next option that is no comment: those go to the summary, with the frame that they are about. */
  private nextOption(window: Window, frame: number | null): boolean {
    const options = this.options;
    while (options.next()) {
      if (options.code !== commentOption) return true;
      this.comment(window, options.at, options.size, frame);
    }
    return false;
  }

  private otherBlock(window: Window, type: number, at: number, length: number): void {
    if (type === blockType.sectionHeader) this.sectionHeader(window, at, length);
    else if (type === blockType.interfaceDescription) this.interfaceDescription(window, at, length);
    else if (type === blockType.packet) this.obsoletePacket(window, at, length);
    else if (type === blockType.simplePacket) this.simplePacket(window, at, length);
    else if (type === blockType.interfaceStatistics) this.interfaceStatistics(window, at, length);
    else if (numberedTypes.has(type)) this.tally.passNumber();
  }

  private sectionHeader(window: Window, at: number, length: number): void {
    this.tally.byteOrder ??= this.little ? 'little' : 'big';
    this.closeSection();
    if (length < 28) {
      this.tooShort(at, length, 28);
      return;
    }
    const major = window.view.getUint16(at + 12, this.little);
    const minor = window.view.getUint16(at + 14, this.little);
    if (major !== 1) {
      this.tally.problem(at + 12, 'unsupported-version', `pcapng version ${major}.${minor} is read as 1.0`);
    }
    this.options.open(window, at + 24, at + length - 4, this.little);
    while (this.nextOption(window, null)) {
      // Nothing but comments.
    }
  }

  private closeSection(): void {
    for (const { dropped } of this.interfaces) {
      if (dropped >= 0) this.droppedByStatistics = Math.max(this.droppedByStatistics, 0) + dropped;
    }
    this.earlierInterfaces += this.interfaces.length;
    this.interfaces = [];
    this.tooManyInterfaces = false;
  }

  private interfaceDescription(window: Window, at: number, length: number): void {
    const view = window.view;
    const little = this.little;
    if (length < 20) {
      this.tooShort(at, length, 20);
      return;
    }
    if (this.tally.limits.full('interfaces', this.interfaces.length)) {
      if (this.tooManyInterfaces) return;
      this.tooManyInterfaces = true;
      const message = `more than ${this.interfaces.length} interfaces: packets of further ones are skipped`;
      this.tally.problem(at, 'too-many-interfaces', message);
      return;
    }
    let resolution = 6;
    let offsetSeconds = 0;
    let frameCheckOctets = 0;
    const options = this.options;
    options.open(window, at + 16, at + length - 4, little);
    while (this.nextOption(window, null)) {
      const { code, size } = options;
      if (code === interfaceOption.timestampResolution && size === 1) resolution = options.unsigned8;
      else if (code === interfaceOption.frameCheckLength && size === 1) frameCheckOctets = options.unsigned8;
      else if (code === interfaceOption.timestampOffset && size === 8) offsetSeconds = options.signed64;
    }
    const described = new CaptureInterface({
      index: this.earlierInterfaces + this.interfaces.length,
      linkType: view.getUint16(at + 8, little),
      snapLength: view.getUint32(at + 12, little),
      resolution,
      offsetSeconds,
      frameCheckOctets,
    });
    this.interfaces.push(described);
    this.tally.describeInterface(described.linkType, described.resolution);
  }

  /** Its count of drops is since the packet before on the interface, 0xffff where unknown. */
  private obsoletePacket(window: Window, at: number, length: number): void {
    const little = this.little;
    if (!this.packet(window, at, length, window.view.getUint16(at + 8, little))) return;
    const drops = window.view.getUint16(at + 10, little);
    if (drops !== 0xffff) this.droppedByPackets = Math.max(this.droppedByPackets, 0) + drops;
  }

  /** No time and no interface of its own: the section's first. Its captured length follows from the snap length. */
  private simplePacket(window: Window, at: number, length: number): void {
    if (length < 16) {
      this.tooShort(at, length, 16);
      return;
    }
    const origin = this.interfaces[0];
    if (origin === undefined) {
      this.unknownInterface(at, 0);
      return;
    }
    const wireLength = window.view.getUint32(at + 8, this.little);
    const captured = origin.snapLength === 0 ? wireLength : Math.min(wireLength, origin.snapLength);
    if (captured > length - 16) {
      this.tooLarge(at, captured, length - 16);
      return;
    }
    origin.mark(this.tally.frame);
    this.tally.frame.timed = false;
    this.tally.deliver(window, at + 12, at + 12 + captured, wireLength);
  }

  private interfaceStatistics(window: Window, at: number, length: number): void {
    const little = this.little;
    if (length < 24) {
      this.tooShort(at, length, 24);
      return;
    }
    const origin = this.interfaces[window.view.getUint32(at + 8, little)];
    const options = this.options;
    options.open(window, at + 20, at + length - 4, little);
    while (this.nextOption(window, null)) {
      if (options.code === interfaceStatisticsOption.dropped && options.size === 8 && origin !== undefined) {
        origin.dropped = options.unsigned64;
      }
    }
  }

  private comment(window: Window, start: number, size: number, frame: number | null): void {
    if (!this.tally.acceptsComment()) return;
    this.tally.comment(frame, commentText(window, start, start + size, this.tally.limits));
  }

  /** Statistics count since the start of the capture and say it best; without any, the packets' own counts stand. */
  private tellDropped(): void {
    this.closeSection();
    const dropped = this.droppedByStatistics >= 0 ? this.droppedByStatistics : this.droppedByPackets;
    this.tally.droppedByCapture = dropped >= 0 ? dropped : null;
    this.tally.droppedSinceStart = this.droppedByStatistics >= 0;
  }

  private tooShort(at: number, length: number, minimum: number): void {
    this.tally.problem(at, 'bad-length', `${this.name(at)} has ${length} octets, its type takes ${minimum}`);
  }

  private tooLarge(at: number, captured: number, room: number): void {
    const message = `${this.name(at)} claims a packet of ${captured} octets and has room for ${room}: it is skipped`;
    this.tally.problem(at, 'bad-length', message);
  }

  private unknownInterface(at: number, id: number): void {
    const message = `the packet in ${this.name(at)} is of interface ${id}, which no block describes: it is skipped`;
    this.tally.problem(at, 'unknown-interface', message);
  }

  /** Of a block that was counted. */
  private name(at: number): string {
    return `block ${this.blocks} at offset ${this.tally.windowOffset + at}`;
  }

  private startSearch(at: number, fault: Fault): number {
    const offset = this.tally.windowOffset + at;
    this.search = {
      offset,
      code: fault.code,
      message: `block ${this.blocks + 1} at offset ${offset} ${fault.message}`,
    };
    return at + 1;
  }

  private searchBlock(window: Window, start: number, end: number, atEnd: boolean): number {
    const damage = this.search;
    if (damage === null) return start;
    const at = this.findBlock(window, start, end, atEnd);
    if (!atEnd && this.needed > end - at) return at;
    const from = damage.offset - this.tally.windowOffset;
    const skipped =
      at === end
        ? `no sound block follows in the ${end - from} octets to the end of the file`
        : `${at - from} octets are skipped, reading goes on at offset ${this.tally.windowOffset + at}`;
    this.tally.problem(from, damage.code, `${damage.message}; ${skipped}`);
    this.search = null;
    return at;
  }

  /**
   * The next position from `start` at which a whole block of a known type stands. Returns with `needed` where more octets
   * have to be seen first, and `end` where there is none.
   */
  private findBlock(window: Window, start: number, end: number, atEnd: boolean): number {
    const view = window.view;
    for (let at = start; at < end; at++) {
      if (end - at < minimumBlockSize) {
        this.needed = minimumBlockSize;
        return atEnd ? end : at;
      }
      let little = this.little;
      const type = view.getUint32(at, little);
      if (type === blockType.sectionHeader) {
        const byteOrder = sectionByteOrder(window, at);
        if (byteOrder === null) continue;
        little = byteOrder === 'little';
      } else if (!knownTypes.has(type)) {
        continue;
      }
      const length = view.getUint32(at + 4, little);
      if (length > searchedBlockSize || lengthFault(length, this.largest) !== null) continue;
      if (length > end - at) {
        if (atEnd) continue;
        this.needed = length;
        return at;
      }
      if (view.getUint32(at + length - 4, little) === length) {
        this.needed = 0;
        return at;
      }
    }
    this.needed = minimumBlockSize;
    return end;
  }

  /** The end of the file stands inside the block at `at`, or the block claims more than it has. */
  private endInside(window: Window, at: number, end: number): number {
    const name = `block ${this.blocks + 1} at offset ${this.tally.windowOffset + at}`;
    if (end - at < minimumBlockSize) {
      const message = `${name}: a block takes at least ${minimumBlockSize} octets, ${end - at} remain`;
      this.tally.problem(at, 'truncated-record', message);
      return end;
    }
    const length = window.view.getUint32(at + 4, this.little);
    // A length that lies looks like a file that was cut, but for the sound blocks behind it.
    const found = this.findBlock(window, at + 1, end, true);
    if (found < end) {
      const offset = this.tally.windowOffset + found;
      const skipped = `${found - at} octets are skipped, reading goes on at offset ${offset}`;
      const message = `${name} claims ${length} octets, and another block starts inside them; ${skipped}`;
      this.tally.problem(at, 'bad-length', message);
      return found;
    }
    this.tally.problem(at, 'truncated-record', `${name} claims ${length} octets, ${end - at} remain`);
    return end;
  }
}

interface Fault {
  readonly code: 'bad-length' | 'bad-magic';
  /** What the block does wrong, as the rest of a sentence about it. */
  readonly message: string;
}

const knownTypes: ReadonlySet<number> = new Set(Object.values(blockType));

/** Blocks without frames that Wireshark lists among them: frame numbers are to be the same as there. */
const numberedTypes: ReadonlySet<number> = new Set([
  blockType.systemdJournalExport,
  blockType.custom,
  blockType.customNotToBeCopied,
]);

function lengthFault(length: number, largest: number): Fault | null {
  // Octets first: this runs for every block, and nearly all are sound.
  if ((length & 3) === 0 && length >= minimumBlockSize && length <= largest) return null;
  if (length > largest) {
    return {
      code: 'bad-length',
      message: `claims ${length} octets, more than the ${largest} that are followed`,
    };
  }
  if (length < minimumBlockSize) {
    return { code: 'bad-length', message: `claims ${length} octets, fewer than the ${minimumBlockSize} of any block` };
  }
  return { code: 'bad-length', message: `claims ${length} octets, which is no multiple of 4` };
}

/** The octets as text, without the NULs at the end that some writers add; an ellipsis stands for what is too long. */
function commentText(window: Window, start: number, end: number, limits: Limits): string {
  const text = utf8(charactersOf(window.bytes.subarray(start, end)).replace(/\0+$/, ''));
  const most = limits.bounds['comment-length'];
  if (text.length <= most) return text;
  limits.reached('comment-length');
  // A pair of surrogates stays whole.
  return `${text.slice(0, most).replace(/[\ud800-\udbff]$/, '')}…`;
}
