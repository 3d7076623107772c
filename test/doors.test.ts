/**
 * Captured text is hostile: whatever names a capture holds, no format hands a terminal something to obey. And what is added
 * to a report on request, secrets or pseudonyms, is a report by its schema still.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { analyzeFiles } from '../src/node/index.ts';
import type { Report } from '../src/report/contract.ts';
import { csvReport } from '../src/report/csv.ts';
import { jsonReport } from '../src/report/json.ts';
import { findingsMarkdown } from '../src/report/markdown-findings.ts';
import { redact } from '../src/report/redact.ts';
import { sarifReport } from '../src/report/sarif.ts';
import { plainPalette, textReport } from '../src/report/text.ts';
import { reportOf } from './support/analysis.ts';
import { AuditSession, demands, letters, version2 } from './support/audit-sessions.ts';
import { pcapFile } from './support/captures.ts';
import { startControlConnection } from './support/packets.ts';

/** But for JSON, whose own door keeps text as it was and writes what a terminal obeys as escapes. */
const formats: { readonly [name: string]: (report: Report) => Iterable<string> } = {
  csv: csvReport,
  sarif: sarifReport,
  markdown: (report) => [findingsMarkdown(report)],
  text: (report) => textReport(report, { width: 100, palette: plainPalette, time: 'utc', verbose: true }),
};

/** C0 but for line ends, DEL, C1, bidirectional controls, separators, invisible characters. */
const obeyed = /(?![\r\n])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;

/** A session in which everything that a sender may write is what it likes. */
function sessionOf(name: string, host: string): Report {
  const session = new AuditSession().handshake();
  session
    .message('client', startControlConnection(1, host, name))
    .message('server', startControlConnection(2, name, host));
  const dialled = (session as AuditSession).call() as AuditSession;
  dialled.opensLcp(demands.msChapV2).both('client', 0xc021, 12, 2, [1, 2, 3, 4, ...letters(`MSRAS-0-${host}`)]);
  dialled.challenge().response(version2(), name).failure(`E=691 R=0 M=${host}`);
  dialled.both('server', 0xc021, 5, 3, letters(host)).end();
  return reportOf(pcapFile(dialled.frames), [], `${host}.pcap`);
}

const octetText = fc
  .uint8Array({ minLength: 1, maxLength: 40 })
  .map((octets) => Array.from(octets, (octet) => String.fromCharCode(octet)).join(''));
const utf8Text = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 12 })
  .map((text) => Buffer.from(text).toString('latin1'));

describe.each(Object.keys(formats))('%s steers no terminal', (format) => {
  test.each([false, true])('redacted: %s', (redacted) => {
    fc.assert(
      fc.property(fc.oneof(octetText, utf8Text), fc.oneof(octetText, utf8Text), (name, host) => {
        const report = sessionOf(name, host);
        const shown = [...(formats[format]?.(redacted ? redact(report) : report) ?? [])].join('');
        expect(obeyed.exec(shown)?.[0]).toBeUndefined();
      }),
      { numRuns: 60 },
    );
  });
});

test('SARIF and CSV stay what they are whatever the names', () => {
  fc.assert(
    fc.property(octetText, octetText, (name, host) => {
      const report = sessionOf(name, host);
      expect(() => JSON.parse([...sarifReport(report)].join(''))).not.toThrow();
      const text = [...csvReport(report)].join('');
      expect(text.split('\r\n')).toHaveLength(3);
      const cells = cellsOf(text);
      // The head, one row, and what is behind the last line's end.
      expect(cells).toHaveLength(2 * (text.split('\r\n')[0] ?? '').split(',').length + 1);
      for (const cell of cells) expect(cell).not.toMatch(/^[=+@\t|%]/);
    }),
    { numRuns: 60 },
  );
});

/** RFC 4180 §2: a comma in quotes ends no cell. */
function cellsOf(text: string): string[] {
  const cells = text.matchAll(/(?:"((?:[^"]|"")*)"|([^,\r\n]*))(?:,|\r\n|$)/gy);
  return [...cells].map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '');
}

test('a cell that a spreadsheet would run shows, and one that holds such text does not', () => {
  expect(cellsOf('a,"=1",b\r\n"x,+""y",\r\n')).toEqual(['a', '=1', 'b', 'x,+"y', '', '']);
});

describe('by the schema', () => {
  const schema: object = JSON.parse(readFileSync(new URL('../report.schema.json', import.meta.url), 'utf8'));
  const validate = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true }).compile(schema);
  const files = ['07-pap-clear-client.pcap', '09-mschapv2-wrong-password-client.pcap', '08-eap-md5-clear-server.pcap'];

  test.each(files)('%s, with secrets, and with pseudonyms', async (file) => {
    const path = fileURLToPath(new URL(`../captures/${file}`, import.meta.url));
    const report = await analyzeFiles([path], { keepSecrets: true });
    for (const one of [report, redact(report)]) {
      validate(JSON.parse([...jsonReport(one)].join('')));
      expect(validate.errors ?? []).toEqual([]);
    }
  });
});
