/**
 * The ladder: how far a call got, stage by stage, each with the frame that shows it and one line of detail.
 * Words here are the report's first screen: short, plain, no claim without a frame behind it.
 */
import { bytes } from '../octets/words.ts';
import { msChapErrorNames } from '../ppp/chap-message.ts';
import { incomingCallResultNames, isSuccess, outgoingCallResultNames, startResultNames } from '../pptp/names.ts';
import { otherSide, sides } from '../sessions/ends.ts';
import type { Call } from '../sessions/model/call.ts';
import type { Control } from '../sessions/model/control.ts';
import type { GreDirection } from '../sessions/model/gre.ts';
import type { Lcp, LcpOptions } from '../sessions/model/lcp.ts';
import type { Side } from '../sessions/model/side.ts';
import type { Tunnel } from '../sessions/model/tunnel.ts';
import { type Names, named } from '../wire/field.ts';
import { resultText } from './diagnoses/result.ts';
import { isAnsweredLate } from './diagnoses/tcp.ts';
import { onlyGreFrom } from './one-sided.ts';
import type { Stage, StageName } from './stage.ts';

type Status = Stage['status'];

/** When a frame was: the report's times of the frames that the model names. */
export type TimeOf = (frame: number) => string | null;

/** The ladder of one call. */
export function stagesOf(tunnel: Tunnel, call: Call, timeOf: TimeOf): Stage[] {
  const rung = rungs(timeOf);
  return [
    rung('tcp', ...tcp(tunnel.control)),
    rung('control', ...control(tunnel.control)),
    rung('call', ...callSetup(tunnel, call)),
    rung('gre', ...gre(call)),
    rung('lcp', ...ofOneSide(call, lcp(call))),
    rung('authentication', ...authentication(call)),
    rung('encryption', ...(call.encryption.ccp === 'rejected' ? encryption(call) : ofOneSide(call, encryption(call)))),
    rung('network', ...ofOneSide(call, network(call))),
    rung('data', ...data(call)),
  ];
}

/** A negotiation opens with the acknowledgments of both ends: where those of one are not in the capture, it may have. */
function ofOneSide(call: Call, [status, frame, detail]: Rung): Rung {
  const only = onlyGreFrom(call);
  if (only === null || status !== 'failed') return [status, frame, detail];
  return ['partial', frame, `${notInCapture(only)}: it may have opened`];
}

/** The ladder of a tunnel in which nobody asked for a call. */
export function stagesWithoutCall(tunnel: Tunnel, timeOf: TimeOf): Stage[] {
  const rung = rungs(timeOf);
  const rest: StageName[] = ['call', 'gre', 'lcp', 'authentication', 'encryption', 'network', 'data'];
  return [
    rung('tcp', ...tcp(tunnel.control)),
    rung('control', ...control(tunnel.control)),
    ...rest.map((stage) => rung(stage, 'not-seen', null, stage === 'call' ? 'nobody asked for a call' : '')),
  ];
}

type Rung = [status: Status, frame: number | null, detail: string];

function rungs(timeOf: TimeOf) {
  return (stage: StageName, status: Status, frame: number | null, detail: string): Stage => ({
    stage,
    status,
    frame,
    time: frame === null ? null : timeOf(frame),
    detail,
  });
}

function tcp(connection: Control | null): Rung {
  if (connection === null) return ['not-seen', null, 'no control connection in the capture'];
  const { tcp: facts } = connection;
  switch (facts.outcome) {
    case 'connected': {
      const remarks = [
        connection.anomalies.some(({ code }) => code === 'unusual-port') ? 'on an unusual port' : '',
        count(facts.retransmissions, 'retransmission'),
        facts.routedDuplicates > 0 ? 'captured on both sides of a router' : '',
        facts.missingBytes > 0 ? `${facts.missingBytes} octets missing in the capture` : '',
      ].filter((text) => text !== '');
      const half = !facts.handshakeComplete && facts.closedBy !== 'client' && facts.bytes.server === 0;
      if (half) return ['failed', facts.openedFrame, 'SYN-ACK, after which the client does not go on'];
      if (isAnsweredLate(facts)) return ['failed', facts.openedFrame, 'SYN-ACK, which the client resets: too late'];
      const speed = facts.handshakeMilliseconds === null ? 'connected' : `${milliseconds(facts.handshakeMilliseconds)}`;
      return ['passed', facts.openedFrame, [speed, ...remarks].join(', ')];
    }
    case 'refused':
      return [
        'failed',
        facts.closedFrame,
        facts.closedBy === 'client'
          ? 'the client did not ask here, and refused the answer (RST)'
          : 'the server refused the connection (RST)',
      ];
    case 'unreachable':
      return ['failed', facts.openedFrame, 'ICMP says that the server cannot be reached'];
    case 'no-answer':
      return ['failed', facts.openedFrame, `no answer to ${count(facts.synSegments, 'SYN')}`];
    default:
      return ['partial', null, 'already open when the capture starts'];
  }
}

function control(connection: Control | null): Rung {
  if (connection === null) return ['not-seen', null, ''];
  const { start } = connection;
  const software = sides
    .flatMap((side) => {
      const parameters = start[side];
      if (parameters === null) return [];
      const { vendorName, firmwareRevision } = parameters;
      const vendor = vendorName === null ? 'vendor not seen' : `"${vendorName}"`;
      return [`${side} ${vendor} fw ${firmwareRevision ?? 'not seen'}`];
    })
    .join(', ');
  switch (start.outcome) {
    case 'accepted':
      return ['passed', start.replyFrame, software];
    case 'refused':
      return ['failed', start.replyFrame, refusal(start.resultCode, start.errorCode, null, startResultNames)];
    case 'no-reply':
      if (connection.tcp.onlyFrom !== null)
        return ['partial', start.requestFrame, notInCapture(connection.tcp.onlyFrom)];
      return ['failed', start.requestFrame, 'Start-Control-Connection-Request was not answered'];
    default: {
      if (start.replyFrame !== null) return ['partial', start.replyFrame, 'the result is not in the capture'];
      const first = connection.messages[0];
      if (first !== undefined) return ['partial', first.frame, 'started before the capture'];
      const strange = connection.anomalies.find((anomaly) => anomaly.code === 'not-pptp');
      if (strange !== undefined) return ['failed', strange.frame, `not PPTP: ${strange.message}`];
      if (connection.tcp.missingBytes > 0) return ['partial', null, 'its messages are not whole in the capture'];
      if (connection.tcp.outcome === 'connected') return ['failed', null, 'nobody started a control connection'];
      return ['not-seen', null, ''];
    }
  }
}

/** Error codes mean something only beside result 2 (RFC 2637 §2.16); cause codes of 0 say nothing. */
function refusal(result: number | null, error: number | null, cause: number | null, names: Names): string {
  return `refused: ${result === null ? 'result not seen' : resultText(result, error, cause, names)}`;
}

function notInCapture(onlyFrom: Side): string {
  return `the ${otherSide(onlyFrom)}'s side is not in the capture`;
}

function callSetup(tunnel: Tunnel, call: Call): Rung {
  // GRE carries the Call ID of the side that it goes to. RFC 2637 §4.1
  const client = call.clientCallId ?? inGre(call.callIdInGre.serverToClient);
  const server = call.serverCallId ?? inGre(call.callIdInGre.clientToServer);
  const identifiers = `Call IDs client ${client ?? 'not seen'}, server ${server ?? 'not seen'}`;
  if (call.kind === 'unsignalled') {
    const seen = client !== null || server !== null;
    if (tunnel.control === null) return ['not-seen', null, 'known from GRE alone'];
    const connected = tunnel.control.tcp.outcome === 'connected';
    const setup = connected ? 'its setup is not whole in the capture' : 'set up before the capture';
    return ['partial', null, seen ? `${identifiers}; ${setup}` : setup];
  }
  if (call.replyFrame === null) {
    const onlyFrom = tunnel.control?.tcp.onlyFrom ?? null;
    if (onlyFrom !== null) return ['partial', call.requestFrame, notInCapture(onlyFrom)];
    // The server would send no GRE for a call that it did not accept.
    const accepted = call.gre.serverToClient.packets > 0 || call.lcp.outcome === 'opened';
    return accepted
      ? ['partial', call.requestFrame, 'the reply is not in the capture']
      : ['failed', call.requestFrame, 'the call request was not answered'];
  }
  if (call.resultCode === null) return ['partial', call.replyFrame, `${identifiers}; the result is not in the capture`];
  if (!isSuccess(call.resultCode)) {
    const names = call.kind === 'incoming' ? incomingCallResultNames : outgoingCallResultNames;
    return ['failed', call.replyFrame, refusal(call.resultCode, call.errorCode, call.causeCode, names)];
  }
  const windows = call.receiveWindow;
  return ['passed', call.replyFrame, `${identifiers}; windows ${windows.client ?? '?'}/${windows.server ?? '?'}`];
}

/** A Call ID that nobody was seen to announce. */
function inGre(callId: number | null): string | null {
  return callId === null ? null : `${callId} (in GRE)`;
}

function gre(call: Call): Rung {
  const { clientToServer: up, serverToClient: down } = call.gre;
  if (up.packets === 0 && down.packets === 0) return ['not-seen', null, 'no GRE packet of this call'];
  const first = Math.min(up.firstFrame ?? Number.MAX_SAFE_INTEGER, down.firstFrame ?? Number.MAX_SAFE_INTEGER);
  if (up.packets === 0 || down.packets === 0) {
    const [heard, silent] = up.packets === 0 ? (['server', 'client'] as const) : sides;
    const seen = up.packets === 0 ? down : up;
    // Who acknowledges has received: then the other direction exists, and only the capture lacks it.
    return seen.lastAcknowledgment === null
      ? ['failed', first, `${heard} ${count(seen.packets, 'packet')}, ${silent} none`]
      : ['partial', first, `${heard} ${count(seen.packets, 'packet')}; the ${silent}'s are not in the capture`];
  }
  const details = [`↑ ${count(up.packets, 'packet')}, ↓ ${down.packets}`, losses(up, down)];
  const { client, server } = call.greFromOtherAddress;
  if (client !== null) details.push(`the client's from another address, ${client}`);
  if (server !== null) details.push(`the server's from another address, ${server}`);
  return ['passed', Math.max(up.firstFrame ?? 0, down.firstFrame ?? 0), details.join('; ')];
}

function losses(up: GreDirection, down: GreDirection): string {
  const counts = {
    lost: [up.lost, down.lost],
    duplicated: [up.duplicates + up.routedAcknowledgments, down.duplicates + down.routedAcknowledgments],
    reordered: [up.reordered, down.reordered],
  } as const;
  const parts = Object.entries(counts).flatMap(([what, [ofUp, ofDown]]) =>
    ofUp + ofDown === 0 ? [] : [`${what} ↑ ${ofUp} ↓ ${ofDown}`],
  );
  // Most of them: the same packets before and after they were routed, as the interface "any" of a router shows them.
  const routed = up.routedDuplicates + down.routedDuplicates;
  if (routed * 2 > up.duplicates + down.duplicates) parts.push('captured on both sides of a router');
  return parts.length === 0 ? 'none lost' : parts.join(', ');
}

function lcp(call: Call): Rung {
  const facts = call.lcp;
  if (facts.outcome === 'not-seen') return ['not-seen', null, up(call) ? notSeen(call) : ''];
  const { client, server } = facts.configureRequests;
  if (facts.outcome === 'opened') {
    const detail = lcpDetail(facts, call.authentication.length > 0);
    if (facts.openedFrame !== null) return ['passed', facts.openedFrame, detail];
    const nothing = client + server === 0 && facts.client === null && facts.server === null;
    const what = nothing ? 'the negotiation is' : 'part of its negotiation is';
    return [
      'passed',
      facts.firstFrame,
      [`open; ${what} not in the capture`, detail].filter((part) => part !== '').join('; '),
    ];
  }
  const sent = `Configure-Requests: client ${client}, server ${server}`;
  return [facts.outcome === 'failed' ? 'failed' : 'partial', facts.lastFrame, `did not open; ${sent}`];
}

/** `authenticated`: an exchange was seen, whoever demanded it: the option may have been cut off. */
function lcpDetail(facts: Lcp, authenticated: boolean): string {
  const parts: string[] = [];
  if (facts.client !== null || facts.server !== null) {
    parts.push(`MRU ${facts.client?.mru ?? '?'}/${facts.server?.mru ?? '?'}`);
  }
  const demands = (['server', 'client'] as const).flatMap((side) => {
    const protocol = isKnown(facts[side]) ? facts[side].authenticationProtocol : lastDemand(facts, side);
    return protocol === null ? [] : [`${side} demands ${protocolTitle(protocol)}`];
  });
  if (demands.length > 0) parts.push(demands.join(', '));
  else if (!authenticated && facts.openedFrame !== null && isKnown(facts.client) && isKnown(facts.server)) {
    const withdrawn = sides.some((side) => lastDemand(facts, side) !== null);
    parts.push(withdrawn ? 'no authentication agreed' : 'no authentication demanded');
  }
  if (facts.terminatedBy !== null) {
    // Windows writes 0 where its user hangs up.
    const why = facts.windowsErrorCode ? ` (Windows error ${facts.windowsErrorCode})` : '';
    parts.push(`ended by the ${facts.terminatedBy}${why}`);
  }
  return parts.join('; ');
}

/** Whether it is known what a side demanded, and if it did at all. */
function isKnown(options: LcpOptions | null): options is LcpOptions {
  return options !== null && (options.authenticationProtocol !== null || !options.cut);
}

/** What a side demanded whose acknowledgment is not in the capture. */
function lastDemand(facts: Lcp, side: Side): string | null {
  return facts.authenticationProposals.findLast(({ by, demanded }) => by === side && demanded)?.protocol ?? null;
}

function authentication(call: Call): Rung {
  const refused = refusedDemand(call);
  if (refused !== null) return refused;
  const exchanges = call.authentication;
  const first = exchanges[0];
  if (first === undefined) {
    if (call.lcp.openedFrame === null) return ['not-seen', null, ''];
    const demanded = call.lcp.client?.authenticationProtocol ?? call.lcp.server?.authenticationProtocol ?? null;
    if (demanded !== null) return ['failed', null, `${protocolTitle(demanded)} agreed, but nothing of it seen`];
    const began = call.network.firstFrame !== null || call.encryption.firstFrame !== null || up(call);
    const cut = sides.some((side) => call.lcp[side]?.cut);
    return [began ? 'skipped' : 'not-seen', null, cut ? 'none was seen' : 'none was negotiated'];
  }
  const decisive =
    exchanges.find((exchange) => exchange.outcome === 'failure') ??
    exchanges.find((exchange) => exchange.outcome === 'unfinished') ??
    first;
  const parts = [protocolTitle(decisive.protocol)];
  if (decisive.authenticator === 'client') parts.push('demanded by the client');
  if (decisive.user) parts.push(`user ${decisive.user}`);
  if (decisive.outcome === 'success') {
    parts.push(decisive.authenticatorName === null ? 'accepted' : `accepted by "${decisive.authenticatorName}"`);
  } else if (decisive.outcome === 'failure') {
    const code = decisive.errorCode;
    parts.push(code === null ? 'refused' : `refused with error ${named(code, msChapErrorNames)}`);
    if (decisive.message !== null) parts.push(`"${decisive.message}"`);
  } else {
    const question = decisive.protocol.startsWith('eap') ? 'request' : 'challenge';
    parts.push(decisive.evidence.answered ? 'no answer to the response' : `no response to the ${question}`);
  }
  if (exchanges.length > 1) parts.push(`${exchanges.length} exchanges`);
  const status: Status =
    decisive.outcome === 'success' ? 'passed' : decisive.outcome === 'failure' ? 'failed' : 'partial';
  return [status, decisive.frames.at(-1) ?? null, parts.join(', ')];
}

/** Who demanded a method ends the link after it was refused, though LCP opened without: what begins meanwhile does not count. */
function refusedDemand({ lcp, evidence, outcome }: Call): Rung | null {
  const by = lcp.terminatedBy;
  const { refusedFrame = null, agreed = null } = (by === null ? null : evidence.lcp?.[by]) ?? {};
  if (outcome === 'established' || by === null || refusedFrame === null || agreed !== null) return null;
  const demanded = lastDemand(lcp, by);
  if (demanded === null) return null;
  return ['failed', refusedFrame, `the ${otherSide(by)} refused ${protocolTitle(demanded)}, which the ${by} demanded`];
}

function encryption(call: Call): Rung {
  const facts = call.encryption;
  if (facts.agreed === 'inferred' && !up(call)) return ['not-seen', null, ''];
  const packets = facts.encryptedPackets > 0 ? `; ${count(facts.encryptedPackets, 'packet')}` : '';
  if (facts.method === 'mppe') {
    const state = facts.stateless === null ? '' : facts.stateless ? ', stateless' : ', stateful';
    const strength = facts.bits === null ? 'MPPE, strength not seen' : `MPPE ${facts.bits} bit`;
    const inClear = facts.clearDataPackets - facts.evidence.clearOfOtherProtocols;
    const clear = inClear > 0 ? `; ${inClear} in clear` : '';
    const how = facts.agreed === 'inferred' ? ', seen in the traffic alone' : '';
    const resets = facts.resetRequests > 0 ? `; ${count(facts.resetRequests, 'reset')}` : '';
    const frame = facts.openedFrame ?? facts.firstFrame;
    return [inClear > 0 ? 'partial' : 'passed', frame, `${strength}${state}${how}${packets}${clear}${resets}`];
  }
  if (facts.method !== 'none') {
    return ['skipped', facts.openedFrame, `no encryption; compression ${facts.method}`];
  }
  switch (facts.ccp) {
    case 'not-seen':
      if (facts.clearDataPackets + facts.evidence.compressedPackets > 0) return ['skipped', null, unprotected(call)];
      if (call.network.firstFrame === null) return ['not-seen', null, ''];
      if (call.lcp.openedFrame === null) return ['not-seen', null, 'its negotiation is not in the capture'];
      return ['skipped', null, 'not negotiated'];
    case 'opened':
      if (facts.cut) return ['partial', facts.openedFrame, 'CCP opened; what it agreed on is cut off in the capture'];
      return ['skipped', facts.openedFrame, 'CCP opened without encryption'];
    case 'rejected':
    case 'failed': {
      const what = facts.ccp === 'rejected' ? 'CCP rejected' : 'CCP did not open';
      return up(call) ? ['skipped', facts.lastFrame, `${what}; user data in clear`] : ['failed', facts.lastFrame, what];
    }
    default:
      return ['partial', facts.lastFrame, 'CCP not finished'];
  }
}

/** What user data shows where CCP was not seen. */
function unprotected(call: Call): string {
  const { clearDataPackets, evidence } = call.encryption;
  const parts = [
    call.lcp.openedFrame === null ? 'negotiation not in the capture' : 'not negotiated',
    count(clearDataPackets, 'user packet') + (clearDataPackets > 0 ? ' in clear' : ''),
    count(evidence.compressedPackets, 'compressed packet') +
      (evidence.compressedPackets > 0 ? ' that show no MPPE' : ''),
  ];
  return parts.filter((part) => part !== '').join('; ');
}

function network(call: Call): Rung {
  const facts = call.network;
  const opened = facts.ipcp === 'opened' || facts.ipv6cp === 'opened';
  if (facts.firstFrame === null && facts.ipcp === 'not-seen') {
    if (!up(call)) return ['not-seen', null, ''];
    return ['not-seen', null, call.multilink === null ? notSeen(call) : "negotiated on the bundle's first link"];
  }
  if (!opened) {
    const status: Status = facts.ipcp === 'unfinished' || facts.ipv6cp === 'unfinished' ? 'partial' : 'failed';
    return [status, facts.lastFrame, `IPCP ${facts.ipcp === 'not-seen' ? 'not seen' : facts.ipcp}`];
  }
  const parts: string[] = [];
  if (facts.ipcp === 'opened') {
    // Only an acknowledgment without one shows that there is none.
    const none = (side: Side): string =>
      call.evidence.ipcp?.[side].acknowledgedFrame ? `no ${side} address` : `${side} address not seen`;
    parts.push(`${facts.clientAddress ?? none('client')} ↔ ${facts.serverAddress ?? none('server')}`);
  }
  if (facts.ipv6cp === 'opened') parts.push('IPv6');
  if (facts.dns.length > 0) parts.push(`DNS ${[...new Set(facts.dns)].join(' ')}`);
  if (facts.nbns.length > 0) parts.push(`NBNS ${[...new Set(facts.nbns)].join(' ')}`);
  return ['passed', facts.openedFrame, parts.join(', ')];
}

function data(call: Call): Rung {
  const { clientToServer: upstream, serverToClient: downstream } = call.gre;
  if (upstream.userBytes === 0 && downstream.userBytes === 0) return ['not-seen', null, ''];
  if (!up(call)) return ['not-seen', null, "packets with its Call IDs that are another link's"];
  const detail = `↑ ${bytes(upstream.userBytes)}, ↓ ${bytes(downstream.userBytes)}`;
  const both = upstream.userBytes > 0 && downstream.userBytes > 0;
  const first = both
    ? Math.max(upstream.firstDataFrame ?? 0, downstream.firstDataFrame ?? 0)
    : (upstream.firstDataFrame ?? downstream.firstDataFrame);
  return [both ? 'passed' : 'partial', first, both ? detail : `one way only: ${detail}`];
}

/** User data flows, whatever of the negotiation the capture holds. */
function up(call: Call): boolean {
  return call.outcome === 'established' && call.gre.clientToServer.userBytes + call.gre.serverToClient.userBytes > 0;
}

/** Where a negotiation lies of which the capture shows nothing though what it is for goes on. */
function notSeen(call: Call): string {
  const before = call.requestFrame === null && call.lcp.openedFrame === null;
  return before ? 'negotiated before the capture' : 'its negotiation is not in the capture';
}

const titles: Readonly<Record<string, string>> = {
  pap: 'PAP',
  'chap-md5': 'CHAP-MD5',
  'ms-chap-v1': 'MS-CHAPv1',
  'ms-chap-v2': 'MS-CHAPv2',
  'eap-md5': 'EAP-MD5',
  'eap-tls': 'EAP-TLS',
  'eap-peap': 'EAP-PEAP',
  'eap-ms-chap-v2': 'EAP-MS-CHAPv2',
  eap: 'EAP',
  spap: 'SPAP',
  other: 'an unknown method',
};

/** The report's word for an authentication protocol. */
export function protocolTitle(protocol: string): string {
  return titles[protocol] ?? protocol;
}

function count(number: number, noun: string): string {
  return number === 0 ? '' : `${number} ${noun}${number === 1 ? '' : 's'}`;
}

function milliseconds(value: number): string {
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
}
