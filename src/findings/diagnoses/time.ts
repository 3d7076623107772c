/** Seconds from one report time to another, to a millisecond; null where one is not known or is no calendar time. */
export function secondsBetweenTimes(from: string | null, to: string | null): number | null {
  if (from === null || to === null) return null;
  const milliseconds = Date.parse(to) - Date.parse(from);
  return Number.isNaN(milliseconds) ? null : milliseconds / 1000;
}

/** `31 s`, `0.4 s`, `less than 0.1 s`. */
export function inSeconds(seconds: number): string {
  if (seconds < 0.05) return 'less than 0.1 s';
  return seconds >= 9.5 ? `${Math.round(seconds)} s` : `${seconds.toFixed(1)} s`;
}
