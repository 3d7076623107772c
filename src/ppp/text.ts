/** Octets as text of one character for each octet, which is how all text of PPP packets is kept. */
import { charactersOf } from '../octets/characters.ts';
import { isReadable } from '../octets/printable.ts';

/**
 * The octets as text, without NULs behind it, where they are text for people; else null. Of senders that write another
 * character set than UTF-8, or a control character, most octets are printable all the same.
 */
export function readableText(octets: Uint8Array): string | null {
  const text = charactersOf(octets).replace(/\0+$/, '');
  const plain = text.replaceAll(/[^ -~]/g, '').length;
  return isReadable(text) || (plain >= 4 && plain >= 0.75 * text.length) ? text : null;
}
