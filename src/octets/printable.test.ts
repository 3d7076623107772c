import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { beforeNul, isReadable, printable, utf8 } from './printable.ts';

/** What could steer a terminal, reorder what is read, or hide: written by number, apart from the code under test. */
function steers(point: number): boolean {
  return (
    point < 0x20 ||
    (point >= 0x7f && point <= 0x9f) ||
    point === 0x061c ||
    (point >= 0x200b && point <= 0x200f) ||
    (point >= 0x2028 && point <= 0x202e) ||
    (point >= 0x2060 && point <= 0x206f) ||
    point === 0xfeff ||
    (point >= 0xd800 && point <= 0xdfff)
  );
}

const anyText = fc.string({ unit: 'binary', maxLength: 60 });

describe('printable', () => {
  it.each([
    ['Kunde Müller 東京', 'Kunde Müller 東京'],
    ['DOM\\bob', 'DOM\\bob'],
    ['\x1b[31mred\x1b[0m', '\\x1b[31mred\\x1b[0m'],
    ['\x1b]0;title\x07', '\\x1b]0;title\\x07'],
    ['\u009b31m', '\\x9b31m'],
    ['a\0b\x7f\r\n\t', 'a\\x00b\\x7f\\x0d\\x0a\\x09'],
    ['abc\u202egpj.exe', 'abc\\u{202e}gpj.exe'],
    ['\u2066x\u2069', '\\u{2066}x\\u{2069}'],
    ['line\u2028line\u2029', 'line\\u{2028}line\\u{2029}'],
    ['zero\u200bwidth\ufeff', 'zero\\u{200b}width\\u{feff}'],
    ['no\u00a0break\u3000', 'no\\xa0break\\u{3000}'],
    ['\ud800', '\\u{d800}'],
  ])('%j becomes %j', (text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  it('lets nothing through that steers', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        for (const character of printable(text, 1000)) {
          expect(steers(character.codePointAt(0) ?? 0)).toBe(false);
        }
      }),
    );
    for (let point = 0; point < 0x1_0000; point += 1) {
      if (steers(point)) expect(printable(String.fromCharCode(point))).toMatch(/^\\(x[0-9a-f]{2}|u\{[0-9a-f]+\})$/);
    }
  });

  it('changes nothing when applied again', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(printable(printable(text))).toBe(printable(text));
      }),
    );
  });

  it('leaves printable ASCII as it is', () => {
    const ascii = String.fromCharCode(...Array.from({ length: 95 }, (_, index) => 0x20 + index));
    expect(printable(ascii)).toBe(ascii);
  });

  it('cuts after as many characters as asked for', () => {
    expect(printable('abcdef', 3)).toBe('abc…');
    expect(printable('abc', 3)).toBe('abc');
    expect(printable('\x1b\x1b', 1)).toBe('\\x1b…');
    expect(printable('x'.repeat(5000)).length).toBe(1025);
  });
});

describe('utf8', () => {
  it('reads what TextEncoder writes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(utf8(String.fromCharCode(...new TextEncoder().encode(text)))).toBe(text);
      }),
    );
  });

  it('agrees with TextDecoder on what is UTF-8 and leaves the rest as Latin-1', () => {
    const nearlyUtf8 = fc.array(
      fc.constantFrom(
        0x41,
        0x7f,
        0x80,
        0x8f,
        0x90,
        0x9f,
        0xa0,
        0xbf,
        0xc0,
        0xc1,
        0xc2,
        0xdf,
        0xe0,
        0xed,
        0xef,
        0xf0,
        0xf4,
        0xf5,
        0xff,
      ),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), nearlyUtf8.map(Uint8Array.from.bind(Uint8Array))), (bytes) => {
        const latin1 = String.fromCharCode(...bytes);
        expect(utf8(latin1)).toBe(decodedByPlatform(bytes) ?? latin1);
      }),
      { numRuns: 1000 },
    );
  });
});

function decodedByPlatform(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

it('cuts a text field at its first NUL', () => {
  expect(beforeNul('none\0garbage')).toBe('none');
  expect(beforeNul('all')).toBe('all');
});

it('tells text for people from binary octets', () => {
  expect(isReadable('MSRASV5.20')).toBe(true);
  expect(isReadable('two\r\nlines')).toBe(true);
  expect(isReadable('caf\u00c3\u00a9')).toBe(true);
  expect(isReadable('caf\u00e9')).toBe(false);
  expect(isReadable('\x16*\x1f:\0<\u00cdt')).toBe(false);
  expect(isReadable('')).toBe(false);
});
