/**
 * The report's times, in the reader's choice: UTC, local, or counted from the capture's first frame.
 */
export type TimeStyle = 'utc' | 'local' | 'relative';

/** Minutes that local time is ahead of UTC at a moment (milliseconds since 1970). */
export type UtcOffset = (milliseconds: number) => number;

/** That of the platform's own zone. */
export function localOffset(milliseconds: number): number {
  return -new Date(milliseconds).getTimezoneOffset();
}

const isoTime = /^([+-]?\d{4,6}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.(\d+))?Z$/;

export class Clock {
  private readonly style: TimeStyle;
  private readonly origin: string | null;
  private readonly utcOffset: UtcOffset;

  /** `origin`: the capture's first time, from which `relative` counts. */
  constructor(style: TimeStyle, origin: string | null, utcOffset: UtcOffset) {
    this.style = style;
    this.origin = origin;
    this.utcOffset = utcOffset;
  }

  /** A day and a second, whatever the style: where a block says when it was. */
  date(time: string): string {
    const match = isoTime.exec(time);
    if (match === null) return time;
    if (this.style !== 'local') return `${match[1]} ${match[2]} UTC`;
    return this.local(time, '');
  }

  /** A point in time with all its digits. */
  moment(time: string | null): string {
    if (time === null) return '';
    const match = isoTime.exec(time);
    if (match === null) return time;
    const fraction = match[3] ?? '';
    if (this.style === 'relative' && this.origin !== null) {
      const elapsed = secondsFrom(this.origin, time);
      if (elapsed !== null) return `${elapsed < 0 ? '' : '+'}${elapsed.toFixed(Math.min(fraction.length, 9))} s`;
    }
    const digits = fraction === '' ? '' : `.${fraction}`;
    return this.style === 'local' ? this.local(time, digits) : `${match[1]} ${match[2]}${digits} UTC`;
  }

  private local(time: string, digits: string): string {
    const milliseconds = Date.parse(time);
    if (Number.isNaN(milliseconds)) return time;
    const offset = this.utcOffset(milliseconds);
    const shifted = new Date(milliseconds + offset * 60_000);
    if (Number.isNaN(shifted.getTime())) return time;
    const sign = offset < 0 ? '-' : '+';
    const hours = `${Math.trunc(Math.abs(offset) / 60)}`.padStart(2, '0');
    const minutes = `${Math.round(Math.abs(offset) % 60)}`.padStart(2, '0');
    return `${shifted.toISOString().slice(0, -5).replace('T', ' ')}${digits} ${sign}${hours}:${minutes}`;
  }
}

/** Seconds between two of the report's times; null where one of them is no calendar time. */
export function secondsFrom(earlier: string, later: string): number | null {
  const from = split(earlier);
  const to = split(later);
  return from === null || to === null ? null : to.seconds - from.seconds + (to.fraction - from.fraction);
}

function split(time: string): { seconds: number; fraction: number } | null {
  const match = isoTime.exec(time);
  if (match === null) return null;
  const milliseconds = Date.parse(`${match[1]}T${match[2]}Z`);
  return Number.isNaN(milliseconds) ? null : { seconds: milliseconds / 1000, fraction: Number(`0.${match[3] ?? '0'}`) };
}
