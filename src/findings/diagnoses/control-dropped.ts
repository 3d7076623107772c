/** A control connection that was dropped in a call, before anybody said goodbye. */
import { counted } from '../../octets/words.ts';
import { otherSide } from '../../sessions/ends.ts';
import type { CallCase } from './call-case.ts';
import { closerAdvice, closerText } from './closer.ts';
import type { Draft } from './draft.ts';
import { fewestAlone, forgottenAfter, shortestAlone, timeToAnswer } from './patience.ts';
import { advised } from './result.ts';
import { inSeconds, secondsBetweenTimes } from './time.ts';
import { stoppedAnswering } from './vanished.ts';

/** Seconds without GRE of an end after which its way through the tunnel may be gone: Linux forgets one that went one way so soon. */
const quietFor = 30;

type Closed = NonNullable<CallCase['closedWithoutFarewell']>;

/** FIN or RST, and no farewell before. */
export function abruptly(callCase: CallCase): Draft | null {
  const { tunnel, call, closedWithoutFarewell: closed } = callCase;
  if (closed === null || call.kind === 'unsignalled') return null;
  // Another call of the same connection was ended in order, and the connection with it.
  const endedInOrder = tunnel.calls.some(
    ({ id, clearRequestFrame, lcp }) =>
      id !== call.id && (clearRequestFrame ?? lcp.terminateFrame ?? Infinity) < closed.frame,
  );
  if (endedInOrder) return null;
  const running = call.outcome === 'established';
  const draft = namesNoCall(callCase, closed) ?? (closed.how === 'rst' ? reset : closedByFin)(callCase, closed);
  return draft === null || running ? draft : { ...draft, stage: callCase.reached };
}

function reset(callCase: CallCase, closed: Closed): Draft {
  const closer = closerText(callCase);
  const firewall =
    closer === '' && closed.by === 'server' && callCase.tunnel.vantage === 'client'
      ? ' It may come from a firewall on the way in its name.'
      : closer;
  const quiet = quietBefore(callCase, closed);
  const forgotten = forgottenControl(callCase, closed);
  const last = { frame: callCase.gre(closed.by).lastFrame, text: `the ${closed.by}'s last packet in the tunnel` };
  return {
    cause: 'control-reset',
    confidence: callCase.oneSidedTunnel === null ? 'certain' : 'likely',
    summary: `The control connection is reset ${meanwhile(callCase)}: RST from the ${closed.by}'s address, without a farewell.${firewall}${quiet}${forgotten?.text ?? ''}`,
    evidence: [...closedEvidence(callCase, closed), ...(quiet === '' ? [] : [last])],
    ...advised(forgotten?.advice ?? closerAdvice(callCase)),
  };
}

function closedByFin(callCase: CallCase, closed: Closed): Draft | null {
  // The farewell may be among the GRE that the capture lacks.
  if (callCase.oneSidedTunnel !== null) return null;
  // So may it where nothing in the tunnel got through any more.
  const stopped = stoppedAnswering(callCase);
  if (stopped !== null) {
    return {
      ...stopped,
      evidence: [...stopped.evidence, { frame: closed.frame, text: `the ${closed.by} closes the control connection` }],
    };
  }
  const { tunnel } = callCase;
  const quiet = secondsBetweenTimes(callCase.gre(closed.by).lastTime, tunnel.lastTime);
  // PPP says goodbye in the tunnel, and nothing shows that the way through it was still open.
  const unheard = quiet !== null && quiet >= quietFor && !callCase.at(closed.by);
  return {
    cause: 'control-closed-abruptly',
    confidence: unheard ? 'likely' : 'certain',
    summary: `The ${closed.by} closes the control connection ${meanwhile(callCase)}, without a farewell: its process ended${unheard ? `, or what its PPP said at the end is lost, for nothing of it has come through the tunnel for ${inSeconds(quiet)}` : ''}.`,
    evidence: closedEvidence(callCase, closed),
    ...(unheard
      ? {
          advice: `Read the log of the ${closed.by} for that moment: did its PPTP or PPP process die, or did PPP end the link, because nobody answered it or the call was idle? If nobody answered: find what forgets GRE that is idle (a NAT, a firewall).`,
        }
      : {}),
  };
}

function meanwhile({ call }: CallCase): string {
  return call.outcome === 'established' ? 'while the call is up' : 'before the call is up';
}

function closedEvidence({ lastInTunnel }: CallCase, { by, how, frame }: Closed): Draft['evidence'] {
  return [
    { frame, text: `${how === 'rst' ? 'RST' : 'FIN'} from the ${by}, no farewell before` },
    { frame: lastInTunnel, text: 'the last GRE packet' },
  ];
}

/** Anomalies: a Call ID that is none of a call of the connection. */
const strayCalls: ReadonlySet<string> = new Set(['unknown-call', 'call-id-of-no-call']);

/** An end drops the connection right after a message of the other that names a Call ID of no call: a NAT rewrites it wrongly. */
function namesNoCall(callCase: CallCase, closed: Closed): Draft | null {
  const { tunnel, call } = callCase;
  const { anomalies = [], messages = [] } = tunnel.control ?? {};
  const last = messages.findLast(({ frame }) => frame < closed.frame);
  const stray = anomalies.find(({ code, frame }) => strayCalls.has(code) && frame === last?.frame);
  const seconds = secondsBetweenTimes(last?.time ?? null, tunnel.lastTime);
  if (last === undefined || stray === undefined || last.from === closed.by) return null;
  if (seconds !== null && seconds >= timeToAnswer) return null;
  return {
    cause: 'nat-call-id-mismatch',
    confidence: 'likely',
    summary: `The ${closed.by} drops the control connection right after a ${last.name} of the ${last.from} that fits no call (${stray.message}): a NAT on the way rewrites the Call ID there wrongly, and the ${closed.by}, or a firewall before it, takes it for an attack.`,
    evidence: [
      { frame: call.requestFrame, text: `the client announces Call ID ${call.clientCallId}` },
      { frame: call.replyFrame, text: `the server announces Call ID ${call.serverCallId}` },
      { frame: last.frame, text: stray.message },
      { frame: closed.frame, text: `closed by the ${closed.by}` },
    ],
  };
}

/** The RST answers the first message after a long time without one: who sent it had forgotten the connection. */
function forgottenControl({ tunnel }: CallCase, closed: Closed): { text: string; advice: string } | null {
  const said = (tunnel.control?.messages ?? []).filter(({ frame }) => frame < closed.frame);
  const [before, last] = said.slice(-2);
  if (before === undefined || last === undefined || last.from === closed.by) return null;
  const seconds = secondsBetweenTimes(before.time, last.time);
  if (seconds === null || seconds < forgottenAfter) return null;
  return {
    text: ` It answers the first message after ${inSeconds(seconds)} without one (${last.name}, frame ${last.frame}; frame ${before.frame} before): who sent it had forgotten the connection.`,
    advice: `Let Echo-Requests come more often than every ${inSeconds(seconds)}, or raise the timer of idle TCP connections on the box that sent the RST.`,
  };
}

/** A sentence on how long nothing of that side had come through the tunnel; empty where it was not long. */
function quietBefore(callCase: CallCase, { by, frame }: Closed): string {
  const other = otherSide(by);
  if ((callCase.gre(other).lastFrame ?? 0) > frame) return '';
  const seconds = secondsBetweenTimes(callCase.gre(by).lastTime, callCase.gre(other).lastTime);
  const packets = callCase.unacknowledged(other);
  if (seconds === null || seconds < shortestAlone || packets < fewestAlone) return '';
  return ` Before that nothing of the ${by} came through the tunnel for ${inSeconds(seconds)}, while the ${other} sent ${counted(packets, 'packet')} in vain.`;
}
