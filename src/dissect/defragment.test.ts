import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FrameFields, frameOf, pcapFrames } from '../../test/support/frames.ts';
import { octets } from '../../test/support/octets.ts';
import { ipv4 } from '../../test/support/packets.ts';
import { AddressBook } from '../octets/address.ts';
import type { Bounds } from '../octets/bounds.ts';
import { Limits } from '../octets/limits.ts';
import { Defragmenter } from './defragment.ts';
import { Walk } from './walk.ts';

interface Part {
  offset: number;
  more: boolean;
  payload: Uint8Array;
  identification?: number;
  source?: string;
  protocol?: number;
}

class Receiver {
  readonly defragmenter: Defragmenter;
  private readonly walk = new Walk(new AddressBook());
  private number = 0;

  readonly limits: Limits;

  constructor(chosen: Partial<Bounds> = {}) {
    this.limits = new Limits(chosen);
    this.defragmenter = new Defragmenter(this.limits);
  }

  /** The datagram, when this part made it whole. */
  take(part: Part, fields: FrameFields & { captured?: number } = {}): Uint8Array | null {
    const packet = ipv4(
      {
        source: part.source ?? '10.0.0.1',
        destination: '10.0.0.2',
        protocol: part.protocol ?? 47,
        identification: part.identification ?? 7,
        fragmentOffset: part.offset,
        moreFragments: part.more,
      },
      part.payload,
    );
    return this.packet(packet.subarray(0, fields.captured ?? packet.length), { wireLength: packet.length, ...fields });
  }

  packet(packet: Uint8Array, fields: FrameFields = {}): Uint8Array | null {
    this.number += 1;
    const frame = frameOf(packet, { linkType: 101, number: this.number, ...fields });
    expect(this.walk.walk(frame)).toBe(true);
    if (!this.defragmenter.push(this.walk, frame)) return null;
    const { window, start, end } = this.defragmenter;
    return window.bytes.slice(start, end);
  }
}

function counting(from: number, to: number): Uint8Array {
  return Uint8Array.from({ length: to - from }, (_, index) => (from + index) % 251);
}

function part(from: number, to: number, more: boolean): Part {
  return { offset: from, more, payload: counting(from, to) };
}

describe('a datagram in fragments', () => {
  it('is whole with its last part, and dated by the fragment with offset 0', () => {
    const receiver = new Receiver();
    expect(receiver.take(part(24, 40, true), { seconds: 5 })).toBeNull();
    expect(receiver.take(part(0, 24, true), { seconds: 6, nanoseconds: 12 })).toBeNull();
    expect(receiver.take(part(40, 45, false), { seconds: 7 })).toEqual(counting(0, 45));
    expect(receiver.defragmenter).toMatchObject({
      frame: 2,
      seconds: 6,
      nanoseconds: 12,
      fragments: 3,
      wireLength: 45,
      protocol: 47,
      cut: false,
    });
    expect(receiver.defragmenter.incomplete()).toEqual([]);
  });

  it('comes out the same in any order, with repetitions and other boundaries', () => {
    const cuts = fc.uniqueArray(fc.integer({ min: 1, max: 99 }), { maxLength: 12 });
    const split = (length: number, at: number[]): Part[] => {
      const bounds = [0, ...at.map((cut) => cut * 8).filter((cut) => cut < length), length].sort((a, b) => a - b);
      return bounds.slice(1).map((to, index) => part(bounds[index] ?? 0, to, to < length));
    };
    const parts = fc
      .tuple(fc.integer({ min: 9, max: 900 }), cuts, cuts)
      .chain(([length, first, second]) => {
        const all = [...split(length, first), ...split(length, second)].filter((made) => made.more || made.offset > 0);
        return fc.record({
          length: fc.constant(length),
          parts: fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length }),
        });
      })
      .filter(({ parts }) => parts.length > 0);
    fc.assert(
      fc.property(parts, ({ length, parts }) => {
        const receiver = new Receiver();
        const whole = parts.map((made) => receiver.take(made)).filter((taken) => taken !== null);
        // Both ways to cut it up may be complete on their own: then it comes twice.
        for (const octets of whole) expect(octets).toEqual(counting(0, length));
        const covered = new Set(parts.flatMap((made) => [...made.payload.keys()].map((key) => made.offset + key)));
        if (covered.size === length && parts.some((made) => !made.more)) expect(whole.length).toBeGreaterThan(0);
        else expect(whole).toEqual([]);
      }),
    );
  });

  it('has nothing of those before it, whose memory it has, or beside it', () => {
    const datagrams = fc.array(
      fc.record({ from: fc.integer({ min: 0, max: 250 }), length: fc.integer({ min: 17, max: 6000 }) }),
      { minLength: 2, maxLength: 12 },
    );
    const order = fc.infiniteStream(fc.nat());
    fc.assert(
      fc.property(datagrams, order, (made, choices) => {
        const receiver = new Receiver({ datagrams: 4 });
        const left = made.map(({ from, length }, identification) => {
          const octets = counting(from, from + length);
          const middle = 8 * (1 + (from % Math.floor((length - 1) / 8)));
          const parts = [
            { offset: 0, more: true, payload: octets.subarray(0, middle), identification },
            { offset: middle, more: false, payload: octets.subarray(middle), identification },
          ];
          return { octets, parts: from % 3 === 0 ? parts.reverse() : parts };
        });
        // At most four at once, one fragment of one of them at a time.
        while (left.length > 0) {
          const place = (choices.next().value ?? 0) % Math.min(4, left.length);
          const { octets, parts } = left[place] ?? { octets: null, parts: [] };
          const next = parts.shift();
          if (next === undefined) break;
          expect(receiver.take(next)).toEqual(parts.length === 0 ? octets : null);
          if (parts.length === 0) left.splice(place, 1);
        }
        expect(left).toEqual([]);
        expect(receiver.defragmenter.incomplete()).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });

  it('keeps the first copy where fragments overlap', () => {
    const receiver = new Receiver();
    receiver.take({ offset: 0, more: true, payload: new Uint8Array(16).fill(1) });
    receiver.take({ offset: 24, more: false, payload: new Uint8Array(8).fill(3) });
    const whole = receiver.take({ offset: 8, more: true, payload: new Uint8Array(24).fill(2) });
    expect([...(whole ?? [])]).toEqual([...Array(16).fill(1), ...Array(8).fill(2), ...Array(8).fill(3)]);
  });

  it('is not whole because of octets behind its end', () => {
    const receiver = new Receiver();
    receiver.take(part(16, 24, false));
    expect(receiver.take(part(24, 40, true))).toBeNull();
    expect(receiver.take(part(0, 16, true))).toEqual(counting(0, 24));
  });

  it('is told from others by source, protocol and identification', () => {
    const receiver = new Receiver();
    receiver.take(part(0, 16, true));
    expect(receiver.take({ ...part(16, 20, false), identification: 8 })).toBeNull();
    expect(receiver.take({ ...part(16, 20, false), source: '10.0.0.9' })).toBeNull();
    expect(receiver.take({ ...part(16, 20, false), protocol: 6 })).toBeNull();
    expect(receiver.take(part(16, 20, false))).toEqual(counting(0, 20));
    expect(receiver.defragmenter.incomplete()).toHaveLength(3);
  });

  it('ends where the capture cut a fragment', () => {
    const receiver = new Receiver();
    receiver.take(part(0, 16, true));
    receiver.take(part(16, 32, true), { captured: 20 + 10 });
    const whole = receiver.take(part(32, 40, false));
    expect(whole).toEqual(counting(0, 26));
    expect(receiver.defragmenter).toMatchObject({ cut: true, wireLength: 40 });
  });

  it('is read behind its IPv6 extension headers', () => {
    const receiver = new Receiver();
    const addresses = '20010db8 00000000 00000000 00000001 20010db8 00000000 00000000 00000002';
    const first = octets(`60000000 00182c40 ${addresses} 3c00 0001 00000001 2f00 0104 00000000 3001880b 00000000`);
    const last = octets(`60000000 000c2c40 ${addresses} 3c00 0010 00000001 aabbccdd`);
    expect(receiver.packet(first)).toBeNull();
    expect(receiver.packet(last)).toEqual(octets('3001880b 00000000 aabbccdd'));
    expect(receiver.defragmenter).toMatchObject({ protocol: 47, wireLength: 12, frame: 1 });
  });
});

describe('limits', () => {
  it('gives up after 30 s and says what was missing', () => {
    const receiver = new Receiver();
    receiver.take(part(8, 16, true), { seconds: 100 });
    expect(receiver.take(part(0, 8, true), { seconds: 131 })).toBeNull();
    expect(receiver.take(part(16, 20, false), { seconds: 131 })).toBeNull();
    expect(receiver.defragmenter.incomplete()).toHaveLength(2);
    expect(receiver.defragmenter.incomplete()[0]).toEqual({
      source: 0x0a00_0001,
      destination: 0x0a00_0002,
      protocol: 47,
      identification: 7,
      frame: 1,
      fragments: 1,
      startSeen: false,
    });
  });

  it('keeps so many datagrams at once, the latest', () => {
    const receiver = new Receiver({ datagrams: 4, fragments: 8 });
    for (let identification = 0; identification < 6; identification += 1) {
      receiver.take({ ...part(0, 8, true), identification });
    }
    expect(receiver.limits.list()).toMatchObject([{ limit: 'datagrams', times: 2 }]);
    expect(receiver.take({ ...part(8, 9, false), identification: 5 })).toEqual(counting(0, 9));
    expect(receiver.take({ ...part(8, 9, false), identification: 0 })).toBeNull();
  });

  it('drops what would be longer than IP can be', () => {
    const receiver = new Receiver();
    expect(receiver.take({ offset: 65_528, more: false, payload: new Uint8Array(8) })).toBeNull();
    expect(receiver.defragmenter.incomplete()).toEqual([]);
  });

  it('drops a datagram in more fragments than anybody sends', () => {
    const receiver = new Receiver({ datagrams: 4, fragments: 3 });
    for (let at = 0; at < 32; at += 8) receiver.take(part(at, at + 8, true));
    expect(receiver.limits.list()).toMatchObject([{ limit: 'fragments', times: 1 }]);
    expect(receiver.defragmenter.incomplete()).toMatchObject([{ fragments: 3, startSeen: true }]);
  });
});

it('puts together what tshark does in a real capture', () => {
  // tshark -Y ip.reassembled.length -T fields -e frame.number -e ip.reassembled.length -e ip.fragment.count -e ip.fragment
  const walk = new Walk(new AddressBook());
  const defragmenter = new Defragmenter();
  const found: number[][] = [];
  for (const frame of pcapFrames('captures/25d-outer-ip-fragmentation-mtu576-server.pcap')) {
    if (!walk.walk(frame) || !walk.fragment || !defragmenter.push(walk, frame)) continue;
    found.push([frame.number, defragmenter.end - defragmenter.start, defragmenter.fragments, defragmenter.frame]);
  }
  expect(found).toEqual([
    [33, 1245, 3, 31],
    [36, 1249, 3, 34],
    [39, 1249, 3, 37],
    [42, 1249, 3, 40],
    [45, 1249, 3, 43],
    [48, 1249, 3, 46],
    [63, 704, 2, 62],
  ]);
  expect(defragmenter.incomplete()).toEqual([]);
});
