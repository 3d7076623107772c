/**
 * The field tree: a format's octets laid out for somebody who looks at one packet. It is derived from the layout's
 * domains alone, so that a format needs nothing of its own. Every octet from the start of a tree to its end lies in
 * exactly one leaf; where a format breaks off, the rest is one leaf that says so.
 */
import { ipv4Text, ipv6TextAt } from '../octets/address.ts';
import { charactersOf } from '../octets/characters.ts';
import { hex, hexNumber } from '../octets/hex.ts';
import { beforeNul, utf8 } from '../octets/printable.ts';
import type { Window } from '../octets/window.ts';
import type { Bound, Malformed } from './decoded.ts';
import {
  brokenRuleOfInteger,
  type Domain,
  extentAt,
  type Field,
  flagNames,
  type IntegerFormat,
  type OctetsFormat,
  unnamedFlags,
} from './field.ts';
import { excessFault, type Layout, malformed, type Part, truncation } from './layout.ts';
import { type AnyOptionKind, optionLength } from './options.ts';

/** Some bits of a word. */
export interface TreeBits {
  readonly name: string;
  /** Bits before it in the word, from the most significant. */
  readonly offset: number;
  readonly width: number;
  readonly value: number;
  readonly meaning: string | null;
  /** Must have one certain value, and that is not worth showing. */
  readonly reserved: boolean;
  /** Has a value that the format does not allow. */
  readonly illegal: boolean;
}

/** Octets of a packet and what they are: a leaf, or a group of others. */
export interface TreeField {
  readonly name: string;
  /** `group`: its octets are those of its children. `padding` and `undecoded` belong to no field of a format. */
  readonly kind: 'field' | 'group' | 'padding' | 'undecoded';
  /** Octets from the start of what the tree is of; `end` is one past the last. */
  readonly start: number;
  readonly end: number;
  /** An integer; text with one character for each octet; octets in hexadecimal digits; null for a group. */
  readonly value: number | string | null;
  /** What the value means: a name, an address, names of flags, the text to read; null where the value says it itself. */
  readonly meaning: string | null;
  /** How people write the value, where it is an integer. */
  readonly notation: IntegerFormat;
  /** Must be zero. */
  readonly reserved: boolean;
  /** Has a value that the format does not allow. */
  readonly illegal: boolean;
  /** Password, challenge or response material. */
  readonly secret: boolean;
  readonly bits: readonly TreeBits[];
  readonly children: readonly TreeField[];
}

/** One protocol's part of a packet. */
export interface Layer {
  /** As its RFC spells it: `Outgoing-Call-Request`. */
  readonly name: string;
  /** Lower case, the word to select it by: `pptp`. */
  readonly protocol: string;
  /** `RFC 2637 §2.7`; null for what no document describes. */
  readonly source: string | null;
  readonly start: number;
  readonly end: number;
  readonly fields: readonly TreeField[];
  /** Why it could not be read to its end. */
  readonly fault: Malformed | null;
}

/** The fields of a format and the value that they make. */
export interface Tree<Value> {
  /** In order, from the start up to `end` without a gap. */
  readonly fields: readonly TreeField[];
  /** The values, as `decode` gives them; those before the fault where there is one. */
  readonly value: Partial<Value>;
  /** One past the last octet that the fields cover: after a fault the given end. */
  readonly end: number;
  readonly fault: Malformed | null;
}

/** The tree of the octets from `start` up to `end`. What follows the last field is left alone, as in `decode`. */
export function treeOf<Value extends object>(
  format: Layout<Value>,
  window: Window,
  start: number,
  end: number,
  boundedBy: Bound = 'octets given',
): Tree<Value> {
  const fields: TreeField[] = [];
  const value: Record<string, unknown> = {};
  let at = start;
  for (const part of format.parts) {
    if (part.presentIf !== null && !part.presentIf(value as never)) continue;
    const { field } = part;
    const needed = extentAt(field.extent, window, at, end);
    const partial = value as Partial<Value>;
    if (needed > end - at) {
      if (at < end) fields.push(...pieces(part, window, at, end));
      const fault = malformed(format, truncation(nameOf(part), at - start, needed, end - at, boundedBy), partial);
      return { fields, value: partial, end: Math.max(at, end), fault };
    }
    const read = field.read(window, at, at + needed);
    fields.push(...leaves(part, window, at, at + needed, read));
    const next = at + needed;
    if (field.domain.kind === 'constant' && read !== field.domain.expected) {
      if (next < end) fields.push(undecoded(window, next, end));
      const said = { field: nameOf(part), offset: at - start, reason: field.domain.fault, boundedBy };
      return { fields, value: partial, end, fault: malformed(format, said, partial) };
    }
    if (part.name === null) Object.assign(value, read);
    else value[part.name] = read;
    at = next;
  }
  return { fields, value: value as Partial<Value>, end: at, fault: null };
}

/** As `treeOf`, but of all octets: what follows the last field becomes one leaf. */
export function wholeTreeOf<Value extends object>(
  format: Layout<Value>,
  window: Window,
  start: number,
  end: number,
  boundedBy: Bound = 'octets given',
): Tree<Value> {
  const tree = treeOf(format, window, start, end, boundedBy);
  if (tree.end >= end) return tree;
  return { ...tree, fields: [...tree.fields, undecoded(window, tree.end, end)], end };
}

/**
 * The tree of a list of options, each a group of type, length and what the table says. RFC 1661 §6. The fault is what the list
 * breaks off with, else that of the first option whose value does not fit its format.
 */
export function treeOfOptions(
  table: readonly AnyOptionKind[],
  window: Window,
  start: number,
  end: number,
  boundedBy: Bound,
): Tree<object> {
  const fields: TreeField[] = [];
  let unfit: Malformed | null = null;
  let at = start;
  while (at < end) {
    const length = optionLength(window, start, at, end, boundedBy);
    if (typeof length !== 'number') {
      fields.push(undecoded(window, at, end, 'options'));
      return { fields, value: {}, end, fault: length };
    }
    const { field, fault } = optionTree(table, window, at, at + length);
    fields.push(field);
    unfit ??= fault;
    at += length;
  }
  return { fields, value: {}, end: at, fault: unfit };
}

interface OptionTree {
  readonly field: TreeField;
  readonly fault: Malformed | null;
}

function optionTree(table: readonly AnyOptionKind[], window: Window, start: number, end: number): OptionTree {
  const type = window.view.getUint8(start);
  const kind = table.find((one) => one.type === type) ?? null;
  const body = start + 2;
  const children = [
    { ...integerLeaf('type', start, start + 1, type), meaning: kind?.format.name ?? null },
    integerLeaf('length', start + 1, body, end - start),
  ];
  if (kind === null) {
    if (body < end) children.push(undecoded(window, body, end, 'value'));
    return { field: group('unknownOption', children, `option ${type}`), fault: null };
  }
  const { fields, end: stop, fault } = treeOf(kind.format, window, body, end, 'option length');
  const all = [...children, ...fields];
  if (stop >= end) return { field: group(kind.name, all, kind.format.name), fault };
  const whole = [...all, undecoded(window, stop, end)];
  return {
    field: group(kind.name, whole, kind.format.name),
    fault: excessFault(kind.format, stop - body, end - body, 'option length'),
  };
}

/** A group over its children, which stand in order without a gap; there is at least one. */
export function group(name: string, children: readonly TreeField[], meaning: string | null = null): TreeField {
  return {
    ...blank(name, 'group', children[0]?.start ?? 0, children.at(-1)?.end ?? 0),
    meaning,
    children,
  };
}

/** Octets that no format describes further. */
export function undecoded(window: Window, start: number, end: number, name = 'undecoded'): TreeField {
  return { ...blank(name, 'undecoded', start, end), value: hex(window.bytes.subarray(start, end)) };
}

/** Octets that carry nothing. */
export function padding(window: Window, start: number, end: number, name = 'padding'): TreeField {
  return { ...blank(name, 'padding', start, end), value: hex(window.bytes.subarray(start, end)) };
}

/** Octets that mean something as they are. */
export function octetsLeaf(window: Window, start: number, end: number, name: string): TreeField {
  return { ...blank(name, 'field', start, end), value: hex(window.bytes.subarray(start, end)) };
}

export function integerLeaf(name: string, start: number, end: number, value: number): TreeField {
  return { ...blank(name, 'field', start, end), value };
}

/** Text of one character for each octet. */
export function textLeaf(window: Window, start: number, end: number, name: string): TreeField {
  const text = charactersOf(window.bytes.subarray(start, end));
  return { ...blank(name, 'field', start, end), value: text, meaning: utf8(text) };
}

/** The field as password, challenge or response material, with all that is in it. */
export function secret(field: TreeField): TreeField {
  return field.kind === 'group' ? { ...field, children: field.children.map(secret) } : { ...field, secret: true };
}

/** The layer of a format's tree that begins at `start`; `protocol` is the word to select it by. */
export function layerOf(
  format: { readonly name: string; readonly source: string },
  protocol: string,
  start: number,
  tree: Tree<object>,
): Layer {
  const { name, source } = format;
  return { name, protocol, source, start, end: tree.end, fields: tree.fields, fault: tree.fault };
}

/** The field of that name, with its meaning or other parts replaced. */
export function replaceField(
  fields: readonly TreeField[],
  name: string,
  change: (field: TreeField) => TreeField,
): TreeField[] {
  return fields.map((field) => (field.name === name ? change(field) : field));
}

/** All leaves, in order. */
export function* leavesOf(fields: readonly TreeField[]): Generator<TreeField> {
  for (const field of fields) {
    if (field.kind === 'group') yield* leavesOf(field.children);
    else yield field;
  }
}

function blank(name: string, kind: TreeField['kind'], start: number, end: number): TreeField {
  const nothing = { value: null, meaning: null, reserved: false, illegal: false, secret: false };
  return { name, kind, start, end, ...nothing, notation: 'decimal', bits: [], children: [] };
}

/** The leaf of a field; a length octet in front of it is one of its own. */
function leaves(part: Part, window: Window, start: number, end: number, read: unknown): TreeField[] {
  const { field } = part;
  const name = nameOf(part);
  if (field.extent.kind !== 'prefixed') {
    // What is not there has no leaf, but that a text is empty says something.
    return start === end && field.domain.kind !== 'text' ? [] : [leaf(name, field, window, start, end, read)];
  }
  const length = integerLeaf(`${name}Length`, start, start + 1, end - start - 1);
  return [length, leaf(name, field, window, start + 1, end, read)];
}

/** What there is of a field that is cut: its length octet says something by itself. */
function pieces(part: Part, window: Window, start: number, end: number): TreeField[] {
  const name = nameOf(part);
  if (part.field.extent.kind !== 'prefixed') return [undecoded(window, start, end, name)];
  const length = integerLeaf(`${name}Length`, start, start + 1, window.view.getUint8(start));
  return end === start + 1 ? [length] : [length, undecoded(window, start + 1, end, name)];
}

function leaf(
  name: string,
  field: Field<unknown>,
  window: Window,
  start: number,
  end: number,
  read: unknown,
): TreeField {
  const { domain } = field;
  const base = blank(name, 'field', start, end);
  switch (domain.kind) {
    case 'text':
      return textualLeaf(base, window, field);
    case 'octets':
      return {
        ...base,
        value: hex(window.bytes.subarray(start, end)),
        meaning: octetsMeaning(domain.format, window, start),
      };
    case 'bits':
      return bitsLeaf(base, domain, window, read as Readonly<Record<string, number>>);
    case 'reserved':
      return reservedLeaf(base, window, read);
    case 'excess':
      return { ...base, value: hex(window.bytes.subarray(start, end)), illegal: end > start };
    case 'flags':
      return flagsLeaf(base, domain, read as number);
    case 'constant': {
      const value = read as number;
      return { ...base, value, notation: 'hexadecimal', illegal: value !== domain.expected };
    }
    case 'integer': {
      const value = read as number;
      const meaning = integerMeaning(domain, value);
      return { ...base, value, meaning, notation: domain.format, illegal: brokenRuleOfInteger(domain, value) !== null };
    }
  }
}

/** In a field of fixed size what follows the first NUL is no part of the text to read, and is kept. */
function textualLeaf(base: TreeField, window: Window, field: Field<unknown>): TreeField {
  const whole = charactersOf(window.bytes.subarray(base.start, base.end));
  const text = field.extent.kind === 'fixed' ? beforeNul(whole) : whole;
  return { ...base, value: whole, meaning: utf8(text) };
}

function reservedLeaf(base: TreeField, window: Window, read: unknown): TreeField {
  const zero = window.bytes.subarray(base.start, base.end).every((octet) => octet === 0);
  const value = typeof read === 'number' ? read : hex(window.bytes.subarray(base.start, base.end));
  return { ...base, value, reserved: true, illegal: !zero };
}

function flagsLeaf(base: TreeField, domain: Extract<Domain, { kind: 'flags' }>, value: number): TreeField {
  const width = (base.end - base.start) * 8;
  const names = flagNames(domain.flags, value);
  const rest = unnamedFlags(domain.flags, value);
  const all = rest === 0 ? names : [...names, hexNumber(rest, 1)];
  const bits = Object.entries(domain.flags)
    .map(([name, bit]): TreeBits => {
      const set = (value & bit) !== 0 ? 1 : 0;
      const offset = width - 1 - Math.round(Math.log2(bit >>> 0));
      return { name, offset, width: 1, value: set, meaning: null, reserved: false, illegal: false };
    })
    .sort((a, b) => a.offset - b.offset);
  const meaning = all.length === 0 ? 'none' : all.join(', ');
  return { ...base, value, meaning, notation: 'hexadecimal', illegal: rest !== 0, bits };
}

function bitsLeaf(
  base: TreeField,
  domain: Extract<Domain, { kind: 'bits' }>,
  window: Window,
  read: Readonly<Record<string, number>>,
): TreeField {
  let offset = 0;
  const bits = domain.parts.map(({ name, width, expected }): TreeBits => {
    const value = read[name] ?? 0;
    const part = { name, offset, width, value, meaning: null, reserved: expected === 0 };
    offset += width;
    return { ...part, illegal: expected !== null && value !== expected };
  });
  const value = Number.parseInt(hex(window.bytes.subarray(base.start, base.end)), 16);
  return { ...base, value, illegal: bits.some(({ illegal }) => illegal), bits };
}

function integerMeaning(domain: Extract<Domain, { kind: 'integer' }>, value: number): string | null {
  const name = domain.names?.[value];
  if (name !== undefined) return name;
  return domain.format === 'ipv4-address' ? ipv4Text(value) : null;
}

function octetsMeaning(format: OctetsFormat, window: Window, start: number): string | null {
  switch (format) {
    case 'hexadecimal':
      return null;
    case 'mac-address':
      return (hex(window.bytes.subarray(start, start + 6)).match(/../g) ?? []).join(':');
    case 'ipv6-address':
      return ipv6TextAt(window.view, start);
  }
}

/** The name of a part: a word of bits has none of its own. */
function nameOf({ name }: Part): string {
  return name ?? 'bits';
}
