import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { octets, windowOf } from '../../test/support/octets.ts';
import { joined } from '../octets/joined.ts';
import { u8, u16 } from '../wire/field.ts';
import { decode, layout } from '../wire/layout.ts';
import { PppView, pppFault } from './view.ts';

function viewed(bytes: Uint8Array) {
  const { window, start, end } = windowOf(bytes);
  const view = new PppView();
  const fault = view.at(window.view, start, end);
  const { protocol, addressAndControl, protocolCompressed } = view;
  return { fault, protocol, addressAndControl, protocolCompressed, header: view.informationStart - start };
}

describe('PppView', () => {
  it.each([
    ['address and control', 'ff03 c021 01', 0xc021, true, false, 4],
    ['neither', 'c223 01', 0xc223, false, false, 2],
    ['a compressed protocol', 'fd 9000', 0x00fd, false, true, 1],
    ['address, control and a compressed protocol', 'ff03 21 45', 0x0021, true, true, 3],
    ['nothing after the protocol', '80fd', 0x80fd, false, false, 2],
    ['FF that is no address', 'ff04', 0x00ff, false, true, 1],
  ])('reads %s', (_, digits, protocol, addressAndControl, protocolCompressed, header) => {
    expect(viewed(octets(digits))).toEqual({
      fault: pppFault.none,
      protocol,
      addressAndControl,
      protocolCompressed,
      header,
    });
  });

  it.each([[''], ['ff03'], ['c0'], ['ff03 c0']])('is cut after "%s"', (digits) => {
    expect(viewed(octets(digits)).fault).toBe(pppFault.truncated);
  });

  it('agrees with the layouts of the four header forms on all octets', () => {
    const addressAndControl = layout('PPP', 'RFC 1662 §3.1').fields({ address: u8(), control: u8() });
    const one = layout('PPP', 'RFC 1661 §6.5').fields({ protocol: u8() });
    const two = layout('PPP', 'RFC 1661 §2').fields({ protocol: u16() });
    const bytes = fc.tuple(fc.constantFrom('', 'ff', 'ff03'), fc.uint8Array({ maxLength: 4 }));
    fc.assert(
      fc.property(bytes, ([prefix, rest]) => {
        const whole = joined([octets(prefix), rest]);
        const { window, start, end } = windowOf(whole);
        const head = decode(addressAndControl, window, start, end);
        const prefixed = head.ok && head.value.address === 0xff && head.value.control === 0x03;
        const at = prefixed ? start + 2 : start;
        const short = decode(one, window, at, end);
        const compressed = short.ok && short.value.protocol % 2 === 1;
        const rich = compressed ? short : decode(two, window, at, end);
        const seen = viewed(whole);
        expect(seen.fault === pppFault.none).toBe(rich.ok);
        expect(seen.addressAndControl).toBe(prefixed);
        if (!rich.ok) return;
        expect(seen.protocol).toBe(rich.value.protocol);
        expect(seen.protocolCompressed).toBe(compressed);
        expect(seen.header).toBe(at - start + rich.size);
      }),
      { numRuns: 500 },
    );
  });
});
