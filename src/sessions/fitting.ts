/** Whether a GRE flow may be a direction of a call, by time and by acknowledgments, where no announced Call ID says it. */
import { type Instant, secondsBetween } from '../octets/instant.ts';
import type { CallState } from './call-state.ts';
import { type End, otherEnd } from './ends.ts';
import type { GreFlow } from './gre-flow.ts';
import { firstNumbers } from './sequence.ts';
import type { TunnelState } from './tunnel-state.ts';
import { graceSeconds } from './tunnels.ts';

/** Seconds, or frames, that GRE may run ahead of the message that announces it. */
const aheadOfSignalling = 3;
const framesAhead = 64;
/** An acknowledgment this far from the last number that was sent is none of it. */
const farthestNumber = 0x1_0000;

/** Whether a flow has run no more ahead of the message of that frame, which announces its Call ID, than GRE may. */
export function isRecent(flow: GreFlow, frame: number, instant: Instant): boolean {
  // One that counts on from before the capture is an earlier call's, whose Call ID is given anew. RFC 2637 §4.1
  if (flow.sequence.count > 0 && flow.sequence.first >= firstNumbers) return false;
  if (!flow.timed) return frame - flow.firstFrame < framesAhead;
  const ahead = secondsBetween(flow.first, instant);
  return ahead <= aheadOfSignalling;
}

/** The direction was announced, or at least the call was, and nothing came. */
export function lacks(call: CallState, sender: End): boolean {
  const flow = call.flow(sender);
  return flow === null || flow.packets === 0;
}

/** Whether a flow began while the call was being set up or up. */
export function began(call: CallState, flow: GreFlow): boolean {
  const frame = call.said.requestFrame ?? call.said.replyFrame;
  if (frame !== null && flow.firstFrame < frame - framesAhead) return false;
  if (call.said.endedInstant === null || !flow.timed) return true;
  return secondsBetween(call.said.endedInstant, flow.first) < aheadOfSignalling;
}

/** Whether a flow goes on while a tunnel does. */
export function overlaps(tunnel: TunnelState, flow: GreFlow): boolean {
  if (tunnel.first === null || tunnel.last === null || !flow.timed) return true;
  return (
    secondsBetween(flow.first, tunnel.last) > -graceSeconds && secondsBetween(tunnel.first, flow.last) > -graceSeconds
  );
}

/** Two flows that may be the two directions of one call: they overlap in time, and each acknowledges numbers of the other. */
export function fits(call: CallState, sender: End, flow: GreFlow): boolean {
  const other = call.flow(otherEnd(sender));
  if (other === null) return true;
  if (!acknowledges(flow, other) || !acknowledges(other, flow)) return false;
  return !isBefore(other, flow) && !isBefore(flow, other);
}

/** Whether the numbers that a flow acknowledges may be the other's. */
function acknowledges({ acknowledging }: GreFlow, { sequence }: GreFlow): boolean {
  return acknowledging < 0 || sequence.count === 0 || Math.abs((acknowledging - sequence.last) | 0) < farthestNumber;
}

function isBefore(one: GreFlow, later: GreFlow): boolean {
  return one.timed && later.first.seconds - one.last.seconds > graceSeconds;
}
