/** Tunnels, calls and flows as they are while they are followed, for tests of what follows them. */
import { Packet } from '../../src/dissect/packet.ts';
import { GreView } from '../../src/gre/view.ts';
import type { Instant } from '../../src/octets/instant.ts';
import { Limits } from '../../src/octets/limits.ts';
import { Window } from '../../src/octets/window.ts';
import { decodePppControl, type PppControlPacket } from '../../src/ppp/packet.ts';
import { CallState } from '../../src/sessions/call-state.ts';
import { Dormitory } from '../../src/sessions/dormitory.ts';
import { GreFlow } from '../../src/sessions/gre-flow.ts';
import { TunnelState } from '../../src/sessions/tunnel-state.ts';

export function at(seconds: number): Instant {
  return { seconds: Math.floor(seconds), nanoseconds: Math.round((seconds % 1) * 1e9) };
}

/** End 0 has the address 1, end 1 the address 2. */
export function newTunnel(frame = 1, seconds = 0): TunnelState {
  const ends = [
    { address: 1, port: null },
    { address: 2, port: null },
  ] as const;
  return new TunnelState(ends, frame, at(seconds), new Limits(), new Dormitory());
}

export function newCall(tunnel = newTunnel(), kind: CallState['kind'] = 'outgoing'): CallState {
  const call = new CallState(tunnel, kind);
  tunnel.addCall(call);
  return call;
}

/** A packet of no octets, as the dissector hands it on. */
export function packetAt(frame: number, seconds: number): Packet {
  return Object.assign(new Packet(), { frame, at: seconds, ...at(seconds), version: 4, timeToLive: 64 });
}

/** Of GRE's header, as far as it is given. */
export function greOf(numbers: { sequence?: number; acknowledgment?: number }): GreView {
  const { sequence, acknowledgment } = numbers;
  return Object.assign(new GreView(), {
    version: 1,
    sequencePresent: sequence !== undefined,
    sequenceNumber: sequence ?? 0,
    acknowledgmentPresent: acknowledgment !== undefined,
    acknowledgmentNumber: acknowledgment ?? 0,
  });
}

/** A packet of a flow: its frame, its time in seconds, its numbers. */
export type FlowPacket = readonly [frame: number, seconds: number, numbers: Parameters<typeof greOf>[0]];

/** From address 1 to address 2, or back, with these packets. */
export function flowOf(end: 0 | 1, ...packets: readonly FlowPacket[]): GreFlow {
  const flow = end === 0 ? new GreFlow(1, 2, 7) : new GreFlow(2, 1, 8);
  for (const [frame, seconds, numbers] of packets) flow.count(packetAt(frame, seconds), greOf(numbers));
  return flow;
}

/** A control packet of PPP; its length is that of its octets. RFC 1661 §5 */
export function controlPacket(
  protocol: number,
  code: number,
  identifier: number,
  data: readonly number[] = [],
): PppControlPacket {
  const octets = Uint8Array.of(code, identifier, 0, 4 + data.length, ...data);
  const decoded = decodePppControl(protocol, new Window(octets), 0, octets.length, false);
  if (!decoded.ok) throw new Error(`not a packet: ${decoded.reason}`);
  return decoded.value;
}
