/** Octets as text of one character for each octet, which is how all text of PPP packets is kept. */
import { charactersOf } from '../octets/characters.ts';
import { isReadable } from '../octets/printable.ts';

/** The octets as text where they are text for people; else null. */
export function readableText(octets: Uint8Array): string | null {
  const text = charactersOf(octets);
  return isReadable(text) ? text : null;
}
