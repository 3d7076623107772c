import { deflateRawSync, constants as zlib } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DeflateSender } from '../../test/support/deflate-sender.ts';
import { DeflateHistory, type Inflated, longestInflated } from './deflate.ts';

const text = (words: string): Uint8Array<ArrayBuffer> => Uint8Array.from(words, (letter) => letter.charCodeAt(0));
const shown = (one: Inflated | null): string | null => one && String.fromCharCode(...one.octets);
const any = (): boolean => true;
const line = (index: number): Uint8Array => text(`line ${index}: the bell tolls for thee, and for nobody else`);

function read(
  history: DeflateHistory,
  { number, data }: { number: number; data: Uint8Array },
  cut = 0,
): Inflated | null {
  return history.read(number, data, cut, any);
}

describe('Deflate', () => {
  it('what was compressed, and what was not, is what the next may refer to', () => {
    const packets = fc.array(
      fc.record({
        octets: fc.oneof(
          fc.uint8Array({ maxLength: 300 }),
          fc
            .array(fc.constantFrom('the bell ', 'tolls ', 'for thee ', '!'), { maxLength: 40 })
            .map((words) => text(words.join(''))),
        ),
        compressed: fc.boolean(),
        protocol: fc.constantFrom(0x21, 0x57, 0x281),
      }),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(packets, (sent) => {
        const sender = new DeflateSender();
        const history = new DeflateHistory();
        for (const { octets, compressed, protocol } of sent) {
          if (compressed) {
            const field = protocol < 0x100 ? [protocol] : [protocol >> 8, protocol & 0xff];
            const found = read(history, sender.send(octets, protocol));
            expect(found).toMatchObject({ missing: 0, lost: false });
            expect([...(found?.octets ?? [])]).toEqual([...field, ...octets]);
          } else {
            sender.pass(octets, protocol);
            history.pass(protocol, octets, 0);
          }
        }
      }),
    );
  });

  it('more that was not compressed than the window holds', () => {
    const sender = new DeflateSender();
    const history = new DeflateHistory();
    const pass = (octets: Uint8Array): void => {
      sender.pass(octets);
      history.pass(0x21, octets, 0);
    };
    for (let index = 0; index < 100; index += 1)
      pass(Uint8Array.from({ length: 700 }, (_, at) => (at * at * 31 + index) & 0xff));
    pass(line(1));
    expect(shown(read(history, sender.send(line(1))))).toBe(`!${String.fromCharCode(...line(1))}`);
  });

  it('numbers begin again after 65,535', () => {
    const sender = new DeflateSender();
    const history = new DeflateHistory();
    for (let index = 0; index < 0x1_0000; index += 1) {
      sender.pass(text('x'));
      history.pass(0x21, text('x'), 0);
    }
    expect(read(history, sender.send(line(1)))).toMatchObject({ lost: false });
    expect(read(history, sender.send(line(2)))).toMatchObject({ lost: false });
  });
});

describe('lost history', () => {
  const begun = (): { sender: DeflateSender; history: DeflateHistory } => {
    const sender = new DeflateSender();
    const history = new DeflateHistory();
    read(history, sender.send(line(0)));
    return { sender, history };
  };

  it('behind a missing packet what refers to it is not read, and what refers to nothing lost is', () => {
    const { sender, history } = begun();
    sender.send(line(1));
    expect(read(history, sender.send(line(2)))).toMatchObject({ lost: true });
    const noise = Uint8Array.from({ length: 200 }, (_, at) => (at * at * 7 + at) & 0xff);
    expect(read(history, sender.send(noise))).toMatchObject({ lost: false, missing: 0 });
    const again = read(history, sender.send(noise));
    expect(again).toMatchObject({ lost: false, missing: 0 });
    expect([...(again?.octets ?? [])]).toEqual([0x21, ...noise]);
  });

  it('a missing packet that was not compressed is missing too', () => {
    const { sender, history } = begun();
    sender.pass(line(1));
    expect(read(history, sender.send(line(1)))).toMatchObject({ lost: true });
  });

  it.each([
    ['with a compressed one', 0],
    ['with one that was not compressed', 1],
    ['with two that were not compressed', 2],
  ])('a sender that was asked for a reset begins anew: %s', (_, passed) => {
    const { sender, history } = begun();
    sender.send(line(1));
    read(history, sender.send(line(2)));
    sender.pass(line(3));
    history.pass(0x21, line(3), 0);
    sender.reset();
    for (let index = 0; index < passed; index += 1) {
      sender.pass(line(index));
      history.pass(0x21, line(index), 0);
    }
    expect(shown(read(history, sender.send(line(9))))).toBe(`!${String.fromCharCode(...line(9))}`);
  });

  it('a packet that is missing behind the reset is missing', () => {
    const { sender, history } = begun();
    sender.pass(line(1));
    history.pass(0x21, line(1), 0);
    sender.reset();
    sender.pass(line(2));
    history.gap(1);
    expect(read(history, sender.send(line(2)))).toMatchObject({ lost: true });
  });

  it("with CCP's Reset-Ack it is certain, whatever number comes next", () => {
    const { sender, history } = begun();
    sender.reset();
    history.reset();
    sender.pass(line(1));
    history.pass(0x21, line(1), 0);
    expect(read(history, sender.send(line(0)))).toMatchObject({ lost: false });
  });

  it('a number that fits is not trusted where a reset may be missing too', () => {
    const { sender, history } = begun();
    sender.reset();
    sender.send(line(1));
    history.gap(2);
    expect(read(history, sender.send(line(1)))).toMatchObject({ lost: true });
  });

  it('a gap in which nothing that counts is missing', () => {
    const { sender, history } = begun();
    sender.pass(line(1));
    history.pass(0x21, line(1), 0);
    history.gap(1);
    expect(read(history, sender.send(line(1)))).toMatchObject({ lost: false });
  });

  it('what would begin anew and is no packet then is behind a loss', () => {
    const sender = new DeflateSender();
    const history = new DeflateHistory();
    for (let index = 0; index < 3; index += 1) history.pass(0x21, line(index), 0);
    sender.pass(line(7));
    const { number, data } = sender.send(line(7));
    const found = history.read(number, data, 0, ({ lost }) => lost);
    expect(found).toMatchObject({ lost: true });
  });

  it('of a packet that is cut the beginning is read, and what follows is not known', () => {
    const { sender, history } = begun();
    const noise = Uint8Array.from({ length: 200 }, (_, at) => (at * at * 7 + at) & 0xff);
    const { number, data } = sender.send(noise);
    const found = read(history, { number, data: data.slice(0, 120) }, data.length - 120);
    expect(found).toMatchObject({ lost: false, missing: null });
    expect([0x21, ...noise].slice(0, found?.octets.length)).toEqual([...(found?.octets ?? [])]);
    expect(found?.octets.length).toBeGreaterThan(80);
    expect(read(history, sender.send(noise))).toMatchObject({ lost: true });
  });

  it('of one that was not compressed and is cut too', () => {
    const { sender, history } = begun();
    sender.pass(line(3));
    history.pass(0x21, line(3).slice(0, 10), 40);
    expect(read(history, sender.send(line(3)))).toMatchObject({ lost: true });
  });
});

describe('what no compressor makes', () => {
  it.each([
    ['a block of no kind', Uint8Array.of(0x07)],
    ['a reference to before the beginning', Uint8Array.of(0x4b, 0x04, 0x42, 0x00, 0xff)],
    [
      'more than a packet',
      deflateRawSync(new Uint8Array(longestInflated + 1), { finishFlush: zlib.Z_SYNC_FLUSH }).subarray(0, -4),
    ],
    ['an end', deflateRawSync(text('the end'))],
  ])('%s is damage, and those behind it are behind a loss', (_, data) => {
    const history = new DeflateHistory();
    expect(history.read(0, data, 0, any)).toBeNull();
    const sender = new DeflateSender();
    sender.pass(line(1));
    expect(read(history, sender.send(line(1)))).toMatchObject({ lost: true });
  });

  it('any octets are read to no more than a packet, or not', () => {
    const packet = fc.record({
      number: fc.nat(5),
      data: fc.uint8Array({ maxLength: 300 }),
      cut: fc.nat(1),
      pass: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(packet, { maxLength: 20 }), (packets) => {
        const history = new DeflateHistory();
        for (const { number, data, cut, pass } of packets) {
          if (pass) {
            history.pass(0x21, data, cut);
            continue;
          }
          const found = history.read(number, data, cut, any);
          if (found === null) continue;
          expect(found.octets.length + (found.missing ?? 0)).toBeLessThanOrEqual(longestInflated);
        }
      }),
    );
  });
});
