/**
 * The classic pcap format (draft-ietf-opsawg-pcap): a file header, then one record a frame. Read in both
 * byte orders, with micro- and nanoseconds, and in the modified variant of the 1990s (magic 0xa1b2cd34,
 * libpcap patches of A. Kuznetzov) whose record headers are eight octets longer.
 */
import type { Window } from '../octets/window.ts';
import type { ContainerReader } from './container-reader.ts';
import { standardSnapLength } from './snap-length.ts';
import type { Tally } from './tally.ts';
import { decimalResolution } from './timestamp-resolution.ts';

const fileHeaderSize = 24;

export const pcapMagic = {
  microsecond: 0xa1b2c3d4,
  nanosecond: 0xa1b23c4d,
  modified: 0xa1b2cd34,
} as const;

export interface PcapVariant {
  readonly byteOrder: 'little' | 'big';
  readonly magic: (typeof pcapMagic)[keyof typeof pcapMagic];
}

/** The variant whose magic stands in the first four octets, or null. */
export function pcapVariant(window: Window, start: number): PcapVariant | null {
  for (const byteOrder of ['little', 'big'] as const) {
    const found = window.view.getUint32(start, byteOrder === 'little');
    for (const magic of Object.values(pcapMagic)) if (found === magic) return { byteOrder, magic };
  }
  return null;
}

/**
 * Seconds between two records beyond which the second has to be borne out by a third, and none is found behind damage.
 * Wide, since captures have pauses, and yet it refuses 99.8 % of arbitrary numbers.
 */
const plausibleTimeGap = 30 * 86_400;

export class PcapReader implements ContainerReader {
  needed = fileHeaderSize;

  private readonly tally: Tally;
  private readonly little: boolean;
  /** The largest record that is put together, whatever a header says. */
  private readonly largest: number;
  private readonly recordHeaderSize: number;
  private readonly ticksPerSecond: number;
  private readonly nanosecondsPerTick: number;
  private readonly nanosecondFile: boolean;
  /** Captured octets that a record may hold. */
  private maximumCaptured: number;
  /** Captured octets above which a record has to be borne out by the one that follows. */
  private snapLength = standardSnapLength;
  /** libpcap before 0.4 wrote the two lengths the other way round. */
  private mayBeSwapped = false;
  private headerRead = false;

  /** Set where the hot loop met a record that needs a closer look. */
  private doubtful = false;
  /** Set while the next record is searched for behind damage. */
  private search: Damage | null = null;

  constructor(tally: Tally, variant: PcapVariant) {
    this.tally = tally;
    this.largest = tally.limits.bounds['record-octets'];
    this.maximumCaptured = Math.min(standardSnapLength, this.largest);
    this.little = variant.byteOrder === 'little';
    this.recordHeaderSize = variant.magic === pcapMagic.modified ? 24 : 16;
    this.nanosecondFile = variant.magic === pcapMagic.nanosecond;
    this.ticksPerSecond = this.nanosecondFile ? 1e9 : 1e6;
    this.nanosecondsPerTick = this.nanosecondFile ? 1 : 1000;
    tally.kind = 'pcap';
    tally.byteOrder = variant.byteOrder;
  }

  read(window: Window, start: number, end: number, atEnd: boolean): number {
    let at = start;
    if (!this.headerRead) {
      if (end - at < fileHeaderSize) {
        this.needed = fileHeaderSize;
        if (!atEnd) return at;
        this.tally.problem(
          at,
          'truncated-record',
          `the file header takes ${fileHeaderSize} octets, the file has ${end - at}`,
        );
        return end;
      }
      this.readFileHeader(window, at);
      at += fileHeaderSize;
    }
    for (;;) {
      const before = at;
      if (this.search !== null) {
        at = this.searchRecord(window, at, end, atEnd);
      } else {
        at = this.readRecords(window, at, end);
        if (this.doubtful) at = this.judgeRecord(window, at, end, atEnd);
        else if (atEnd && at < end) at = this.endInside(window, at, end);
      }
      if (at === end || (at === before && this.waiting(at, end))) return at;
    }
  }

  private waiting(at: number, end: number): boolean {
    return this.needed > end - at;
  }

  private readFileHeader(window: Window, at: number): void {
    const view = window.view;
    const major = view.getUint16(at + 4, this.little);
    const minor = view.getUint16(at + 6, this.little);
    if (major !== 2) {
      this.tally.problem(at + 4, 'unsupported-version', `pcap version ${major}.${minor} is read as 2.4`);
    }
    this.mayBeSwapped = major === 2 && minor < 4;
    const snapLength = view.getUint32(at + 16, this.little);
    if (snapLength > 0) {
      this.snapLength = snapLength;
      this.maximumCaptured = Math.min(Math.max(snapLength, standardSnapLength), this.largest);
    }
    // LinkType and additional information: 28-31 the length of the FCS in 16-bit words, where bit 26 says so.
    const linkField = view.getUint32(at + 20, this.little);
    const frame = this.tally.frame;
    frame.linkType = linkField & 0xffff;
    frame.frameCheckOctets = linkField & 0x0400_0000 ? (linkField >>> 28) * 2 : 0;
    this.tally.describeInterface(frame.linkType, decimalResolution(this.nanosecondFile ? 9 : 6));
    this.headerRead = true;
  }

  /** The hot loop: whole records that raise no doubt. */
  private readRecords(window: Window, start: number, end: number): number {
    const view = window.view;
    const tally = this.tally;
    const frame = tally.frame;
    const little = this.little;
    const headerSize = this.recordHeaderSize;
    const ticksPerSecond = this.ticksPerSecond;
    const nanosecondsPerTick = this.nanosecondsPerTick;
    const trusted = Math.min(this.snapLength, this.maximumCaptured);
    let at = start;
    this.doubtful = false;
    while (end - at >= headerSize) {
      const ticks = view.getUint32(at + 4, little);
      const captured = view.getUint32(at + 8, little);
      const wireLength = view.getUint32(at + 12, little);
      const seconds = view.getUint32(at, little);
      const gap = seconds - frame.seconds;
      if (
        captured > wireLength ||
        captured > trusted ||
        ticks >= ticksPerSecond ||
        ((gap > plausibleTimeGap || gap < -plausibleTimeGap) && tally.timed)
      ) {
        this.doubtful = true;
        return at;
      }
      const body = at + headerSize;
      const next = body + captured;
      if (next > end) {
        this.needed = next - at;
        return at;
      }
      frame.seconds = seconds;
      frame.nanoseconds = ticks * nanosecondsPerTick;
      tally.deliver(window, body, next, wireLength);
      at = next;
    }
    this.needed = headerSize;
    return at;
  }

  /**
   * A record that breaks a rule of the format (more octets captured than the wire had, or than the snap length,
   * or a fraction of a whole second) or leaps in time is taken at its word where a credible record, or the end of
   * the file, follows it.
   */
  private judgeRecord(window: Window, at: number, end: number, atEnd: boolean): number {
    const captured = this.captured(window, at);
    const next = at + this.recordHeaderSize + captured;
    if (captured > this.maximumCaptured) {
      if (captured > this.largest) this.tally.limits.reached('record-octets');
      return this.startSearch(at, `more than the ${this.maximumCaptured} that a record may hold`, captured);
    }
    if (!atEnd && next + this.recordHeaderSize > end) {
      this.needed = next + this.recordHeaderSize - at;
      return at;
    }
    if (next > end) return this.endInside(window, at, end);
    const { frame } = this.tally;
    // Where only its own time is damaged, the next one goes on where the one before it was.
    const follows = () => this.credible(window, next, at) || this.plausible(window, next, frame.seconds);
    if (end - next >= this.recordHeaderSize && !follows()) {
      return this.startSearch(at, 'and no record follows there', captured);
    }
    const ticks = window.view.getUint32(at + 4, this.little);
    frame.seconds = window.view.getUint32(at, this.little) + Math.floor(ticks / this.ticksPerSecond);
    frame.nanoseconds = (ticks % this.ticksPerSecond) * this.nanosecondsPerTick;
    this.tally.deliver(window, at + this.recordHeaderSize, next, this.wireLength(window, at));
    return next;
  }

  /** The end of the file stands inside the record at `at`, or the record claims more than it has. */
  private endInside(window: Window, at: number, end: number): number {
    const headerSize = this.recordHeaderSize;
    const name = `record ${this.tally.frames + 1} at offset ${this.tally.windowOffset + at}`;
    if (end - at < headerSize) {
      const message = `${name}: its header takes ${headerSize} octets, ${end - at} remain`;
      this.tally.problem(at, 'truncated-record', message);
      return end;
    }
    const captured = this.captured(window, at);
    const remaining = end - at - headerSize;
    // A length that lies looks like a file that was cut, but for the sound records behind it, of about the same time.
    const near = this.tally.timed ? this.tally.frame.seconds : window.view.getUint32(at, this.little);
    const found = this.findRecord(window, at + 1, end, true, near);
    if (found < end) {
      this.reportSkip(at, found, `${name} claims ${captured} octets, and another record starts inside them`);
      return found;
    }
    this.tally.problem(at, 'truncated-record', `${name} claims ${captured} octets, ${remaining} remain`);
    return end;
  }

  private startSearch(at: number, why: string, captured: number): number {
    const offset = this.tally.windowOffset + at;
    this.search = {
      offset,
      message: `record ${this.tally.frames + 1} at offset ${offset} claims ${captured} octets, ${why}`,
    };
    return at + 1;
  }

  private searchRecord(window: Window, start: number, end: number, atEnd: boolean): number {
    const damage = this.search;
    if (damage === null) return start;
    const near = this.tally.timed ? this.tally.frame.seconds : null;
    const at = this.findRecord(window, start, end, atEnd, near);
    if (at === end || this.needed > end - at) {
      if (!atEnd) return at;
      const lost = this.tally.windowOffset + end - damage.offset;
      this.tally.problem(
        damage.offset - this.tally.windowOffset,
        'bad-length',
        `${damage.message}; no sound record follows in the ${lost} octets to the end of the file`,
      );
      this.search = null;
      return end;
    }
    this.search = null;
    this.reportSkip(damage.offset - this.tally.windowOffset, at, damage.message);
    return at;
  }

  private reportSkip(from: number, to: number, message: string): void {
    const offset = this.tally.windowOffset + to;
    const skipped = `${to - from} octets are skipped, reading goes on at offset ${offset}`;
    this.tally.problem(from, 'bad-length', `${message}; ${skipped}`);
  }

  /**
   * The next position from `start` at which a sound record stands that is followed by another one, or by the end of the
   * file; `near`: its time, about, in seconds, where that is known. It may also be about the latest of the file: zeros that
   * were taken for records leave that. Returns with `needed` where more octets have to be seen first, and `end` where there
   * is none.
   */
  private findRecord(window: Window, start: number, end: number, atEnd: boolean, near: number | null): number {
    const headerSize = this.recordHeaderSize;
    const { timed, lastSeconds } = this.tally;
    for (let at = start; at < end; at++) {
      if (end - at < headerSize) {
        this.needed = headerSize;
        return atEnd ? end : at;
      }
      const seconds = window.view.getUint32(at, this.little);
      const found = this.plausible(window, at, near ?? seconds) || (timed && this.plausible(window, at, lastSeconds));
      if (!found) continue;
      const next = at + headerSize + this.captured(window, at);
      if (!atEnd && next + headerSize > end) {
        this.needed = next + headerSize - at;
        return at;
      }
      if (next <= end && (end - next < headerSize || this.plausible(window, next, seconds))) {
        this.needed = 0;
        return at;
      }
    }
    return end;
  }

  /** Whether a record may stand at `next`, which may break the same rules as the one at `at` before it. */
  private credible(window: Window, next: number, at: number): boolean {
    const gap = window.view.getUint32(next, this.little) - window.view.getUint32(at, this.little);
    return this.captured(window, next) <= this.maximumCaptured && Math.abs(gap) <= plausibleTimeGap;
  }

  /** Whether a record stands at `at` that breaks no rule. */
  private plausible(window: Window, at: number, nearSeconds: number): boolean {
    const captured = this.captured(window, at);
    const wireLength = this.wireLength(window, at);
    return (
      captured > 0 &&
      captured <= wireLength &&
      captured <= this.maximumCaptured &&
      wireLength <= this.largest &&
      window.view.getUint32(at + 4, this.little) < this.ticksPerSecond &&
      Math.abs(window.view.getUint32(at, this.little) - nearSeconds) <= plausibleTimeGap
    );
  }

  private captured(window: Window, at: number): number {
    const first = window.view.getUint32(at + 8, this.little);
    return this.mayBeSwapped ? Math.min(first, window.view.getUint32(at + 12, this.little)) : first;
  }

  private wireLength(window: Window, at: number): number {
    const second = window.view.getUint32(at + 12, this.little);
    return this.mayBeSwapped ? Math.max(second, window.view.getUint32(at + 8, this.little)) : second;
  }
}

interface Damage {
  /** In the file. */
  readonly offset: number;
  /** What is wrong there; what was skipped is added once it is known. */
  readonly message: string;
}
