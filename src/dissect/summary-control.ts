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
  return [controlMessageName(message.controlMessageType), ...words(message.controlMessageType, message)].join(' ');
}

type Known = Exclude<ControlMessage, { controlMessageType: 'unknown' }>;

type ByType = { readonly [Message in Known as Message['controlMessageType']]: Message };

const wordsOf: { readonly [Type in keyof ByType]: (message: ByType[Type]) => string[] } = {
  [controlMessageType.startControlConnectionRequest]: (message) => start(message),
  [controlMessageType.startControlConnectionReply]: (message) => [...result(message), ...start(message)],
  [controlMessageType.stopControlConnectionRequest]: (message) => [`reason=${named(message.reason, stopReasonNames)}`],
  [controlMessageType.stopControlConnectionReply]: (message) => result(message),
  [controlMessageType.echoRequest]: (message) => [`identifier=${message.identifier}`],
  [controlMessageType.echoReply]: (message) => [`identifier=${message.identifier}`, ...result(message)],
  [controlMessageType.outgoingCallRequest]: (message) => [
    `call-id=${message.callId}`,
    `serial=${message.callSerialNumber}`,
    `speed=${message.minimumBps}-${message.maximumBps}`,
    `bearer=${named(message.bearerType, bearerTypeNames)}`,
    `framing=${named(message.framingType, framingTypeNames)}`,
    `window=${message.packetReceiveWindowSize}`,
    ...text('phone', message.phoneNumber),
  ],
  [controlMessageType.outgoingCallReply]: (message) => [
    `call-id=${message.callId}`,
    `peer-call-id=${message.peerCallId}`,
    ...result(message),
    ...cause(message.causeCode),
    `speed=${message.connectSpeed}`,
    `window=${message.packetReceiveWindowSize}`,
  ],
  [controlMessageType.incomingCallRequest]: (message) => [
    `call-id=${message.callId}`,
    `serial=${message.callSerialNumber}`,
    `bearer=${named(message.bearerType, bearerTypeNames)}`,
    ...text('dialed', message.dialedNumber),
    ...text('dialing', message.dialingNumber),
  ],
  [controlMessageType.incomingCallReply]: (message) => [
    `call-id=${message.callId}`,
    `peer-call-id=${message.peerCallId}`,
    ...result(message),
    `window=${message.packetReceiveWindowSize}`,
  ],
  [controlMessageType.incomingCallConnected]: (message) => [
    `peer-call-id=${message.peerCallId}`,
    `speed=${message.connectSpeed}`,
    `window=${message.packetReceiveWindowSize}`,
    `framing=${named(message.framingType, framingTypeNames)}`,
  ],
  [controlMessageType.callClearRequest]: (message) => [`call-id=${message.callId}`],
  [controlMessageType.callDisconnectNotify]: (message) => [
    `call-id=${message.callId}`,
    `result=${named(message.resultCode, disconnectResultNames)}`,
    ...error(message),
    ...cause(message.causeCode),
    ...text('statistics', message.callStatistics),
  ],
  [controlMessageType.wanErrorNotify]: (message) => [
    `peer-call-id=${message.peerCallId}`,
    `crc=${message.crcErrors}`,
    `framing=${message.framingErrors}`,
    `hardware-overruns=${message.hardwareOverruns}`,
    `buffer-overruns=${message.bufferOverruns}`,
    `time-outs=${message.timeOutErrors}`,
    `alignment=${message.alignmentErrors}`,
  ],
  [controlMessageType.setLinkInfo]: (message) => [
    `peer-call-id=${message.peerCallId}`,
    `send-accm=${hex32(message.sendAccm)}`,
    `receive-accm=${hex32(message.receiveAccm)}`,
  ],
};

function words<Type extends keyof ByType>(type: Type, message: ByType[Type]): string[] {
  return wordsOf[type](message);
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
