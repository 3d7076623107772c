/** Why a call was asked for and not granted. RFC 2637 §2.7-§2.10 */
import { incomingCallResultNames, isSuccess, outgoingCallResultNames } from '../../pptp/names.ts';
import { adviceOf, codeTables } from '../knowledge/codes.ts';
import type { CallCase } from './call-case.ts';
import { closerAdvice, closerText } from './closer.ts';
import { lacksResources, noRoom } from './connection-limit.ts';
import type { Draft } from './draft.ts';
import { endedByServer } from './ending.ts';
import { answerOverdue, lateReply, replyOverdue } from './patience.ts';
import { advised, resultText } from './result.ts';
import { inSeconds, secondsBetweenTimes } from './time.ts';
import { repliesLost, serverUnheard } from './unheard-reply.ts';

/** RFC 2637 §2.2 */
const startReplyOctets = 156;

/** The call's request and reply. */
export function callFailed(callCase: CallCase): Draft[] {
  const { call, up, down } = callCase;
  const { requestFrame, replyFrame, resultCode } = call;
  if (call.outcome === 'established' || call.kind === 'unsignalled') return [];
  if (replyFrame !== null && resultCode !== null && !isSuccess(resultCode)) return callRefused(callCase, resultCode);
  if (serverUnheard(callCase, startReplyOctets) && up.packets === 0 && requestFrame !== null) {
    return [repliesLost(callCase, { cause: 'call-no-reply', request: 'call request', requestFrame, replyFrame })];
  }
  if (replyFrame !== null || requestFrame === null || callCase.oneSided !== null) return [];
  // PPP of both sides in GRE: the reply was sent, and only the capture lacks it.
  if (up.packets > 0 && down.packets > 0) return [];
  if ((callCase.tunnel.control?.tcp.missingBytes ?? 0) > 0) return [];
  return [callUnanswered(callCase)];
}

function callRefused(callCase: CallCase, resultCode: number): Draft[] {
  const { call } = callCase;
  const { errorCode, causeCode } = call;
  const incoming = call.kind === 'incoming';
  const names = incoming ? incomingCallResultNames : outgoingCallResultNames;
  const draft: Draft = {
    cause: 'call-refused',
    confidence: 'certain',
    summary: `The ${incoming ? 'client' : 'server'} refuses the call: ${resultText(resultCode, errorCode, causeCode, names)}.`,
    evidence: [
      { frame: call.requestFrame, text: 'call request' },
      { frame: call.replyFrame, text: `call reply with result ${resultCode}` },
    ],
    ...advised(adviceOf(codeTables[incoming ? 'incoming' : 'call'], resultCode, errorCode)),
  };
  return !incoming && lacksResources(call) ? [draft, noRoom(callCase, call.replyFrame)] : [draft];
}

function callUnanswered(callCase: CallCase): Draft {
  const { call, farewell } = callCase;
  const waited = secondsBetweenTimes(callCase.requestTime, callCase.lastTime);
  const request = { frame: call.requestFrame, text: 'call request' };
  if (!callCase.over && waited !== null && waited < replyOverdue) {
    return {
      cause: 'capture-incomplete',
      confidence: 'likely',
      summary: `The capture ends ${inSeconds(waited)} after the call request: too early to tell.`,
      evidence: [request],
      stage: 'call',
    };
  }
  if (farewell?.by === 'server' && (waited === null || waited < lateReply)) {
    const draft = endedByServer(callCase, 'answers the call request', '', 'call');
    return { ...draft, evidence: [request, ...draft.evidence] };
  }
  const reset = resetOnRequest(callCase, waited);
  if (reset !== null) return reset;
  return {
    cause: 'call-no-reply',
    confidence: 'likely',
    summary: `The server speaks PPTP but does not answer the call request${waited === null ? '' : ` within ${inSeconds(waited)}`}: usually it cannot start PPP.`,
    evidence: [
      request,
      { frame: farewell?.frame ?? null, text: `${farewell?.name} from the ${farewell?.by}` },
      callCase.lastSeen,
    ],
  };
}

/** The call request is answered with a RST. */
function resetOnRequest(callCase: CallCase, waited: number | null): Draft | null {
  const { call, tunnel } = callCase;
  const closed = callCase.closedWithoutFarewell;
  if (closed?.by !== 'server' || closed.how !== 'rst' || (waited !== null && waited >= answerOverdue)) return null;
  const closer = closerText(callCase);
  return {
    cause: 'control-reset',
    confidence: closer === '' ? 'likely' : 'certain',
    stage: 'call',
    summary: `The control connection is reset right after the call request: RST from the server's address, without an answer.${closer === '' ? ' The server does so itself (its PPTP program ended), or a firewall on the way that inspects PPTP.' : closer}`,
    evidence: [
      { frame: call.requestFrame, text: 'call request' },
      { frame: closed.frame, text: `RST from ${tunnel.server.address}` },
    ],
    ...advised(
      closerAdvice(callCase) ??
        "Read the server's log for that moment; take firewalls that inspect PPTP out of the path.",
    ),
  };
}
