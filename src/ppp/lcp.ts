/** Link Control Protocol. RFC 1661 §5, §6; more codes and options in RFC 1570, RFC 1990, RFC 2125 and at IANA. */
import type { Window } from '../octets/window.ts';
import type { Bound } from '../wire/decoded.ts';
import { type Flags, fixedOctets, flags, optional, restOctets, restText, u8, u16, u32 } from '../wire/field.ts';
import { decode, encode, layout } from '../wire/layout.ts';
import { type OptionOf, option } from '../wire/options.ts';
import { authenticationAlgorithmNames } from './chap-message.ts';
import {
  decodeNegotiation,
  encodeNegotiation,
  failed,
  type NegotiationBody,
  negotiationCode,
  negotiationCodes,
} from './control-packet.ts';
import { pppProtocol, pppProtocolNames } from './protocols.ts';
import { readableText } from './text.ts';

/** RFC 1661 §5, RFC 1570 §2 */
export const lcpCode = {
  ...negotiationCode,
  protocolReject: 8,
  echoRequest: 9,
  echoReply: 10,
  discardRequest: 11,
  identification: 12,
  timeRemaining: 13,
} as const;

export const lcpCodes = {
  ...negotiationCodes,
  [lcpCode.protocolReject]: 'Protocol-Reject',
  [lcpCode.echoRequest]: 'Echo-Request',
  [lcpCode.echoReply]: 'Echo-Reply',
  [lcpCode.discardRequest]: 'Discard-Request',
  [lcpCode.identification]: 'Identification',
  [lcpCode.timeRemaining]: 'Time-Remaining',
} as const;

/** Whether packets of the code begin with a magic number. RFC 1661 §5.8, §5.9, RFC 1570 §2.1 */
export function bearsMagicNumber(code: number): boolean {
  return code >= lcpCode.echoRequest && code <= lcpCode.identification;
}

/** ASCII's names, in the order of their numbers. */
const controlCharacterNames =
  'nul soh stx etx eot enq ack bel bs ht lf vt ff cr so si dle dc1 dc2 dc3 dc4 nak syn etb can em sub esc fs gs rs us';

/** One bit for each control character that is to be escaped: bit n is character n. RFC 1662 §7.1 */
const controlCharacters: Flags = Object.fromEntries(
  controlCharacterNames.split(' ').map((name, number) => [name, 2 ** number]),
);

/** RFC 1990 §5.1.3 */
const endpointClassNames = {
  0: 'Null',
  1: 'Locally Assigned',
  2: 'IPv4 address',
  3: 'IEEE 802.1 MAC address',
  4: 'PPP Magic-Number block',
  5: 'Public Switched Network directory number',
} as const;

/** RFC 1570 §2.3; 6 in the draft that Microsoft wrote. */
const callbackOperationNames = {
  0: 'determined by user authentication',
  1: 'dialing string',
  2: 'location identifier',
  3: 'E.164 number',
  4: 'distinguished name',
  6: 'determined during CBCP negotiation',
} as const;

const flag = (name: string, source: string) => layout(name, source);

/** Of options that nobody uses, or that no RFC describes. */
const ofAnyValues = (name: string) => layout(name, 'IANA').fields({ values: restOctets() });

/** LCP configuration options. */
export const lcpOptions = [
  option(
    0,
    'vendorExtension',
    layout('Vendor Extension', 'RFC 2153 §2.2').fields({ oui: fixedOctets(3), kind: u8(), values: restOctets() }),
  ),
  option(1, 'maximumReceiveUnit', layout('Maximum-Receive-Unit', 'RFC 1661 §6.1').fields({ mru: u16() })),
  option(
    2,
    'asyncControlCharacterMap',
    layout('Async-Control-Character-Map', 'RFC 1662 §7.1').fields({ map: flags(4, controlCharacters) }),
  ),
  option(
    3,
    'authenticationProtocol',
    layout('Authentication-Protocol', 'RFC 1661 §6.2')
      .fields({ protocol: u16({ names: pppProtocolNames, format: 'hexadecimal' }) })
      // RFC 1994 §3
      .when(
        (before) => before.protocol === pppProtocol.chap,
        'algorithm',
        optional(1, { names: authenticationAlgorithmNames }),
      )
      .fields({ more: restOctets() }),
  ),
  option(
    4,
    'qualityProtocol',
    layout('Quality-Protocol', 'RFC 1661 §6.3').fields({
      protocol: u16({ names: pppProtocolNames, format: 'hexadecimal' }),
      parameters: restOctets(),
    }),
  ),
  option(
    5,
    'magicNumber',
    layout('Magic-Number', 'RFC 1661 §6.4').fields({ magicNumber: u32({ format: 'hexadecimal' }) }),
  ),
  option(7, 'protocolFieldCompression', flag('Protocol-Field-Compression', 'RFC 1661 §6.5')),
  option(8, 'addressAndControlFieldCompression', flag('Address-and-Control-Field-Compression', 'RFC 1661 §6.6')),
  option(
    9,
    'fcsAlternatives',
    layout('FCS-Alternatives', 'RFC 1570 §2.1').fields({ alternatives: flags(1, { null: 1, ccitt16: 2, ccitt32: 4 }) }),
  ),
  option(10, 'selfDescribingPad', layout('Self-Describing-Padding', 'RFC 1570 §2.2').fields({ maximum: u8() })),
  option(
    11,
    'numberedMode',
    layout('Numbered-Mode', 'RFC 1663 §2').fields({ window: u8({ minimum: 1, maximum: 127 }), address: restOctets() }),
  ),
  option(12, 'multilinkProcedure', ofAnyValues('Multi-Link-Procedure')),
  option(
    13,
    'callback',
    layout('Callback', 'RFC 1570 §2.3').fields({
      operation: u8({ names: callbackOperationNames }),
      message: restText(),
    }),
  ),
  option(14, 'connectTime', ofAnyValues('Connect-Time')),
  option(15, 'compoundFrames', flag('Compound-Frames', 'RFC 1570 §2.4')),
  option(16, 'nominalDataEncapsulation', ofAnyValues('Nominal-Data-Encapsulation')),
  option(17, 'multilinkMrru', layout('Multilink-MRRU', 'RFC 1990 §5.1.1').fields({ mrru: u16() })),
  option(18, 'shortSequenceNumber', flag('Short Sequence Number Header Format', 'RFC 1990 §5.1.2')),
  option(
    19,
    'endpointDiscriminator',
    layout('Endpoint Discriminator', 'RFC 1990 §5.1.3').fields({
      class: u8({ names: endpointClassNames }),
      address: restOctets(),
    }),
  ),
  option(20, 'proprietary', ofAnyValues('Proprietary')),
  option(
    21,
    'dceIdentifier',
    layout('DCE-Identifier', 'RFC 1976 §3').fields({
      mode: u8({ names: { 1: 'no additional negotiation', 2: 'full PPP negotiation and state machine' } }),
    }),
  ),
  option(
    22,
    'multilinkPlusProcedure',
    layout('Multi-Link-Plus-Procedure', 'IANA (RFC 1934)').fields({ values: restOctets() }),
  ),
  option(23, 'linkDiscriminator', layout('Link Discriminator', 'RFC 2125 §7').fields({ discriminator: u16() })),
  option(24, 'lcpAuthentication', ofAnyValues('LCP-Authentication-Option')),
  option(25, 'consistentOverheadByteStuffing', ofAnyValues('Consistent Overhead Byte Stuffing')),
  option(26, 'prefixElision', layout('Prefix Elision', 'IANA (RFC 2686)').fields({ classesAndPrefixes: restOctets() })),
  option(
    27,
    'multilinkHeaderFormat',
    layout('Multilink Header Format', 'RFC 2686 §5').fields({ code: u8(), classes: u8() }),
  ),
  option(
    28,
    'internationalization',
    layout('Internationalization', 'RFC 2484 §2').fields({ characterSet: u32(), languageTag: restText() }),
  ),
  option(
    29,
    'simpleDataLink',
    layout('Simple Data Link on SONET/SDH', 'IANA (RFC 2823)').fields({ values: restOctets() }),
  ),
] as const;

export type LcpOption = OptionOf<typeof lcpOptions>;

/** RFC 1661 §5.7 */
export interface ProtocolRejectBody {
  readonly kind: 'protocol-reject';
  readonly rejectedProtocol: number;
  /** The rejected packet, perhaps cut. */
  readonly octets: Uint8Array;
}

/** Echo-Request, Echo-Reply, Discard-Request. RFC 1661 §5.8, §5.9 */
export interface EchoBody {
  readonly kind: 'echo';
  readonly magicNumber: number;
  readonly octets: Uint8Array;
}

/** RFC 1570 §1.1 */
export interface IdentificationBody {
  readonly kind: 'identification';
  readonly magicNumber: number;
  readonly octets: Uint8Array;
  /** As captured, one character for each octet; null where the octets are no text. */
  readonly text: string | null;
}

/** RFC 1570 §1.2 */
export interface TimeRemainingBody {
  readonly kind: 'time-remaining';
  readonly magicNumber: number;
  readonly secondsRemaining: number;
  readonly octets: Uint8Array;
}

export type LcpBody =
  | NegotiationBody<LcpOption>
  | ProtocolRejectBody
  | EchoBody
  | IdentificationBody
  | TimeRemainingBody;

export const protocolReject = layout('Protocol-Reject', 'RFC 1661 §5.7').fields({
  rejectedProtocol: u16({ names: pppProtocolNames, format: 'hexadecimal' }),
  octets: restOctets(),
});

export const withMagicNumber = layout('Echo', 'RFC 1661 §5.8').fields({
  magicNumber: u32({ format: 'hexadecimal' }),
  octets: restOctets(),
});

export const timeRemaining = layout('Time-Remaining', 'RFC 1570 §1.2').fields({
  magicNumber: u32({ format: 'hexadecimal' }),
  secondsRemaining: u32(),
  octets: restOctets(),
});

export function decodeLcpBody(code: number, window: Window, start: number, end: number, boundedBy: Bound): LcpBody {
  if (code === lcpCode.protocolReject) {
    const decoded = decode(protocolReject, window, start, end, boundedBy);
    return decoded.ok ? { kind: 'protocol-reject', ...decoded.value } : failed(window, start, end, decoded);
  }
  if (bearsMagicNumber(code)) {
    const decoded = decode(withMagicNumber, window, start, end, boundedBy);
    if (!decoded.ok) return failed(window, start, end, decoded);
    if (code !== lcpCode.identification) return { kind: 'echo', ...decoded.value };
    return { kind: 'identification', ...decoded.value, text: readableText(decoded.value.octets) };
  }
  if (code === lcpCode.timeRemaining) {
    const decoded = decode(timeRemaining, window, start, end, boundedBy);
    return decoded.ok ? { kind: 'time-remaining', ...decoded.value } : failed(window, start, end, decoded);
  }
  return decodeNegotiation(lcpOptions, code, window, start, end, boundedBy);
}

export function encodeLcpBody(body: LcpBody): Uint8Array {
  switch (body.kind) {
    case 'protocol-reject':
      return encode(protocolReject, body);
    case 'echo':
    case 'identification':
      return encode(withMagicNumber, body);
    case 'time-remaining':
      return encode(timeRemaining, body);
    default:
      return encodeNegotiation(body);
  }
}
