/**
 * Values of a wire format, derived from its layout: a new format needs no generator of its own.
 */
import type { BitPart, Field } from '../wire/field.ts';
import type { Layout } from '../wire/layout.ts';
import { type Choices, characters, lengthUpTo, octetString, once, pick, some } from './choices.ts';

/** A value that the format allows: `violations` finds nothing in it. */
export function legalValue<Value extends object>(choices: Choices, format: Layout<Value>): Value {
  return valueWith(format, (field) => legalField(choices, field));
}

/** A value with any bits in every field, but for the constants that make the format what it is. */
export function anyValue<Value extends object>(choices: Choices, format: Layout<Value>): Value {
  return valueWith(format, (field) => anyField(choices, field));
}

/** A legal value of which one field breaks a rule of the format, where it has a rule. */
export function brokenValue<Value extends object>(choices: Choices, format: Layout<Value>): Value {
  const parts = format.parts.filter(({ field }) => isRuled(field));
  if (parts.length === 0) return anyValue(choices, format);
  const broken = pick(choices, parts).field;
  return valueWith(format, (field) => (field === broken ? brokenField(choices, field) : legalField(choices, field)));
}

/** Longest octet string in a field without a size of its own. */
const restAtMost = 80;

function valueWith<Value extends object>(format: Layout<Value>, draw: (field: Field<unknown>) => unknown): Value {
  const value: Record<string, unknown> = {};
  let ended = false;
  for (const { name, field, presentIf } of format.parts) {
    if (presentIf !== null && !presentIf(value as never)) continue;
    const own = ended ? field.blank : draw(field);
    // Where an optional field is left out, the format has come to its end.
    if (field.extent.kind === 'optional' && own === null) ended = true;
    if (name === null) Object.assign(value, own);
    else value[name] = own;
  }
  return value as Value;
}

function legalField(choices: Choices, field: Field<unknown>): unknown {
  const { domain, extent } = field;
  switch (domain.kind) {
    case 'integer': {
      if (extent.kind === 'optional' && once(choices, 2)) return null;
      if (domain.legal !== null) return pick(choices, domain.legal);
      return integer(choices, domain.minimum, domain.maximum);
    }
    case 'flags':
      return some(choices, Object.values(domain.flags)).reduce((word, bit) => (word | bit) >>> 0, 0);
    case 'bits':
      return bitFields(choices, domain.parts, true);
    case 'reserved':
    case 'excess':
      return field.blank;
    default:
      return anyField(choices, field);
  }
}

function anyField(choices: Choices, field: Field<unknown>): unknown {
  const { domain, extent } = field;
  switch (domain.kind) {
    case 'constant':
      return domain.expected;
    case 'bits':
      return bitFields(choices, domain.parts, false);
    case 'text': {
      if (extent.kind !== 'fixed') return characters(choices, sizeOf(choices, field));
      // NULs at the end fill the field up and are no part of the value.
      return characters(choices, choices.below(extent.octets + 1)).replace(/\0+$/, '');
    }
    case 'octets':
    case 'excess':
      return octetString(choices, sizeOf(choices, field));
    default:
      if (extent.kind === 'optional')
        return once(choices, 2) ? null : integer(choices, 0, 2 ** (8 * extent.octets) - 1);
      if (extent.kind !== 'fixed' || field.blank instanceof Uint8Array) {
        return octetString(choices, sizeOf(choices, field));
      }
      return integer(choices, 0, 2 ** (8 * extent.octets) - 1);
  }
}

/** Whether some value of the field is against the format. */
function isRuled({ domain, extent }: Field<unknown>): boolean {
  switch (domain.kind) {
    case 'integer':
      if (domain.legal !== null || domain.minimum > 0) return true;
      return extent.kind === 'fixed' && domain.maximum < 2 ** (8 * extent.octets) - 1;
    case 'bits':
      return domain.parts.some(({ expected }) => expected !== null);
    case 'text':
    case 'octets':
      return false;
    default:
      return true;
  }
}

/** Not always another value than a legal one: what surrounds the legal values is most of what is drawn. */
function brokenField(choices: Choices, field: Field<unknown>): unknown {
  const { domain, extent, blank } = field;
  switch (domain.kind) {
    case 'integer': {
      const edges = domain.legal ?? [domain.minimum, domain.maximum];
      const octets = extent.kind === 'fixed' || extent.kind === 'optional' ? extent.octets : 1;
      const near = edges.flatMap((edge) => [edge - 1, edge + 1]).filter((one) => one >= 0 && one < 2 ** (8 * octets));
      return pick(choices, [...near, 0, 2 ** (8 * octets) - 1, choices.below(2 ** (8 * octets))]);
    }
    case 'constant':
    case 'flags':
      return extent.kind === 'fixed' ? choices.below(2 ** (8 * extent.octets)) : blank;
    case 'bits':
      return bitFields(choices, domain.parts, false);
    case 'excess':
      return octetString(choices, 1 + choices.below(8));
    default:
      return anyField(choices, field);
  }
}

function sizeOf(choices: Choices, { extent }: Field<unknown>): number {
  if (extent.kind === 'fixed') return extent.octets;
  return lengthUpTo(choices, extent.kind === 'prefixed' ? 255 : restAtMost);
}

/** Numbers near the ends are where programs err. */
function integer(choices: Choices, minimum: number, maximum: number): number {
  switch (choices.below(8)) {
    case 6:
      return minimum + choices.below(Math.min(8, maximum - minimum + 1));
    case 7:
      return maximum - choices.below(Math.min(8, maximum - minimum + 1));
    default:
      return minimum + choices.below(maximum - minimum + 1);
  }
}

function bitFields(choices: Choices, parts: readonly BitPart[], onlyLegal: boolean): Record<string, number> {
  return Object.fromEntries(
    parts.map(({ name, width, expected }) => [
      name,
      onlyLegal && expected !== null ? expected : choices.below(2 ** width),
    ]),
  );
}
