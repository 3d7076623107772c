/** From the state that followed a call to the model of it. */

import type { AddressBook } from '../octets/address.ts';
import type { Instant } from '../octets/instant.ts';
import { fieldText } from '../octets/printable.ts';
import { pppProtocolName } from '../ppp/protocols.ts';
import type { SecretsContext } from './authentication-model.ts';
import { buildAuthentication } from './build-authentication.ts';
import { buildEncryption } from './build-encryption.ts';
import { greDirection } from './build-gre.ts';
import { buildLcp } from './build-lcp.ts';
import { buildNetwork } from './build-network.ts';
import { callAnomalies } from './call-anomalies.ts';
import type { CallState } from './call-state.ts';
import { type End, otherEnd, sideOf } from './ends.ts';
import { buildEvidence } from './evidence.ts';
import type { Call } from './model/call.ts';
import type { Side } from './model/side.ts';
import type { PppLink } from './ppp-link.ts';

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
  const { tunnel, link, said } = call;
  const client = tunnel.clientEnd;
  const server = otherEnd(client);
  const side = sideOf(client);
  const over = said.endedInstant !== null || link.terminate !== null;
  const flowing = carriesData(call);
  const authentication = buildAuthentication(link, client, context);
  const lcp = buildLcp(link, over, flowing, client);
  const network = buildNetwork(link, over, flowing, client);
  const encryption = buildEncryption(call, over, flowing);
  const evidence = buildEvidence(call, context.addresses, time);
  return {
    id: '',
    kind: call.kind,
    outcome: callOutcome(call, { lcp, authentication, network }, flowing, over),
    clientCallId: call.callId(client),
    serverCallId: call.callId(server),
    callIdInGre: { clientToServer: callIdInGre(call, client), serverToClient: callIdInGre(call, server) },
    greFromOtherAddress: {
      client: greFromOtherAddress(call, client, context.addresses),
      server: greFromOtherAddress(call, server, context.addresses),
    },
    resultCode: said.resultCode,
    errorCode: said.errorCode,
    causeCode: said.causeCode,
    connectSpeed: said.connectSpeed,
    receiveWindow: { client: call.receiveWindow(client), server: call.receiveWindow(server) },
    requestFrame: said.requestFrame,
    replyFrame: said.replyFrame,
    disconnect: disconnectOf(call, side),
    clearRequestFrame: said.clearRequest?.frame ?? null,
    clearRequestBy: said.clearRequest === null ? null : side(said.clearRequest.by),
    wanErrors: said.wanErrors,
    setLinkInfo: said.setLinkInfo,
    gre: {
      clientToServer: greDirection(call.flow(client), time, flowing),
      serverToClient: greDirection(call.flow(server), time, flowing),
    },
    lcp,
    authentication,
    encryption,
    network,
    multilink: multilinkOf(call),
    otherProtocols: otherProtocols(link),
    anomalies: callAnomalies(call, { lcp, authentication, encryption, evidence }, flowing, context.addresses, side),
    evidence,
  };
}

/** Of what an end sends; null where there is none. */
function callIdInGre(call: CallState, sender: End): number | null {
  const flow = call.flow(sender);
  return flow !== null && flow.packets > 0 ? flow.callId : null;
}

/** The address that an end sends GRE from, where it is not that of its control connection. */
function greFromOtherAddress(call: CallState, sender: End, addresses: AddressBook): string | null {
  const flow = call.flow(sender);
  const elsewhere = flow !== null && flow.packets > 0 && flow.source !== call.tunnel.address(sender);
  return elsewhere ? addresses.text(flow.source) : null;
}

function multilinkOf({ flows }: CallState): Call['multilink'] {
  const packets = flows.reduce((sum, flow) => sum + (flow?.oddities.multilinkPackets ?? 0), 0);
  return packets === 0 ? null : { packets };
}

/** Packets of protocols that nothing follows. */
function otherProtocols({ others }: PppLink): Call['otherProtocols'] {
  return [...others].map(([protocol, packets]) => ({ protocol, name: pppProtocolName(protocol), packets }));
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

/** `carries`: user data. `over`: somebody ended it. */
function callOutcome(
  call: CallState,
  { lcp, authentication, network }: Pick<Call, 'lcp' | 'authentication' | 'network'>,
  carries: boolean,
  over: boolean,
): Call['outcome'] {
  if (network.ipcp === 'opened' || network.ipv6cp === 'opened' || carries) return 'established';
  if (call.said.resultCode !== null && !call.connected) return 'refused';
  // What the capture begins behind may have come up before it.
  const begun = call.kind !== 'unsignalled' || call.link.lcp.ends.some(({ count }) => count > 0);
  const failed = (over && begun) || lcp.outcome === 'failed' || authentication.at(-1)?.outcome === 'failure';
  return failed ? 'failed' : 'unfinished';
}

function disconnectOf({ said: { disconnect } }: CallState, side: (end: End) => Side): Call['disconnect'] {
  if (disconnect === null) return null;
  const { by, frame, resultCode, errorCode, causeCode, statistics } = disconnect;
  const text = statistics === null ? null : fieldText(statistics);
  return { by: side(by), frame, resultCode, errorCode, causeCode, statistics: text };
}
