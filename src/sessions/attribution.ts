/**
 * Which tunnel and call a packet belongs to, asked of finished tunnels: the packet view reads a capture a second time
 * and looks every packet up by its addresses, ports, Call ID and frame number.
 */
import type { CallKnowledge } from '../dissect/packet-knowledge.ts';
import { otherSide } from './ends.ts';
import type { Call } from './model/call.ts';
import type { Side } from './model/side.ts';
import type { Tunnel } from './model/tunnel.ts';
import { firstBehind } from './near.ts';

export interface Owner {
  readonly tunnel: Tunnel;
  /** null where the packet is the tunnel's own, or nobody knows which call's it is. */
  readonly call: Call | null;
  /** Who sent it; null for an ICMP error of a third party. */
  readonly from: Side | null;
}

/** An owner from a frame on, until another one takes the same addresses and numbers. */
interface Claim {
  readonly owner: Owner;
  readonly firstFrame: number;
}

export class Attribution {
  /** TCP ports of all ends: what uses none of them is no control connection. */
  readonly ports: ReadonlySet<number>;
  private readonly connections = new Map<string, Claim[]>();
  private readonly flows = new Map<string, Claim[]>();
  private readonly pairs = new Map<string, Claim[]>();
  private readonly errors = new Map<number, Owner>();
  /** Calls by the Call ID that one side gave them. */
  private readonly calls = new Map<string, Claim[]>();
  /** Calls by the frame of their Call-Disconnect-Notify. */
  private readonly disconnected = new Map<string, Call[]>();

  constructor(tunnels: readonly Tunnel[]) {
    const ports = new Set<number>();
    for (const tunnel of tunnels) {
      const { client, server, firstFrame } = tunnel;
      const sides = [
        ['client', client, server],
        ['server', server, client],
      ] as const;
      for (const [from, sender, receiver] of sides) {
        const owner = { tunnel, call: null, from };
        claim(this.pairs, `${sender.address} ${receiver.address}`, { owner, firstFrame });
        if (sender.port === null || receiver.port === null) continue;
        ports.add(sender.port);
        // The SYN of a connection on an unusual port lies before the frame that gave it away.
        const opened = Math.min(firstFrame, tunnel.control?.tcp.openedFrame ?? firstFrame);
        const key = connectionKey(sender.address, sender.port, receiver.address, receiver.port);
        claim(this.connections, key, { owner, firstFrame: opened });
      }
      for (const call of tunnel.calls) {
        this.flowsOf(tunnel, call);
        const begun = { owner: { tunnel, call, from: null }, firstFrame: call.requestFrame ?? call.replyFrame ?? 0 };
        claim(this.calls, callKey(tunnel, 'client', call.clientCallId), begun);
        claim(this.calls, callKey(tunnel, 'server', call.serverCallId), begun);
        if (call.disconnect !== null) claim(this.disconnected, frameKey(tunnel, call.disconnect.frame), call);
      }
      for (const error of tunnel.icmpErrors) {
        const call = tunnel.calls.find(({ id }) => id === error.call) ?? null;
        this.errors.set(error.frame, { tunnel, call, from: null });
      }
    }
    this.ports = ports;
    for (const claimed of [this.connections, this.flows, this.pairs, this.calls]) {
      for (const claims of claimed.values()) claims.sort((a, b) => a.firstFrame - b.firstFrame);
    }
  }

  tcp(source: string, sourcePort: number, destination: string, destinationPort: number, frame: number): Owner | null {
    return at(this.connections.get(connectionKey(source, sourcePort, destination, destinationPort)), frame);
  }

  /** Enhanced GRE; of a flow that no call claims, the tunnel between the addresses. */
  gre(source: string, destination: string, callId: number, frame: number): Owner | null {
    return at(this.flows.get(flowKey(source, destination, callId)), frame) ?? this.between(source, destination, frame);
  }

  icmp(frame: number): Owner | null {
    return this.errors.get(frame) ?? null;
  }

  between(source: string, destination: string, frame: number): Owner | null {
    return at(this.pairs.get(`${source} ${destination}`), frame);
  }

  /** The call that a Call-Disconnect-Notify ended: what it names as the call is not always that. */
  callOfDisconnect(tunnel: Tunnel, from: Side, callId: number | null, frame: number): Call | null {
    const [call, ...others] = this.disconnected.get(frameKey(tunnel, frame)) ?? [];
    return call !== undefined && others.length === 0 ? call : this.callOfMessage(tunnel, from, callId, null, frame);
  }

  /** The call that a control message speaks of, by the Call IDs in it; null for the messages of the connection itself. */
  callOfMessage(
    tunnel: Tunnel,
    from: Side,
    callId: number | null,
    peerCallId: number | null,
    frame: number,
  ): Call | null {
    const other = otherSide(from);
    const own = callId === null ? null : claimAt(this.calls.get(callKey(tunnel, from, callId)), frame);
    const peer = peerCallId === null ? null : claimAt(this.calls.get(callKey(tunnel, other, peerCallId)), frame);
    if (own === null || peer === null) return (own ?? peer)?.owner.call ?? null;
    // The newest that has begun; before both, the first.
    const [earlier, later] = own.firstFrame <= peer.firstFrame ? [own, peer] : [peer, own];
    return (later.firstFrame <= frame ? later : earlier).owner.call;
  }

  private flowsOf(tunnel: Tunnel, call: Call): void {
    const { client, server } = tunnel;
    const directions = [
      ['client', call.greFromOtherAddress.client ?? client.address, server.address, 'clientToServer'],
      ['server', call.greFromOtherAddress.server ?? server.address, client.address, 'serverToClient'],
    ] as const;
    for (const [from, source, destination, direction] of directions) {
      const callId = call.callIdInGre[direction];
      const { firstFrame } = call.gre[direction];
      if (callId === null || firstFrame === null) continue;
      claim(this.flows, flowKey(source, destination, callId), { owner: { tunnel, call, from }, firstFrame });
    }
  }
}

/** What a finished call says about its packets. Its passwords, where the tunnels were made with `keepSecrets`. */
export function knowledgeOf({ call, from }: Owner): CallKnowledge | null {
  if (call === null || from === null) return null;
  const { method } = call.encryption;
  const receiver = otherSide(from);
  return {
    chap: chapOf(call, receiver),
    compression: method === 'none' ? null : method,
    shortMultilinkNumbers: call.lcp[receiver]?.shortSequenceNumbers ?? false,
    passwords: call.authentication.flatMap(({ secrets }) => secrets?.passwords ?? []),
  };
}

/** The newest algorithm that the side demanded. */
function chapOf(call: Call, demanding: Side): CallKnowledge['chap'] {
  for (const { protocol, authenticator } of call.authentication.toReversed()) {
    if (authenticator !== demanding) continue;
    if (protocol === 'chap-md5' || protocol === 'ms-chap-v1' || protocol === 'ms-chap-v2') return protocol;
  }
  return null;
}

function claim<Value>(claims: Map<string, Value[]>, key: string, one: Value): void {
  const held = claims.get(key);
  if (held === undefined) claims.set(key, [one]);
  else held.push(one);
}

/** The last that began before the frame; before all of them, the first. */
function claimAt(claims: readonly Claim[] | undefined, frame: number): Claim | null {
  if (claims === undefined) return null;
  return claims[firstBehind(claims, frame + 1) - 1] ?? claims[0] ?? null;
}

function at(claims: readonly Claim[] | undefined, frame: number): Owner | null {
  return claimAt(claims, frame)?.owner ?? null;
}

function callKey({ id }: Tunnel, side: Side, callId: number | null): string {
  return `${id} ${side} ${callId}`;
}

function frameKey({ id }: Tunnel, frame: number): string {
  return `${id} ${frame}`;
}

function connectionKey(source: string, sourcePort: number, destination: string, destinationPort: number): string {
  return `${source} ${sourcePort} ${destination} ${destinationPort}`;
}

function flowKey(source: string, destination: string, callId: number): string {
  return `${source} ${destination} ${callId}`;
}
