/**
 * Lists of options as PPP's Configure packets carry them (RFC 1661 §6): type, length, value. A table says which types
 * there are; what it does not hold, or what has the wrong size, keeps its octets.
 */
import { Window } from '../octets/window.ts';
import type { Bound, Malformed } from './decoded.ts';
import { decode, encode, excessFault, type Layout, malformed } from './layout.ts';

/** One entry of an option table. */
export interface OptionKind<Type extends number, Name extends string, Value extends object> {
  readonly type: Type;
  readonly name: Name;
  /** The format of the option's value, without type and length. */
  readonly format: Layout<Value>;
}

export type AnyOptionKind = OptionKind<number, string, object>;

/** Of a type that the table does not hold. */
export interface UnknownOption {
  readonly name: 'unknown';
  readonly type: number;
  readonly octets: Uint8Array;
}

/** Of a known type, but its octets do not fit the type's format. */
export interface MalformedOption {
  readonly name: 'malformed';
  readonly type: number;
  readonly octets: Uint8Array;
  readonly fault: Malformed;
}

type KnownOption<Kind> =
  Kind extends OptionKind<infer Type, infer Name, infer Value>
    ? { readonly name: Name; readonly type: Type; readonly octets: Uint8Array; readonly value: Value }
    : never;

/** An option of a table, told apart by `name`. `octets` are those of the value, without type and length. */
export type OptionOf<Table extends readonly unknown[]> = KnownOption<Table[number]> | UnknownOption | MalformedOption;

export function option<const Type extends number, const Name extends string, Value extends object>(
  type: Type,
  name: Name,
  format: Layout<Value>,
): OptionKind<Type, Name, Value> {
  return { type, name, format };
}

/** Options as far as they could be read. */
export interface OptionList<Option> {
  readonly options: readonly Option[];
  /** Why the list could not be read to its end; null where it could. */
  readonly fault: Malformed | null;
  /** The octets from the fault on. */
  readonly undecoded: Uint8Array;
}

const nothing = new Uint8Array(0);

/** Reads options up to `end`. Stops at a length that is less than 2 or reaches beyond `end`. */
export function decodeOptions<const Table extends readonly AnyOptionKind[]>(
  table: Table,
  window: Window,
  start: number,
  end: number,
  boundedBy: Bound,
): OptionList<OptionOf<Table>> {
  const options: OptionOf<Table>[] = [];
  // One copy for all: the window is used again, and a copy for each option would be mostly overhead.
  const copy = window.bytes.slice(start, end);
  let at = start;
  while (at < end) {
    const length = optionLength(window, start, at, end, boundedBy);
    if (typeof length !== 'number') return { options, fault: length, undecoded: copy.subarray(at - start) };
    const octets = copy.subarray(at + 2 - start, at + length - start);
    options.push(decodeOption(table, window.view.getUint8(at), octets));
    at += length;
  }
  return { options: options.slice(), fault: null, undecoded: nothing };
}

/**
 * Octets of the option at `at`, its type and length included, in a list that begins at `start`; or why it cannot be read: its
 * length is less than 2 or reaches beyond `end`.
 */
export function optionLength(
  window: Window,
  start: number,
  at: number,
  end: number,
  boundedBy: Bound,
): number | Malformed {
  const available = end - at;
  const length = available >= 2 ? window.view.getUint8(at + 1) : 2;
  if (length >= 2 && length <= available) return length;
  const wrong =
    length < 2
      ? ({ reason: 'length-too-small', needed: 2, available: length } as const)
      : ({ reason: 'truncated', needed: length, available } as const);
  return malformed({ name: 'option' }, { field: 'length', offset: at - start, boundedBy, ...wrong });
}

/** An option by its type and the octets of its value. */
export function decodeOption<const Table extends readonly AnyOptionKind[]>(
  table: Table,
  type: number,
  octets: Uint8Array,
): OptionOf<Table> {
  const kind = table.find((one) => one.type === type);
  if (kind === undefined) return { name: 'unknown', type, octets };
  const value = decode(kind.format, new Window(octets), 0, octets.length, 'option length');
  if (!value.ok) return { name: 'malformed', type, octets, fault: value };
  if (value.size !== octets.length) {
    return {
      name: 'malformed',
      type,
      octets,
      fault: excessFault(kind.format, value.size, octets.length, 'option length'),
    };
  }
  return { name: kind.name, type, octets, value: value.value } as OptionOf<Table>;
}

/** An option of a table by its name, with the octets that belong to its value. */
export function makeOption<
  const Table extends readonly AnyOptionKind[],
  Name extends Table[number]['name'],
  Kind extends Extract<Table[number], { readonly name: Name }>,
>(
  table: Table,
  name: Name,
  value: Kind extends OptionKind<number, string, infer Value> ? Partial<Value> : never,
): OptionOf<Table> {
  const kind = table.find((one) => one.name === name);
  if (kind === undefined) throw new Error(`no option ${name}`);
  return decodeOption(table, kind.type, encode(kind.format, value as object));
}

/** The octets of a list. */
export function encodeOptions(
  list: OptionList<{ readonly type: number; readonly octets: Uint8Array }>,
): Uint8Array<ArrayBuffer> {
  const size = list.options.reduce((sum, one) => sum + 2 + one.octets.length, list.undecoded.length);
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const { type, octets } of list.options) {
    if (octets.length > 253) throw new RangeError('an option has 253 octets of value at most');
    bytes[at] = type;
    bytes[at + 1] = 2 + octets.length;
    bytes.set(octets, at + 2);
    at += 2 + octets.length;
  }
  bytes.set(list.undecoded, at);
  return bytes;
}
