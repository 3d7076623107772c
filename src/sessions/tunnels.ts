/** The tunnels that are followed, by the pair of their addresses, and how they are forgotten when they are done. */
import type { Packet } from '../dissect/packet.ts';
import type { Instant } from '../octets/instant.ts';
import type { Limits } from '../octets/limits.ts';
import { pairKey } from '../octets/number-key.ts';
import { CallState } from './call-state.ts';
import type { Dormitory } from './dormitory.ts';
import { firstBehind, near } from './near.ts';
import { type TunnelEnds, TunnelState } from './tunnel-state.ts';

/** Seconds without a packet after which a closed tunnel is done with. */
export const graceSeconds = 60;

/** A tunnel in its place; null once it was forgotten. */
interface Place {
  readonly firstFrame: number;
  tunnel: TunnelState | null;
}

/** The tunnels between two addresses, where there are several. */
class Together {
  /** The newest of those that are. */
  alone: TunnelState | null = null;
  /** In the order of their first frames. */
  private places: Place[] = [];
  private forgotten = 0;

  get size(): number {
    return this.places.length - this.forgotten;
  }

  add(tunnel: TunnelState): void {
    const { firstFrame } = tunnel;
    const place = { firstFrame, tunnel };
    if (tunnel.alone) this.alone = tunnel;
    if ((this.places.at(-1)?.firstFrame ?? 0) <= firstFrame) this.places.push(place);
    else this.places.splice(firstBehind(this.places, firstFrame), 0, place);
  }

  remove(tunnel: TunnelState): void {
    const { places } = this;
    let at = firstBehind(places, tunnel.firstFrame);
    while (places[at]?.firstFrame === tunnel.firstFrame && places[at]?.tunnel !== tunnel) at += 1;
    const place = places[at];
    if (place?.tunnel !== tunnel) return;
    place.tunnel = null;
    this.forgotten += 1;
    if (this.alone === tunnel) this.alone = null;
    // Closed up now and then: each time would cost the square.
    if (this.forgotten * 2 > places.length) {
      this.places = places.filter((one) => one.tunnel !== null);
      this.forgotten = 0;
    }
  }

  near(frame: number): TunnelState[] {
    return near(this.places, frame).flatMap(({ tunnel }) => tunnel ?? []);
  }

  all(): TunnelState[] {
    return this.places.flatMap(({ tunnel }) => tunnel ?? []);
  }
}

export class Tunnels {
  private readonly limits: Limits;
  private readonly dormitory: Dormitory;
  /** A single tunnel stands for itself. */
  private readonly byAddresses = new Map<string, TunnelState | Together>();
  /** The newest of each address that sent the first packet of one. */
  private readonly byOpener = new Map<number, TunnelState>();
  private opened = 0;
  private calls = 0;

  constructor(limits: Limits, dormitory: Dormitory) {
    this.limits = limits;
    this.dormitory = dormitory;
  }

  /** Tunnels between two addresses that began around a frame, oldest first. */
  near(one: number, other: number, frame: number): readonly TunnelState[] {
    const found = this.byAddresses.get(pairKey(one, other));
    if (found instanceof Together) return found.near(frame);
    return found === undefined ? [] : [found];
  }

  /** The tunnel between two addresses that has no control connection. */
  alone(one: number, other: number): TunnelState | null {
    const found = this.byAddresses.get(pairKey(one, other));
    if (found instanceof Together) return found.alone;
    return found?.alone ? found : null;
  }

  /** The newest tunnel whose first packet an address sent. */
  openedBy(address: number): TunnelState | null {
    return this.byOpener.get(address) ?? null;
  }

  /** Its control connection was found. */
  noLongerAlone(tunnel: TunnelState): void {
    tunnel.alone = false;
    const found = this.byAddresses.get(pairKey(tunnel.address(0), tunnel.address(1)));
    if (found instanceof Together && found.alone === tunnel) found.alone = null;
  }

  /** null where there are too many. `alone`: no control connection is known. */
  open(ends: TunnelEnds, frame: number, instant: Instant | null, alone: boolean): TunnelState | null {
    if (this.limits.full('tunnels', this.opened)) return null;
    this.opened += 1;
    const tunnel = new TunnelState(ends, frame, instant, this.limits, this.dormitory);
    tunnel.alone = alone;
    this.byOpener.set(ends[0].address, tunnel);
    const pair = pairKey(ends[0].address, ends[1].address);
    const held = this.byAddresses.get(pair);
    if (held === undefined) {
      this.byAddresses.set(pair, tunnel);
    } else if (held instanceof Together) {
      held.add(tunnel);
    } else {
      const together = new Together();
      together.add(held);
      together.add(tunnel);
      this.byAddresses.set(pair, together);
    }
    return tunnel;
  }

  /** A tunnel is forgotten, and its report is kept by nobody or elsewhere bounded: another may take its place. */
  release(tunnel: TunnelState): void {
    this.opened -= 1;
    this.calls -= tunnel.calls.length;
  }

  /** Forgets a call of a tunnel that goes on. */
  forgetCall(call: CallState): void {
    if (call.tunnel.forgetCall(call)) this.calls -= 1;
  }

  newCall(tunnel: TunnelState, kind: CallState['kind'], frame: number): CallState | null {
    if (this.limits.full('calls', tunnel.calls.length) || this.limits.full('calls-together', this.calls)) return null;
    this.calls += 1;
    const call = new CallState(tunnel, kind);
    call.firstFrame = frame;
    tunnel.addCall(call);
    return call;
  }

  forget(tunnel: TunnelState): void {
    tunnel.forgotten = true;
    if (this.byOpener.get(tunnel.address(0)) === tunnel) this.byOpener.delete(tunnel.address(0));
    const pair = pairKey(tunnel.address(0), tunnel.address(1));
    const held = this.byAddresses.get(pair);
    if (held instanceof Together) {
      held.remove(tunnel);
      if (held.size > 0) return;
    }
    this.byAddresses.delete(pair);
  }

  /** Nobody holds anything of a tunnel. */
  rest(): void {
    this.dormitory.rest();
  }

  all(): TunnelState[] {
    return [...this.byAddresses.values()].flatMap((held) => (held instanceof Together ? held.all() : held));
  }
}

export function instantOf(packet: Packet): Instant {
  return { seconds: packet.seconds, nanoseconds: packet.nanoseconds };
}
