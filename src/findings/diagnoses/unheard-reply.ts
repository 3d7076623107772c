/** A server that answers on the control connection, and a client that does not hear it. */
import { controlMessageType } from '../../pptp/names.ts';
import type { Draft } from './draft.ts';
import { replyOverdue, sentAgain } from './patience.ts';
import { secondsBetweenTimes } from './time.ts';
import type { TunnelCase } from './tunnel-case.ts';

const { outgoingCallRequest, startControlConnectionRequest } = controlMessageType;

/** What the server's reply is to. */
interface LostReply {
  readonly cause: 'control-no-reply' | 'call-no-reply';
  readonly request: string;
  readonly requestFrame: number;
  /** null where the reply is not in the capture. */
  readonly replyFrame: number | null;
}

/**
 * The client takes nothing that the server sends beyond the first octets: the server sends it again and again, or it is missing
 * for good, and the client does not acknowledge it.
 */
export function serverUnheard(tunnelCase: TunnelCase, octets: number): boolean {
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

export function repliesLost(tunnelCase: TunnelCase, { cause, request, requestFrame, replyFrame }: LostReply): Draft {
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
