/** Callback Control Protocol of Windows, which asks whether the server calls back. draft-gidwani-ppp-callback-cp-00 */
import type { Window } from '../octets/window.ts';
import type { Bound } from '../wire/decoded.ts';
import { optional, restOctets } from '../wire/field.ts';
import { layout } from '../wire/layout.ts';
import { decodeOptions, encodeOptions, type OptionList, type OptionOf, option } from '../wire/options.ts';
import type { UndecodedBody } from './control-packet.ts';

export const cbcpCodes = { 1: 'Callback-Request', 2: 'Callback-Response', 3: 'Callback-Ack' } as const;

/** `delay` in seconds. Each address is a type octet and a text that a NUL ends. */
const callback = (name: string) =>
  layout(name, 'draft-gidwani-ppp-callback-cp-00 §3').fields({ delay: optional(1), addresses: restOctets() });

export const cbcpOptions = [
  option(1, 'noCallback', layout('No Callback', 'draft-gidwani-ppp-callback-cp-00 §3')),
  option(2, 'userSpecified', callback('Callback to a user-specified number')),
  option(3, 'administratorSpecified', callback('Callback to an administrator-defined number')),
  option(4, 'oneOfList', callback('Callback to any of a list of numbers')),
] as const;

export type CbcpOption = OptionOf<typeof cbcpOptions>;

export interface CallbackBody extends OptionList<CbcpOption> {
  readonly kind: 'callback';
}

export type CbcpBody = CallbackBody | UndecodedBody;

export function decodeCbcpBody(code: number, window: Window, start: number, end: number, boundedBy: Bound): CbcpBody {
  if (code < 1 || code > 3) return { kind: 'undecoded', octets: window.bytes.slice(start, end) };
  return { kind: 'callback', ...decodeOptions(cbcpOptions, window, start, end, boundedBy) };
}

export function encodeCbcpBody(body: CbcpBody): Uint8Array {
  return body.kind === 'callback' ? encodeOptions(body) : body.octets;
}
