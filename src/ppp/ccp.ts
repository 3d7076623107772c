/**
 * Compression Control Protocol (RFC 1962), whose option 18 also negotiates encryption: MPPC and MPPE (RFC 2118,
 * RFC 3078 §2.1).
 */
import type { Window } from '../octets/window.ts';
import type { Bound } from '../wire/decoded.ts';
import { bits, fixedOctets, flags, restOctets, u8, u16 } from '../wire/field.ts';
import { layout } from '../wire/layout.ts';
import { type OptionOf, option } from '../wire/options.ts';
import {
  decodeNegotiation,
  encodeNegotiation,
  type NegotiationBody,
  negotiationCode,
  negotiationCodes,
} from './control-packet.ts';

/** RFC 1962 §3 */
export const ccpCode = { ...negotiationCode, resetRequest: 14, resetAck: 15 } as const;

export const ccpCodes = {
  ...negotiationCodes,
  [ccpCode.resetRequest]: 'Reset-Request',
  [ccpCode.resetAck]: 'Reset-Ack',
} as const;

/** Whether packets of the code are about a history that is to begin anew; ECP has the same codes. RFC 1962 §4, RFC 1968 §3 */
export function isResetCode(code: number): boolean {
  return code === ccpCode.resetRequest || code === ccpCode.resetAck;
}

/** Supported bits of option 18. RFC 3078 §2.1 */
export const mppeBits = {
  stateless: 0x0100_0000,
  encryption56: 0x80,
  encryption128: 0x40,
  encryption40: 0x20,
  obsolete: 0x10,
  mppc: 0x01,
} as const;

/** Bits of an MPPE key. */
export type MppeStrength = 40 | 56 | 128;

/** The strongest key length among supported bits; null where there is none. */
export function strongest(supportedBits: number): MppeStrength | null {
  if ((supportedBits & mppeBits.encryption128) !== 0) return 128;
  if ((supportedBits & mppeBits.encryption56) !== 0) return 56;
  return (supportedBits & mppeBits.encryption40) !== 0 ? 40 : null;
}

/** Window and method share an octet, as do the reserved bits and the check. RFC 1979 §3 */
const deflate = layout('Deflate', 'RFC 1979 §3')
  .bits(bits(1, { window: 4, method: [4, 8] }))
  .bits(bits(1, { reserved: [6, 0], check: 2 }));

const withParameters = (name: string, source: string) => layout(name, source).fields({ parameters: restOctets() });

/** CCP configuration options. RFC 1962 §4 and IANA */
export const ccpOptions = [
  option(0, 'oui', layout('OUI', 'RFC 1962 §4.1').fields({ oui: fixedOctets(3), subtype: u8(), values: restOctets() })),
  option(1, 'predictor-1', layout('Predictor type 1', 'RFC 1978 §2')),
  option(2, 'predictor-2', layout('Predictor type 2', 'RFC 1978 §2')),
  option(3, 'puddle-jumper', withParameters('Puddle Jumper', 'IANA')),
  option(16, 'hewlett-packard-ppc', withParameters('Hewlett-Packard PPC', 'IANA')),
  option(17, 'stac', layout('Stac Electronics LZS', 'RFC 1974 §2.1').fields({ historyCount: u16(), checkMode: u8() })),
  option(18, 'mppe', layout('Microsoft PPC', 'RFC 3078 §2.1').fields({ supportedBits: flags(4, mppeBits) })),
  option(19, 'gandalf-fza', withParameters('Gandalf FZA', 'RFC 1993 §2.1')),
  option(20, 'v42bis', withParameters('V.42bis compression', 'IANA')),
  option(21, 'bsd', layout('BSD LZW Compress', 'RFC 1977 §2.1').bits(bits(1, { version: [3, 1], dictionary: 5 }))),
  option(
    23,
    'lzs-dcp',
    layout('LZS-DCP', 'RFC 1967 §2.1').fields({ historyCount: u16(), checkMode: u8(), processMode: u8() }),
  ),
  // IANA gave 24 to Magnalink; Deflate used it before it got 26, and pppd still offers it.
  option(24, 'deflate-draft', deflate),
  option(25, 'dce', withParameters('DCE', 'RFC 1976 §2')),
  option(26, 'deflate', deflate),
  option(27, 'v44', withParameters('V.44/LZJH', 'IANA')),
] as const;

export type CcpOption = OptionOf<typeof ccpOptions>;

/** Codes 14 and 15. RFC 1962 §3 */
export interface ResetBody {
  readonly kind: 'reset';
  readonly octets: Uint8Array;
}

export type CcpBody = NegotiationBody<CcpOption> | ResetBody;

export function decodeCcpBody(code: number, window: Window, start: number, end: number, boundedBy: Bound): CcpBody {
  if (isResetCode(code)) return { kind: 'reset', octets: window.bytes.slice(start, end) };
  return decodeNegotiation(ccpOptions, code, window, start, end, boundedBy);
}

export function encodeCcpBody(body: CcpBody): Uint8Array {
  return body.kind === 'reset' ? body.octets : encodeNegotiation(body);
}
