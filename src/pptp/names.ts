/**
 * Names of the numbers in PPTP control messages (RFC 2637 §2), for people. All tables are open.
 */
import type { Flags, Names } from '../wire/field.ts';

/** TCP port of the control connection. RFC 2637 §1.3.1 */
export const controlPort = 1723;

/** RFC 2637 §1.4 */
export const magicCookie = 0x1a2b3c4d;

/** Control message types. RFC 2637 §1.4 */
export const controlMessageType = {
  startControlConnectionRequest: 1,
  startControlConnectionReply: 2,
  stopControlConnectionRequest: 3,
  stopControlConnectionReply: 4,
  echoRequest: 5,
  echoReply: 6,
  outgoingCallRequest: 7,
  outgoingCallReply: 8,
  incomingCallRequest: 9,
  incomingCallReply: 10,
  incomingCallConnected: 11,
  callClearRequest: 12,
  callDisconnectNotify: 13,
  wanErrorNotify: 14,
  setLinkInfo: 15,
} as const;

export const controlMessageNames: Names = {
  [controlMessageType.startControlConnectionRequest]: 'Start-Control-Connection-Request',
  [controlMessageType.startControlConnectionReply]: 'Start-Control-Connection-Reply',
  [controlMessageType.stopControlConnectionRequest]: 'Stop-Control-Connection-Request',
  [controlMessageType.stopControlConnectionReply]: 'Stop-Control-Connection-Reply',
  [controlMessageType.echoRequest]: 'Echo-Request',
  [controlMessageType.echoReply]: 'Echo-Reply',
  [controlMessageType.outgoingCallRequest]: 'Outgoing-Call-Request',
  [controlMessageType.outgoingCallReply]: 'Outgoing-Call-Reply',
  [controlMessageType.incomingCallRequest]: 'Incoming-Call-Request',
  [controlMessageType.incomingCallReply]: 'Incoming-Call-Reply',
  [controlMessageType.incomingCallConnected]: 'Incoming-Call-Connected',
  [controlMessageType.callClearRequest]: 'Call-Clear-Request',
  [controlMessageType.callDisconnectNotify]: 'Call-Disconnect-Notify',
  [controlMessageType.wanErrorNotify]: 'WAN-Error-Notify',
  [controlMessageType.setLinkInfo]: 'Set-Link-Info',
};

/** Values of PPTP Message Type. RFC 2637 §1.4 */
export const pptpMessageTypeNames: Names = { 1: 'Control Message', 2: 'Management Message' };

/** Result codes that replies have in common. RFC 2637 §2.2, §2.4, §2.6, §2.8, §2.10 */
export const replyResult = { success: 1, generalError: 2 } as const;

/** RFC 2637 §2.2 */
export const startResultNames: Names = {
  1: 'Successful channel establishment',
  2: 'General error',
  3: 'Command channel already exists',
  4: 'Requester is not authorized to establish a command channel',
  5: 'The protocol version of the requester is not supported',
};

/** RFC 2637 §2.3 */
export const stopReasonNames: Names = {
  1: 'None (general request to clear control connection)',
  2: "Stop-Protocol (can't support peer's version of the protocol)",
  3: 'Stop-Local-Shutdown (requester is being shut down)',
};

/** RFC 2637 §2.4 */
export const stopResultNames: Names = { 1: 'OK', 2: 'General error' };

/** RFC 2637 §2.6 */
export const echoResultNames: Names = { 1: 'OK', 2: 'General error' };

/** RFC 2637 §2.8 */
export const outgoingCallResultNames: Names = {
  1: 'Connected',
  2: 'General error',
  3: 'No Carrier',
  4: 'Busy',
  5: 'No Dial Tone',
  6: 'Time-out',
  7: 'Do Not Accept',
};

/** RFC 2637 §2.10 */
export const incomingCallResultNames: Names = { 1: 'Connect', 2: 'General error', 3: 'Do Not Accept' };

/** RFC 2637 §2.13 */
export const disconnectResultNames: Names = {
  1: 'Lost Carrier',
  2: 'General error',
  3: 'Admin Shutdown',
  4: 'Request',
};

/** Result codes by control message type. RFC 2637 §2.2, §2.4, §2.6, §2.8, §2.10, §2.13 */
export const resultNames: Readonly<Record<number, Names>> = {
  [controlMessageType.startControlConnectionReply]: startResultNames,
  [controlMessageType.stopControlConnectionReply]: stopResultNames,
  [controlMessageType.echoReply]: echoResultNames,
  [controlMessageType.outgoingCallReply]: outgoingCallResultNames,
  [controlMessageType.incomingCallReply]: incomingCallResultNames,
  [controlMessageType.callDisconnectNotify]: disconnectResultNames,
};

/** Of a reply that is no Call-Disconnect-Notify: success, for which some ADSL modems say 0. RFC 2637 §2.2, §2.8, §2.10 */
export function isSuccess(resultCode: number | null): boolean {
  return resultCode === replyResult.success || resultCode === 0;
}

/** Error codes, which mean something only beside result code 2. RFC 2637 §2.16 */
export const generalErrorNames: Names = {
  0: 'None',
  1: 'Not-Connected',
  2: 'Bad-Format',
  3: 'Bad-Value',
  4: 'No-Resource',
  5: 'Bad-Call ID',
  6: 'PAC-Error',
};

/** RFC 2637 §2.1 */
export const framingCapabilities = { asynchronous: 1, synchronous: 2 } as const satisfies Flags;

/** RFC 2637 §2.1 */
export const bearerCapabilities = { analog: 1, digital: 2 } as const satisfies Flags;

/** RFC 2637 §2.7, §2.11 */
export const framingTypeNames: Names = { 1: 'asynchronous', 2: 'synchronous', 3: 'either' };

/** RFC 2637 §2.7, §2.9 */
export const bearerTypeNames: Names = { 1: 'analog', 2: 'digital', 3: 'any' };

/** Cause codes of ISDN calls. ITU-T Q.850 §2.2, which Q.931 refers to. Other kinds of calls have their own. */
export const causeNames: Names = {
  1: 'Unallocated (unassigned) number',
  2: 'No route to specified transit network',
  3: 'No route to destination',
  4: 'Send special information tone',
  5: 'Misdialled trunk prefix',
  6: 'Channel unacceptable',
  7: 'Call awarded and being delivered in an established channel',
  8: 'Preemption',
  9: 'Preemption - circuit reserved for reuse',
  16: 'Normal call clearing',
  17: 'User busy',
  18: 'No user responding',
  19: 'No answer from user (user alerted)',
  20: 'Subscriber absent',
  21: 'Call rejected',
  22: 'Number changed',
  23: 'Redirection to new destination',
  25: 'Exchange routing error',
  26: 'Non-selected user clearing',
  27: 'Destination out of order',
  28: 'Invalid number format (address incomplete)',
  29: 'Facility rejected',
  30: 'Response to STATUS ENQUIRY',
  31: 'Normal, unspecified',
  34: 'No circuit/channel available',
  38: 'Network out of order',
  39: 'Permanent frame mode connection out of service',
  40: 'Permanent frame mode connection operational',
  41: 'Temporary failure',
  42: 'Switching equipment congestion',
  43: 'Access information discarded',
  44: 'Requested circuit/channel not available',
  46: 'Precedence call blocked',
  47: 'Resource unavailable, unspecified',
  49: 'Quality of service not available',
  50: 'Requested facility not subscribed',
  53: 'Outgoing calls barred within closed user group',
  55: 'Incoming calls barred within closed user group',
  57: 'Bearer capability not authorized',
  58: 'Bearer capability not presently available',
  62: 'Inconsistency in designated outgoing access information and subscriber class',
  63: 'Service or option not available, unspecified',
  65: 'Bearer capability not implemented',
  66: 'Channel type not implemented',
  69: 'Requested facility not implemented',
  70: 'Only restricted digital information bearer capability is available',
  79: 'Service or option not implemented, unspecified',
  81: 'Invalid call reference value',
  82: 'Identified channel does not exist',
  83: 'A suspended call exists, but this call identity does not',
  84: 'Call identity in use',
  85: 'No call suspended',
  86: 'Call having the requested call identity has been cleared',
  87: 'User not member of closed user group',
  88: 'Incompatible destination',
  90: 'Non-existent closed user group',
  91: 'Invalid transit network selection',
  95: 'Invalid message, unspecified',
  96: 'Mandatory information element is missing',
  97: 'Message type non-existent or not implemented',
  98: 'Message not compatible with call state or message type non-existent or not implemented',
  99: 'Information element/parameter non-existent or not implemented',
  100: 'Invalid information element contents',
  101: 'Message not compatible with call state',
  102: 'Recovery on timer expiry',
  103: 'Parameter non-existent or not implemented, passed on',
  110: 'Message with unrecognized parameter, discarded',
  111: 'Protocol error, unspecified',
  127: 'Interworking, unspecified',
};

/** `control message 77` where there is no name. */
export function controlMessageName(controlMessageType: number): string {
  return controlMessageNames[controlMessageType] ?? `control message ${controlMessageType}`;
}
