import { describe, expect, it } from 'vitest';
import { newTunnel, packetAt } from '../../test/support/followed.ts';
import { startControlConnection } from '../../test/support/packets.ts';
import { Window } from '../octets/window.ts';
import { TcpView, tcpFlags } from '../tcp/header.ts';
import { ControlConnection } from './control-connection.ts';
import type { End } from './ends.ts';

const { ack, fin, rst, syn } = tcpFlags;

interface Segment {
  readonly flags?: number;
  readonly sequence: number;
  readonly acknowledgment?: number;
  readonly payload?: Uint8Array;
  readonly timeToLive?: number;
  /** Seconds, where it is not the number of its frame. */
  readonly at?: number;
}

/** A connection whose segments are frames, a second apart. */
class Talk {
  ended = 0;
  readonly connection = new ControlConnection(
    newTunnel(),
    {
      callMessage: () => undefined,
      controlEnded: () => {
        this.ended += 1;
      },
    },
    true,
  );
  private frame = 0;

  says(from: End, segment: Segment): this {
    const { flags = ack, sequence, acknowledgment = 0, payload = new Uint8Array(0), timeToLive = 64 } = segment;
    this.frame += 1;
    const end = 20 + payload.length;
    // In front of the payload what distinguishes segments of the same payload.
    const octets = new Uint8Array(end);
    new DataView(octets.buffer).setUint32(4, sequence);
    new DataView(octets.buffer).setUint32(8, acknowledgment);
    octets.set(payload, 20);
    const packet = packetAt(this.frame, segment.at ?? this.frame);
    Object.assign(packet, { window: new Window(octets), end, wireLength: end, timeToLive });
    const tcp = Object.assign(new TcpView(), {
      flags,
      sequenceNumber: sequence,
      acknowledgmentNumber: acknowledgment,
      headerEnd: 20,
    });
    this.connection.segment(from, packet, tcp);
    return this;
  }

  opened(): this {
    this.says(0, { flags: syn, sequence: 99 }).says(1, { flags: syn | ack, sequence: 499, acknowledgment: 100 });
    return this.says(0, { sequence: 100, acknowledgment: 500 });
  }
}

const request = startControlConnection(1, 'client', 'vendor');

describe('the end of a control connection', () => {
  it('is by who sends the first FIN, and whole with the second', () => {
    const talk = new Talk().opened().says(1, { flags: fin | ack, sequence: 500, acknowledgment: 100 });
    expect(talk.connection).toMatchObject({ closedBy: 1, closedWith: 'fin', closedFrame: 4, over: false });
    talk.says(0, { flags: fin | ack, sequence: 100, acknowledgment: 501 });
    expect(talk.connection).toMatchObject({ closedBy: 1, closedFrame: 4, over: true });
    expect(talk.ended).toBe(1);
  });

  it('is by whose FIN the other one acknowledges, where captures reorder them (RFC 9293 §3.6)', () => {
    const talk = new Talk().opened().says(1, { flags: fin | ack, sequence: 500, acknowledgment: 101 });
    talk.says(0, { flags: fin | ack, sequence: 100, acknowledgment: 500 });
    expect(talk.connection).toMatchObject({ closedBy: 0, closedWith: 'fin', closedFrame: 5, over: true });
  });

  it('is by a RST, whatever follows', () => {
    const talk = new Talk().opened().says(1, { flags: rst, sequence: 500 });
    talk.says(0, { flags: fin | ack, sequence: 100, acknowledgment: 500 });
    expect(talk.connection).toMatchObject({ closedBy: 1, closedWith: 'rst', closedFrame: 4, over: true });
  });
});

describe('what comes behind both FINs', () => {
  const closed = () =>
    new Talk()
      .opened()
      .says(0, { sequence: 100, acknowledgment: 500, payload: request })
      .says(0, { flags: fin | ack, sequence: 256, acknowledgment: 500 })
      .says(1, { flags: fin | ack, sequence: 500, acknowledgment: 257 });

  it('is sent again where it is what was sent before its FIN', () => {
    const talk = closed().says(0, { sequence: 100, acknowledgment: 501, payload: request });
    expect(talk.connection.counters().retransmissions).toBe(1);
  });

  it('is nothing of the connection where it lies behind its end', () => {
    const talk = closed().says(0, { sequence: 257, acknowledgment: 501, payload: request });
    expect(talk.connection.counters().retransmissions).toBe(0);
  });
});

describe('octets of a control connection', () => {
  it('are counted in order, with what is sent again and what is acknowledged', () => {
    const talk = new Talk().opened().says(0, { sequence: 100, acknowledgment: 500, payload: request });
    talk
      .says(0, { sequence: 100, acknowledgment: 501, payload: request })
      .says(1, { sequence: 500, acknowledgment: 256 });
    talk.connection.finish(9);
    expect(talk.connection.octets).toEqual([156, 0]);
    expect(talk.connection.acknowledgedOctets).toEqual([156, 0]);
    expect(talk.connection.counters()).toMatchObject({ retransmissions: 1, missing: 0 });
    expect(talk.connection.messages.listed.map(({ type, end }) => [type, end])).toEqual([[1, 0]]);
  });

  it('count once where a router passes the segment on in the same capture, at the same moment', () => {
    const segment = { sequence: 100, acknowledgment: 500, payload: request };
    const passedOn = (at: number) => {
      const { connection } = new Talk()
        .opened()
        .says(0, segment)
        .says(0, { ...segment, timeToLive: 63, at });
      connection.finish(9);
      return [connection.routedDuplicates, connection.counters().retransmissions, connection.octets[0]];
    };
    expect(passedOn(4.01)).toEqual([1, 0, 156]);
    expect(passedOn(5)).toEqual([0, 1, 156]);
  });
});

describe('the server that still holds a connection before, on the same ports (RFC 9293 §3.5.1)', () => {
  it('is noted, and is no answer', () => {
    const talk = new Talk().says(0, { flags: syn, sequence: 400 });
    talk.says(1, { sequence: 300, acknowledgment: 100_000 }).says(0, { flags: rst, sequence: 100_000 });
    expect(talk.connection.anomalies).toMatchObject([{ frame: 2, code: 'half-open' }]);
    expect([talk.connection.handshake.outcome, talk.connection.closedBy]).toEqual(['no-answer', null]);
  });
});

describe('a second SYN-ACK with another number', () => {
  it('is of another host', () => {
    const talk = new Talk().opened().says(1, { flags: syn | ack, sequence: 77_777, acknowledgment: 100 });
    expect(talk.connection.anomalies).toMatchObject([{ frame: 4, code: 'second-answer' }]);
  });
});
