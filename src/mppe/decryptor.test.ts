import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { literals, packed } from '../../test/support/mppc-code.ts';
import { MppeSender } from '../../test/support/mppe-sender.ts';
import { initialSessionKey, type KeyBits, nextSessionKey } from '../crypto/mppe-keys.ts';
import { Rc4 } from '../crypto/rc4.ts';
import type { MppePacket } from './coherency.ts';
import { MppeDecryptor } from './decryptor.ts';
import type { Likelihood } from './likelihood.ts';
import { MppcHistory } from './mppc.ts';

const master = Uint8Array.from({ length: 16 }, (_, index) => index * 7 + 1);

/** A sender of texts, whose packets have GRE's numbers; `linux`: a flush changes its key. */
class Sender {
  readonly master: Uint8Array;
  private readonly mppe: MppeSender;
  private sequence = 99;
  private others = 0;

  constructor(bits: KeyBits, stateless: boolean, linux = false) {
    this.master = master.subarray(0, bits === 128 ? 16 : 8);
    this.mppe = new MppeSender(this.master, bits, stateless, linux);
  }

  /** `asked`: a Reset-Request came. */
  send(text: string, asked = false): MppePacket {
    return this.octets(plain(text), asked ? 0x8000 : 0);
  }

  /** `flags`: bits A, B and C, in their places in the word. */
  octets(octets: Uint8Array, flags = 0): MppePacket {
    this.sequence += 1;
    const { sequence, others } = this;
    return { ...this.mppe.send(octets, flags), cut: 0, sequence, others };
  }

  /** A packet of another protocol has a number too. */
  other(count = 1): void {
    this.sequence += count;
    this.others += count;
  }

  /** CCP is negotiated once more. */
  restart(): void {
    this.mppe.restart();
  }
}

/** What `accept` knows again: no packet of random octets begins like this. */
function plain(text: string): Uint8Array {
  return Uint8Array.from(`\0!<${text}>`, (letter) => letter.charCodeAt(0));
}

function likelihood(octets: Uint8Array, missing: number): Likelihood {
  if (octets[0] === 0 && octets[1] === 0x2b) return 'possible';
  if (octets[0] !== 0 || octets[1] !== 0x21 || octets[2] !== 0x3c) return 'none';
  if (octets[3] === 0x6f && octets[4] === 0x64) return 'odd';
  return octets.length >= 64 || missing > 0 || octets.at(-1) === 0x3e ? 'certain' : 'none';
}

function decryptorOf(
  sender: Sender,
  bits: KeyBits,
  stateless: boolean,
  keys = Number.POSITIVE_INFINITY,
  before?: { sequence: number; others: number },
) {
  let left = keys;
  const budget = {
    take: (wanted: number) => {
      left -= wanted;
      return left >= 0;
    },
    wasted: () => {},
  };
  return new MppeDecryptor({ master: sender.master, bits, stateless }, likelihood, budget, before);
}

/** The texts that come out, in their order. */
function read(decryptor: MppeDecryptor<MppePacket>, packets: readonly MppePacket[]): string[] {
  const found = packets.flatMap((packet) => decryptor.push(packet));
  return [...found, ...decryptor.finish()].map(({ octets }) => String.fromCharCode(...octets).slice(3, -1));
}

const texts = (count: number): string[] => Array.from({ length: count }, (_, index) => `packet ${index}`);
const allBits: readonly KeyBits[] = [40, 56, 128];

describe.each(allBits)('stateless, %d bits', (bits) => {
  const sent = (count: number, sender = new Sender(bits, true)) => ({
    sender,
    packets: texts(count).map((text) => sender.send(text)),
  });

  it('the key changes with every packet, also where the count begins again', () => {
    const { sender, packets } = sent(5000);
    expect(read(decryptorOf(sender, bits, true), packets)).toEqual(texts(5000));
  });

  it('packets that are lost or come late, up to 63 behind the newest', () => {
    const { sender, packets } = sent(300);
    const shuffled = fc.shuffledSubarray(Array.from({ length: 60 }, (_, index) => index));
    fc.assert(
      fc.property(shuffled, (order) => {
        const captured = [...order, 60, 250, 187].flatMap((index) => packets[index] ?? []);
        const decryptor = decryptorOf(sender, bits, true);
        expect(read(decryptor, captured)).toEqual([...order, 60, 250, 187].map((index) => `packet ${index}`));
        expect(decryptor.undecrypted).toEqual({ lost: 0, late: 0, unreadable: 0 });
      }),
      { numRuns: 20 },
    );
    const tooLate = decryptorOf(sender, bits, true);
    expect(
      read(
        tooLate,
        [250, 186].flatMap((index) => packets[index] ?? []),
      ),
    ).toEqual(['packet 250']);
    expect(tooLate.undecrypted.late).toBe(1);
  });
});

describe('the protocol field', () => {
  const odd = (first: number): Uint8Array => Uint8Array.of(first, 0x21, 0x3c, 0x6f, 0x64);
  /** As `likelihood`, also of what begins with one octet of protocol. */
  const accept = (octets: Uint8Array, missing: number): Likelihood =>
    octets[0] === 0x21 ? likelihood(Uint8Array.of(0, ...octets), missing) : likelihood(octets.with(0, 0), missing);

  it.each([
    ['two octets', (text: string) => plain(text), [0, 2], [1, 3]],
    ['one octet', (text: string) => plain(text).subarray(1), [1, 3], [0, 2]],
  ])('%s, and so it stays: what begins otherwise and goes on senselessly is no packet', (_, certain, yes, no) => {
    const sender = new Sender(128, true);
    const packets = [sender.octets(certain('one')), ...[0, 0x29, 2, 0x2b].map((first) => sender.octets(odd(first)))];
    const budget = { take: () => true, wasted: () => {} };
    const decryptor = new MppeDecryptor({ master: sender.master, bits: 128, stateless: true }, accept, budget);
    const found = packets.map((packet) => decryptor.push(packet).length);
    expect(found[0]).toBe(1);
    expect(yes.map((place) => found[place + 1])).toEqual([1, 1]);
    expect(no.map((place) => found[place + 1])).toEqual([0, 0]);
    expect(decryptor.undecrypted.unreadable).toBe(2);
  });
});

describe('keys', () => {
  /** Keys that are taken and wasted for these packets. */
  function cost(sender: Sender, stateless: boolean, packets: readonly MppePacket[]): { taken: number; wasted: number } {
    const count = { taken: 0, wasted: 0 };
    const budget = {
      take: (keys: number) => {
        count.taken += keys;
        return true;
      },
      wasted: (keys: number) => {
        count.wasted += keys;
      },
    };
    const decryptor = new MppeDecryptor({ master: sender.master, bits: 128, stateless }, likelihood, budget);
    expect(read(decryptor, packets)).toHaveLength(
      packets.filter(({ octets }) => octets.some((octet) => octet > 0)).length,
    );
    return count;
  }

  it('a flush costs none where no packet is missing', () => {
    const sender = new Sender(128, false);
    const packets = texts(250).map((text) => sender.send(text, true));
    expect(cost(sender, false, packets)).toEqual({ taken: 0, wasted: 0 });
  });

  it('where a flush changes the key it costs one', () => {
    const sender = new Sender(128, false, true);
    const packets = texts(250).map((text) => sender.send(text, true));
    // The first flush shows it: the key as it is, and up to four others, were tried.
    expect(cost(sender, false, packets)).toEqual({ taken: 4 + 249, wasted: 0 });
  });

  it('those that open nothing are wasted', () => {
    const sender = new Sender(128, true);
    const packets = texts(3).map((text) => sender.send(text));
    // The next one but one, and no other count can have begun.
    const senseless = { word: 0x9004, octets: new Uint8Array(20), cut: 0, sequence: 104, others: 0 };
    expect(cost(sender, true, [...packets, senseless])).toEqual({ taken: 3 + 2, wasted: 2 });
  });
});

describe('stateless', () => {
  it("GRE's numbers tell how often the count has gone round behind a gap", () => {
    const sender = new Sender(128, true);
    const packets = texts(9000).map((text) => sender.send(text));
    const captured = [0, 8500, 8999].flatMap((index) => packets[index] ?? []);
    expect(read(decryptorOf(sender, 128, true), captured)).toEqual(['packet 0', 'packet 8500', 'packet 8999']);
  });

  it('numbers of other packets are no part of the count, however many', () => {
    const sender = new Sender(128, true);
    const before = texts(4500).map((text) => sender.send(text));
    sender.other(2100);
    const after = texts(300).map((text) => sender.send(text));
    const decryptor = decryptorOf(sender, 128, true);
    expect(read(decryptor, [...before, ...after])).toEqual([...texts(4500), ...texts(300)]);
  });

  it('packets that are missing before the first one', () => {
    const sender = new Sender(128, true);
    sender.other(5);
    const packets = texts(5010).map((text) => sender.send(text));
    const decryptor = decryptorOf(sender, 128, true, undefined, { sequence: 104, others: 5 });
    expect(read(decryptor, packets.slice(5000))).toEqual(texts(5010).slice(5000));
  });

  it('what begins like a packet and is none counts once the key is proven', () => {
    const sender = new Sender(128, true);
    const packets = ['odd', 'one', 'odd', 'two'].map((text) => sender.send(text));
    const decryptor = decryptorOf(sender, 128, true);
    expect(read(decryptor, packets)).toEqual(['one', 'odd', 'two']);
    expect(decryptor.undecrypted.unreadable).toBe(1);
  });

  it('without numbers half of the counts are ahead and half behind', () => {
    const sender = new Sender(128, true);
    const packets = texts(2050).map((text) => ({ ...sender.send(text), sequence: null }));
    const captured = [0, 2047, 2040].flatMap((index) => packets[index] ?? []);
    expect(read(decryptorOf(sender, 128, true), captured)).toEqual(['packet 0', 'packet 2047', 'packet 2040']);
  });

  it('CCP is negotiated again', () => {
    const sender = new Sender(128, true);
    const before = texts(70).map((text) => sender.send(text));
    sender.other();
    sender.restart();
    const after = texts(3).map((text) => sender.send(text));
    expect(read(decryptorOf(sender, 128, true), [...before, ...after])).toEqual([...texts(70), ...texts(3)]);
  });

  it('a packet that makes no sense does not disturb those behind it', () => {
    const sender = new Sender(128, true);
    const packets = texts(4).map((text) => sender.send(text));
    const damaged = { ...sender.send('5'), octets: new Uint8Array(20) };
    const stray = { word: 0x9abc, octets: new Uint8Array(20), cut: 0, sequence: 105, others: 0 };
    const rest = sender.send('6');
    const decryptor = decryptorOf(sender, 128, true);
    expect(read(decryptor, [...packets, damaged, stray, rest])).toEqual([...texts(4), '6']);
    expect(decryptor.undecrypted).toEqual({ lost: 0, late: 0, unreadable: 2 });
  });

  it('a damaged packet right behind another costs no keys of a count that cannot have begun again', () => {
    const sender = new Sender(128, true);
    const packets = texts(4).map((text) => sender.send(text));
    const taken: number[] = [];
    const key = { master: sender.master, bits: 128 as const, stateless: true };
    const take = (keys: number): boolean => taken.push(keys) > 0;
    const decryptor = new MppeDecryptor(key, likelihood, { take, wasted: () => {} });
    // Counts far behind, and one that is next.
    const damaged = [0x9fff, 0x9800, 0x9004].map((word, index) => {
      return { word, octets: new Uint8Array(20), cut: 0, sequence: 104 + index, others: 0 };
    });
    expect(read(decryptor, [...packets, ...damaged])).toEqual(texts(4));
    expect(taken.reduce((sum, keys) => sum + keys, 0)).toBe(4 + 1);
  });

  it('makes no more keys than it may', () => {
    const sender = new Sender(128, true);
    const packets = texts(100).map((text) => sender.send(text));
    const decryptor = decryptorOf(sender, 128, true, 50);
    expect(
      read(
        decryptor,
        [0, 99].flatMap((index) => packets[index] ?? []),
      ),
    ).toEqual(['packet 0']);
    expect(decryptor.undecrypted.unreadable).toBe(1);
  });
});

describe.each([
  ['as RFC 3078 says', false],
  ['as Linux does: a flush changes the key', true],
])('stateful, %s', (_, linux) => {
  const sender = () => new Sender(128, false, linux);

  it('one stream, and another key at each count that ends in 0xff', () => {
    const one = sender();
    const packets = texts(5000).map((text) => one.send(text));
    expect(read(decryptorOf(one, 128, false), packets)).toEqual(texts(5000));
  });

  it('flushes that a receiver asked for', () => {
    const one = sender();
    const packets = texts(600).map((text, index) => one.send(text, index % 70 === 5));
    expect(read(decryptorOf(one, 128, false), packets)).toEqual(texts(600));
  });

  it('behind missing packets, flushes among them, a flush is where it goes on', () => {
    const one = sender();
    const packets = texts(100).map((text, index) => one.send(text, index === 30 || index === 40 || index === 60));
    const captured = [...packets.slice(0, 20), ...packets.slice(60)];
    expect(read(decryptorOf(one, 128, false), captured)).toEqual([...texts(100).slice(0, 20), ...texts(100).slice(60)]);
  });

  it('finds out how long missing packets were', () => {
    const one = sender();
    const long = (index: number): string => `${index}`.repeat((index * 37) % 400);
    const packets = Array.from({ length: 400 }, (__, index) => one.send(long(index)));
    const missing = new Set([7, 8, 9, 200, 255, 256, 390]);
    const captured = packets.filter((__, index) => !missing.has(index));
    const decryptor = decryptorOf(one, 128, false);
    expect(read(decryptor, captured).toSorted()).toEqual(
      Array.from(packets.keys(), long)
        .filter((__, index) => !missing.has(index))
        .toSorted(),
    );
    expect(decryptor.undecrypted).toEqual({ lost: 0, late: 0, unreadable: 0 });
  });

  /** Every fifth is of literals, which need nothing; the others begin with a copy of what was long before, and so go on. */
  const compressed = (one: Sender, index: number): MppePacket =>
    one.octets(
      packed(
        index % 5 === 0 ? literals(`\0!<packet ${index}>`) : [{ offset: 5000, length: 3 }, ...literals('and so on>')],
      ),
      0x2000,
    );
  const whole = (count: number, missing: ReadonlySet<number>): string[] =>
    texts(count).filter((__, index) => index % 5 === 0 && !missing.has(index));

  it.each([
    ['one', [7]],
    ['several, one after the other', [7, 8, 9]],
    ['with so few between that none of them shows where it is', [7, 9, 13]],
    ['one before a key changes', [254]],
    ['the packet with which it changes', [255]],
    ['and the one behind', [255, 256, 258]],
  ])('compressed packets show by any of them where the stream goes on behind missing ones: %s', (__, gone) => {
    const one = sender();
    const missing = new Set(gone);
    const packets = Array.from({ length: 300 }, (___, index) => compressed(one, index));
    const decryptor = decryptorOf(one, 128, false);
    const found = read(
      decryptor,
      packets.filter((___, index) => !missing.has(index)),
    );
    expect(found).toEqual(whole(300, missing));
  });

  it('a packet that is missing may have begun the stream again', () => {
    const one = sender();
    const packets = texts(60).map((text, index) => one.send(text, index === 20 || index === 40));
    const missing = new Set([20, 38, 39, 40, 41]);
    const decryptor = decryptorOf(one, 128, false);
    expect(
      read(
        decryptor,
        packets.filter((__, index) => !missing.has(index)),
      ),
    ).toEqual(texts(60).filter((__, index) => !missing.has(index)));
    expect(decryptor.undecrypted).toEqual({ lost: 0, late: 0, unreadable: 0 });
  });

  it('behind many missing flushes a flush is where it goes on', () => {
    const one = sender();
    const packets = texts(200).map((text) => one.send(text, true));
    const captured = [...packets.slice(0, 20), ...packets.slice(120)];
    expect(read(decryptorOf(one, 128, false), captured)).toEqual([
      ...texts(200).slice(0, 20),
      ...texts(200).slice(120),
    ]);
  });

  it('what was given up and comes then is late', () => {
    const one = sender();
    const packets = Array.from({ length: 90 }, () => one.octets(packed([{ offset: 2000, length: 30 }]), 0x2000));
    const decryptor = decryptorOf(one, 128, false);
    read(decryptor, [...packets.slice(0, 3), ...packets.slice(4, 5), ...packets.slice(6, 70), ...packets.slice(5, 6)]);
    expect(decryptor.undecrypted).toEqual({ lost: 65, late: 1, unreadable: 3 });
  });

  it('a flushed packet with the count of one that waits', () => {
    const one = sender();
    const packets = texts(11).map((text) => one.send(text));
    const other = sender();
    const flushed = texts(11)
      .map((text, index) => other.send(text, index === 10))
      .slice(10);
    const decryptor = decryptorOf(one, 128, false);
    const captured = [
      ...packets.slice(0, 1),
      ...packets.slice(10),
      ...flushed.map((packet) => ({ ...packet, sequence: 111 })),
    ];
    expect(read(decryptor, captured)).toEqual(['packet 0', 'packet 10']);
    expect(decryptor.undecrypted).toEqual({ lost: 0, late: 1, unreadable: 0 });
  });

  it('packets that waited when CCP was negotiated again keep their place', () => {
    const one = sender();
    const before = texts(70).map((text) => one.send(text));
    one.other();
    one.restart();
    const after = texts(75).map((text) => one.send(text));
    // 66 is missing: those behind it wait, with places that come again.
    const captured = [...before.slice(0, 66), ...before.slice(67), ...after];
    expect(read(decryptorOf(one, 128, false), captured)).toEqual([
      ...texts(70).filter((__, index) => index !== 66),
      ...texts(75),
    ]);
  });

  it('packets that were overtaken are waited for', () => {
    const one = sender();
    const packets = texts(20).map((text) => one.send(text));
    const order = [0, 2, 3, 1, 4, 7, 6, 5, 8];
    const captured = order.flatMap((index) => packets[index] ?? []);
    expect(read(decryptorOf(one, 128, false), captured)).toEqual(texts(9));
  });

  it('a compressed packet whose count cannot be is counted once', () => {
    const one = sender();
    const packets = texts(4).map((text) => one.send(text));
    // As the first of a count, it would copy from what is not known: offset 5, length 3. RFC 2118 §4.2
    const { octets } = new MppeSender(one.master, 128, false).send(Uint8Array.of(0xf1, 0x40));
    const stray = { word: 0x30f0, octets, cut: 0, sequence: 104, others: 0 };
    const decryptor = decryptorOf(one, 128, false);
    expect(read(decryptor, [...packets, stray])).toEqual(texts(4));
    expect(decryptor.undecrypted).toEqual({ lost: 0, late: 0, unreadable: 1 });
  });

  it('a flag packet that lost history hides has the key that is next, whatever another key makes of it', () => {
    for (let seed = 0; ; seed += 1) {
      const key = Uint8Array.from({ length: 16 }, (__, index) => index * 7 + seed);
      const next = nextSessionKey(key, initialSessionKey(key, 128), 128);
      const further = nextSessionKey(key, next, 128);
      const data = new Rc4(further).apply(Uint8Array.of(0x00, 0x2b));
      const hidden = new MppcHistory().read(new Rc4(next).apply(data), 0x2000, 0, 255);
      if (hidden?.lost !== true || hidden.octets.length > 0) continue;
      const one = new MppeSender(key, 128, false, linux);
      const counted = { cut: 0, others: 0 };
      const packets = Array.from({ length: 258 }, (__, index) => {
        const flag = index === 255;
        const { word, octets } = one.send(flag ? new Rc4(next).apply(data) : plain('packet'), flag ? 0x2000 : 0);
        return { word, octets, sequence: index, ...counted };
      });
      const budget = { take: () => true, wasted: () => {} };
      const decryptor = new MppeDecryptor({ master: key, bits: 128, stateless: false }, likelihood, budget);
      expect(read(decryptor, [...packets.slice(0, 3), ...packets.slice(255)])).toEqual(texts(5).map(() => 'packet'));
      expect(decryptor.undecrypted).toEqual({ lost: 1, late: 0, unreadable: 0 });
      return;
    }
  });

  it('a count that comes twice counts once', () => {
    const one = sender();
    const packets = texts(6).map((text) => one.send(text));
    const decryptor = decryptorOf(one, 128, false);
    const captured = [0, 2, 2, 1, 3].flatMap((index) => packets[index] ?? []);
    expect(read(decryptor, captured)).toEqual(texts(4));
    expect(decryptor.undecrypted).toEqual({ lost: 0, late: 1, unreadable: 0 });
  });

  it('packets of which the capture kept the beginning', () => {
    const one = sender();
    const packets = texts(10).map((text) => one.send(text.repeat(40)));
    const captured = packets.map((packet) => ({
      ...packet,
      octets: packet.octets.slice(0, 70),
      cut: packet.octets.length - 70,
    }));
    expect(read(decryptorOf(one, 128, false), captured).map((text) => text.slice(0, 20))).toEqual(
      texts(10).map((text) => text.repeat(40).slice(0, 20)),
    );
  });

  it('what cannot be bridged is lost until the next key', () => {
    const one = sender();
    const packets = texts(300).map((text) => one.send(text));
    const captured = [...packets.slice(0, 10), ...packets.slice(100)];
    const decryptor = decryptorOf(one, 128, false);
    expect(read(decryptor, captured)).toEqual([...texts(300).slice(0, 10), ...texts(300).slice(255)]);
    expect(decryptor.undecrypted).toEqual({ lost: 155, late: 0, unreadable: 0 });
  });

  it('CCP is negotiated again', () => {
    const one = sender();
    const before = texts(70).map((text) => one.send(text));
    one.other();
    one.restart();
    const after = texts(3).map((text) => one.send(text));
    expect(read(decryptorOf(one, 128, false), [...before, ...after])).toEqual([...texts(70), ...texts(3)]);
  });
});
