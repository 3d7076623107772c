/** The law of the layouts, for every format of the tunnel: what is declared once agrees in all that is derived from it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { multilinkLong, multilinkShort } from '../src/ppp/multilink.ts';
import { isWholePacket, multilinkPacketStart } from '../src/ppp/multilink-view.ts';
import { decode, encode, type Layout, violations } from '../src/wire/layout.ts';
import { any, legal } from './support/arbitrary.ts';
import { formats } from './support/formats.ts';
import { windowOf } from './support/octets.ts';

describe.each(formats.map((format) => ({ name: `${format.name}, ${format.source}`, format })))(
  '$name',
  ({ format }) => {
    it('decodes what it encodes, whatever the bits', () => {
      fc.assert(
        fc.property(any(format), (value) => {
          const bytes = encode(format, value);
          const { window, start, end } = windowOf(bytes);
          expect(decode(format, window, start, end)).toEqual({ ok: true, value, size: bytes.length });
        }),
        { numRuns: 50 },
      );
    });

    it('encodes what it decodes, octet for octet, and finds every shorter piece cut', () => {
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 260 }), any(format), fc.nat(), (noise, value, cut) => {
          const sound = encode(format, value);
          for (const bytes of [noise, sound, sound.subarray(0, cut % (sound.length + 1))]) {
            const { window, start, end } = windowOf(bytes);
            const decoded = decode(format, window, start, end);
            if (decoded.ok) {
              expect(encode(format, decoded.value)).toEqual(bytes.slice(0, decoded.size));
            } else {
              expect(decoded.offset).toBeLessThanOrEqual(bytes.length);
              const short = decoded.reason === 'truncated';
              expect((decoded.needed ?? 0) > bytes.length - decoded.offset).toBe(short);
            }
          }
        }),
        { numRuns: 50 },
      );
    });

    it('finds nothing wrong in legal values', () => {
      fc.assert(
        fc.property(legal(format), (value) => {
          expect(violations(format, value)).toEqual([]);
        }),
        { numRuns: 50 },
      );
    });

    it('names its source', () => {
      expect(format.source).toMatch(/^(RFC \d+ (§\d+(\.\d+)*|Appendix A)|draft-[a-z0-9-]+ §\d|IANA|observed)/);
    });
  },
);

it.each([
  [multilinkLong, false],
  [multilinkShort, true],
] as const)('the view of a multilink fragment agrees with its layout: $0.name, $1', (layout, short) => {
  const format = layout as Layout<{ beginning: number; ending: number; fragment: Uint8Array }>;
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 8 }), (bytes) => {
      const { window, start, end } = windowOf(bytes);
      const decoded = decode(format, window, start, end);
      const begins = decoded.ok && decoded.value.beginning === 1 && decoded.value.fragment.length > 0;
      expect(multilinkPacketStart(window.view, start, end, short)).toBe(
        begins ? end - decoded.value.fragment.length : -1,
      );
      if (decoded.ok) expect(isWholePacket(window.view, start)).toBe(decoded.value.ending === 1);
    }),
    { numRuns: 500 },
  );
});
