/** Calls that a timer ends, of an end or of a box on the way: after some time without packets, or of a session's length. */
import { counted } from '../../octets/words.ts';
import { otherSide, sides } from '../../sessions/ends.ts';
import type { CallCase } from './call-case.ts';
import type { Draft } from './draft.ts';
import { terminateEvidence } from './ending.ts';
import { goesOnElsewhere, movedTo, moveEvidence } from './moved.ts';
import type { Ending } from './neighbour.ts';
import { forgottenAfter, triesInVain } from './patience.ts';
import { inSeconds, milliseconds, secondsBetweenTimes } from './time.ts';

/** Windows' ERROR_IDLE_TIMEOUT. */
const idleTimeout = 828;

/** Nothing was sent for a while, and that ended the call: a timer of an end, or of a box on the way. */
export function idle(callCase: CallCase): Draft | null {
  return idleByPolicy(callCase) ?? forgottenTunnel(callCase) ?? forgottenConnection(callCase) ?? constantIdle(callCase);
}

/** An end says that it ends the call because it was idle. */
function idleByPolicy(callCase: CallCase): Draft | null {
  const { call } = callCase;
  const text = call.lcp.terminateText ?? '';
  const { terminatedBy, windowsErrorCode } = call.lcp;
  const idle = windowsErrorCode === idleTimeout || /\bidle\b|inactiv/i.test(text);
  if (!idle || terminatedBy === null) return null;
  return {
    cause: 'idle-timeout',
    confidence: 'certain',
    summary: `The ${terminatedBy} ends the call because it was idle${text === '' ? '' : ` ("${text}")`}.`,
    evidence: [
      { frame: call.evidence.idleBeforeEnd?.lastDataFrame ?? null, text: 'the last user data' },
      terminateEvidence(callCase),
    ],
    advice: `Raise the idle timer of the ${terminatedBy} (pppd: \`idle\`; RADIUS: Idle-Timeout; Windows: idle time before hanging up). LCP echoes do not reset one that counts user data only.`,
    ...(windowsErrorCode ? { seenErrors: [windowsErrorCode] } : {}),
  };
}

/** After a silence in the tunnel one end sends again, and nothing comes back through it. */
function forgottenTunnel(callCase: CallCase): Draft | null {
  const { silence } = callCase.call.evidence;
  if (silence === null || silence.seconds < forgottenAfter) return null;
  const fewest = callCase.closedWithoutFarewell?.how === 'rst' ? 1 : triesInVain;
  const alone = sides.find(
    (side) =>
      silence.packetsAfter[side] >= fewest &&
      silence.packetsAfter[otherSide(side)] === 0 &&
      (callCase.gre(otherSide(side)).lastFrame ?? 0) < silence.endFrame,
  );
  if (alone === undefined) return null;
  const gone = otherSide(alone);
  const again = endedAfterTheSame(callCase, silence.seconds, (ending) => ending.silence);
  // The other end says goodbye in the end: it was there all the time, and only its way through was gone.
  const heard = callCase.tunnel.lastHeard[gone].frame ?? 0;
  const besides = heard > silence.endFrame ? heard : null;
  const moved = alone === 'server' ? movedTo(callCase) : undefined;
  return {
    cause: 'idle-timeout',
    confidence: again.length >= 2 ? 'certain' : 'likely',
    summary: `After ${inSeconds(silence.seconds)} of silence in the tunnel the ${alone} sends again (${counted(silence.packetsAfter[alone], 'packet')}), and nothing comes back any more: a NAT or firewall forgot the tunnel in the meantime${besides === null ? '' : ', and not the control connection, on which the other end is heard after that'}.${goesOnElsewhere(moved)}${againText(again)}`,
    evidence: [
      { frame: silence.startFrame, text: 'the last packet before the silence' },
      { frame: silence.endFrame, text: `the first packet after ${inSeconds(silence.seconds)} of silence` },
      { frame: callCase.gre(gone).lastFrame, text: `the last packet of the ${gone}` },
      { frame: besides, text: `the ${gone} on the control connection` },
      ...moveEvidence(moved),
    ],
  };
}

/** After a silence in the tunnel the control connection is reset. */
function forgottenConnection(callCase: CallCase): Draft | null {
  const { tunnel } = callCase;
  const closed = callCase.closedWithoutFarewell;
  if (closed?.how !== 'rst') return null;
  // Who asked in vain on the control connection resets it for that.
  if ((tunnel.control?.echo.bySide[closed.by].unansweredAtEnd ?? 0) > 0) return null;
  const times = [callCase.up.lastTime, callCase.down.lastTime].filter((time) => time !== null).sort();
  const seconds = secondsBetweenTimes(times.at(-1) ?? null, tunnel.lastTime);
  if (seconds === null || seconds < forgottenAfter) return null;
  const again = endedIdleAlike(callCase, callCase.idleSeconds ?? seconds);
  return {
    cause: 'idle-timeout',
    confidence: again.length >= 2 ? 'certain' : again.length === 1 ? 'likely' : 'possible',
    summary: `After ${inSeconds(seconds)} without tunnel traffic the control connection is reset: a NAT or firewall forgot it in the meantime.${againText(again)}`,
    evidence: [
      { frame: callCase.lastInTunnel, text: 'the last GRE packet' },
      { frame: closed.frame, text: 'RST' },
    ],
  };
}

/** One such end is an ordinary one; several after the same time without user data are a timer. */
function constantIdle(callCase: CallCase): Draft | null {
  const seconds = callCase.idleSeconds;
  const idle = callCase.call.evidence.idleBeforeEnd;
  if (seconds === null || idle === null || !callCase.endedByOthers) return null;
  const again = endedIdleAlike(callCase, seconds);
  if (again.length === 0) return null;
  const { farewell } = callCase;
  const closed = callCase.closedWithoutFarewell;
  return {
    cause: 'idle-timeout',
    confidence: again.length >= 2 ? 'certain' : 'likely',
    summary: `The call ends ${inSeconds(seconds)} after its last user data, by ${farewell === null ? `${closed?.how === 'rst' ? 'RST' : 'FIN'} from the ${closed?.by}` : `${farewell.name} from the ${farewell.by}`}.${againText(again)}`,
    advice: `Look for an idle timer of about ${inSeconds(seconds)}: of the server (its PPP, RADIUS Idle-Timeout, RRAS), of a NAT or of a firewall. LCP echoes do not reset one that counts user data only.`,
    evidence: [
      { frame: idle.lastDataFrame, text: 'the last user data' },
      { frame: farewell?.frame ?? closed?.frame ?? null, text: `the end, ${inSeconds(seconds)} later` },
      ...again.slice(0, 3).map(({ call, lastDataFrame, lastFrame }) => ({
        frame: lastDataFrame,
        text: `the last user data of ${call}, which ends as long after it (frame ${lastFrame})`,
      })),
    ],
  };
}

/** Seconds by which calls of one limit differ: programs look at the clock once in a while. */
const sameLength = 2;
/** Others that were up as long, which chance does not explain. */
const fewestAlike = 2;

/** Most calls that the server ended were up for as long as this one. */
export function limitedLength(callCase: CallCase): Pick<Draft, 'summary' | 'advice'> | null {
  const { length, others, endings, call } = callCase;
  if (length === null) return null;
  const ended = [...others.flatMap((other) => other.endings), ...endings].filter(
    (ending) => ending.byOthers && ending.length !== null && ending.call !== call.id,
  );
  const ids = new Set(ended.map((ending) => ending.call));
  const again = endedAfterTheSame(callCase, length, (ending) => ending.length, sameLength).filter(({ call: id }) =>
    ids.has(id),
  );
  if (again.length < fewestAlike || again.length * 2 < ended.length) return null;
  const named = again.slice(0, 3).map(({ call: id }) => id);
  const more = again.length > named.length ? ` and ${again.length - named.length} more` : '';
  return {
    summary: ` It was up for ${inSeconds(length)}, and so were ${named.join(', ')}${more}: it is a limit on the length of a session.`,
    advice:
      'Raise on the server how long a session may last (pppd: `maxconnect`; RADIUS: Session-Timeout), or let the client dial again by itself.',
  };
}

/** Timers are checked once in a while; one that differs by more is another one. */
const sameWithin = (seconds: number): number => Math.max(1, seconds * 0.02);
/** What ends at the same moment has the same reason, whatever went before. */
const sameMoment = 5;

/** Calls that end so long after their last user data, and not by their users. */
function endedIdleAlike(callCase: CallCase, seconds: number): Ending[] {
  return endedAfterTheSame(callCase, seconds, ({ idle }) => idle).filter(({ byOthers }) => byOthers);
}

/** Other calls to the same server that came to their end after the same time, at other moments. */
function endedAfterTheSame(
  callCase: CallCase,
  seconds: number,
  timeOf: (ending: Ending) => number | null,
  within = sameWithin(seconds),
): Ending[] {
  const own = milliseconds(callCase.call.evidence.idleBeforeEnd?.endTime ?? callCase.tunnel.lastTime);
  if (own === null) return [];
  const alike = (ending: Ending): boolean => {
    const time = timeOf(ending);
    if (time === null || ending.at === null || ending.call === callCase.call.id) return false;
    return Math.abs(time - seconds) <= within && Math.abs(ending.at - own) >= sameMoment * 1000;
  };
  return [...callCase.others.flatMap(({ endings }) => endings.filter(alike)), ...callCase.endings.filter(alike)];
}

function againText(again: readonly Ending[]): string {
  if (again.length === 0) return '';
  const ids = again.slice(0, 3).map(({ call }) => call);
  const more = again.length > ids.length ? ` and ${again.length - ids.length} more` : '';
  return ` ${ids.join(', ')}${more} came to ${again.length === 1 ? 'its' : 'their'} end after the same time: it is a timer.`;
}
