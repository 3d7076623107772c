/**
 * One TCP connection of the control port while it is followed: what its segments are, both octet streams, and how it ended. Its
 * handshake and the control messages in the streams are accounts of their own; what is about calls goes to the signalling.
 */
import type { Packet } from '../dissect/packet.ts';
import type { Instant } from '../octets/instant.ts';
import type { Window } from '../octets/window.ts';
import { MessageFramer, type MessageSink } from '../pptp/framer.ts';
import { type TcpView, tcpFlags } from '../tcp/header.ts';
import { RoutedCopies } from '../tcp/routed-copies.ts';
import { StreamReassembler } from '../tcp/stream.ts';
import { ControlMessages, type SeenMessage } from './control-messages.ts';
import { type End, otherEnd } from './ends.ts';
import { Handshake } from './handshake.ts';
import { type Lost, LostSegments } from './lost-segments.ts';
import type { Anomaly } from './model/anomaly.ts';
import type { StrangeTimeToLive } from './model/control.ts';
import type { Side } from './model/side.ts';
import { TimesToLive } from './times-to-live.ts';
import type { TunnelState } from './tunnel-state.ts';

const { fin, syn, rst, ack } = tcpFlags;

/** Takes the messages of a connection that are about calls. */
export interface CallSignalling {
  callMessage(connection: ControlConnection, end: End, message: SeenMessage, frame: number, instant: Instant): void;
  /** The control connection is over: closed, reset, or stopped. */
  controlEnded(connection: ControlConnection, instant: Instant): void;
}

/** One direction: its reassembly and its framing. Made with the first octets, dropped with the connection's end. */
export class Direction implements MessageSink {
  readonly framer = new MessageFramer(this);
  readonly stream: StreamReassembler;
  /** Octets of the stream up to the end of the latest message. */
  messageEnd = 0;
  private readonly connection: ControlConnection;
  private readonly end: End;

  constructor(connection: ControlConnection, end: End) {
    this.connection = connection;
    this.end = end;
    this.stream = new StreamReassembler(this.framer, connection.tunnel.limits);
  }

  message(octets: Window, start: number, stop: number, frames: readonly number[], instant: Instant, at: number): void {
    this.messageEnd = at + stop - start;
    this.connection.messages.message(this.end, octets, start, stop, frames, instant);
  }

  anomaly(code: string, text: string, frame: number): void {
    this.connection.anomaly(frame, code, text);
  }

  notPptp(octets: Uint8Array, frame: number): void {
    this.connection.messages.notPptp(this.end, octets, frame);
  }
}

const nothingLost: LostSegments['lost'] = [null, null];

export class ControlConnection {
  readonly tunnel: TunnelState;
  private readonly signalling: CallSignalling;
  private readonly directions: [Direction | null, Direction | null] = [null, null];
  /** The capture holds times. */
  readonly timed: boolean;

  readonly handshake = new Handshake();
  readonly messages: ControlMessages;
  /** It was found by its first message: what its ends said before, to a proxy on the way, was not looked at. */
  found = false;
  private retransmissions = 0;
  private outOfOrder = 0;
  private missing = 0;
  private missingFrame = 0;
  private missed = 0;
  readonly octets: [number, number] = [0, 0];
  /** Octets of each end that the other acknowledged. */
  readonly acknowledgedOctets: [number, number] = [0, 0];
  closedBy: End | null = null;
  closedWith: 'fin' | 'rst' | null = null;
  closedFrame = 0;
  closedInstant: Instant | null = null;
  /** The last segment of each end. */
  private readonly last: [Instant | null, Instant | null] = [null, null];
  private segments: LostSegments | null = null;
  private lost: LostSegments['lost'] = nothingLost;
  private readonly timesToLive: [TimesToLive | null, TimesToLive | null] = [null, null];
  private readonly copies: [RoutedCopies | null, RoutedCopies | null] = [null, null];
  /** Segments that came once more with another time to live. */
  routedDuplicates = 0;
  /** Sequence number of each end's FIN; -1 before it. */
  private readonly finSequence: [number, number] = [-1, -1];
  /** What the first FIN of the capture acknowledges. */
  private finAcknowledgment = 0;
  /** Both FINs or a RST were seen, and the streams are finished. */
  over = false;
  readonly anomalies: Anomaly[] = [];

  constructor(tunnel: TunnelState, signalling: CallSignalling, timed: boolean) {
    this.tunnel = tunnel;
    this.signalling = signalling;
    this.timed = timed;
    this.messages = new ControlMessages(this);
  }

  segment(end: End, packet: Packet, tcp: TcpView): void {
    const instant = { seconds: packet.seconds, nanoseconds: packet.nanoseconds };
    this.last[end] = instant;
    const payloadWire = Math.max(0, packet.start + packet.wireLength - tcp.headerEnd);
    if (this.isRoutedCopy(end, packet)) {
      this.routedDuplicates += 1;
      return;
    }
    if (!this.over) {
      this.timesToLive[end] ??= new TimesToLive();
      this.timesToLive[end].note(packet, tcp.flags, payloadWire);
    }
    if (this.handshake.isOfConnectionBefore(end, tcp)) {
      this.halfOpen(end, packet.frame);
      return;
    }
    if ((tcp.flags & rst) !== 0) {
      this.reset(end, packet.frame, instant);
      return;
    }
    this.noteLost(end, tcp, payloadWire, packet.frame, instant);
    if ((tcp.flags & syn) !== 0) {
      this.synchronize(tcp, packet.frame, instant);
      return;
    }
    this.handshake.behind(end, tcp.sequenceNumber, instant);
    if (payloadWire === 0 && (tcp.flags & fin) === 0) {
      this.directions[end]?.stream.sent(tcp.sequenceNumber);
      this.acknowledge(end, tcp);
      return;
    }
    const direction = this.direction(end);
    if (direction === null) {
      this.sentAgain(end, (tcp.sequenceNumber + payloadWire) >>> 0);
      return;
    }
    if (payloadWire > 0) {
      direction.stream.segment({
        sequence: tcp.sequenceNumber,
        length: payloadWire,
        bytes: packet.window.bytes,
        start: Math.min(tcp.headerEnd, packet.end),
        end: packet.end,
        frame: packet.frame,
        instant,
      });
    }
    this.acknowledge(end, tcp);
    if ((tcp.flags & fin) !== 0) {
      const sequence = (tcp.sequenceNumber + payloadWire) >>> 0;
      direction.stream.fin(sequence);
      this.sendsNoMore(end, sequence, tcp.acknowledgmentNumber, packet.frame, instant);
    }
  }

  /** When the last segment of an end was; null where none was seen, or the capture gives no times. */
  lastOf(end: End): Instant | null {
    return this.timed ? this.last[end] : null;
  }

  private isRoutedCopy(end: End, { window, start, end: behind, timeToLive, at }: Packet): boolean {
    this.copies[end] ??= new RoutedCopies();
    return this.copies[end].isCopy(window.view, start, behind, timeToLive, at);
  }

  private synchronize(tcp: TcpView, frame: number, instant: Instant): void {
    const { handshake } = this;
    if ((tcp.flags & ack) === 0) {
      handshake.openingSyn(frame, instant, tcp.sequenceNumber);
      return;
    }
    handshake.acknowledgedSyn = (tcp.acknowledgmentNumber - 1) >>> 0;
    if (handshake.answeringSyn(frame, instant, tcp.sequenceNumber)) return;
    const message =
      'a second SYN-ACK, with another sequence number: another host answers for the same address, or a load balancer does';
    this.anomaly(frame, 'second-answer', message);
  }

  /** What `end` has of the other's stream. */
  private acknowledge(end: End, tcp: TcpView): void {
    if ((tcp.flags & ack) !== 0) this.directions[otherEnd(end)]?.stream.acknowledged(tcp.acknowledgmentNumber);
  }

  /** A FIN with its sequence number, and what it acknowledges. */
  private sendsNoMore(end: End, sequence: number, acknowledgment: number, frame: number, instant: Instant): void {
    const other = otherEnd(end);
    this.finSequence[end] = sequence;
    if (this.closedBy === null) {
      this.closedBy = end;
      this.closedWith = 'fin';
      this.closedFrame = frame;
      this.closedInstant = instant;
      this.finAcknowledgment = acknowledgment;
      this.signalling.controlEnded(this, instant);
    } else if (this.closedBy === other && ((this.finAcknowledgment - sequence) | 0) === 1) {
      // Captures reorder: the FIN that stands first acknowledges this one, which closed the connection.
      this.closedBy = end;
      this.closedFrame = frame;
      this.closedInstant = instant;
    }
    if (this.finSequence[other] !== -1) this.finish(frame);
  }

  private halfOpen(end: End, frame: number): void {
    if (end === 0) return;
    const message =
      'the server answers the SYN with the acknowledgment of a connection before, on the same ports, which it still holds';
    this.anomaly(frame, 'half-open', message);
  }

  /** A segment with payload or FIN behind both FINs, which ends at `sequence`. */
  private sentAgain(end: End, sequence: number): void {
    const last = this.finSequence[end];
    if (last !== -1 && ((sequence - last) | 0) <= 0) this.retransmissions += 1;
  }

  /** SYNs alone, as of a scan, tell nothing. */
  private noteLost(end: End, tcp: TcpView, payloadOctets: number, frame: number, instant: Instant): void {
    if (this.over || (this.segments === null && (tcp.flags & (syn | ack)) === syn)) return;
    this.segments ??= new LostSegments();
    this.segments.segment(end, tcp, payloadOctets, frame, instant.seconds + instant.nanoseconds / 1e9);
  }

  /** What was lost between the point of capture and an end. */
  lostBeside(end: End): Lost | null {
    return (this.segments?.lost ?? this.lost)[end];
  }

  /** Whether a SYN with that sequence number opens this connection, or another one on the same ports. */
  opensWith(sequence: number): boolean {
    return this.handshake.opensWith(sequence, this.over);
  }

  private reset(end: End, frame: number, instant: Instant): void {
    this.handshake.reset(end);
    if (this.closedBy === null) {
      this.closedBy = end;
      this.closedWith = 'rst';
      this.closedFrame = frame;
      this.closedInstant = instant;
      this.signalling.controlEnded(this, instant);
    }
    this.finish(frame);
  }

  /** Made with the first octets: the connections of a scan never need them. */
  private direction(end: End): Direction | null {
    if (this.over) return null;
    let direction = this.directions[end];
    if (direction === null) {
      direction = new Direction(this, end);
      this.directions[end] = direction;
      const initial = this.handshake.initialSequence[end];
      if (initial !== -1 && !this.found) direction.stream.syn(initial);
    }
    return direction;
  }

  /** `finish` would deliver something, or report it missing. */
  get waits(): boolean {
    return this.directions.some(
      (direction) => direction !== null && (direction.stream.waits || direction.framer.waits),
    );
  }

  /** Delivers what waits behind gaps and lets the stream state go. */
  finish(frame: number): void {
    if (this.over) return;
    this.over = true;
    this.lost = this.segments?.lost ?? nothingLost;
    this.segments = null;
    for (const end of [0, 1] as const) {
      const direction = this.directions[end];
      if (direction === null) continue;
      direction.stream.finish(frame);
      direction.framer.finish();
      this.retransmissions += direction.stream.retransmissions;
      this.outOfOrder += direction.stream.outOfOrder;
      this.missing += direction.stream.missing;
      this.missed += direction.stream.missed;
      const { gapFrame } = direction.stream;
      if (gapFrame !== 0) this.missingFrame = Math.min(gapFrame, this.missingFrame || gapFrame);
      this.octets[end] += direction.stream.delivered;
      this.acknowledgedOctets[end] += direction.stream.acknowledgedOctets;
      this.directions[end] = null;
    }
  }

  /** Segments of a sender that differ in their time to live from all others of it. */
  strangeTimesToLive(side: (end: End) => Side): StrangeTimeToLive[] {
    return ([0, 1] as const).flatMap((end) =>
      (this.timesToLive[end]?.strange() ?? []).map((segment) => ({ from: side(end), ...segment })),
    );
  }

  /** `missingFrame`: the first behind which octets are missing; 0 where none is. */
  counters(): { retransmissions: number; outOfOrder: number; missing: number; missingFrame: number; missed: number } {
    const { outOfOrder, missing, missingFrame, missed } = this;
    const retransmissions = this.retransmissions + this.handshake.retransmissions;
    return { retransmissions, outOfOrder, missing, missingFrame, missed };
  }

  anomaly(frame: number | null, code: string, message: string): void {
    const { limits } = this.tunnel;
    if (!limits.full('anomalies', this.anomalies.length)) this.anomalies.push({ frame, code, message });
  }

  /** The other end has acknowledged less than the latest message of `end`: what it sent so far, it sent before it had that. */
  isAhead(end: End): boolean {
    const direction = this.directions[end];
    return direction?.stream.lacks(direction.messageEnd) ?? false;
  }

  /** A message about a call. */
  callMessage(end: End, message: SeenMessage, frame: number, instant: Instant): void {
    this.signalling.callMessage(this, end, message, frame, instant);
  }

  /** It is asked to stop. */
  stopping(instant: Instant): void {
    this.signalling.controlEnded(this, instant);
  }
}
