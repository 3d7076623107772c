/** Control connection management: messages 1 to 6. RFC 2637 §2.1 to §2.6 */
import { excess, flags, reserved, text, u16, u32 } from '../wire/field.ts';
import type { ValueOf } from '../wire/layout.ts';
import { code, errorCode, message } from './header.ts';
import {
  bearerCapabilities,
  controlMessageType,
  echoResultNames,
  framingCapabilities,
  startResultNames,
  stopReasonNames,
  stopResultNames,
} from './names.ts';

/** Version 1.0: the major version in the first octet. RFC 2637 §2.1 */
const protocolVersion = u16({ legal: [0x0100] });

const startParameters = {
  framingCapabilities: flags(4, framingCapabilities),
  bearerCapabilities: flags(4, bearerCapabilities),
  maximumChannels: u16(),
  firmwareRevision: u16(),
  hostName: text(64),
  vendorName: text(64),
  excess: excess(),
} as const;

/** RFC 2637 §2.1 */
export const startControlConnectionRequest = message(
  controlMessageType.startControlConnectionRequest,
  156,
  'RFC 2637 §2.1',
).fields({ protocolVersion, reserved1: reserved(2), ...startParameters });
export type StartControlConnectionRequest = ValueOf<typeof startControlConnectionRequest>;

/** RFC 2637 §2.2 */
export const startControlConnectionReply = message(
  controlMessageType.startControlConnectionReply,
  156,
  'RFC 2637 §2.2',
).fields({
  protocolVersion,
  resultCode: code(startResultNames),
  errorCode,
  ...startParameters,
});
export type StartControlConnectionReply = ValueOf<typeof startControlConnectionReply>;

/** RFC 2637 §2.3 */
export const stopControlConnectionRequest = message(
  controlMessageType.stopControlConnectionRequest,
  16,
  'RFC 2637 §2.3',
).fields({
  reason: code(stopReasonNames),
  reserved1: reserved(1),
  reserved2: reserved(2),
  excess: excess(),
});
export type StopControlConnectionRequest = ValueOf<typeof stopControlConnectionRequest>;

/** RFC 2637 §2.4 */
export const stopControlConnectionReply = message(
  controlMessageType.stopControlConnectionReply,
  16,
  'RFC 2637 §2.4',
).fields({
  resultCode: code(stopResultNames),
  errorCode,
  reserved1: reserved(2),
  excess: excess(),
});
export type StopControlConnectionReply = ValueOf<typeof stopControlConnectionReply>;

/** RFC 2637 §2.5 */
export const echoRequest = message(controlMessageType.echoRequest, 16, 'RFC 2637 §2.5').fields({
  identifier: u32(),
  excess: excess(),
});
export type EchoRequest = ValueOf<typeof echoRequest>;

/** RFC 2637 §2.6 */
export const echoReply = message(controlMessageType.echoReply, 20, 'RFC 2637 §2.6').fields({
  identifier: u32(),
  resultCode: code(echoResultNames),
  errorCode,
  reserved1: reserved(2),
  excess: excess(),
});
export type EchoReply = ValueOf<typeof echoReply>;
