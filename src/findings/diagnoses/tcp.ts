/** Why there is no TCP connection to the control port, or none that both ends take for one. RFC 9293 */
import { endpointText } from '../../octets/address.ts';
import { capitalised, counted } from '../../octets/words.ts';
import type { ControlTcp } from '../../sessions/model/control.ts';
import type { Draft } from './draft.ts';
import { isAgainst, namedErrors } from './icmp.ts';
import { answerOverdue } from './patience.ts';
import { inSeconds, secondsBetweenTimes } from './time.ts';
import type { TunnelCase } from './tunnel-case.ts';
import { answeredElsewhere } from './views.ts';

/** TCP itself. */
export function tcpFailed(tunnelCase: TunnelCase): Draft[] {
  const tcp = tunnelCase.tunnel.control?.tcp;
  if (!tcp) return [];
  const looped = answeredFromElsewhere(tunnelCase, tcp);
  if (looped.length > 0) return looped;
  switch (tcp.outcome) {
    case 'unreachable':
      return rejectedByIcmp(tunnelCase);
    case 'no-answer': {
      const rejected = rejectedByIcmp(tunnelCase);
      return rejected.length > 0 ? rejected : [unanswered(tunnelCase, tcp)];
    }
    case 'refused':
      return [tcp.closedBy === 'client' ? unknownToClient(tunnelCase, tcp) : refused(tunnelCase, tcp)];
    case 'connected':
      return isUnwanted(tcp) ? givenUp(tunnelCase, tcp) : answerLost(tunnelCase, tcp);
    default:
      return [];
  }
}

/** `before`: the frame before which the errors must have come. */
function rejectedByIcmp({ tunnel }: TunnelCase, before = Infinity): Draft[] {
  const rejected = tunnel.icmpErrors.filter((error) => {
    return error.quotes === 'tcp' && error.aboutPacketFrom === 'client' && error.frame < before && isAgainst(error);
  });
  const [first] = rejected;
  if (first === undefined) return [];
  const target = endpointText(tunnel.server);
  const itself = first.from === tunnel.server.address ? 'the server itself' : first.from;
  return [
    {
      cause: 'tcp-rejected-by-icmp',
      confidence: 'certain',
      summary: `${capitalised(itself)} rejects the connection to ${target} with ICMP ${first.name}.`,
      evidence: [{ frame: tunnel.firstFrame, text: `SYN to ${target}` }, ...namedErrors(rejected)],
      advice: `Change the rule or the route on ${first.from}, the box that sent the ICMP error.`,
    },
  ];
}

/** The client resets a SYN-ACK that answers no SYN of it in the capture. */
function unknownToClient({ tunnel }: TunnelCase, tcp: ControlTcp): Draft {
  const target = endpointText(tunnel.server);
  return {
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
  };
}

function refused({ tunnel }: TunnelCase, tcp: ControlTcp): Draft {
  return {
    cause: 'tcp-refused',
    confidence: 'certain',
    summary: `${endpointText(tunnel.server)} refuses the TCP connection: nothing listens there, or a firewall answers in its name.`,
    evidence: [
      { frame: tcp.openedFrame, text: 'SYN' },
      { frame: tcp.closedFrame, text: 'RST in answer' },
    ],
  };
}

/** SYNs to which nothing came back. */
function unanswered(tunnelCase: TunnelCase, tcp: ControlTcp): Draft {
  const { tunnel } = tunnelCase;
  const target = endpointText(tunnel.server);
  const waited = secondsWaited(tunnelCase);
  if (tcp.synSegments === 1 && (waited === null || waited < 1)) {
    return {
      cause: 'capture-incomplete',
      confidence: 'likely',
      summary: `The capture ends right after the first SYN to ${target}: too early to tell.`,
      evidence: [{ frame: tcp.openedFrame, text: 'SYN' }],
      stage: 'tcp',
    };
  }
  const evidence = [
    { frame: tcp.openedFrame, text: `the first of ${counted(tcp.synSegments, 'SYN')}` },
    { frame: tunnel.lastHeard.client.frame, text: 'the last of them' },
  ];
  const elsewhere = answeredElsewhere(tunnelCase, true);
  if (elsewhere !== null) {
    return {
      cause: 'tcp-no-answer',
      confidence: 'certain',
      summary: `${target} answers the SYN at the other point of capture (${elsewhere}), and the answer never comes here: it is lost between the two.`,
      evidence,
      advice: answerAdvice(tunnelCase),
      refutedBy: 'this capture lost the answers',
      nextCapture: '',
    };
  }
  const where = {
    client: "The capture is from the client's side: the SYN may be dropped on the way or by the server.",
    server: "The SYN reaches the server's side, so the server or its own firewall drops it.",
    between: 'The SYN is lost, or its answer, beyond the point of capture.',
    unknown: 'A firewall drops it, the address is wrong, or the server is down.',
  }[tunnel.vantage];
  return {
    cause: 'tcp-no-answer',
    // One that is lost is sent again after a second. RFC 6298 §2
    confidence: tcp.synSegments > 1 ? 'certain' : 'possible',
    summary: `${target} does not answer: ${counted(tcp.synSegments, 'SYN')} and nothing came back. ${where}`,
    evidence,
  };
}

/** From the first packet to the end of the capture: up to then an answer could have come. */
function secondsWaited({ tunnel, capture }: TunnelCase): number | null {
  return secondsBetweenTimes(tunnel.firstTime, capture.lastFrameTime);
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

/** The client resets what it did not ask for, or a firewall before it drops that. */
function isUnwantedAnswer({ outcome, closedBy, closedWith, bytes, handshakeComplete, onlyFrom }: ControlTcp): boolean {
  const answered = outcome === 'connected' || outcome === 'refused' || outcome === 'mid-stream';
  if (!answered || bytes.client + bytes.server > 0) return false;
  return (closedBy === 'client' && closedWith === 'rst') || (onlyFrom === 'server' && handshakeComplete);
}

/** The client resets the answer to its SYN. A scan does that too, and an answer that is not late tells nothing. */
function givenUp(tunnelCase: TunnelCase, tcp: ControlTcp): Draft[] {
  const reset = { frame: tcp.closedFrame, text: 'RST of the client' };
  const answer = { frame: tcp.openedFrame, text: 'SYN-ACK' };
  const target = endpointText(tunnelCase.tunnel.server);
  const before = rejectedByIcmp(tunnelCase, tcp.openedFrame ?? 0);
  if (before.length > 0) {
    return before.map(({ evidence, summary, ...draft }) => ({
      ...draft,
      summary: `${summary} The client gives up on that, and resets the answer that comes after it.`,
      evidence: [...evidence, answer, reset],
    }));
  }
  if (!isAnsweredLate(tcp)) return [];
  return [
    {
      cause: 'tcp-no-answer',
      confidence: 'likely',
      summary: `${target} answers the SYN after ${inSeconds((tcp.handshakeMilliseconds ?? 0) / 1000)}, and the client, which has given up by then, resets the answer.`,
      evidence: [answer, reset],
      advice: `Find what takes that long on the way to ${target} or back: a queue that is full, or a line that is dialled or a host that is looked up first.`,
      refutedBy: 'who reset it is a scanner, which resets every answer',
    },
  ];
}

/** The client resets the answer to its SYN instead of acknowledging it. */
function isUnwanted({ handshakeComplete, closedBy, closedWith, bytes }: ControlTcp): boolean {
  return !handshakeComplete && closedBy === 'client' && closedWith === 'rst' && bytes.client + bytes.server === 0;
}

/** So late that programs have given up; the ladder does not say of it that TCP connected. */
export function isAnsweredLate(tcp: ControlTcp): boolean {
  return isUnwanted(tcp) && (tcp.handshakeMilliseconds ?? 0) >= answerOverdue * 1000;
}

/** The server answers the SYN, and the client never goes on. Who closes it then (a scan) had the answer. */
function answerLost(tunnelCase: TunnelCase, tcp: ControlTcp): Draft[] {
  const { tunnel } = tunnelCase;
  const waited = secondsWaited(tunnelCase);
  if (tcp.handshakeComplete || tcp.closedBy === 'client' || tcp.bytes.server > 0) return [];
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
