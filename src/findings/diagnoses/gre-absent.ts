/** GRE that the capture does not hold though it is none of the way's doing: the server ended the call, or the capture left it out. */
import { otherSide } from '../../sessions/ends.ts';
import type { Side } from '../../sessions/model/side.ts';
import type { CallCase } from './call-case.ts';
import type { Draft } from './draft.ts';
import { endedByServer, gaveUp } from './ending.ts';
import { callIdMismatch } from './nat.ts';
import { answerOverdue } from './patience.ts';
import { inSeconds, secondsBetweenTimes } from './time.ts';

/** A server that cannot start PPP closes within this many seconds of its reply to the call. */
const soonAfterReply = 5;

/** Seconds within which a call that was ended may not have sent anything. */
const atOnce = 0.2;

/** Neither end's GRE is in the capture, though each sends LCP on its own as soon as the call is up. */
export function nothingAtAll(callCase: CallCase): Draft[] {
  const { call } = callCase;
  const ended = endedAtOnce(callCase);
  if (ended !== null) return [ended];
  const between = [{ frame: call.replyFrame, text: 'the call is connected' }, callCase.lastSeen];
  const seconds = secondsBetweenTimes(callCase.replyTime, callCase.lastTime);
  if (call.kind === 'unsignalled') return [];
  if (seconds !== null && seconds < (callCase.over ? atOnce : answerOverdue)) {
    return [callCase.cancelled ? gaveUp(callCase) : tooShort(callCase)];
  }
  const mismatch = callIdMismatch(callCase);
  const incomplete: Draft = {
    cause: 'capture-incomplete',
    confidence: mismatch.length > 0 ? 'possible' : 'likely',
    stage: 'gre',
    summary: `The call is connected, but the capture holds no GRE of either end${seconds === null ? '' : ` in ${inSeconds(seconds)}`}. The end near the capture sends LCP on its own unless it is told to be silent, so the capture filter ${mismatch.length > 0 ? 'may have' : 'most likely'} left out IP protocol 47.`,
    evidence: between,
    refutedBy: 'the capture was taken without a filter',
    nextCapture: 'Capture again with the filter `tcp port 1723 or ip proto 47 or icmp`.',
  };
  if (mismatch.length > 0) return [...mismatch, incomplete];
  const blocked: Draft = {
    cause: 'gre-blocked',
    confidence: 'possible',
    summary: 'If the capture had no filter, GRE is blocked before the point of capture in both directions.',
    evidence: between,
  };
  return callCase.at('client') || callCase.at('server') ? [incomplete] : [incomplete, blocked];
}

/** The server took the call and closed the connection before it sent one packet: its PPP did not start. */
export function endedAtOnce(callCase: CallCase): Draft | null {
  const { call, tunnel, down } = callCase;
  const farewell = callCase.farewell;
  const afterReply = callCase.secondsToFarewell;
  const soon = afterReply === null ? !callCase.waitedLongEnough : afterReply <= soonAfterReply;
  if (
    down.packets === 0 &&
    farewell?.by === 'server' &&
    call.replyFrame !== null &&
    farewell.frame > call.replyFrame &&
    soon
  ) {
    const draft = endedByServer(
      callCase,
      'accepts the call and ends it',
      ' before it sends one packet through the tunnel',
      'gre',
    );
    return { ...draft, evidence: [{ frame: call.replyFrame, text: 'the call is accepted' }, ...draft.evidence] };
  }
  const closed = callCase.closedWithoutFarewell;
  if (down.packets > 0 || closed === null || closed.by !== 'server' || call.replyFrame === null) return null;
  const seconds = secondsBetweenTimes(callCase.replyTime, tunnel.lastTime);
  if (seconds !== null && seconds > soonAfterReply) return null;
  return {
    cause: 'control-closed-abruptly',
    confidence: 'likely',
    stage: 'gre',
    summary:
      'The server accepts the call and closes the control connection at once, before it sends one packet through the tunnel: most likely its PPP process did not start.',
    evidence: [
      { frame: call.replyFrame, text: 'the call is accepted' },
      { frame: closed.frame, text: `the server closes TCP (${closed.how.toUpperCase()}), no farewell before` },
    ],
    advice:
      "Read the server's log for that moment: an option that its PPP does not know, a missing module, no free interface.",
  };
}

/** Whoever acknowledges has received: then the other direction exists, and only the capture lacks it. */
export function oneDirectionOnly(callCase: CallCase): Draft | null {
  const { up, down } = callCase;
  if (up.packets > 0 && down.packets > 0) return null;
  const seen: Side = up.packets > 0 ? 'client' : 'server';
  const only = callCase.oneSided === seen;
  const acknowledged = callCase.gre(seen).lastAcknowledgment !== null;
  if (!only && !acknowledged) return null;
  return {
    cause: 'capture-incomplete',
    confidence: 'certain',
    stage: 'gre',
    summary: `The capture holds only what the ${seen} sends${acknowledged ? `; it acknowledges packets of the ${otherSide(seen)} that are not in the capture` : ''}.`,
    evidence: [{ frame: callCase.gre(seen).firstFrame, text: `GRE of the ${seen}, and none of the other end` }],
  };
}

export function tooShort(callCase: CallCase): Draft {
  const { call, afterSilence } = callCase;
  return {
    cause: 'capture-incomplete',
    confidence: 'likely',
    stage: 'gre',
    summary: `The ${callCase.over ? 'call' : 'capture'} ends${afterSilence === '' ? ' soon' : ` ${afterSilence}`}: too early to tell why LCP did not open.`,
    evidence: [
      { frame: call.replyFrame, text: 'the call is accepted' },
      { frame: call.gre.clientToServer.firstFrame ?? call.gre.serverToClient.firstFrame, text: 'the first GRE packet' },
    ],
  };
}
