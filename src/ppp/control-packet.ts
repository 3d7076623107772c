/**
 * What all control protocols of PPP have in common (RFC 1661 §5): code, identifier, length, and the bodies of codes 1
 * to 7. What only LCP has (§5.7 to §5.9, RFC 1570) stands in lcp.ts.
 */
import type { Window } from '../octets/window.ts';
import type { Bound, Malformed } from '../wire/decoded.ts';
import { type Names, u8, u16 } from '../wire/field.ts';
import { layout } from '../wire/layout.ts';
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

/** Codes of all control protocols that negotiate options. RFC 1661 §5, RFC 2153 §2.1 */
export const negotiationCodes: Names = {
  0: 'Vendor-Specific',
  1: 'Configure-Request',
  2: 'Configure-Ack',
  3: 'Configure-Nak',
  4: 'Configure-Reject',
  5: 'Terminate-Request',
  6: 'Terminate-Ack',
  7: 'Code-Reject',
};

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
  if (code >= 1 && code <= 4) return { kind: 'configure', ...decodeOptions(table, window, start, end, boundedBy) };
  const octets = window.bytes.slice(start, end);
  if (code === 5 || code === 6) {
    return { kind: 'terminate', octets, text: readableText(octets), windowsReason: windowsReasonOf(octets) };
  }
  return { kind: code === 7 ? 'code-reject' : 'undecoded', octets };
}

/** The octets of a body of codes 1 to 7. */
export function encodeNegotiation(
  body: NegotiationBody<{ readonly type: number; readonly octets: Uint8Array }>,
): Uint8Array {
  return body.kind === 'configure' ? encodeOptions(body) : body.octets;
}
