/** The events of `live` for people: one line each. Captured text goes through `safe`, as everywhere in the text report. */
import type { EventLine } from './event-contract.ts';
import { eventWords } from './event-words.ts';
import type { UtcOffset } from './text/clock.ts';
import { type Palette, safe } from './text/span.ts';

export interface EventTextOptions {
  readonly palette: Palette;
  readonly time: 'utc' | 'local';
  /** As the report's. */
  readonly utcOffset: UtcOffset;
}

/** Without a newline; null for what is shown otherwise (the report). */
export function eventText(event: EventLine, options: EventTextOptions): string | null {
  if (event.kind === 'report') return null;
  const [mark, text] = eventWords(event.kind, event);
  const { palette } = options;
  const time = clockTime(event.time, options);
  let head = `${time} `;
  if ('tunnel' in event) {
    const { client, server } = event;
    head += `${safe(event.call ?? event.tunnel)} ${safe(client.address)} -> ${safe(server.address)}  `;
  }
  const body = safe(text);
  return `${palette.faint(head)}${mark === null ? body : palette[mark](body)}`;
}

/** `12:00:03.120`: events are read as they come, the day is known. */
function clockTime(time: string | null, { time: style, utcOffset }: EventTextOptions): string {
  if (time === null) return '--:--:--.---';
  const milliseconds = Date.parse(time);
  if (Number.isNaN(milliseconds)) return time;
  const shifted = style === 'utc' ? milliseconds : milliseconds + utcOffset(milliseconds) * 60_000;
  const shown = new Date(shifted);
  return Number.isNaN(shown.getTime()) ? time : shown.toISOString().slice(11, 23);
}
