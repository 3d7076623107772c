import { describe, expect, it } from 'vitest';
import { newCall, newTunnel } from '../../test/support/followed.ts';
import { CallIndex } from './call-index.ts';
import type { CallState } from './call-state.ts';

/** Few are looked through, many are indexed: both must say the same. */
const sizes = [3, 200] as const;

function callsOf(size: number): CallState[] {
  const tunnel = newTunnel();
  return Array.from({ length: size }, (_, number) => {
    const call = newCall(tunnel);
    call.said.requestedBy = 0;
    call.announceCallId(0, number);
    return call;
  });
}

describe.each(sizes)('the calls of a tunnel with %i of them', (size) => {
  it('are found by the Call ID of an end', () => {
    const calls = callsOf(size);
    const index = new CallIndex(calls);
    expect(index.named(0, 2)).toEqual([calls[2]]);
    expect(index.named(1, 2)).toEqual([]);
    const [first] = calls;
    first?.announceCallId(1, 2);
    if (first !== undefined) index.announced(first, 1, 2);
    expect(index.named(1, 2)).toEqual([first]);
    expect(index.named(0, 2)).toEqual([calls[2]]);
  });

  it('are not found any more by an ID that an end has no longer', () => {
    const calls = callsOf(size);
    const index = new CallIndex(calls);
    expect(index.named(0, 2)).toHaveLength(1);
    calls[2]?.announceCallId(0, 9999);
    expect(index.named(0, 2)).toEqual([]);
  });

  it('tell which is the only one without a reply', () => {
    const calls = callsOf(size);
    const index = new CallIndex(calls);
    expect(index.onlyUnanswered(0)).toBeNull();
    for (const call of calls.slice(1)) call.said.replyFrame = 5;
    expect(index.onlyUnanswered(0)).toBe(calls[0]);
    expect(index.onlyUnanswered(1)).toBeNull();
    const [first] = calls;
    if (first !== undefined) first.said.replyFrame = 6;
    expect(index.onlyUnanswered(0)).toBeNull();
  });
});
