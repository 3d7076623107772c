/** LCP that does not open, and the authentication method that it does not agree on. RFC 1661 */
import { counted } from '../../octets/words.ts';
import { otherSide, sides } from '../../sessions/ends.ts';
import type { Side } from '../../sessions/model/side.ts';
import { protocolTitle } from '../stages.ts';
import type { CallCase } from './call-case.ts';
import { type Draft, firstOf } from './draft.ts';
import { terminateEvidence } from './ending.ts';
import { triesInVain } from './patience.ts';
import { advised } from './result.ts';

/** Naks and Rejects of one side's requests that are no ordinary bargaining any more. RFC 1661 §4.6: Max-Failure is 5 */
export const manyRefusals = 5;

/** LCP that does not open though both ends are heard. */
export function lcpFailed(callCase: CallCase): Draft[] {
  const { call } = callCase;
  if (call.outcome === 'established' || call.lcp.openedFrame !== null || call.lcp.firstFrame === null) return [];
  if (call.authentication.length > 0 || call.encryption.firstFrame !== null) return [];
  if (callCase.lcp('client').sent + callCase.lcp('server').sent === 0) return [];
  return firstOf([methodRefused, loopedBack, notAgreed, turnedAway, notAcknowledged], callCase);
}

function refusals(callCase: CallCase, side: Side): number {
  const { naks, rejects } = callCase.lcp(side);
  return naks + rejects;
}

/** The side whose requests the other goes on refusing. */
function stubbornSide(callCase: CallCase): Side | undefined {
  return sides.find((side) => refusals(callCase, side) >= manyRefusals);
}

function loopedBack(callCase: CallCase): Draft[] {
  if (!callCase.call.evidence.looped) return [];
  const stubborn = stubbornSide(callCase);
  const inVain = sides.every((side) => callCase.lcp(side).sent >= triesInVain);
  if (stubborn === undefined && !inVain) return [];
  return [
    {
      cause: 'lcp-not-converging',
      confidence: 'likely',
      shownByPresence: true,
      summary: 'Both ends ask with the same magic number: LCP talks to itself over a line that is looped back.',
      evidence: requestFrames(callCase, stubborn ?? 'client'),
      advice: 'Find the box on the way, or the program at one end, that sends GRE back to where it comes from.',
      seenErrors: [737],
    },
  ];
}

/** One end refuses the other's options again and again, or Windows says that they did not agree. */
function notAgreed(callCase: CallCase): Draft[] {
  const { rejected, windowsErrorCode } = callCase.call.lcp;
  const stubborn = stubbornSide(callCase);
  if (stubborn === undefined && windowsErrorCode !== 732) return [];
  const side = stubborn ?? sides.find((one) => refusals(callCase, one) > 0) ?? 'client';
  const options = [...new Set([...rejected[side], ...callCase.lcp(side).counteredOptions])].join(', ');
  return [
    {
      cause: 'lcp-not-converging',
      confidence: 'certain',
      summary: `LCP does not come to an agreement: the ${otherSide(side)} refused the ${side}'s requests ${counted(refusals(callCase, side), 'time')}${options === '' ? '' : ` (refused: ${options})`}.`,
      evidence: requestFrames(callCase, side),
      ...(options === '' ? {} : { advice: `Compare the settings of both ends for what is refused: ${options}.` }),
      seenErrors: windowsErrorCode === null ? [] : [windowsErrorCode],
    },
  ];
}

/** One end's PPP is not open at all. */
function turnedAway(callCase: CallCase): Draft[] {
  const side = callCase.turnedAway;
  if (side === null) return [];
  const requests = callCase.lcp(side);
  const other = otherSide(side);
  return [
    {
      cause: 'lcp-not-converging',
      confidence: 'likely',
      shownByPresence: true,
      summary: `The ${other} refuses LCP: it answers the ${side}'s Configure-Request with Terminate-Ack or Code-Reject, for its own PPP is not open.`,
      evidence: [
        { frame: requests.firstFrame, text: `the ${side}'s first Configure-Request` },
        { frame: requests.turnedAwayFrame, text: `the ${other} turns it away` },
      ],
      advice: `Read the log of the ${other}'s PPP for that moment: it ended, or was never started for this call.`,
    },
  ];
}

/** Both ends are heard, and what one asks for gets no acknowledgment that fits it. */
function notAcknowledged(callCase: CallCase): Draft[] {
  if (!callCase.hears('client') || !callCase.hears('server') || !callCase.waitedLongEnough) return [];
  const [side, alsoWaiting] = sides.filter(
    (one) => callCase.lcp(one).sent > 0 && callCase.lcp(one).acknowledgedFrame === null,
  );
  if (side === undefined) return firstOf([goesOnAsking, neverAsks], callCase);
  const other = otherSide(side);
  const { sent } = callCase.lcp(side);
  const wrong = callCase.call.anomalies.find(({ code }) => code === 'other-options-acknowledged');
  // Where both wait, it may be the other's requests that it does not fit.
  if (wrong !== undefined && alsoWaiting === undefined) {
    return [
      {
        cause: 'lcp-not-converging',
        confidence: 'certain',
        summary: `LCP does not open: the ${other} acknowledges other options than the ${side}'s ${counted(sent, 'Configure-Request')} ${sent === 1 ? 'holds' : 'hold'}, which is no acknowledgment.`,
        evidence: [...requestFrames(callCase, side), { frame: wrong.frame, text: wrong.message }],
        advice: `The ${other}'s PPP does not keep to RFC 1661: update its software, or take a box on the way that changes GRE out of the path.`,
      },
    ];
  }
  return [
    {
      cause: 'lcp-not-converging',
      confidence: 'likely',
      summary: `Both ends hear each other, but LCP does not open: ${counted(sent, 'Configure-Request')} of the ${side} got no acknowledgment.${callCase.unaskedText}`,
      evidence: [...requestFrames(callCase, side), ...callCase.unaskedAnswers],
      advice: `Read the log of the ${other}'s PPP for that moment: does it take the requests, and what does it answer?`,
    },
  ];
}

/** Everything was acknowledged, and an end that takes the other's GRE goes on asking for it. */
function goesOnAsking(callCase: CallCase): Draft[] {
  const again = (side: Side): number => callCase.lcp(side).askedAgain;
  const side = again('client') > again('server') ? 'client' : 'server';
  if (again(side) === 0) return [];
  return [
    {
      cause: 'lcp-not-converging',
      confidence: 'likely',
      summary: `Both ends hear each other, but LCP does not open: the ${side} sends ${counted(again(side), 'Configure-Request')} for what the ${otherSide(side)} has acknowledged.`,
      evidence: requestFrames(callCase, side),
      advice: `Read the log of the ${side}'s PPP for that moment: why does it not take the acknowledgments?`,
    },
  ];
}

/** One end acknowledges what the other asks for, and asks for nothing itself, not even for no options. */
function neverAsks(callCase: CallCase): Draft[] {
  const side = sides.find((one) => callCase.lcp(one).sent === 0 && callCase.gre(one).lost === 0);
  if (side === undefined || callCase.lateStarter !== null) return [];
  const other = otherSide(side);
  return [
    {
      cause: 'lcp-not-converging',
      confidence: 'likely',
      summary: `LCP does not open: the ${side} acknowledges what the ${other} asks for, and never sends a Configure-Request of its own, which each end has to.`,
      evidence: requestFrames(callCase, other),
      advice: `Read the log of the ${side}'s PPP for that moment: does it wait for something before it asks?`,
    },
  ];
}

function requestFrames(callCase: CallCase, side: Side): { frame: number | null; text: string }[] {
  const requests = callCase.lcp(side);
  return [
    { frame: requests.firstFrame, text: `the ${side}'s first Configure-Request` },
    { frame: requests.lastAnswerFrame, text: `the ${otherSide(side)}'s last answer to it` },
    { frame: requests.lastFrame, text: `the last of ${counted(requests.sent, 'Configure-Request')}` },
  ];
}

/** Where the client demands of the server that it proves itself by these methods. */
export function withoutProof(methods: string): string {
  return `Turn off on the client that it demands ${methods} of the server (pppd: \`noauth\`), or give the server an account there. Where the server asks by MS-CHAPv2, it proves itself with that.`;
}

/** As pppd says it of who does not agree to prove itself. */
const refusedText = /refused to authenticate/i;

/** LCP: one side's method came back in a Nak or Reject, and no authentication happened. */
export function methodRefused(callCase: CallCase): Draft[] {
  const { call } = callCase;
  const windows = call.lcp.windowsErrorCode;
  for (const side of [...sides].reverse()) {
    const requests = callCase.lcp(side);
    const inWords = call.lcp.terminatedBy === side && refusedText.test(call.lcp.terminateText ?? '');
    const said = windows === 917 || windows === 918 || windows === 919 || (inWords && requests.agreed === null);
    if (requests.asked.length === 0 || (requests.refusedFrame === null && !said)) continue;
    if (call.authentication.some(({ authenticator }) => authenticator === side)) continue;
    const hopeless = requests.agreed === null && (requests.naks + requests.rejects >= manyRefusals || callCase.over);
    if (!hopeless && !said) continue;
    const wanted = requests.asked.map(protocolTitle).join(', ');
    const offered = requests.countered.filter((method) => !requests.asked.includes(method)).map(protocolTitle);
    const other = otherSide(side);
    return [
      {
        cause: 'authentication-method-refused',
        confidence: 'certain',
        summary: `The ${side} demands ${wanted}, and the ${other} refuses${offered.length > 0 ? ` and offers ${offered.join(', ')}` : ''}: no method that both accept.`,
        evidence: [
          { frame: requests.firstFrame, text: `the ${side} demands ${protocolTitle(requests.asked[0] ?? 'other')}` },
          {
            frame: requests.refusedFrame,
            text: `the ${other} ${requests.rejected ? 'rejects the option' : `counters with ${offered.join(', ') || 'another'}`}`,
          },
          terminateEvidence(callCase),
        ],
        ...advised(side === 'client' ? withoutProof(wanted) : null),
        seenErrors: windows ? [windows] : [],
        ...(requests.refusedFrame !== null && call.lcp.terminateFrame !== null ? { shownByPresence: true } : {}),
      },
    ];
  }
  return [];
}
