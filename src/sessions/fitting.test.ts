import { describe, expect, it } from 'vitest';
import { at, flowOf, newCall, newTunnel } from '../../test/support/followed.ts';
import { began, fits, isRecent, lacks, overlaps } from './fitting.ts';

describe('GRE and the message that announces its Call ID', () => {
  it('runs ahead by three seconds at most', () => {
    const flow = flowOf(0, [5, 10, { sequence: 0 }]);
    expect([13, 13.001].map((seconds) => isRecent(flow, 9, at(seconds)))).toEqual([true, false]);
    // Captures reorder: it may stand behind the message, and have begun before it.
    expect(isRecent(flow, 4, at(9))).toBe(true);
  });

  it('runs ahead by less than 64 frames where there are no times', () => {
    const flow = flowOf(0, [5, 0, { sequence: 0 }]);
    flow.timed = false;
    expect([68, 69].map((frame) => isRecent(flow, frame, at(0)))).toEqual([true, false]);
  });
});

describe('a direction of a call', () => {
  it('is lacking until a packet of it came', () => {
    const call = newCall();
    expect(lacks(call, 0)).toBe(true);
    call.bind(0, flowOf(0));
    expect(lacks(call, 0)).toBe(true);
    call.bind(0, flowOf(0, [1, 0, { sequence: 0 }]));
    expect([lacks(call, 0), lacks(call, 1)]).toEqual([false, true]);
  });

  it('began with the call: no 64 frames before its request, and no three seconds behind its end', () => {
    const call = newCall();
    call.said.requestFrame = 100;
    expect([36, 35].map((frame) => began(call, flowOf(0, [frame, 0, { sequence: 0 }])))).toEqual([true, false]);
    call.said.endedInstant = at(50);
    expect([52, 53].map((seconds) => began(call, flowOf(0, [200, seconds, { sequence: 0 }])))).toEqual([true, false]);
  });

  it('goes on while the tunnel does, or within a minute of it', () => {
    const tunnel = newTunnel(1, 1000);
    tunnel.touch(2, at(1010));
    const during = (from: number, to: number) => flowOf(0, [3, from, { sequence: 0 }], [4, to, { sequence: 1 }]);
    expect(overlaps(tunnel, during(1069, 1080))).toBe(true);
    expect(overlaps(tunnel, during(1070, 1080))).toBe(false);
    expect(overlaps(tunnel, during(930, 941))).toBe(true);
    expect(overlaps(tunnel, during(930, 940))).toBe(false);
  });
});

describe('the two directions of one call', () => {
  const there = () => flowOf(0, [1, 100, { sequence: 5000 }], [3, 110, { sequence: 5001, acknowledgment: 40 }]);

  function fitsWith(back: ReturnType<typeof flowOf>): boolean {
    const call = newCall();
    call.bind(0, there());
    return fits(call, 1, back);
  }

  it('acknowledge numbers that the other sends (RFC 2637 §4.3)', () => {
    expect(fitsWith(flowOf(1, [2, 105, { sequence: 41, acknowledgment: 5000 }]))).toBe(true);
    expect(fitsWith(flowOf(1, [2, 105, { sequence: 41, acknowledgment: 900_000 }]))).toBe(false);
    expect(fitsWith(flowOf(1, [2, 105, { sequence: 900_000 }]))).toBe(false);
    // Acknowledgments alone have no number that the other could have acknowledged.
    expect(fitsWith(flowOf(1, [2, 105, { acknowledgment: 5000 }]))).toBe(true);
  });

  it('are there at the same time, or within a minute', () => {
    expect([170, 171].map((seconds) => fitsWith(flowOf(1, [9, seconds, { sequence: 41 }])))).toEqual([true, false]);
    expect([40, 39].map((seconds) => fitsWith(flowOf(1, [0, seconds, { sequence: 41 }])))).toEqual([true, false]);
  });

  it('may be the one where nothing is known of the other', () => {
    expect(fits(newCall(), 1, flowOf(1, [9, 5000, { sequence: 41 }]))).toBe(true);
  });
});
