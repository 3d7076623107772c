/**
 * Extensible Authentication Protocol (RFC 3748 §4, §5) and the methods that PPTP servers use with it: MD5, GTC, TLS
 * (RFC 2716, RFC 5216), PEAP, and MS-CHAP-V2 (draft-kamath-pppext-eap-mschapv2). Of TLS only record and alert types are
 * read: what is inside is not ours.
 */

import { charactersOf } from '../octets/characters.ts';
import { hex } from '../octets/hex.ts';
import { Window } from '../octets/window.ts';
import type { Bound, Malformed } from '../wire/decoded.ts';
import { bits, fixedOctets, type Names, prefixedOctets, restOctets, restText, u8, u16, u32 } from '../wire/field.ts';
import { decode, encode, type Layout, layout, misfit } from '../wire/layout.ts';
import { changePasswordLayouts, chapCode, responseOfChange } from './chap.ts';
import { failed, type UndecodedBody } from './control-packet.ts';

/** RFC 3748 §4 */
export const eapCode = { request: 1, response: 2, success: 3, failure: 4 } as const;

export const eapCodes = {
  [eapCode.request]: 'Request',
  [eapCode.response]: 'Response',
  [eapCode.success]: 'Success',
  [eapCode.failure]: 'Failure',
} as const;

/** Types that this program has something to do with. IANA, EAP Method Types. */
export const eapType = {
  identity: 1,
  notification: 2,
  nak: 3,
  md5Challenge: 4,
  oneTimePassword: 5,
  genericTokenCard: 6,
  tls: 13,
  ttls: 21,
  peap: 25,
  msChapV2: 26,
  expanded: 254,
} as const;

/** 1 to 3 are identity, notification and refusal: no methods. RFC 3748 §5 */
export function isEapMethod(type: number): boolean {
  return type > eapType.nak;
}

/** IANA, EAP Method Types. */
export const eapTypeNames: Names = {
  1: 'Identity',
  2: 'Notification',
  3: 'Legacy Nak',
  4: 'MD5-Challenge',
  5: 'One-Time Password',
  6: 'Generic Token Card',
  9: 'RSA Public Key Authentication',
  10: 'DSS Unilateral',
  11: 'KEA',
  12: 'KEA-VALIDATE',
  13: 'EAP-TLS',
  14: 'Defender Token',
  15: 'RSA Security SecurID EAP',
  17: 'EAP-Cisco Wireless',
  18: 'EAP-SIM',
  19: 'SRP-SHA1',
  21: 'EAP-TTLS',
  23: 'EAP-AKA',
  25: 'PEAP',
  26: 'MS-EAP-Authentication (MS-CHAP-V2)',
  29: 'EAP-MSCHAP-V2',
  32: 'Protected One-Time Password',
  33: 'MS-Authentication-TLV',
  43: 'EAP-FAST',
  47: 'EAP-PSK',
  49: 'EAP-IKEv2',
  50: "EAP-AKA'",
  52: 'EAP-pwd',
  55: 'TEAP',
  254: 'Expanded Type',
  255: 'Experimental',
};

/** draft-kamath-pppext-eap-mschapv2 §2 */
export const eapMsChapOpCode = { challenge: 1, response: 2, success: 3, failure: 4, changePassword: 7 } as const;

export const eapMsChapOpCodes: Names = {
  [eapMsChapOpCode.challenge]: 'Challenge',
  [eapMsChapOpCode.response]: 'Response',
  [eapMsChapOpCode.success]: 'Success',
  [eapMsChapOpCode.failure]: 'Failure',
  [eapMsChapOpCode.changePassword]: 'Change-Password',
};

/** RFC 5246 §7.2 */
export const tlsAlertNames: Names = {
  0: 'close_notify',
  10: 'unexpected_message',
  20: 'bad_record_mac',
  21: 'decryption_failed',
  22: 'record_overflow',
  30: 'decompression_failure',
  40: 'handshake_failure',
  41: 'no_certificate',
  42: 'bad_certificate',
  43: 'unsupported_certificate',
  44: 'certificate_revoked',
  45: 'certificate_expired',
  46: 'certificate_unknown',
  47: 'illegal_parameter',
  48: 'unknown_ca',
  49: 'access_denied',
  50: 'decode_error',
  51: 'decrypt_error',
  60: 'export_restriction',
  70: 'protocol_version',
  71: 'insufficient_security',
  80: 'internal_error',
  86: 'inappropriate_fallback',
  90: 'user_canceled',
  100: 'no_renegotiation',
  110: 'unsupported_extension',
  112: 'unrecognized_name',
  113: 'bad_certificate_status_response',
  115: 'unknown_psk_identity',
  116: 'certificate_required',
  120: 'no_application_protocol',
};

/** RFC 5246 §7.4 */
export const tlsHandshakeNames: Names = {
  0: 'hello_request',
  1: 'client_hello',
  2: 'server_hello',
  4: 'new_session_ticket',
  8: 'encrypted_extensions',
  11: 'certificate',
  12: 'server_key_exchange',
  13: 'certificate_request',
  14: 'server_hello_done',
  15: 'certificate_verify',
  16: 'client_key_exchange',
  20: 'finished',
  22: 'certificate_status',
};

export interface EapTls {
  /** L 0x80, M 0x40, S 0x20; the low three bits are PEAP's version. RFC 5216 §3.1 */
  readonly flags: number;
  /** Octets of the whole TLS message; null where the packet does not say. */
  readonly messageLength: number | null;
  /** The first alert in clear; numbers as in RFC 5246 §7.2. */
  readonly alert: { readonly level: number; readonly description: number } | null;
  /** Handshake messages that begin in this packet in clear. RFC 5246 §7.4 */
  readonly handshakeTypes: readonly number[];
}

export interface EapMsChap {
  readonly opCode: number;
  readonly msChapV2Id?: number;
  /** The challenge of opcode 1, the response of opcodes 2 and 7: a value of `msChapV2Response`. */
  readonly value?: Uint8Array;
  readonly name?: string;
  /** The text of opcodes 3 and 4. */
  readonly message?: string;
}

/** Request and Response. RFC 3748 §4.1 */
export interface EapMethodBody {
  readonly kind: 'request' | 'response';
  /** Of an Expanded Type of Vendor-Id 0 the number that it stands for. RFC 3748 §5.7 */
  readonly type: number;
  /** `type 99` where IANA's name is not known here. */
  readonly typeName: string;
  /** What follows the type, or the Vendor-Type. */
  readonly octets: Uint8Array;
  /** Where the type field is 254. RFC 3748 §5.7 */
  readonly expanded?: { readonly vendorId: Uint8Array; readonly vendorType: number };
  /** Type 1; null where it is empty. */
  readonly identity?: string | null;
  /** Type 2, and requests of types 5 and 6. */
  readonly message?: string;
  /** What the user typed: responses of types 5 and 6. RFC 3748 §5.5, §5.6 */
  readonly password?: string;
  /** Types 4: the challenge or the hash. */
  readonly value?: Uint8Array;
  /** Type 4. */
  readonly name?: string;
  /** Type 26. */
  readonly msChap?: EapMsChap;
  /** Types 13, 21, 25. */
  readonly tls?: EapTls;
  /** Type 3: what the peer would rather use; 0 for nothing, 254 for what is a vendor's own. */
  readonly desiredTypes?: readonly number[];
  /** Why what follows the type does not fit the type's format. Absent where it does. */
  readonly fault?: Malformed;
}

export type EapBody = EapMethodBody | { readonly kind: 'success' } | { readonly kind: 'failure' } | UndecodedBody;

export const eapMethod = layout('EAP Request and Response', 'RFC 3748 §4.1').fields({
  type: u8({ names: eapTypeNames }),
  octets: restOctets(),
});

export const expandedType = layout('EAP Expanded Type', 'RFC 3748 §5.7').fields({
  vendorId: fixedOctets(3),
  vendorType: u32(),
  octets: restOctets(),
});

/** What a Nak to an Expanded Type is a list of. */
export const expandedDesiredType = layout('Expanded Nak', 'RFC 3748 §5.3.2').fields({
  type: u8({ legal: [254] }),
  vendorId: fixedOctets(3),
  vendorType: u32(),
});

export const md5Challenge = layout('MD5-Challenge', 'RFC 3748 §5.4').fields({
  value: prefixedOctets(),
  name: restText(),
});

export const tlsPacket = layout('EAP-TLS', 'RFC 5216 §3.1')
  .bits(bits(1, { lengthIncluded: 1, moreFragments: 1, start: 1, reserved: [2, 0], version: 3 }))
  .when((before) => before.lengthIncluded === 1, 'messageLength', u32())
  .fields({ records: restOctets() });

export const tlsRecord = layout('TLS record', 'RFC 5246 §6.2').fields({
  contentType: u8({ legal: [20, 21, 22, 23] }),
  majorVersion: u8({ legal: [3] }),
  minorVersion: u8(),
  length: u16(),
});

export const msChapHeader = layout('EAP MS-CHAP-V2', 'draft-kamath-pppext-eap-mschapv2 §2').fields({
  msChapV2Id: u8(),
  msLength: u16(),
});

export const msChapValue = layout(
  'EAP MS-CHAP-V2 Challenge and Response',
  'draft-kamath-pppext-eap-mschapv2 §2.1',
).fields({
  value: prefixedOctets(),
  name: restText(),
});

export function decodeEapBody(code: number, window: Window, start: number, end: number, boundedBy: Bound): EapBody {
  if (start === end && code === eapCode.success) return { kind: 'success' };
  if (start === end && code === eapCode.failure) return { kind: 'failure' };
  if (code === eapCode.request || code === eapCode.response) {
    const decoded = decode(eapMethod, window, start, end, boundedBy);
    if (!decoded.ok) return failed(window, start, end, decoded);
    const { type, octets } = decoded.value;
    const kind = code === eapCode.request ? 'request' : 'response';
    return type === eapType.expanded ? expandedBody(kind, octets) : methodBody(kind, type, octets);
  }
  return { kind: 'undecoded', octets: window.bytes.slice(start, end) };
}

function expandedBody(kind: EapMethodBody['kind'], typeData: Uint8Array): EapMethodBody {
  const decoded = decode(expandedType, new Window(typeData), 0, typeData.length, 'PPP length');
  if (!decoded.ok) return { ...methodBody(kind, eapType.expanded, typeData), fault: decoded };
  const { vendorId, vendorType, octets } = decoded.value;
  const type = standsFor(vendorId, vendorType);
  const body = { ...methodBody(kind, type, octets), expanded: { vendorId, vendorType } };
  if (type === eapType.nak) return { ...body, typeName: 'Expanded Nak', ...expandedDesiredTypes(octets) };
  return type === eapType.expanded ? { ...body, typeName: `${body.typeName} 0x${hex(vendorId)}/${vendorType}` } : body;
}

function methodBody(kind: EapMethodBody['kind'], type: number, octets: Uint8Array): EapMethodBody {
  const typeName = eapTypeNames[type] ?? `type ${type}`;
  return { kind, type, typeName, octets, ...decodeMethod(kind, type, octets) };
}

/** The type that an Expanded Type is equivalent to: of Vendor-Id 0 its Vendor-Type, else the Expanded Type's own number. RFC 3748 §5.7 */
export function standsFor(vendorId: Uint8Array, vendorType: number): number {
  return vendorType < 256 && vendorId.every((octet) => octet === 0) ? vendorType : eapType.expanded;
}

function expandedDesiredTypes(octets: Uint8Array): Pick<EapMethodBody, 'desiredTypes' | 'fault'> {
  const desiredTypes: number[] = [];
  const window = new Window(octets);
  for (let at = 0; at < octets.length; ) {
    const decoded = decode(expandedDesiredType, window, at, octets.length, 'PPP length');
    if (!decoded.ok) return { desiredTypes, fault: decoded };
    desiredTypes.push(standsFor(decoded.value.vendorId, decoded.value.vendorType));
    at += decoded.size;
  }
  return { desiredTypes };
}

export function encodeEapBody(body: EapBody): Uint8Array {
  switch (body.kind) {
    case 'request':
    case 'response': {
      const { type, octets, expanded } = body;
      if (expanded === undefined) return encode(eapMethod, { type, octets });
      return encode(eapMethod, { type: eapType.expanded, octets: encode(expandedType, { ...expanded, octets }) });
    }
    case 'undecoded':
      return body.octets;
    default:
      return new Uint8Array(0);
  }
}

type MethodFields = Omit<EapMethodBody, 'kind' | 'type' | 'typeName' | 'octets'>;

function decodeMethod(kind: EapMethodBody['kind'], type: number, octets: Uint8Array): MethodFields {
  switch (type) {
    case eapType.identity:
      return { identity: octets.length === 0 ? null : charactersOf(octets) };
    case eapType.notification:
      return { message: charactersOf(octets) };
    case eapType.oneTimePassword:
    case eapType.genericTokenCard:
      return kind === 'request' ? { message: charactersOf(octets) } : { password: charactersOf(octets) };
    case eapType.nak:
      return { desiredTypes: [...octets] };
    case eapType.md5Challenge: {
      const decoded = decode(md5Challenge, new Window(octets), 0, octets.length, 'PPP length');
      return decoded.ok ? decoded.value : { fault: decoded };
    }
    case eapType.tls:
    case eapType.ttls:
    case eapType.peap:
      return decodeTls(octets);
    case eapType.msChapV2:
      return decodeMsChap(octets);
    default:
      return {};
  }
}

function decodeTls(octets: Uint8Array): MethodFields {
  const flags = octets[0];
  if (flags === undefined) return {};
  const decoded = decode(tlsPacket, new Window(octets), 0, octets.length, 'PPP length');
  if (!decoded.ok) return { tls: { flags, messageLength: null, alert: null, handshakeTypes: [] }, fault: decoded };
  const { records, messageLength } = decoded.value;
  return { tls: { flags, messageLength: messageLength ?? null, ...decodeRecords(new Window(records)) } };
}

/** RFC 5246 §6.2.1 */
const tlsContent = { changeCipherSpec: 20, alert: 21, handshake: 22, applicationData: 23 } as const;

/** Reads the records that begin in these octets. A packet that goes on with one from before has none. */
function decodeRecords(window: Window): Pick<EapTls, 'alert' | 'handshakeTypes'> {
  const end = window.bytes.length;
  const handshakeTypes: number[] = [];
  let alert: EapTls['alert'] = null;
  let at = 0;
  while (at < end) {
    const record = decode(tlsRecord, window, at, end);
    if (!record.ok) break;
    const { contentType, majorVersion, length } = record.value;
    if (
      contentType < tlsContent.changeCipherSpec ||
      contentType > tlsContent.applicationData ||
      majorVersion !== 3 ||
      length > 0x4800
    )
      break;
    const content = at + record.size;
    const stop = Math.min(end, content + length);
    if (contentType === tlsContent.alert && length === 2 && stop - content === 2) {
      alert ??= { level: window.view.getUint8(content), description: window.view.getUint8(content + 1) };
    } else if (contentType === tlsContent.handshake) {
      for (let message = content; message + 4 <= stop; ) {
        handshakeTypes.push(window.view.getUint8(message));
        message += 4 + (window.view.getUint32(message) & 0xff_ffff);
      }
    }
    // What follows ChangeCipherSpec is encrypted: its octets only look like messages.
    if (contentType === tlsContent.changeCipherSpec) break;
    at = content + length;
  }
  return { alert, handshakeTypes };
}

function decodeMsChap(octets: Uint8Array): MethodFields {
  const opCode = octets[0];
  if (opCode === undefined) return {};
  const window = new Window(octets);
  // A peer's Success and Failure are the opcode alone. draft-kamath-pppext-eap-mschapv2 §2.4
  if (octets.length === 1) return { msChap: { opCode } };
  const header = decode(msChapHeader, window, 1, octets.length, 'PPP length');
  if (!header.ok) return { msChap: { opCode }, fault: header };
  const { msChapV2Id } = header.value;
  const start = 1 + header.size;
  if (opCode === eapMsChapOpCode.challenge || opCode === eapMsChapOpCode.response) {
    const decoded = decode(msChapValue, window, start, octets.length, 'PPP length');
    if (!decoded.ok) return { msChap: { opCode, msChapV2Id }, fault: decoded };
    return { msChap: { opCode, msChapV2Id, ...decoded.value } };
  }
  if (opCode === eapMsChapOpCode.success || opCode === eapMsChapOpCode.failure)
    return { msChap: { opCode, msChapV2Id, message: charactersOf(octets.slice(start)) } };
  if (opCode !== eapMsChapOpCode.changePassword) return { msChap: { opCode, msChapV2Id } };
  const value = responseOfChange(chapCode.changePassword, octets.slice(start));
  const format = changePasswordLayouts[chapCode.changePassword] as Layout<object>;
  const fault = misfit(format, window, start, octets.length, 'PPP length');
  const msChap = value === null ? { opCode, msChapV2Id } : { opCode, msChapV2Id, value };
  return fault === null ? { msChap } : { msChap, fault };
}
