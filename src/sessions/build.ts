/** From the state that followed a tunnel to the model of it. */
import { formatInstant, type Instant, secondsBetween } from '../octets/instant.ts';
import { type BuildContext, buildCall } from './build-call.ts';
import { buildControl } from './build-control.ts';
import type { CallState } from './call-state.ts';
import { type End, otherEnd, sideOf } from './ends.ts';
import type { LastHeard, Tunnel } from './model/tunnel.ts';
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
    control: state.control === null ? null : buildControl(state.control, time),
    calls: calls.map((call) => buildCall(call, context, time)),
    firstFrame,
    firstTime: time(first),
    lastFrame,
    lastTime: time(last),
    durationSeconds: first === null || last === null ? null : roundedSeconds(Math.max(0, secondsBetween(first, last))),
    stepBackSeconds: roundedSeconds(state.stepBack),
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
    const { handshake, messages } = connection;
    note(handshake.synFrame, handshake.synInstant);
    note(handshake.synAckFrame, handshake.synAckInstant);
    note(messages.startRequestFrame, messages.startRequestInstant);
    note(messages.startReplyFrame, messages.startReplyInstant);
    note(connection.closedFrame, connection.closedInstant);
    for (const message of messages.listed) note(message.frames[0] ?? null, message.instant);
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
