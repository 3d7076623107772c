/** The command line of the audit: what makes the exit status, which rules are asked, what is shown and what is hidden. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { recordedIo } from '../../test/support/io.ts';
import { rules } from '../findings/rules/table.ts';
import { analyzeFiles } from '../node/index.ts';
import { run } from './program.ts';

const captures = fileURLToPath(new URL('../../captures/', import.meta.url));
const pap = join(captures, '07-pap-clear-client.pcap');
const msChapV2 = join(captures, '01-mschapv2-mppe128-stateless-client.pcap');
const refused = join(captures, '16-tcp1723-closed-rst-client.pcap');

async function pptpscope(...words: string[]): Promise<{ status: number; out: string; err: string }> {
  const io = recordedIo();
  const status = await run(words, io, analyzeFiles);
  return { status, out: io.out(), err: io.err() };
}

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pptpscope-audit-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function configuration(content: unknown): string {
  const path = join(folder, 'config.json');
  writeFileSync(path, JSON.stringify(content));
  return path;
}

describe('--fail-on', () => {
  test.each([
    [pap, 'critical', 1],
    [pap, 'info', 1],
    [refused, 'info', 0],
    [join(captures, '08c-eap-tls-mppe128-server.pcap'), 'critical', 0],
    [join(captures, '08c-eap-tls-mppe128-server.pcap'), 'high', 1],
  ])('%s, %s: %i', async (path, severity, status) => {
    expect((await pptpscope('--fail-on', severity, path)).status).toBe(status);
  });

  test('what cannot be read goes before what was found', async () => {
    expect((await pptpscope('--fail-on', 'low', pap, join(folder, 'none.pcap'))).status).toBe(2);
  });

  test('an unknown severity', async () => {
    const { status, err } = await pptpscope('--fail-on', 'bad', pap);
    expect(status).toBe(2);
    expect(err).toContain('Allowed choices are critical, high, medium, low, info');
  });
});

describe('--ignore and --config', () => {
  const rulesOf = (json: string): string[] =>
    (JSON.parse(json) as { findings: { rule: string }[] }).findings.map(({ rule }) => rule);

  test('a rule that is ignored is not reported and does not fail', async () => {
    const path = configuration({ ignore: ['no-encryption'], failOn: 'critical' });
    const some = await pptpscope('--format', 'json', '--config', path, pap);
    expect(rulesOf(some.out)).not.toContain('no-encryption');
    expect(rulesOf(some.out)).toContain('pap-password');
    expect(some.status).toBe(1);
    const none = await pptpscope('--format', 'json', '--config', path, '--ignore', 'pap-password', pap);
    expect(rulesOf(none.out)).not.toContain('pap-password');
    expect(none.status).toBe(0);
  });

  test('the command line goes before the configuration', async () => {
    const path = configuration({ failOn: 'info' });
    expect(
      (await pptpscope('--config', path, '--fail-on', 'critical', join(captures, '08c-eap-tls-mppe128-server.pcap')))
        .status,
    ).toBe(0);
  });

  test('pseudonyms by configuration, unless the secrets are asked for', async () => {
    const path = configuration({ redact: true });
    expect((await pptpscope('--config', path, pap)).out).not.toContain('10.10.1.2');
    expect((await pptpscope('--config', path, '--show-secrets', pap)).out).toContain('10.10.1.2');
  });

  test('faults: 2, one line each, no report', async () => {
    const { status, out, err } = await pptpscope('--config', configuration({ failOn: 'x', more: 1 }), pap);
    expect(status).toBe(2);
    expect(out).toBe('');
    expect(err.trim().split('\n')).toHaveLength(2);
  });

  test('no such rule', async () => {
    const { status, err } = await pptpscope('--ignore', 'nonsense', pap);
    expect(status).toBe(2);
    expect(err).toContain('pptpscope rules');
  });
});

describe('secrets', () => {
  test('hidden, then shown', async () => {
    expect((await pptpscope('--verbose', pap)).out).not.toContain('Sw0rdfish');
    const { out } = await pptpscope('--show-secrets', pap);
    expect(out).toContain('password "Sw0rdfish!"');
    expect(out.split('\n')[0]).toContain('secrets');
  });

  test('showing and hiding exclude each other', async () => {
    expect((await pptpscope('--show-secrets', '--redact', pap)).status).toBe(2);
    expect((await pptpscope('handshakes', '--show-secrets', '--redact', pap)).status).toBe(2);
  });
});

describe('handshakes', () => {
  test('who, with whom, how', async () => {
    const { status, out } = await pptpscope('handshakes', msChapV2);
    expect(status).toBe(0);
    expect(out).toBe(
      'T1.1  ms-chap-v2, user "alice", asked by "pptpd" (203.0.113.10), complete, success, frames 15, 17-18\n',
    );
  });

  /** Verified with the password of the capture by other programs: MD4 of it, DES of the challenge. */
  const line = 'alice::::e903746869a3dc2729791f252354e3793328b84c369833ad:e8e97a4032ddac0a';

  test('with secrets: the line for an audit, and a warning first', async () => {
    const { out } = await pptpscope('handshakes', '--show-secrets', msChapV2);
    expect(out.split('\n')[0]).toContain('shows secrets');
    expect(out).toContain(`  ${line}\n`);
  });

  test('the lines alone', async () => {
    expect((await pptpscope('handshakes', '--show-secrets', '--format', 'netntlm', msChapV2)).out).toBe(`${line}\n`);
    expect((await pptpscope('handshakes', '--format', 'netntlm', msChapV2)).status).toBe(2);
  });

  test('as JSON, with pseudonyms', async () => {
    const { out } = await pptpscope('handshakes', '--format', 'json', '--redact', msChapV2);
    expect(JSON.parse(out)).toMatchObject([{ call: 'T1.1', user: 'user-1', complete: true, outcome: 'success' }]);
    expect(out).not.toMatch(/alice|203\.0\.113/);
  });

  test('none', async () => {
    expect((await pptpscope('handshakes', pap)).out).toBe('No MS-CHAP exchange in the captures.\n');
  });

  test('a capture that is not there', async () => {
    expect((await pptpscope('handshakes', join(folder, 'none.pcap'))).status).toBe(2);
  });
});

describe('rules', () => {
  test('each has its line', async () => {
    const { status, out } = await pptpscope('rules');
    expect(status).toBe(0);
    for (const { id, title } of rules)
      expect(out).toMatch(new RegExp(`^  ${id} +${title.replace(/[()]/g, '\\$&').slice(0, 20)}`, 'm'));
    expect(Math.max(...out.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(100);
  });

  test('as JSON, with all words', async () => {
    const list = JSON.parse((await pptpscope('rules', '--format', 'json')).out) as { id: string; advice: string }[];
    expect(list.map(({ id }) => id)).toEqual(rules.map(({ id }) => id));
    expect(list[0]?.advice).toBe(rules[0]?.advice);
  });

  test('with what to do', async () => {
    expect((await pptpscope('rules', '--verbose')).out).toContain('→ Turn PAP off');
  });
});
