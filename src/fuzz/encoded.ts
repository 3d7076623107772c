/** The octets of any format, valid to a degree that the caller chooses. */
import { encode, type Layout } from '../wire/layout.ts';
import { type Choices, octetString, once } from './choices.ts';
import { damaged } from './damage.ts';
import { anyValue, brokenValue, legalValue } from './values.ts';

/**
 * How well-behaved octets are. `valid`: nothing is against the format. `nearly-valid`: a rule is broken, or a few
 * octets are: what gets past the first checks of a parser. `wild`: any bits, sometimes without any form.
 */
export type Temperament = 'valid' | 'nearly-valid' | 'wild';

export const temperaments: readonly Temperament[] = ['valid', 'nearly-valid', 'wild'];

/** Octets of a format. */
export function encoded(choices: Choices, format: Layout<object>, temperament: Temperament): Uint8Array {
  if (temperament === 'valid') return encode(format, legalValue(choices, format));
  if (temperament === 'nearly-valid') {
    const octets = encode(format, brokenValue(choices, format));
    return once(choices, 3) ? damaged(choices, octets) : octets;
  }
  if (once(choices, 4)) return octetString(choices, choices.below(300));
  const octets = encode(format, anyValue(choices, format));
  return once(choices, 2) ? damaged(choices, octets) : octets;
}

/** A part of a whole that has that temperament: whoever breaks a rule breaks it in one place, not everywhere. */
export function ofPart(choices: Choices, whole: Temperament): Temperament {
  if (whole === 'valid') return 'valid';
  if (whole === 'nearly-valid') return once(choices, 4) ? 'nearly-valid' : 'valid';
  return once(choices, 2) ? 'wild' : once(choices, 2) ? 'nearly-valid' : 'valid';
}
