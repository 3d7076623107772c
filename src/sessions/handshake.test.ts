import { describe, expect, it } from 'vitest';
import { TcpView, tcpFlags } from '../tcp/header.ts';
import { Handshake } from './handshake.ts';

const { syn, rst, ack } = tcpFlags;
const at = (seconds: number) => ({ seconds, nanoseconds: 0 });

function segment(sequence: number, flags: number, acknowledgment = 0): TcpView {
  return Object.assign(new TcpView(), {
    sequenceNumber: sequence,
    flags,
    acknowledgmentNumber: acknowledgment,
  });
}

describe('Handshake', () => {
  it('is complete with the three segments of RFC 9293 figure 6', () => {
    const handshake = new Handshake();
    handshake.openingSyn(1, at(0), 100);
    expect([handshake.connected, handshake.outcome]).toEqual([false, 'no-answer']);
    expect(handshake.answeringSyn(2, at(2), 300)).toBe(true);
    handshake.behind(0, 101, at(5));
    expect([handshake.connected, handshake.outcome, handshake.acknowledged]).toEqual([true, 'connected', true]);
    expect([handshake.seconds, handshake.acknowledgeSeconds]).toEqual([2, 3]);
    expect([handshake.numberOf(0), handshake.numberOf(1)]).toEqual([100, 300]);
  });

  it('counts a SYN and a SYN-ACK that come again, and tells another number of the server from these', () => {
    const handshake = new Handshake();
    handshake.openingSyn(1, at(0), 100);
    handshake.openingSyn(2, at(1), 100);
    handshake.answeringSyn(3, at(2), 300);
    expect(handshake.answeringSyn(4, at(3), 300)).toBe(true);
    expect([handshake.synSegments, handshake.retransmissions]).toEqual([2, 2]);
    expect(handshake.answeringSyn(5, at(4), 900)).toBe(false);
  });

  it('is refused by a RST of the server alone (RFC 9293 §3.5.2)', () => {
    const asked = new Handshake();
    asked.openingSyn(1, at(0), 100);
    asked.reset(1);
    expect(asked.outcome).toBe('refused');
    const open = new Handshake();
    open.openingSyn(1, at(0), 100);
    open.answeringSyn(2, at(1), 300);
    open.reset(1);
    expect(open.outcome).toBe('connected');
  });

  it('passes over what is of the half-open connection in RFC 9293 figure 9', () => {
    const handshake = new Handshake();
    handshake.openingSyn(1, at(0), 400);
    expect(handshake.isOfConnectionBefore(1, segment(300, ack, 100))).toBe(true);
    expect(handshake.isOfConnectionBefore(0, segment(100, rst))).toBe(true);
    expect(handshake.isOfConnectionBefore(1, segment(700, syn | ack, 401))).toBe(false);
  });

  it('began before the capture where no SYN is in it', () => {
    const handshake = new Handshake();
    handshake.behind(0, 5000, at(0));
    expect([handshake.outcome, handshake.numberOf(0)]).toEqual(['mid-stream', null]);
    // Captures reorder: this SYN opened it, the other one does not.
    expect([handshake.opensWith(4999, false), handshake.opensWith(5001, false)]).toEqual([true, false]);
  });
});
