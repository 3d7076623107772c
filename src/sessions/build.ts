import { formatInstant, type Instant, secondsBetween } from '../octets/instant.ts';
import { beforeNul } from '../octets/printable.ts';
import { bearerCapabilities, controlMessageType, framingCapabilities, isSuccess } from '../pptp/names.ts';
import { type BuildContext, buildCall } from './build-call.ts';
import type { CallState } from './call-state.ts';
import type { ControlConnection, ListedMessage, SeenMessage } from './control-connection.ts';
import { type End, otherEnd, sideOf } from './ends.ts';
import type { Control, ControlStart, StartParameters } from './model/control.ts';
import type { LastHeard, Tunnel } from './model/tunnel.ts';
import { fieldText } from './ppp-link.ts';
import type { TunnelState } from './tunnel-state.ts';
import { lostBeside, vantageOf } from './vantage.ts';

/** What `buildTunnel` answers. */
export interface BuiltTunnel {
  readonly tunnel: Tunnel;
  /** Where each call of the model came from. */
  readonly states: readonly CallState[];
  readonly timeOf: (frame: number) => string | null;
}

/**
 * The model, with `of` the tunnel's calls, and the times of the frames that decide its stages. Ids are given later, when the
 * order of the first frames is known; until then the call of an ICMP error is its place, from 0.
 */
export function buildTunnel(
  state: TunnelState,
  context: BuildContext,
  of: readonly CallState[] = state.calls,
): BuiltTunnel {
  const { addresses } = context;
  const client = state.clientEnd;
  const server = otherEnd(client);
  const time = (instant: Instant | null): string | null =>
    instant === null ? null : formatInstant(instant, context.digits);
  const side = sideOf(client);
  const calls = of.toSorted((a, b) => a.firstFrame - b.firstFrame);
  let { firstFrame, first, lastFrame, last } = state;
  for (const call of calls) {
    for (const flow of call.flows) {
      if (flow === null || flow.packets === 0) continue;
      lastFrame = Math.max(lastFrame, flow.lastFrame);
      const instant = flow.last;
      if (last !== null && secondsBetween(last, instant) > 0) last = instant;
      if (flow.firstFrame >= firstFrame) continue;
      firstFrame = flow.firstFrame;
      if (first !== null) first = flow.first;
    }
  }
  const tunnel: Tunnel = {
    id: '',
    capture: context.capture,
    client: { address: addresses.text(state.address(client)), port: state.port(client) },
    server: { address: addresses.text(state.address(server)), port: state.port(server) },
    roles: state.roles,
    control: state.control === null ? null : control(state.control, state, time),
    calls: calls.map((call) => buildCall(call, context, time)),
    firstFrame,
    firstTime: time(first),
    lastFrame,
    lastTime: time(last),
    durationSeconds: first === null || last === null ? null : roundedSeconds(Math.max(0, secondsBetween(first, last))),
    icmpErrors: state.icmpErrors.map((error) => ({
      frame: error.frame,
      time: time(error.instant),
      from: addresses.text(error.from),
      type: error.type,
      code: error.code,
      name: error.name,
      quotes: error.quotes,
      aboutPacketFrom: side(error.sender),
      timeToLive: error.timeToLive,
      mtu: error.mtu,
      call: error.call === null || !calls.includes(error.call) ? null : String(calls.indexOf(error.call)),
    })),
    vantage: vantageOf(state),
    timeToLive: { client: timeToLive(state, client), server: timeToLive(state, server) },
    lostBeside: { client: lostBeside(state, client), server: lostBeside(state, server) },
    foreignGre: { client: state.foreignGreOf(client), server: state.foreignGreOf(server) },
    lastHeard: { client: lastHeard(state, client), server: lastHeard(state, server) },
  };
  const instants = instantsOf(state, calls);
  return { tunnel, states: calls, timeOf: (frame) => time(instants.get(frame) ?? null) };
}

function timeToLive(state: TunnelState, end: End): number | null {
  const seen = state.timeToLive(end);
  return seen === -1 ? null : seen;
}

function lastHeard(state: TunnelState, end: End): LastHeard {
  return {
    frame: state.lastFrameOf(end) || null,
    packetsAlone: state.unheard(end),
    secondsAlone: roundedSeconds(state.goesOnAlone(end)),
  };
}

/** The times of the frames that may decide a stage. */
function instantsOf(state: TunnelState, calls: readonly CallState[]): Map<number, Instant> {
  const instants = new Map<number, Instant>();
  const note = (frame: number | null, instant: Instant | null): void => {
    if (frame && instant !== null) instants.set(frame, instant);
  };
  if (state.first === null) return instants;
  note(state.firstFrame, state.first);
  const connection = state.control;
  if (connection !== null) {
    note(connection.synFrame, connection.synInstant);
    note(connection.synAckFrame, connection.synAckInstant);
    note(connection.startRequestFrame, connection.startRequestInstant);
    note(connection.startReplyFrame, connection.startReplyInstant);
    note(connection.closedFrame, connection.closedInstant);
    for (const message of connection.messages) note(message.frames[0] ?? null, message.instant);
  }
  for (const call of calls) {
    note(call.said.requestFrame, call.said.requestInstant);
    note(call.said.replyFrame, call.said.replyInstant);
    for (const flow of call.flows) {
      if (flow === null || flow.packets === 0) continue;
      note(flow.firstFrame, flow.first);
      if (flow.firstDataFrame === 0) continue;
      note(flow.firstDataFrame, flow.firstData);
    }
    const { lcp, ccp, ipcp, ipv6cp, authentication, terminate } = call.link;
    for (const negotiation of [lcp, ccp, ipcp, ipv6cp]) {
      if (negotiation === null) continue;
      note(negotiation.firstFrame, negotiation.firstInstant);
      note(negotiation.lastFrame, negotiation.lastInstant);
      note(negotiation.openedFrame, negotiation.openedInstant);
    }
    for (const { frame, instant } of authentication?.lastFrames() ?? []) note(frame, instant);
    if (terminate !== null) note(terminate.frame, terminate.instant);
  }
  return instants;
}

function roundedSeconds(seconds: number): number {
  return Math.round(seconds * 1e6) / 1e6;
}

function control(
  connection: ControlConnection,
  state: TunnelState,
  time: (instant: Instant | null) => string | null,
): Control {
  const client = state.clientEnd;
  const side = sideOf(client);
  const server = otherEnd(client);
  const silent = ([0, 1] as const).find((end) => state.timeToLive(end) === -1);
  const { retransmissions, outOfOrder, missing, missingFrame, missed } = connection.counters();
  return {
    tcp: {
      outcome: tcpOutcome(connection),
      handshakeMilliseconds:
        connection.handshakeSeconds === null ? null : Math.round(connection.handshakeSeconds * 1e6) / 1000,
      handshakeComplete: connection.acknowledged || connection.synSegments === 0,
      synSegments: connection.synSegments,
      initialSequence: { client: initialSequence(connection, client), server: initialSequence(connection, server) },
      retransmissions,
      routedDuplicates: connection.routedDuplicates,
      outOfOrder,
      missingBytes: missing,
      missedByCapture: missed,
      missingFrame: missingFrame || null,
      closedBy: connection.closedBy === null ? null : side(connection.closedBy),
      closedWith: connection.closedWith,
      onlyFrom: silent === undefined || !connection.connected ? null : side(otherEnd(silent)),
      bytes: { client: connection.octets[client], server: connection.octets[server] },
      acknowledgedBytes: {
        client: connection.acknowledgedOctets[client],
        server: connection.acknowledgedOctets[server],
      },
      openedFrame: connection.synAckFrame || connection.synFrame || null,
      closedFrame: connection.closedFrame || null,
      strangeTimesToLive: connection.strangeTimesToLive(side),
    },
    start: start(connection, client),
    stop:
      connection.stop === null
        ? null
        : {
            by: side(connection.stop.by),
            reasonCode: connection.stop.reasonCode,
            resultCode: connection.stop.resultCode,
          },
    echo: connection.echo.model(client),
    messages: interleaved(connection.messages).map(({ frames, instant, end, type, name }) => ({
      frame: frames[0] ?? 0,
      frames: [...frames],
      time: time(instant),
      from: side(end),
      type,
      name,
    })),
    messagesNotListed: connection.messagesNotListed,
    anomalies: connection.anomalies,
  };
}

/**
 * The messages of both ends by their frames, those of one in the order of its stream. As they were read, what waited for an
 * octet that was missing stands behind what came later.
 */
function interleaved(messages: readonly ListedMessage[]): ListedMessage[] {
  const others = messages.filter(({ end }) => end === 1);
  let next = 0;
  const until = (frame: number): ListedMessage[] => {
    const from = next;
    while (begins(others[next]) < frame) next += 1;
    return others.slice(from, next);
  };
  const inOrder = messages.filter(({ end }) => end === 0).flatMap((message) => [...until(begins(message)), message]);
  return [...inOrder, ...others.slice(next)];
}

/** Its first frame; beyond all of them where there is no message. */
function begins(message: ListedMessage | undefined): number {
  return message === undefined ? Infinity : (message.frames[0] ?? 0);
}

function initialSequence(connection: ControlConnection, end: End): number | null {
  const seen = connection.initialSequence[end];
  const number = seen === -1 && end === 0 ? connection.acknowledgedSyn : seen;
  return number === -1 ? null : number;
}

function tcpOutcome(connection: ControlConnection): Control['tcp']['outcome'] {
  if (connection.synSegments === 0 && !connection.unasked && !connection.goesOn) return 'mid-stream';
  if (connection.connected) return 'connected';
  if (connection.refused || connection.unasked) return 'refused';
  return connection.unreachable ? 'unreachable' : 'no-answer';
}

function start(connection: ControlConnection, client: End): ControlStart {
  const server = otherEnd(client);
  const result = connection.startResultCode;
  let outcome: ControlStart['outcome'] = 'not-seen';
  if (connection.startReplyFrame !== 0) {
    if (result !== null) outcome = isSuccess(result) ? 'accepted' : 'refused';
  } else if (connection.startRequestFrame !== 0) outcome = 'no-reply';
  return {
    outcome,
    resultCode: result,
    errorCode: connection.startErrorCode,
    client: parameters(connection.startParameters[client]),
    server: parameters(connection.startParameters[server]),
    requestFrame: connection.startRequestFrame || null,
    replyFrame: connection.startReplyFrame || null,
  };
}

function parameters(message: SeenMessage | null): StartParameters | null {
  if (
    message?.controlMessageType !== controlMessageType.startControlConnectionRequest &&
    message?.controlMessageType !== controlMessageType.startControlConnectionReply
  )
    return null;
  const { protocolVersion, hostName, vendorName } = message;
  return {
    hostName: hostName === undefined ? null : fieldText(hostName),
    vendorName: vendorName === undefined ? null : fieldText(vendorName),
    firmwareRevision: message.firmwareRevision ?? null,
    protocolVersion: protocolVersion === undefined ? null : `${protocolVersion >> 8}.${protocolVersion & 0xff}`,
    framingCapabilities: bitNames(message.framingCapabilities, framingCapabilities),
    bearerCapabilities: bitNames(message.bearerCapabilities, bearerCapabilities),
    maximumChannels: message.maximumChannels ?? null,
    octetsAfterNul: octetsAfterNul(hostName) + octetsAfterNul(vendorName),
  };
}

/** Octets other than 0 behind the first NUL of a fixed field. */
function octetsAfterNul(text: string | undefined): number {
  return text === undefined ? 0 : text.slice(beforeNul(text).length).replaceAll('\0', '').length;
}

/** The names of the bits that are set; unnamed ones as hex. */
function bitNames(value: number | undefined, names: Readonly<Record<string, number>>): string[] | null {
  if (value === undefined) return null;
  const found: string[] = [];
  let rest = value;
  for (const name in names) {
    const bit = names[name] ?? 0;
    if ((value & bit) !== 0) found.push(name);
    rest &= ~bit;
  }
  if (rest !== 0) found.push(`0x${(rest >>> 0).toString(16)}`);
  return found;
}
