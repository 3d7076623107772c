import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Packer } from './pack.ts';

class Node {
  readonly name: string;
  next: Node | null = null;
  owner: object | null = null;
  private readonly own = new Map<string, unknown>();

  constructor(name: string) {
    this.name = name;
  }

  keep(key: string, value: unknown): this {
    this.own.set(key, value);
    return this;
  }
}

const leaf = fc.oneof(
  fc.constantFrom(
    undefined,
    null,
    true,
    false,
    0,
    -0,
    Number.NaN,
    1,
    63,
    64,
    -1,
    127,
    128,
    2 ** 53 - 1,
    2 ** 53,
    -(2 ** 53),
  ),
  fc.constantFrom(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.MIN_VALUE, 0.1, 1e-6, 1.5e-7, 0.1 + 0.2),
  fc.double(),
  fc.maxSafeInteger(),
  fc.integer({ min: 1_700_000_000, max: 1_700_000_200 }),
  fc.integer({ min: -20, max: 1_000_000 }).map((thousands) => thousands * 1000),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(
    '',
    '\0',
    '\ud800',
    '__proto__',
    '2023-11-14T22:13:20.000010Z',
    '2023-11-14T22:13:20.000050Z',
    'x'.repeat(700),
  ),
  fc.uint8Array({ maxLength: 40 }),
);

/** Graphs without cycles: any nesting, any keys. */
const graph: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  any: fc.oneof(
    { depthSize: 'medium', withCrossShrink: true },
    leaf,
    tie('array'),
    tie('object'),
    tie('map'),
    tie('node'),
  ),
  array: fc.array(tie('any'), { maxLength: 40 }),
  object: fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('__proto__', 'toString', '1', 'frame')), tie('any'), {
    noNullPrototype: true,
    maxKeys: 12,
  }),
  map: fc.array(fc.tuple(leaf, tie('any')), { maxLength: 5 }).map((entries) => new Map(entries)),
  node: fc.tuple(fc.string(), tie('any')).map(([name, held]) => new Node(name).keep(name, held)),
})).any;

describe('Packer', () => {
  test('what was packed comes back equal, with its prototypes', () => {
    const packer = new Packer([Node]);
    fc.assert(
      fc.property(graph, (value) => {
        expect(packer.unpack(packer.pack(value))).toStrictEqual(value);
      }),
    );
  });

  test('many values by one packer come back in any order', () => {
    fc.assert(
      fc.property(fc.array(graph, { maxLength: 8 }), (values) => {
        const packer = new Packer([Node]);
        const packed = [...values, ...values].map((value) => packer.pack(value));
        expect(packed.toReversed().map((one) => packer.unpack(one))).toStrictEqual([...values, ...values].toReversed());
      }),
      { numRuns: 50 },
    );
  });

  test('every character is an octet', () => {
    const packer = new Packer([Node]);
    fc.assert(
      fc.property(graph, (value) => {
        expect([...packer.pack(value)].every((character) => character.charCodeAt(0) <= 0xff)).toBe(true);
      }),
    );
  });

  test('an instance that is referred to twice comes back as one, and a circle as a circle; other objects are values', () => {
    const packer = new Packer([Node]);
    const shared = { frame: 7 };
    const node = new Node('first');
    node.next = new Node('second');
    node.next.next = node;
    node.keep('a', shared).keep('b', node.next);
    const back = packer.unpack(packer.pack([node, node.next, shared, shared])) as [Node, Node, object, object];
    expect(back).toStrictEqual([node, node.next, shared, shared]);
    expect(back[0].next).toBe(back[1]);
    expect(back[1].next).toBe(back[0]);
    back[1].keep('c', 0);
    expect(back[0]).not.toStrictEqual(node);
    expect(back[2]).not.toBe(back[3]);
  });

  test('octets come back in a buffer of their own', () => {
    const packer = new Packer();
    const value = { octets: Uint8Array.of(1, 2, 3, 4), part: new Uint8Array(1000).subarray(10, 12) };
    const packed = packer.pack(value);
    expect(packed.length).toBeLessThan(100);
    const back = packer.unpack(packed) as typeof value;
    expect(back).toStrictEqual(value);
    expect(back.part.buffer.byteLength).toBe(2);
  });

  test('what is outside is referred to', () => {
    class Outside {
      readonly large = 'x'.repeat(1000);
      readonly act = () => 0;
    }
    const packer = new Packer([Node]);
    const outside = new Outside();
    const node = new Node('inside');
    node.owner = outside;
    const packed = packer.pack(node, [outside]);
    expect(packed.length).toBeLessThan(200);
    expect((packer.unpack(packed, [outside]) as Node).owner).toBe(outside);
    const other = new Outside();
    expect((packer.unpack(packed, [other]) as Node).owner).toBe(other);
  });

  test('texts and keys that come again are kept once', () => {
    const packer = new Packer();
    const value = (frame: number): object => [{ frame }, 'a sentence that stands in every report '.repeat(5)];
    const [first = '', , third = ''] = [1, 2, 3].map((frame) => packer.pack(value(frame)));
    expect(first.length).toBeGreaterThan(190);
    expect(third.length).toBeLessThan(8);
    expect(packer.unpack(third)).toStrictEqual(value(3));
    expect(packer.unpack(first)).toStrictEqual(value(1));
  });

  test('of an object stands there what differs from the first one with its keys', () => {
    const packer = new Packer([Node]);
    const value = (frame: number, lost: number): Node =>
      Object.assign(new Node('flow'), {
        owner: { frame, lost, protocol: 'gre', first: -0, last: Number.NaN, list: [1] },
      });
    const [first = '', other = '', third = ''] = [value(900, 0), value(901, 0), value(901, -0)].map((one) =>
      packer.pack(one),
    );
    expect(other.length).toBeLessThan(30);
    expect(packer.unpack(first)).toStrictEqual(value(900, 0));
    expect(packer.unpack(other)).toStrictEqual(value(901, 0));
    expect(packer.unpack(third)).toStrictEqual(value(901, -0));
  });

  test('full tables lose nothing', () => {
    const packer = new Packer();
    const value = (number: number): object => ({ [`key ${number}`]: `text ${number}`, again: `text ${number}` });
    const packed = Array.from({ length: 9000 }, (_, number) => [
      packer.pack(value(number)),
      packer.pack(value(number)),
    ]);
    for (const [number, [one = '', other = '']] of packed.entries()) {
      expect(packer.unpack(one)).toStrictEqual(value(number));
      expect(packer.unpack(other)).toStrictEqual(value(number));
    }
  });

  test('a long value is one string', () => {
    const packer = new Packer();
    const value = Array.from({ length: 100_000 }, (_, index) => index * 1000);
    expect(packer.unpack(packer.pack(value))).toStrictEqual(value);
  });

  test.each([[() => 0], [Symbol('s')], [1n], [new Date(0)], [new Node('not registered')], [new Uint16Array(1)]])(
    'what it cannot pack it refuses, and goes on: %s',
    (value) => {
      const packer = new Packer();
      const shared = {};
      expect(() => packer.pack([shared, value])).toThrow(TypeError);
      expect(packer.unpack(packer.pack([shared]))).toStrictEqual([{}]);
    },
  );
});
