/** The JSON report of every capture is what report.schema.json says, key by key: the schema's objects are closed. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { analyzeFiles } from '../src/node/index.ts';
import { jsonReport } from '../src/report/json.ts';
import { fullReport } from './support/reports.ts';

const schema: object = JSON.parse(readFileSync(new URL('../report.schema.json', import.meta.url), 'utf8'));
const validate = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true }).compile(schema);

function faults(document: unknown): string[] {
  return validate(document)
    ? []
    : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

const captures = new URL('../captures/', import.meta.url);
const files = readdirSync(captures).filter((name) => /\.(pcap|pcapng|pcap\.gz)$/.test(name));

describe('reports of captures are valid', () => {
  test.each(files)('%s', async (name) => {
    const report = await analyzeFiles([fileURLToPath(new URL(name, captures))]);
    expect(faults(JSON.parse([...jsonReport(report)].join('')))).toEqual([]);
  });

  test('a report of what could not be read is valid too', async () => {
    const report = await analyzeFiles([fileURLToPath(new URL('no-such.pcap', captures)), fileURLToPath(captures)]);
    expect(faults(JSON.parse([...jsonReport(report)].join('')))).toEqual([]);
  });
});

describe('drift is found', () => {
  test('a report with every part is valid before it is spoilt', () => {
    expect(faults(fullReport())).toEqual([]);
  });

  test.each<[what: string, spoil: (report: Record<string, unknown>) => void, fault: string]>([
    [
      'a key of the report that is not in the schema',
      (report) => Object.assign(report, { extra: 1 }),
      'additional properties',
    ],
    ['a key that is gone', (report) => delete report['otherVpn'], "required property 'otherVpn'"],
    ['another version', (report) => Object.assign(report, { version: 2 }), 'must be equal to constant'],
    ['a key deep inside', (report) => Object.assign(firstCall(report), { extra: 1 }), 'additional properties'],
    [
      'a value outside its set',
      (report) => Object.assign(firstCall(report), { outcome: 'fine' }),
      'equal to one of the allowed values',
    ],
    ['a ladder without its top', (report) => (firstCall(report)['stages'] as unknown[]).pop(), 'fewer than 9 items'],
  ])('%s', (_what, spoil, fault) => {
    const report = structuredClone(fullReport()) as unknown as Record<string, unknown>;
    spoil(report);
    expect(faults(report).join('\n')).toContain(fault);
  });

  function firstCall(report: Record<string, unknown>): Record<string, unknown> {
    const [tunnel] = report['tunnels'] as { calls: Record<string, unknown>[] }[];
    const call = tunnel?.calls[0];
    if (call === undefined) throw new Error('the sample has no call');
    return call;
  }
});
