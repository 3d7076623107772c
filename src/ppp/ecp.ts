/** Encryption Control Protocol. RFC 1968 */
import type { Window } from '../octets/window.ts';
import type { Bound } from '../wire/decoded.ts';
import { fixedOctets, restOctets, u8 } from '../wire/field.ts';
import { layout } from '../wire/layout.ts';
import { type OptionOf, option } from '../wire/options.ts';
import { isResetCode, type ResetBody } from './ccp.ts';
import { decodeNegotiation, encodeNegotiation, type NegotiationBody } from './control-packet.ts';

/** ECP configuration options. RFC 1968 §4 and IANA */
export const ecpOptions = [
  option(
    0,
    'oui',
    layout('Proprietary Encryption OUI', 'RFC 1968 §4.1').fields({
      oui: fixedOctets(3),
      subtype: u8(),
      values: restOctets(),
    }),
  ),
  option(1, 'dese', layout('DESE', 'RFC 1969 §2').fields({ initialNonce: fixedOctets(8) })),
  option(2, '3dese', layout('3DESE', 'RFC 2420 §2').fields({ initialNonce: fixedOctets(8) })),
  option(3, 'dese-bis', layout('DESE-bis', 'RFC 2419 §3.1').fields({ initialNonce: fixedOctets(8) })),
] as const;

export type EcpOption = OptionOf<typeof ecpOptions>;
export type EcpBody = NegotiationBody<EcpOption> | ResetBody;

export function decodeEcpBody(code: number, window: Window, start: number, end: number, boundedBy: Bound): EcpBody {
  if (isResetCode(code)) return { kind: 'reset', octets: window.bytes.slice(start, end) };
  return decodeNegotiation(ecpOptions, code, window, start, end, boundedBy);
}

export function encodeEcpBody(body: EcpBody): Uint8Array {
  return body.kind === 'reset' ? body.octets : encodeNegotiation(body);
}
