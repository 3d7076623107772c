import { isIPv6 } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AddressBook, endpointText, ipv4Text } from './address.ts';
import { Limits } from './limits.ts';

function view(...groups: number[]): DataView {
  const made = new DataView(new ArrayBuffer(16));
  groups.forEach((group, index) => {
    made.setUint16(index * 2, group);
  });
  return made;
}

function textOf(...groups: number[]): string {
  const book = new AddressBook();
  return book.text(book.ipv6(view(...groups), 0));
}

describe('IPv4', () => {
  it('is dotted decimal', () => {
    expect(ipv4Text(0x0a01_0203)).toBe('10.1.2.3');
    expect(ipv4Text(0xffff_ffff)).toBe('255.255.255.255');
    expect(new AddressBook().text(0xcb00_710a)).toBe('203.0.113.10');
  });
});

describe('IPv6 text, RFC 5952', () => {
  it.each([
    // §4.1, §4.2.1, §4.2.2, §4.2.3
    [[0x2001, 0xdb8, 0, 0, 0, 0, 0, 1], '2001:db8::1'],
    [[0x2001, 0xdb8, 0, 0, 0, 0, 2, 1], '2001:db8::2:1'],
    [[0x2001, 0xdb8, 0, 1, 1, 1, 1, 1], '2001:db8:0:1:1:1:1:1'],
    [[0x2001, 0, 0, 1, 0, 0, 0, 1], '2001:0:0:1::1'],
    [[0x2001, 0xdb8, 0, 0, 1, 0, 0, 1], '2001:db8::1:0:0:1'],
    [[0xfe80, 0, 0, 0, 0, 0, 0, 0], 'fe80::'],
    [[0, 0, 0, 0, 0, 0, 0, 0], '::'],
    [[0, 0, 0, 0, 0, 0, 0, 1], '::1'],
    // §4.3: lower case
    [[0x2001, 0xdb8, 0xaaaa, 0xbbbb, 0xcccc, 0xdddd, 0xeeee, 0xffff], '2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff'],
    // §5
    [[0, 0, 0, 0, 0, 0xffff, 0xc000, 0x0201], '::ffff:192.0.2.1'],
  ])('%j is %s', (groups, text) => {
    expect(textOf(...groups)).toBe(text);
  });

  it('is what the platform writes, for any address', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constant(0), fc.nat(0xffff)), { minLength: 8, maxLength: 8 }), (groups) => {
        const text = textOf(...groups);
        expect(isIPv6(text)).toBe(true);
        const mapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
        // URLs write IPv6 by the same rules, but without dotted decimal.
        if (!mapped) {
          const full = groups.map((group) => group.toString(16)).join(':');
          expect(`[${text}]`).toBe(new URL(`http://[${full}]/`).hostname);
        }
      }),
    );
  });
});

describe('an address with a port', () => {
  it.each([
    ['192.0.2.1', 1723, '192.0.2.1:1723'],
    // RFC 5952 §6
    ['2001:db8::1', 80, '[2001:db8::1]:80'],
    ['192.0.2.1', null, '192.0.2.1'],
    ['2001:db8::1', null, '2001:db8::1'],
  ])('%s and %s', (address, port, text) => {
    expect(endpointText({ address, port })).toBe(text);
  });
});

describe('AddressBook', () => {
  it('gives each address one number, apart from those of IPv4', () => {
    const book = new AddressBook();
    const first = book.ipv6(view(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1), 0);
    const second = book.ipv6(view(0x2001, 0xdb8, 0, 0, 0, 0, 0, 2), 0);
    expect(first).not.toBe(second);
    expect(book.ipv6(view(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1), 0)).toBe(first);
    expect(book.isIpv6(first)).toBe(true);
    expect(book.isIpv6(0xffff_ffff)).toBe(false);
  });

  it('keeps 65,536 addresses apart and says how often more were asked for', () => {
    const limits = new Limits();
    const book = new AddressBook(limits);
    const made = view();
    const numbers = new Set<number>();
    for (let i = 0; i < 65_536; i += 1) {
      made.setUint32(12, i);
      numbers.add(book.ipv6(made, 0));
    }
    expect(numbers.size).toBe(65_536);
    expect(limits.list()).toEqual([]);
    for (let i = 0; i < 65_536; i += 1) {
      made.setUint32(12, i);
      numbers.add(book.ipv6(made, 0));
    }
    expect(numbers.size).toBe(65_536);
    expect(limits.list()).toEqual([]);
    made.setUint32(8, 1);
    const beyond = book.ipv6(made, 0);
    made.setUint32(8, 2);
    expect(book.ipv6(made, 0)).toBe(beyond);
    expect(numbers.has(beyond)).toBe(false);
    expect(limits.list()).toMatchObject([{ limit: 'ipv6-addresses', times: 2 }]);
    expect(book.text(beyond)).toBe('IPv6 address not kept');
    made.setUint32(8, 0);
    made.setUint32(12, 0xfffe);
    expect(book.text(book.ipv6(made, 0))).toBe('::fffe');
  });
});
