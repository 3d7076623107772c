import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { any } from '../../test/support/arbitrary.ts';
import { octets, windowOf } from '../../test/support/octets.ts';
import { joined } from '../octets/joined.ts';
import { decode, encode } from '../wire/layout.ts';
import { TcpView } from './header.ts';
import { tcpHeader, tcpOptionTree } from './layout.ts';

it('view and layout agree on all octets', () => {
  fc.assert(
    fc.property(any(tcpHeader), fc.integer({ min: 0, max: 10 }), (value, words) => {
      const header = encode(tcpHeader, { ...value, dataOffset: 5 + words });
      const bytes = joined([header, new Uint8Array(words * 4).fill(1)]);
      const { window, start, end } = windowOf(bytes);
      const view = new TcpView();
      expect(view.at(window.view, start, end, end)).toBe(0);
      const read = decode(tcpHeader, window, start, end);
      if (!read.ok) throw new Error('the layout reads what the view reads');
      const { congestionWindowReduced, echo, urgent, acknowledgment, push, reset, synchronize, finish } = read.value;
      const bits = [congestionWindowReduced, echo, urgent, acknowledgment, push, reset, synchronize, finish];
      expect(Number.parseInt(bits.join(''), 2)).toBe(view.flags);
      expect(read.value).toMatchObject({
        sourcePort: view.sourcePort,
        destinationPort: view.destinationPort,
        sequenceNumber: view.sequenceNumber,
        acknowledgmentNumber: view.acknowledgmentNumber,
        window: view.window,
        dataOffset: (view.headerEnd - start) / 4,
      });
    }),
  );
});

describe('options', () => {
  it('reads those that people meet', () => {
    // A SYN of Linux: RFC 9293 §3.2, RFC 2018, RFC 7323
    const { window, start, end } = windowOf(octets('020405b4 0402 080a 1bfb07d3 00000000 01 030307'));
    const tree = tcpOptionTree(window, start, end, 'octets given');
    expect(tree.map(({ name, meaning }) => `${name} ${meaning}`)).toEqual([
      'option Maximum Segment Size',
      'option SACK Permitted',
      'option Timestamps',
      'kind No-Operation',
      'option Window Scale',
    ]);
    expect(tree[0]?.children.map(({ name, value }) => [name, value])).toEqual([
      ['kind', 2],
      ['length', 4],
      ['maximumSegmentSize', 1460],
    ]);
    expect(tree[2]?.children.at(-2)).toMatchObject({ name: 'timestamp', value: 0x1bfb07d3 });
  });

  it.each(['0200', '02', '0209 0000', '08ff'])('a length that lies leaves octets undecoded: %s', (hex) => {
    const { window, start, end } = windowOf(octets(hex));
    const tree = tcpOptionTree(window, start, end, 'octets given');
    expect(tree).toHaveLength(1);
    expect(tree[0]).toMatchObject({ kind: 'undecoded', start, end });
  });

  it('what follows the end of the list is padding', () => {
    const { window, start, end } = windowOf(octets('00 000000'));
    expect(tcpOptionTree(window, start, end, 'octets given').map(({ kind }) => kind)).toEqual(['field', 'padding']);
  });
});
