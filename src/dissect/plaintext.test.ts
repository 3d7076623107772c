import { describe, expect, it } from 'vitest';
import { octetsOfHex } from '../octets/hex.ts';
import { likelihoodOf } from './plaintext.ts';

const octets = (digits: string): Uint8Array => octetsOfHex(digits.replaceAll(' ', '')) ?? new Uint8Array(0);

/** The header of a datagram of 24 octets; the checksum is of RFC 1071 §1, by Python. */
const ipv4 = '45 00 00 18 00 00 40 00 40 11 b8bc c0 a8 00 01 c0 a8 00 c7 01 02 03 04';
const ipv6 = `60 00 00 00 00 04 3a 40 ${'20 01 0d b8'.repeat(8)} 01 02 03 04`;

describe('what MPPE may have encrypted', () => {
  it.each([
    ['IPv4', `0021 ${ipv4}`, 0, 'certain'],
    ['IPv4 behind a protocol field of one octet', `21 ${ipv4}`, 0, 'certain'],
    ['IPv4 with a wrong checksum', `0021 ${ipv4.replace('b8bc', 'b8bd')}`, 0, 'odd'],
    ['IPv4 that claims more octets than there are', `0021 ${ipv4.slice(0, -6)}`, 0, 'odd'],
    ['IPv4 of which the capture kept the header', `0021 ${ipv4.slice(0, -6)}`, 2, 'certain'],
    ['IPv4 of which it kept less', `0021 ${ipv4.slice(0, 40)}`, 10, 'odd'],
    ['IPv4 with options, of which it kept a part', `0021 46${ipv4.slice(2, 59)}`, 10, 'odd'],
    ['IPv6', `0057 ${ipv6}`, 0, 'certain'],
    ['IPv6 with padding behind it', `0057 ${ipv6} 00`, 0, 'certain'],
    ['IPv6 that claims more octets than there are', `0057 ${ipv6.replace('00 04 3a', '00 05 3a')}`, 0, 'odd'],
    ['IPv6 with more padding than padding can say', `0057 ${ipv6} ${'00'.repeat(256)}`, 0, 'odd'],
    ['IPv6 of which nobody knows how long it was', `0057 ${ipv6}`, Number.POSITIVE_INFINITY, 'certain'],
    ['IPX, which has no checksum', '002b ffff 001e 0000', 0, 'possible'],
    ['a protocol of the link, which is not encrypted', 'c021 0101 0004', 0, 'none'],
    ['a protocol above those that are encrypted', '00fd 9000 0102', 0, 'none'],
    ['one octet that could be any protocol', '2b ffff 001e 0000', 0, 'odd'],
    ['two octets that are no protocol that has a name', '005b ffff 001e 0000', 0, 'odd'],
    ['one octet that is none', '5b ffff 001e 0000', 0, 'none'],
    ['one octet that says IPv4, and another version', `21 ${ipv6}`, 0, 'none'],
    ['one octet that says IPv6, and another version', `57 ${ipv4}`, 0, 'none'],
    ['one octet that says IPv4, and nothing behind it', '21', 30, 'odd'],
    ['Address and Control, which are not encrypted with it', `ff03 0021 ${ipv4}`, 0, 'none'],
    ['nothing', '', 0, 'none'],
  ] as const)('%s', (_, digits, cut, expected) => {
    expect(likelihoodOf(octets(digits), cut)).toBe(expected);
  });
});
