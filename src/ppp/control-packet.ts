/**
 * What all control protocols of PPP have in common (RFC 1661 §5): code, identifier, length, and the bodies of codes 1
 * to 7. What only LCP has (§5.7 to §5.9, RFC 1570) stands in lcp.ts.
 */
import type { Window } from '../octets/window.ts';
import type { Bound, Malformed } from '../wire/decoded.ts';
import { type Names, u8, u16 } from '../wire/field.ts';
import { layout, malformed } from '../wire/layout.ts';
import { type AnyOptionKind, decodeOptions, encodeOptions, type OptionList, type OptionOf } from '../wire/options.ts';
import { readableText } from './text.ts';
import { windowsReasonOf } from './windows-reason.ts';

/** Octets of code, identifier and length. */
export const controlPacketOctets = 4;

/** `length` counts these four octets too; octets after it are padding. RFC 1661 §5 */
export const controlPacketHeader = layout('PPP control packet', 'RFC 1661 §5').fields({
  code: u8(),
  identifier: u8(),
  length: u16({ minimum: controlPacketOctets }),
});

/** Why `available` octets are no packet of the length that its header says; null where they may be one. `cut`: the capture kept no more. */
export function lengthFault(length: number, available: number, cut: boolean): Malformed<object> | null {
  if (length < controlPacketOctets) {
    return faultOfLength('length-too-small', controlPacketOctets, length, 'PPP length');
  }
  return length <= available || cut ? null : faultOfLength('length-too-large', length, available, 'octets given');
}

/** That the capture kept `available` octets of a packet of that length; null where it kept all. */
export function cutFault(length: number, available: number): Malformed<object> | null {
  return length <= available ? null : faultOfLength('truncated', length, available, 'capture length');
}

function faultOfLength(
  reason: Malformed['reason'],
  needed: number,
  available: number,
  boundedBy: Bound,
): Malformed<object> {
  return malformed(controlPacketHeader, { field: 'length', offset: 2, reason, needed, available, boundedBy });
}

/** Codes that protocols have in common that negotiate. RFC 1661 §5, RFC 2153 §2 */
export const negotiationCode = {
  vendorSpecific: 0,
  configureRequest: 1,
  configureAck: 2,
  configureNak: 3,
  configureReject: 4,
  terminateRequest: 5,
  terminateAck: 6,
  codeReject: 7,
} as const;

/** Codes of all control protocols that negotiate options. RFC 1661 §5, RFC 2153 §2.1 */
export const negotiationCodes: Names = {
  [negotiationCode.vendorSpecific]: 'Vendor-Specific',
  [negotiationCode.configureRequest]: 'Configure-Request',
  [negotiationCode.configureAck]: 'Configure-Ack',
  [negotiationCode.configureNak]: 'Configure-Nak',
  [negotiationCode.configureReject]: 'Configure-Reject',
  [negotiationCode.terminateRequest]: 'Terminate-Request',
  [negotiationCode.terminateAck]: 'Terminate-Ack',
  [negotiationCode.codeReject]: 'Code-Reject',
};

/** Whether packets of the code hold options. */
export function isConfigureCode(code: number): boolean {
  return code >= negotiationCode.configureRequest && code <= negotiationCode.configureReject;
}

/** Whether packets of the code end a link, and may say why. */
export function isTerminateCode(code: number): boolean {
  return code === negotiationCode.terminateRequest || code === negotiationCode.terminateAck;
}

/** Octets that no decoder takes, or whose decoder failed. */
export interface UndecodedBody {
  readonly kind: 'undecoded';
  readonly octets: Uint8Array;
  /** Why its decoder failed. Absent where there is none. */
  readonly fault?: Malformed;
}

/** A body whose decoder failed. */
export function failed(window: Window, start: number, end: number, fault: Malformed): UndecodedBody {
  return { kind: 'undecoded', octets: window.bytes.slice(start, end), fault };
}

/** Codes 1 to 4. The options before a fault are kept. RFC 1661 §5.1 to §5.4 */
export interface ConfigureBody<Option> extends OptionList<Option> {
  readonly kind: 'configure';
}

/** Codes 5 and 6. RFC 1661 §5.5 */
export interface TerminateBody {
  readonly kind: 'terminate';
  readonly octets: Uint8Array;
  /** As captured, one character for each octet; null where the octets are no text. */
  readonly text: string | null;
  /** The error number that Windows shows its user; 0 for a normal end, null where the sender is no Windows. */
  readonly windowsReason: number | null;
}

/** Code 7. RFC 1661 §5.6 */
export interface CodeRejectBody {
  readonly kind: 'code-reject';
  /** The rejected packet, perhaps cut. */
  readonly octets: Uint8Array;
}

export type NegotiationBody<Option> = ConfigureBody<Option> | TerminateBody | CodeRejectBody | UndecodedBody;

/** The body of codes 1 to 7; undecoded for any other. */
export function decodeNegotiation<const Table extends readonly AnyOptionKind[]>(
  table: Table,
  code: number,
  window: Window,
  start: number,
  end: number,
  boundedBy: Bound,
): NegotiationBody<OptionOf<Table>> {
  if (isConfigureCode(code)) return { kind: 'configure', ...decodeOptions(table, window, start, end, boundedBy) };
  const octets = window.bytes.slice(start, end);
  if (isTerminateCode(code)) {
    return { kind: 'terminate', octets, text: readableText(octets), windowsReason: windowsReasonOf(octets) };
  }
  return { kind: code === negotiationCode.codeReject ? 'code-reject' : 'undecoded', octets };
}

/** The octets of a body of codes 1 to 7. */
export function encodeNegotiation(
  body: NegotiationBody<{ readonly type: number; readonly octets: Uint8Array }>,
): Uint8Array {
  return body.kind === 'configure' ? encodeOptions(body) : body.octets;
}
