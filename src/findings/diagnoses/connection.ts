/** Why there is no control connection, or no call: TCP, RFC 2637 §2.1, §2.2, and the calls' replies §2.8, §2.10. */
import { endpointText } from '../../octets/address.ts';
import { capitalised, counted } from '../../octets/words.ts';
import {
  controlMessageType,
  incomingCallResultNames,
  isSuccess,
  outgoingCallResultNames,
  startResultNames,
} from '../../pptp/names.ts';
import type { ControlTcp } from '../../sessions/model.ts';
import { adviceOf, codeTables } from '../knowledge/codes.ts';
import { type CallCase, type Draft, endedByServer, type Neighbour, type TunnelCase } from './case.ts';
import { isAgainst, namedErrors } from './icmp.ts';
import { answerOverdue, replyOverdue, sentAgain } from './patience.ts';
import { advised, resultText } from './result.ts';
import { inSeconds, secondsBetweenTimes } from './time.ts';
import { answeredElsewhere } from './views.ts';

const { outgoingCallRequest, startControlConnectionReply, startControlConnectionRequest } = controlMessageType;

/** General error 4: insufficient resources. RFC 2637 §2.16 */
const insufficientResources = 4;
/** A reply that comes later than this is none to the client: implementations give up before. */
const lateReply = 10;

/** TCP itself. */
export function tcpFailed(tunnelCase: TunnelCase): Draft[] {
  const { tunnel, capture } = tunnelCase;
  const tcp = tunnel.control?.tcp;
  if (!tcp) return [];
  const looped = answeredFromElsewhere(tunnelCase, tcp);
  if (looped.length > 0) return looped;
  const rejected = tunnel.icmpErrors.filter((error) => {
    return error.quotes === 'tcp' && error.aboutPacketFrom === 'client' && isAgainst(error);
  });
  const first = rejected[0];
  const target = endpointText(tunnel.server);
  if ((tcp.outcome === 'unreachable' || tcp.outcome === 'no-answer') && first !== undefined) {
    const itself = first.from === tunnel.server.address ? 'the server itself' : first.from;
    return [
      {
        cause: 'tcp-rejected-by-icmp',
        confidence: 'certain',
        summary: `${capitalised(itself)} rejects the connection to ${target} with ICMP ${first.name}.`,
        evidence: [{ frame: tcp.openedFrame, text: `SYN to ${target}` }, ...namedErrors(rejected)],
        advice: `Change the rule or the route on ${first.from}, the box that sent the ICMP error.`,
      },
    ];
  }
  if (tcp.outcome === 'refused' && tcp.closedBy === 'client') {
    return [
      {
        cause: 'tcp-no-answer',
        confidence: 'possible',
        summary: `${target} answers a SYN that is not in the capture, and the client, which knows of no connection with that address, resets the answer: the SYN went to another address (a NAT translates the way there and not the way back), or somebody forged it.`,
        evidence: [
          { frame: tcp.openedFrame, text: `SYN-ACK from ${target}` },
          { frame: tcp.closedFrame, text: 'RST of the client' },
        ],
        advice:
          'Look for SYNs of the client to another address at that time; if there are any, let the NAT translate the way back too.',
        refutedBy: 'the SYN went to the same address and is missing in the capture',
        nextCapture: 'Capture at the client, with the filter `tcp port 1723`: where does its SYN go?',
      },
    ];
  }
  if (tcp.outcome === 'refused') {
    return [
      {
        cause: 'tcp-refused',
        confidence: 'certain',
        summary: `${target} refuses the TCP connection: nothing listens there, or a firewall answers in its name.`,
        evidence: [
          { frame: tcp.openedFrame, text: 'SYN' },
          { frame: tcp.closedFrame, text: 'RST in answer' },
        ],
      },
    ];
  }
  const waited = secondsBetweenTimes(tunnel.firstTime, capture.lastFrameTime);
  if (tcp.outcome === 'connected') return answerLost(tunnelCase, waited);
  if (tcp.outcome !== 'no-answer') return [];
  if (tcp.synSegments === 1 && (waited === null || waited < 1)) {
    return [
      {
        cause: 'capture-incomplete',
        confidence: 'likely',
        summary: `The capture ends right after the first SYN to ${target}: too early to tell.`,
        evidence: [{ frame: tcp.openedFrame, text: 'SYN' }],
        stage: 'tcp',
      },
    ];
  }
  const elsewhere = answeredElsewhere(tunnelCase, true);
  if (elsewhere !== null) {
    return [
      {
        cause: 'tcp-no-answer',
        confidence: 'certain',
        summary: `${target} answers the SYN at the other point of capture (${elsewhere}), and the answer never comes here: it is lost between the two.`,
        evidence: synsInVain(tunnelCase, tcp),
        advice: answerAdvice(tunnelCase),
        refutedBy: 'this capture lost the answers',
        nextCapture: '',
      },
    ];
  }
  const where = {
    client: "The capture is from the client's side: the SYN may be dropped on the way or by the server.",
    server: "The SYN reaches the server's side, so the server or its own firewall drops it.",
    between: 'The SYN is lost, or its answer, beyond the point of capture.',
    unknown: 'A firewall drops it, the address is wrong, or the server is down.',
  }[tunnel.vantage];
  return [
    {
      cause: 'tcp-no-answer',
      // One that is lost is sent again after a second. RFC 6298 §2
      confidence: tcp.synSegments > 1 ? 'certain' : 'possible',
      summary: `${target} does not answer: ${counted(tcp.synSegments, 'SYN')} and nothing came back. ${where}`,
      evidence: synsInVain(tunnelCase, tcp),
    },
  ];
}

function synsInVain({ tunnel }: TunnelCase, { openedFrame, synSegments }: ControlTcp): Draft['evidence'] {
  return [
    { frame: openedFrame, text: `the first of ${counted(synSegments, 'SYN')}` },
    { frame: tunnel.lastHeard.client.frame, text: 'the last of them' },
  ];
}

/** The client resets what it did not ask for, or a firewall before it drops that. */
function isUnwantedAnswer({ outcome, closedBy, closedWith, bytes, handshakeComplete, onlyFrom }: ControlTcp): boolean {
  const answered = outcome === 'connected' || outcome === 'refused' || outcome === 'mid-stream';
  if (!answered || bytes.client + bytes.server > 0) return false;
  return (closedBy === 'client' && closedWith === 'rst') || (onlyFrom === 'server' && handshakeComplete);
}

/** A SYN to one address is answered from another, and the client resets the answer: said of the one and of the other. */
function answeredFromElsewhere({ tunnel, views }: TunnelCase, tcp: ControlTcp): Draft[] {
  const asked = tcp.outcome === 'no-answer';
  if (!asked && !isUnwantedAnswer(tcp)) return [];
  for (const { tunnel: other } of views) {
    const [question, answer] = asked ? [tunnel, other] : [other, tunnel];
    const answering = answer.control?.tcp;
    if (question.control?.tcp.outcome !== 'no-answer' || !answering || !isUnwantedAnswer(answering)) continue;
    const sameClient = question.client.address === answer.client.address && question.client.port === answer.client.port;
    if (!sameClient || question.server.address === answer.server.address) continue;
    const here = question.capture === answer.capture;
    return [
      {
        cause: 'tcp-no-answer',
        confidence: 'certain',
        summary: `The SYN goes to ${endpointText(question.server)} (${question.id}), and the answer to it comes from ${endpointText(answer.server)} (${answer.id}): the client, which knows of no connection with that address, ${answering.closedFrame === null ? 'does not take it' : 'resets it'}. A NAT translates the way there and not the way back (NAT loopback, or another uplink).`,
        evidence: [
          { frame: here || asked ? question.firstFrame : null, text: `SYN to ${endpointText(question.server)}` },
          { frame: here || !asked ? answering.openedFrame : null, text: `SYN-ACK from ${endpointText(answer.server)}` },
          { frame: here || !asked ? answering.closedFrame : null, text: 'RST of the client' },
        ],
        advice: `Dial ${endpointText(answer.server)} from inside the network, or let the NAT translate the client's address as well where both ends are inside (hairpin NAT).`,
        refutedBy: 'the two are of different connections',
        nextCapture: '',
      },
    ];
  }
  return [];
}

/** The server answers the SYN, and the client never goes on. Who closes it then (a scan) had the answer. */
function answerLost(tunnelCase: TunnelCase, waited: number | null): Draft[] {
  const { tunnel } = tunnelCase;
  const tcp = tunnel.control?.tcp;
  if (!tcp || tcp.handshakeComplete || tcp.closedBy === 'client' || tcp.bytes.server > 0) return [];
  if (tcp.retransmissions === 0 && (waited === null || waited < answerOverdue)) return [];
  const target = endpointText(tunnel.server);
  const elsewhere = answeredElsewhere(tunnelCase, false);
  return [
    {
      cause: 'tcp-no-answer',
      // Neither end sends again: what it sent may be missing here.
      confidence: elsewhere !== null ? 'certain' : tcp.retransmissions > 0 ? 'likely' : 'possible',
      summary:
        elsewhere !== null
          ? `${target} answers the SYN, and the answer never comes to the other point of capture (${elsewhere}): it is lost between the two.`
          : tunnelCase.at('client')
            ? `${target} answers the SYN, and the client does not take the answer: a firewall on it drops what comes from there.`
            : `${target} answers the SYN, and the client goes on as if it heard nothing (${counted(tcp.synSegments, 'SYN')}): the answer is lost on its way to the client.`,
      evidence: [
        { frame: tcp.openedFrame, text: 'SYN-ACK, which nothing follows' },
        { frame: tunnel.lastHeard.server.frame, text: 'the last of the server, in vain as well' },
        { frame: tunnel.lastHeard.client.frame, text: 'the last of the client' },
      ],
      advice: answerAdvice(tunnelCase),
      refutedBy: 'the client closed the connection on purpose',
      nextCapture:
        tunnelCase.at('client') || elsewhere !== null ? '' : 'Capture at the client: does the SYN-ACK arrive there?',
    },
  ];
}

function answerAdvice({ tunnel: { client, server } }: TunnelCase): string {
  return `Let what ${server.address} sends from TCP port ${server.port} through to ${client.address}: look at the firewall near the client, and for a way back other than the way there.`;
}

/** Connected, but the control connection did not come up. */
export function controlFailed(tunnelCase: TunnelCase): Draft[] {
  const { tunnel } = tunnelCase;
  const control = tunnel.control;
  if (control === null) return [];
  const { start, tcp } = control;
  if (serverUnheard(tunnelCase, 0) && tunnel.calls.length === 0 && start.requestFrame !== null) {
    return [
      repliesLost(
        tunnelCase,
        'control-no-reply',
        'Start-Control-Connection-Request',
        start.requestFrame,
        start.replyFrame,
      ),
    ];
  }
  if (start.outcome === 'accepted') return lateStart(tunnelCase);
  if (start.outcome === 'refused') {
    const { resultCode, errorCode } = start;
    const draft: Draft = {
      cause: 'control-refused',
      confidence: 'certain',
      summary: `The server refuses the control connection: ${resultText(resultCode ?? 0, errorCode, null, startResultNames)}.`,
      evidence: [{ frame: start.replyFrame, text: `Start-Control-Connection-Reply with result ${resultCode}` }],
      ...advised(adviceOf(codeTables.start, resultCode, errorCode)),
    };
    return resultCode === 2 && errorCode === insufficientResources
      ? [draft, noRoom(tunnelCase, start.replyFrame)]
      : [draft];
  }
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
    if (tcp.missingBytes > 0) return [];
    return unansweredStart(tunnelCase);
  }
  if (tcp.bytes.client === 0 && tcp.bytes.server === 0) {
    if (tcp.closedFrame === null) return [];
    const dropped = droppedAtOnce(tunnelCase);
    if (dropped.length > 0) return dropped;
    return [
      {
        cause: 'not-pptp',
        confidence: 'possible',
        summary: `Somebody connected to ${endpointText(tunnel.server)} and said nothing: a port scan, a monitor, or a client that gave up.`,
        evidence: [
          { frame: tcp.openedFrame, text: 'TCP connected' },
          { frame: tcp.closedFrame, text: `closed by the ${tcp.closedBy} without a word` },
        ],
      },
    ];
  }
  return [];
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

/** RFC 2637 §2.2 */
const startReplyOctets = 156;

/**
 * The client takes nothing that the server sends beyond the first octets: the server sends it again and again, or it is missing
 * for good, and the client does not acknowledge it.
 */
function serverUnheard(tunnelCase: TunnelCase, octets: number): boolean {
  const { tunnel } = tunnelCase;
  const tcp = tunnel.control?.tcp;
  if (tcp?.outcome !== 'connected' || tcp.onlyFrom !== null || tcp.acknowledgedBytes.server !== octets) return false;
  const seconds = secondsBetweenTimes(
    tunnelCase.messageTime(octets === 0 ? startControlConnectionRequest : outgoingCallRequest),
    tunnel.lastTime,
  );
  const enough = tcp.retransmissions >= sentAgain;
  if (tcp.closedFrame === null && (seconds === null ? !enough : seconds < replyOverdue)) return false;
  return tcp.bytes.server > octets ? enough : tcp.missingBytes > 0;
}

function repliesLost(
  tunnelCase: TunnelCase,
  cause: 'control-no-reply' | 'call-no-reply',
  request: string,
  requestFrame: number,
  replyFrame: number | null,
): Draft {
  const { tunnel } = tunnelCase;
  const tcp = tunnel.control?.tcp;
  return {
    cause,
    confidence: 'likely',
    summary: `The server answers the ${request}, and its reply does not reach the client: ${replyFrame === null ? `${tcp?.missingBytes} octets of the server are missing here, and the client` : 'TCP sends it again and again, and the client'} never acknowledges ${replyFrame === null ? 'them' : 'it'}. Something on the way drops what the server says.`,
    evidence: [
      { frame: requestFrame, text: request },
      { frame: replyFrame, text: 'the reply, for the first time' },
      tunnelCase.lastSeen,
    ],
    advice: `Take firewalls that inspect PPTP out of the path from ${tunnel.server.address} to ${tunnel.client.address}, and look for a way back that drops packets with payload.`,
    refutedBy: 'a capture at the client shows that it acknowledges the reply',
    nextCapture: replyFrame === null ? '' : 'Capture at the client: does the reply arrive there?',
  };
}

function unansweredStart(tunnelCase: TunnelCase): Draft[] {
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
    }. ${whereItStops(tunnelCase, dropped, waited)}${tunnelCase.closerText}`.trim(),
    evidence: [
      { frame: tcp.openedFrame, text: 'TCP connected' },
      { frame: start.requestFrame, text: 'Start-Control-Connection-Request' },
      tunnelCase.lastSeen,
    ],
    ...advised(
      tunnelCase.closerAdvice ??
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
  return dropped ? [limit] : [{ ...silent }, limit];
}

function limitReached(busy: Neighbour, dropped: boolean, evidence: Draft['evidence']): Draft {
  return {
    cause: 'connection-limit',
    confidence: dropped ? 'likely' : 'possible',
    summary: `While the call ${busy.id} from ${busy.client} was up, the server ${dropped ? 'dropped' : 'did not answer'} this client: it may serve no more at once.`,
    evidence: [
      ...evidence,
      { frame: busy.firstFrame, text: `${busy.id} to the same server began and was up meanwhile` },
    ],
  };
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

function noRoom(tunnelCase: TunnelCase, frame: number | null): Draft {
  const busy = [...tunnelCase.busyBeside(null, null)].length;
  return {
    cause: 'connection-limit',
    confidence: 'likely',
    summary: `The server says that it lacks resources${busy > 0 ? `; ${counted(busy, 'other call')} to it were up at the time` : ''}.`,
    evidence: [{ frame, text: 'general error 4, insufficient resources' }],
  };
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

/** The call request is answered with a RST. */
function resetOnRequest(callCase: CallCase, waited: number | null): Draft | null {
  const { call, tunnel, closerText, closerAdvice } = callCase;
  const closed = callCase.closedWithoutFarewell;
  if (closed?.by !== 'server' || closed.how !== 'rst' || (waited !== null && waited >= answerOverdue)) return null;
  return {
    cause: 'control-reset',
    confidence: closerText === '' ? 'likely' : 'certain',
    stage: 'call',
    summary: `The control connection is reset right after the call request: RST from the server's address, without an answer.${closerText === '' ? ' The server does so itself (its PPTP program ended), or a firewall on the way that inspects PPTP.' : closerText}`,
    evidence: [
      { frame: call.requestFrame, text: 'call request' },
      { frame: closed.frame, text: `RST from ${tunnel.server.address}` },
    ],
    ...advised(
      closerAdvice ?? "Read the server's log for that moment; take firewalls that inspect PPTP out of the path.",
    ),
  };
}

/** The call's request and reply. */
export function callFailed(callCase: CallCase): Draft[] {
  const { call, tunnel } = callCase;
  if (call.outcome === 'established' || call.kind === 'unsignalled') return [];
  if (call.replyFrame !== null && call.resultCode !== null && !isSuccess(call.resultCode)) {
    const names = call.kind === 'incoming' ? incomingCallResultNames : outgoingCallResultNames;
    const draft: Draft = {
      cause: 'call-refused',
      confidence: 'certain',
      summary: `The ${call.kind === 'incoming' ? 'client' : 'server'} refuses the call: ${resultText(call.resultCode, call.errorCode, call.causeCode, names)}.`,
      evidence: [
        { frame: call.requestFrame, text: 'call request' },
        { frame: call.replyFrame, text: `call reply with result ${call.resultCode}` },
      ],
      ...advised(adviceOf(codeTables[call.kind === 'incoming' ? 'incoming' : 'call'], call.resultCode, call.errorCode)),
    };
    const { resultCode, errorCode } = call;
    return call.kind === 'outgoing' && resultCode === 2 && errorCode === insufficientResources
      ? [draft, noRoom(callCase, call.replyFrame)]
      : [draft];
  }
  if (serverUnheard(callCase, startReplyOctets) && callCase.up.packets === 0 && call.requestFrame !== null) {
    return [repliesLost(callCase, 'call-no-reply', 'call request', call.requestFrame, call.replyFrame)];
  }
  if (call.replyFrame !== null || call.requestFrame === null || callCase.oneSided !== null) return [];
  // PPP of both sides in GRE: the reply was sent, and only the capture lacks it.
  if (callCase.up.packets > 0 && callCase.down.packets > 0) return [];
  if ((tunnel.control?.tcp.missingBytes ?? 0) > 0) return [];
  const waited = secondsBetweenTimes(callCase.requestTime, callCase.lastTime);
  if (!callCase.over && waited !== null && waited < replyOverdue) {
    return [
      {
        cause: 'capture-incomplete',
        confidence: 'likely',
        summary: `The capture ends ${inSeconds(waited)} after the call request: too early to tell.`,
        evidence: [{ frame: call.requestFrame, text: 'call request' }],
        stage: 'call',
      },
    ];
  }
  const { farewell } = callCase;
  if (farewell?.by === 'server' && (waited === null || waited < lateReply)) {
    const draft = endedByServer(callCase, 'answers the call request', '', 'call');
    return [{ ...draft, evidence: [{ frame: call.requestFrame, text: 'call request' }, ...draft.evidence] }];
  }
  const reset = resetOnRequest(callCase, waited);
  if (reset !== null) return [reset];
  return [
    {
      cause: 'call-no-reply',
      confidence: 'likely',
      summary: `The server speaks PPTP but does not answer the call request${waited === null ? '' : ` within ${inSeconds(waited)}`}: usually it cannot start PPP.`,
      evidence: [
        { frame: call.requestFrame, text: 'call request' },
        { frame: farewell?.frame ?? null, text: `${farewell?.name} from the ${farewell?.by}` },
        callCase.lastSeen,
      ],
    },
  ];
}
