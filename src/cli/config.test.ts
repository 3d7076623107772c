import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ConfigurationError, parseConfiguration, readConfiguration } from './config.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pptpscope-config-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function faultsOf(text: string): readonly string[] {
  try {
    parseConfiguration(text, 'c.json');
  } catch (error) {
    if (error instanceof ConfigurationError) return error.faults;
    throw error;
  }
  return [];
}

test('all keys', () => {
  const text = '{ "ignore": ["pptp-in-use"], "failOn": "high", "redact": true, "ports": [1723, 11723] }';
  expect(parseConfiguration(text, 'c.json')).toEqual({
    ignore: ['pptp-in-use'],
    failOn: 'high',
    redact: true,
    ports: [1723, 11723],
  });
});

describe('faults name their place', () => {
  test.each([
    ['{', /^c\.json: is not JSON: /],
    ['[]', /^c\.json: must be an object/],
    ['null', /^c\.json: must be an object/],
    ['{ "ignor": [] }', /^c\.json: unknown key "ignor"; known are ignore, failOn, redact, ports$/],
    ['{ "__proto__": 1 }', /^c\.json: unknown key "__proto__"/],
    ['{ "ignore": "pptp-in-use" }', /^c\.json: ignore must be a list/],
    ['{ "ignore": ["pptp-in-use", "nonsense"] }', /^c\.json: ignore\[1\]: "nonsense" is no rule/],
    ['{ "failOn": "severe" }', /^c\.json: failOn must be one of critical, high, medium, low, info$/],
    ['{ "redact": "yes" }', /^c\.json: redact must be true or false$/],
    ['{ "ports": [0] }', /^c\.json: ports must be a list of numbers from 1 to 65535$/],
    ['{ "ports": [17.5] }', /^c\.json: ports must be/],
  ])('%s', (text, fault) => {
    const [first, ...more] = faultsOf(text);
    expect(first).toMatch(fault);
    expect(more).toEqual([]);
  });

  test('all of them at once', () => {
    expect(faultsOf('{ "failOn": 1, "redact": 1, "more": 1 }')).toHaveLength(3);
  });
});

describe('files', () => {
  test('the one that is named', async () => {
    const path = join(folder, 'own.json');
    writeFileSync(path, '\ufeff{ "failOn": "low" }');
    expect(await readConfiguration(path)).toEqual({ failOn: 'low' });
  });

  test('a named one that is not there is a fault, the default one is not', async () => {
    await expect(readConfiguration(join(folder, 'none.json'))).rejects.toThrow('none.json: no such file');
    expect(await readConfiguration(undefined)).toEqual({});
  });

  test('a folder is a fault of one line', async () => {
    await expect(readConfiguration(folder)).rejects.toThrow(ConfigurationError);
  });
});
