/** From the state of a GRE flow to the model of it. */
import type { Instant } from '../octets/instant.ts';
import type { GreFlow } from './gre-flow.ts';
import type { GreDirection } from './model/gre.ts';

/** `carries`: the call's own user data. */
export function greDirection(
  flow: GreFlow | null,
  time: (instant: Instant | null) => string | null,
  carries: boolean,
): GreDirection {
  const seen = flow !== null && flow.packets > 0;
  const sequence = flow?.sequence;
  const numbered = sequence !== undefined && sequence.count > 0;
  const odd = flow?.oddities;
  const spoiled = flow === null ? null : spoiledHeaders(flow);
  const at = (instant: Instant | undefined): string | null =>
    seen && flow.timed && instant !== undefined ? time(instant) : null;
  return {
    packets: flow?.packets ?? 0,
    bytes: flow?.octets ?? 0,
    dataPackets: flow?.dataPackets ?? 0,
    ackOnly: flow?.ackOnly ?? 0,
    firstSequence: numbered ? sequence.first : null,
    lastSequence: numbered ? sequence.last : null,
    lost: sequence?.lost ?? 0,
    missedByCapture: flow?.missedByCapture ?? 0,
    duplicates: sequence?.duplicates ?? 0,
    routedDuplicates: odd?.repeats?.routed ?? 0,
    routedAcknowledgments: odd?.repeats?.routedAcknowledgments ?? 0,
    reordered: sequence?.reordered ?? 0,
    wraps: sequence?.wraps ?? 0,
    outsideWindow: sequence?.outsideWindow ?? 0,
    outsideWindowFrame: sequence !== undefined && sequence.outsideWindow > 0 ? odd?.outsideWindowFrame || null : null,
    restarts: sequence?.restarts ?? 0,
    restartFrame: odd?.repeats?.restartFrame || null,
    strayAcknowledgments: odd?.strayAcknowledgments ?? 0,
    strayAcknowledgmentFrame: odd?.strayAcknowledgmentFrame || null,
    lengthMismatches: odd?.lengthMismatches ?? 0,
    wrongChecksums: spoiled?.packets ?? 0,
    wrongChecksumFrames: spoiled === null ? null : { first: spoiled.first, last: spoiled.last },
    medianAckMilliseconds: flow?.medianAcknowledgmentTime ?? null,
    lastAcknowledgment: flow === null || flow.acknowledging < 0 ? null : flow.acknowledging,
    maximumOutstanding: flow?.maximumOutstanding ?? 0,
    firstFrame: seen ? flow.firstFrame : null,
    lastFrame: seen ? flow.lastFrame : null,
    firstTime: at(flow?.first),
    lastTime: at(flow?.last),
    userBytes: carries ? (flow?.userOctets ?? 0) : 0,
    firstDataFrame: carries ? flow?.firstDataFrame || null : null,
    firstDataTime: carries && flow?.firstDataFrame ? at(flow.firstData) : null,
  };
}

/** Wrong checksums beside right ones of the same sender; alone they are the capture's, or a file's that somebody changed. */
function spoiledHeaders({ call, end, packets, oddities: { spoiled } }: GreFlow): GreFlow['oddities']['spoiled'] {
  if (spoiled === null) return null;
  return packets > spoiled.packets || call?.tunnel.hasSoundHeaders(end) ? spoiled : null;
}
