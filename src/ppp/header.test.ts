import fc from 'fast-check';
import { expect, it } from 'vitest';
import { windowOf } from '../../test/support/octets.ts';
import { joined } from '../octets/joined.ts';
import { decode } from '../wire/layout.ts';
import { pppHeader } from './header.ts';
import { PppView } from './view.ts';

it('view and layout agree on all octets', () => {
  const start4 = fc.tuple(fc.constantFrom(Uint8Array.of(), Uint8Array.of(0xff, 0x03)), fc.uint8Array({ maxLength: 4 }));
  fc.assert(
    fc.property(start4, ([head, rest]) => {
      const { window, start, end } = windowOf(joined([head, rest]));
      const view = new PppView();
      const sound = view.at(window.view, start, end) === 0;
      const read = decode(pppHeader(view.addressAndControl, view.protocolCompressed), window, start, end);
      expect(read.ok).toBe(sound);
      if (!read.ok) return;
      expect(read.value.protocol).toBe(view.protocol);
      expect(start + read.size).toBe(view.informationStart);
      expect(read.value.address).toBe(view.addressAndControl ? 0xff : undefined);
    }),
    { numRuns: 1000 },
  );
});
