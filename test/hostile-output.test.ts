/**
 * What a capture says reaches a format only through the format's door. Reports, events and packets of real captures get
 * hostile text in every text that is not one of our own words, whichever field it stands in, so that a field that is added
 * tomorrow is tried too.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { createProgram, run } from '../src/cli/program.ts';
import { analyzeFiles } from '../src/node/index.ts';
import { Limits } from '../src/octets/limits.ts';
import { printable } from '../src/octets/printable.ts';
import { annotations } from '../src/report/annotations.ts';
import { csvReport } from '../src/report/csv.ts';
import { Diagrams } from '../src/report/diagrams.ts';
import type { AnalysisEvent } from '../src/report/event-contract.ts';
import { eventText } from '../src/report/event-text.ts';
import { handshakesOf } from '../src/report/handshakes.ts';
import { html } from '../src/report/html/html-page.ts';
import { htmlReport } from '../src/report/html.ts';
import { jsonLine, jsonReport } from '../src/report/json.ts';
import { LadderDiagram } from '../src/report/ladder-diagram.ts';
import { markdownReport } from '../src/report/markdown.ts';
import { markdown } from '../src/report/markdown-findings.ts';
import { openTunnelsTable } from '../src/report/open-tunnels.ts';
import { PacketText, packetJson } from '../src/report/packets.ts';
import { redact } from '../src/report/redact.ts';
import { sarifReport } from '../src/report/sarif.ts';
import { plainPalette, textReport } from '../src/report/text.ts';
import { htmlDocument } from './support/html.ts';
import { recordedIo } from './support/io.ts';
import { packetsOf } from './support/packet-view.ts';

const characters = (...points: number[]): string => String.fromCodePoint(...points);
const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index);

/** Text that somebody would send who means harm. */
const hostile: readonly (readonly [what: string, text: string])[] = [
  ['octets 0x00 to 0x1f', characters(...range(0, 0x1f))],
  ['octets 0x20 to 0x7f', characters(...range(0x20, 0x7f))],
  ['octets 0x80 to 0xff', characters(...range(0x80, 0xff))],
  ['escape sequences', '\x1b[31m\x1b]0;title\x07\x1bP\x1b\\\x9b2J\x1b[1;1H'],
  ['line ends', 'a\r\nb\nc\rd\x0be\x0cf\u0085g\u2028h\u2029i'],
  ['bidirectional overrides', characters(...range(0x202a, 0x202e), ...range(0x2066, 0x2069), 0x61c, 0x200e, 0x200f)],
  [
    'what is not drawn',
    characters(0xad, 0x200b, 0x200c, 0x200d, 0x2060, 0xfeff, 0x180e, 0x3164, 0xfe0f, 0xe0001, 0xe0041),
  ],
  ['blanks that are none', characters(0xa0, 0x1680, 0x2003, 0x202f, 0x3000)],
  ['private use and half a pair', `${characters(0xe000, 0xf0000)}\ud800x\udc00`],
  ['quotes and commas', '",",\'"a","b'],
  ['HTML', '<script>alert(1)</script><img src=x onerror=alert(1)>&lt;&#60;-->]]>'],
  [
    'Markdown',
    '[x](javascript:alert(1)) ![y](http://x) `code` **b** _i_ ~~s~~ # h\n- l\n1. n\n> q\n| a | b |\n---\n\\',
  ],
  ['links', 'http://example.com https://example.com www.example.com mailto:a@example.com <http://example.com>'],
  ['place-holders', '{0} %s %n $(x) `x` [a](0)'],
  ['a long word', 'x'.repeat(300)],
];

/** What spreadsheets reckon with, with what they look past. */
const formulas = [
  '=1+1',
  '+1',
  '-1',
  '@SUM(1)',
  '\t=1',
  '\r=1',
  '|cmd',
  '%1',
  ' =1',
  '\u00a0=1',
  '\u200b=1',
  '"=1',
  '\n=1',
  '\uff1d1',
];

/** Words of ours by the schemas: what a format has to know stays as it is. */
const ours = new Set<string>();
for (const name of ['report', 'events', 'packets']) {
  gather(JSON.parse(readFileSync(new URL(`../${name}.schema.json`, import.meta.url), 'utf8')));
}

function gather(schema: unknown): void {
  if (typeof schema !== 'object' || schema === null) return;
  for (const [key, value] of Object.entries(schema)) {
    if (key === 'const' || key === 'enum') for (const word of [value].flat()) ours.add(String(word));
    else gather(value);
  }
}

/** Made by ours from numbers, so nobody sends them. */
const isOurs = (text: string): boolean => ours.has(text) || /^\d{4}-\d\d-\d\dT[\d:.]+Z$|^T\d+(\.\d+)?$/.test(text);
/** Ids and names of ours that formats look up. */
const keys: ReadonlySet<string> = new Set(['rule', 'cause', 'version', 'limit', 'challenge', 'response', 'notation']);

let replaced = 0;
/** A copy in which `text` stands in front of every text that may be somebody else's. */
function poisoned<Value>(value: Value, text: string): Value {
  if (typeof value === 'string') {
    if (isOurs(value)) return value;
    replaced += 1;
    return `${text}${value}` as Value;
  }
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  if (Array.isArray(value)) return value.map((item) => poisoned(item, text)) as Value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, keys.has(key) ? item : poisoned(item, text)]),
  ) as Value;
}

const names = [
  '07b-pap-wrong-password-server.pcap',
  '18-icmp-admin-prohibited-1723-client.pcap',
  '20-two-clients-nat-with-helper-both-interfaces.pcapng',
  '31-two-calls-one-control-connection-server.pcap',
  '36-not-pptp-clients-to-pptpd-server.pcap',
  '09-mschapv2-wrong-password-client.pcap',
];
const events: AnalysisEvent[] = [];
const real = await analyzeFiles(
  names.map((name) => `captures/${name}`),
  { keepSecrets: true, onEvent: (event) => events.push(event), limits: { comments: 1 } },
);

/** What a terminal obeys or a reader is misled by; line ends are each format's own matter. */
const misleading = /(?!\n)[\p{Cc}\p{Cf}\p{DI}\p{Cs}\p{Co}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u;

function expectHarmless(shown: string): void {
  const at = misleading.exec(shown)?.index ?? -1;
  expect(at < 0 ? '' : JSON.stringify(shown.slice(Math.max(0, at - 40), at + 20))).toBe('');
}

const textOptions = { width: 100, palette: plainPalette, time: 'utc', verbose: true } as const;
const view = { palette: plainPalette, time: 'utc', utcOffset: () => 0 } as const;
const joined = (pieces: Iterable<string>): string => [...pieces].join('');

test('captured text is found in many places', () => {
  replaced = 0;
  poisoned(real, 'x');
  expect(replaced).toBeGreaterThan(500);
});

describe('terminals', () => {
  test.each(hostile)('the text report: %s', (_what, text) => {
    const report = poisoned(real, text);
    for (const one of [report, redact(report)]) {
      expectHarmless(joined(textReport(one, textOptions)));
      expectHarmless(joined(textReport(one, { ...textOptions, width: 40, verbose: false, time: 'relative' })));
    }
  });

  test.each(hostile)('events and the table of live: %s', (_what, text) => {
    for (const event of events) {
      const told = poisoned(event, text);
      expect(eventText(told, view) ?? '').not.toContain('\n');
      expectHarmless(eventText(told, view) ?? '');
    }
    const table = openTunnelsTable(
      { tunnels: poisoned(real, text).tunnels, count: 99 },
      { octets: new Map(), seconds: 1 },
      { width: 100, rowsAtMost: 12, palette: plainPalette },
    );
    for (const line of table) expect(line).not.toContain('\n');
    expectHarmless(table.join('\n'));
  });

  test.each(hostile)('packets, their fields, and the ladder diagram: %s', (_what, text) => {
    const capture = { path: `${text}a.pcap`, digits: 6, first: null };
    const file = readFileSync('captures/07b-pap-wrong-password-server.pcap');
    const tunnel = real.tunnels[0];
    if (tunnel === undefined) throw new Error('no tunnel');
    const options = { ...view, details: true, hex: true, showSecrets: true, sources: true, selected: null };
    const packetText = new PacketText(capture, { ...options, width: 100 });
    const oneLine = new PacketText(capture, { ...options, width: 0, details: false, hex: false });
    const plain = new PacketText(capture, { ...options, width: 0, details: false, hex: false });
    const diagram = new LadderDiagram(poisoned(tunnel, text), capture, { ...view, width: 100 });
    let shown = packetText.heading(capture.path) + diagram.heading();
    for (const packet of packetsOf(file)) {
      const told = poisoned(packet, text);
      shown += packetText.packet(told) + diagram.packet(told);
      expect(oneLine.packet(told).split('\n')).toHaveLength(plain.packet(packet).split('\n').length);
      shown += packetJson(told, capture, options);
    }
    expectHarmless(shown + diagram.finish());
  });

  test.each(hostile)('the comments of packets that are written: %s', (_what, text) => {
    const { verdicts, frames } = annotations(poisoned(real, text), 0);
    const comments = [...verdicts.values(), ...frames.values()].flat();
    expect(comments.length).toBeGreaterThan(5);
    for (const comment of comments) expect(comment).not.toContain('\n');
    expectHarmless(comments.join('\n'));
  });

  test.each(hostile)('the list of handshakes: %s', async (_what, text) => {
    const report = poisoned(real, text);
    for (const format of ['text', 'json', 'netntlm']) {
      const io = recordedIo();
      await run(['handshakes', '--show-secrets', '--format', format, 'a'], io, async () => report);
      expect(io.out()).not.toBe('');
      expectHarmless(io.out());
    }
    for (const { netNtlmV1 } of handshakesOf(report))
      for (const line of netNtlmV1 ?? []) expect(line).not.toMatch(/[\r\n]/);
  });
});

describe('JSON', () => {
  test.each(hostile)('keeps all and steers nothing: %s', (_what, text) => {
    const report = poisoned(real, text);
    const shown = joined(jsonReport(report));
    expect(JSON.parse(shown)).toEqual(report);
    expectHarmless(shown);
    for (const event of events) expectHarmless(jsonLine(poisoned(event, text)));
  });
});

/** A word that the doors let through, and that stands where the hostile text will stand. Colons make IPv6 of an address. */
const wordFor = (text: string): string => (text.includes(':') ? 'Qzx:' : 'Qzx');

describe('HTML', () => {
  const drawn = packetsOf(readFileSync('captures/07b-pap-wrong-password-server.pcap'));

  function shown(text: string): string {
    const diagrams = new Diagrams(new Limits());
    for (const index of names.keys()) diagrams.capture(index, { path: `${text}a.pcap`, digits: 6, first: null });
    for (const packet of drawn) diagrams.packet(poisoned(packet, text));
    diagrams.finish([]);
    return joined(htmlReport(poisoned(real, text), { time: 'utc', diagrams }));
  }

  test.each(hostile)('has nothing in it but what the door gives: %s', (_what, text) => {
    const expected = shown(wordFor(text));
    const hostileReport = shown(text);
    expect(hostileReport).toContain('<table class="ladder">');
    expect(hostileReport).toBe(expected.replaceAll(wordFor(text), html(text)));
    const { errors, elements, text: words } = htmlDocument(hostileReport);
    expect(errors).toEqual([]);
    const built = (all: typeof elements) => all.map(({ name, attributes, parent }) => ({ name, attributes, parent }));
    expect(built(elements)).toEqual(built(htmlDocument(expected).elements));
    expectHarmless(words);
  });
});

describe('Markdown', () => {
  test.each(hostile.filter(([what]) => what !== 'a long word'))(
    'has nothing in it but what the door gives: %s',
    (_what, text) => {
      const expected = joined(markdownReport(poisoned(real, wordFor(text)))).replaceAll(wordFor(text), markdown(text));
      expect(joined(markdownReport(poisoned(real, text)))).toBe(expected);
    },
  );

  test.each(hostile)('the door leaves nothing that Markdown or HTML takes as its own: %s', (_what, text) => {
    const shown = markdown(text);
    expectHarmless(shown);
    expect(shown).not.toContain('\n');
    // What is escaped is taken away; nothing may be left.
    const bare = shown.replace(/\\[\\`*_{}[\]#+!|~<>&-]/g, '').replace(/&(amp|lt|gt|#8203);/g, '');
    expect(bare).not.toMatch(/[`*_[\]#|~<>&\\]/);
    expect(shown).not.toMatch(/\b(https?|ftp|mailto|www)[:.]/i);
  });
});

describe('CSV', () => {
  function parsed(text: string): string[][] {
    const records: string[][] = [[]];
    let cell = '';
    let quoted = false;
    for (let at = 0; at < text.length; at += 1) {
      const letter = text.charAt(at);
      if (quoted) {
        if (letter !== '"') cell += letter;
        else if (text.charAt(at + 1) === '"') {
          cell += '"';
          at += 1;
        } else quoted = false;
      } else if (letter === '"' && cell === '') quoted = true;
      else if (letter === ',' || letter === '\r') {
        records.at(-1)?.push(cell);
        cell = '';
        if (letter === ',') continue;
        expect(text.charAt(at + 1)).toBe('\n');
        at += 1;
        records.push([]);
      } else cell += letter;
    }
    expect(records.pop()).toEqual([]);
    return records;
  }

  const plain = parsed(joined(csvReport(real)));

  test.each([...hostile, ...formulas.map((text) => [`a formula, ${JSON.stringify(text)}`, text] as const)])(
    'has the same cells, and none is a formula: %s',
    (_what, text) => {
      const shown = joined(csvReport(poisoned(real, text)));
      expectHarmless(shown.replaceAll('\r\n', '\n'));
      const cells = parsed(shown);
      expect(cells.map((record) => record.length)).toEqual(plain.map((record) => record.length));
      for (const cell of cells.flat()) {
        if (/^-?\d+(\.\d+)?$/.test(cell) && !cell.startsWith('-1')) continue;
        expect(cell.normalize('NFKC')).not.toMatch(/^\s*[=+\-@|%]/);
      }
    },
  );
});

describe('SARIF', () => {
  test.each(hostile)('is the same document with other words: %s', (_what, text) => {
    const shown = joined(sarifReport(poisoned(real, text)));
    expectHarmless(shown);
    same(JSON.parse(joined(sarifReport(real))), JSON.parse(shown), '');
  });

  function same(one: unknown, other: unknown, key: string): void {
    if (typeof one !== 'object' || one === null) {
      expect(typeof other).toBe(typeof one);
      if (typeof other !== 'string') return;
      expectHarmless(other);
      if (key === 'uri') expect(other).toMatch(/^[\w.~%/:()!'*-]*$/);
      // A link, or a place-holder of a message.
      if (key === 'text' || key === 'markdown') expect(other.replace(/\\[[\]]|\{\{|\}\}/g, '')).not.toMatch(/[[\]{}]/);
      return;
    }
    expect(Object.keys(other as object)).toEqual(Object.keys(one));
    for (const [name, value] of Object.entries(one)) same(value, (other as Record<string, unknown>)[name], name || key);
  }
});

test('every format that analyze knows is tried here', async () => {
  const program = await createProgram(recordedIo(), analyzeFiles, () => {});
  const formats = program.commands.flatMap(({ options }) =>
    options.flatMap(({ long, argChoices }) => (long === '--format' ? (argChoices ?? []) : [])),
  );
  expect([...new Set(formats)].sort()).toEqual([
    'csv',
    'html',
    'json',
    'jsonl',
    'markdown',
    'netntlm',
    'sarif',
    'text',
  ]);
});

describe('names of files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pptpscope-names-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const octets = readFileSync('captures/09-mschapv2-wrong-password-client.pcap');

  test.each(['\x1b[31mred\x1b]0;t\x07.pcap', 'a\nb\u202efdp.pcap', '=1+1,"x".pcap', '<b>`|.pcap', '-x\u009b.pcap'])(
    '%j steers nothing, wherever it is said',
    async (name) => {
      const path = join(folder, name);
      writeFileSync(path, octets);
      const absent = `${path}-absent`;
      const words = [
        ...['text', 'json', 'csv', 'sarif', 'markdown'].map((format) => ['analyze', '--format', format, path, absent]),
        ['packets', path, absent],
        ['packets', '--format', 'json', path],
        ['packets', '--tunnel', name, path],
        ['ladder', path],
        ['ladder', '--call', name, path],
        ['ladder', absent],
        ['handshakes', path, absent],
        ['explain', name],
        ['analyze', '-o', path, path],
        ['analyze', '-o', join(folder, name, 'x'), path],
        ['analyze', '--config', absent, path],
        ['analyze', '--limit', `${name}=1`, path],
        ['analyze', '--ignore', name, path],
        ['packets', '-w', path, path],
        ['packets', '-w', path, 'captures/07-pap-clear-client.pcap'],
        ['packets', '--protocol', name, path],
        ['packets', '--between', name, name, path],
        ['live', '-i', name],
        ['live', '-i', '-', '--user', name],
        [name],
        [`--${name}`],
      ];
      for (const line of words) {
        const io = recordedIo();
        await run(line, io, analyzeFiles);
        expectHarmless(io.err());
        expectHarmless(io.out().replaceAll('\r\n', '\n'));
      }
    },
  );
});

test('the door of terminals is closed to all that misleads', () => {
  const passed: string[] = [];
  for (let point = 0; point <= 0x10_ffff; point += 1) {
    const shown = printable(String.fromCodePoint(point));
    if (misleading.test(shown) || shown.includes('\n')) passed.push(`U+${point.toString(16)}`);
  }
  expect(passed).toEqual([]);
});
