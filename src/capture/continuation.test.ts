import { describe, expect, test } from 'vitest';
import { byStart, type Extent, mayContinue, predecessor, sequencesOf } from './continuation.ts';

function extent(path: string, first: number | null, last: number | null, change: Partial<Extent> = {}): Extent {
  return { path, linkTypes: [1], first: instant(first), last: instant(last), ended: true, ...change };
}

function instant(seconds: number | null): Extent['first'] {
  if (seconds === null) return null;
  const whole = Math.floor(seconds);
  return { seconds: whole, nanoseconds: Math.round((seconds - whole) * 1e9) };
}

const ring = extent('a', 1000, 1600);
const next = (first: number, change: Partial<Extent> = {}): Extent => extent('a1', first, first + 10, change);

describe('a file goes on from another', () => {
  test.each([
    ['at once', 1600, true],
    // RFC 2637 §3.1.4: Echo-Request after 60 s of silence, closed after 60 s without a reply.
    ['after two intervals of the echo', 1720, true],
    ['later than any tunnel is silent', 1720.1, false],
    ['a little before the end', 1599.01, true],
    ['more than a second before the end', 1598.9, false],
    ['from the start', 1000, false],
  ])('%s', (_when, first, expected) => {
    expect(mayContinue(ring, next(first))).toBe(expected);
  });

  test('no two captures of one short session, taken at its two ends', () => {
    expect(mayContinue(extent('end1', 1000, 1000.5), extent('end2', 1000.02, 1000.48))).toBe(false);
    expect(mayContinue(extent('end1', 1000, 1000.5), extent('end2', 1000.46, 1002))).toBe(true);
  });

  test('only of the same link types', () => {
    expect(mayContinue(ring, next(1601, { linkTypes: [113] }))).toBe(false);
    expect(mayContinue(ring, next(1601, { linkTypes: [1, 113] }))).toBe(false);
  });

  test.each([
    // tcpdump -C, with -z gzip; tcpdump -G; dumpcap -b.
    ['vpn.pcap', 'vpn.pcap1', true],
    ['vpn.pcap9.gz', 'vpn.pcap10', true],
    ['/var/2026-11-20/vpn-235900.pcap.zst', '/var/2026-11-21/vpn-000000.pcap.zst', true],
    ['vpn_00009_20261120235900.pcapng', 'vpn_00010_20261121000000.pcapng', true],
    ['refused.pcap', 'accepted.pcap', false],
    ['client_1.pcap', 'server_2.pcap', false],
  ])('by their names: %s, %s', (one, other, expected) => {
    expect(mayContinue(extent(one, 1000, 1600), extent(other, 1601, 1700))).toBe(expected);
  });

  test('never without times', () => {
    expect(mayContinue(extent('a', null, null), next(1600))).toBe(false);
    expect(mayContinue(ring, extent('a1', null, null))).toBe(false);
  });

  test('it is not known of one whose end is not, unless it lasts beyond the beginning of the other', () => {
    const open = extent('a', 1000, 1600, { ended: false });
    expect(mayContinue(open, next(1600))).toBeNull();
    expect(mayContinue(open, next(9000))).toBeNull();
    expect(mayContinue(open, next(1598))).toBe(false);
  });
});

describe('of several ends', () => {
  const end = (path: string, last: number) => ({ extent: extent(path, last - 600, last) });

  test.each([
    ['host1_00002_202611201030.pcap', 'host1_00001_202611201020.pcap'],
    ['host2_00002_202611201031.pcap', 'host2_00001_202611201021.pcap'],
  ])('%s goes on from the one whose name is like it', (path, expected) => {
    const ends = [end('host1_00001_202611201020.pcap', 1600), end('host2_00001_202611201021.pcap', 1600.2)];
    expect(predecessor(extent(path, 1600.1, 1700), ends)?.extent.path).toBe(expected);
  });

  test('from none where the names do not tell', () => {
    const ends = [end('1.pcap', 1600), end('2.pcap', 1600)];
    expect(predecessor(extent('3.pcap', 1601, 1700), ends)).toBeNull();
    expect(predecessor(extent('3.pcap', 1601, 1700), ends.slice(1))?.extent.path).toBe('2.pcap');
  });
});

test('the order is that of the first frames, then of the paths, and those without a time are last', () => {
  const files = [
    extent('z', null, null),
    extent('b', 5, 9),
    extent('a', 5, 5),
    extent('c', 4.999_999_999, 7),
    extent('y', null, null),
  ];
  expect(files.sort(byStart).map(({ path }) => path)).toEqual(['c', 'a', 'b', 'y', 'z']);
});

test('two rings at the same time are two sequences', () => {
  const files = [
    extent('c1', 0, 600),
    extent('s1', 1, 500),
    extent('s2', 501, 900),
    extent('c2', 600, 1300),
    extent('s3', 905, 1300),
    extent('x', 5000, 5001),
  ];
  expect(sequencesOf(files)).toEqual([0, 1, 1, 0, 1, 5]);
});
