/** Octets as text of one character for each octet, which is how all text of PPP packets is kept. */
import { isReadable } from '../octets/printable.ts';

export function textOf(octets: Uint8Array): string {
  let text = '';
  for (const octet of octets) text += String.fromCharCode(octet);
  return text;
}

/** The octets as text where they are text for people; else null. */
export function readableText(octets: Uint8Array): string | null {
  const text = textOf(octets);
  return isReadable(text) ? text : null;
}
