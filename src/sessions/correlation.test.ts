import { describe, expect, it } from 'vitest';
import { at, greOf, packetAt } from '../../test/support/followed.ts';
import { Limits } from '../octets/limits.ts';
import type { CallState } from './call-state.ts';
import { Correlation } from './correlation.ts';
import { Dormitory } from './dormitory.ts';
import type { GreFlow } from './gre-flow.ts';
import type { TunnelState } from './tunnel-state.ts';
import { Tunnels } from './tunnels.ts';

interface Gre {
  readonly from: number;
  readonly to: number;
  readonly callId: number;
  readonly frame: number;
  /** Seconds; the frame's number where nothing else is said. */
  readonly seconds?: number;
  readonly numbers?: Parameters<typeof greOf>[0];
}

/** The client has the address 1, the server 2. */
class Network {
  readonly limits: Limits;
  readonly tunnels: Tunnels;
  readonly correlation: Correlation;

  constructor(limits: ConstructorParameters<typeof Limits>[0] = {}) {
    this.limits = new Limits(limits);
    this.tunnels = new Tunnels(this.limits, new Dormitory());
    this.correlation = new Correlation(this.tunnels, this.limits);
  }

  tunnel(alone = false): TunnelState {
    const ends = [
      { address: 1, port: alone ? null : 50_000 },
      { address: 2, port: alone ? null : 1723 },
    ] as const;
    const tunnel = this.tunnels.open(ends, 1, at(1), alone);
    if (tunnel === null) throw new Error('no room');
    return tunnel;
  }

  call(tunnel: TunnelState, frame = 1): CallState {
    const call = this.tunnels.newCall(tunnel, 'outgoing', frame);
    if (call === null) throw new Error('no room');
    call.said.requestFrame = frame;
    return call;
  }

  /** A packet, counted by the flow that it is of. */
  gre({ from, to, callId, frame, seconds = frame, numbers = { sequence: 0 } }: Gre): GreFlow | null {
    const packet = Object.assign(packetAt(frame, seconds), { source: from, destination: to });
    const gre = Object.assign(greOf(numbers), { callId });
    this.correlation.first(packet, gre);
    const flow = this.correlation.flowOf(packet, gre);
    flow?.count(packet, gre);
    return flow;
  }
}

describe('GRE whose Call ID was announced', () => {
  it('is of that call at once: it carries the Call ID of who receives it (RFC 2637 §4.1)', () => {
    const network = new Network();
    const call = network.call(network.tunnel());
    network.correlation.announce(call, 0, 100, 2, at(2));
    network.correlation.announce(call, 1, 200, 3, at(3));
    const down = network.gre({ from: 2, to: 1, callId: 100, frame: 4 });
    const up = network.gre({ from: 1, to: 2, callId: 200, frame: 5 });
    expect([down?.call, down?.end, up?.call, up?.end]).toEqual([call, 1, call, 0]);
  });

  it('is of the newest call that announced it, and the one before keeps what it has', () => {
    const network = new Network();
    const tunnel = network.tunnel();
    const [first, second] = [network.call(tunnel), network.call(tunnel, 9)];
    network.correlation.announce(first, 0, 100, 2, at(2));
    const before = network.gre({ from: 2, to: 1, callId: 100, frame: 4 });
    network.correlation.announce(second, 0, 100, 10, at(10));
    const after = network.gre({ from: 2, to: 1, callId: 100, frame: 11 });
    expect([after?.call, first.flow(1), before?.packets, after?.packets]).toEqual([second, before, 1, 1]);
  });

  it('is of another call where it begins anew after the end of the one', () => {
    const network = new Network();
    const call = network.call(network.tunnel());
    network.correlation.announce(call, 0, 100, 2, at(2));
    for (let number = 0; number < 100; number += 1) {
      network.gre({ from: 2, to: 1, callId: 100, frame: 3 + number, numbers: { sequence: number } });
    }
    call.said.endedInstant = at(105);
    const anew = network.gre({ from: 2, to: 1, callId: 100, frame: 200 });
    expect([anew?.call, call.flow(1)?.packets]).toEqual([null, 100]);
  });
});

describe('GRE that comes before its announcement', () => {
  it.each([
    [3, true],
    [3.5, false],
  ])('by %d s: it is of that call: %s', (ahead, its) => {
    const network = new Network();
    const call = network.call(network.tunnel());
    const early = network.gre({ from: 2, to: 1, callId: 100, frame: 5, seconds: 10 });
    network.correlation.announce(call, 0, 100, 6, at(10 + ahead));
    expect(early?.call).toBe(its ? call : null);
    expect(network.gre({ from: 2, to: 1, callId: 100, frame: 7, seconds: 14 })?.call).toBe(call);
  });
});

describe('GRE that nobody announces', () => {
  const settled = (network: Network): void => network.correlation.settleOlder(at(1000));

  it('fills the direction that a call lacks: a NAT rewrote its Call ID', () => {
    const network = new Network();
    const call = network.call(network.tunnel());
    network.correlation.announce(call, 0, 100, 2, at(2));
    const flow = network.gre({ from: 2, to: 1, callId: 555, frame: 4 });
    expect(flow?.call).toBeNull();
    settled(network);
    expect([flow?.call, call.flow(1)]).toEqual([call, flow]);
    expect(call.said.anomalies).toMatchObject([{ frame: 4, code: 'call-id-rewritten' }]);
  });

  it('is of the call whose Call ID it has, from another address than the control connection', () => {
    const network = new Network();
    const call = network.call(network.tunnel());
    network.correlation.announce(call, 0, 100, 2, at(2));
    const flow = network.gre({ from: 9, to: 1, callId: 100, frame: 4 });
    settled(network);
    expect([flow?.call, call.flow(1)?.source]).toEqual([call, 9]);
  });

  it('makes a call of both directions where there is no signalling', () => {
    const network = new Network();
    const up = network.gre({ from: 5, to: 6, callId: 7, frame: 4 });
    const down = network.gre({ from: 6, to: 5, callId: 8, frame: 3, numbers: { sequence: 0, acknowledgment: 0 } });
    network.correlation.settleAll();
    const [tunnel, ...others] = network.tunnels.all();
    expect(others).toEqual([]);
    expect(tunnel?.calls).toHaveLength(1);
    expect([up?.call, down?.call?.kind, down?.call?.firstFrame]).toEqual([down?.call, 'unsignalled', 3]);
  });

  it('makes a call that begins with the earlier of them, whichever is settled first', () => {
    const network = new Network();
    const up = network.gre({ from: 5, to: 6, callId: 7, frame: 4 });
    const down = network.gre({ from: 6, to: 5, callId: 8, frame: 3 });
    for (const flow of [up, down]) if (flow !== null) network.correlation.settle(flow);
    expect([up?.call === down?.call, up?.call?.firstFrame]).toEqual([true, 3]);
  });

  it('makes a call of each where numbers do not fit: what one acknowledges the other never sent', () => {
    const network = new Network();
    const up = network.gre({ from: 5, to: 6, callId: 7, frame: 4 });
    const numbers = { sequence: 0, acknowledgment: 9_000_000 };
    const down = network.gre({ from: 6, to: 5, callId: 8, frame: 5, numbers });
    network.correlation.settleAll();
    expect(network.tunnels.all().flatMap(({ calls }) => calls)).toHaveLength(2);
    expect(up?.call).not.toBe(down?.call);
  });

  it('has the roles of a tunnel between the same addresses', () => {
    const network = new Network();
    const known = network.tunnel();
    known.clientEnd = 1;
    known.roles = 'certain';
    const call = network.call(known);
    network.correlation.announce(call, 0, 100, 2, at(2));
    network.correlation.announce(call, 1, 200, 2, at(2));
    network.gre({ from: 2, to: 1, callId: 100, frame: 3 });
    network.gre({ from: 1, to: 2, callId: 200, frame: 4 });
    const flow = network.gre({ from: 1, to: 2, callId: 7, frame: 5000 });
    network.correlation.settleAll();
    const tunnel = flow?.call?.tunnel;
    expect([tunnel === known, tunnel?.roles, tunnel?.address(tunnel.clientEnd)]).toEqual([false, 'likely', 2]);
  });

  it('is let go where there is no room for a tunnel', () => {
    const network = new Network({ tunnels: 1 });
    network.tunnel();
    const flow = network.gre({ from: 5, to: 6, callId: 7, frame: 4 });
    network.correlation.settleAll();
    expect([flow?.call, network.correlation.find(5, 6, 7)]).toEqual([null, null]);
  });

  it('is bounded', () => {
    const network = new Network({ 'gre-flows': 1 });
    expect(network.gre({ from: 5, to: 6, callId: 7, frame: 4 })).not.toBeNull();
    expect(network.gre({ from: 5, to: 6, callId: 8, frame: 5 })).toBeNull();
  });
});

describe('a tunnel that is forgotten', () => {
  it('takes what its calls lack with it, and its Call IDs are free', () => {
    const network = new Network();
    const tunnel = network.tunnel();
    const call = network.call(tunnel);
    network.correlation.announce(call, 0, 100, 2, at(2));
    const rewritten = network.gre({ from: 2, to: 1, callId: 555, frame: 4 });
    network.correlation.settleInto(tunnel);
    expect(call.flow(1)).toBe(rewritten);
    network.correlation.forget(tunnel);
    expect([100, 555].map((callId) => network.correlation.find(2, 1, callId))).toEqual([null, null]);
  });
});
