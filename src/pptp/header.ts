/**
 * What all control messages have in common: the header of 12 octets (RFC 2637 §1.4) and the pair of result and error
 * code (§2.16).
 */
import type { Window } from '../octets/window.ts';
import { constant, type Field, type Names, reserved, u8, u16 } from '../wire/field.ts';
import { layout } from '../wire/layout.ts';
import {
  controlMessageName,
  controlMessageNames,
  generalErrorNames,
  magicCookie,
  pptpMessageTypeNames,
} from './names.ts';

/** Octets of the header. */
export const headerOctets = 12;

/** The header on its own, for messages whose type is not known yet. RFC 2637 §1.4 */
export const controlHeader = layout('PPTP header', 'RFC 2637 §1.4').fields({
  length: u16({ minimum: headerOctets }),
  pptpMessageType: u16({ legal: [1], names: pptpMessageTypeNames }),
  magicCookie: constant(4, magicCookie, 'bad-magic'),
  controlMessageType: u16({ names: controlMessageNames }),
  reserved0: reserved(2),
});

/** The Control Message Type of a message from `start` up to `end`; null where the capture holds less of it. RFC 2637 §1.4 */
export function controlMessageTypeAt({ view }: Window, start: number, end: number): number | null {
  return end - start >= 10 ? view.getUint16(start + 8) : null;
}

/** A message's source and header. `length`: octets of the whole message, header included. */
export function message<const Type extends number>(type: Type, length: number, source: string) {
  return layout(controlMessageName(type), source).fields({
    length: u16({ legal: [length] }),
    pptpMessageType: u16({ legal: [1], names: pptpMessageTypeNames }),
    magicCookie: constant(4, magicCookie, 'bad-magic'),
    controlMessageType: constant(2, type),
    reserved0: reserved(2),
  });
}

/** A code of one octet of which only the named values are legal. */
export function code(names: Names): Field<number> {
  return u8({ names, legal: Object.keys(names).map(Number) });
}

/** Means something only beside result code 2. RFC 2637 §2.16 */
export const errorCode = code(generalErrorNames);
