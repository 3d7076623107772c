/** Echo-Requests of LCP (RFC 1661 §5.8) and of the control connection (RFC 2637 §2.5) in vain: who asks takes the other end for dead. */
import { controlMessageType } from '../../pptp/names.ts';
import { otherSide, sides } from '../../sessions/ends.ts';
import type { Side } from '../../sessions/model/side.ts';
import type { CallCase } from './call-case.ts';
import type { Draft } from './draft.ts';
import { terminateEvidence } from './ending.ts';
import { replyOverdue, sentAgain, triesInVain } from './patience.ts';
import { advised } from './result.ts';
import { inSeconds, secondsBetweenTimes } from './time.ts';

/** What an end says that had no answer to its echoes. */
const echoText = /not responding|\becho/i;

/** LCP Echo-Requests without reply after which an end may say that it gives up. */
const echoesBeforeGivingUp = 2;

export function lcpEcho(callCase: CallCase): Draft | null {
  const { call, tunnel } = callCase;
  const { echo, terminatedBy, terminateText } = call.lcp;
  const gaveUp = terminatedBy !== null && echoText.test(terminateText ?? '');
  const from = gaveUp ? terminatedBy : echo.unansweredAtEndFrom;
  if (from === null) return null;
  const { unansweredAtEnd: inRow, lastUnansweredFrame } = echo.bySide[from];
  if (inRow < (gaveUp ? echoesBeforeGivingUp : triesInVain))
    return gaveUp ? (lcpRepliesLost(callCase) ?? echoesMissed(callCase, from)) : null;
  const silent = otherSide(from);
  const inTunnel = callCase.gre(silent).lastFrame;
  const closed = callCase.closedWithoutFarewell;
  // Who resets the connection before the last of them answers nothing any more.
  if (closed?.how === 'rst' && closed.by === silent && closed.frame < (lastUnansweredFrame ?? 0)) return null;
  const heard = tunnel.lastHeard[silent].frame ?? 0;
  const besideTunnel = heard > Math.max(inTunnel ?? 0, lastUnansweredFrame ?? 0);
  const told = whereLost(callCase, from, besideTunnel);
  return {
    cause: 'lcp-echo-unanswered',
    confidence: gaveUp ? 'certain' : 'likely',
    summary: `The ${from}'s last ${inRow} LCP Echo-Requests are not answered${terminatedBy === from ? ', and it ends the link' : ''}${besideTunnel ? `; on the control connection the ${silent} is still heard` : ''}.${told?.summary ?? ''}`,
    ...advised(told?.advice ?? null),
    ...(told?.refutedBy === undefined ? {} : { refutedBy: told.refutedBy }),
    evidence: [
      { frame: inTunnel, text: `the last GRE packet of the ${silent}` },
      { frame: lastUnansweredFrame, text: 'the last Echo-Request without reply' },
      terminateEvidence(callCase),
      ...(besideTunnel ? [{ frame: heard, text: `the ${silent}'s last packet on the control connection` }] : []),
    ],
  };
}

/** What acknowledgments in GRE show of Echo-Requests in vain: they arrive and PPP does not answer, they do not, or nothing. */
function whereLost(
  callCase: CallCase,
  from: Side,
  besideTunnel: boolean,
): { summary: string; advice: string; refutedBy?: string } | null {
  const { echo, terminatedBy } = callCase.call.lcp;
  const { unansweredAtEnd: inRow, lastUnansweredFrame } = echo.bySide[from];
  const silent = otherSide(from);
  if (terminatedBy === from && echo.replies > echo.requests - echo.unanswered) {
    return {
      summary: ` Replies come when it has ended the link: the ${silent} stood still meanwhile, or what it sends was held up.`,
      advice: `On the ${silent} find what stood still then (a machine that slept, a process that was stopped or got no time), and on the way what holds packets back.`,
    };
  }
  const { lastFrame, lastAcknowledgment } = callCase.gre(silent);
  const unheard = callCase.unacknowledged(from);
  const goesOn = lastAcknowledgment !== null && (lastFrame ?? 0) > (lastUnansweredFrame ?? 0);
  if (goesOn && unheard < inRow) {
    return {
      summary: ` In GRE the ${silent} acknowledges them: they arrive, and its PPP does not answer.`,
      advice: `Nothing is lost on the way. On the ${silent} look at the PPP process of the call: is it stopped, stuck in a script or a look-up, or short of processor time?`,
    };
  }
  if (goesOn && !callCase.at(silent)) {
    return {
      summary: ` The ${silent} goes on sending in the tunnel behind them, and acknowledges none of the ${from}'s last ${unheard} packets: what the ${from} sends is lost between the point of capture and the ${silent}.`,
      advice: `Find what lets IP protocol 47 (GRE) of the ${from} no longer through to the ${silent}.`,
      refutedBy: `a capture at the ${silent} shows that the ${from}'s packets arrive there`,
    };
  }
  if (unheard < inRow) return null;
  if (callCase.at(silent)) {
    return {
      summary: ` They arrive at the point of capture, which is beside the ${silent}, and nothing of it answers there, not even an acknowledgment.`,
      advice: `On the ${silent} look at the PPTP program of the call (is it stopped, or does it hang?), and at its own firewall: does it let IP protocol 47 in and out?`,
    };
  }
  if (!besideTunnel) return null;
  return {
    summary: '',
    advice: `TCP gets through and GRE does not: find what drops IP protocol 47 between the two, in either direction (a rule, or a NAT or firewall that forgot the tunnel), or whether the ${silent}'s PPTP still serves the call.`,
  };
}

/** Packets of one end that the other did not acknowledge; where it does not say why it ends the link, for half a second and more. */
const fewestUnheard = 3;

/** The Echo-Replies are in the capture, and the end that asks takes nothing of the tunnel any more: they are lost behind it. */
export function lcpRepliesLost(callCase: CallCase): Draft | null {
  const { call } = callCase;
  const asking = call.lcp.terminatedBy;
  const said = echoText.test(call.lcp.terminateText ?? '');
  const { replies } = call.lcp.echo;
  if (asking === null || callCase.at(asking) || (replies < fewestUnheard && !said)) return null;
  const replying = otherSide(asking);
  const { smallUnacknowledged, largeUnacknowledged } = callCase.path(replying);
  const unheard = callCase.unacknowledged(replying);
  if (unheard < fewestUnheard || (!said && smallUnacknowledged + largeUnacknowledged < fewestUnheard)) return null;
  return {
    cause: 'lcp-echo-unanswered',
    confidence: said ? 'certain' : 'likely',
    summary: `The ${replying} ${replies > 0 ? `answers the ${asking}'s LCP Echo-Requests` : 'is still heard here'}, and the ${asking} takes nothing of it any more: it acknowledges none of the ${replying}'s last ${unheard} packets and ends the link. What the ${replying} sends is lost between the point of capture and the ${asking}.`,
    evidence: [
      { frame: callCase.gre(replying).lastFrame, text: `the ${replying}'s last packet in the tunnel` },
      terminateEvidence(callCase),
    ],
    advice: `Find what lets IP protocol 47 (GRE) of the ${replying} no longer through to the ${asking}.`,
    refutedBy: `a capture at the ${asking} shows that the ${replying}'s packets arrive there`,
  };
}

/** That end says that it ends the link for it, and the last Echo-Requests here are not all in vain: some programs add up what was. */
function echoesMissed(callCase: CallCase, from: Side): Draft | null {
  const { echo, terminateText } = callCase.call.lcp;
  const { requests, unanswered, lastUnansweredFrame } = echo.bySide[from];
  if (requests > 0 && unanswered === 0) return null;
  const missed =
    requests > 0
      ? `of its ${requests} in the capture ${unanswered} ${unanswered === 1 ? 'has' : 'have'} no reply, now and then`
      : 'none are in the capture';
  return {
    cause: 'lcp-echo-unanswered',
    confidence: 'likely',
    summary: `The ${from} ends the link because its LCP Echo-Requests are not answered ("${terminateText}"): ${missed}.`,
    evidence: [
      { frame: lastUnansweredFrame, text: 'the last Echo-Request without reply' },
      terminateEvidence(callCase),
    ],
  };
}

/** Seconds after which one Echo-Request on the control connection is not answered, where nobody acts on it. */
const echoOverdue = 30;

export function controlEcho(callCase: CallCase): Draft | null {
  return controlEchoOf(callCase, 'client') ?? controlEchoOf(callCase, 'server');
}

/** Echo-Requests of that side; those of the other may be answered. */
function controlEchoOf(callCase: CallCase, from: Side): Draft | null {
  const { tunnel, capture } = callCase;
  const control = tunnel.control;
  if (control === null) return null;
  const { tcp } = control;
  const { unansweredAtEnd, lastUnansweredFrame } = control.echo.bySide[from];
  if (lastUnansweredFrame === null) return null;
  const asked = control.messages.find(({ frame }) => frame === lastUnansweredFrame)?.time ?? null;
  const ended = callCase.farewell?.by === from || tcp.closedBy === from;
  const waited = secondsBetweenTimes(asked, ended ? tunnel.lastTime : capture.lastFrameTime);
  if (waited === null || waited < (ended || unansweredAtEnd >= 2 ? replyOverdue : echoOverdue)) return null;
  if (!ended && callCase.over) return null;
  const inTunnel = callCase.gre(otherSide(from)).lastFrame ?? 0;
  const meanwhile = inTunnel > lastUnansweredFrame ? inTunnel : null;
  return {
    cause: 'control-echo-unanswered',
    confidence: ended ? 'likely' : 'possible',
    summary: `The ${from}'s Echo-Request on the control connection gets no reply in ${inSeconds(waited)}${ended ? ', and it ends the tunnel' : ''}.${meanwhile === null ? '' : ` In the tunnel the ${otherSide(from)} is heard meanwhile: only the control connection is cut.`}`,
    evidence: [
      { frame: meanwhile, text: `the ${otherSide(from)}'s last packet in the tunnel` },
      { frame: lastUnansweredFrame, text: `Echo-Request of the ${from}, not answered` },
      callCase.lastSeen,
    ],
  };
}

/** Octets of what answers the end of a tunnel. RFC 2637 §2.4, §2.13 */
const lastWords: Readonly<Record<number, number>> = {
  [controlMessageType.stopControlConnectionReply]: 16,
  [controlMessageType.callDisconnectNotify]: 148,
};
/** RFC 2637 §2.6 */
const echoReplyOctets = 20;

/** The Echo-Reply is in the capture, and TCP sends it again and again: the end that asked does not get it. */
export function controlReplyLost({ tunnel: { control } }: CallCase): Draft | null {
  if (control === null || control.tcp.retransmissions < sentAgain) return null;
  const { tcp, messages } = control;
  for (const replying of sides) {
    const said = messages.filter(({ from }) => from === replying);
    const last = said.findLast(({ type }) => !(type in lastWords));
    const asking = otherSide(replying);
    if (last?.type !== controlMessageType.echoReply || tcp.closedBy !== asking) continue;
    const after = said.slice(said.indexOf(last) + 1).reduce((sum, { type }) => sum + (lastWords[type] ?? 0), 0);
    if (tcp.bytes[replying] - tcp.acknowledgedBytes[replying] < echoReplyOctets + after) continue;
    return {
      cause: 'control-echo-unanswered',
      confidence: 'likely',
      summary: `The ${replying} answers the ${asking}'s Echo-Request on the control connection, and the ${asking} never acknowledges the reply, which TCP sends again and again, and ends the tunnel: what the ${replying} sends is lost between the point of capture and the ${asking}.`,
      evidence: [
        { frame: last.frame, text: `Echo-Reply of the ${replying}, never acknowledged` },
        { frame: tcp.closedFrame, text: `TCP closed by the ${asking}` },
      ],
      refutedBy: `a capture at the ${asking} shows that the reply arrives there`,
    };
  }
  return null;
}
