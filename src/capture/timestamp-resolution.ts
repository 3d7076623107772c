/**
 * What a timestamp counts. pcap counts seconds and their millionths or billionths; pcapng has a 64-bit
 * number of ticks of a power of ten or of two, `if_tsresol` (draft-ietf-opsawg-pcapng §4.2).
 */

export interface TimestampResolution {
  /** `second`, `microsecond`, `nanosecond`, else the length of a tick as a power: `10^-3 s`, `2^-20 s`. */
  readonly name: string;
  /** Exact up to 2^53; beyond, the nearest double. */
  readonly ticksPerSecond: number;
  /** Decimal digits after the second that a number of ticks has, at most `maximumDigits`. */
  readonly digits: number;
}

const decimalNames: ReadonlyMap<number, string> = new Map([
  [0, 'second'],
  [6, 'microsecond'],
  [9, 'nanosecond'],
]);

/** A fraction of a second as a double has no more. */
const maximumDigits = 15;

/** `exponent` 0 to 127. */
export function decimalResolution(exponent: number): TimestampResolution {
  return {
    name: decimalNames.get(exponent) ?? `10^-${exponent} s`,
    ticksPerSecond: 10 ** exponent,
    digits: Math.min(exponent, maximumDigits),
  };
}

/** `exponent` 0 to 127. */
function binaryResolution(exponent: number): TimestampResolution {
  return {
    name: exponent === 0 ? 'second' : `2^-${exponent} s`,
    ticksPerSecond: 2 ** exponent,
    // A half has one digit, and half of that one more.
    digits: Math.min(exponent, maximumDigits),
  };
}

/** From the octet that `if_tsresol` holds: its highest bit says that the rest is a power of two. */
export function resolutionOf(option: number): TimestampResolution {
  return option & 0x80 ? binaryResolution(option & 0x7f) : decimalResolution(option);
}
