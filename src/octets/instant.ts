/**
 * Points in time as captures hold them: whole seconds since 1970-01-01T00:00:00Z and the rest in
 * nanoseconds. Two numbers, because one double cannot hold nanoseconds since 1970.
 */
export interface Instant {
  /** Whole seconds since the epoch; may be negative. */
  readonly seconds: number;
  /** 0 up to, not including, 1e9. Has a fractional part where the capture is finer than a nanosecond. */
  readonly nanoseconds: number;
}

/** Of a frame or packet. */
export interface Stamp extends Instant {
  /** False where the capture has no time for it: the numbers mean nothing then. */
  readonly timed: boolean;
}

/** When it was, where that is known. A stamp may be filled anew for the next packet; an instant stays. */
export function stampedInstant({ timed, seconds, nanoseconds }: Stamp): Instant | null {
  return timed ? { seconds, nanoseconds } : null;
}

/** From `earlier` to `later`, in seconds; negative where time went backwards. */
export function secondsBetween(earlier: Instant, later: Instant): number {
  return later.seconds - earlier.seconds + (later.nanoseconds - earlier.nanoseconds) / 1e9;
}

/** Seconds that were written lately, and how: the times of a tunnel lie in few, and in the same as those of others. */
const lately = 64;
const seconds: number[] = new Array<number>(lately).fill(Number.NaN);
const texts: string[] = new Array<string>(lately).fill('');

/** Date and time without a fraction; null for what no calendar holds. */
function textOfSecond(second: number): string | null {
  const place = second & (lately - 1);
  if (seconds[place] === second) return texts[place] ?? null;
  const date = new Date(second * 1000);
  if (Number.isNaN(date.getTime())) return null;
  const text = date.toISOString().slice(0, -5);
  seconds[place] = second;
  texts[place] = text;
  return text;
}

/**
 * ISO 8601 in UTC with `digits` digits after the second: `2026-11-20T22:51:03.123456Z`.
 * Years outside 0000-9999 take the expanded form of ECMA-262; what no calendar holds becomes seconds, `@1e+300`.
 */
export function formatInstant(instant: Instant, digits: number): string {
  const head = textOfSecond(instant.seconds);
  if (head === null) return `@${instant.seconds}`;
  if (digits <= 0) return `${head}Z`;
  const whole = Math.floor(instant.nanoseconds);
  let fraction = String(whole).padStart(9, '0').slice(0, digits);
  if (digits > 9) {
    // Never up to the next nanosecond: the digits are those of the capture.
    const scale = 10 ** (digits - 9);
    const finer = Math.min(scale - 1, Math.round((instant.nanoseconds - whole) * scale));
    fraction += String(finer).padStart(digits - 9, '0');
  }
  return `${head}.${fraction}Z`;
}
