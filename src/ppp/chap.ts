/** Challenge Handshake Authentication Protocol, RFC 1994 §4, and Microsoft's extensions, RFC 2433 and RFC 2759. */
import { isReadable } from '../octets/printable.ts';
import { Window } from '../octets/window.ts';
import type { Bound, Malformed } from '../wire/decoded.ts';
import { bits, fixedOctets, prefixedOctets, reserved, reservedOctets, restText, u8, u16 } from '../wire/field.ts';
import { decode, encode, type Layout, layout, misfit } from '../wire/layout.ts';
import { failed, type UndecodedBody } from './control-packet.ts';

/** RFC 1994 §4; 5 and 6 RFC 2433 §9, §10; 7 RFC 2759 §7 */
export const chapCode = {
  challenge: 1,
  response: 2,
  success: 3,
  failure: 4,
  changePasswordVersion1: 5,
  changePasswordVersion2: 6,
  changePassword: 7,
} as const;

export const chapCodes = {
  [chapCode.challenge]: 'Challenge',
  [chapCode.response]: 'Response',
  [chapCode.success]: 'Success',
  [chapCode.failure]: 'Failure',
  [chapCode.changePasswordVersion1]: 'Change-Password (version 1)',
  [chapCode.changePasswordVersion2]: 'Change-Password (version 2)',
  [chapCode.changePassword]: 'Change-Password',
} as const;

/** Challenge and Response. RFC 1994 §4.1 */
export interface ChapValueBody {
  readonly kind: 'value';
  readonly value: Uint8Array;
  readonly name: string;
}

/** Success and Failure. RFC 1994 §4.2 */
export interface ChapResultBody {
  readonly kind: 'result';
  readonly message: string;
}

/** The octets are those of `changePasswordLayouts` by the packet's code. */
export interface ChangePasswordBody {
  readonly kind: 'change-password';
  readonly octets: Uint8Array;
  /** That they have another size. Absent where they do not. */
  readonly fault?: Malformed;
}

export type ChapBody = ChapValueBody | ChapResultBody | ChangePasswordBody | UndecodedBody;

export const chapValue = layout('Challenge and Response', 'RFC 1994 §4.1').fields({
  value: prefixedOctets(),
  name: restText(),
});

/** Octets of a Response by MD5, and by either version of MS-CHAP. RFC 1994 §4.1, RFC 2433 §6, RFC 2759 §4 */
const responseSizes = { 'chap-md5': 16, 'ms-chap-v1': 49, 'ms-chap-v2': 49 } as const;

export type ChapAlgorithm = keyof typeof responseSizes;

/**
 * Whether the octets behind a value of `size` octets are a name, as RFC 1994 §4.1 has it, and not the rest of a value whose
 * length is told too small. A Response's size is known by its algorithm; the octets of a challenge are hardly ever text.
 */
export function isChapName(code: number, size: number, name: string, algorithm: ChapAlgorithm | null): boolean {
  const sizes: readonly number[] = algorithm === null ? Object.values(responseSizes) : [responseSizes[algorithm]];
  const sound = code === chapCode.response && sizes.includes(size);
  if (code === chapCode.response && !sound && algorithm !== null) return false;
  // A Response of MS-CHAP ends with an octet of flags.
  return name === '' || isReadable(name) || (sound && !/\p{Cc}/u.test(name.replace(/\0+$/, '')));
}

/** As `isChapName`, of a Response whose algorithm LCP agreed: behind a value of the right size any octets are the name. */
export function isChapUser(size: number, name: string, algorithm: ChapAlgorithm | null): boolean {
  return (
    (algorithm !== null && size === responseSizes[algorithm]) || isChapName(chapCode.response, size, name, algorithm)
  );
}

export const chapResult = layout('Success and Failure', 'RFC 1994 §4.2').fields({ message: restText() });

/** The value of a Response of version 1, 49 octets. RFC 2433 §6 */
export const msChapV1Response = layout('MS-CHAP Response', 'RFC 2433 §6').fields({
  lanManagerResponse: fixedOctets(24),
  ntResponse: fixedOctets(24),
  useNtResponse: u8({ legal: [0, 1] }),
});

/** The value of a Response of version 2, 49 octets. RFC 2759 §4 */
export const msChapV2Response = layout('MS-CHAP-V2 Response', 'RFC 2759 §4').fields({
  peerChallenge: fixedOctets(16),
  reserved: reservedOctets(8),
  ntResponse: fixedOctets(24),
  flags: reserved(1),
});

/** What follows the header of a Change-Password packet, by its code. */
export const changePasswordLayouts = {
  [chapCode.changePasswordVersion1]: layout('Change Password (version 1)', 'RFC 2433 §9')
    .fields({
      encryptedLanManagerOldPasswordHash: fixedOctets(16),
      encryptedLanManagerNewPasswordHash: fixedOctets(16),
      encryptedNtOldPasswordHash: fixedOctets(16),
      encryptedNtNewPasswordHash: fixedOctets(16),
      passwordLength: u16(),
    })
    .bits(bits(2, { reservedFlags: [15, 0], ntPasswordHashesValid: 1 })),
  [chapCode.changePasswordVersion2]: layout('Change Password (version 2)', 'RFC 2433 §10')
    .fields({
      passwordEncryptedWithOldNtHash: fixedOctets(516),
      oldNtHashEncryptedWithNewNtHash: fixedOctets(16),
      passwordEncryptedWithOldLanManagerHash: fixedOctets(516),
      oldLanManagerHashEncryptedWithNewNtHash: fixedOctets(16),
      lanManagerResponse: fixedOctets(24),
      ntResponse: fixedOctets(24),
    })
    .bits(bits(2, { reservedFlags: [14, 0], lanManagerFieldsValid: 1, useNtResponse: 1 })),
  [chapCode.changePassword]: layout('Change-Password', 'RFC 2759 §7').fields({
    encryptedPassword: fixedOctets(516),
    encryptedHash: fixedOctets(16),
    peerChallenge: fixedOctets(16),
    reserved: reservedOctets(8),
    ntResponse: fixedOctets(24),
    flags: reserved(2),
  }),
} as const;

/** Of one code; null where it is none of Change-Password. */
export function changePasswordLayout(code: number): Layout<object> | null {
  const layouts: Readonly<Record<number, unknown>> = changePasswordLayouts;
  return (layouts[code] as Layout<object> | undefined) ?? null;
}

/**
 * The response to the new password that a Change-Password packet holds, as the value of a Response; null where there is
 * none, or not the whole of it. RFC 2433 §10, RFC 2759 §7
 */
export function responseOfChange(code: number, octets: Uint8Array): Uint8Array | null {
  const window = new Window(octets);
  if (code === chapCode.changePasswordVersion2) {
    const decoded = decode(changePasswordLayouts[chapCode.changePasswordVersion2], window, 0, octets.length);
    return decoded.ok ? encode(msChapV1Response, decoded.value) : null;
  }
  const decoded =
    code === chapCode.changePassword
      ? decode(changePasswordLayouts[chapCode.changePassword], window, 0, octets.length)
      : null;
  return decoded?.ok ? encode(msChapV2Response, decoded.value) : null;
}

export function decodeChapBody(code: number, window: Window, start: number, end: number, boundedBy: Bound): ChapBody {
  if (code === chapCode.challenge || code === chapCode.response) {
    const decoded = decode(chapValue, window, start, end, boundedBy);
    if (decoded.ok) return { kind: 'value', ...decoded.value };
    return failed(window, start, end, decoded);
  } else if (code === chapCode.success || code === chapCode.failure) {
    const decoded = decode(chapResult, window, start, end, boundedBy);
    if (decoded.ok) return { kind: 'result', ...decoded.value };
  }
  const format = changePasswordLayout(code);
  if (format !== null) {
    const octets = window.bytes.slice(start, end);
    const fault = misfit(format, window, start, end, boundedBy);
    return { kind: 'change-password', octets, ...(fault === null ? {} : { fault }) };
  }
  return { kind: 'undecoded', octets: window.bytes.slice(start, end) };
}

export function encodeChapBody(body: ChapBody): Uint8Array {
  switch (body.kind) {
    case 'value':
      return encode(chapValue, body);
    case 'result':
      return encode(chapResult, body);
    default:
      return body.octets;
  }
}
