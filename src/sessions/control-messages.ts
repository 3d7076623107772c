/**
 * What a control connection says (RFC 2637 §2): the list of its messages, its start, its stop and its echoes, and what RFC 2637
 * does not allow in them. What is about calls is handed on.
 */
import type { Instant } from '../octets/instant.ts';
import type { Limits } from '../octets/limits.ts';
import type { Window } from '../octets/window.ts';
import { controlMessageTypeAt } from '../pptp/header.ts';
import { anomaliesOf, decodeControlMessage, type KnownControlMessage } from '../pptp/message.ts';
import { controlMessageName, controlMessageType } from '../pptp/names.ts';
import { EchoTracker } from './echo.ts';
import { type End, otherEnd, sideOf } from './ends.ts';
import { foreignProtocol } from './foreign-protocol.ts';
import type { Handshake } from './handshake.ts';
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

/** The connection that messages come from. */
interface Carrier {
  readonly tunnel: TunnelState;
  readonly handshake: Handshake;
  /** The capture holds times. */
  readonly timed: boolean;
  anomaly(frame: number | null, code: string, message: string): void;
  /** A message about a call. */
  callMessage(end: End, message: SeenMessage, frame: number, instant: Instant): void;
  /** The connection is asked to stop. */
  stopping(instant: Instant): void;
}

export class ControlMessages {
  private readonly carrier: Carrier;
  readonly startParameters: [SeenMessage | null, SeenMessage | null] = [null, null];
  startRequestFrame = 0;
  startRequestInstant: Instant | null = null;
  startReplyFrame = 0;
  startReplyInstant: Instant | null = null;
  startResultCode: number | null = null;
  startErrorCode: number | null = null;
  stop: { by: End; reasonCode: number | null; resultCode: number | null; frame: number } | null = null;
  readonly echo: EchoTracker;
  readonly listed: ListedMessage[] = [];
  notListed = 0;
  /** First octets of what was sent instead of PPTP, by end. */
  private readonly strange: [string | null, string | null] = [null, null];

  constructor(carrier: Carrier) {
    this.carrier = carrier;
    this.echo = new EchoTracker(carrier.tunnel.limits);
  }

  /** `end` sends something else. */
  notPptp(end: End, octets: Uint8Array, frame: number): void {
    if (this.strange[end] !== null) return;
    const name = foreignProtocol(octets);
    // A capture that starts in mid-stream may start in the middle of a message.
    if (name === null && this.carrier.handshake.initialSequence[end] === -1) return;
    this.strange[end] = name ?? 'another protocol';
    const who = sideOf(this.carrier.tunnel.clientEnd)(end);
    this.carrier.anomaly(frame, 'not-pptp', `the ${who} sends ${name ?? 'octets that are no PPTP control message'}`);
  }

  message(end: End, octets: Window, start: number, stop: number, frames: readonly number[], instant: Instant): void {
    const frame = frames[0] ?? 0;
    const decoded = decodeControlMessage(octets, start, stop);
    const type = controlMessageTypeAt(octets, start, stop) ?? 0;
    const { limits } = this.carrier.tunnel;
    if (!limits.full('control-messages', this.listed.length)) {
      const name = controlMessageName(type);
      this.listed.push({
        frames: listed(frames, limits),
        instant: this.carrier.timed ? instant : null,
        end,
        type,
        name,
      });
    } else {
      this.notListed += 1;
    }
    if (decoded.ok) {
      for (const { code, message: text } of anomaliesOf(decoded.value, stop - start))
        this.carrier.anomaly(frame, code, text);
    } else if (stop - start === octets.view.getUint16(start)) {
      const { layer, field, offset, reason } = decoded;
      this.carrier.anomaly(frame, 'malformed-message', `${layer}: ${field} at octet ${offset}: ${reason}`);
    }
    const seen = decoded.ok ? decoded.value : decoded.decoded;
    if (isKnown(seen)) this.seen(end, seen, frame, instant);
  }

  /** What RFC 2637 §3 does not allow where the connection stands. Nothing is dropped for it. */
  private checkState(end: End, type: number, frame: number): void {
    const name = controlMessageName(type);
    if (type === controlMessageType.startControlConnectionRequest && this.startRequestFrame !== 0) {
      this.carrier.anomaly(frame, 'start-repeated', `${name} on a connection that was started before`);
    }
    if (
      type > controlMessageType.startControlConnectionReply &&
      this.carrier.handshake.connected &&
      this.startRequestFrame === 0 &&
      this.startReplyFrame === 0
    ) {
      this.carrier.anomaly(frame, 'before-start', `${name} before the control connection was started`);
    }
    if (type > controlMessageType.stopControlConnectionReply && this.stop !== null) {
      this.carrier.anomaly(frame, 'after-stop', `${name} after the control connection was stopped`);
    }
    const sender = senders[type];
    if (sender === undefined || this.carrier.tunnel.roles !== 'certain') return;
    const actual = end === this.carrier.tunnel.clientEnd ? 'PNS' : 'PAC';
    if (actual !== sender)
      this.carrier.anomaly(frame, 'unexpected-sender', `${name} is for the ${sender} to send, not the ${actual}`);
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
        this.carrier.stopping(instant);
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
        this.carrier.callMessage(end, message, frame, instant);
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
