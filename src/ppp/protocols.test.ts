import { expect, it } from 'vitest';
import { pppProtocol, pppProtocolName, pppProtocolNames } from './protocols.ts';
import { windowsErrorName } from './windows-errors.ts';

it('names protocols, and only numbers that can be protocols', () => {
  // RFC 1661 §2: the low octet is odd, the high octet even.
  for (const number of Object.keys(pppProtocolNames).map(Number)) expect(number & 0x0101).toBe(0x0001);
  for (const number of Object.values(pppProtocol)) expect(pppProtocolName(number)).not.toBeNull();
  expect(pppProtocolName(0xc223)).toBe('CHAP');
  expect(pppProtocolName(0x00fd)).toBe('compressed datagram');
  expect(pppProtocolName(0x4003)).toBeNull();
});

it('names the errors that Windows shows', () => {
  expect(windowsErrorName(691)).toBe('AUTHENTICATION_FAILURE');
  expect(windowsErrorName(806)).toBe('VPN_GRE_BLOCKED');
  expect(windowsErrorName(919)).toBe('PEER_REFUSED_AUTH');
  expect(windowsErrorName(0)).toBeNull();
});
