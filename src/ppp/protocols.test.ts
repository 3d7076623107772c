import { expect, it } from 'vitest';
import { isNetworkData, isProtocolNumber, pppProtocol, pppProtocolName, pppProtocolNames } from './protocols.ts';
import { windowsErrorName } from './windows-errors.ts';

it('names protocols, and only numbers that can be protocols', () => {
  // RFC 1661 §2: the low octet is odd, the high octet even.
  const named = Object.keys(pppProtocolNames).map(Number);
  expect(named.filter((number) => !isProtocolNumber(number))).toEqual([]);
  for (const number of Object.values(pppProtocol)) expect(pppProtocolName(number)).not.toBeNull();
  expect(pppProtocolName(0xc223)).toBe('CHAP');
  expect(pppProtocolName(0x00fd)).toBe('compressed datagram');
  expect(pppProtocolName(0x4003)).toBeNull();
});

it('takes for data of a network layer what RFC 1661 §2 does', () => {
  expect([0x0021, 0x002d, 0x0057, 0x0281, 0x3efd].filter((protocol) => !isNetworkData(protocol))).toEqual([]);
  // No protocols: the last octet is even, or the one before odd. Padding and what carries others. Other ranges.
  const others = [0x0000, 0x0020, 0x0202, 0x0121, 0x0001, 0x003d, 0x00fd, 0x4021, 0x8021, 0xc021];
  expect(others.filter(isNetworkData)).toEqual([]);
});

it('names the errors that Windows shows', () => {
  expect(windowsErrorName(691)).toBe('AUTHENTICATION_FAILURE');
  expect(windowsErrorName(806)).toBe('VPN_GRE_BLOCKED');
  expect(windowsErrorName(919)).toBe('PEER_REFUSED_AUTH');
  expect(windowsErrorName(0)).toBeNull();
});
