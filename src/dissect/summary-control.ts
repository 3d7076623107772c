/** One line for a control message. RFC 2637 §2 */
import { counted } from '../octets/words.ts';
import type { ControlMessage } from '../pptp/message.ts';
import {
  bearerTypeNames,
  causeNames,
  controlMessageName,
  controlMessageType,
  disconnectResultNames,
  framingTypeNames,
  generalErrorNames,
  replyResult,
  resultNames,
  stopReasonNames,
} from '../pptp/names.ts';
import { named } from '../wire/field.ts';
import { hex32, quoted } from './summary.ts';

/** `Outgoing-Call-Reply call-id=128 peer-call-id=0 result=1 (Connected) window=64`. */
export function controlSummary(message: ControlMessage): string {
  if (message.controlMessageType === 'unknown') {
    const what = message.pptpMessageType === 1 ? 'control message' : `PPTP message type ${message.pptpMessageType}`;
    return `unknown ${what} ${message.type}, ${counted(message.length, 'octet')}`;
  }
  return [controlMessageName(message.controlMessageType), ...words(message)].join(' ');
}

type Known = Exclude<ControlMessage, { controlMessageType: 'unknown' }>;

function words(message: Known): string[] {
  switch (message.controlMessageType) {
    case controlMessageType.startControlConnectionRequest:
      return start(message);
    case controlMessageType.startControlConnectionReply:
      return [...result(message), ...start(message)];
    case controlMessageType.stopControlConnectionRequest:
      return [`reason=${named(message.reason, stopReasonNames)}`];
    case controlMessageType.stopControlConnectionReply:
      return result(message);
    case controlMessageType.echoRequest:
      return [`identifier=${message.identifier}`];
    case controlMessageType.echoReply:
      return [`identifier=${message.identifier}`, ...result(message)];
    case controlMessageType.outgoingCallRequest:
      return [
        `call-id=${message.callId}`,
        `serial=${message.callSerialNumber}`,
        `speed=${message.minimumBps}-${message.maximumBps}`,
        `bearer=${named(message.bearerType, bearerTypeNames)}`,
        `framing=${named(message.framingType, framingTypeNames)}`,
        `window=${message.packetReceiveWindowSize}`,
        ...text('phone', message.phoneNumber),
      ];
    case controlMessageType.outgoingCallReply:
      return [
        `call-id=${message.callId}`,
        `peer-call-id=${message.peerCallId}`,
        ...result(message),
        ...cause(message.causeCode),
        `speed=${message.connectSpeed}`,
        `window=${message.packetReceiveWindowSize}`,
      ];
    case controlMessageType.incomingCallRequest:
      return [
        `call-id=${message.callId}`,
        `serial=${message.callSerialNumber}`,
        `bearer=${named(message.bearerType, bearerTypeNames)}`,
        ...text('dialed', message.dialedNumber),
        ...text('dialing', message.dialingNumber),
      ];
    case controlMessageType.incomingCallReply:
      return [
        `call-id=${message.callId}`,
        `peer-call-id=${message.peerCallId}`,
        ...result(message),
        `window=${message.packetReceiveWindowSize}`,
      ];
    case controlMessageType.incomingCallConnected:
      return [
        `peer-call-id=${message.peerCallId}`,
        `speed=${message.connectSpeed}`,
        `window=${message.packetReceiveWindowSize}`,
        `framing=${named(message.framingType, framingTypeNames)}`,
      ];
    case controlMessageType.callClearRequest:
      return [`call-id=${message.callId}`];
    case controlMessageType.callDisconnectNotify:
      return [
        `call-id=${message.callId}`,
        `result=${named(message.resultCode, disconnectResultNames)}`,
        ...error(message),
        ...cause(message.causeCode),
        ...text('statistics', message.callStatistics),
      ];
    case controlMessageType.wanErrorNotify:
      return [
        `peer-call-id=${message.peerCallId}`,
        `crc=${message.crcErrors}`,
        `framing=${message.framingErrors}`,
        `hardware-overruns=${message.hardwareOverruns}`,
        `buffer-overruns=${message.bufferOverruns}`,
        `time-outs=${message.timeOutErrors}`,
        `alignment=${message.alignmentErrors}`,
      ];
    case controlMessageType.setLinkInfo:
      return [
        `peer-call-id=${message.peerCallId}`,
        `send-accm=${hex32(message.sendAccm)}`,
        `receive-accm=${hex32(message.receiveAccm)}`,
      ];
  }
}

function start(message: Extract<Known, { controlMessageType: 1 | 2 }>): string[] {
  return [
    `host=${quoted(message.hostName)}`,
    `vendor=${quoted(message.vendorName)}`,
    `firmware=${message.firmwareRevision}`,
  ];
}

function result(message: {
  readonly controlMessageType: number;
  readonly resultCode: number;
  readonly errorCode: number;
}): string[] {
  return [`result=${named(message.resultCode, resultNames[message.controlMessageType] ?? {})}`, ...error(message)];
}

/** The error code means something only beside result code 2. RFC 2637 §2.16 */
function error({ resultCode, errorCode }: { readonly resultCode: number; readonly errorCode: number }): string[] {
  return resultCode === replyResult.generalError || errorCode !== 0
    ? [`error=${named(errorCode, generalErrorNames)}`]
    : [];
}

function cause(causeCode: number): string[] {
  return causeCode === 0 ? [] : [`cause=${named(causeCode, causeNames)}`];
}

function text(word: string, captured: string): string[] {
  return captured === '' ? [] : [`${word}=${quoted(captured)}`];
}
