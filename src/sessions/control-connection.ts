/**
 * One TCP connection of the control port while it is followed: handshake, both octet streams, the control
 * messages in them (RFC 2637 §2, §3) and how it ended. Call signalling is handed to the correlation.
 */
import type { Packet } from '../dissect/packet.ts';
import type { Instant } from '../octets/instant.ts';
import { secondsBetween } from '../octets/instant.ts';
import type { Limits } from '../octets/limits.ts';
import type { Window } from '../octets/window.ts';
import { MessageFramer, type MessageSink } from '../pptp/framer.ts';
import { anomaliesOf, decodeControlMessage, type KnownControlMessage } from '../pptp/message.ts';
import { controlMessageName, controlMessageType } from '../pptp/names.ts';
import { type TcpView, tcpFlags } from '../tcp/header.ts';
import { RoutedCopies } from '../tcp/routed-copies.ts';
import { StreamReassembler } from '../tcp/stream.ts';
import { EchoTracker } from './echo.ts';
import { type End, otherEnd, sideOf } from './ends.ts';
import { type Lost, LostSegments } from './lost-segments.ts';
import type { Anomaly } from './model/anomaly.ts';
import type { StrangeTimeToLive } from './model/control.ts';
import type { Side } from './model/side.ts';
import { TimesToLive } from './times-to-live.ts';
import type { TunnelState } from './tunnel-state.ts';

/** Which side may send a message about a call. RFC 2637 §2.7-2.15 */
const senders: Readonly<Record<number, 'PNS' | 'PAC'>> = {
  [controlMessageType.outgoingCallRequest]: 'PNS',
  [controlMessageType.outgoingCallReply]: 'PAC',
  [controlMessageType.incomingCallRequest]: 'PAC',
  [controlMessageType.incomingCallReply]: 'PNS',
  [controlMessageType.incomingCallConnected]: 'PAC',
  [controlMessageType.callClearRequest]: 'PNS',
  [controlMessageType.callDisconnectNotify]: 'PAC',
  [controlMessageType.wanErrorNotify]: 'PAC',
  [controlMessageType.setLinkInfo]: 'PNS',
};

const { fin, syn, rst, ack } = tcpFlags;

/** What the capture holds of a message: all of it, or the fields before the cut. */
export type SeenMessage = KnownControlMessage extends infer Known
  ? Known extends KnownControlMessage
    ? Pick<Known, 'controlMessageType'> & Partial<Known>
    : never
  : never;

export interface ListedMessage {
  readonly frames: readonly number[];
  readonly instant: Instant | null;
  readonly end: End;
  readonly type: number;
  readonly name: string;
}

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
    this.connection.message(this.end, octets, start, stop, frames, instant);
  }

  anomaly(code: string, text: string, frame: number): void {
    this.connection.anomaly(frame, code, text);
  }

  notPptp(octets: Uint8Array, frame: number): void {
    this.connection.notPptp(this.end, octets, frame);
  }
}

const nothingLost: LostSegments['lost'] = [null, null];

export class ControlConnection {
  readonly tunnel: TunnelState;
  private readonly signalling: CallSignalling;
  private readonly directions: [Direction | null, Direction | null] = [null, null];
  private readonly timed: boolean;

  /** Initial sequence number of each end's SYN; -1 where none was seen. */
  readonly initialSequence: [number, number] = [-1, -1];
  /** That of end 0 as the SYN-ACK acknowledges it; -1 where none was seen. */
  acknowledgedSyn = -1;
  /** It was found by its first message: what its ends said before, to a proxy on the way, was not looked at. */
  found = false;
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
  handshakeSeconds: number | null = null;
  /** From the SYN-ACK to the ACK: with the one before, tells on which side the capture was taken. */
  acknowledgeSeconds: number | null = null;
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
  refused = false;
  /** End 0, of which no SYN was seen, answers the SYN-ACK with a RST: it has not asked there. */
  unasked = false;
  unreachable = false;

  readonly startParameters: [SeenMessage | null, SeenMessage | null] = [null, null];
  startRequestFrame = 0;
  startRequestInstant: Instant | null = null;
  startReplyFrame = 0;
  startReplyInstant: Instant | null = null;
  startResultCode: number | null = null;
  startErrorCode: number | null = null;
  stop: { by: End; reasonCode: number | null; resultCode: number | null; frame: number } | null = null;
  readonly echo: EchoTracker;
  readonly messages: ListedMessage[] = [];
  messagesNotListed = 0;
  readonly anomalies: Anomaly[] = [];
  /** First octets of what was sent instead of PPTP, by end. */
  readonly strange: [string | null, string | null] = [null, null];

  constructor(tunnel: TunnelState, signalling: CallSignalling, timed: boolean) {
    this.tunnel = tunnel;
    this.signalling = signalling;
    this.timed = timed;
    this.echo = new EchoTracker(tunnel.limits);
  }

  segment(end: End, packet: Packet, tcp: TcpView): void {
    const instant = { seconds: packet.seconds, nanoseconds: packet.nanoseconds };
    const payloadWire = Math.max(0, packet.start + packet.wireLength - tcp.headerEnd);
    if (this.isRoutedCopy(end, packet)) {
      this.routedDuplicates += 1;
      return;
    }
    if (!this.over) {
      this.timesToLive[end] ??= new TimesToLive();
      this.timesToLive[end].note(packet, tcp.flags, payloadWire);
    }
    if (this.isOfConnectionBefore(end, tcp)) {
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
    this.noteFirst(end, tcp.sequenceNumber, instant);
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
      direction.stream.segment(
        tcp.sequenceNumber,
        payloadWire,
        packet.window.bytes,
        Math.min(tcp.headerEnd, packet.end),
        packet.end,
        packet.frame,
        instant,
      );
    }
    this.acknowledge(end, tcp);
    if ((tcp.flags & fin) !== 0) {
      const sequence = (tcp.sequenceNumber + payloadWire) >>> 0;
      direction.stream.fin(sequence);
      this.sendsNoMore(end, sequence, tcp.acknowledgmentNumber, packet.frame, instant);
    }
  }

  private isRoutedCopy(end: End, { window, start, end: behind, timeToLive, at }: Packet): boolean {
    this.copies[end] ??= new RoutedCopies();
    return this.copies[end].isCopy(window.view, start, behind, timeToLive, at);
  }

  private synchronize(tcp: TcpView, frame: number, instant: Instant): void {
    if ((tcp.flags & ack) === 0) {
      this.openingSyn(frame, instant, tcp.sequenceNumber);
      return;
    }
    this.acknowledgedSyn = (tcp.acknowledgmentNumber - 1) >>> 0;
    this.answeringSyn(frame, instant, tcp.sequenceNumber);
  }

  /** A segment behind an end's SYN; the client's first completes the handshake. */
  private noteFirst(end: End, sequence: number, instant: Instant): void {
    if (this.firstSequence[end] === -1) this.firstSequence[end] = sequence;
    if (end !== 0 || this.synSegments === 0 || this.acknowledged) return;
    this.acknowledged = true;
    if (this.latestSynAck !== null) this.acknowledgeSeconds = lasted(this.latestSynAck, instant);
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

  /**
   * While a SYN waits: the server acknowledges what it does not ask, since it still holds a connection of the same ports, and the
   * client resets that one, and goes on asking. RFC 9293 §3.5.1
   */
  private isOfConnectionBefore(end: End, tcp: TcpView): boolean {
    if (this.connected || this.initialSequence[0] === -1) return false;
    if (end === 0) return (tcp.flags & rst) !== 0 && !this.isNear(tcp.sequenceNumber);
    return (tcp.flags & (ack | rst)) === ack && !this.isNear(tcp.acknowledgmentNumber);
  }

  /** Of the client's numbers behind its SYN. */
  private isNear(sequence: number): boolean {
    return (sequence - this.initialSequence[0]) >>> 0 <= 0x1_0000;
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

  /** A SYN of end 0: of this connection, or remembered from before it turned out to be PPTP. */
  openingSyn(frame: number, instant: Instant, sequence: number): void {
    this.synSegments += 1;
    if (this.initialSequence[0] === sequence) this.retransmissions += 1;
    this.initialSequence[0] = sequence;
    this.synInstant = instant;
    if (this.synFrame === 0) this.synFrame = frame;
  }

  answeringSyn(frame: number, instant: Instant, sequence: number): void {
    if (this.initialSequence[1] === sequence) this.retransmissions += 1;
    else if (this.synAckFrame !== 0) {
      const message =
        'a second SYN-ACK, with another sequence number: another host answers for the same address, or a load balancer does';
      this.anomaly(frame, 'second-answer', message);
    }
    this.initialSequence[1] = sequence;
    this.latestSynAck = instant;
    if (this.synAckFrame !== 0) return;
    this.synAckFrame = frame;
    this.synAckInstant = instant;
    if (this.synInstant !== null) this.handshakeSeconds = lasted(this.synInstant, instant);
  }

  /** Whether a SYN with that sequence number opens this connection, or another one on the same ports. */
  opensWith(sequence: number): boolean {
    if (this.initialSequence[0] !== -1) return this.initialSequence[0] === sequence;
    if (this.over) return false;
    // Captures reorder: the SYN may come behind what it opened.
    const first = this.firstSequence[0];
    return first === -1 || (first - sequence) >>> 0 <= 0x1_0000;
  }

  /** A SYN-ACK, and segments of an end behind it. */
  get goesOn(): boolean {
    return this.synAckFrame !== 0 && this.firstSequence.some((sequence) => sequence !== -1);
  }

  get connected(): boolean {
    return (this.synAckFrame !== 0 && !this.unasked) || this.acknowledged;
  }

  private reset(end: End, frame: number, instant: Instant): void {
    if (end === 1 && this.synSegments > 0 && !this.connected) this.refused = true;
    if (end === 0 && this.synSegments === 0 && this.synAckFrame !== 0 && this.firstSequence[0] === -1)
      this.unasked = true;
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
      const initial = this.initialSequence[end];
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
    const { retransmissions, outOfOrder, missing, missingFrame, missed } = this;
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

  /** `end` sends something else. */
  notPptp(end: End, octets: Uint8Array, frame: number): void {
    if (this.strange[end] !== null) return;
    const name = protocolByFirstOctets(octets);
    // A capture that starts in mid-stream may start in the middle of a message.
    if (name === null && this.initialSequence[end] === -1) return;
    this.strange[end] = name ?? 'another protocol';
    const who = sideOf(this.tunnel.clientEnd)(end);
    this.anomaly(frame, 'not-pptp', `the ${who} sends ${name ?? 'octets that are no PPTP control message'}`);
  }

  message(end: End, octets: Window, start: number, stop: number, frames: readonly number[], instant: Instant): void {
    const frame = frames[0] ?? 0;
    const decoded = decodeControlMessage(octets, start, stop);
    const type = stop - start >= 10 ? octets.view.getUint16(start + 8) : 0;
    const { limits } = this.tunnel;
    if (!limits.full('control-messages', this.messages.length)) {
      const name = controlMessageName(type);
      this.messages.push({ frames: listed(frames, limits), instant: this.timed ? instant : null, end, type, name });
    } else {
      this.messagesNotListed += 1;
    }
    if (decoded.ok) {
      for (const { code, message: text } of anomaliesOf(decoded.value, stop - start)) this.anomaly(frame, code, text);
    } else if (stop - start === octets.view.getUint16(start)) {
      const { layer, field, offset, reason } = decoded;
      this.anomaly(frame, 'malformed-message', `${layer}: ${field} at octet ${offset}: ${reason}`);
    }
    const seen = decoded.ok ? decoded.value : decoded.decoded;
    if (isKnown(seen)) this.seen(end, seen, frame, instant);
  }

  /** What RFC 2637 §3 does not allow where the connection stands. Nothing is dropped for it. */
  private checkState(end: End, type: number, frame: number): void {
    const name = controlMessageName(type);
    if (type === controlMessageType.startControlConnectionRequest && this.startRequestFrame !== 0) {
      this.anomaly(frame, 'start-repeated', `${name} on a connection that was started before`);
    }
    if (
      type > controlMessageType.startControlConnectionReply &&
      this.connected &&
      this.startRequestFrame === 0 &&
      this.startReplyFrame === 0
    ) {
      this.anomaly(frame, 'before-start', `${name} before the control connection was started`);
    }
    if (type > controlMessageType.stopControlConnectionReply && this.stop !== null) {
      this.anomaly(frame, 'after-stop', `${name} after the control connection was stopped`);
    }
    const sender = senders[type];
    if (sender === undefined || this.tunnel.roles !== 'certain') return;
    const actual = end === this.tunnel.clientEnd ? 'PNS' : 'PAC';
    if (actual !== sender)
      this.anomaly(frame, 'unexpected-sender', `${name} is for the ${sender} to send, not the ${actual}`);
  }

  private seen(end: End, message: SeenMessage, frame: number, instant: Instant): void {
    this.checkState(end, message.controlMessageType, frame);
    switch (message.controlMessageType) {
      case controlMessageType.startControlConnectionRequest:
        this.startParameters[end] = message;
        if (this.startRequestFrame === 0) {
          this.startRequestFrame = frame;
          this.startRequestInstant = instant;
        }
        break;
      case controlMessageType.startControlConnectionReply:
        this.startParameters[end] = message;
        if (this.startReplyFrame !== 0) break;
        this.startReplyFrame = frame;
        this.startReplyInstant = instant;
        this.startResultCode = message.resultCode ?? null;
        this.startErrorCode = message.errorCode ?? null;
        break;
      case controlMessageType.stopControlConnectionRequest:
        this.stopRequested(end, message.reason ?? null, frame);
        this.signalling.controlEnded(this, instant);
        break;
      case controlMessageType.stopControlConnectionReply:
        if (this.stop === null) this.stop = { by: otherEnd(end), reasonCode: null, resultCode: null, frame };
        this.stop.resultCode = message.resultCode ?? null;
        break;
      case controlMessageType.echoRequest:
        if (message.identifier !== undefined) this.echo.request(end, message.identifier, frame, instant);
        break;
      case controlMessageType.echoReply:
        if (message.identifier !== undefined) this.echo.reply(end, message.identifier, frame, instant);
        break;
      default:
        this.signalling.callMessage(this, end, message, frame, instant);
    }
  }

  /** The first request counts. A reply that stands before it is its own where captures reorder, or nobody asked for it. */
  private stopRequested(end: End, reasonCode: number | null, frame: number): void {
    const held = this.stop;
    if (held !== null && held.reasonCode !== null) return;
    const resultCode = held?.by === end ? held.resultCode : null;
    this.stop = { by: end, reasonCode, resultCode, frame };
  }
}

/** Seconds; null where the clock was put back meanwhile. */
function lasted(from: Instant, to: Instant): number | null {
  const seconds = secondsBetween(from, to);
  return seconds < 0 ? null : seconds;
}

/** The first frames of a message and its last: one in segments of an octet has hundreds. */
function listed(frames: readonly number[], limits: Limits): number[] {
  const most = limits.bounds['message-frames'];
  if (frames.length <= most) return [...frames];
  limits.reached('message-frames');
  return [...frames.slice(0, most - 1), frames.at(-1) ?? 0];
}

function isKnown(message: object): message is SeenMessage {
  return 'controlMessageType' in message && typeof message.controlMessageType === 'number';
}

/** Names what speaks first on a port where PPTP was expected; null where nothing is certain. */
function protocolByFirstOctets(octets: Uint8Array): string | null {
  const text = Array.from(octets.subarray(0, 16), (octet) => String.fromCharCode(octet)).join('');
  if (/^(GET|POST|HEAD|PUT|OPTIONS|CONNECT|DELETE) /.test(text)) return 'an HTTP request';
  if (text.startsWith('HTTP/')) return 'an HTTP response';
  if (text.startsWith('SSH-')) return 'an SSH banner';
  if (octets[0] === 0x16 && octets[1] === 3) return 'a TLS handshake';
  if (octets[0] === 0x15 && octets[1] === 3) return 'a TLS alert';
  if (/^220[ -]/.test(text)) return 'an FTP or SMTP greeting';
  if (octets[0] === 3 && octets[1] === 0 && octets[2] === 0) return 'RDP (TPKT)';
  return null;
}
