/**
 * The kinds of fields that the formats of PPTP and PPP are made of. A field is data and two functions: the `domain`
 * says everything that documentation, the field tree, arbitraries and the search for illegal values need to know;
 * `read` and `write` turn octets into a value and back without losing an octet. Integers are big-endian unless their name says otherwise.
 */
import { charactersOf } from '../octets/characters.ts';
import type { Window } from '../octets/window.ts';

/** An open table: numbers that it does not hold are legal to meet and stay numbers. */
export type Names = Readonly<Record<number, string>>;

/** `4 (Busy)`; the number alone where it has no name. */
export function named(value: number, names: Names): string {
  const name = names[value];
  return name === undefined ? String(value) : `${value} (${name})`;
}

/** Named bits of a word: `{ asynchronous: 1, synchronous: 2 }`. */
export type Flags = Readonly<Record<string, number>>;

/** One of several sub-fields of a word, most significant first. */
export interface BitPart {
  readonly name: string;
  /** Width in bits, 1 to 32. */
  readonly width: number;
  /** The only value that the format allows; null where any is legal. */
  readonly expected: number | null;
}

/** What it means to find another number than a constant's. */
export type ConstantFault = 'bad-magic' | 'bad-version' | 'unexpected-value';

/** How people write an integer. */
export type IntegerFormat = 'decimal' | 'hexadecimal' | 'ipv4-address';

/** How people write octets. */
export type OctetsFormat = 'hexadecimal' | 'mac-address' | 'ipv6-address';

/** What a field may hold. */
export type Domain =
  | {
      readonly kind: 'integer';
      readonly format: IntegerFormat;
      readonly names: Names | null;
      /** The only values that the format allows; null where the range decides. */
      readonly legal: readonly number[] | null;
      readonly minimum: number;
      readonly maximum: number;
    }
  /** Another value means that this is not the format: decoding stops. */
  | { readonly kind: 'constant'; readonly expected: number; readonly fault: ConstantFault }
  | { readonly kind: 'flags'; readonly flags: Flags }
  | { readonly kind: 'bits'; readonly parts: readonly BitPart[] }
  /** One character for each octet. */
  | { readonly kind: 'text' }
  | { readonly kind: 'octets'; readonly format: OctetsFormat }
  /** Must be zero. */
  | { readonly kind: 'reserved' }
  /** What follows the format's end within its bounds: must be empty. */
  | { readonly kind: 'excess' };

/** How many octets a field takes. */
export type Extent =
  | { readonly kind: 'fixed'; readonly octets: number }
  /** All that is left. */
  | { readonly kind: 'rest' }
  /** So many octets where anything is left, else none. */
  | { readonly kind: 'optional'; readonly octets: number }
  /** A length of one octet, then as many octets. */
  | { readonly kind: 'prefixed' };

/** One kind of field: what it may hold, how many octets it takes, and how these become a value and back. */
export interface Field<Value> {
  readonly domain: Domain;
  readonly extent: Extent;
  /** What `encode` writes where no value is given: the legal value nearest to nothing. */
  readonly blank: Value;
  /** Reads the octets from `start` up to `end`, which are exactly those of the field. */
  read(window: Window, start: number, end: number): Value;
  /** Octets that the value takes. */
  sizeOf(value: Value): number;
  /** Writes `sizeOf(value)` octets at `at`. */
  write(window: Window, at: number, value: Value): void;
}

export type ValueOfField<Given> = Given extends Field<infer Value> ? Value : never;

/** What an integer may be, and how people write it. */
export interface IntegerRules {
  readonly names?: Names;
  /** Decimal when absent. */
  readonly format?: IntegerFormat;
  /** The only legal values. */
  readonly legal?: readonly number[];
  readonly minimum?: number;
  readonly maximum?: number;
}

type IntegerSize = 1 | 2 | 4;

export function u8(rules: IntegerRules = {}): Field<number> {
  return integer(1, rules);
}

export function u16(rules: IntegerRules = {}): Field<number> {
  return integer(2, rules);
}

export function u32(rules: IntegerRules = {}): Field<number> {
  return integer(4, rules);
}

/** Least significant octet first, as radiotap has it. */
export function u16LittleEndian(rules: IntegerRules = {}): Field<number> {
  return {
    ...u16(rules),
    read: (window, start) => window.view.getUint16(start, true),
    write: (window, at, value) => window.view.setUint16(at, value, true),
  };
}

/** Least significant octet first. */
export function u32LittleEndian(rules: IntegerRules = {}): Field<number> {
  return {
    ...u32(rules),
    read: (window, start) => window.view.getUint32(start, true),
    write: (window, at, value) => window.view.setUint32(at, value, true),
  };
}

/** An integer that may be left out at the format's end: then null. */
export function optional(octets: IntegerSize, rules: IntegerRules = {}): Field<number | null> {
  const field = integer(octets, rules);
  return {
    domain: field.domain,
    extent: { kind: 'optional', octets },
    blank: null,
    read: (window, start, end) => (start === end ? null : field.read(window, start, end)),
    sizeOf: (value) => (value === null ? 0 : octets),
    write(window, at, value) {
      if (value !== null) field.write(window, at, value);
    },
  };
}

/** The number that makes a format what it is, such as a magic cookie or a message type. */
export function constant<const Expected extends number>(
  octets: IntegerSize,
  expected: Expected,
  fault: ConstantFault = 'unexpected-value',
): Field<Expected> {
  return word<Expected>(octets, { kind: 'constant', expected, fault }, expected);
}

/** A word of named bits. Its value is the whole word: bits without a name are kept. */
export function flags(octets: IntegerSize, names: Flags): Field<number> {
  return word(octets, { kind: 'flags', flags: names }, 0);
}

/** Octets that must be zero. */
export function reserved(octets: IntegerSize): Field<number> {
  return word(octets, { kind: 'reserved' }, 0);
}

/** More octets that must be zero than an integer holds. */
export function reservedOctets(octets: number): Field<Uint8Array> {
  return { ...fixedOctets(octets), domain: { kind: 'reserved' } };
}

export function fixedOctets(octets: number, format: OctetsFormat = 'hexadecimal'): Field<Uint8Array> {
  return octetString({ kind: 'fixed', octets }, format);
}

/** All octets that are left, perhaps none. */
export function restOctets(): Field<Uint8Array> {
  return octetString({ kind: 'rest' });
}

/** All octets that are left where none should be. */
export function excess(): Field<Uint8Array> {
  return { ...restOctets(), domain: { kind: 'excess' } };
}

/** A length octet and as many octets. Longer values than 255 octets cannot be written. */
export function prefixedOctets(): Field<Uint8Array> {
  return octetString({ kind: 'prefixed' });
}

/**
 * Text in a field of fixed size, filled up with octets of value 0. The value has one character for each octet and ends
 * with the last octet that is not 0, so what follows a first NUL is kept; `beforeNul` gives the part to show.
 */
export function text(octets: number): Field<string> {
  return characters({ kind: 'fixed', octets });
}

/** Text that fills the rest, one character for each octet. */
export function restText(): Field<string> {
  return characters({ kind: 'rest' });
}

/** A length octet and as many octets of text. */
export function prefixedText(): Field<string> {
  return characters({ kind: 'prefixed' });
}

/**
 * Several sub-fields of one word, most significant first, each `width` or `[width, expected]` in bits. The widths add
 * up to the word; in a layout the parts become fields of the value, each a number.
 */
export function bits<const Parts extends Readonly<Record<string, number | readonly [width: number, expected: number]>>>(
  octets: IntegerSize,
  parts: Parts,
): Field<{ readonly [Name in keyof Parts]: number }> {
  type Value = { readonly [Name in keyof Parts]: number };
  const list: BitPart[] = Object.entries(parts).map(([name, rule]) =>
    typeof rule === 'number' ? { name, width: rule, expected: null } : { name, width: rule[0], expected: rule[1] },
  );
  if (list.reduce((sum, part) => sum + part.width, 0) !== octets * 8) throw new RangeError('bits do not fill the word');
  return {
    domain: { kind: 'bits', parts: list },
    extent: { kind: 'fixed', octets },
    blank: Object.fromEntries(list.map((part) => [part.name, part.expected ?? 0])) as Value,
    read(window, start) {
      const whole = readInteger(window, start, octets);
      const value: Record<string, number> = {};
      let shift = octets * 8;
      for (const part of list) {
        shift -= part.width;
        value[part.name] = Math.floor(whole / 2 ** shift) % 2 ** part.width;
      }
      return value as Value;
    },
    sizeOf: () => octets,
    write(window, at, value) {
      const given: Readonly<Record<string, number>> = value;
      let whole = 0;
      for (const part of list) whole = whole * 2 ** part.width + ((given[part.name] ?? 0) % 2 ** part.width);
      writeInteger(window, at, octets, whole);
    },
  };
}

/** The names of the bits that are set; bits without a name are left out. */
export function flagNames(names: Flags, value: number): string[] {
  return Object.entries(names)
    .filter(([, bit]) => (value & bit) !== 0)
    .map(([name]) => name);
}

/** The bits that are set and have no name. */
export function unnamedFlags(names: Flags, value: number): number {
  const named = Object.values(names).reduce((all, bit) => all | bit, 0);
  return (value & ~named) >>> 0;
}

/** What a number breaks: the only legal values, or the range; null where it is legal. */
export function brokenRuleOfInteger(
  { legal, minimum, maximum }: Extract<Domain, { kind: 'integer' }>,
  value: number,
): 'illegal' | 'range' | null {
  if (legal !== null) return legal.includes(value) ? null : 'illegal';
  return value < minimum || value > maximum ? 'range' : null;
}

/** The octets that a field takes at `at`; more than `end - at` where they are not there. */
export function extentAt(extent: Extent, window: Window, at: number, end: number): number {
  switch (extent.kind) {
    case 'fixed':
      return extent.octets;
    case 'rest':
      return end - at;
    case 'optional':
      return at < end ? extent.octets : 0;
    case 'prefixed':
      return at < end ? 1 + window.view.getUint8(at) : 1;
  }
}

function integer(octets: IntegerSize, rules: IntegerRules): Field<number> {
  const minimum = rules.minimum ?? 0;
  const maximum = rules.maximum ?? 2 ** (octets * 8) - 1;
  const legal = rules.legal ?? null;
  const format = rules.format ?? 'decimal';
  const domain: Domain = { kind: 'integer', format, names: rules.names ?? null, legal, minimum, maximum };
  return word(octets, domain, legal?.[0] ?? minimum);
}

function word<Value extends number>(octets: IntegerSize, domain: Domain, blank: Value): Field<Value> {
  return {
    domain,
    extent: { kind: 'fixed', octets },
    blank,
    // Of a constant another number can be read too: decoding then stops with it.
    read: (window, start) => readInteger(window, start, octets) as Value,
    sizeOf: () => octets,
    write: (window, at, value) => writeInteger(window, at, octets, value),
  };
}

function octetString(extent: Extent, format: OctetsFormat = 'hexadecimal'): Field<Uint8Array> {
  const prefix = extent.kind === 'prefixed' ? 1 : 0;
  return {
    domain: { kind: 'octets', format },
    extent,
    blank: new Uint8Array(extent.kind === 'fixed' ? extent.octets : 0),
    read: (window, start, end) => window.bytes.slice(start + prefix, end),
    sizeOf: (value) => (extent.kind === 'fixed' ? extent.octets : prefix + value.length),
    write(window, at, value) {
      assertFits(extent, value.length);
      if (prefix === 1) window.view.setUint8(at, value.length);
      window.bytes.set(value, at + prefix);
    },
  };
}

function characters(extent: Extent): Field<string> {
  const octets = octetString(extent);
  return {
    domain: { kind: 'text' },
    extent,
    blank: '',
    read(window, start, end) {
      const { bytes } = window;
      const from = extent.kind === 'prefixed' ? start + 1 : start;
      let to = end;
      if (extent.kind === 'fixed') while (to > from && bytes[to - 1] === 0) to -= 1;
      return charactersOf(bytes.subarray(from, to));
    },
    sizeOf: (value) => (extent.kind === 'fixed' ? extent.octets : (extent.kind === 'prefixed' ? 1 : 0) + value.length),
    write: (window, at, value) => octets.write(window, at, octetsOf(value)),
  };
}

function octetsOf(value: string): Uint8Array {
  return Uint8Array.from(value, (character) => {
    const code = character.charCodeAt(0);
    if (code > 0xff) throw new RangeError('text of a field has one character for each octet');
    return code;
  });
}

function assertFits(extent: Extent, length: number): void {
  const most = extent.kind === 'fixed' ? extent.octets : extent.kind === 'prefixed' ? 0xff : Number.POSITIVE_INFINITY;
  if (length > most) throw new RangeError(`${length} octets do not fit into a field of ${most}`);
}

function readInteger(window: Window, at: number, octets: IntegerSize): number {
  if (octets === 1) return window.view.getUint8(at);
  return octets === 2 ? window.view.getUint16(at) : window.view.getUint32(at);
}

function writeInteger(window: Window, at: number, octets: IntegerSize, value: number): void {
  if (octets === 1) window.view.setUint8(at, value);
  else if (octets === 2) window.view.setUint16(at, value);
  else window.view.setUint32(at, value);
}
