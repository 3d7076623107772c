/** Packets of a tunnel that are lost on the way, now and then or in one row. */
import { otherSide, sides } from '../../sessions/ends.ts';
import type { GreDirection } from '../../sessions/model/gre.ts';
import type { Side } from '../../sessions/model/side.ts';
import type { CallCase } from './call-case.ts';
import { around, type Draft } from './draft.ts';
import { lostWhere } from './views.ts';

/** Shares of missing packets from which they are worth a diagnosis, and explain the end of a call as well; and the fewest that count. */
const lossShare = 0.02;
export const heavyLossShare = 0.2;
export const fewestPackets = 5;

export function loss(callCase: CallCase): Draft | null {
  const [side] = lossyDirections(callCase).sort((a, b) => lostShare(callCase, b) - lostShare(callCase, a));
  if (side === undefined || callCase.capturesLoss) return null;
  const direction = callCase.gre(side);
  const lost = callCase.lostOnPath(side);
  const percent = Math.round(lostShare(callCase, side) * 1000) / 10;
  const late = direction.reordered > 0 ? `, ${direction.reordered} come late` : '';
  const own = callCase.at(side);
  const where = lostWhere(callCase, side);
  return {
    cause: 'packet-loss',
    confidence: callCase.tunnel.vantage === 'unknown' || own ? 'likely' : 'certain',
    summary: `${percent} % of the ${side}'s tunnel packets are lost before the point of capture (${lost} of ${lost + direction.dataPackets}${late})${own ? `, which is beside the ${side}, and the ${otherSide(side)} acknowledges none of them by its number: they do not leave the ${side}'s own host, or are lost on its first link` : ''}.${where === null ? '' : ` ${where}`}`,
    evidence: [
      { frame: direction.firstFrame, text: `sequence number ${direction.firstSequence}` },
      {
        frame: direction.lastFrame,
        text: `sequence number ${direction.lastSequence}; ${lost} between are missing`,
      },
      ...around(callCase.path(side).longestGapFrames, 'the longest gap'),
      ...callCase.lossesBeside,
    ],
    ...(own
      ? {
          advice: `On the ${side} look at what its interface and its queues drop (Linux: \`ip -s link\`, \`tc -s qdisc\`), and at the switch or radio link next to it.`,
          refutedBy: `the capture itself lost the packets, and the ${otherSide(side)} got them`,
        }
      : {}),
    ...(where === null ? {} : { nextCapture: '' }),
  };
}

/** Directions in which numbers are missing that were lost on the way to the capture. */
function lossyDirections(callCase: CallCase): Side[] {
  const { call } = callCase;
  if (call.multilink !== null) return [];
  return sides.filter((side) => !callCase.strayNumber(side) && loses(callCase, side));
}

/** So much of a call that did not come up is lost that whatever ended it may come of that. */
export function heavyLoss(callCase: CallCase): Draft[] {
  const draft = isHeavy(callCase) ? loss(callCase) : null;
  return draft === null ? [] : [{ ...draft, stage: callCase.reached }];
}

/**
 * A row of one end's packets is missing, and meanwhile small ones of the other are not acknowledged: no size and no direction is
 * dropped, the way is cut, and comes back.
 */
export function interrupted(callCase: CallCase): Draft | null {
  for (const side of sides) {
    const other = otherSide(side);
    const gap = callCase.gapOnPath(side);
    const { longestGapFrames, unnumberedInGap } = callCase.path(side);
    const unheard = callCase.path(other).smallUnacknowledged;
    const oneRow = gap >= fewestPackets && gap * 2 >= callCase.lostOnPath(side) && unnumberedInGap === 0;
    if (!oneRow || unheard < fewestPackets || callCase.strayNumber(side) || !loses(callCase, side)) continue;
    return {
      cause: 'packet-loss',
      confidence: 'likely',
      summary: `For a while nothing gets through, either way: ${gap} of the ${side}'s packets in one row are missing, ${unheard} of the ${other}'s are not acknowledged though they are small, and then both go on.`,
      evidence: [
        ...around(longestGapFrames, 'the gap'),
        { frame: callCase.gre(side).lastFrame, text: `the ${side}'s last packet` },
      ],
      advice:
        'Find what cut the way at that moment and gave it back: a link that went down, a radio link, a route that changed, a box that restarted.',
      refutedBy: 'packets of either end pass another point of the way in that time',
    };
  }
  return null;
}

export function isHeavy(callCase: CallCase): boolean {
  return sides.some((side) => lostShare(callCase, side) >= heavyLossShare);
}

/** So many packets that are missing in a direction are worth a diagnosis, whoever lost them. */
export function isMuch(missing: number, direction: GreDirection): boolean {
  return missing >= fewestPackets && shareOf(missing, direction) >= lossShare;
}

export function loses(callCase: CallCase, side: Side): boolean {
  return isMuch(callCase.lostOnPath(side), callCase.gre(side));
}

/** Of the packets of a side, as far as the capture did not lose them. */
export function lostShare(callCase: CallCase, side: Side): number {
  return shareOf(callCase.lostOnPath(side), callCase.gre(side));
}

function shareOf(missing: number, { dataPackets }: GreDirection): number {
  return missing === 0 ? 0 : missing / (missing + dataPackets);
}
