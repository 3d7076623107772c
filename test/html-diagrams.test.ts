/** The ladder diagrams of the HTML report: what they show, of whom, and when they are left out. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { run } from '../src/cli/program.ts';
import { analyzeFiles, readFiles } from '../src/node/index.ts';
import { rereading } from '../src/node/two-passes.ts';
import type { Bounds } from '../src/octets/bounds.ts';
import { readWithDiagrams } from '../src/reading/diagrams.ts';
import { htmlReport } from '../src/report/html.ts';
import { jsonReport } from '../src/report/json.ts';
import { redactSource } from '../src/report/redact.ts';
import { pcapFile } from './support/captures.ts';
import { type HtmlElement, htmlDocument } from './support/html.ts';
import { recordedIo } from './support/io.ts';
import { SessionWriter } from './support/session.ts';

const folder = mkdtempSync(join(tmpdir(), 'diagrams-'));
afterAll(() => rmSync(folder, { recursive: true }));
const captures = readdirSync('captures')
  .filter((name) => /\.(pcap|pcapng|gz)$/.test(name))
  .map((name) => `captures/${name}`);

const read = (paths: readonly string[], limits: Partial<Bounds> = {}) =>
  rereading(paths, (some, copies) => readWithDiagrams(some, { limits }, copies));

function written(name: string, session: SessionWriter): string {
  const path = join(folder, name);
  writeFileSync(path, pcapFile(session.frames));
  return path;
}

/** Of each diagram its rows: time, who sent it or what kind it is, the words, frames. */
function diagramsOf(document: string): { readonly title: string; readonly rows: string[][] }[] {
  const found: { title: string; rows: string[][] }[] = [];
  let cells: HtmlElement[] = [];
  for (const element of htmlDocument(document).elements) {
    if (element.name === 'summary') found.push({ title: element.text, rows: [] });
    if (element.name === 'tr') cells = [];
    if (element.name === 'td') cells.push(element);
    if (cells.length < 3) continue;
    const [time, words, frames] = cells;
    found
      .at(-1)
      ?.rows.push([time?.text ?? '', words?.attributes['class'] ?? '', words?.text ?? '', frames?.text ?? '']);
    cells = [];
  }
  return found.filter(({ title }) => title.startsWith('Ladder'));
}

async function drawn(paths: readonly string[], limits: Partial<Bounds> = {}): Promise<ReturnType<typeof diagramsOf>> {
  const { source, diagrams } = await read(paths, limits);
  return diagramsOf([...htmlReport(source, { time: 'relative', diagrams })].join(''));
}

describe('a session', () => {
  const session = new SessionWriter().handshake().control().call();
  const path = written('session.pcap', session);

  // RFC 9293 §3.5, RFC 2637 §2: what SessionWriter sends, a frame each.
  test('is drawn message by message, with sender and frame', async () => {
    const [diagram, ...others] = await drawn([path]);
    expect(others).toEqual([]);
    expect(diagram?.title).toBe('Ladder diagram of T1.1');
    expect(diagram?.rows.map(([, who, words, frame]) => `${frame} ${who} ${words}`)).toEqual([
      '1 client TCP SYN ▶',
      '2 server ◀ TCP SYN ACK',
      '3 client TCP ACK ▶',
      expect.stringMatching(/^4 client Start-Control-Connection-Request .*▶$/),
      expect.stringMatching(/^5 server ◀ Start-Control-Connection-Reply /),
      expect.stringMatching(/^6 client Outgoing-Call-Request .*▶$/),
      expect.stringMatching(/^7 server ◀ Outgoing-Call-Reply /),
    ]);
    // Frames of SessionWriter are a millisecond apart.
    expect(diagram?.rows.map(([time]) => time)).toEqual(session.frames.map((_, index) => `+0.00${index}000`));
  });

  test('who sent it is said to those who do not see the arrow', async () => {
    const { source, diagrams } = await read([path]);
    const { elements } = htmlDocument([...htmlReport(source, { time: 'utc', diagrams })].join(''));
    const signs = elements.filter(
      ({ attributes }) => attributes['role'] === 'img' && /^to the /.test(attributes['aria-label'] ?? ''),
    );
    expect(signs.map(({ text, attributes }) => [text.trim(), attributes['aria-label']]).slice(0, 2)).toEqual([
      ['▶', 'to the server'],
      ['◀', 'to the client'],
    ]);
  });

  test('is left out with pseudonyms, which know nothing of what packets name', async () => {
    const { source, diagrams } = await read([path]);
    const options = { time: 'utc', diagrams } as const;
    expect(diagramsOf([...htmlReport(redactSource(source), options)].join(''))).toEqual([]);
    const io = recordedIo();
    await run(['analyze', '--format', 'html', '--redact', path], io, readFiles);
    expect(io.out()).toContain('</html>');
    expect(io.out()).not.toContain('Ladder diagram');
  });

  test('that is long keeps its begin and its end, and says what is missing', async () => {
    const [diagram] = await drawn([path], { 'drawn-rungs': 4 });
    expect(diagram?.rows.map(([, who, , frame]) => `${frame} ${who}`)).toEqual([
      '1 client',
      '2 server',
      ' note',
      '6 client',
      '7 server',
    ]);
    expect(diagram?.rows[2]?.[2]).toBe('3 lines left out');
  });
});

test('of several calls each has its diagram, and the control connection is in all', async () => {
  const found = await drawn(['captures/31-two-calls-one-control-connection-server.pcap']);
  expect(found.map(({ title }) => title)).toEqual(['Ladder diagram of T1.1', 'Ladder diagram of T1.2']);
  for (const { rows } of found) {
    expect(rows.filter(([, , words]) => words?.includes('Start-Control-Connection-Re'))).toHaveLength(2);
    expect(rows.filter(([, , words]) => words?.includes('Outgoing-Call-Request'))).toHaveLength(1);
  }
});

test('a tunnel without a call has one too', async () => {
  const [diagram] = await drawn(['captures/16-tcp1723-closed-rst-client.pcap']);
  expect(diagram?.title).toBe('Ladder diagram of T1');
  // RFC 9293 §3.10.7.1: a SYN to a closed port is answered with a reset.
  expect(diagram?.rows.slice(0, 2).map(([, who, words]) => `${who} ${words}`)).toEqual([
    'client TCP SYN ▶',
    'server ◀ TCP RST ACK',
  ]);
});

test('the command draws what can be read only once too', () => {
  const path = 'captures/09-mschapv2-wrong-password-client.pcap';
  const document = (words: readonly string[], input?: Buffer): string =>
    execFileSync(process.execPath, ['dist/bin/pptpscope.js', '--format', 'html', ...words], {
      input,
      encoding: 'utf8',
    });
  const rows = diagramsOf(document([path]))[0]?.rows ?? [];
  // RFC 2759 §6: a Failure packet.
  expect(rows.some(([, who, words]) => who === 'server' && words?.includes('CHAP Failure'))).toBe(true);
  expect(diagramsOf(document(['-'], readFileSync(path)))[0]?.rows).toEqual(rows);
});

describe('the report that stands above them', () => {
  test('is that of an analysis which keeps no secrets', async () => {
    const { source } = await read(captures);
    expect([...jsonReport(source)].join('')).toBe([...jsonReport(await analyzeFiles(captures))].join(''));
  });

  test('and they have no password, unless it is asked for', async () => {
    // Those that made the traffic.
    const manifest: readonly { password: string | null }[] = JSON.parse(readFileSync('captures/manifest.json', 'utf8'));
    const passwords = new Set(manifest.flatMap(({ password }) => password?.split(' / ') ?? []));
    const { source, diagrams } = await read(captures);
    const document = [...htmlReport(source, { time: 'utc', diagrams })].join('');
    expect(passwords.size).toBeGreaterThan(0);
    for (const password of passwords) expect(document).not.toContain(password);
    const io = recordedIo();
    const words = ['analyze', '--format', 'html', '--show-secrets', 'captures/07-pap-clear-client.pcap'];
    await run(words, io, readFiles);
    expect([...passwords].some((password) => io.out().includes(password))).toBe(true);
  });
});
