import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fullReport, report, unreadCapture } from '../../test/support/reports.ts';
import { jsonReport } from './json.ts';

test('says what the report says', () => {
  expect(JSON.parse(jsonReport(fullReport()))).toEqual(fullReport());
});

test('reads back as the report and steers no terminal, whatever was captured', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const hostile = report({ captures: [unreadCapture(text, 'not-found', `\u009b2J\u202e${text}`)] });
      const written = jsonReport(hostile);
      expect(JSON.parse(written)).toEqual(hostile);
      expect(written).not.toMatch(/(?!\n)[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029]/u);
    }),
  );
});
