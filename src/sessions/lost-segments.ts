/**
 * On which side of the point of capture packets of a control connection were lost, told by what is sent again
 * (RFC 9293 §3.8.1):
 *
 * - What is sent again though its acknowledgment had passed here: that acknowledgment was lost on the sender's side.
 *   What passes a capture at the sender itself has arrived.
 * - What comes for the first time long after what was sent behind it: its first copy was lost on the sender's side.
 * - What is sent again after longer than a receiver may wait with its acknowledgment, and is acknowledged at last: the
 *   first copy, or its acknowledgment, was lost on the receiver's side.
 *
 * An end that takes no packets any more, behind a firewall of its own or dead, would look the same. So the first counts
 * once the sender is seen to receive again, and the third once it is acknowledged. A SYN that is repeated before its
 * answer counts for nothing: a server with a full backlog drops SYNs, too (and Configure-Requests come before the PPP
 * of the other end has started).
 */

import { type TcpView, tcpFlags } from '../tcp/header.ts';
import { type End, otherEnd } from './ends.ts';

const { fin, syn, ack } = tcpFlags;

/** A system that has an acknowledgment does not send again so long after it. */
export const processedWithin = 0.05;
/** What fills a hole so much later was sent again; sooner, it was overtaken. Linux waits 0.2 s at least. */
const overtakenWithin = 0.2;
/** An acknowledgment may be delayed by less than this. RFC 9293 §3.8.6.3 */
const longestDelay = 0.5;

/** Losses on one end's side of the point of capture. */
export interface Lost {
  times: number;
  /** The first packet that was sent again because of one. */
  frame: number;
}

/** What one end sent, by sequence numbers modulo 2^32; -1 before the first. */
export class Sent {
  /** One past the furthest. */
  furthest = -1;
  /** The newest segment: where it starts, and when it first came. */
  newest = -1;
  newestAt = 0;
  /** Furthest that the other end acknowledged, and when it first did. */
  acknowledged = -1;
  acknowledgedAt = 0;
  holeFrom = -1;
  holeTo = -1;
  holeSince = 0;
  /** Frame that repeats what was acknowledged, until this end is heard to receive again; 0 where there is none. */
  deafFrame = 0;
  /** Frame that repeats what was not acknowledged, and up to where, until it is; 0 where there is none. */
  unansweredFrame = 0;
  unansweredTo = -1;
}

export class LostSegments {
  /** On each end's side. */
  readonly lost: [Lost | null, Lost | null] = [null, null];
  private readonly sent = [new Sent(), new Sent()] as const;

  /** A segment of `end` that is no RST, with so many octets of payload, at that many seconds. */
  segment(end: End, tcp: TcpView, payloadOctets: number, frame: number, at: number): void {
    const { flags, sequenceNumber } = tcp;
    if ((flags & ack) !== 0) this.acknowledge(end, tcp.acknowledgmentNumber, at);
    const length = payloadOctets + ((flags & (syn | fin)) === 0 ? 0 : 1);
    if (length > 0) this.octets(end, sequenceNumber, length, flags, frame, at);
  }

  private acknowledge(end: End, acknowledgment: number, at: number): void {
    const other = otherEnd(end);
    const sent = this.sent[other];
    if (sent.acknowledged >= 0 && ((acknowledgment - sent.acknowledged) | 0) <= 0) return;
    sent.acknowledged = acknowledgment;
    sent.acknowledgedAt = at;
    // What was acknowledged was sent, whether the capture has it or not.
    if (sent.furthest < 0 || ((acknowledgment - sent.furthest) | 0) > 0) {
      sent.furthest = acknowledgment;
      sent.newest = acknowledgment;
    }
    // The receiver has it: the capture lost it.
    if (sent.holeFrom >= 0 && ((acknowledgment - sent.holeFrom) | 0) > 0) sent.holeFrom = -1;
    if (sent.unansweredFrame > 0 && ((acknowledgment - sent.unansweredTo) | 0) >= 0) {
      this.lostBeside(end, sent.unansweredFrame);
      sent.unansweredFrame = 0;
    }
    const receiving = this.sent[end];
    if (receiving.deafFrame === 0) return;
    this.lostBeside(end, receiving.deafFrame);
    receiving.deafFrame = 0;
  }

  private octets(end: End, sequence: number, length: number, flags: number, frame: number, at: number): void {
    const sent = this.sent[end];
    const to = (sequence + length) >>> 0;
    if (sent.furthest < 0 || ((to - sent.furthest) | 0) > 0) {
      if (sent.furthest >= 0 && ((sequence - sent.furthest) | 0) > 0) {
        sent.holeFrom = sent.furthest;
        sent.holeTo = sequence;
        sent.holeSince = at;
      }
      sent.furthest = to;
      sent.newest = sequence;
      sent.newestAt = at;
      return;
    }
    if (sent.holeFrom >= 0 && ((sequence - sent.holeFrom) | 0) >= 0 && ((to - sent.holeTo) | 0) <= 0) {
      if (at - sent.holeSince >= overtakenWithin) this.lostBeside(end, frame);
      sent.holeFrom = -1;
    } else if (sent.acknowledged >= 0 && ((sent.acknowledged - to) | 0) >= 0) {
      // The last octet again asks whether the other end is there. RFC 9293 §3.8.4
      const keepAlive = length === 1 && (flags & (syn | fin)) === 0;
      if (!keepAlive && at - sent.acknowledgedAt >= processedWithin) sent.deafFrame ||= frame;
    } else if (((sequence - sent.newest) | 0) >= 0 && at - sent.newestAt >= longestDelay) {
      if ((flags & (syn | ack)) === syn) return;
      sent.unansweredFrame ||= frame;
      sent.unansweredTo = to;
    }
  }

  private lostBeside(end: End, frame: number): void {
    const lost = this.lost[end];
    if (lost === null) this.lost[end] = { times: 1, frame };
    else lost.times += 1;
  }
}
