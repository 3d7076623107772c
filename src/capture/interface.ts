/**
 * One interface of a pcapng section, and how its timestamps become time
 * (draft-ietf-opsawg-pcapng §4.2, `if_tsresol` and `if_tsoffset`).
 */
import type { Frame } from './frame.ts';
import { resolutionOf, type TimestampResolution } from './timestamp-resolution.ts';

export interface InterfaceDescription {
  /** Within the file, counted over all sections. */
  readonly index: number;
  readonly linkType: number;
  /** 0: unlimited. */
  readonly snapLength: number;
  /** The octet of `if_tsresol`. */
  readonly resolution: number;
  readonly offsetSeconds: number;
  readonly frameCheckOctets: number;
}

/** Up to this many ticks a second the long division stays within 2^53 and its quotients are exact. */
const exactDivisor = 2 ** 36;
/** Timestamps whose upper half is below this are exact as a double: microseconds until the year 2255. */
const highBelowExact = 0x20_0000;
/** The largest double below a whole second. */
const almostOneSecond = 999_999_999.999_999_9;

export class CaptureInterface {
  readonly linkType: number;
  readonly snapLength: number;
  readonly resolution: TimestampResolution;
  /** Packets lost since the start of the capture, by the latest statistics; -1 where there are none. */
  dropped = -1;

  private readonly index: number;
  private readonly offsetSeconds: number;
  private readonly frameCheckOctets: number;
  private readonly ticksPerSecond: number;
  private readonly nanosecondsPerTick: number;
  private readonly ticksPerNanosecond: number;
  /** Ticks per second for the resolutions that take the slow way, else null. */
  private readonly exactTicksPerSecond: bigint | null;

  constructor(description: InterfaceDescription) {
    this.linkType = description.linkType;
    this.snapLength = description.snapLength;
    this.resolution = resolutionOf(description.resolution);
    this.index = description.index;
    this.offsetSeconds = description.offsetSeconds;
    this.frameCheckOctets = description.frameCheckOctets;
    this.ticksPerSecond = this.resolution.ticksPerSecond;
    this.nanosecondsPerTick = 1e9 / this.ticksPerSecond;
    this.ticksPerNanosecond = this.ticksPerSecond / 1e9;
    this.exactTicksPerSecond = this.ticksPerSecond > exactDivisor ? exactPower(description.resolution) : null;
  }

  /** Says in `frame` that it was captured here. */
  mark(frame: Frame): void {
    frame.linkType = this.linkType;
    frame.frameCheckOctets = this.frameCheckOctets;
    frame.interfaceIndex = this.index;
  }

  /** As `mark`, and sets the time from the two halves of the 64-bit timestamp. */
  stamp(frame: Frame, high: number, low: number): void {
    this.mark(frame);
    frame.timed = true;
    if (this.exactTicksPerSecond !== null) {
      this.stampSlowly(frame, high, low, this.exactTicksPerSecond);
      return;
    }
    const divisor = this.ticksPerSecond;
    if (high < highBelowExact) {
      const timestamp = high * 0x1_0000_0000 + low;
      let seconds = Math.floor(timestamp / divisor);
      // A quotient just below a whole number may have been rounded to it.
      if (seconds * divisor > timestamp) seconds -= 1;
      this.set(frame, seconds, timestamp - seconds * divisor);
      return;
    }
    // Long division in base 2^16: every dividend stays below 2^53 and no BigInt is made per packet.
    const upper = Math.floor(high / divisor);
    let dividend = (high - upper * divisor) * 0x1_0000 + (low >>> 16);
    const middle = Math.floor(dividend / divisor);
    dividend = (dividend - middle * divisor) * 0x1_0000 + (low & 0xffff);
    const lower = Math.floor(dividend / divisor);
    this.set(frame, upper * 0x1_0000_0000 + middle * 0x1_0000 + lower, dividend - lower * divisor);
  }

  private set(frame: Frame, seconds: number, ticks: number): void {
    const divisor = this.ticksPerSecond;
    frame.seconds = seconds + this.offsetSeconds;
    // Both factors are whole for all powers of ten that captures use; the one below 1 would round.
    frame.nanoseconds = divisor <= 1e9 ? ticks * this.nanosecondsPerTick : ticks / this.ticksPerNanosecond;
  }

  private stampSlowly(frame: Frame, high: number, low: number, ticksPerSecond: bigint): void {
    const timestamp = (BigInt(high) << 32n) | BigInt(low);
    const ticks = Number(timestamp % ticksPerSecond);
    frame.seconds = Number(timestamp / ticksPerSecond) + this.offsetSeconds;
    frame.nanoseconds = Math.min((ticks / this.ticksPerSecond) * 1e9, almostOneSecond);
  }
}

function exactPower(resolution: number): bigint {
  return (resolution & 0x80 ? 2n : 10n) ** BigInt(resolution & 0x7f);
}
