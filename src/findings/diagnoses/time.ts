/** A report time in milliseconds since the epoch; null where it is not known or is no calendar time. */
export function milliseconds(time: string | null): number | null {
  const at = time === null ? Number.NaN : Date.parse(time);
  return Number.isNaN(at) ? null : at;
}

/** Seconds from one report time to another, to a millisecond; null where one is not known or is no calendar time. */
export function secondsBetweenTimes(from: string | null, to: string | null): number | null {
  const start = milliseconds(from);
  const end = milliseconds(to);
  return start === null || end === null ? null : (end - start) / 1000;
}

/** `31 s`, `0.4 s`, `less than 0.1 s`. */
export function inSeconds(seconds: number): string {
  if (seconds < 0.05) return 'less than 0.1 s';
  return seconds >= 9.5 ? `${Math.round(seconds)} s` : `${seconds.toFixed(1)} s`;
}
