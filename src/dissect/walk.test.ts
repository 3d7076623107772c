import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { frameOf } from '../../test/support/frames.ts';
import { linkFrames } from '../../test/support/link-frames.ts';
import { octets } from '../../test/support/octets.ts';
import { AddressBook } from '../octets/address.ts';
import { Walk, walkFault } from './walk.ts';

const ethernet = '0a0000000002 0a0000000001';
const v4 = '4500001c 00010000 402f66ad 0a000001 0a000002 3001880b 00000000';
const addresses6 = '20010db8 00000000 00000000 00000001 20010db8 00000000 00000000 00000002';
const wireless = '0000 0a0000000003 0a0000000001 0a0000000002 1000';

function walked(hex: string, fields: Parameters<typeof frameOf>[1] = {}): Walk {
  const walk = new Walk(new AddressBook());
  walk.walk(frameOf(octets(hex), fields));
  return walk;
}

describe('every link type', () => {
  it.each(linkFrames)('$name ($linkType) leads to the IP packet that tshark reads', ({ linkType, hex, version }) => {
    const book = new AddressBook();
    const walk = new Walk(book);
    const frame = frameOf(octets(hex), { linkType });
    expect(walk.walk(frame)).toBe(true);
    expect(walk.fault).toBe(0);
    expect(walk.version).toBe(version);
    expect(walk.protocol).toBe(47);
    expect(walk.timeToLive).toBe(64);
    expect(book.text(walk.source())).toBe(version === 4 ? '10.0.0.1' : '2001:db8::1');
    expect(book.text(walk.destination())).toBe(version === 4 ? '10.0.0.2' : '2001:db8::2');
    expect([...frame.window.bytes.subarray(walk.payloadStart, walk.payloadEnd)]).toEqual([
      ...octets('3001880b 00000000'),
    ]);
    expect(walk.payloadWireLength).toBe(8);
    expect(walk.cut).toBe(false);
    expect(walk.fragment).toBe(false);
  });

  it.each(linkFrames)(
    '$name ($linkType), cut by the capture at any octet, is cut and nothing else',
    ({ linkType, hex }) => {
      const bytes = octets(hex);
      const walk = new Walk(new AddressBook());
      for (let length = 0; length < bytes.length; length += 1) {
        const frame = frameOf(bytes.subarray(0, length), { linkType, wireLength: bytes.length });
        if (walk.walk(frame)) {
          expect(walk.payloadEnd).toBeLessThanOrEqual(frame.end);
          expect(walk.payloadWireLength).toBe(8);
          expect(walk.cut).toBe(walk.payloadEnd - walk.payloadStart < 8);
          expect(walk.lengthBeyondFrame).toBe(false);
        } else {
          expect([walkFault.linkHeaderCut, walkFault.ipHeaderCut]).toContain(walk.fault);
        }
      }
    },
  );

  it.each(linkFrames)(
    '$name ($linkType), too short on the wire, is not called cut by the capture',
    ({ linkType, hex }) => {
      const bytes = octets(hex);
      const walk = new Walk(new AddressBook());
      for (let length = 0; length < bytes.length; length += 1) {
        if (walk.walk(frameOf(bytes.subarray(0, length), { linkType }))) {
          expect(walk.lengthBeyondFrame).toBe(walk.payloadEnd - walk.payloadStart < 8);
        } else {
          expect([walkFault.linkHeaderShort, walkFault.ipHeaderShort]).toContain(walk.fault);
        }
      }
    },
  );
});

describe('lengths', () => {
  it('takes what the frame holds where the total length is 0 (offload)', () => {
    const walk = walked(`${ethernet} 0800 45000000 ${v4.slice(9)}`);
    expect(walk.payloadEnd - walk.payloadStart).toBe(8);
    expect(walk.payloadWireLength).toBe(8);
    expect(walk.cut).toBe(false);
  });

  it('leaves out the frame check sequence that the container announces', () => {
    const zero = `${ethernet} 0800 45000000 ${v4.slice(9)}`;
    expect(walked(`${zero} deadbeef`, { frameCheckOctets: 4 }).payloadWireLength).toBe(8);
    // The capture kept all but the frame check sequence: nothing of the packet is missing.
    const cut = walked(zero, { frameCheckOctets: 4, wireLength: 46 });
    expect([cut.payloadWireLength, cut.cut]).toEqual([8, false]);
  });

  it('takes the wire length where total length is 0 and the capture cut the frame', () => {
    const walk = walked(`${ethernet} 0800 45000000 ${v4.slice(9)}`, { wireLength: 1000 });
    expect(walk.payloadWireLength).toBe(1000 - 34);
    expect(walk.cut).toBe(true);
  });

  it('takes what the frame holds where the IPv6 payload length is 0, unless there is no next header', () => {
    const offloaded = walked(`60000000 00002f40 ${addresses6} 3001880b 00000000`, { linkType: 101 });
    expect(offloaded.payloadWireLength).toBe(8);
    const empty = walked(`60000000 00003b40 ${addresses6} 00000000`, { linkType: 101 });
    expect([empty.protocol, empty.payloadWireLength]).toEqual([59, 0]);
  });

  it.each([
    ['802.3 length', 1, `${ethernet} 0024 aaaa03 000000 0800`, '00000000', {}],
    ['radiotap', 127, `00 00 0900 02000000 10 0801 ${wireless} aaaa03 000000 0800`, 'deadbeef', {}],
    [
      'radiotap with a time stamp behind two presence words',
      127,
      `00 00 1900 03000080 00000000 00000000 ffffffffffffffff 10 0801 ${wireless} aaaa03 000000 0800`,
      'deadbeef',
      {},
    ],
    [
      'radiotap and container',
      127,
      `00 00 0900 02000000 10 0801 ${wireless} aaaa03 000000 0800`,
      'deadbeef',
      { frameCheckOctets: 4 },
    ],
    [
      'PPI',
      192,
      `00 00 2000 69000000 0200 1400 0000000000000000 0100 ${'00'.repeat(10)} 0801 ${wireless} aaaa03 000000 0800`,
      'deadbeef',
      {},
    ],
    [
      'PPI with padded fields',
      192,
      `00 01 2800 69000000 0300 0200 0000 0000 0200 1400 0000000000000000 0100 ${'00'.repeat(10)} 0801 ${wireless} aaaa03 000000 0800`,
      'deadbeef',
      {},
    ],
  ])(
    'leaves out what %s says is behind the packet, where the total length is 0',
    (_what, linkType, lead, trail, fields) => {
      const walk = walked(`${lead} 45000000 ${v4.slice(9)} ${trail}`, { linkType, ...fields });
      expect([walk.protocol, walk.payloadWireLength, walk.cut]).toEqual([47, 8, false]);
    },
  );

  it('reads 802.11 behind its HT Control field', () => {
    const walk = walked(`8881 ${wireless} 0000 00000000 aaaa03 000000 0800 ${v4}`, { linkType: 105 });
    expect([walk.protocol, walk.payloadWireLength]).toEqual([47, 8]);
  });

  it('does not believe a wire length below the captured octets', () => {
    expect(walked(`${ethernet} 0800 ${v4}`, { wireLength: 20 }).lengthBeyondFrame).toBe(false);
  });

  it('does not let the packet reach beyond its PPPoE payload', () => {
    const walk = walked(`${ethernet} 8864 1100 0001 001a 0021 ${v4}`);
    expect(walk.payloadEnd - walk.payloadStart).toBe(4);
    expect(walk.lengthBeyondFrame).toBe(true);
  });
});

describe('IPv6 extension headers, RFC 8200 §4', () => {
  it('skips hop-by-hop options, routing, destination options', () => {
    const hops = '2b00 0104 00000000';
    const routing = '3c00 0000 00000000';
    const options = '2f00 0104 00000000';
    const walk = walked(`60000000 00200040 ${addresses6} ${hops} ${routing} ${options} 3001880b 00000000`, {
      linkType: 101,
    });
    expect([walk.protocol, walk.payloadWireLength, walk.fragment]).toEqual([47, 8, false]);
  });

  it('stops at the Authentication Header', () => {
    const walk = walked(`60000000 00083340 ${addresses6} 2f04 0000 00000000`, { linkType: 101 });
    expect([walk.protocol, walk.payloadWireLength]).toEqual([51, 8]);
  });

  it('reads the Fragment header, and passes one that says "all of it" (RFC 6946)', () => {
    const part = walked(`60000000 00102c40 ${addresses6} 2f00 0009 12345678 3001880b 00000000`, { linkType: 101 });
    expect(part).toMatchObject({
      fragment: true,
      fragmentOffset: 8,
      moreFragments: true,
      identification: 0x1234_5678,
      protocol: 47,
      payloadWireLength: 8,
    });
    const all = walked(`60000000 00102c40 ${addresses6} 2f00 0000 12345678 3001880b 00000000`, { linkType: 101 });
    expect([all.fragment, all.protocol, all.payloadWireLength]).toEqual([false, 47, 8]);
  });

  it('gives up on an endless chain', () => {
    const walk = walked(`60000000 00000040 ${addresses6} ${'0000010400000000'.repeat(20)}`, { linkType: 101 });
    expect(walk.fault).toBe(walkFault.ipExtensionHeaders);
  });
});

describe('IPv4 fragments', () => {
  it('gives offset, more fragments and identification', () => {
    const walk = walked(`${ethernet} 0800 4500001c abcd2045 402f0000 0a000001 0a000002 3001880b 00000000`);
    expect(walk).toMatchObject({ fragment: true, fragmentOffset: 552, moreFragments: true, identification: 0xabcd });
  });
});

describe('faults', () => {
  it.each([
    ['ARP', 1, `${ethernet} 0806 ${'00'.repeat(28)}`, walkFault.notIp],
    ['an unknown link type', 147, v4, walkFault.unknownLinkType],
    ['PPPoE discovery', 1, `${ethernet} 8864 1109 0000 0004 01010000`, walkFault.notIp],
    ['PPPoE of another version', 1, `${ethernet} 8864 2200 0000 0004 0021 0000`, walkFault.linkMalformed],
    ['LCP of the outer PPP', 9, 'ff03 c021 0901 0008 00000000', walkFault.notIp],
    ['another SNAP organization', 1, `${ethernet} 000c aaaa03 00000c 2000 00000000`, walkFault.notIp],
    ['spanning tree', 1, `${ethernet} 0026 424203 ${'00'.repeat(35)}`, walkFault.notIp],
    ['neither length nor type', 1, `${ethernet} 05dd ${v4}`, walkFault.linkMalformed],
    ['an unknown address family', 0, `63000000 ${v4}`, walkFault.notIp],
    ['netlink', 113, `0004 0338 0000 0000000000000000 0000 ${v4}`, walkFault.notIp],
    ['an 802.11 beacon', 105, `8000 ${wireless} ${'00'.repeat(12)}`, walkFault.notIp],
    ['an 802.11 null frame', 105, `4801 ${wireless}`, walkFault.notIp],
    ['802.11 under encryption', 105, `0841 ${wireless} ${'00'.repeat(12)}`, walkFault.linkEncrypted],
    ['a part of an MSDU', 105, `0805 ${wireless} aaaa03 000000 0800 ${v4}`, walkFault.linkFragment],
    ['several MSDUs', 105, `8801 ${wireless} 8000 ${'00'.repeat(20)}`, walkFault.linkAggregate],
    [
      'a bad frame check',
      127,
      `00 00 0900 02000000 50 0801 ${wireless} aaaa03 000000 0800 ${v4}`,
      walkFault.badFrameCheck,
    ],
    ['radiotap of another version', 127, `01 00 0800 00000000 0801 ${wireless}`, walkFault.linkMalformed],
    ['PPI shorter than itself', 192, `00 00 0400 01000000 ${ethernet} 0800 ${v4}`, walkFault.linkMalformed],
    ['a deep label stack', 1, `${ethernet} 8847 ${'00010040'.repeat(17)} ${v4}`, walkFault.nesting],
    ['too many tags', 1, `${ethernet} ${'81000064'.repeat(20)} 0800 ${v4}`, walkFault.nesting],
    ['a pseudowire', 1, `${ethernet} 8847 00010140 00000000 ${v4}`, walkFault.notIp],
    ['IPv6 announced as IPv4', 1, `${ethernet} 0800 60000000 00082f40 ${addresses6}`, walkFault.ipVersion],
    ['IPv4 announced as IPv6', 1, `${ethernet} 86dd ${v4}${'00'.repeat(20)}`, walkFault.ipVersion],
    ['a header length of 16', 1, `${ethernet} 0800 44${v4.slice(2)}`, walkFault.ipHeaderLength],
    ['a total length of 19', 1, `${ethernet} 0800 45000013 ${v4.slice(9)}`, walkFault.ipTotalLength],
  ])('%s', (_what, linkType, hex, fault) => {
    const walk = walked(hex, { linkType });
    expect(walk.fault).toBe(fault);
  });
});

it('never throws and never leaves the frame, whatever the octets', () => {
  const linkTypes = [...new Set(linkFrames.map((frame) => frame.linkType))];
  const seeded = fc.constantFrom(...linkFrames).chain((frame) =>
    fc.record({
      linkType: fc.constant(frame.linkType),
      bytes: fc.array(fc.tuple(fc.nat(90), fc.nat(255)), { maxLength: 6 }).map((changes) => {
        const bytes = octets(frame.hex);
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
        return bytes;
      }),
    }),
  );
  const random = fc.record({ linkType: fc.constantFrom(...linkTypes), bytes: fc.uint8Array({ maxLength: 120 }) });
  const walk = new Walk(new AddressBook());
  fc.assert(
    fc.property(fc.oneof(seeded, random), fc.nat(200), fc.constantFrom(0, 4), ({ linkType, bytes }, more, check) => {
      const frame = frameOf(bytes, { linkType, wireLength: bytes.length + more - 20, frameCheckOctets: check });
      const found = walk.walk(frame);
      expect(found).toBe(walk.fault === 0);
      if (!found) return;
      expect(walk.ipStart).toBeGreaterThanOrEqual(frame.start);
      expect(walk.payloadStart).toBeGreaterThanOrEqual(walk.ipStart + 20);
      expect(walk.payloadEnd).toBeGreaterThanOrEqual(walk.payloadStart);
      expect(walk.ipEnd).toBeLessThanOrEqual(frame.end);
      expect(walk.payloadWireLength).toBeGreaterThanOrEqual(walk.payloadEnd - walk.payloadStart);
      expect(walk.cut).toBe(walk.payloadWireLength > walk.payloadEnd - walk.payloadStart);
    }),
    { numRuns: 2000 },
  );
});
