import { describe, expect, test } from 'vitest';
import { utf8 } from '../../test/support/captures.ts';
import { octets } from '../../test/support/octets.ts';
import { readCapture } from '../../test/support/reading.ts';

describe('what is no capture', () => {
  // Magics: RFC 1952, RFC 8878, LZ4 frame format, RFC 1761 (snoop), xz and ZIP file formats.
  test.each([
    ['gzip', octets('1f8b0800'), 'compressed with gzip'],
    ['zstd', octets('28b52ffd'), 'compressed with zstd'],
    ['LZ4', octets('04224d18'), 'compressed with LZ4'],
    ['xz', octets('fd377a585a00 0004'), 'compressed with xz'],
    ['bzip2', utf8('BZh91AY'), 'compressed with bzip2'],
    ['ZIP', octets('504b0304 1400'), 'a ZIP archive'],
    ['snoop', octets('736e6f6f70000000 00000002 00000004'), 'a snoop capture'],
    ['HTML', utf8('\n<!DOCTYPE html>\n<html><head>'), 'an HTML page'],
    ['XML', utf8('<?xml version="1.0"?><pdml>'), 'an XML document'],
    ['text', utf8('13:37:00.123 IP 10.0.0.1 > 10.0.0.2: GREv1 — ünïcode\r\n'), 'it is text'],
    ['a few letters', utf8('ab'), 'it is text'],
    ['zeros', new Uint8Array(100), 'starts with 100 zero octets'],
    ['noise', octets('00ff17a3 99'), 'starts with the octets 00 ff 17 a3'],
    [
      'a pcapng block type without the magic',
      octets('0a0d0d0a 0000001c 00000000 0001'),
      'starts with the octets 0a 0d 0d 0a',
    ],
    ['a text that starts like a pcapng block', utf8('\n\r\r\n and then some more text'), 'it is text'],
  ])('%s', (_, input, message) => {
    const { frames, summary } = readCapture(input);
    expect(frames).toEqual([]);
    expect(summary).toMatchObject({
      kind: null,
      byteOrder: null,
      complete: false,
      frames: 0,
      linkTypes: [],
      timestampResolution: null,
      problems: [{ offset: 0, frame: null, code: 'not-a-capture' }],
    });
    expect(summary.problems).toHaveLength(1);
    expect(summary.problems[0]?.message).toContain(message);
  });

  test('an empty input', () => {
    expect(readCapture(new Uint8Array(0)).summary).toMatchObject({
      kind: null,
      complete: false,
      problems: [{ offset: 0, frame: null, code: 'empty', message: 'the input is empty' }],
    });
  });
});
