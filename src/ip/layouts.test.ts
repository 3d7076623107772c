import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { any } from '../../test/support/arbitrary.ts';
import { octets, windowOf } from '../../test/support/octets.ts';
import { joined } from '../octets/joined.ts';
import { decode, encode, type Layout } from '../wire/layout.ts';
import { Ipv4View } from './ipv4.ts';
import { Ipv6View } from './ipv6.ts';
import { icmpHeader, ipv4Header, ipv6FragmentHeader, ipv6Header, udpHeader } from './layouts.ts';

describe('IPv4', () => {
  it('view and layout agree on all octets', () => {
    fc.assert(
      fc.property(any(ipv4Header), fc.integer({ min: 0, max: 10 }), (value, words) => {
        const options = new Uint8Array(words * 4).fill(1);
        const bytes = encode(ipv4Header, { ...value, version: 4, headerLength: 5 + words, totalLength: 0, options });
        const { window, start, end } = windowOf(bytes);
        const view = new Ipv4View();
        expect(view.at(window.view, start, end)).toBe(0);
        const read = decode(ipv4Header, window, start, view.headerEnd);
        expect(read).toMatchObject({
          ok: true,
          size: view.headerEnd - start,
          value: {
            identification: view.identification,
            moreFragments: view.moreFragments ? 1 : 0,
            fragmentOffset: view.fragmentOffset / 8,
            timeToLive: view.timeToLive,
            protocol: view.protocol,
            source: view.source >>> 0,
            destination: view.destination >>> 0,
          },
        });
      }),
    );
  });

  it('reads the header of RFC 791 §3.1', () => {
    // tshark 4.0.17, frame 17 of the first sample capture.
    const { window, start, end } = windowOf(octets('4500005d 881b4000 402f6b40 0a0a0102 cb00710a'));
    expect(decode(ipv4Header, window, start, end)).toMatchObject({
      ok: true,
      value: {
        headerLength: 5,
        totalLength: 93,
        dontFragment: 1,
        timeToLive: 64,
        protocol: 47,
        headerChecksum: 0x6b40,
      },
    });
  });
});

describe('IPv6', () => {
  it('view and layout agree on all octets, Fragment header included', () => {
    fc.assert(
      fc.property(any(ipv6Header), any(ipv6FragmentHeader), (header, fragment) => {
        const bytes = joined([
          encode(ipv6Header, { ...header, version: 6, nextHeader: 44, payloadLength: 8 }),
          encode(ipv6FragmentHeader, { ...fragment, nextHeader: 47, fragmentOffset: fragment.fragmentOffset | 1 }),
        ]);
        const { window, start, end } = windowOf(bytes);
        const view = new Ipv6View();
        expect(view.at(window.view, start, end)).toBe(0);
        expect(view.headerEnd).toBe(end);
        const outer = decode(ipv6Header, window, start, end);
        expect(outer).toMatchObject({ value: { hopLimit: view.hopLimit, payloadLength: view.payloadLength } });
        const inner = decode(ipv6FragmentHeader, window, start + 40, end);
        expect(inner).toMatchObject({
          value: {
            nextHeader: view.protocol,
            identification: view.identification,
            moreFragments: view.moreFragments ? 1 : 0,
            fragmentOffset: view.fragmentOffset / 8,
          },
        });
      }),
    );
  });
});

describe('ICMP', () => {
  it('the second half of the header is what the type says', () => {
    const { window, start, end } = windowOf(octets('0304 6d2a 0000 0240'));
    // RFC 1191 §4
    expect(decode(icmpHeader(4, 3, 4) as Layout<object>, window, start, end)).toMatchObject({
      value: { nextHopMtu: 576 },
    });
    const echo = windowOf(octets('0800 6d2a 0102 0304'));
    expect(decode(icmpHeader(4, 8, 0) as Layout<object>, echo.window, echo.start, echo.end)).toMatchObject({
      value: { identifier: 0x0102, sequenceNumber: 0x0304 },
    });
    const tooBig = windowOf(octets('0200 0000 00000500'));
    expect(decode(icmpHeader(6, 2, 0) as Layout<object>, tooBig.window, tooBig.start, tooBig.end)).toMatchObject({
      value: { mtu: 1280 },
    });
  });
});

it('UDP. RFC 768', () => {
  const { window, start, end } = windowOf(octets('d431 0035 0024 abcd'));
  expect(decode(udpHeader, window, start, end)).toEqual({
    ok: true,
    size: 8,
    value: { sourcePort: 54321, destinationPort: 53, length: 36, checksum: 0xabcd },
  });
});
