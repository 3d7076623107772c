import { describe, expect, test } from 'vitest';
import { linkTypeName } from './link-types.ts';

describe('linkTypeName', () => {
  // The LINKTYPE_ registry, tcpdump.org.
  test.each([
    [0, 'NULL'],
    [1, 'ETHERNET'],
    [9, 'PPP'],
    [12, 'RAW'],
    [14, 'RAW'],
    [50, 'PPP_HDLC'],
    [51, 'PPP_ETHER'],
    [101, 'RAW'],
    [105, 'IEEE802_11'],
    [108, 'LOOP'],
    [113, 'LINUX_SLL'],
    [127, 'IEEE802_11_RADIOTAP'],
    [147, 'USER0'],
    [162, 'USER15'],
    [192, 'PPI'],
    [228, 'IPV4'],
    [229, 'IPV6'],
    [276, 'LINUX_SLL2'],
  ])('%i is %s', (linkType, name) => expect(linkTypeName(linkType)).toBe(name));

  test('an unknown number stays a number', () => expect(linkTypeName(64_999)).toBe('64999'));
});
