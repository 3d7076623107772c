import { describe, expect, it } from 'vitest';
import { octets, windowOf } from '../../test/support/octets.ts';
import {
  bits,
  constant,
  excess,
  flags,
  optional,
  prefixedText,
  reserved,
  restOctets,
  text,
  u8,
  u16,
  u32,
} from './field.ts';
import { layout } from './layout.ts';
import { option } from './options.ts';
import { leavesOf, treeOf, treeOfOptions, wholeTreeOf } from './tree.ts';

/** A format with every kind of field. */
const sample = layout('Sample', 'no RFC')
  .bits(bits(1, { version: [4, 4], length: 4 }))
  .fields({
    magic: constant(2, 0xcafe, 'bad-magic'),
    kind: u8({ names: { 7: 'seven' }, legal: [7, 8] }),
    capabilities: flags(1, { one: 1, four: 4 }),
    reserved0: reserved(2),
    address: u32({ format: 'ipv4-address' }),
    name: text(4),
    user: prefixedText(),
    last: optional(1),
    excess: excess(),
  });

const sound = octets('45 cafe 07 05 0000 0a000001 61620000 03 626f62 09');

function tree(bytes: Uint8Array) {
  const { window, start, end } = windowOf(bytes, 0, 3);
  return treeOf(sample, window, start, end);
}

describe('a tree', () => {
  it('has a leaf for every field, with value and meaning', () => {
    const { fields, end, fault } = tree(sound);
    expect(fault).toBeNull();
    expect(end).toBe(sound.length);
    expect(fields.map(({ name, start, end: stop, value, meaning }) => [name, start, stop, value, meaning])).toEqual([
      ['bits', 0, 1, 0x45, null],
      ['magic', 1, 3, 0xcafe, null],
      ['kind', 3, 4, 7, 'seven'],
      ['capabilities', 4, 5, 5, 'one, four'],
      ['reserved0', 5, 7, 0, null],
      ['address', 7, 11, 0x0a00_0001, '10.0.0.1'],
      ['name', 11, 15, 'ab\0\0', 'ab'],
      ['userLength', 15, 16, 3, null],
      ['user', 16, 19, 'bob', 'bob'],
      ['last', 19, 20, 9, null],
    ]);
    expect(fields[0]?.bits).toMatchObject([
      { name: 'version', offset: 0, width: 4, value: 4, illegal: false },
      { name: 'length', offset: 4, width: 4, value: 5 },
    ]);
    expect(fields[3]?.bits.map(({ name, offset, value }) => [name, offset, value])).toEqual([
      ['four', 5, 1],
      ['one', 7, 1],
    ]);
  });

  it.each([
    ['a reserved word', '45 cafe 07 05 0100 0a000001 61620000 00', 'reserved0'],
    ['a number outside the table', '45 cafe 09 05 0000 0a000001 61620000 00', 'kind'],
    ['a bit without a name', '45 cafe 07 85 0000 0a000001 61620000 00', 'capabilities'],
    ['bits that have one value', '65 cafe 07 05 0000 0a000001 61620000 00', 'bits'],
    ['octets after the end', '45 cafe 07 05 0000 0a000001 61620000 00 01 ff', 'excess'],
  ])('says what is not allowed: %s', (_what, hex, name) => {
    expect(
      tree(octets(hex))
        .fields.filter(({ illegal }) => illegal)
        .map((field) => field.name),
    ).toEqual([name]);
  });

  it('of every shorter piece covers what is there and names the field at fault', () => {
    for (let size = 0; size < sound.length - 1; size += 1) {
      const { fields, end, fault } = tree(sound.subarray(0, size));
      expect(fault?.reason, `${size} octets`).toBe('truncated');
      expect(end).toBe(size);
      const leaves = [...leavesOf(fields)];
      expect(leaves.reduce((sum, leaf) => sum + leaf.end - leaf.start, 0)).toBe(size);
      expect(leaves.slice(0, -1).every(({ kind }) => kind === 'field')).toBe(true);
    }
  });

  it('ends at a constant that is another one, and keeps the rest', () => {
    const { fields, fault } = tree(octets('45 beef 07 05'));
    expect(fault).toMatchObject({ field: 'magic', reason: 'bad-magic' });
    expect(fields.map(({ name, kind, illegal }) => [name, kind, illegal])).toEqual([
      ['bits', 'field', false],
      ['magic', 'field', true],
      ['undecoded', 'undecoded', false],
    ]);
  });

  it('of all octets ends with what no field takes', () => {
    const { window, start, end } = windowOf(octets('0102 0304'), 0);
    const short = layout('Short', 'no RFC').fields({ first: u16() });
    expect(wholeTreeOf(short, window, start, end).fields.at(-1)).toMatchObject({ kind: 'undecoded', start: 2, end: 4 });
  });
});

describe('options', () => {
  const table = [
    option(1, 'size', layout('Size', 'no RFC').fields({ size: u16() })),
    option(2, 'rest', layout('Rest', 'no RFC').fields({ octets: restOctets() })),
  ];
  const read = (hex: string) => {
    const { window, start, end } = windowOf(octets(hex), 0);
    return treeOfOptions(table, window, start, end, 'PPP length');
  };

  it('are groups of type, length and value; unknown ones keep their octets', () => {
    const { fields, fault } = read('0104 05dc 0903 aa 0202');
    expect(fault).toBeNull();
    expect(
      fields.map(({ name, start, end, children }) => [name, start, end, children.map((child) => child.name)]),
    ).toEqual([
      ['size', 0, 4, ['type', 'length', 'size']],
      ['unknownOption', 4, 7, ['type', 'length', 'value']],
      ['rest', 7, 9, ['type', 'length']],
    ]);
  });

  it('of a wrong size keep all octets', () => {
    expect([...leavesOf(read('0105 05dc 01').fields)].map(({ name }) => name)).toEqual([
      'type',
      'length',
      'size',
      'undecoded',
    ]);
  });

  it.each(['0101', '0100', '01', '0109 05'])('stop at a length that lies: %s', (hex) => {
    const { fields, fault, end } = read(hex);
    expect(fault).not.toBeNull();
    expect(end).toBe(octets(hex).length);
    expect(fields.map(({ kind }) => kind)).toEqual(['undecoded']);
  });
});
