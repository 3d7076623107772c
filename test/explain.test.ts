/** `explain`: every word that a report uses can be asked for, and is answered from the same tables. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { run } from '../src/cli/program.ts';
import { causes } from '../src/findings/knowledge/causes.ts';
import { topics, topicsOf } from '../src/findings/knowledge/topics.ts';
import { rules } from '../src/findings/rules/table.ts';
import { stageNames } from '../src/findings/stage.ts';
import { analyzeFiles } from '../src/node/index.ts';
import { columnsOf } from '../src/report/text/wrap.ts';
import { recordedIo } from './support/io.ts';

async function explain(...words: string[]): Promise<{ out: string; error: string; status: number }> {
  const io = recordedIo();
  const status = await run(['explain', ...words], io, analyzeFiles);
  return { out: io.out(), error: io.err(), status };
}

describe('every word of a report', () => {
  test.each([...Object.keys(causes), ...rules.map(({ id }) => id), ...stageNames])('%s', (word) => {
    expect(topicsOf(word).map(({ id }) => id)).toEqual([word]);
  });

  test.each(Object.values(causes).flatMap(({ windowsErrors }) => [...windowsErrors]))('Windows error %i', (code) => {
    const [topic] = topicsOf(String(code));
    expect(topic).toMatchObject({ kind: 'windows error', id: String(code) });
    expect(topic?.title).not.toBe('unnamed');
    expect(topic?.parts[0]?.text).not.toContain('No more is known');
  });
});

describe('ways to ask', () => {
  test.each([
    ['806', 'VPN_GRE_BLOCKED', 'gre-blocked'],
    ['ERROR_VPN_GRE_BLOCKED', 'VPN_GRE_BLOCKED', 'gre-blocked'],
    ['691', 'AUTHENTICATION_FAILURE', 'wrong-credentials'],
    ['E=649', 'NO_DIALIN_PERMISSION', 'no-dial-in-permission'],
    ['0x30A', 'UNABLE_TO_AUTHENTICATE_SERVER', 'server-not-authenticated'],
    ['734', 'PPP_LCP_TERMINATED', 'mppe-refused'],
  ])('%s', async (word, title, cause) => {
    const { out, status } = await explain(word);
    expect(status).toBe(0);
    expect(out).toContain(title);
    expect(out).toContain(cause);
  });

  test('a fault of the computer itself has no packets', async () => {
    expect((await explain('623')).out.replace(/\s+/g, ' ')).toContain('No packet: this is a fault of files');
  });

  test('a result code, alone and with its table', async () => {
    expect((await explain('call', '7')).out).toContain('Do Not Accept');
    const { out } = await explain('4');
    for (const each of ['start 4', 'call 4', 'disconnect 4', 'error 4']) expect(out).toContain(each);
  });

  test.each(topics.filter(({ kind }) => kind === 'result code').map(({ id, parts }) => [id, parts] as const))(
    '%s says what it means, where it stands and, where it leads to a cause, what to check',
    (_id, parts) => {
      const labels = parts.map(({ label }) => label);
      expect(labels).toEqual(expect.arrayContaining(['What', 'Shown by']));
      if (labels.includes('Causes')) expect(labels).toContain('Check');
      for (const { text } of parts) expect(text).toMatch(/^\S/);
    },
  );

  test('part of a word lists what it may mean', async () => {
    const { out } = await explain('ipv6cp');
    expect(out).toContain('IPV6CP rejected');
    expect((await explain('gre')).out).toContain('Passed by');
  });

  test.each([
    ['android', 'Google removed it'],
    ['google', 'Android 12'],
    ['ios', 'Apple removed it'],
    ['macos', 'Apple removed it'],
    ['iPhone', 'Apple removed it'],
    ['apple', 'iOS 10'],
    ['windows server', 'Microsoft deprecated it'],
    ['server 2025', 'Microsoft deprecated it'],
    ['nmap', 'vendor name "nmap"'],
  ])('what ends before a packet is sent, or is no call: %s', async (word, said) => {
    const { out, status } = await explain(word);
    expect(status).toBe(0);
    expect(out.replace(/\s+/g, ' ')).toContain(said);
  });

  test('what nobody knows ends with 2, and is shown harmless', async () => {
    const { out, error, status } = await explain('no\u001b[31msuch');
    expect([out, status]).toEqual(['', 2]);
    expect(error).toContain('no\\x1b[31msuch');
    expect(error).not.toContain('\u001b');
  });

  test('nothing lists all topics, within the width', async () => {
    const { out, status } = await explain();
    expect(status).toBe(0);
    for (const { id, kind, title } of topics)
      expect(out.replace(/\s+/g, ' ')).toContain(kind === 'harmless' ? title : id);
    for (const line of out.split('\n')) expect(columnsOf(line)).toBeLessThanOrEqual(100);
  });
});

describe('the causes', () => {
  test.each(Object.entries(causes))('%s says everything', (_id, cause) => {
    for (const sentence of [cause.meaning, cause.shownBy, cause.advice]) expect(sentence).toMatch(/^\S.*[.?]$/s);
    expect(cause.refutedBy).toMatch(/^\S.*[^.]$/s);
    expect(cause.title).toMatch(/^\S.*[^.]$/s);
  });

  test('are those of docs/diagnoses.md', () => {
    const page = readFileSync(fileURLToPath(new URL('../docs/diagnoses.md', import.meta.url)), 'utf8');
    for (const [id, { title }] of Object.entries(causes)) expect(page).toContain(`### ${id}: ${title}`);
  });
});
