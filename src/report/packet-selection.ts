/** Which packets somebody wants to see. All that is given must hold. */
import { type Instant, secondsBetween } from '../octets/instant.ts';
import { pppProtocol as pppProtocolNumbers } from '../ppp/protocols.ts';
import { pppLayerWords } from '../ppp/tree.ts';
import type { Owner } from '../sessions/attribution.ts';
import type { Side } from '../sessions/model/side.ts';
import type { ViewedPacket } from '../sessions/viewed-packet.ts';
import { markText } from './packets.ts';

export interface FrameRange {
  readonly first: number;
  /** Infinity where the range has no end. */
  readonly last: number;
}

/** A point of time: on the calendar, from the capture's first frame on, or on the day of that frame. */
export type Moment =
  | { readonly instant: Instant }
  | { readonly secondsFromStart: number }
  /** `utcOffset`: minutes that the day's zone is ahead of UTC at a moment (milliseconds since 1970). */
  | { readonly secondsOfDay: number; readonly utcOffset: (milliseconds: number) => number };

export interface PacketSelection {
  readonly frames: readonly FrameRange[] | null;
  readonly tunnels: ReadonlySet<string> | null;
  readonly calls: ReadonlySet<string> | null;
  /** Words of `protocolWords`, any of which a layer has. */
  readonly protocols: ReadonlySet<string> | null;
  readonly from: Side | null;
  readonly between: readonly [Moment, Moment] | null;
  /** Part of the summary or of a mark as text has it, in either case. */
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

/** PPP that carries user data, which is most of a capture. RFC 1661 §2 */
const lastDataProtocol = 0x3fff;
/** What a packet of user data can be selected by. */
const wordsOfControl: ReadonlySet<string> = new Set([...pppLayerWords, 'pptp']);

/** Whether GRE of that owner and PPP protocol may be selected. False is certain, and cheap to know. */
export function mayBeSelected(selection: PacketSelection, owner: Owner | null, pppProtocol: number | null): boolean {
  const { protocols } = selection;
  if (!selectsOwner(selection, owner)) return false;
  if (protocols === null || [...protocols].some((word) => !wordsOfControl.has(word))) return true;
  // Whole packets in multilink fragments may be anything.
  return pppProtocol !== null && (pppProtocol > lastDataProtocol || pppProtocol === pppProtocolNumbers.multilink);
}

/** Whether the packet, whose frame is selected, is. */
export function selectsPacket(selection: PacketSelection, packet: ViewedPacket): boolean {
  const { protocols, text } = selection;
  if (!selectsOwner(selection, packet.owner)) return false;
  if (protocols !== null && !packet.protocols.some((protocol) => protocols.has(protocol))) return false;
  if (text === null) return true;
  const words = [packet.summary, ...packet.marks.map((mark) => markText(packet, mark))];
  return words.some((part) => part.toLowerCase().includes(text.toLowerCase()));
}

function selectsOwner({ tunnels, calls, from }: PacketSelection, owner: Owner | null): boolean {
  if (tunnels !== null && !(owner !== null && tunnels.has(owner.tunnel.id.toLowerCase()))) return false;
  if (calls !== null && !(owner?.call != null && calls.has(owner.call.id.toLowerCase()))) return false;
  return from === null || owner?.from === from;
}

function secondsAfter(moment: Moment, instant: Instant, first: Instant | null): number {
  if ('instant' in moment) return secondsBetween(moment.instant, instant);
  if (first === null) return Number.NaN;
  if ('secondsFromStart' in moment) return secondsBetween(first, instant) - moment.secondsFromStart;
  const day = 86_400;
  const offset = moment.utcOffset(first.seconds * 1000) * 60;
  const midnight = Math.floor((first.seconds + offset) / day) * day - offset;
  return secondsBetween({ seconds: midnight, nanoseconds: 0 }, instant) - moment.secondsOfDay;
}
