/** TCP's handshake as the capture shows it, which may lack any part of it. RFC 9293 §3.5 */
import { type Instant, secondsBetween } from '../octets/instant.ts';
import { type TcpView, tcpFlags } from '../tcp/header.ts';
import type { End } from './ends.ts';
import type { Control } from './model/control.ts';

const { rst, ack } = tcpFlags;

export class Handshake {
  /** Initial sequence number of each end's SYN; -1 where none was seen. */
  readonly initialSequence: [number, number] = [-1, -1];
  /** That of end 0 as the SYN-ACK acknowledges it; -1 where none was seen. */
  acknowledgedSyn = -1;
  synSegments = 0;
  synInstant: Instant | null = null;
  synAckInstant: Instant | null = null;
  private latestSynAck: Instant | null = null;
  synFrame = 0;
  synAckFrame = 0;
  /** End 0 sent something after its SYN: the handshake is complete even where the SYN-ACK was not captured. */
  acknowledged = false;
  /** Sequence number of each end's first segment after the SYN; -1 before it. */
  private readonly firstSequence: [number, number] = [-1, -1];
  /** From the SYN to the SYN-ACK. */
  seconds: number | null = null;
  /** From the SYN-ACK to the ACK: with the one before, tells on which side the capture was taken. */
  acknowledgeSeconds: number | null = null;
  /** SYNs and SYN-ACKs that were sent again. */
  retransmissions = 0;
  refused = false;
  /** End 0, of which no SYN was seen, answers the SYN-ACK with a RST: it has not asked there. */
  unasked = false;
  unreachable = false;

  /** A SYN of end 0: of this connection, or remembered from before it turned out to be PPTP. */
  openingSyn(frame: number, instant: Instant, sequence: number): void {
    this.synSegments += 1;
    if (this.initialSequence[0] === sequence) this.retransmissions += 1;
    this.initialSequence[0] = sequence;
    this.synInstant = instant;
    if (this.synFrame === 0) this.synFrame = frame;
  }

  /** A SYN-ACK of end 1; false where it has not the sequence number of the one before it. */
  answeringSyn(frame: number, instant: Instant, sequence: number): boolean {
    const again = this.initialSequence[1] === sequence;
    if (again) this.retransmissions += 1;
    this.initialSequence[1] = sequence;
    this.latestSynAck = instant;
    if (this.synAckFrame !== 0) return again;
    this.synAckFrame = frame;
    this.synAckInstant = instant;
    if (this.synInstant !== null) this.seconds = lasted(this.synInstant, instant);
    return true;
  }

  /** A segment behind an end's SYN; the client's first completes the handshake. */
  behind(end: End, sequence: number, instant: Instant): void {
    if (this.firstSequence[end] === -1) this.firstSequence[end] = sequence;
    if (end !== 0 || this.synSegments === 0 || this.acknowledged) return;
    this.acknowledged = true;
    if (this.latestSynAck !== null) this.acknowledgeSeconds = lasted(this.latestSynAck, instant);
  }

  /** A RST, which may be the answer to a SYN or to a SYN-ACK. */
  reset(end: End): void {
    if (end === 1 && this.synSegments > 0 && !this.connected) this.refused = true;
    if (end === 0 && this.synSegments === 0 && this.synAckFrame !== 0 && this.firstSequence[0] === -1)
      this.unasked = true;
  }

  /**
   * While a SYN waits: the server acknowledges what it does not ask, since it still holds a connection of the same ports, and the
   * client resets that one, and goes on asking. RFC 9293 §3.5.1
   */
  isOfConnectionBefore(end: End, tcp: TcpView): boolean {
    if (this.connected || this.initialSequence[0] === -1) return false;
    if (end === 0) return (tcp.flags & rst) !== 0 && !this.isNear(tcp.sequenceNumber);
    return (tcp.flags & (ack | rst)) === ack && !this.isNear(tcp.acknowledgmentNumber);
  }

  /** Of the client's numbers behind its SYN. */
  private isNear(sequence: number): boolean {
    return (sequence - this.initialSequence[0]) >>> 0 <= 0x1_0000;
  }

  /** Whether a SYN with that sequence number opens this connection, or another one on the same ports. */
  opensWith(sequence: number, over: boolean): boolean {
    if (this.initialSequence[0] !== -1) return this.initialSequence[0] === sequence;
    if (over) return false;
    // Captures reorder: the SYN may come behind what it opened.
    const first = this.firstSequence[0];
    return first === -1 || (first - sequence) >>> 0 <= 0x1_0000;
  }

  get connected(): boolean {
    return (this.synAckFrame !== 0 && !this.unasked) || this.acknowledged;
  }

  get outcome(): Control['tcp']['outcome'] {
    // A SYN-ACK, and segments of an end behind it.
    const goesOn = this.synAckFrame !== 0 && this.firstSequence.some((sequence) => sequence !== -1);
    if (this.synSegments === 0 && !this.unasked && !goesOn) return 'mid-stream';
    if (this.connected) return 'connected';
    if (this.refused || this.unasked) return 'refused';
    return this.unreachable ? 'unreachable' : 'no-answer';
  }

  /** The number that the end's SYN has, or is acknowledged to have; null where neither was seen. */
  numberOf(end: End): number | null {
    const seen = this.initialSequence[end];
    const number = seen === -1 && end === 0 ? this.acknowledgedSyn : seen;
    return number === -1 ? null : number;
  }
}

/** Seconds; null where the clock was put back meanwhile. */
function lasted(from: Instant, to: Instant): number | null {
  const seconds = secondsBetween(from, to);
  return seconds < 0 ? null : seconds;
}
