/** Points of time on the command line, as `packets --between` takes them. */
import { secondsBetween } from '../octets/instant.ts';
import type { Moment } from '../report/packet-selection.ts';

/** A calendar time, a time of the first frame's day, or seconds from the first frame; null for anything else. */
export function momentOf(text: string, utcOffset: (milliseconds: number) => number): Moment | null {
  const elapsed = /^\+?(\d+(?:\.\d+)?)(?: ?s)?$/.exec(text);
  if (elapsed !== null) return { secondsFromStart: Number(elapsed[1]) };
  const ofDay = /^(\d{1,2}):(\d{2})(?::(\d{2}(?:\.\d+)?))?$/.exec(text);
  if (ofDay !== null) {
    const [hours, minutes, seconds] = [Number(ofDay[1]), Number(ofDay[2]), Number(ofDay[3] ?? 0)];
    const secondsOfDay = hours * 3600 + minutes * 60 + seconds;
    // A day ends at 24:00. ISO 8601-1 §4.3.8
    return minutes < 60 && seconds < 60 && secondsOfDay <= 86_400 ? { secondsOfDay, utcOffset } : null;
  }
  const calendar =
    /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(?::(\d{2})(?:\.(\d+))?)?)?(Z| ?UTC|[+-]\d{2}:\d{2})?$/.exec(text);
  if (calendar === null) return null;
  const [, day, minute = '00:00', second = '00', fraction = '', zone] = calendar;
  const suffix = zone === undefined || zone.endsWith('UTC') ? 'Z' : zone;
  const milliseconds = Date.parse(`${day}T${minute}:${second}${suffix}`);
  // Date takes the 30th of February for the 2nd of March.
  const midnight = Date.parse(`${day}T00:00Z`);
  if (Number.isNaN(milliseconds) || new Date(midnight).toISOString().slice(0, 10) !== day) return null;
  const shift = zone === undefined ? utcOffset(milliseconds) * 60 : 0;
  return {
    instant: {
      seconds: milliseconds / 1000 - shift,
      nanoseconds: Number(fraction.slice(0, 9).padEnd(9, '0')),
    },
  };
}

/** Where both are of one kind; those of two kinds are compared when the first frame is known. */
export function isBefore(one: Moment, other: Moment): boolean {
  if ('instant' in one) return 'instant' in other && secondsBetween(one.instant, other.instant) > 0;
  if ('secondsFromStart' in one) return 'secondsFromStart' in other && one.secondsFromStart < other.secondsFromStart;
  return 'secondsOfDay' in other && one.secondsOfDay < other.secondsOfDay;
}
