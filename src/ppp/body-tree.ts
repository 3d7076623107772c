/** What the field trees of all control protocols are made of: the body of a packet, and the leaves that many have. */
import type { Window } from '../octets/window.ts';
import type { Bound, Malformed } from '../wire/decoded.ts';
import { group, octetsLeaf, secret, type TreeField, textLeaf, undecoded } from '../wire/tree.ts';
import type { ChapAlgorithm } from './chap.ts';
import { secretsIn } from './chap-message.ts';

/** What is known of a link and cannot be read in one packet. */
export interface LinkKnowledge {
  /** How the sender is to prove who it is; null where nobody knows. */
  readonly chap: ChapAlgorithm | null;
  /** Those that went over the link, a character for each octet. */
  readonly passwords: readonly string[];
}

/** A body's fields and why they break off. */
export interface Body {
  readonly fields: readonly TreeField[];
  readonly fault: Malformed | null;
}

/** The body of a control packet, from `start` up to `end`. */
export interface BodyOf extends LinkKnowledge {
  readonly protocol: number;
  readonly code: number;
  readonly window: Window;
  readonly start: number;
  readonly end: number;
  readonly bound: Bound;
}

/** What one end tells the other, from `start` to the end of the packet. */
export function words({ window, end, passwords }: BodyOf, start: number, name: string): TreeField {
  return wordsOf(textLeaf(window, start, end, name), window, passwords, null);
}

/** A text, with what proves or challenges somebody as a field of its own. */
export function wordsOf(
  field: TreeField,
  window: Window,
  passwords: readonly string[],
  meaning: string | null,
): TreeField {
  const text = String(field.value ?? '');
  const parts: TreeField[] = [];
  let at = 0;
  const textUpTo = (end: number): void => {
    if (at < end) parts.push(textLeaf(window, field.start + at, field.start + end, 'text'));
  };
  for (const { name, start, end } of secretsIn(text, passwords)) {
    textUpTo(start);
    parts.push(secret(textLeaf(window, field.start + start, field.start + end, name)));
    at = end;
  }
  textUpTo(text.length);
  if (at > 0) return group(field.name, parts, meaning);
  return meaning === null ? field : { ...field, meaning };
}

/** Octets that mean nothing to who looks at the packet. */
export function data({ window, start, end }: Pick<BodyOf, 'window' | 'start' | 'end'>): Body {
  return { fields: start < end ? [octetsLeaf(window, start, end, 'data')] : [], fault: null };
}

/** Octets of which nobody here knows what they are. */
export function rest({ window, start, end }: Pick<BodyOf, 'window' | 'start' | 'end'>): Body {
  return { fields: start < end ? [undecoded(window, start, end)] : [], fault: null };
}
