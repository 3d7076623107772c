/** The options behind a pcapng block (draft-ietf-opsawg-pcapng §3.5): number and length of the value, and the value, padded. */
import type { Window } from '../octets/window.ts';

/** Means the same in every block, as the end of the options does. */
export const commentOption = 1;
const endOfOptions = 0;
export const sectionOption = { userApplication: 4 } as const;
export const interfaceOption = { timestampResolution: 9, frameCheckLength: 13, timestampOffset: 14 } as const;
export const enhancedPacketOption = { flags: 2, dropCount: 4 } as const;
export const interfaceStatisticsOption = { dropped: 5 } as const;

/** Goes through the options of one block after the other, which costs no object. What stands behind a length that lies is not read. */
export class PcapngOptions {
  /** The number of the option at hand, the length of its value, and where that starts. */
  code = endOfOptions;
  size = 0;
  at = 0;
  private view: DataView = new DataView(new ArrayBuffer(0));
  private little = true;
  private nextAt = 0;
  private end = 0;

  open(window: Window, start: number, end: number, little: boolean): void {
    this.view = window.view;
    this.little = little;
    this.nextAt = start;
    this.end = end;
  }

  /** False where no option follows. */
  next(): boolean {
    const at = this.nextAt + 4;
    if (at > this.end) return false;
    this.code = this.view.getUint16(at - 4, this.little);
    this.size = this.view.getUint16(at - 2, this.little);
    this.at = at;
    this.nextAt = at + padded(this.size);
    return this.code !== endOfOptions && this.size <= this.end - at;
  }

  /** The value as a number. */
  get unsigned8(): number {
    return this.view.getUint8(this.at);
  }

  get unsigned32(): number {
    return this.view.getUint32(this.at, this.little);
  }

  /** Exact up to 2^53; beyond, the nearest double. */
  get unsigned64(): number {
    return this.view.getUint32(this.high, this.little) * 0x1_0000_0000 + this.low;
  }

  /** Exact within 2^53 of 0; beyond, the nearest double. */
  get signed64(): number {
    return this.view.getInt32(this.high, this.little) * 0x1_0000_0000 + this.low;
  }

  /** Where the more significant half of 64 bits stands. */
  private get high(): number {
    return this.little ? this.at + 4 : this.at;
  }

  private get low(): number {
    return this.view.getUint32(this.little ? this.at : this.at + 4, this.little);
  }
}

/** With the octets that fill it up to a multiple of 4. */
export function padded(length: number): number {
  return (length + 3) & ~3;
}
