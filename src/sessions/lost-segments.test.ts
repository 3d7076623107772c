import { describe, expect, it } from 'vitest';
import { TcpView, tcpFlags } from '../tcp/header.ts';
import type { End } from './ends.ts';
import { LostSegments } from './lost-segments.ts';

const { syn, fin, ack } = tcpFlags;

interface Segment {
  readonly from: End;
  readonly at: number;
  readonly sequence: number;
  /** Octets of payload. */
  readonly octets?: number;
  readonly acknowledgment?: number;
  readonly flags?: number;
}

/** What is lost beside each end, by segments of which each is a frame. */
function lostOf(...segments: readonly Segment[]): LostSegments['lost'] {
  const account = new LostSegments();
  for (const [index, { from, at, sequence, octets = 0, acknowledgment, flags = 0 }] of segments.entries()) {
    const tcp = Object.assign(new TcpView(), {
      flags: flags | (acknowledgment === undefined ? 0 : ack),
      sequenceNumber: sequence,
      acknowledgmentNumber: acknowledgment ?? 0,
    });
    account.segment(from, tcp, octets, index + 1, at);
  }
  return account.lost;
}

const request = { from: 0, at: 0, sequence: 100, octets: 10, acknowledgment: 500 } as const;
const acknowledgment = { from: 1, at: 0.02, sequence: 500, acknowledgment: 110 } as const;
const heardAgain = { from: 0, at: 3, sequence: 110, acknowledgment: 520 } as const;
const reply = { from: 1, at: 2, sequence: 500, octets: 20, acknowledgment: 110 } as const;

describe('what is sent again though its acknowledgment passed', () => {
  it('shows that this was lost on the way to the sender, once that receives again', () => {
    const again = { ...request, at: 1 };
    expect(lostOf(request, acknowledgment, again)).toEqual([null, null]);
    expect(lostOf(request, acknowledgment, again, reply, heardAgain)).toEqual([{ times: 1, frame: 3 }, null]);
  });

  it('was under way where it came at the same time', () => {
    const again = { ...request, at: 0.06 };
    expect(lostOf(request, acknowledgment, again, reply, heardAgain)).toEqual([null, null]);
  });

  it('asks whether the other end is there where it is the last octet (RFC 9293 §3.8.4)', () => {
    const keepAlive = { ...request, at: 1, sequence: 109, octets: 1 };
    expect(lostOf(request, acknowledgment, keepAlive, reply, heardAgain)).toEqual([null, null]);
    // A FIN has one number as well.
    const end = { ...request, octets: 0, flags: fin };
    const endAgain = { ...end, at: 1 };
    const acknowledged = { ...acknowledgment, acknowledgment: 101 };
    expect(lostOf(end, acknowledged, endAgain, reply, heardAgain)).toEqual([{ times: 1, frame: 3 }, null]);
  });
});

describe('what comes behind what was sent after it', () => {
  const ahead = { ...request, sequence: 110, at: 0.1 };

  it('was lost on the way from its sender where it comes long after', () => {
    expect(lostOf({ ...request, sequence: 90 }, ahead, { ...request, at: 0.4 })).toEqual([
      { times: 1, frame: 3 },
      null,
    ]);
  });

  it('was overtaken where it comes soon after', () => {
    expect(lostOf({ ...request, sequence: 90 }, ahead, { ...request, at: 0.25 })).toEqual([null, null]);
  });

  it('is what the capture lost where its receiver has it', () => {
    const taken = { ...acknowledgment, at: 0.2, acknowledgment: 120 };
    expect(lostOf({ ...request, sequence: 90 }, ahead, taken, { ...request, at: 0.5 })).toEqual([null, null]);
  });
});

describe('what is sent again after longer than an acknowledgment may wait (RFC 9293 §3.8.6.3)', () => {
  const taken = { ...acknowledgment, at: 2 };

  it('was lost on the way to its receiver, once that acknowledges it', () => {
    expect(lostOf(request, { ...request, at: 0.5 })).toEqual([null, null]);
    expect(lostOf(request, { ...request, at: 0.5 }, taken)).toEqual([null, { times: 1, frame: 2 }]);
  });

  it('says nothing where it came sooner', () => {
    expect(lostOf(request, { ...request, at: 0.49 }, taken)).toEqual([null, null]);
  });

  it('says nothing of a SYN, which a server drops whose backlog is full; of a SYN-ACK it does', () => {
    const opening = { from: 0, at: 0, sequence: 99, flags: syn } as const;
    expect(lostOf(opening, { ...opening, at: 1 }, { ...taken, acknowledgment: 100 })).toEqual([null, null]);
    const answer = { from: 1, at: 1, sequence: 499, acknowledgment: 100, flags: syn } as const;
    const completed = { from: 0, at: 3, sequence: 100, acknowledgment: 500 } as const;
    expect(lostOf(opening, answer, { ...answer, at: 2 }, completed)).toEqual([{ times: 1, frame: 3 }, null]);
  });
});
