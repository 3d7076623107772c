import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pcapFrames } from '../../test/support/frames.ts';
import { octets } from '../../test/support/octets.ts';
import { AddressBook } from '../octets/address.ts';
import { Window } from '../octets/window.ts';
import { decodeIcmpError, type IcmpErrorQuote } from './icmp.ts';

/** 10.0.0.1 to 203.0.113.10, time to live 63, protocol 47, total length 68. */
const quotedGre = '45000044 00014000 3f2f0000 0a000001 cb00710a';
const greStart = '3001880b 00200080';

function decode(hex: string, version: 4 | 6 = 4): IcmpErrorQuote | null {
  const window = new Window(octets(hex));
  return decodeIcmpError(window, 0, window.bytes.length, version, new AddressBook());
}

describe('ICMP errors', () => {
  it('names the error and reads the quoted packet', () => {
    expect(decode(`0302 0000 00000000 ${quotedGre} ${greStart}`)).toEqual({
      type: 3,
      code: 2,
      name: '3/2 protocol unreachable',
      mtu: null,
      quoted: {
        version: 4,
        source: 0x0a00_0001,
        destination: 0xcb00_710a | 0,
        protocol: 47,
        timeToLive: 63,
        fragmentOffset: 0,
        payloadStart: 28,
        payloadEnd: 36,
      },
    });
  });

  it.each([
    ['030d', '3/13 communication administratively prohibited'],
    ['0b00', '11/0 time to live exceeded in transit'],
    ['0400', '4/0 source quench'],
    ['0501', '5/1 redirect for the host'],
    ['03c8', '3/200'],
  ])('%s is %s', (typeAndCode, name) => {
    expect(decode(`${typeAndCode} 0000 00000000 ${quotedGre} ${greStart}`)?.name).toBe(name);
  });

  it('reads the next-hop MTU, and takes 0 for none (RFC 1191 §4)', () => {
    expect(decode(`0304 0000 0000 0240 ${quotedGre} ${greStart}`)?.mtu).toBe(576);
    expect(decode(`0304 0000 0000 0000 ${quotedGre} ${greStart}`)?.mtu).toBeNull();
    expect(decode(`0303 0000 0000 0240 ${quotedGre} ${greStart}`)?.mtu).toBeNull();
  });

  it('leaves out what the quoted packet did not have, and extensions behind the quotation (RFC 4884 §4)', () => {
    const short = '4500001c 00014000 3f2f0000 0a000001 cb00710a';
    expect(decode(`0302 0000 00000000 ${short} ${greStart} ffffffff`)?.quoted.payloadEnd).toBe(36);
    const extended = `0302 0000 00200000 ${quotedGre.replace('0044', '0200')} ${'00'.repeat(108)} 20000000 00080101 00000000`;
    expect(decode(extended)?.quoted.payloadEnd).toBe(8 + 128);
  });

  it.each([
    ['echo', `0800 0000 00000000 ${quotedGre} ${greStart}`],
    ['a cut header', '0302 0000 0000'],
    ['no quotation', '0302 0000 00000000'],
    ['a cut quotation', `0302 0000 00000000 ${quotedGre.slice(0, 40)}`],
    ['a quotation that is no IP', `0302 0000 00000000 15${quotedGre.slice(2)}`],
  ])('is null for %s', (_what, hex) => {
    expect(decode(hex)).toBeNull();
  });

  it('reads ICMPv6 and quotations with extension headers', () => {
    const addresses = '20010db8 00000000 00000000 00000001 20010db8 00000000 00000000 00000002';
    const quote = decode(`0200 0000 00000500 60000000 0010003f ${addresses} 2f00 0104 00000000 ${greStart}`, 6);
    expect(quote?.name).toBe('2/0 packet too big');
    expect(quote?.mtu).toBe(1280);
    expect(quote?.quoted).toMatchObject({ version: 6, protocol: 47, timeToLive: 63, payloadStart: 56, payloadEnd: 64 });
    expect(decode(`0101 0000 00000000 60000000 00082f3f ${addresses} ${greStart}`, 6)?.name).toBe(
      '1/1 communication administratively prohibited',
    );
    expect(decode(`8000 0000 00000000 60000000 00082f3f ${addresses} ${greStart}`, 6)).toBeNull();
  });

  it('never throws', () => {
    const versions = [
      [4, 0x45],
      [4, 0x4f],
      [6, 0x60],
    ] as const;
    let quotes = 0;
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 120, size: 'max' }),
        fc.constantFrom(3, 11, 12, 1, 2, 4),
        fc.constantFrom(...versions),
        (bytes, type, [version, quoted]) => {
          bytes[0] = type;
          if (bytes.length > 8) bytes[8] = quoted;
          const window = new Window(bytes);
          const quote = decodeIcmpError(window, 0, bytes.length, version, new AddressBook());
          if (quote === null) return;
          quotes += 1;
          expect(quote.quoted.payloadStart).toBeLessThanOrEqual(quote.quoted.payloadEnd);
          expect(quote.quoted.payloadEnd).toBeLessThanOrEqual(bytes.length);
        },
      ),
      { numRuns: 1000 },
    );
    expect(quotes).toBeGreaterThan(50);
  });
});

describe('ICMP errors of real captures', () => {
  // tshark -Y icmp -T fields -e frame.number -e icmp.type -e icmp.code -e icmp.mtu -e ip.src -e ip.dst -e ip.proto
  it.each([
    [
      '18-icmp-admin-prohibited-1723-client.pcap',
      2,
      '3/13 communication administratively prohibited',
      null,
      '10.10.1.2',
      '203.0.113.10',
      6,
    ],
    [
      '18b-icmp-protocol-unreachable-gre-client.pcap',
      13,
      '3/2 protocol unreachable',
      null,
      '10.10.1.2',
      '203.0.113.10',
      47,
    ],
    [
      '25e-outer-pmtu-icmp-frag-needed-client.pcap',
      28,
      '3/4 fragmentation needed and DF set',
      576,
      '10.10.1.2',
      '203.0.113.10',
      47,
    ],
  ])('%s frame %i', (file, number, name, mtu, source, destination, protocol) => {
    const book = new AddressBook();
    for (const frame of pcapFrames(`captures/${file}`)) {
      if (frame.number !== number) continue;
      const quote = decodeIcmpError(frame.window, frame.start + 34, frame.end, 4, book);
      expect(quote?.name).toBe(name);
      expect(quote?.mtu).toBe(mtu);
      expect(book.text(quote?.quoted.source ?? 0)).toBe(source);
      expect(book.text(quote?.quoted.destination ?? 0)).toBe(destination);
      expect(quote?.quoted.protocol).toBe(protocol);
      return;
    }
    expect.unreachable('the capture holds no such frame');
  });
});
