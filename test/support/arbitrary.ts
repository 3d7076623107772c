/**
 * Arbitrary values of a wire format, derived from its layout: a new format needs no generator of its own.
 */
import fc from 'fast-check';
import type { Field } from '../../src/wire/field.ts';
import type { Layout } from '../../src/wire/layout.ts';

/** Values that the format allows: `violations` finds nothing in them. */
export function legal<Value extends object>(format: Layout<Value>): fc.Arbitrary<Value> {
  return values(format, legalField);
}

/** Values with any bits in every field, but for the constants that make the format what it is. */
export function any<Value extends object>(format: Layout<Value>): fc.Arbitrary<Value> {
  return values(format, anyField);
}

/** One character for each octet. */
export function octetText(maxLength: number): fc.Arbitrary<string> {
  return fc.uint8Array({ maxLength }).map((octets) => String.fromCharCode(...octets));
}

/** Longest octet string in a field without a size of its own. */
const restAtMost = 80;

function values<Value extends object>(
  format: Layout<Value>,
  arbitraryOf: (field: Field<unknown>) => fc.Arbitrary<unknown>,
): fc.Arbitrary<Value> {
  const all = fc.tuple(...format.parts.map((part) => arbitraryOf(part.field)));
  return all.map((generated) => {
    const value: Record<string, unknown> = {};
    let ended = false;
    format.parts.forEach(({ name, field, presentIf }, index) => {
      if (presentIf !== null && !presentIf(value as never)) return;
      const own = ended ? field.blank : generated[index];
      // Where an optional field is left out, the format has come to its end.
      if (field.extent.kind === 'optional' && own === null) ended = true;
      if (name === null) Object.assign(value, own);
      else value[name] = own;
    });
    return value as Value;
  });
}

function legalField(field: Field<unknown>): fc.Arbitrary<unknown> {
  const domain = field.domain;
  switch (domain.kind) {
    case 'integer': {
      const own =
        domain.legal === null
          ? fc.integer({ min: domain.minimum, max: domain.maximum })
          : fc.constantFrom(...domain.legal);
      return field.extent.kind === 'optional' ? fc.option(own) : own;
    }
    case 'flags': {
      const all = Object.values(domain.flags);
      return fc.subarray(all).map((bits) => bits.reduce((word, bit) => (word | bit) >>> 0, 0));
    }
    case 'bits':
      return bitFields(domain.parts, true);
    case 'reserved':
    case 'excess':
      return fc.constant(field.blank);
    default:
      return anyField(field);
  }
}

function anyField(field: Field<unknown>): fc.Arbitrary<unknown> {
  const { domain, extent } = field;
  switch (domain.kind) {
    case 'constant':
      return fc.constant(domain.expected);
    case 'bits':
      return bitFields(domain.parts, false);
    case 'text': {
      if (extent.kind !== 'fixed') return octetText(extent.kind === 'prefixed' ? 255 : restAtMost);
      // NULs at the end fill the field up and are no part of the value.
      return octetText(extent.octets).map((text) => text.replace(/\0+$/, ''));
    }
    case 'octets':
    case 'excess':
      return octetStrings(field);
    default:
      if (extent.kind === 'optional') return fc.option(integers(extent.octets));
      if (extent.kind !== 'fixed' || field.blank instanceof Uint8Array) return octetStrings(field);
      return integers(extent.octets);
  }
}

function octetStrings({ extent }: Field<unknown>): fc.Arbitrary<Uint8Array> {
  if (extent.kind === 'fixed') return fc.uint8Array({ minLength: extent.octets, maxLength: extent.octets });
  return fc.uint8Array({ maxLength: extent.kind === 'prefixed' ? 255 : restAtMost });
}

function integers(octets: number): fc.Arbitrary<number> {
  return fc.integer({ min: 0, max: 2 ** (8 * octets) - 1 });
}

function bitFields(
  parts: readonly { readonly name: string; readonly width: number; readonly expected: number | null }[],
  onlyLegal: boolean,
): fc.Arbitrary<unknown> {
  return fc.record(
    Object.fromEntries(
      parts.map(({ name, width, expected }) => [
        name,
        onlyLegal && expected !== null ? fc.constant(expected) : fc.integer({ min: 0, max: 2 ** width - 1 }),
      ]),
    ),
    { noNullPrototype: true },
  );
}
