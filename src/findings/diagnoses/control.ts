/** Why TCP connected and the control connection did not come up, or nobody asked for a call on it. RFC 2637 §2.1, §2.2 */
import { endpointText } from '../../octets/address.ts';
import { controlMessageType, startResultNames } from '../../pptp/names.ts';
import type { ControlStart, ControlTcp } from '../../sessions/model/control.ts';
import { adviceOf, codeTables } from '../knowledge/codes.ts';
import { closerAdvice, closerText } from './closer.ts';
import { lacksResources, limitReached, noRoom } from './connection-limit.ts';
import type { Draft } from './draft.ts';
import { endedByServer } from './ending.ts';
import { answerOverdue, lateReply, replyOverdue } from './patience.ts';
import { advised, resultText } from './result.ts';
import { inSeconds, secondsBetweenTimes } from './time.ts';
import type { TunnelCase } from './tunnel-case.ts';
import { repliesLost, serverUnheard } from './unheard-reply.ts';

const { startControlConnectionReply, startControlConnectionRequest } = controlMessageType;

/** Connected, but the control connection did not come up. */
export function controlFailed(tunnelCase: TunnelCase): Draft[] {
  const { tunnel } = tunnelCase;
  const control = tunnel.control;
  if (control === null) return [];
  const { start, tcp } = control;
  const { requestFrame, replyFrame } = start;
  if (serverUnheard(tunnelCase, 0) && tunnel.calls.length === 0 && requestFrame !== null) {
    const request = 'Start-Control-Connection-Request';
    return [repliesLost(tunnelCase, { cause: 'control-no-reply', request, requestFrame, replyFrame })];
  }
  if (start.outcome === 'accepted') return lateStart(tunnelCase);
  if (start.outcome === 'refused') return startRefused(tunnelCase, start);
  const strange = control.anomalies.find(({ code }) => code === 'not-pptp');
  const spoken = control.messages.some(({ from }) => from === 'server');
  if (strange !== undefined && !spoken) {
    return [
      {
        cause: 'not-pptp',
        confidence: 'certain',
        summary: `This is no PPTP: ${strange.message}.`,
        evidence: [{ frame: strange.frame, text: strange.message }],
      },
    ];
  }
  if (tcp.outcome !== 'connected' || tunnelCase.oneSided !== null || spoken || tunnel.calls.length > 0) return [];
  if (start.outcome === 'no-reply') {
    // The server's octets were sent and are missing in the capture.
    return tcp.missingBytes > 0 ? [] : startUnanswered(tunnelCase);
  }
  const silent = tcp.bytes.client === 0 && tcp.bytes.server === 0;
  return silent && tcp.closedFrame !== null ? closedInSilence(tunnelCase, tcp) : [];
}

function startRefused(tunnelCase: TunnelCase, start: ControlStart): Draft[] {
  const { resultCode, errorCode, replyFrame } = start;
  const draft: Draft = {
    cause: 'control-refused',
    confidence: 'certain',
    summary: `The server refuses the control connection: ${resultText(resultCode ?? 0, errorCode, null, startResultNames)}.`,
    evidence: [{ frame: replyFrame, text: `Start-Control-Connection-Reply with result ${resultCode}` }],
    ...advised(adviceOf(codeTables.start, resultCode, errorCode)),
  };
  return lacksResources(start) ? [draft, noRoom(tunnelCase, replyFrame)] : [draft];
}

/** TCP was opened and closed, and neither end sent an octet. */
function closedInSilence(tunnelCase: TunnelCase, tcp: ControlTcp): Draft[] {
  const dropped = droppedAtOnce(tunnelCase);
  if (dropped.length > 0) return dropped;
  return [
    {
      cause: 'not-pptp',
      confidence: 'possible',
      summary: `Somebody connected to ${endpointText(tunnelCase.tunnel.server)} and said nothing: a port scan, a monitor, or a client that gave up.`,
      evidence: [
        { frame: tcp.openedFrame, text: 'TCP connected' },
        { frame: tcp.closedFrame, text: `closed by the ${tcp.closedBy} without a word` },
      ],
    },
  ];
}

/** Seconds within which a client says what it wants. */
const timeToAsk = 1;

/** The server takes the TCP connection and drops it before the client can have asked for anything. */
function droppedAtOnce(tunnelCase: TunnelCase): Draft[] {
  const { tunnel } = tunnelCase;
  const tcp = tunnel.control?.tcp;
  const seconds = secondsBetweenTimes(tunnel.firstTime, tunnel.lastTime);
  if (tcp?.closedBy !== 'server' || seconds === null || seconds >= timeToAsk) return [];
  // Without the SYN-ACK nothing shows which octets are missing.
  if (tcp.initialSequence.server === null || tunnelCase.capturesLoss) return [];
  const evidence = [
    { frame: tcp.openedFrame, text: 'TCP connected' },
    { frame: tcp.closedFrame, text: `closed by the server with ${(tcp.closedWith ?? '').toUpperCase()}` },
  ];
  const second = tunnel.control?.anomalies.find(({ code }) => code === 'second-answer');
  const dropped: Draft = {
    cause: 'control-closed-abruptly',
    confidence: 'likely',
    summary: `The server takes the TCP connection and drops it at once with ${(tcp.closedWith ?? '').toUpperCase()}, before the client asks for anything. ${second === undefined ? whereItStops(tunnelCase, true, seconds) : 'Two hosts answer the SYN, with different sequence numbers, and one of them resets what the other has taken: two hosts have the address, or a load balancer sends to both.'}`,
    evidence: second === undefined ? evidence : [...evidence, { frame: second.frame, text: second.message }],
    advice:
      "Read the server's log for that moment: an access list, a limit on connections, or a PPTP program that ends when it is called.",
    refutedBy: 'another client is served by the same address at that time',
  };
  const [busy] = tunnelCase.busyBeside(null, null);
  return busy === undefined ? [dropped] : [limitReached(busy, true, evidence)];
}

function startUnanswered(tunnelCase: TunnelCase): Draft[] {
  const { tunnel } = tunnelCase;
  const control = tunnel.control;
  if (control === null) return [];
  const { start, tcp } = control;
  const asked = tunnelCase.messageTime(startControlConnectionRequest);
  const busy = [...tunnelCase.busyBeside(asked, tunnel.lastTime)][0];
  const dropped = tcp.closedBy === 'server';
  const waited = secondsBetweenTimes(asked, dropped ? tunnel.lastTime : tunnelCase.capture.lastFrameTime);
  if (tcp.closedFrame === null && waited !== null && waited < replyOverdue) {
    return [
      {
        cause: 'capture-incomplete',
        confidence: 'likely',
        summary: `The capture ends ${inSeconds(waited)} after the Start-Control-Connection-Request: too early to tell.`,
        evidence: [{ frame: start.requestFrame, text: 'Start-Control-Connection-Request' }],
        stage: 'control',
      },
    ];
  }
  const after = waited === null ? '' : waited < 0.1 ? ' at once' : ` after ${inSeconds(waited)}`;
  const silent: Draft = {
    cause: 'control-no-reply',
    confidence: 'likely',
    summary: `${
      dropped
        ? `The server takes the TCP connection and drops it${after} with ${tcp.closedWith === 'rst' ? 'RST' : 'FIN'}, without answering the Start-Control-Connection-Request`
        : `The server takes the TCP connection but does not answer the Start-Control-Connection-Request${waited === null ? '' : ` within ${inSeconds(waited)}`}`
    }. ${whereItStops(tunnelCase, dropped, waited)}${closerText(tunnelCase)}`.trim(),
    evidence: [
      { frame: tcp.openedFrame, text: 'TCP connected' },
      { frame: start.requestFrame, text: 'Start-Control-Connection-Request' },
      tunnelCase.lastSeen,
    ],
    ...advised(
      closerAdvice(tunnelCase) ??
        (tcp.acknowledgedBytes.client === 0 && tcp.retransmissions > 0 && !dropped
          ? 'Find the firewall that lets the handshake through and drops what has payload: one that inspects PPTP or filters by contents.'
          : null),
    ),
  };
  if (busy === undefined) return [silent];
  const request = { frame: start.requestFrame, text: 'Start-Control-Connection-Request without reply' };
  const limit = limitReached(busy, dropped, [
    request,
    { frame: tcp.closedFrame, text: `closed by the ${tcp.closedBy}` },
  ]);
  return dropped ? [limit] : [silent, limit];
}

/** How far the request came, by TCP's acknowledgment of it and by the point of capture. */
function whereItStops(tunnelCase: TunnelCase, dropped: boolean, waited: number | null): string {
  const { tunnel } = tunnelCase;
  const tcp = tunnel.control?.tcp;
  if (tcp === undefined) return '';
  if (dropped && waited !== null && waited >= answerOverdue && !tunnelCase.at('server')) {
    return 'A box on the way that takes connections in its place (SYN proxy, load balancer) and does not reach it does that, or its PPTP program hangs.';
  }
  if (dropped) {
    return tunnelCase.at('server')
      ? 'Its PPTP program does so itself, by an access list or a limit, or it crashed.'
      : 'Its access list, a limit or a crash does that, or a firewall on the way that inspects PPTP.';
  }
  if (tunnelCase.at('server')) {
    return tcp.acknowledgedBytes.client > 0
      ? 'The request arrives there and its TCP acknowledges it, so it is the PPTP service that is silent.'
      : 'The request arrives there, and not even TCP acknowledges it: a firewall on the server drops it.';
  }
  if (tcp.acknowledgedBytes.client > 0) {
    return 'TCP acknowledges the request, so its PPTP service is silent, or a box on the way answers TCP in its place.';
  }
  return tcp.retransmissions > 0
    ? 'TCP repeats the request in vain, though the connection was made: a box on the way lets the SYN through and drops what follows.'
    : 'Whether the request arrives there cannot be seen here.';
}

/** Seconds between the end of one tunnel and the reply to who waited for its place. */
const freedWithin = 10;

/** The reply came when the client had given up: pptpd lets clients wait until a place is free. */
function lateStart(tunnelCase: TunnelCase): Draft[] {
  const { tunnel } = tunnelCase;
  if (tunnel.control === null || tunnel.calls.some(({ outcome }) => outcome === 'established')) return [];
  const { start } = tunnel.control;
  const asked = tunnelCase.messageTime(startControlConnectionRequest);
  const answered = tunnelCase.messageTime(startControlConnectionReply);
  const waited = secondsBetweenTimes(asked, answered);
  if (waited === null || waited < lateReply) return [];
  const busy = [...tunnelCase.busyBeside(asked, answered)].find((other) => {
    const after = secondsBetweenTimes(other.lastTime, answered);
    return after === null || Math.abs(after) < freedWithin;
  });
  const evidence = [
    { frame: start.requestFrame, text: 'Start-Control-Connection-Request' },
    { frame: start.replyFrame, text: `the reply, ${inSeconds(waited)} later` },
  ];
  if (busy === undefined) {
    return [
      {
        cause: 'control-no-reply',
        confidence: 'likely',
        summary: `The server answered the Start-Control-Connection-Request only after ${inSeconds(waited)}; the client had given up by then.`,
        evidence,
      },
    ];
  }
  return [
    {
      cause: 'connection-limit',
      confidence: 'likely',
      summary: `The server answered only after ${inSeconds(waited)}, when the call ${busy.id} from ${busy.client} had ended: it serves no more clients at once, and this one had given up.`,
      evidence: [...evidence, { frame: busy.lastFrame, text: `${busy.id} ends` }],
    },
  ];
}

/** The control connection came up, and nobody asked for a call. */
export function noCall(tunnelCase: TunnelCase): Draft[] {
  const { tunnel, farewell } = tunnelCase;
  const control = tunnel.control;
  if (control === null || control.start.outcome !== 'accepted') return [];
  const scan = control.start.client?.vendorName?.toLowerCase() === 'nmap';
  if (farewell?.by === 'server' && farewell.reason !== '') {
    return [endedByServer(tunnelCase, 'ends the control connection', ' before a call is asked for', 'call')];
  }
  if (control.tcp.closedFrame === null && farewell === null) {
    return [
      {
        cause: 'capture-incomplete',
        confidence: 'possible',
        summary: 'The control connection is up, and the capture ends before anybody asks for a call.',
        evidence: [{ frame: control.start.replyFrame, text: 'Start-Control-Connection-Reply with success' }],
        stage: 'call',
      },
    ];
  }
  // A request may be among what is missing.
  if (tunnelCase.capturesLoss) return [];
  return [
    {
      cause: 'no-call-requested',
      confidence: 'certain',
      summary: scan
        ? 'A port scanner (nmap) asked what the server is and left; nobody dialled.'
        : `The control connection came up, and the ${farewell?.by ?? control.tcp.closedBy} ${farewell === null ? 'closed it' : `ended it with ${farewell.name}`} without a call.`,
      evidence: [
        { frame: control.start.replyFrame, text: 'Start-Control-Connection-Reply with success' },
        { frame: farewell?.frame ?? null, text: `${farewell?.name} from the ${farewell?.by}` },
        { frame: control.tcp.closedFrame, text: `closed by the ${control.tcp.closedBy}` },
      ],
    },
  ];
}
