/** Any PPTP control message, told apart by its type. RFC 2637 §2 */
import type { Window } from '../octets/window.ts';
import type { Bound, Decoded, Malformed } from '../wire/decoded.ts';
import { constant, type Names, restOctets, u16 } from '../wire/field.ts';
import { decode, encode, type Layout, layout, malformed, type Violation, violations } from '../wire/layout.ts';
import {
  type CallClearRequest,
  type CallDisconnectNotify,
  callClearRequest,
  callDisconnectNotify,
  type IncomingCallConnected,
  type IncomingCallReply,
  type IncomingCallRequest,
  incomingCallConnected,
  incomingCallReply,
  incomingCallRequest,
  type OutgoingCallReply,
  type OutgoingCallRequest,
  outgoingCallReply,
  outgoingCallRequest,
  type SetLinkInfo,
  setLinkInfo,
  type WanErrorNotify,
  wanErrorNotify,
} from './call.ts';
import {
  type EchoReply,
  type EchoRequest,
  echoReply,
  echoRequest,
  type StartControlConnectionReply,
  type StartControlConnectionRequest,
  type StopControlConnectionReply,
  type StopControlConnectionRequest,
  startControlConnectionReply,
  startControlConnectionRequest,
  stopControlConnectionReply,
  stopControlConnectionRequest,
} from './control-connection.ts';
import { controlHeader, headerOctets } from './header.ts';
import { controlMessageName, controlMessageType, generalErrorNames, magicCookie, replyResult } from './names.ts';

/** The layouts by Control Message Type. */
export const controlMessageLayouts = {
  [controlMessageType.startControlConnectionRequest]: startControlConnectionRequest,
  [controlMessageType.startControlConnectionReply]: startControlConnectionReply,
  [controlMessageType.stopControlConnectionRequest]: stopControlConnectionRequest,
  [controlMessageType.stopControlConnectionReply]: stopControlConnectionReply,
  [controlMessageType.echoRequest]: echoRequest,
  [controlMessageType.echoReply]: echoReply,
  [controlMessageType.outgoingCallRequest]: outgoingCallRequest,
  [controlMessageType.outgoingCallReply]: outgoingCallReply,
  [controlMessageType.incomingCallRequest]: incomingCallRequest,
  [controlMessageType.incomingCallReply]: incomingCallReply,
  [controlMessageType.incomingCallConnected]: incomingCallConnected,
  [controlMessageType.callClearRequest]: callClearRequest,
  [controlMessageType.callDisconnectNotify]: callDisconnectNotify,
  [controlMessageType.wanErrorNotify]: wanErrorNotify,
  [controlMessageType.setLinkInfo]: setLinkInfo,
} as const;

/** A message of a type that RFC 2637 does not define, or a management message. */
export interface UnknownControlMessage {
  readonly controlMessageType: 'unknown';
  readonly length: number;
  readonly pptpMessageType: number;
  /** The number that stands where the control message type does. */
  readonly type: number;
  readonly reserved0: number;
  /** What follows the header. */
  readonly octets: Uint8Array;
}

/** The messages of RFC 2637 by their literal `controlMessageType`. */
export type KnownControlMessage =
  | StartControlConnectionRequest
  | StartControlConnectionReply
  | StopControlConnectionRequest
  | StopControlConnectionReply
  | EchoRequest
  | EchoReply
  | OutgoingCallRequest
  | OutgoingCallReply
  | IncomingCallRequest
  | IncomingCallReply
  | IncomingCallConnected
  | CallClearRequest
  | CallDisconnectNotify
  | WanErrorNotify
  | SetLinkInfo;

export type ControlMessage = KnownControlMessage | UnknownControlMessage;

/** What `encodeControlMessage` needs: the type; other fields that are not given become blank. */
export type ControlMessageDraft =
  | (KnownControlMessage extends infer Known
      ? Known extends KnownControlMessage
        ? Pick<Known, 'controlMessageType'> & Partial<Known>
        : never
      : never)
  | UnknownControlMessage;

/**
 * Decodes one message, whose octets are those from `start` up to `end`. Its own length field bounds it where that is
 * smaller. A message shorter than its format is malformed; of a longer one the rest is kept as `excess`.
 */
export function decodeControlMessage(window: Window, start: number, end: number): Decoded<ControlMessage> {
  const header = decode(controlHeader, window, start, end);
  if (!header.ok) return asFaultOfMessage(header);
  const { length, controlMessageType, pptpMessageType, reserved0 } = header.value;
  if (length < headerOctets) {
    return malformed(controlHeader, {
      field: 'length',
      offset: 0,
      reason: 'length-too-small',
      needed: headerOctets,
      available: length,
      boundedBy: 'PPTP length',
    });
  }
  const bound: Bound = start + length <= end ? 'PPTP length' : 'octets given';
  const stop = Math.min(end, start + length);
  const format = layoutOf(controlMessageType);
  if (format !== null && pptpMessageType === 1) return decode(format, window, start, stop, bound);
  const octets = window.bytes.slice(start + headerOctets, stop);
  const unknown = { controlMessageType: 'unknown', length, pptpMessageType, type: controlMessageType } as const;
  return { ok: true, value: { ...unknown, reserved0, octets }, size: stop - start };
}

/** The octets of a message. `length` is written as given, else the format's own. */
export function encodeControlMessage(message: ControlMessageDraft): Uint8Array<ArrayBuffer> {
  if (message.controlMessageType === 'unknown') {
    return encode(unknownMessage, { ...message, magicCookie, controlMessageType: message.type });
  }
  const format = layoutOf(message.controlMessageType);
  if (format === null) throw new Error('unreachable: every literal type has a layout');
  return encode(format, message as Partial<KnownControlMessage>);
}

/** Something about a well-formed message that RFC 2637 does not allow. */
export interface MessageAnomaly {
  /** Stable, kebab-case. */
  readonly code:
    | 'length-disagrees'
    | 'reserved-not-zero'
    | 'illegal-value'
    | 'unknown-flags'
    | 'error-code-without-general-error'
    | 'excess-octets'
    | 'unknown-message-type';
  /** One sentence in plain English, without captured text. */
  readonly message: string;
}

/** What a message has that the RFC does not allow. `octetsLength`: octets that the message really took. */
export function anomaliesOf(message: ControlMessage, octetsLength: number): MessageAnomaly[] {
  if (message.controlMessageType === 'unknown') {
    const what = message.pptpMessageType === 1 ? 'control message type' : 'PPTP message type';
    const number = message.pptpMessageType === 1 ? message.type : message.pptpMessageType;
    return [{ code: 'unknown-message-type', message: `${what} ${number} is not defined` }];
  }
  const format = layoutOf(message.controlMessageType);
  if (format === null) return [];
  const name = controlMessageName(message.controlMessageType);
  const found: MessageAnomaly[] = [];
  for (const violation of violations(format, message)) found.push(anomaly(name, format, violation));
  if (message.length !== octetsLength && !found.some((one) => one.code === 'length-disagrees')) {
    found.push({
      code: 'length-disagrees',
      message: `${name}: the length field says ${message.length}, ${octetsLength} octets are there`,
    });
  }
  if ('resultCode' in message && message.resultCode !== replyResult.generalError && message.errorCode !== 0) {
    const error = generalErrorNames[message.errorCode] ?? 'not defined';
    found.push({
      code: 'error-code-without-general-error',
      message: `${name}: error code ${message.errorCode} (${error}) beside result code ${message.resultCode}`,
    });
  }
  return found;
}

/** Any message with its type as a number: how messages of unknown types are written. */
export const unknownMessage = layout('PPTP message', 'RFC 2637 §1.4').fields({
  length: u16(),
  pptpMessageType: u16(),
  magicCookie: constant(4, magicCookie, 'bad-magic'),
  controlMessageType: u16(),
  reserved0: u16(),
  octets: restOctets(),
});

/** The layout of a control message type; null for a type that RFC 2637 does not define. */
export function layoutOf(controlMessageType: number): Layout<KnownControlMessage> | null {
  const layouts: Readonly<Record<number, unknown>> = controlMessageLayouts;
  return (layouts[controlMessageType] as Layout<KnownControlMessage> | undefined) ?? null;
}

/** What the header held before the fault is not a message: its type is a number still. */
function asFaultOfMessage(fault: Malformed): Malformed<ControlMessage> {
  return { ...fault, decoded: {} };
}

function anomaly(
  name: string,
  format: { readonly parts: Layout<object>['parts'] },
  violation: Violation,
): MessageAnomaly {
  const { field, rule, value } = violation;
  const place = `${name}: ${field}`;
  const hex = `0x${value.toString(16)}`;
  switch (rule) {
    case 'reserved':
      return { code: 'reserved-not-zero', message: `${place} is ${hex}, must be 0` };
    case 'excess':
      return { code: 'excess-octets', message: `${name}: ${value} octets follow the end of the message` };
    case 'unknown-flags':
      return { code: 'unknown-flags', message: `${place} is ${hex}, which has bits that are not defined` };
    default: {
      const domain = format.parts.find((part) => part.name === field)?.field.domain;
      const legal = domain?.kind === 'integer' ? legalText(domain.legal, domain.maximum, domain.names) : '';
      const code = field === 'length' ? 'length-disagrees' : 'illegal-value';
      return { code, message: `${place} is ${value}, must be ${legal}` };
    }
  }
}

function legalText(legal: readonly number[] | null, maximum: number, names: Names | null): string {
  if (legal === null) return `${maximum} at most`;
  if (legal.length <= 3 || names === null) return legal.join(' or ');
  return `${legal[0]} to ${legal.at(-1)}`;
}
