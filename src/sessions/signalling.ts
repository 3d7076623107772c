/**
 * Call management (RFC 2637 §2.7-2.15): which call a control message is about, and what it says of it.
 * Call IDs are announced to the correlation, which binds the GRE flows.
 */
import type { Instant } from '../octets/instant.ts';
import { controlMessageType, isSuccess, replyResult } from '../pptp/names.ts';
import type { CallState } from './call-state.ts';
import type { CallSignalling, ControlConnection } from './control-connection.ts';
import type { SeenMessage } from './control-messages.ts';
import type { Correlation } from './correlation.ts';
import { type End, otherEnd } from './ends.ts';
import { near } from './near.ts';
import type { TunnelState } from './tunnel-state.ts';
import type { Tunnels } from './tunnels.ts';

type Message<Name extends keyof typeof controlMessageType> = Extract<
  SeenMessage,
  { controlMessageType: (typeof controlMessageType)[Name] }
>;

/** Where a message was: its connection, who sent it, and when. */
interface Origin {
  readonly connection: ControlConnection;
  readonly tunnel: TunnelState;
  readonly end: End;
  readonly other: End;
  readonly frame: number;
  readonly instant: Instant;
}

export class Signalling implements CallSignalling {
  private readonly tunnels: Tunnels;
  private readonly correlation: Correlation;

  constructor(tunnels: Tunnels, correlation: Correlation) {
    this.tunnels = tunnels;
    this.correlation = correlation;
  }

  callMessage(connection: ControlConnection, end: End, message: SeenMessage, frame: number, instant: Instant): void {
    const { tunnel } = connection;
    const origin: Origin = { connection, tunnel, end, other: otherEnd(end), frame, instant };
    switch (message.controlMessageType) {
      case controlMessageType.outgoingCallRequest:
      case controlMessageType.incomingCallRequest:
        this.request(origin, message);
        break;
      case controlMessageType.outgoingCallReply:
      case controlMessageType.incomingCallReply:
        this.reply(origin, message);
        break;
      case controlMessageType.incomingCallConnected:
        this.connected(origin, message);
        break;
      case controlMessageType.callClearRequest:
        this.clear(origin, message);
        break;
      case controlMessageType.callDisconnectNotify:
        this.disconnected(origin, message);
        break;
      case controlMessageType.wanErrorNotify:
        this.wanError(origin, message);
        break;
      case controlMessageType.setLinkInfo:
        this.linkInfo(origin, message);
        break;
      default:
    }
  }

  controlEnded(connection: ControlConnection, instant: Instant): void {
    // Those before one that ended so ended with it.
    const { calls } = connection.tunnel;
    for (let index = calls.length - 1; index >= 0; index -= 1) {
      const call = calls[index];
      if (call === undefined || call.said.endedWithControl) break;
      call.said.endedWithControl = true;
      call.said.endedInstant ??= instant;
    }
  }

  /** Outgoing-Call-Request and Incoming-Call-Request. */
  private request(origin: Origin, message: Message<'outgoingCallRequest'> | Message<'incomingCallRequest'>): void {
    const { tunnel, end, other, frame, instant } = origin;
    const outgoing = message.controlMessageType === controlMessageType.outgoingCallRequest;
    roles(tunnel, outgoing ? end : other);
    if (message.callId === undefined) return;
    const same = tunnel.callIndex.named(end, message.callId);
    const answered = same.find((call) => call.said.requestFrame === null && call.kind !== 'unsignalled');
    const repeated = same.find((call) => call.said.requestedBy === end && call.said.replyFrame === null);
    if (repeated !== undefined) {
      repeated.anomaly(frame, 'request-repeated', 'the call request is repeated');
      return;
    }
    if (answered !== undefined && origin.connection.isAhead(end)) {
      const { replyFrame } = answered.said;
      origin.connection.anomaly(
        replyFrame,
        'reply-before-request',
        'a call reply was sent before its request had come',
      );
    }
    // Captures reorder: the reply may stand before its request.
    const call = answered ?? this.tunnels.newCall(tunnel, outgoing ? 'outgoing' : 'incoming', frame);
    if (call === null) return;
    call.said.requestedBy = end;
    tunnel.callIndex.requested(call, end);
    call.said.requestFrame = frame;
    call.said.requestInstant = instant;
    if (message.controlMessageType === controlMessageType.outgoingCallRequest)
      call.announceReceiveWindow(end, message.packetReceiveWindowSize ?? null);
    this.correlation.announce(call, end, message.callId, frame, instant);
  }

  /** Outgoing-Call-Reply and Incoming-Call-Reply. */
  private reply(origin: Origin, message: Message<'outgoingCallReply'> | Message<'incomingCallReply'>): void {
    const { connection, tunnel, end, other, frame, instant } = origin;
    const outgoing = message.controlMessageType === controlMessageType.outgoingCallReply;
    const { callId, peerCallId } = message;
    const asked = answeredCall(tunnel, other, peerCallId);
    // The capture cut it off.
    if (asked === null && (callId === undefined || peerCallId === undefined)) return;
    if (asked === null && !isSuccess(message.resultCode ?? null)) {
      connection.anomaly(frame, 'reply-without-request', 'a call reply that answers no request of the capture');
      return;
    }
    const call = asked ?? this.tunnels.newCall(tunnel, outgoing ? 'outgoing' : 'incoming', frame);
    if (call === null) return;
    roles(tunnel, outgoing ? other : end);
    if (asked === null) {
      if (peerCallId !== undefined) this.correlation.announce(call, other, peerCallId, frame, instant);
    } else if (peerCallId !== undefined && call.callId(other) !== peerCallId) {
      call.anomaly(
        frame,
        'peer-call-id-mismatch',
        `the reply names the peer's Call ID ${peerCallId}, the request announced ${call.callId(other)}`,
      );
    }
    call.said.replyFrame = frame;
    call.said.replyInstant = instant;
    call.said.resultCode = message.resultCode ?? null;
    call.said.errorCode = message.errorCode ?? null;
    call.announceReceiveWindow(end, message.packetReceiveWindowSize ?? null);
    if (message.controlMessageType === controlMessageType.outgoingCallReply) {
      call.said.causeCode = message.causeCode ?? null;
      call.said.connectSpeed = message.connectSpeed ?? null;
    }
    // Whoever refuses has no Call ID; where the capture cut the result off, it is likelier than not that there is one.
    const { resultCode = replyResult.success } = message;
    if (isSuccess(resultCode) && callId !== undefined) this.correlation.announce(call, end, callId, frame, instant);
  }

  private connected(origin: Origin, message: Message<'incomingCallConnected'>): void {
    const call = callById(origin.tunnel, message.peerCallId, origin.other);
    if (call === null) {
      unknown(origin, 'Incoming-Call-Connected', message.peerCallId);
      return;
    }
    call.said.connectSpeed = message.connectSpeed ?? null;
    call.announceReceiveWindow(origin.end, message.packetReceiveWindowSize ?? null);
  }

  private clear(origin: Origin, message: Message<'callClearRequest'>): void {
    const { tunnel, end, frame, instant } = origin;
    roles(tunnel, end);
    const call = callById(tunnel, message.callId, end) ?? this.learned(origin, end, message.callId);
    if (call === null) {
      unknown(origin, 'Call-Clear-Request', message.callId);
      return;
    }
    call.said.clearRequest ??= { by: end, frame };
    call.said.endedInstant ??= instant;
  }

  private disconnected(origin: Origin, message: Message<'callDisconnectNotify'>): void {
    const call = disconnectedCall(origin.tunnel, message.callId, origin.end);
    if (call === null) {
      unknown(origin, 'Call-Disconnect-Notify', message.callId);
      return;
    }
    call.said.endedInstant ??= origin.instant;
    call.said.disconnect ??= {
      by: origin.end,
      frame: origin.frame,
      resultCode: message.resultCode ?? null,
      errorCode: message.errorCode ?? null,
      causeCode: message.causeCode ?? null,
      statistics: message.callStatistics ?? null,
    };
  }

  private wanError(origin: Origin, message: Message<'wanErrorNotify'>): void {
    const call =
      callById(origin.tunnel, message.peerCallId, origin.other) ??
      onlyCall(origin, 'WAN-Error-Notify', message.peerCallId);
    if (call === null) unknown(origin, 'WAN-Error-Notify', message.peerCallId);
    else call.said.wanErrors += 1;
  }

  private linkInfo(origin: Origin, message: Message<'setLinkInfo'>): void {
    const call =
      callById(origin.tunnel, message.peerCallId, origin.other) ??
      this.learned(origin, origin.other, message.peerCallId) ??
      onlyCall(origin, 'Set-Link-Info', message.peerCallId);
    if (call === null) unknown(origin, 'Set-Link-Info', message.peerCallId);
    else call.said.setLinkInfo += 1;
  }

  /** A call whose setup lies before the capture, known by the one Call ID that `end` has. */
  private learned(origin: Origin, end: End, callId: number | undefined): CallState | null {
    const { tunnel, frame, instant } = origin;
    if (callId === undefined) return null;
    const sender = otherEnd(end);
    const flow = this.correlation.find(tunnel.address(sender), tunnel.address(end), callId);
    if (flow?.call && flow.call.tunnel === tunnel) return flow.call;
    if (tunnel.control?.handshake.connected) return null;
    const incomplete = near(tunnel.calls, frame).find(
      (call) => call.kind === 'unsignalled' && call.callId(end) === null,
    );
    const call = incomplete ?? this.tunnels.newCall(tunnel, 'unsignalled', frame);
    if (call !== null) this.correlation.announce(call, end, callId, frame, instant);
    return call;
  }
}

/** Who asks for an outgoing call, or is offered an incoming one, is the PNS: the client. */
function roles(tunnel: TunnelState, clientEnd: End): void {
  if (tunnel.roles === 'certain') return;
  tunnel.clientEnd = clientEnd;
  tunnel.roles = 'certain';
}

function unknown(origin: Origin, name: string, callId: number | undefined): void {
  const named = callId === undefined ? '' : `, of Call ID ${callId}`;
  origin.connection.anomaly(origin.frame, 'unknown-call', `${name} for no known call${named}`);
}

/**
 * A message that says something of a call names its receiver's Call ID, and a NAT translates that in some messages and not in others:
 * with one call on the connection there is no doubt which one is meant.
 */
function onlyCall(origin: Origin, name: string, callId: number | undefined): CallState | null {
  const [call, ...others] = origin.tunnel.calls;
  if (callId === undefined || call === undefined || others.length > 0) return null;
  const message = `${name} names Call ID ${callId}, which is not that of the only call`;
  origin.connection.anomaly(origin.frame, 'call-id-of-no-call', message);
  return call;
}

/** The call that a reply answers: by Call ID, or the only one that waits (a NAT may have rewritten the ID, or the capture cut it off). */
function answeredCall(tunnel: TunnelState, requester: End, peerCallId: number | undefined): CallState | null {
  const same = peerCallId === undefined ? [] : tunnel.callIndex.named(requester, peerCallId);
  const exact = same.find((call) => call.said.requestedBy === requester && call.said.replyFrame === null);
  return exact ?? tunnel.callIndex.onlyUnanswered(requester);
}

/** The newest call with that Call ID at that end, running ones first. */
function callById(tunnel: TunnelState, callId: number | undefined, end: End): CallState | null {
  if (callId === undefined) return null;
  const matching = tunnel.callIndex.named(end, callId);
  return matching.findLast((call) => call.said.endedInstant === null) ?? matching.at(-1) ?? null;
}

/**
 * Call-Disconnect-Notify should carry the PAC's Call ID; accel-ppp sends the client's with its octets swapped
 * and Linux's NAT the client's own. With one call on the connection there is no doubt anyway.
 */
function disconnectedCall(tunnel: TunnelState, callId: number | undefined, end: End): CallState | null {
  if (tunnel.calls.length === 1) return tunnel.calls[0] ?? null;
  if (callId === undefined) return null;
  const other = otherEnd(end);
  const swapped = ((callId & 0xff) << 8) | (callId >> 8);
  const named = [callId, swapped].flatMap((id) => [end, other].map((side) => tunnel.callIndex.named(side, id)));
  // The newest with that Call ID: those before it have lost it.
  for (const calls of named) {
    const going = calls.findLast((one) => one.said.disconnect === null);
    if (going !== undefined) return going;
  }
  return named.flat()[0] ?? null;
}
