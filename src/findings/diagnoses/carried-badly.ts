/** How badly calls that came up carry data. */
import { otherSide, sides } from '../../sessions/ends.ts';
import type { CallCase } from './call-case.ts';
import { around, type Draft, firstOf } from './draft.ts';
import { headersSpoiled } from './headers-spoiled.ts';
import { fewestPackets, interrupted, loss } from './loss.ts';
import { keysDiffer, outOfStep, statefulAfterAll, statefulLoss } from './mppe-unreadable.ts';
import { blackHole, fragmentationNeeded, fragmentsLost } from './packet-size.ts';
import { inSeconds, secondsBetweenTimes } from './time.ts';

/** Data that is carried badly; the first that fits, for most of the later ones follow from it. */
export function carriedBadly(callCase: CallCase): Draft[] {
  const rules = [
    headersSpoiled,
    fragmentationNeeded,
    statefulAfterAll,
    keysDiffer,
    outOfStep,
    statefulLoss,
    fragmentsLost,
    countedAnew,
    interrupted,
    blackHole,
    loss,
    reordering,
    starvation,
  ];
  return firstOf(rules, callCase);
}

/** One end counts its packets anew, and the other, which goes on acknowledging the numbers before, drops them. RFC 2637 §4.4 */
function countedAnew(callCase: CallCase): Draft | null {
  for (const side of sides) {
    const { restartFrame, lastSequence, lastFrame } = callCase.gre(side);
    const other = callCase.gre(otherSide(side));
    if (restartFrame === null || lastSequence === null || other.lastAcknowledgment === null) continue;
    const behind = (other.lastAcknowledgment - lastSequence) | 0;
    if (behind <= 0 || lastSequence < fewestPackets || (other.lastFrame ?? 0) < restartFrame) continue;
    return {
      cause: 'sequence-restarted',
      confidence: 'likely',
      summary: `In the middle of the call the ${side} begins to count its GRE packets anew, and the ${otherSide(side)} takes none of them any more: it goes on acknowledging number ${other.lastAcknowledgment}, and up to ${lastSequence} they have come again.`,
      evidence: [
        { frame: restartFrame, text: `the ${side} begins anew` },
        { frame: other.lastFrame, text: `the ${otherSide(side)} still acknowledges ${other.lastAcknowledgment}` },
        { frame: lastFrame, text: `the ${side}'s last packet, number ${lastSequence}` },
      ],
    };
  }
  return null;
}

/** Share of late packets from which they are worth a diagnosis. */
const reorderedShare = 0.03;

function reordering(callCase: CallCase): Draft | null {
  const { call, capture } = callCase;
  if (call.multilink !== null || capture.framesBackInTime > 0 || capture.lastFrameTime === null) return null;
  for (const side of sides) {
    const direction = callCase.gre(side);
    const share = direction.dataPackets === 0 ? 0 : direction.reordered / direction.dataPackets;
    if (callCase.strayNumber(side)) continue;
    if (callCase.at(side) || direction.reordered < fewestPackets || share < reorderedShare) continue;
    return {
      cause: 'reordering',
      confidence: 'certain',
      summary: `${Math.round(share * 1000) / 10} % of the ${side}'s tunnel packets are overtaken on the way (${direction.reordered} of ${direction.dataPackets})${call.encryption.method === 'mppe' ? '; receivers of MPPE drop them' : ''}.`,
      evidence: [
        { frame: direction.firstFrame, text: `the ${side}'s first packet` },
        { frame: direction.lastFrame, text: `the last; ${direction.reordered} between came late` },
      ],
    };
  }
  return null;
}

/** Share of the time that a sender waits for the window. */
const stalledShare = 0.2;

/** Packets beyond the window to a pause: who sends more of them waits for something else. A lost acknowledgment makes some. */
const beyondShare = 0.5;

function starvation(callCase: CallCase): Draft | null {
  const { call } = callCase;
  for (const side of sides) {
    const path = callCase.path(side);
    const window = call.receiveWindow[otherSide(side)];
    const seconds = secondsBetweenTimes(callCase.gre(side).firstTime, callCase.gre(side).lastTime);
    if (window === null || path.windowStalls < fewestPackets || seconds === null) continue;
    if (path.windowStallSeconds < seconds * stalledShare || path.beyondWindow > path.windowStalls * beyondShare)
      continue;
    return {
      cause: 'window-starvation',
      confidence: 'likely',
      summary: `The ${side} waits for the ${otherSide(side)}: ${path.windowStalls} times its window of ${window} was full and it went on the moment an acknowledgment came, ${inSeconds(path.windowStallSeconds)} of ${inSeconds(seconds)}.`,
      evidence: [
        { frame: call.replyFrame ?? call.requestFrame, text: `the ${otherSide(side)} announces a window of ${window}` },
        ...around(path.longestStallFrames, 'the longest pause'),
        { frame: callCase.gre(side).lastFrame, text: `the ${side}'s last packet` },
      ],
    };
  }
  return null;
}
