/** The tunnels that are followed, by the pair of their addresses, and how they are forgotten when they are done. */
import type { Packet } from '../dissect/packet.ts';
import type { Instant } from '../octets/instant.ts';
import type { Limits } from '../octets/limits.ts';
import { CallState } from './call-state.ts';
import { TunnelState } from './tunnel-state.ts';

/** Seconds without a packet after which a closed tunnel is done with. */
export const graceSeconds = 60;

export class Tunnels {
  private readonly limits: Limits;
  private readonly byAddresses = new Map<string, TunnelState[]>();
  private opened = 0;
  private calls = 0;

  constructor(limits: Limits) {
    this.limits = limits;
  }

  /** Tunnels between two addresses, oldest first. */
  between(one: number, other: number): readonly TunnelState[] {
    return this.byAddresses.get(pairKey(one, other)) ?? [];
  }

  /** null where there are too many. */
  open(ends: TunnelState['ends'], frame: number, instant: Instant | null): TunnelState | null {
    if (this.limits.full('tunnels', this.opened)) return null;
    this.opened += 1;
    const tunnel = new TunnelState(ends, frame, instant, this.limits);
    const pair = pairKey(ends[0].address, ends[1].address);
    const list = this.byAddresses.get(pair);
    if (list === undefined) this.byAddresses.set(pair, [tunnel]);
    else list.push(tunnel);
    return tunnel;
  }

  /** A tunnel is forgotten, and its report is kept by nobody or elsewhere bounded: another may take its place. */
  release(tunnel: TunnelState): void {
    this.opened -= 1;
    this.calls -= tunnel.calls.length;
  }

  /** Forgets a call of a tunnel that goes on. */
  forgetCall(call: CallState): void {
    const { calls } = call.tunnel;
    const index = calls.indexOf(call);
    if (index < 0) return;
    calls.splice(index, 1);
    this.calls -= 1;
  }

  newCall(tunnel: TunnelState, kind: CallState['kind'], frame: number): CallState | null {
    if (this.limits.full('calls', tunnel.calls.length) || this.limits.full('calls-together', this.calls)) return null;
    this.calls += 1;
    const call = new CallState(tunnel, kind);
    call.firstFrame = frame;
    tunnel.calls.push(call);
    return call;
  }

  /** False where it was forgotten before. */
  forget(tunnel: TunnelState): boolean {
    const pair = pairKey(tunnel.ends[0].address, tunnel.ends[1].address);
    const list = this.byAddresses.get(pair);
    const index = list?.indexOf(tunnel) ?? -1;
    if (list === undefined || index < 0) return false;
    list.splice(index, 1);
    if (list.length === 0) this.byAddresses.delete(pair);
    return true;
  }

  all(): TunnelState[] {
    return [...this.byAddresses.values()].flat();
  }
}

export function pairKey(one: number, other: number): string {
  return one < other ? `${one} ${other}` : `${other} ${one}`;
}

export function instantOf(packet: Packet): Instant {
  return { seconds: packet.seconds, nanoseconds: packet.nanoseconds };
}
