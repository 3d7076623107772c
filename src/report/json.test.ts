import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fullReport, report, unreadCapture } from '../../test/support/reports.ts';
import { jsonReport } from './json.ts';

test('says what the report says', () => {
  expect(JSON.parse([...jsonReport(fullReport())].join(''))).toEqual(fullReport());
});

test('is written as JSON.stringify with two spaces writes it', () => {
  expect([...jsonReport(fullReport())].join('')).toBe(`${JSON.stringify(fullReport(), null, 2)}\n`);
});

test('reads back as the report and steers no terminal, whatever was captured', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const hostile = report({
        captures: [unreadCapture(text, 'not-found', `\u009b2J\u202e\u00ad\u{e0001}\u034f${text}`)],
      });
      const written = [...jsonReport(hostile)].join('');
      expect(JSON.parse(written)).toEqual(hostile);
      expect(written).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}\p{DI}\p{Zl}\p{Zp}]/u);
    }),
  );
});
