/** Call management, error reporting and PPP session control: messages 7 to 15. RFC 2637 §2.7 to §2.15 */
import { excess, reserved, text, u16, u32 } from '../wire/field.ts';
import type { ValueOf } from '../wire/layout.ts';
import { code, errorCode, message } from './header.ts';
import {
  bearerTypeNames,
  causeNames,
  controlMessageType,
  disconnectResultNames,
  framingTypeNames,
  incomingCallResultNames,
  outgoingCallResultNames,
} from './names.ts';

/** Number of valid digits in a field of 64 octets. */
const digits = u16({ maximum: 64 });

/** Q.931's only for ISDN; 0 where there is nothing to say. RFC 2637 §2.8 */
const causeCode = u16({ names: causeNames });

/** RFC 2637 §2.7. Speeds in bit/s, the delay in tenths of a second. */
export const outgoingCallRequest = message(controlMessageType.outgoingCallRequest, 168, 'RFC 2637 §2.7').fields({
  callId: u16(),
  callSerialNumber: u16(),
  minimumBps: u32(),
  maximumBps: u32(),
  bearerType: u32({ legal: [1, 2, 3], names: bearerTypeNames }),
  framingType: u32({ legal: [1, 2, 3], names: framingTypeNames }),
  packetReceiveWindowSize: u16(),
  packetProcessingDelay: u16(),
  phoneNumberLength: digits,
  reserved1: reserved(2),
  phoneNumber: text(64),
  subaddress: text(64),
  excess: excess(),
});
export type OutgoingCallRequest = ValueOf<typeof outgoingCallRequest>;

/** RFC 2637 §2.8 */
export const outgoingCallReply = message(controlMessageType.outgoingCallReply, 32, 'RFC 2637 §2.8').fields({
  callId: u16(),
  peerCallId: u16(),
  resultCode: code(outgoingCallResultNames),
  errorCode,
  causeCode,
  connectSpeed: u32(),
  packetReceiveWindowSize: u16(),
  packetProcessingDelay: u16(),
  physicalChannelId: u32(),
  excess: excess(),
});
export type OutgoingCallReply = ValueOf<typeof outgoingCallReply>;

/** RFC 2637 §2.9 */
export const incomingCallRequest = message(controlMessageType.incomingCallRequest, 220, 'RFC 2637 §2.9').fields({
  callId: u16(),
  callSerialNumber: u16(),
  bearerType: u32({ legal: [1, 2], names: bearerTypeNames }),
  physicalChannelId: u32(),
  dialedNumberLength: digits,
  dialingNumberLength: digits,
  dialedNumber: text(64),
  dialingNumber: text(64),
  subaddress: text(64),
  excess: excess(),
});
export type IncomingCallRequest = ValueOf<typeof incomingCallRequest>;

/** RFC 2637 §2.10 */
export const incomingCallReply = message(controlMessageType.incomingCallReply, 24, 'RFC 2637 §2.10').fields({
  callId: u16(),
  peerCallId: u16(),
  resultCode: code(incomingCallResultNames),
  errorCode,
  packetReceiveWindowSize: u16(),
  packetTransmitDelay: u16(),
  reserved1: reserved(2),
  excess: excess(),
});
export type IncomingCallReply = ValueOf<typeof incomingCallReply>;

/** RFC 2637 §2.11 */
export const incomingCallConnected = message(controlMessageType.incomingCallConnected, 28, 'RFC 2637 §2.11').fields({
  peerCallId: u16(),
  reserved1: reserved(2),
  connectSpeed: u32(),
  packetReceiveWindowSize: u16(),
  packetTransmitDelay: u16(),
  framingType: u32({ legal: [1, 2], names: framingTypeNames }),
  excess: excess(),
});
export type IncomingCallConnected = ValueOf<typeof incomingCallConnected>;

/** The Call ID is the one that the PNS assigned. RFC 2637 §2.12 */
export const callClearRequest = message(controlMessageType.callClearRequest, 16, 'RFC 2637 §2.12').fields({
  callId: u16(),
  reserved1: reserved(2),
  excess: excess(),
});
export type CallClearRequest = ValueOf<typeof callClearRequest>;

/** The Call ID is the one that the PAC assigned. RFC 2637 §2.13 */
export const callDisconnectNotify = message(controlMessageType.callDisconnectNotify, 148, 'RFC 2637 §2.13').fields({
  callId: u16(),
  resultCode: code(disconnectResultNames),
  errorCode,
  causeCode,
  reserved1: reserved(2),
  callStatistics: text(128),
  excess: excess(),
});
export type CallDisconnectNotify = ValueOf<typeof callDisconnectNotify>;

/** The Call ID is the one that the PNS assigned; the counters run from the call's start. RFC 2637 §2.14 */
export const wanErrorNotify = message(controlMessageType.wanErrorNotify, 40, 'RFC 2637 §2.14').fields({
  peerCallId: u16(),
  reserved1: reserved(2),
  crcErrors: u32(),
  framingErrors: u32(),
  hardwareOverruns: u32(),
  bufferOverruns: u32(),
  timeOutErrors: u32(),
  alignmentErrors: u32(),
  excess: excess(),
});
export type WanErrorNotify = ValueOf<typeof wanErrorNotify>;

/** The Call ID is the one that the PAC assigned. RFC 2637 §2.15 */
export const setLinkInfo = message(controlMessageType.setLinkInfo, 24, 'RFC 2637 §2.15').fields({
  peerCallId: u16(),
  reserved1: reserved(2),
  sendAccm: u32(),
  receiveAccm: u32(),
  excess: excess(),
});
export type SetLinkInfo = ValueOf<typeof setLinkInfo>;
