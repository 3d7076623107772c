import { describe, expect, it } from 'vitest';
import { at, controlPacket, flowOf, newCall, newTunnel } from '../../test/support/followed.ts';
import { AddressBook } from '../octets/address.ts';
import { Limits } from '../octets/limits.ts';
import { pppProtocol } from '../ppp/protocols.ts';
import type { CallState } from './call-state.ts';
import { ControlConnection } from './control-connection.ts';
import type { TunnelEvent } from './events.ts';
import { Silences } from './silences.ts';
import { Told } from './told.ts';
import type { TunnelState } from './tunnel-state.ts';

/** What is said of one tunnel as the clock goes on. */
class Clock {
  readonly said: TunnelEvent[] = [];
  readonly judged: CallState[] = [];
  readonly silences: Silences;

  constructor(tunnel: TunnelState) {
    const told = new Told(
      {
        event: (event) => this.said.push(event),
        judge: (_tunnel, calls) => this.judged.push(...calls),
        passed: () => undefined,
        callForgotten: () => undefined,
      },
      new AddressBook(new Limits()),
      () => 6,
    );
    told.tunnel(tunnel, { frame: 1, instant: at(0) });
    this.silences = new Silences(told);
  }

  /** The kinds of what is said by then, and whether the tunnel is given up. */
  tick(seconds: number): [kinds: string[], givenUp: boolean] {
    this.said.length = 0;
    const givenUp = this.silences.tick(at(seconds)).length > 0;
    return [this.said.map(({ kind }) => kind), givenUp];
  }
}

/** A call without signalling that came up: GRE of both ends. */
function running(seconds: number): CallState {
  const tunnel = newTunnel();
  const call = newCall(tunnel, 'unsignalled');
  for (const end of [0, 1] as const) {
    call.bind(end, flowOf(end, [1 + end, seconds, { sequence: 0 }]));
    tunnel.heard(end, { frame: 1 + end, at: seconds });
    call.packetSeen(end, { frame: 1 + end, at: seconds });
  }
  return call;
}

describe('a tunnel of which nothing comes', () => {
  it('is silent after 75 seconds, for both ends send echoes once a minute (RFC 2637 §2.5), once', () => {
    const clock = new Clock(running(100).tunnel);
    expect(clock.tick(174)).toEqual([[], false]);
    expect(clock.tick(175)).toEqual([['tunnel-silent'], false]);
    expect(clock.said).toMatchObject([{ seconds: 75 }]);
    expect(clock.tick(500)).toEqual([[], false]);
  });

  it('is given up after an hour, and after two minutes where it never came up', () => {
    const clock = new Clock(running(100).tunnel);
    expect([clock.tick(3699)[1], clock.tick(3700)[1]]).toEqual([false, true]);
    const never = newTunnel();
    never.heard(0, { frame: 1, at: 100 });
    expect([219, 220].map((seconds) => new Clock(never).tick(seconds))).toEqual([
      [[], false],
      [[], true],
    ]);
  });
});

describe('LCP Echo-Requests without a reply (RFC 1661 §5.8)', () => {
  /** So many, a second apart, from the second 100 on. */
  function echoes(requests: number): Clock {
    const call = running(100);
    for (let number = 0; number < requests; number += 1) {
      call.link.packet(0, controlPacket(pppProtocol.lcp, 9, number, [0, 0, 0, 0]), 10 + number, at(100 + number));
    }
    return new Clock(call.tunnel);
  }

  it('are told when more than three are in vain: the last of them may still be answered', () => {
    expect(echoes(3).tick(105)[0]).toEqual([]);
    const clock = echoes(4);
    expect(clock.tick(105)[0]).toEqual(['echo-unanswered']);
    expect(clock.said).toMatchObject([{ protocol: 'lcp', from: 'client', requests: 4, call: 'T1.1' }]);
    expect(clock.tick(106)[0]).toEqual([]);
  });

  it('are told after 30 seconds, however few', () => {
    expect(echoes(1).tick(129)[0]).toEqual([]);
    expect(echoes(1).tick(130)[0]).toEqual(['echo-unanswered']);
  });
});

describe('a call reply that is not followed by GRE of both ends', () => {
  function asked(): [Clock, CallState] {
    const tunnel = newTunnel();
    tunnel.control = new ControlConnection(
      tunnel,
      { callMessage: () => undefined, controlEnded: () => undefined },
      true,
    );
    const call = newCall(tunnel);
    call.said.requestInstant = at(100);
    call.said.replyInstant = at(101);
    tunnel.heard(0, { frame: 1, at: 101 });
    return [new Clock(tunnel), call];
  }

  it('is judged five seconds after it, once', () => {
    const [clock, call] = asked();
    clock.tick(105);
    expect(clock.judged).toEqual([]);
    clock.tick(106);
    clock.tick(107);
    expect(clock.judged).toEqual([call]);
  });

  it('is not judged where the call has ended', () => {
    const [clock, call] = asked();
    call.said.endedInstant = at(102);
    clock.tick(106);
    expect(clock.judged).toEqual([]);
  });
});

describe('calls of a tunnel that goes on with others', () => {
  /** Two calls that nobody is heard in since the second 100. */
  function two(): [Clock, CallState[]] {
    const first = running(100);
    const second = newCall(first.tunnel);
    second.said.requestInstant = at(100);
    const clock = new Clock(first.tunnel);
    return [clock, [first, second]];
  }

  const done = ([clock]: ReturnType<typeof two>, seconds: number, kept: number): readonly CallState[] => {
    clock.tick(seconds);
    return clock.silences.callsDone(at(seconds), kept);
  };

  it('are done with a minute after their end, the oldest first', () => {
    const found = two();
    const [, [first]] = found;
    if (first === undefined) return expect.unreachable();
    first.said.endedInstant = at(110);
    expect(done(found, 169, 1)).toEqual([]);
    expect(done(found, 170, 1)).toEqual([first]);
    expect(done(found, 170, 2)).toEqual([]);
  });

  it('are done with where nothing comes for an hour, or for two minutes where they never came up', () => {
    const found = two();
    const [, [, second]] = found;
    expect(done(found, 219, 1)).toEqual([]);
    expect(done(found, 220, 1)).toEqual([second]);
    expect(done(found, 3699, 0)).toEqual([second]);
  });
});
