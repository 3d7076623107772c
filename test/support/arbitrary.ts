/**
 * The generators of src/fuzz as arbitraries: fast-check decides, and shrinks what it decided.
 */
import fc from 'fast-check';
import { type Choices, characters, chosen, lengthUpTo } from '../../src/fuzz/choices.ts';
import { anyValue, legalValue } from '../../src/fuzz/values.ts';
import type { Layout } from '../../src/wire/layout.ts';

/** What a generator makes. */
export function drawn<Value>(draw: (choices: Choices) => Value): fc.Arbitrary<Value> {
  return fc.array(fc.integer({ min: 0, max: 0xffff_ffff }), decisions).map((numbers) => draw(chosen(numbers)));
}

/** Values that the format allows: `violations` finds nothing in them. */
export function legal<Value extends object>(format: Layout<Value>): fc.Arbitrary<Value> {
  return drawn((choices) => legalValue(choices, format));
}

/** Values with any bits in every field, but for the constants that make the format what it is. */
export function any<Value extends object>(format: Layout<Value>): fc.Arbitrary<Value> {
  return drawn((choices) => anyValue(choices, format));
}

/** One character for each octet. */
export function octetText(maxLength: number): fc.Arbitrary<string> {
  return drawn((choices) => characters(choices, lengthUpTo(choices, maxLength)));
}

/** Enough for the longest format; lists of all lengths, the end of a value being simpler than its beginning. */
const decisions = { maxLength: 400, size: 'max' } as const;
