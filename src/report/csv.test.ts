import { describe, expect, test } from 'vitest';
import { call, fullReport, report, tunnel } from '../../test/support/reports.ts';
import { csvReport } from './csv.ts';

/** RFC 4180 as a spreadsheet reads it. */
function parsed(text: string): string[][] {
  const rows: string[][] = [[]];
  const field = /("(?:[^"]|"")*"|[^,\r\n"]*)(,|\r\n)/gy;
  for (const [, cell = '', end] of text.matchAll(field)) {
    rows.at(-1)?.push(cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell);
    if (end === '\r\n') rows.push([]);
  }
  expect(rows.pop()).toEqual([]);
  return rows;
}

function rowsOf(user: string): Record<string, string> {
  const [exchange] = call().authentication;
  if (exchange === undefined) throw new Error('the sample has no exchange');
  const one = report({ tunnels: [tunnel({ calls: [call({ authentication: [{ ...exchange, user }] })] })] });
  const [headings = [], row = [], ...more] = parsed([...csvReport(one)].join(''));
  expect(more).toEqual([]);
  expect(row).toHaveLength(headings.length);
  return Object.fromEntries(headings.map((heading, index) => [heading, row[index] ?? '']));
}

test('one line for each call', () => {
  const full = fullReport();
  const calls = full.tunnels.flatMap((one) => one.calls);
  expect(parsed([...csvReport(full)].join(''))).toHaveLength(1 + calls.length);
  expect(parsed([...csvReport(report({ tunnels: [] }))].join(''))).toHaveLength(1);
});

test('what a line says', () => {
  expect(rowsOf('alice')).toMatchObject({
    call: 'T1.1',
    client: '10.10.1.2',
    server: '203.0.113.10',
    serverPort: '1723',
    outcome: 'established',
    user: 'alice',
    authentication: 'ms-chap-v2',
    encryption: 'mppe',
    encryptionBits: '128',
    stateless: 'true',
  });
});

describe('captured text is no formula', () => {
  test.each([
    ['=HYPERLINK("http://x","y")', `'=HYPERLINK("http://x","y")`],
    ['+1', "'+1"],
    ['-1+1', "'-1+1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    [' =1', "' =1"],
    ['\t=1', '\\x09=1'],
    ['＝1', "'＝1"],
    ['a,b', 'a,b'],
    ['say "hi"', 'say "hi"'],
    ['two\r\nlines', 'two\\x0d\\x0alines'],
    ["'=1", "'=1"],
    ['CORP\\dave', 'CORP\\dave'],
  ])('%j', (user, cell) => {
    expect(rowsOf(user)['user']).toBe(cell);
  });
});
