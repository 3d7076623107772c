/** Calls that an end hung up, and the user did not: the server, or Windows with an error. */
import { windowsErrorName } from '../../ppp/windows-errors.ts';
import type { Call } from '../../sessions/model/call.ts';
import type { Terminated } from '../../sessions/model/evidence.ts';
import { lookUp } from '../knowledge/codes.ts';
import { userRequest } from '../knowledge/terminate-texts.ts';
import type { CallCase } from './call-case.ts';
import type { Draft } from './draft.ts';
import { endedByServer, terminateEvidence } from './ending.ts';
import { timeToAnswer } from './patience.ts';
import { advised } from './result.ts';
import { inSeconds } from './time.ts';
import { limitedLength } from './timers.ts';

/** Data packets of each direction that a capture from the middle must hold before who ended it counts. */
const packetsBeforeAnEnd = 4;

/** The server ends the call, or the client's Windows does with an error. */
export function hungUp(callCase: CallCase): Draft | null {
  const { farewell, call, tunnel } = callCase;
  if (farewell === null) return null;
  if (farewell.by === 'client') return byWindows(callCase);
  // Which side it was is a guess there, or what came before the farewell is not in the capture.
  return tunnel.roles === 'unknown' || beginsWithItsEnd(call) ? null : byServer(callCase);
}

function byWindows(callCase: CallCase): Draft | null {
  const { windowsErrorCode: windows, terminatedBy } = callCase.call.lcp;
  if (!windows || terminatedBy !== 'client') return null;
  return {
    cause: 'disconnected-with-error',
    confidence: 'certain',
    stage: callCase.furthest,
    summary: `The client's Windows ends the call with error ${windows} (${windowsErrorName(windows) ?? 'unknown'}).`,
    evidence: [terminateEvidence(callCase)],
    advice: lookUp(windows),
    seenErrors: [windows],
  };
}

function byServer(callCase: CallCase): Draft {
  const { call, furthest } = callCase;
  const does = `ends the ${call.outcome === 'established' ? 'running call' : 'call before it is up,'}`;
  const draft = endedByServer(callCase, does, '', furthest);
  const limited = limitedLength(callCase);
  if (limited !== null) return { ...draft, ...limited, summary: `${draft.summary}${limited.summary}` };
  const before = protocolEnded(callCase);
  const anew = askedAnew(callCase);
  if (before === null && anew !== null) return { ...draft, ...anew, summary: `${draft.summary}${anew.summary}` };
  const windows = call.lcp.windowsErrorCode;
  const told = windows ? { ...draft, seenErrors: [windows] } : draft;
  if (before === null) return { ...told, ...idleBefore(callCase, draft) };
  return {
    ...told,
    summary: `${draft.summary} Directly before, the ${before.by} ended ${before.protocol} ("${before.text}").`,
    evidence: [{ frame: before.frame, text: `the ${before.by} ends ${before.protocol}` }, ...draft.evidence],
    ...advised(
      before.protocol === 'IPV6CP'
        ? `Turn IPv6 off for the VPN at one end, or read the log of the ${before.by}: why could it not use IPv6? Then whether the other end has an update that keeps IPv4 up.`
        : null,
    ),
  };
}

/** Nothing was carried for a while, and the end has no other reason in words: it may be a timer, which one call does not show. */
function idleBefore(callCase: CallCase, { summary, evidence }: Draft): Pick<Draft, 'summary' | 'evidence'> {
  const { call, idleSeconds: seconds } = callCase;
  const { terminateText, windowsErrorCode } = call.lcp;
  if (seconds === null || windowsErrorCode || !userRequest.test(terminateText ?? '')) return { summary, evidence };
  return {
    summary: `${summary} The last user data came ${inSeconds(seconds)} before: if other calls end as long after theirs, it is an idle timer.`,
    evidence: [{ frame: call.evidence.idleBeforeEnd?.lastDataFrame ?? null, text: 'the last user data' }, ...evidence],
  };
}

/** Set up before the capture, which holds hardly more of the call than its end. */
function beginsWithItsEnd({ kind, gre, lcp }: Call): boolean {
  if (lcp.openedFrame !== null) return false;
  const fewest = Math.min(gre.clientToServer.dataPackets, gre.serverToClient.dataPackets);
  return kind === 'unsignalled' && fewest < packetsBeforeAnEnd;
}

/** The server had begun LCP anew in the running call, and got no answer. RFC 1661 §4.1 */
function askedAnew(callCase: CallCase): Pick<Draft, 'summary' | 'evidence' | 'advice'> | null {
  const { lastFrame, lastAnswerFrame } = callCase.lcp('server');
  const opened = callCase.call.network.openedFrame;
  if (opened === null || lastFrame === null || lastFrame < opened || (lastAnswerFrame ?? 0) > opened) return null;
  return {
    summary: ' Before, it had begun LCP anew in the running call, and the client did not answer.',
    evidence: [{ frame: lastFrame, text: "the server's last LCP Configure-Request" }, terminateEvidence(callCase)],
    advice:
      "Read the logs of both ends' PPP for that moment: why did the server begin anew, and why does the client not answer LCP in a running call?",
  };
}

/** The end of a protocol above LCP, with words, on which the end of the link follows at once. */
function protocolEnded({ call, farewell }: CallCase): (Terminated & { readonly protocol: string }) | null {
  const { ccpTerminated, ipcpTerminated, ipv6cpTerminated, stillBeforeTermination } = call.evidence;
  if (farewell === null || stillBeforeTermination === null || stillBeforeTermination >= timeToAnswer) return null;
  const ended = [
    { protocol: 'CCP', terminated: ccpTerminated },
    { protocol: 'IPCP', terminated: ipcpTerminated },
    { protocol: 'IPV6CP', terminated: ipv6cpTerminated },
  ].flatMap(({ protocol, terminated }) =>
    terminated === null || !terminated.text || terminated.frame > farewell.frame ? [] : [{ protocol, ...terminated }],
  );
  return ended.sort((a, b) => a.frame - b.frame).at(-1) ?? null;
}
