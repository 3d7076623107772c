/** Which packets somebody wants to see. All that is given must hold. */
import { type Instant, secondsBetween } from '../octets/instant.ts';
import type { Side } from '../sessions/model.ts';
import type { ViewedPacket } from '../sessions/packet-view.ts';

export interface FrameRange {
  readonly first: number;
  /** Infinity where the range has no end. */
  readonly last: number;
}

/** A point of time: on the calendar, from the capture's first frame on, or on the day of that frame. */
export type Moment =
  | { readonly instant: Instant }
  | { readonly secondsFromStart: number }
  /** Minutes that the day's zone is ahead of UTC. */
  | { readonly secondsOfDay: number; readonly utcOffset: number };

export interface PacketSelection {
  readonly frames: readonly FrameRange[] | null;
  readonly tunnels: ReadonlySet<string> | null;
  readonly calls: ReadonlySet<string> | null;
  /** Words of `protocolWords`, any of which a layer has. */
  readonly protocols: ReadonlySet<string> | null;
  readonly from: Side | null;
  readonly between: readonly [Moment, Moment] | null;
  /** Part of the summary, in either case. */
  readonly text: string | null;
}

/** Whether the frame is one of those asked for, by number and time alone. */
export function selectsFrame(
  { frames, between }: PacketSelection,
  frame: number,
  instant: Instant | null,
  first: Instant | null,
): boolean {
  if (frames !== null && !frames.some((range) => frame >= range.first && frame <= range.last)) return false;
  if (between === null) return true;
  if (instant === null) return false;
  const [from, to] = between;
  return secondsAfter(from, instant, first) >= 0 && secondsAfter(to, instant, first) <= 0;
}

/** The last frame that can be asked for. */
export function lastFrameOf({ frames }: PacketSelection): number {
  return frames === null ? Number.POSITIVE_INFINITY : Math.max(...frames.map(({ last }) => last));
}

/** Whether the packet, whose frame is selected, is. */
export function selectsPacket(selection: PacketSelection, packet: ViewedPacket): boolean {
  const { tunnels, calls, protocols, from, text } = selection;
  const { owner } = packet;
  if (tunnels !== null && !(owner !== null && tunnels.has(owner.tunnel.id.toLowerCase()))) return false;
  if (calls !== null && !(owner?.call != null && calls.has(owner.call.id.toLowerCase()))) return false;
  if (protocols !== null && !packet.protocols.some((protocol) => protocols.has(protocol))) return false;
  if (from !== null && owner?.from !== from) return false;
  return text === null || packet.summary.toLowerCase().includes(text.toLowerCase());
}

function secondsAfter(moment: Moment, instant: Instant, first: Instant | null): number {
  if ('instant' in moment) return secondsBetween(moment.instant, instant);
  if (first === null) return Number.NaN;
  if ('secondsFromStart' in moment) return secondsBetween(first, instant) - moment.secondsFromStart;
  const day = 86_400;
  const midnight = Math.floor((first.seconds + moment.utcOffset * 60) / day) * day - moment.utcOffset * 60;
  return secondsBetween({ seconds: midnight, nanoseconds: 0 }, instant) - moment.secondsOfDay;
}
