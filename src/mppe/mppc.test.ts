import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { flushedBefore, networkPackets, withHistory, withoutHistory } from '../../test/support/mppc.ts';
import { code, literals, octetsOfBits, packed, type Token } from '../../test/support/mppc-code.ts';
import { octetsOfCharacters } from '../octets/characters.ts';
import { historySize, MppcHistory, type Reading } from './mppc.ts';

const compressed = 0x2000;
const flushed = 0x8000;
const atFront = 0x4000;

const shown = (reading: Reading | null): string | null => reading && String.fromCharCode(...reading.octets);

/** Takes packets one after the other. */
class Receiver {
  private readonly history = new MppcHistory();
  private position = -1;

  read(data: Uint8Array<ArrayBuffer>, flags: number, { cut = 0, missing = 0 } = {}): Reading | null {
    this.position += 1 + missing;
    const word = flags | (this.position & 0xfff);
    const reading = this.history.read(data, word, cut, this.position);
    if (reading !== null) this.history.take(reading, word, this.position);
    return reading;
  }

  tokens(tokens: readonly Token[], flags = compressed, from: { cut?: number; missing?: number } = {}): Reading | null {
    return this.read(packed(tokens), flags, from);
  }
}

const read = (bits: string): Reading | null => new Receiver().read(octetsOfBits(bits), compressed);

describe('RFC 2118 §4', () => {
  /** Its examples, which [MS-RDPBCGR] §3.1.8.4.1 has too. */
  it('the codes', () => {
    expect(code(0x56)).toBe('01010110');
    expect(code(0xe7)).toBe('101100111');
    expect(code({ offset: 44, length: 15 })).toBe('1111101100110111');
    expect(code({ offset: 297, length: 120 })).toBe('111011101001111110111000');
    expect(code({ offset: 5920, length: 4097 })).toBe('1101010111100000111111111110000000000001');
    expect([...(read('01010110')?.octets ?? [])]).toEqual([0x56]);
    expect([...(read('101100111')?.octets ?? [])]).toEqual([0xe7]);
  });

  it('the bell', () => {
    const tokens = [
      ...literals('for whom the bell tolls,'),
      { offset: 16, length: 15 },
      0x20,
      { offset: 40, length: 4 },
      { offset: 19, length: 3 },
      ...literals('e.'),
    ];
    const reading = new Receiver().tokens(tokens);
    expect(shown(reading)).toBe('for whom the bell tolls, the bell tolls for thee.');
    expect(reading).toMatchObject({ missing: 0, lost: false });
  });

  it('a copy of octets that it makes itself', () => {
    expect(shown(new Receiver().tokens([...literals('ab'), { offset: 2, length: 7 }]))).toBe('ababababa');
  });

  it('the history begins as zeros', () => {
    expect(new Receiver().tokens([{ offset: 300, length: 9 }])?.octets).toEqual(new Uint8Array(9));
  });
});

describe('what FreeRDP compressed', () => {
  it.each([
    ['with one history', withHistory],
    ['with a history for each packet', withoutHistory],
  ])('%s', (_, packets) => {
    const receiver = new Receiver();
    for (const [index, { flags, data }] of packets.entries()) {
      const reading = receiver.read(Uint8Array.from(data), flags);
      expect(reading?.octets, `packet ${index}`).toEqual(networkPackets[index]);
      expect(reading).toMatchObject({ missing: 0, lost: false });
    }
  });

  it('behind a loss nothing is read wrongly, and all is behind the next flush', () => {
    for (let missing = 0; missing < flushedBefore; missing += 1) {
      const receiver = new Receiver();
      for (const [index, { flags, data }] of withHistory.entries()) {
        if (index === missing) continue;
        const reading = receiver.read(Uint8Array.from(data), flags, { missing: index === missing + 1 ? 1 : 0 });
        const plain = networkPackets[index] ?? new Uint8Array(0);
        expect(reading?.octets).toEqual(plain.slice(0, reading?.octets.length));
        expect((reading?.octets.length ?? 0) + (reading?.missing ?? 0)).toBe(plain.length);
        expect(reading?.lost, `${missing} missing, at ${index}`).toBe(index > missing && index < flushedBefore);
      }
    }
  });
});

describe('the history', () => {
  const receiverOf = (text: string): Receiver => {
    const receiver = new Receiver();
    receiver.tokens(literals(text));
    return receiver;
  };
  const last = { offset: 4, length: 4 };

  it('goes on from packet to packet', () => {
    expect(shown(receiverOf('bell').tokens([last]))).toBe('bell');
  });

  it('is emptied by bit A', () => {
    expect(shown(receiverOf('bell').tokens([last], flushed | compressed))).toBe('\0\0\0\0');
  });

  it('is emptied by bit A of a packet that is not compressed', () => {
    const receiver = receiverOf('bell');
    expect(shown(receiver.read(octetsOfCharacters('toll'), flushed))).toBe('toll');
    expect(shown(receiver.tokens([last]))).toBe('\0\0\0\0');
  });

  it('has nothing of packets that are not compressed', () => {
    const receiver = receiverOf('bell');
    receiver.read(octetsOfCharacters('toll'), 0);
    expect(shown(receiver.tokens([last]))).toBe('bell');
  });

  it('bit B: the packet goes to the front, over what was there', () => {
    const receiver = receiverOf('bell tolls');
    expect(shown(receiver.tokens(literals('for'), compressed | atFront))).toBe('for');
    expect(shown(receiver.tokens([{ offset: 3, length: 3 }]))).toBe('for');
    // What stood behind them still does, and the buffer goes round.
    expect(shown(receiver.tokens([{ offset: historySize - 1, length: 3 }]))).toBe('lls');
  });

  it('ends where the buffer does', () => {
    const receiver = new Receiver();
    expect(receiver.tokens([0x61, { offset: 1, length: historySize - 2 }])?.octets.length).toBe(historySize - 1);
    expect(receiver.tokens(literals('ab'))).toBeNull();
    const full = new Receiver();
    full.tokens([0x61, { offset: 1, length: historySize - 2 }]);
    expect(shown(full.tokens(literals('b')))).toBe('b');
    expect(full.tokens(literals('c'))).toBeNull();
  });

  it('bit B when the buffer is full', () => {
    const receiver = new Receiver();
    receiver.tokens([0x61, { offset: 1, length: historySize - 2 }]);
    expect(shown(receiver.tokens([...literals('b'), { offset: 2, length: 3 }], compressed | atFront))).toBe('b\0b\0');
  });
});

describe('lost history', () => {
  const begun = (): Receiver => {
    const receiver = new Receiver();
    receiver.tokens(literals('for whom'));
    return receiver;
  };

  it('what refers to it is not read, up to that', () => {
    const reading = begun().tokens([...literals('the '), { offset: 5, length: 4 }, ...literals('!')], compressed, {
      missing: 1,
    });
    expect(shown(reading)).toBe('the ');
    expect(reading).toMatchObject({ missing: 5, lost: true });
  });

  it('what refers to nothing lost is read', () => {
    const receiver = begun();
    expect(receiver.tokens(literals('the bell'), compressed, { missing: 1 })).toMatchObject({ lost: false });
    expect(shown(receiver.tokens([{ offset: 4, length: 4 }]))).toBe('bell');
    expect(receiver.tokens([{ offset: 13, length: 3 }])).toMatchObject({ lost: true });
  });

  it('what was copied out of it is lost too', () => {
    const receiver = begun();
    receiver.tokens([...literals('the '), { offset: 8, length: 3 }, ...literals('bell')], compressed, { missing: 1 });
    expect(receiver.tokens([{ offset: 7, length: 3 }])).toMatchObject({ lost: true });
    expect(shown(receiver.tokens([{ offset: 7, length: 4 }]))).toBe('bell');
  });

  it.each([
    ['a flush', flushed | compressed],
    ['a flush without compression', flushed],
  ])('%s ends it', (_, flags) => {
    const receiver = begun();
    receiver.read(packed(literals('bell')), flags, { missing: 1 });
    expect(receiver.tokens([{ offset: 100, length: 3 }])).toMatchObject({ lost: false, missing: 0 });
  });

  it('a packet that is not compressed does not end it', () => {
    const receiver = begun();
    receiver.read(packed(literals('bell')), 0, { missing: 1 });
    expect(receiver.tokens([{ offset: 1, length: 3 }])).toMatchObject({ lost: true });
  });

  it('bit B behind a loss: nothing before it is known any more', () => {
    const receiver = begun();
    receiver.tokens(literals('the bell'), compressed, { missing: 1 });
    receiver.tokens(literals('tolls'), compressed | atFront);
    expect(shown(receiver.tokens([{ offset: 5, length: 5 }]))).toBe('tolls');
    expect(receiver.tokens([{ offset: 11, length: 3 }])).toMatchObject({ lost: true });
  });

  it('of a packet that is cut the beginning is read, and what follows is not known', () => {
    const receiver = begun();
    const data = packed(literals('the bell'));
    expect(receiver.read(data.slice(0, 5), compressed, { cut: 3 })).toMatchObject({ missing: null, lost: false });
    expect(receiver.tokens([{ offset: 1, length: 3 }])).toMatchObject({ lost: true });
  });

  it('of a damaged packet nothing is known', () => {
    const receiver = begun();
    expect(receiver.read(octetsOfBits('1111000000'), compressed)).toBeNull();
    expect(receiver.tokens([{ offset: 1, length: 3 }])).toMatchObject({ lost: true });
  });

  it('what comes too late leaves nothing', () => {
    const history = new MppcHistory();
    const take = (tokens: readonly Token[], position: number): Reading | null => {
      const reading = history.read(packed(tokens), compressed, 0, position);
      if (reading !== null) history.take(reading, compressed, position);
      return reading;
    };
    take(literals('for'), 0);
    take(literals('bell'), 5);
    expect(take(literals('tolls'), 3)).toMatchObject({ lost: false });
    expect(take([{ offset: 4, length: 4 }], 6)).toMatchObject({ lost: false });
  });
});

describe('what no compressor makes', () => {
  it.each([
    ['a copy from where it is', '1111000000' + '0'],
    ['an offset as long as the history', code({ offset: historySize, length: 3 })],
    ['a length of more digits than there are', '1111000001' + '1111111111110' + '0000000000000'],
    ['a literal that is not all there', '10000000'],
    ['a copy that is not all there', '1111000001' + '111110'],
    ['more than the history holds', code({ offset: 1, length: 8191 }) + code({ offset: 1, length: 3 })],
  ])('%s', (_, bits) => expect(read(bits)).toBeNull());

  it('fewer than eight bits at the end say nothing', () => {
    expect([...(read(`101100111${'1'.repeat(7)}`)?.octets ?? [])]).toEqual([0xe7]);
    expect(read(`01010110${'1'.repeat(8)}`)).toBeNull();
  });
});

describe('any octets', () => {
  const data = fc.uint8Array({ maxLength: 300 }).map((octets) => Uint8Array.from(octets));
  const flags = fc.constantFrom(0, compressed, compressed | atFront, compressed | flushed, 0xe000, flushed);
  const packet = fc.record({ data, flags, cut: fc.nat(2), missing: fc.constantFrom(0, 0, 0, 1) });

  it('are read to no more than the history holds, or not', () => {
    fc.assert(
      fc.property(fc.array(packet, { maxLength: 30 }), (packets) => {
        const receiver = new Receiver();
        for (const one of packets) {
          const reading = receiver.read(one.data, one.flags, one);
          if (reading === null) continue;
          const whole = reading.octets.length + (reading.missing ?? 0);
          expect(whole).toBeLessThanOrEqual(Math.max(historySize, one.data.length + one.cut));
          expect(reading.missing === null).toBe(one.cut > 0 && (one.flags & compressed) !== 0);
        }
      }),
    );
  });

  /** Tokens that stay in the buffer, as RFC 2118 has them: one buffer, and a pointer. */
  const token = fc.oneof(
    { arbitrary: fc.nat(0xff), weight: 2 },
    fc.record({
      offset: fc.oneof(
        fc.integer({ min: 1, max: 63 }),
        fc.integer({ min: 64, max: 319 }),
        fc.integer({ min: 320, max: 8191 }),
      ),
      length: fc
        .nat(12)
        .chain((digits) => fc.integer({ min: Math.max(3, 2 ** digits), max: Math.max(3, 2 ** (digits + 1) - 1) })),
    }),
  );
  const sent = fc.record({
    tokens: fc.array(token, { minLength: 1, maxLength: 60 }),
    flush: fc.nat(9),
    plain: fc.nat(9),
  });

  it('that a compressor made are what it compressed', () => {
    fc.assert(
      fc.property(fc.array(sent, { maxLength: 12 }), (packets) => {
        const receiver = new Receiver();
        const buffer = new Uint8Array(historySize);
        let next = 0;
        for (const { tokens, flush, plain } of packets) {
          if (plain === 0) {
            receiver.read(Uint8Array.of(1, 2, 3), 0);
            continue;
          }
          const copies = tokens.map((one): { length: number; offset: number; octet?: number } =>
            typeof one === 'number' ? { length: 1, offset: 0, octet: one } : one,
          );
          const room = historySize - copies.reduce((sum, { length }) => sum + length, 0);
          if (room < 0) continue;
          if (flush === 0) {
            buffer.fill(0);
            next = 0;
          }
          const front = next > room;
          if (front) next = 0;
          const begin = next;
          for (const { length, offset, octet } of copies) {
            for (const end = next + length; next < end; next += 1) {
              buffer[next] = octet ?? buffer[(next - offset) & (historySize - 1)] ?? 0;
            }
          }
          const bits = compressed | (flush === 0 ? flushed : 0) | (front ? atFront : 0);
          const reading = receiver.tokens(tokens, bits);
          expect(reading).toMatchObject({ missing: 0, lost: false });
          expect(Buffer.compare(reading?.octets ?? new Uint8Array(0), buffer.subarray(begin, next))).toBe(0);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('cut anywhere: the beginning of what they say', () => {
    fc.assert(
      fc.property(fc.array(token, { minLength: 1, maxLength: 20 }), fc.nat(), (tokens, at) => {
        const all = packed(tokens);
        const whole = new Receiver().read(all, compressed);
        fc.pre(whole !== null);
        const size = at % (all.length + 1);
        const part = new Receiver().read(all.slice(0, size), compressed, { cut: all.length - size });
        expect(part?.octets).toEqual(whole?.octets.slice(0, part?.octets.length));
      }),
    );
  });
});
