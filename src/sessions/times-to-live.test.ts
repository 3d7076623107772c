import { describe, expect, it } from 'vitest';
import { packetAt } from '../../test/support/followed.ts';
import { tcpFlags } from '../tcp/header.ts';
import { TimesToLive } from './times-to-live.ts';

const { ack, fin, rst, syn } = tcpFlags;

/** Segments of one sender, of which each is a frame. */
function strangeOf(...segments: readonly (readonly [timeToLive: number, flags?: number, octets?: number])[]) {
  const account = new TimesToLive();
  for (const [index, [timeToLive, flags = ack, octets = 0]] of segments.entries()) {
    account.note(Object.assign(packetAt(index + 1, index), { timeToLive }), flags, octets);
  }
  return account.strange();
}

describe("the times to live of a sender's segments", () => {
  it('show the one that came from elsewhere, and what it is', () => {
    const usual = [[60], [60], [60]] as const;
    const strange = { frame: 4, timeToLive: 255, usualTimeToLive: 60 };
    expect(strangeOf(...usual, [255, rst])).toEqual([{ ...strange, carries: 'rst' }]);
    expect(strangeOf(...usual, [255, fin | ack])).toEqual([{ ...strange, carries: 'fin' }]);
    expect(strangeOf(...usual, [255, ack, 16])).toEqual([{ ...strange, carries: 'payload' }]);
    expect(strangeOf(...usual, [255])).toEqual([{ ...strange, carries: 'nothing' }]);
  });

  it('show nothing by a SYN: who answers for a closed port need not be who serves', () => {
    expect(strangeOf([60], [60], [60], [255, syn | ack])).toEqual([]);
  });

  it('show nothing where too few are usual to make a rule', () => {
    expect(strangeOf([60], [60], [255, rst])).toEqual([]);
    expect(strangeOf([60], [60], [60], [61], [61])).toEqual([]);
    expect(strangeOf([60], [60], [60], [60], [61], [61])).toHaveLength(2);
  });

  it('show nothing where many differ: the way changes', () => {
    const usual = Array.from({ length: 20 }, () => [60] as const);
    expect(strangeOf(...usual, [61], [61], [61], [61])).toHaveLength(4);
    expect(strangeOf(...usual, [61], [61], [61], [61], [61])).toEqual([]);
  });
});
