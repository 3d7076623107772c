/** SARIF of every capture is valid against the schema of SARIF 2.1.0, and says what the findings say. */
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { rules } from '../src/findings/rules/table.ts';
import { analyzeFiles } from '../src/node/index.ts';
import type { Report } from '../src/report/contract.ts';
import { sarifReport } from '../src/report/sarif.ts';
import { capture, fullReport, report } from './support/reports.ts';

interface Log {
  version: string;
  runs: {
    tool: { driver: { rules: { id: string; help: { text: string; markdown: string } }[] } };
    results: {
      ruleId: string;
      ruleIndex: number;
      level: string;
      message: { text: string };
      locations: { physicalLocation: { artifactLocation: { uri: string } } }[];
      properties: { frames: number[]; basis: string };
    }[];
  }[];
}

const require = createRequire(import.meta.url);

/** The schema's own draft is 04, which Ajv reads but for its name of `id`. */
const {
  $schema: _draft,
  id: _id,
  ...schema
} = JSON.parse(
  readFileSync(require.resolve('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json'), 'utf8'),
) as Record<string, unknown>;
const reference = /^(?:[A-Za-z][A-Za-z0-9+.-]*:)?[A-Za-z0-9._~:/?#@!$&'()*+,;=%-]*$/;
const validate = new Ajv({
  allErrors: true,
  strict: false,
  unicodeRegExp: false,
  formats: { uri: (text) => URL.canParse(text), 'uri-reference': reference, 'date-time': true },
}).compile(schema);

function logOf(of: Report): Log {
  return JSON.parse([...sarifReport(of)].join('')) as Log;
}

function faults(log: unknown): string[] {
  return validate(log) ? [] : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

const folder = fileURLToPath(new URL('../captures/', import.meta.url));
const files = readdirSync(folder).filter((name) => /\.(pcap|pcapng|gz)$/.test(name));

describe('valid', () => {
  test.each(files)('%s', async (file) => {
    const of = await analyzeFiles([`${folder}${file}`]);
    const log = logOf(of);
    expect(faults(log)).toEqual([]);
    const [run] = log.runs;
    expect(run?.results.map(({ ruleId }) => ruleId)).toEqual(of.findings.map(({ rule }) => rule));
    for (const { ruleId, ruleIndex } of run?.results ?? []) expect(run?.tool.driver.rules[ruleIndex]?.id).toBe(ruleId);
  });

  test('a report with every part, and one without anything', () => {
    expect(faults(logOf(fullReport()))).toEqual([]);
    expect(faults(logOf(report({ captures: [], tunnels: [] })))).toEqual([]);
  });

  test('odd paths', () => {
    const paths = ['-', '/srv/a b/ü#?.pcap', 'C:\\captures\\a.pcap', 'bad\ud800half.pcap', '../up.pcap', 'a:b.pcap'];
    const log = logOf(report({ captures: paths.map((path, sequence) => capture({ path, sequence })) }));
    expect(faults(log)).toEqual([]);
  });

  test('the validator finds what is wrong', () => {
    const log = logOf(fullReport());
    log.version = '2.0.0';
    expect(faults(log).join()).toContain('/version');
    expect(faults({ ...logOf(fullReport()), more: 1 }).join()).toContain('additional properties');
  });
});

test('each rule has its help and its references', () => {
  const [run] = logOf(report()).runs;
  const described = run?.tool.driver.rules ?? [];
  expect(described.map(({ id }) => id)).toEqual(rules.map(({ id }) => id));
  for (const [index, rule] of rules.entries()) {
    expect(described[index]?.help.text).toContain(rule.references[0]);
    expect(described[index]?.help.markdown).toContain(rule.advice);
  }
});

test('captured text is no link and steers no terminal', () => {
  const [first] = fullReport().findings;
  if (first === undefined) throw new Error('the sample has no finding');
  const hostile = '[here](javascript:1) \u001b[31m\u202e';
  const text = [...sarifReport(report({ findings: [{ ...first, detail: hostile }] }))].join('');
  expect(text).not.toContain('\u001b');
  expect(text).not.toContain('\u202e');
  const log = JSON.parse(text) as Log;
  expect(log.runs[0]?.results[0]?.message.text).toContain('\\[here\\](javascript:1) \\x1b\\[31m\\u{{202e}}');
});

test('where a finding was', async () => {
  const log = logOf(await analyzeFiles([`${folder}07-pap-clear-client.pcap`]));
  const password = log.runs[0]?.results.find(({ ruleId }) => ruleId === 'pap-password');
  expect(password).toMatchObject({ level: 'error', properties: { frames: [16], basis: 'used' } });
  expect(password?.locations[0]?.physicalLocation.artifactLocation.uri).toMatch(
    /^file:\/\/\/.*07-pap-clear-client\.pcap$/,
  );
});
