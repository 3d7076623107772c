/** GRE of both ends is there, and LCP does not open: who hears whom? */
import { counted } from '../../octets/words.ts';
import { otherSide, sides } from '../../sessions/ends.ts';
import type { Side } from '../../sessions/model/side.ts';
import type { CallCase } from './call-case.ts';
import type { Draft } from './draft.ts';
import { natSuspicion, sameFate } from './nat.ts';

/** GRE of both ends is in the capture, but LCP does not open: who hears whom? */
export function bothSeen(callCase: CallCase): Draft[] {
  const { call } = callCase;
  const serverHears = callCase.hears('server');
  const nat = natSuspicion(callCase).filter(({ confidence }) => confidence === 'likely');
  const again = nat.length === 0 && serverHears ? sameFate(callCase) : [];
  const deaf = serverHears ? 'client' : callCase.hears('client') ? 'server' : null;
  if (deaf !== null) return [...(deaf === 'client' ? nat : []), notTaken(callCase, deaf, nat), ...again];
  const atFirst = sides.some((side) => callCase.lcp(side).lastAnswerFrame !== null);
  const { vantage } = callCase.tunnel;
  return [
    ...nat,
    {
      cause: 'gre-blocked',
      confidence: nat.length > 0 ? 'possible' : 'likely',
      summary: [
        atFirst
          ? 'Both ends send GRE and answered each other at first; then each goes on asking as if it heard nothing'
          : 'Both ends send GRE, and neither answers what the other sends',
        vantage === 'between'
          ? ': what passes the point of capture is lost behind it, in both directions.'
          : ': at the end near the capture a firewall drops what arrives, and the other direction is lost as well.',
        callCase.unaskedText,
      ].join(''),
      evidence: [
        { frame: call.replyFrame, text: 'the call is accepted' },
        ...askedFor(callCase, 'client'),
        ...askedFor(callCase, 'server'),
        ...callCase.unaskedAnswers,
        ...sides.map((side) => ({
          frame: callCase.lcp(side).lastAnswerFrame,
          text: `the last answer to the ${side}'s LCP`,
        })),
      ],
    },
  ];
}

/** One end takes what the other sends and answers it, and is not heard itself. */
function notTaken(callCase: CallCase, deaf: Side, nat: readonly Draft[]): Draft {
  const speaker = otherSide(deaf);
  const here = callCase.at(deaf);
  const again = callCase.hearsNoMore(deaf) ? callCase.lcp(deaf).askedAgain : 0;
  const inVain =
    again > 0
      ? `no more: it sends ${counted(again, 'Configure-Request')} for what the ${speaker} has acknowledged`
      : `nothing: ${counted(callCase.lcp(speaker).sent, 'Configure-Request')} of the ${speaker} unanswered`;
  return {
    cause: deaf === 'server' ? 'gre-blocked-client-to-server' : 'gre-blocked-server-to-client',
    confidence: deaf === 'client' && nat.length > 0 ? 'possible' : 'likely',
    summary: `The ${deaf}'s GRE arrives and the ${speaker} answers it, but the ${deaf} goes on as if it heard ${inVain}.${here ? ` The ${speaker}'s packets arrive at the point of capture, so the ${deaf} itself drops them.` : ''}`,
    evidence: [
      {
        frame: callCase.lcp(deaf).lastAnswerFrame,
        text: `the ${speaker} answers the ${deaf}'s LCP: it hears the ${deaf}`,
      },
      ...askedFor(callCase, again > 0 ? deaf : speaker),
    ],
    ...(here
      ? {
          advice: `On the ${deaf} itself: let IP protocol 47 (GRE) in through its firewall, and read the log of its PPTP program for this call.`,
          refutedBy: `the ${deaf}'s log shows that its PPTP program takes the packets`,
          nextCapture: '',
        }
      : {}),
  };
}

function askedFor(callCase: CallCase, side: Side): Draft['evidence'] {
  const { firstFrame, lastFrame, lastAnswerFrame, sent } = callCase.lcp(side);
  return [
    { frame: firstFrame, text: `the ${side}'s first Configure-Request` },
    { frame: lastFrame, text: `the last of ${sent}${lastAnswerFrame === null ? ', none answered' : ''}` },
  ];
}
