import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { any, legal } from '../../test/support/arbitrary.ts';
import { octets, windowOf } from '../../test/support/octets.ts';
import {
  bits,
  constant,
  excess,
  fixedOctets,
  flagNames,
  flags,
  optional,
  prefixedOctets,
  prefixedText,
  reserved,
  reservedOctets,
  restOctets,
  text,
  u8,
  u16,
  u32,
} from './field.ts';
import { decode, encode, layout, type ValueOf, violations } from './layout.ts';

/** A format with every kind of field. */
const sample = layout('Sample', 'no RFC')
  .fields({ magic: constant(2, 0xcafe, 'bad-magic'), kind: constant(1, 7), small: u8({ minimum: 2, maximum: 5 }) })
  .bits(bits(2, { present: 1, zero: [3, 0], count: 12 }))
  .when((before) => before.present === 1, 'extra', u32())
  .fields({
    capabilities: flags(4, { asynchronous: 1, synchronous: 2 }),
    code: u16({ legal: [1, 2], names: { 1: 'one' } }),
    reserved0: reserved(1),
    reserved1: reservedOctets(3),
    name: text(8),
    key: fixedOctets(2),
    value: prefixedOctets(),
    user: prefixedText(),
    excess: excess(),
  });

const withExtra = octets('cafe 07 03 8005 00000009 80000003 0002 00 000000', '6162000000000000 0102 03 aabbcc 02 c3a9');
const value: ValueOf<typeof sample> = {
  magic: 0xcafe,
  kind: 7,
  small: 3,
  present: 1,
  zero: 0,
  count: 5,
  extra: 9,
  capabilities: 0x8000_0003,
  code: 2,
  reserved0: 0,
  reserved1: octets('000000'),
  name: 'ab',
  key: octets('0102'),
  value: octets('aabbcc'),
  user: '\u00c3\u00a9',
  excess: octets(''),
};

/** Where each field of `withExtra` begins. */
const offsets: Record<string, number> = {
  magic: 0,
  kind: 2,
  small: 3,
  present: 4,
  extra: 6,
  capabilities: 10,
  code: 14,
  reserved0: 16,
  reserved1: 17,
  name: 20,
  key: 28,
  value: 30,
  user: 34,
};

describe('decode', () => {
  it('reads every kind of field', () => {
    const { window, start, end } = windowOf(withExtra);
    expect(decode(sample, window, start, end)).toEqual({ ok: true, value, size: withExtra.length });
  });

  it('leaves out a field that is not present', () => {
    const bytes = octets('cafe 07 03 0005 00000000 0001 00 000000 0000000000000000 0000 00 00');
    const { window, start, end } = windowOf(bytes);
    const decoded = decode(sample, window, start, end);
    expect(decoded.ok && 'extra' in decoded.value).toBe(false);
    expect(decoded).toMatchObject({ ok: true, size: bytes.length, value: { present: 0, count: 5, code: 1 } });
  });

  it('finds every shorter prefix cut at the right field and keeps the fields before', () => {
    for (let size = 0; size < withExtra.length; size += 1) {
      const { window, start, end } = windowOf(withExtra.subarray(0, size));
      const decoded = decode(sample, window, start, end, 'PPTP length');
      const cut = Object.entries(offsets).findLast(([, offset]) => offset <= size);
      expect(decoded, `${size} octets`).toMatchObject({
        ok: false,
        layer: 'Sample',
        field: cut?.[0],
        offset: cut?.[1],
        reason: 'truncated',
        available: size - (cut?.[1] ?? 0),
        boundedBy: 'PPTP length',
      });
      if (size > 3) expect(decoded).toMatchObject({ decoded: { magic: 0xcafe, kind: 7 } });
    }
  });

  it('stops at a wrong constant with the constant’s own reason', () => {
    const wrongMagic = windowOf(octets('caff 07 03'));
    expect(decode(sample, wrongMagic.window, wrongMagic.start, wrongMagic.end)).toMatchObject({
      ok: false,
      field: 'magic',
      reason: 'bad-magic',
      offset: 0,
    });
    const wrongKind = windowOf(octets('cafe 08 03'));
    expect(decode(sample, wrongKind.window, wrongKind.start, wrongKind.end)).toMatchObject({
      ok: false,
      field: 'kind',
      reason: 'unexpected-value',
      offset: 2,
      decoded: { magic: 0xcafe },
    });
  });

  it('gives octets that outlive the window', () => {
    const { window, start, end } = windowOf(withExtra);
    const decoded = decode(sample, window, start, end);
    window.bytes.fill(0);
    expect(decoded.ok && decoded.value.value).toEqual(octets('aabbcc'));
  });

  it('keeps what follows a NUL inside a text', () => {
    const format = layout('Text', 'no RFC').fields({ name: text(6) });
    const { window, start, end } = windowOf(octets('61 00 62 00 00 00'));
    expect(decode(format, window, start, end)).toMatchObject({ value: { name: 'a\0b' } });
  });

  it('reads an optional integer as null where nothing is left, and as cut where too little is', () => {
    const format = layout('Optional', 'no RFC').fields({ protocol: u16(), period: optional(4) });
    const without = windowOf(octets('c025'));
    expect(decode(format, without.window, without.start, without.end)).toMatchObject({
      value: { period: null },
      size: 2,
    });
    const cut = windowOf(octets('c025 0001'));
    expect(decode(format, cut.window, cut.start, cut.end)).toMatchObject({ ok: false, field: 'period', needed: 4 });
  });
});

describe('encode', () => {
  it('writes every kind of field', () => {
    expect(encode(sample, value)).toEqual(withExtra);
  });

  it('writes blanks for what is not given', () => {
    const format = layout('Blank', 'no RFC').fields({
      magic: constant(2, 0xcafe),
      code: u8({ legal: [4] }),
      name: text(2),
    });
    expect(encode(format, {})).toEqual(octets('cafe 04 0000'));
  });

  it('refuses what a field cannot hold', () => {
    const format = layout('Text', 'no RFC').fields({ name: text(2) });
    expect(() => encode(format, { name: 'abc' })).toThrow(RangeError);
    expect(() => encode(format, { name: '\u20ac' })).toThrow(RangeError);
    const counted = layout('Counted', 'no RFC').fields({ value: prefixedOctets() });
    expect(() => encode(counted, { value: new Uint8Array(256) })).toThrow(RangeError);
  });
});

describe('violations', () => {
  it('finds nothing in legal values', () => {
    fc.assert(
      fc.property(legal(sample), (one) => {
        expect(violations(sample, one)).toEqual([]);
      }),
    );
  });

  it('finds each illegal value by its rule', () => {
    const wrong = {
      ...value,
      small: 6,
      zero: 1,
      capabilities: 4,
      code: 3,
      reserved0: 9,
      reserved1: octets('000700'),
      excess: octets('00'),
    };
    expect(violations(sample, wrong)).toEqual([
      { field: 'small', rule: 'range', value: 6 },
      { field: 'zero', rule: 'reserved', value: 1 },
      { field: 'capabilities', rule: 'unknown-flags', value: 4 },
      { field: 'code', rule: 'illegal', value: 3 },
      { field: 'reserved0', rule: 'reserved', value: 9 },
      { field: 'reserved1', rule: 'reserved', value: 7 },
      { field: 'excess', rule: 'excess', value: 1 },
    ]);
  });
});

describe('bits', () => {
  it('must fill their word', () => {
    expect(() => bits(2, { one: 1, two: 14 })).toThrow(RangeError);
  });

  it('holds a part of 32 bits', () => {
    const format = layout('Wide', 'no RFC').bits(bits(4, { all: 32 }));
    fc.assert(
      fc.property(fc.nat({ max: 0xffff_ffff }), (all) => {
        const window = windowOf(encode(format, { all }));
        expect(decode(format, window.window, window.start, window.end)).toMatchObject({ value: { all } });
      }),
    );
  });
});

it('names flags and keeps quiet about unknown bits', () => {
  expect(flagNames({ analog: 1, digital: 2 }, 0xff02)).toEqual(['digital']);
});

it('encodes and decodes any value without loss', () => {
  fc.assert(
    fc.property(any(sample), (one) => {
      const bytes = encode(sample, one);
      const { window, start, end } = windowOf(bytes);
      expect(decode(sample, window, start, end)).toEqual({ ok: true, value: one, size: bytes.length });
    }),
  );
});

it('takes all that is left as rest', () => {
  const format = layout('Rest', 'no RFC').fields({ first: u8(), rest: restOctets() });
  const { window, start, end } = windowOf(octets('01 02 03'));
  expect(decode(format, window, start, end)).toMatchObject({ value: { first: 1, rest: octets('0203') }, size: 3 });
});
