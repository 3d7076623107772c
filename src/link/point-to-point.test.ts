import { describe, expect, test } from 'vitest';
import { octets, u16, u32 } from '../../test/support/packets.ts';
import { isPointToPoint } from './point-to-point.ts';

/** LINKTYPE_LINUX_SLL and LINKTYPE_LINUX_SLL2 of tcpdump.org: packets sent by a device of the given ARPHRD_ type. */
const cooked = (hardware: number): Uint8Array => octets(u16(4), u16(hardware), u16(0), new Uint8Array(8), u16(0x0800));
const cooked2 = (hardware: number): Uint8Array =>
  octets(u16(0x0800), u16(0), u32(3), u16(hardware), [4, 0], new Uint8Array(8));
const [arphrdEthernet, arphrdPpp] = [1, 512];
const bare = octets([0x45], new Uint8Array(19));

const told = (linkType: number, frame: Uint8Array, end = frame.length): boolean =>
  isPointToPoint(linkType, new DataView(frame.buffer), 0, end);

describe('an interface without link-layer addresses', () => {
  test.each([
    ['PPP', 9, bare],
    ['RAW of BSD', 12, bare],
    ['RAW of OpenBSD', 14, bare],
    ['PPP_HDLC', 50, bare],
    ['RAW', 101, bare],
    ['IPV4', 228, bare],
    ['IPV6', 229, bare],
    ['LINUX_SLL of PPP', 113, cooked(arphrdPpp)],
    ['LINUX_SLL2 of PPP', 276, cooked2(arphrdPpp)],
  ])('%s', (_what, linkType, frame) => {
    expect(told(linkType, frame)).toBe(true);
  });

  test.each([
    ['ETHERNET', 1, bare],
    ['LINUX_SLL of Ethernet', 113, cooked(arphrdEthernet)],
    ['LINUX_SLL2 of Ethernet', 276, cooked2(arphrdEthernet)],
    ['LINUX_SLL2 cut before its hardware type ends', 276, cooked2(arphrdPpp), 9],
    ['LINUX_SLL cut before its hardware type ends', 113, cooked(arphrdPpp), 3],
    ['USER0', 147, bare],
  ] as const)('%s is none', (_what, linkType, frame, end?: number) => {
    expect(told(linkType, frame, end)).toBe(false);
  });
});
