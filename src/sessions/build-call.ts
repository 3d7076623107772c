/** From the state that followed a call to the model of it. */
import type { AddressBook } from '../octets/address.ts';
import type { Instant } from '../octets/instant.ts';
import { counted } from '../octets/words.ts';
import { mppeBits, strongest } from '../ppp/ccp.ts';
import { pppProtocolName } from '../ppp/protocols.ts';
import type { SecretsContext } from './authentication.ts';
import type { CallState } from './call-state.ts';
import { type End, otherEnd, sideOf, sides } from './ends.ts';
import { buildEvidence } from './evidence.ts';
import type { GreFlow } from './gre-flow.ts';
import type { Anomaly, Call, Encryption, GreDirection, Side } from './model.ts';
import { fieldText } from './ppp-link.ts';
import { roundedMilliseconds } from './samples.ts';

export interface BuildContext extends SecretsContext {
  readonly addresses: AddressBook;
  /** Decimal digits of the capture's times. */
  readonly digits: number;
  readonly capture: number;
}

/** A call as it stands. */
export function buildCall(
  call: CallState,
  context: BuildContext,
  time: (instant: Instant | null) => string | null,
): Call {
  const { tunnel, link } = call;
  const client = tunnel.clientEnd;
  const server = otherEnd(client);
  const side = sideOf(client);
  const over = call.said.endedInstant !== null || link.terminate !== null;
  // What the capture begins behind may have come up before it.
  const begun = call.kind !== 'unsignalled' || link.lcp.ends.some(({ count }) => count > 0);
  const flowing = carriesData(call);
  const authentication = link.authenticationModel(client, context);
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
    clearRequestFrame: call.said.clearRequest?.frame ?? null,
    clearRequestBy: call.said.clearRequest === null ? null : side(call.said.clearRequest.by),
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
      ...overIpv6(call, context.addresses),
      ...ownMagicNumber(link, side),
      ...shortenedHeaders(call, side),
      ...unasked(call),
      ...ofAnother,
      ...unflushed(encryption),
      ...restarted(call, side),
    ],
    evidence: buildEvidence(call, time),
  };
}

/** A sender whose GRE numbers begin anew: its program did, or another call uses the Call ID. Receivers drop numbers that are behind. */
function restarted({ flows }: CallState, side: (end: End) => Side): Anomaly[] {
  return flows.flatMap((flow) => {
    if (flow === null || flow.sequence.restarts === 0) return [];
    const { restartAfter, restartAt } = flow.sequence;
    const message = `the ${side(flow.end)}'s GRE sequence numbers begin anew: after ${restartAfter} comes ${restartAt}`;
    return [{ frame: flow.oddities.suspect?.restartFrame ?? null, code: 'sequence-restarted', message }];
  });
}

/** No program is known that does so. */
function overIpv6({ flows }: CallState, addresses: AddressBook): Anomaly[] {
  const frames = flows.flatMap((flow) =>
    flow !== null && flow.packets > 0 && addresses.isIpv6(flow.source) ? [flow.firstFrame] : [],
  );
  const message = 'GRE goes over IPv6, of which RFC 2637 says nothing';
  return frames.length === 0 ? [] : [{ frame: Math.min(...frames), code: 'over-ipv6', message }];
}

/** A line that is looped back brings an end its own packets; some peers answer with the number that they were sent. */
function ownMagicNumber({ ownMagicNumber: found }: CallState['link'], side: (end: End) => Side): Anomaly[] {
  if (found === null) return [];
  const receiver = side(otherEnd(found.by));
  const what = `${found.name} that comes from the ${side(found.by)} bears the ${receiver}'s magic number`;
  const message = `${what}: the line is looped back, or the sender copies what it was sent`;
  return [{ frame: found.frame, code: 'own-magic-number', message }];
}

/** Fields of PPP's header that an end leaves out though the other has not agreed to do without. RFC 1661 §6.5, §6.6 */
function shortenedHeaders({ flows }: CallState, side: (end: End) => Side): Anomaly[] {
  return flows.flatMap((flow) => {
    if (flow === null) return [];
    const { protocolCompressed, protocolCompressedFrame, addressOmitted, addressOmittedFrame } = flow.oddities;
    const of = (packets: number): string =>
      `in ${counted(packets, 'packet')} of the ${side(flow.end)}, which LCP does not allow it`;
    return [
      {
        frame: protocolCompressedFrame,
        code: 'protocol-field-compressed',
        message: `PPP's protocol field has one octet ${of(protocolCompressed)}`,
      },
      {
        frame: addressOmittedFrame,
        code: 'address-and-control-omitted',
        message: `PPP's address and control fields (FF 03) are missing ${of(addressOmitted)}`,
      },
    ].filter(({ frame }) => frame !== 0);
  });
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
  if (call.said.resultCode !== null && !call.connected) return 'refused';
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
  const spoiled = flow === null ? null : spoiledHeaders(flow);
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
    restarts: sequence?.restarts ?? 0,
    restartFrame: odd?.suspect?.restartFrame || null,
    strayAcknowledgments: odd?.strayAcknowledgments ?? 0,
    strayAcknowledgmentFrame: odd?.strayAcknowledgmentFrame || null,
    lengthMismatches: odd?.lengthMismatches ?? 0,
    wrongChecksums: spoiled?.packets ?? 0,
    wrongChecksumFrames: spoiled === null ? null : { first: spoiled.first, last: spoiled.last },
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

/** Wrong checksums beside right ones of the same sender; alone they are the capture's, or a file's that somebody changed. */
function spoiledHeaders({ call, end, packets, oddities: { spoiled } }: GreFlow): GreFlow['oddities']['spoiled'] {
  if (spoiled === null) return null;
  return packets > spoiled.packets || call?.tunnel.hasSoundHeaders(end) ? spoiled : null;
}

/** `carries`: the call's own user data. */
function buildEncryption(call: CallState, over: boolean, carries: boolean): Encryption {
  const { link } = call;
  const flows = carries ? call.flows.filter((flow) => flow !== null) : [];
  const sum = (of: (flow: GreFlow) => number): number => flows.reduce((total, flow) => total + of(flow), 0);
  const negotiation = link.ccp;
  const compressed = sum((flow) => flow.compressedPackets);
  const ccp = negotiation?.outcome(over, compressed > 0) ?? 'not-seen';
  const encryption: Encryption = {
    ccp,
    method: 'none',
    bits: null,
    stateless: null,
    mppc: null,
    agreed: 'none',
    cut: ccp === 'opened' && (negotiation?.ends ?? []).some(({ agreedCut }) => agreedCut),
    encryptedPackets: 0,
    clearDataPackets: sum((flow) => flow.clearPackets),
    resetRequests: link.resetRequests,
    resetAcks: link.resetAcks,
    coherencyGaps: 0,
    openedFrame: (ccp === 'opened' && negotiation?.openedFrame) || null,
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
  return sides
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
        // One that comes late leaves a gap before it was overtaken, one in front of it and one behind it.
        flow.oddities.coherencyGaps <= flow.sequence.lost + flow.sequence.reordered * 3 + 1,
    )
  );
}

/** Said here and not by the signalling: captures reorder, and the request may have come behind its reply. */
function unasked({ kind, said, tunnel }: CallState): Anomaly[] {
  if (kind === 'unsignalled' || said.requestFrame !== null || !tunnel.control?.connected) return [];
  const message = 'a call reply that answers no request of the capture';
  return [{ frame: said.replyFrame, code: 'reply-without-request', message }];
}
