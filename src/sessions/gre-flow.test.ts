import { describe, expect, it } from 'vitest';
import { flowOf, greOf, newCall, packetAt } from '../../test/support/followed.ts';
import { headerChecksum } from '../dissect/packet.ts';
import { Window } from '../octets/window.ts';
import type { Brings, GreFlow } from './gre-flow.ts';

/** A packet with these octets of payload, and what the flow says of it. */
function carries(flow: GreFlow, frame: number, sequence: number, payload: readonly number[], changed = {}): Brings {
  const end = payload.length;
  const window = new Window(Uint8Array.from(payload));
  const packet = Object.assign(packetAt(frame, frame), { window, end, wireLength: end }, changed);
  const gre = Object.assign(greOf({ sequence }), { payloadEnd: end, payloadLength: end });
  return flow.count(packet, gre);
}

describe('a packet of a flow', () => {
  it('brings something, or nothing new where it was here before (RFC 2637 §4.1)', () => {
    const flow = flowOf(0);
    expect(carries(flow, 1, 7, [1, 2, 3, 4])).toBe('something');
    expect(carries(flow, 2, 7, [1, 2, 3, 4])).toBe('nothing-new');
    expect(carries(flow, 3, 8, [])).toBe('nothing-new');
    expect(flow.oddities.repeats).toBeNull();
    expect([flow.packets, flow.dataPackets, flow.sequence.duplicates]).toEqual([3, 2, 1]);
  });

  it('is the same from behind a router where its time to live alone differs', () => {
    const flow = flowOf(0);
    carries(flow, 1, 7, [1, 2, 3, 4]);
    expect(carries(flow, 2, 7, [1, 2, 3, 4], { timeToLive: 63 })).toBe('routed-copy');
    expect(flow.oddities.repeats).toMatchObject({ routed: 1, changed: 0 });
  });

  it('is another under the same number where its octets differ', () => {
    const flow = flowOf(0);
    carries(flow, 1, 7, [1, 2, 3, 4]);
    carries(flow, 2, 7, [1, 2, 3, 5]);
    expect(flow.oddities.repeats).toMatchObject({ changed: 1, changedFrame: 2 });
    // Of one that the capture cut it cannot be told.
    carries(flow, 3, 7, [9, 9, 9, 9], { cut: true });
    expect(flow.oddities.repeats?.changed).toBe(1);
  });

  it('without a number is an acknowledgment alone (RFC 2637 §4.1)', () => {
    const flow = flowOf(0, [1, 1, { acknowledgment: 5 }], [2, 2, { acknowledgment: 6 }]);
    expect([flow.packets, flow.ackOnly, flow.acknowledging, flow.sequence.count]).toEqual([2, 2, 6, 0]);
  });

  it('with a wrong checksum of IP is counted, and the first and the last of these kept', () => {
    const flow = flowOf(0);
    for (const frame of [1, 2, 3, 4]) {
      const wrong = frame === 2 || frame === 3;
      carries(flow, frame, frame, [], { headerChecksum: wrong ? headerChecksum.wrong : headerChecksum.right });
    }
    expect(flow.oddities.spoiled).toEqual({ packets: 2, first: 2, last: 3 });
  });
});

describe('what the other direction acknowledges (RFC 2637 §4.3)', () => {
  it('is the highest number that it received: what is outstanding begins behind it', () => {
    const flow = flowOf(0, [1, 1, { sequence: 0 }]);
    flow.acknowledge(0, packetAt(2, 1.25));
    for (const sequence of [1, 2, 3]) flow.count(packetAt(2 + sequence, 2), greOf({ sequence }));
    expect(flow.maximumOutstanding).toBe(3);
    flow.acknowledge(2, packetAt(6, 3));
    // An older one says nothing new.
    flow.acknowledge(1, packetAt(7, 3));
    flow.count(packetAt(8, 4), greOf({ sequence: 4 }));
    expect(flow.maximumOutstanding).toBe(3);
  });

  it('took so long', () => {
    const flow = flowOf(0, [1, 1, { sequence: 0 }]);
    expect(flow.medianAcknowledgmentTime).toBeNull();
    flow.acknowledge(0, packetAt(2, 1.25));
    expect(flow.medianAcknowledgmentTime).toBe(250);
  });

  it('is none of it a million numbers away, and after a restart may be of the sequence before', () => {
    const flow = flowOf(0, [1, 1, { sequence: 5000 }]);
    expect([5000 + 0x10_0000, 5001 + 0x10_0000].map((number) => flow.isFarFrom(number))).toEqual([false, true]);
    expect(flowOf(0).isFarFrom(0x7fff_ffff)).toBe(false);
    const anew = flowOf(0, [1, 1, { sequence: 9_000_000 }], [2, 2, { sequence: 0 }], [3, 3, { sequence: 1 }]);
    expect(anew.sequence.restarts).toBe(1);
    expect(anew.isFarFrom(9_000_000)).toBe(false);
  });

  it('before a restart does not hide what is outstanding behind it', () => {
    const anew = flowOf(0, [1, 1, { sequence: 9_000_000 }], [2, 2, { sequence: 0 }], [3, 3, { sequence: 1 }]);
    anew.acknowledge(9_000_000, packetAt(4, 3));
    anew.acknowledge(1, packetAt(5, 3));
    for (const sequence of [2, 3, 4]) anew.count(packetAt(4 + sequence, 4), greOf({ sequence }));
    expect(anew.maximumOutstanding).toBe(3);
  });

  it('beyond the window that its receiver announced is counted', () => {
    const flow = flowOf(0, [1, 1, { sequence: 0 }]);
    flow.receiveWindow = 2;
    flow.acknowledge(0, packetAt(2, 1));
    for (const sequence of [1, 2]) flow.count(packetAt(2 + sequence, 2), greOf({ sequence }));
    expect(flow.stalls).toBeNull();
    flow.count(packetAt(5, 2), greOf({ sequence: 3 }));
    expect(flow.stalls?.beyondWindow).toBe(1);
  });

  it('opens a full window, for which its sender waited where it goes on at once', () => {
    const flow = flowOf(0, [1, 1, { sequence: 0 }]);
    flow.receiveWindow = 2;
    flow.acknowledge(0, packetAt(2, 1));
    for (const sequence of [1, 2]) flow.count(packetAt(2 + sequence, 1.1), greOf({ sequence }));
    flow.acknowledge(2, packetAt(5, 1.5));
    flow.count(packetAt(6, 1.51), greOf({ sequence: 3 }));
    expect(flow.stalls).toMatchObject({ stalls: 1, longest: { before: 4, after: 6 } });
    expect(flow.stalls?.seconds).toBeCloseTo(0.41, 9);
  });
});

describe('what the capture lacks of a flow', () => {
  it('is nothing where each number is there that an end acknowledges', () => {
    const flow = flowOf(0, [1, 1, { sequence: 0 }], [2, 2, { sequence: 1 }]);
    expect([0, 1, 2].map((number) => flow.isWholeUpTo(number))).toEqual([true, true, false]);
    flow.count(packetAt(3, 3), greOf({ sequence: 3 }));
    expect(flow.isWholeUpTo(1)).toBe(false);
    expect(flowOf(0).isWholeUpTo(0)).toBe(false);
  });

  it('is all of what the other direction acknowledges where no packet of it has a number', () => {
    const call = newCall();
    const flow = flowOf(0, [2, 2, { acknowledgment: 1 }]);
    call.bind(0, flow);
    expect(flow.missed).toBeNull();
    call.bind(1, flowOf(1, [1, 1, { sequence: 0, acknowledgment: 4 }]));
    expect(flow.missed).toEqual({ packets: 4, between: 0, before: null, after: null });
  });
});
