import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { reportOf } from './support/analysis.ts';

const script = fileURLToPath(new URL('support/without-platform.mjs', import.meta.url));
const capture = fileURLToPath(new URL('../captures/01-mschapv2-mppe128-stateless-client.pcap', import.meta.url));

test('the library works without anything of Node, as in a browser', () => {
  const words = ['--experimental-vm-modules', '--no-warnings', script, capture];
  const report: unknown = JSON.parse(execFileSync(process.execPath, words, { encoding: 'utf8' }));
  expect(report).toEqual(JSON.parse(JSON.stringify(reportOf(readFileSync(capture), [], 'capture'))));
});
