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
import type { GreFlow } from './gre-flow.ts';
import type { Call } from './model/call.ts';
import type { Side } from './model/side.ts';

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
  const authentication = buildAuthentication(link, client, context);
  const lcp = buildLcp(link, over, flowing, client);
  const upstream = call.flow(client);
  const downstream = call.flow(server);
  const network = buildNetwork(link, over, flowing, client);
  const encryption = buildEncryption(call, over, flowing);
  const evidence = buildEvidence(call, context.addresses, time);
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
    disconnect: disconnectOf(call, side),
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
    anomalies: callAnomalies(call, { lcp, authentication, encryption, evidence }, flowing, context.addresses, side),
    evidence,
  };
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

/** `carries`: user data. `failed`: the call ended, or something that it cannot do without did not come about. */
function callOutcome(call: CallState, networkOpen: boolean, carries: boolean, failed: boolean): Call['outcome'] {
  if (networkOpen || carries) return 'established';
  if (call.said.resultCode !== null && !call.connected) return 'refused';
  return failed ? 'failed' : 'unfinished';
}

function disconnectOf({ said: { disconnect } }: CallState, side: (end: End) => Side): Call['disconnect'] {
  if (disconnect === null) return null;
  const { by, frame, resultCode, errorCode, causeCode, statistics } = disconnect;
  const text = statistics === null ? null : fieldText(statistics);
  return { by: side(by), frame, resultCode, errorCode, causeCode, statistics: text };
}
