/**
 * The layout language: a wire format is declared once, as data in its RFC's words, and everything that must agree
 * about it is derived: `decode`, `encode`, the field tree, the list of illegal values, and in test/ the arbitraries.
 */
import { Window } from '../octets/window.ts';
import type { Bound, Decoded, Malformed } from './decoded.ts';
import { brokenRuleOfInteger, extentAt, type Field, unnamedFlags, type ValueOfField } from './field.ts';

/** One field of a layout in its place. */
export interface Part {
  /** null: a word of bits, whose sub-fields are fields of the value. */
  readonly name: string | null;
  readonly field: Field<unknown>;
  /** Whether the field is there, judged by the fields before it; null: always. */
  readonly presentIf: ((before: never) => boolean) | null;
}

type Fields = Readonly<Record<string, Field<unknown>>>;
type Simplify<Type> = { [Key in keyof Type]: Type[Key] };

/**
 * A format. Immutable: each step gives a new layout with one more field, so that the predicate of an optional field
 * sees exactly the fields before it.
 */
export class Layout<Value extends object> {
  /** As the RFC spells it: `Outgoing-Call-Request`. */
  readonly name: string;
  /** `RFC 2637 §2.7`. */
  readonly source: string;
  readonly parts: readonly Part[];
  /** Exists for the type alone. */
  declare readonly value: Value;

  constructor(name: string, source: string, parts: readonly Part[]) {
    this.name = name;
    this.source = source;
    this.parts = parts;
  }

  fields<const Given extends Fields>(
    given: Given,
  ): Layout<Simplify<Value & { readonly [Name in keyof Given]: ValueOfField<Given[Name]> }>> {
    return this.with(Object.entries(given).map(([name, field]) => ({ name, field, presentIf: null })));
  }

  /** Sub-fields of one word, which become fields of the value. */
  bits<Bits extends object>(field: Field<Bits>): Layout<Simplify<Value & Bits>> {
    return this.with([{ name: null, field, presentIf: null }]);
  }

  /** A field that is there only if the fields before it say so. */
  when<const Name extends string, FieldValue>(
    presentIf: (before: Value) => boolean,
    name: Name,
    field: Field<FieldValue>,
  ): Layout<Simplify<Value & { readonly [Key in Name]?: FieldValue }>> {
    return this.with([{ name, field, presentIf }]);
  }

  private with<Wider extends object>(parts: readonly Part[]): Layout<Wider> {
    return new Layout<Wider>(this.name, this.source, [...this.parts, ...parts]);
  }
}

export type ValueOf<Given> = Given extends Layout<infer Value> ? Value : never;

/** An empty format to add fields to. */
// biome-ignore lint/complexity/noBannedTypes: the value of a format without fields is {}.
export function layout(name: string, source: string): Layout<{}> {
  return new Layout(name, source, []);
}

/**
 * Decodes the octets from `start` up to `end`. `boundedBy` says what set `end`, for the fault. Octets after the last
 * field are left alone: `size` tells how many were taken. Octet strings of the value are copies.
 */
export function decode<Value extends object>(
  format: Layout<Value>,
  window: Window,
  start: number,
  end: number,
  boundedBy: Bound = 'octets given',
): Decoded<Value> {
  const value: Record<string, unknown> = {};
  let at = start;
  for (const part of format.parts) {
    const { name, field, presentIf } = part;
    if (presentIf !== null && !presentIf(value as never)) continue;
    const needed = extentAt(field.extent, window, at, end);
    if (needed > end - at) {
      const fault = truncation(nameOf(part), at - start, needed, end - at, boundedBy);
      return malformed(format, fault, value as Partial<Value>);
    }
    const read = field.read(window, at, at + needed);
    if (field.domain.kind === 'constant' && read !== field.domain.expected) {
      const fault = { field: nameOf(part), offset: at - start, reason: field.domain.fault, boundedBy };
      return malformed(format, fault, value as Partial<Value>);
    }
    if (name === null) Object.assign(value, read);
    else value[name] = read;
    at += needed;
  }
  return { ok: true, value: value as Value, size: at - start };
}

/** The octets of a value. Fields that are not given become blank: constants, zero, no text, no octets. */
export function encode<Value extends object>(format: Layout<Value>, value: Partial<Value>): Uint8Array<ArrayBuffer> {
  const given: Record<string, unknown> = {};
  const planned: { field: Field<unknown>; value: unknown; at: number }[] = [];
  let size = 0;
  for (const { name, field, presentIf } of format.parts) {
    if (presentIf !== null && !presentIf(given as never)) continue;
    const own = name === null ? { ...(field.blank as object), ...value } : (value[name as keyof Value] ?? field.blank);
    if (name === null) Object.assign(given, own);
    else given[name] = own;
    planned.push({ field, value: own, at: size });
    size += field.sizeOf(own);
  }
  const window = new Window(new Uint8Array(size));
  for (const part of planned) part.field.write(window, part.at, part.value);
  return window.bytes as Uint8Array<ArrayBuffer>;
}

/** A value that its format does not allow. */
export interface Violation {
  readonly field: string;
  readonly rule: 'reserved' | 'constant' | 'illegal' | 'range' | 'unknown-flags' | 'excess';
  /** The value, or the number of octets where there should be none. */
  readonly value: number;
}

/** Every value outside what the layout allows, in the order of the fields. Well-formed octets can have many. */
export function violations<Value extends object>(format: Layout<Value>, value: Value): Violation[] {
  const found: Violation[] = [];
  const fields = value as Readonly<Record<string, unknown>>;
  for (const { name, field } of format.parts) {
    const domain = field.domain;
    if (name === null) {
      if (domain.kind !== 'bits') continue;
      for (const part of domain.parts) {
        const own = fields[part.name];
        if (part.expected !== null && typeof own === 'number' && own !== part.expected) {
          found.push({ field: part.name, rule: 'reserved', value: own });
        }
      }
      continue;
    }
    const own = fields[name];
    if (own === undefined) continue;
    if (typeof own === 'number') {
      const rule = brokenRule(domain, own);
      if (rule !== null) found.push({ field: name, rule, value: own });
    } else if (own instanceof Uint8Array) {
      const nonZero = own.find((octet) => octet !== 0);
      if (domain.kind === 'reserved' && nonZero !== undefined) {
        found.push({ field: name, rule: 'reserved', value: nonZero });
      } else if (domain.kind === 'excess' && own.length > 0) {
        found.push({ field: name, rule: 'excess', value: own.length });
      }
    }
  }
  return found;
}

/** What is wrong; `needed` and `available` where it is about length. */
type Fault = Pick<Malformed, 'field' | 'offset' | 'reason' | 'boundedBy'> &
  Partial<Pick<Malformed, 'needed' | 'available'>>;

/** `decoded`: the fields before the fault. */
export function malformed<Value>(
  { name: layer }: { readonly name: string },
  { field, offset, reason, needed = null, available = null, boundedBy }: Fault,
  decoded: Partial<Value> = {},
): Malformed<Value> {
  return { ok: false, layer, field, offset, reason, needed, available, boundedBy, decoded };
}

/** That a field needs more octets than are left for it. */
export function truncation(field: string, offset: number, needed: number, left: number, boundedBy: Bound): Fault {
  return { field, offset, reason: 'truncated', needed, available: Math.max(0, left), boundedBy };
}

/** That the `available` octets are more than the `needed` ones of the format. */
export function excessFault(
  format: { readonly name: string },
  needed: number,
  available: number,
  boundedBy: Bound,
): Malformed<object> {
  const reason = 'length-too-large';
  return malformed(format, { field: 'excess', offset: needed, reason, needed, available, boundedBy });
}

/** Why the octets are not one value of the format and nothing more; null where they are. */
export function misfit(
  format: Layout<object>,
  window: Window,
  start: number,
  end: number,
  boundedBy: Bound,
): Malformed | null {
  const decoded = decode(format, window, start, end, boundedBy);
  if (!decoded.ok) return decoded;
  return start + decoded.size === end ? null : excessFault(format, decoded.size, end - start, boundedBy);
}

/** A word of bits is named by the first of them. */
function nameOf({ name, field }: Part): string {
  if (name !== null) return name;
  return field.domain.kind === 'bits' ? (field.domain.parts[0]?.name ?? '') : '';
}

function brokenRule(domain: Field<unknown>['domain'], value: number): Violation['rule'] | null {
  switch (domain.kind) {
    case 'integer':
      return brokenRuleOfInteger(domain, value);
    case 'constant':
      return value === domain.expected ? null : 'constant';
    case 'flags':
      return unnamedFlags(domain.flags, value) === 0 ? null : 'unknown-flags';
    case 'reserved':
      return value === 0 ? null : 'reserved';
    default:
      return null;
  }
}
