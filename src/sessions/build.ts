/** From the state that followed a tunnel to the model that the report shows. */
import type { AddressBook } from '../octets/address.ts';
import { formatInstant, type Instant, secondsBetween } from '../octets/instant.ts';
import { beforeNul } from '../octets/printable.ts';
import { counted } from '../octets/words.ts';
import { mppeBits, strongest } from '../ppp/ccp.ts';
import { pppProtocolName } from '../ppp/protocols.ts';
import { bearerCapabilities, framingCapabilities } from '../pptp/names.ts';
import type { CallState } from './call-state.ts';
import type { ChallengeBook } from './challenge.ts';
import type { ControlConnection, ListedMessage, SeenMessage } from './control-connection.ts';
import { type End, otherEnd, sideOf } from './ends.ts';
import { buildEvidence } from './evidence.ts';
import type { GreFlow } from './gre-flow.ts';
import type {
  Anomaly,
  Call,
  Control,
  ControlStart,
  Encryption,
  GreDirection,
  LastHeard,
  Side,
  StartParameters,
  Tunnel,
} from './model.ts';
import { fieldText } from './ppp-link.ts';
import { roundedMilliseconds } from './samples.ts';
import type { TunnelState } from './tunnel-state.ts';
import { lostBeside, vantageOf } from './vantage.ts';

export interface BuildContext {
  readonly addresses: AddressBook;
  /** Decimal digits of the capture's times. */
  readonly digits: number;
  readonly capture: number;
  /** Of the whole capture. */
  readonly challenges: ChallengeBook;
  /** Passwords, challenges and responses go into the model. */
  readonly keepSecrets: boolean;
}

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
      mtu: error.mtu,
      call: error.call === null || !calls.includes(error.call) ? null : String(calls.indexOf(error.call)),
    })),
    vantage: vantageOf(state),
    lostBeside: { client: lostBeside(state, client), server: lostBeside(state, server) },
    lastHeard: { client: lastHeard(state, client), server: lastHeard(state, server) },
  };
  const instants = instantsOf(state, calls);
  return { tunnel, states: calls, timeOf: (frame) => time(instants.get(frame) ?? null) };
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
        connection.handshakeSeconds === null ? null : roundedMilliseconds(connection.handshakeSeconds * 1000),
      handshakeComplete: connection.acknowledged || connection.synSegments === 0,
      synSegments: connection.synSegments,
      initialSequence: { client: initialSequence(connection, client), server: initialSequence(connection, server) },
      retransmissions,
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
  if (connection.synSegments === 0 && connection.synAckFrame === 0) return 'mid-stream';
  if (connection.connected) return 'connected';
  if (connection.refused) return 'refused';
  return connection.unreachable ? 'unreachable' : 'no-answer';
}

function start(connection: ControlConnection, client: End): ControlStart {
  const server = otherEnd(client);
  const result = connection.startResultCode;
  let outcome: ControlStart['outcome'] = 'not-seen';
  // Result 0 is what some ADSL modems send for success.
  if (connection.startReplyFrame !== 0) {
    if (result !== null) outcome = result === 1 || result === 0 ? 'accepted' : 'refused';
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
  if (message?.controlMessageType !== 1 && message?.controlMessageType !== 2) return null;
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

/** One call of it as it stands. */
export function buildCall(
  call: CallState,
  context: BuildContext,
  time: (instant: Instant | null) => string | null,
): Call {
  const { tunnel, link } = call;
  const client = tunnel.clientEnd;
  const server = otherEnd(client);
  const side = sideOf(client);
  // Said here and not by the signalling: captures reorder, and the request may have come behind its reply.
  const unasked: Anomaly[] =
    call.kind !== 'unsignalled' && call.said.requestFrame === null && tunnel.control?.connected
      ? [
          {
            frame: call.said.replyFrame,
            code: 'reply-without-request',
            message: 'a call reply that answers no request of the capture',
          },
        ]
      : [];
  const over = call.said.endedInstant !== null || link.terminate !== null;
  // What the capture begins behind may have come up before it.
  const begun = call.kind !== 'unsignalled' || link.lcp.ends.some(({ count }) => count > 0);
  const flowing = carriesData(call);
  const authentication = link.authenticationModel(client, context.challenges, context.keepSecrets);
  const lcp = link.lcpModel(over, flowing, client);
  const upstream = call.flow(client);
  const downstream = call.flow(server);
  const network = link.networkModel(over, flowing, client);
  const encryption = buildEncryption(call, over, flowing);
  const ofAnother = flowing ? [] : dataOfAnotherLink(call);
  const otherAddress = (flow: GreFlow | null, end: End): string | null =>
    flow !== null && flow.packets > 0 && flow.source !== tunnel.address(end)
      ? context.addresses.text(flow.source)
      : null;
  const multilinkPackets = (upstream?.oddities.multilinkPackets ?? 0) + (downstream?.oddities.multilinkPackets ?? 0);
  return {
    id: '',
    kind: call.kind,
    outcome: callOutcome(
      call,
      network.ipcp === 'opened' || network.ipv6cp === 'opened',
      flowing,
      (over && begun) || lcp.outcome === 'failed' || authentication.at(-1)?.outcome === 'failure',
    ),
    clientCallId: call.callId(client),
    serverCallId: call.callId(server),
    callIdInGre: {
      clientToServer: upstream !== null && upstream.packets > 0 ? upstream.callId : null,
      serverToClient: downstream !== null && downstream.packets > 0 ? downstream.callId : null,
    },
    greFromOtherAddress: { client: otherAddress(upstream, client), server: otherAddress(downstream, server) },
    resultCode: call.said.resultCode,
    errorCode: call.said.errorCode,
    causeCode: call.said.causeCode,
    connectSpeed: call.said.connectSpeed,
    receiveWindow: { client: call.receiveWindow(client), server: call.receiveWindow(server) },
    requestFrame: call.said.requestFrame,
    replyFrame: call.said.replyFrame,
    disconnect:
      call.said.disconnect === null
        ? null
        : {
            by: side(call.said.disconnect.by),
            frame: call.said.disconnect.frame,
            resultCode: call.said.disconnect.resultCode,
            errorCode: call.said.disconnect.errorCode,
            causeCode: call.said.disconnect.causeCode,
            statistics: call.said.disconnect.statistics === null ? null : fieldText(call.said.disconnect.statistics),
          },
    clearRequestFrame: call.said.clearRequestFrame,
    wanErrors: call.said.wanErrors,
    setLinkInfo: call.said.setLinkInfo,
    gre: {
      clientToServer: greDirection(upstream, time, flowing),
      serverToClient: greDirection(downstream, time, flowing),
    },
    lcp,
    authentication,
    encryption,
    network,
    multilink: multilinkPackets === 0 ? null : { packets: multilinkPackets },
    otherProtocols: [...link.others].map(([protocol, packets]) => ({
      protocol,
      name: pppProtocolName(protocol),
      packets,
    })),
    anomalies: [
      ...call.said.anomalies,
      ...ownMagicNumber(link, side),
      ...unasked,
      ...ofAnother,
      ...unflushed(encryption),
    ],
    evidence: buildEvidence(call, time),
  };
}

/** A line that is looped back brings an end its own packets; some peers answer with the number that they were sent. */
function ownMagicNumber({ ownMagicNumber: found }: CallState['link'], side: (end: End) => Side): Anomaly[] {
  if (found === null) return [];
  const receiver = side(otherEnd(found.by));
  const what = `${found.name} that comes from the ${side(found.by)} bears the ${receiver}'s magic number`;
  const message = `${what}: the line is looped back, or the sender copies what it was sent`;
  return [{ frame: found.frame, code: 'own-magic-number', message }];
}

/**
 * User data of the call was seen. What came under its Call IDs before LCP was asked for the last time, and in vain, is another
 * link's: of a client behind the same NAT, say.
 */
function carriesData({ kind, link: { lcp }, flows }: CallState): boolean {
  const lastAsked = Math.max(...lcp.ends.map(({ lastFrame }) => lastFrame));
  const anyCounts = kind === 'unsignalled' || lcp.openedFrame !== 0;
  return flows.some((flow) => flow !== null && flow.userOctets > 0 && (anyCounts || flow.firstDataFrame > lastAsked));
}

/** User data under the Call IDs of a call that carries none: it is told and counts nowhere. */
function dataOfAnotherLink({ flows }: CallState): Anomaly[] {
  const found = flows.filter((flow) => flow !== null && flow.userOctets > 0);
  if (found.length === 0) return [];
  const octets = found.reduce((sum, flow) => sum + (flow?.userOctets ?? 0), 0);
  const frame = Math.min(...found.map((flow) => flow?.firstDataFrame ?? 0));
  const message = `${counted(octets, 'octet')} of user data under its Call IDs came before its LCP was asked for in vain: they are another link's`;
  return [{ frame, code: 'data-of-another-link', message }];
}

/** `carries`: user data. `failed`: the call ended, or something that it cannot do without did not come about. */
function callOutcome(call: CallState, networkOpen: boolean, carries: boolean, failed: boolean): Call['outcome'] {
  if (networkOpen || carries) return 'established';
  if (call.said.resultCode !== null && call.said.resultCode > 1) return 'refused';
  return failed ? 'failed' : 'unfinished';
}

/** `carries`: the call's own user data. */
function greDirection(
  flow: GreFlow | null,
  time: (instant: Instant | null) => string | null,
  carries: boolean,
): GreDirection {
  const seen = flow !== null && flow.packets > 0;
  const sequence = flow?.sequence;
  const numbered = sequence !== undefined && sequence.count > 0;
  const odd = flow?.oddities;
  const at = (instant: Instant | undefined): string | null =>
    seen && flow.timed && instant !== undefined ? time(instant) : null;
  return {
    packets: flow?.packets ?? 0,
    bytes: flow?.octets ?? 0,
    dataPackets: flow?.dataPackets ?? 0,
    ackOnly: flow?.ackOnly ?? 0,
    firstSequence: numbered ? sequence.first : null,
    lastSequence: numbered ? sequence.last : null,
    lost: sequence?.lost ?? 0,
    missedByCapture: flow?.missedByCapture ?? 0,
    duplicates: sequence?.duplicates ?? 0,
    routedDuplicates: odd?.routedDuplicates ?? 0,
    reordered: sequence?.reordered ?? 0,
    wraps: sequence?.wraps ?? 0,
    outsideWindow: sequence?.outsideWindow ?? 0,
    outsideWindowFrame: sequence !== undefined && sequence.outsideWindow > 0 ? odd?.outsideWindowFrame || null : null,
    strayAcknowledgments: odd?.strayAcknowledgments ?? 0,
    strayAcknowledgmentFrame: odd?.strayAcknowledgmentFrame || null,
    lengthMismatches: odd?.lengthMismatches ?? 0,
    medianAckMilliseconds: roundedMilliseconds(flow?.medianAcknowledgmentTime ?? null),
    lastAcknowledgment: flow === null || flow.acknowledging < 0 ? null : flow.acknowledging,
    maximumOutstanding: flow?.maximumOutstanding ?? 0,
    firstFrame: seen ? flow.firstFrame : null,
    lastFrame: seen ? flow.lastFrame : null,
    firstTime: at(flow?.first),
    lastTime: at(flow?.last),
    userBytes: carries ? (flow?.userOctets ?? 0) : 0,
    firstDataFrame: carries ? flow?.firstDataFrame || null : null,
    firstDataTime: carries && flow?.firstDataFrame ? at(flow.firstData) : null,
  };
}

/** `carries`: the call's own user data. */
function buildEncryption(call: CallState, over: boolean, carries: boolean): Encryption {
  const { link } = call;
  const flows = carries ? call.flows.filter((flow) => flow !== null) : [];
  const sum = (of: (flow: GreFlow) => number): number => flows.reduce((total, flow) => total + of(flow), 0);
  const negotiation = link.ccp;
  const compressed = sum((flow) => flow.compressedPackets);
  const encryption: Encryption = {
    ccp: negotiation?.outcome(over, compressed > 0) ?? 'not-seen',
    method: 'none',
    bits: null,
    stateless: null,
    mppc: null,
    agreed: 'none',
    encryptedPackets: 0,
    clearDataPackets: sum((flow) => flow.clearPackets),
    resetRequests: link.resetRequests,
    resetAcks: link.resetAcks,
    coherencyGaps: 0,
    openedFrame: negotiation?.openedFrame || null,
    firstFrame: negotiation?.firstFrame || null,
    lastFrame: negotiation?.lastFrame || null,
    mppeNegotiation: link.mppeModel(call.tunnel.clientEnd),
    evidence: {
      firstEncryptedFrame: first(flows, (flow) => flow.firstEncryptedFrame),
      firstClearFrame: first(flows, (flow) => flow.firstClearFrame),
      clearAfterEncrypted: sum((flow) => flow.oddities.clearAfterEncrypted),
      clearAfterEncryptedFrame: first(flows, (flow) => flow.oddities.clearAfterEncryptedFrame),
      clearOfOtherProtocols: sum((flow) => flow.oddities.clearOfOtherProtocols),
      unencryptedMppePackets: 0,
      unencryptedMppeFrame: null,
      changedDuplicates: sum((flow) => flow.oddities.changedDuplicates),
      changedDuplicateFrame: first(flows, (flow) => flow.oddities.changedDuplicateFrame),
      repeatedCounts: 0,
      repeatedCountFrame: null,
      resetFrames: [...link.resetFrames],
      unflushedPackets: { client: 0, server: 0 },
    },
  };
  // What one end had acknowledged counts only where CCP opened, or where the traffic shows that it did.
  const took = encryption.ccp === 'opened' || compressed > 0;
  const agreed = took ? (negotiation?.ends ?? []).flatMap((requests) => requests.agreed ?? []) : [];
  const masks = agreed.flatMap((option) => (option.name === 'mppe' ? [option.value.supportedBits] : []));
  const chosen = agreed[0];
  if (masks.length > 0) {
    // The directions are negotiated apart; the link is as weak as the weaker one.
    const strengths = masks.map(strongest);
    encryption.agreed = 'negotiated';
    encryption.mppc = masks.some((mask) => (mask & mppeBits.mppc) !== 0);
    encryption.bits = strengths.includes(null)
      ? null
      : (([40, 56, 128] as const).find((one) => strengths.includes(one)) ?? null);
    encryption.stateless = masks.every((mask) => (mask & mppeBits.stateless) !== 0);
    encryption.method = encryption.bits === null ? (encryption.mppc ? 'mppc' : 'none') : 'mppe';
  } else if (chosen !== undefined) {
    encryption.agreed = 'negotiated';
    encryption.method =
      chosen.name === 'unknown' || chosen.name === 'malformed' ? `option ${chosen.type}` : chosen.name;
  } else if (looksLikeMppe(flows)) {
    encryption.agreed = 'inferred';
    encryption.method = 'mppe';
    encryption.stateless = sum((flow) => flow.flushedBitPackets) === sum((flow) => flow.encryptedBitPackets);
    encryption.mppc = sum((flow) => flow.oddities.compressedBitPackets) > 0;
  }
  if (encryption.method === 'mppe') {
    encryption.encryptedPackets = sum((flow) => flow.encryptedBitPackets);
    encryption.evidence.unencryptedMppePackets = sum((flow) => flow.compressedPackets - flow.encryptedBitPackets);
    encryption.evidence.unencryptedMppeFrame = first(flows, (flow) => flow.oddities.firstUnencryptedFrame);
    encryption.coherencyGaps = sum((flow) => flow.oddities.coherencyGaps);
    encryption.evidence.repeatedCounts = sum((flow) => flow.oddities.repeatedCounts);
    encryption.evidence.repeatedCountFrame = first(flows, (flow) => flow.oddities.repeatedCountFrame);
    if (encryption.agreed === 'negotiated' && encryption.stateless === true) {
      const unflushed = (flow: GreFlow | null): number =>
        flow === null ? 0 : Math.max(0, flow.encryptedBitPackets - flow.flushedBitPackets);
      const client = call.tunnel.clientEnd;
      encryption.evidence.unflushedPackets = {
        client: unflushed(call.flow(client)),
        server: unflushed(call.flow(otherEnd(client))),
      };
    }
  }
  return encryption;
}

function unflushed({ evidence: { unflushedPackets } }: Encryption): Anomaly[] {
  return (['client', 'server'] as const)
    .filter((side) => unflushedPackets[side] > 0)
    .map((side) => ({
      frame: null,
      code: 'mppe-not-flushed',
      message: `MPPE is stateless, and bit A is missing in ${counted(unflushedPackets[side], 'packet')} of the ${side}`,
    }));
}

/** The lowest frame number that is not 0. */
function first(flows: readonly GreFlow[], frameOf: (flow: GreFlow) => number): number | null {
  const frames = flows.map(frameOf).filter((frame) => frame !== 0);
  return frames.length === 0 ? null : Math.min(...frames);
}

/** Without CCP in the capture: PPP 0x00FD whose first word counts up by one under the encrypted bit is MPPE. */
function looksLikeMppe(flows: readonly GreFlow[]): boolean {
  const compressed = flows.filter((flow) => flow.compressedPackets > 0);
  return (
    compressed.length > 0 &&
    compressed.every(
      (flow) =>
        flow.encryptedBitPackets === flow.compressedPackets &&
        flow.oddities.coherencyGaps <= flow.sequence.lost + flow.sequence.reordered * 2 + 1,
    )
  );
}
