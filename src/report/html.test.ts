import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { htmlDocument } from '../../test/support/html.ts';
import { analyzeFiles } from '../node/index.ts';
import type { Report } from './contract.ts';
import { style } from './html/style.ts';
import { htmlReport } from './html.ts';
import { plainPalette, type TimeStyle, textReport } from './text.ts';

const names = readdirSync('captures').filter((name) => /\.(pcap|pcapng|gz)$/.test(name));
/** Of its tunnels that are alike three are told. */
const crowd = '36-not-pptp-clients-to-pptpd-server.pcap';
const reportOn = (some: readonly string[]) => analyzeFiles(some.map((name) => `captures/${name}`));
const documentOf = (report: Report, time: TimeStyle = 'utc') =>
  htmlDocument([...htmlReport(report, { time })].join(''));
const all = await reportOn(names.filter((name) => name !== crowd));
const document = documentOf(all);

describe('all sample captures', () => {
  test('a document without faults', () => {
    expect(document.errors).toEqual([]);
    expect(document.elements.filter(({ name }) => name === 'h2').length).toBeGreaterThan(names.length);
  });

  test('runs nothing and loads nothing', () => {
    const head = ['html', 'head', 'meta', 'title', 'style'];
    const body =
      'body main section h1 h2 h3 h4 h5 p a span dl div dt dd table thead tbody tr th td details summary footer';
    const known = [...head, ...body.split(' ')];
    for (const { name, attributes } of document.elements) {
      expect(known).toContain(name);
      if (name === 'meta') continue;
      for (const attribute of Object.keys(attributes))
        expect(['lang', 'class', 'id', 'scope', 'href', 'role', 'aria-label']).toContain(attribute);
    }
    expect(document.elements.find(({ attributes }) => attributes['http-equiv'] !== undefined)?.attributes).toEqual({
      'http-equiv': 'Content-Security-Policy',
      content: "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'",
    });
  });

  test('links lead to a tunnel or a call, which are there once', () => {
    const ids = document.elements.flatMap(({ attributes }) => attributes['id'] ?? []);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toEqual(expect.arrayContaining(all.tunnels.map(({ id }) => id)));
    const links = document.elements.flatMap(({ attributes }) => attributes['href'] ?? []);
    expect(links.length).toBeGreaterThan(20);
    for (const link of links) expect(ids.map((id) => `#${id}`)).toContain(link);
  });

  // WCAG 2.2, success criteria 1.3.1 and 2.4.6; HTML Standard §4.3.11: a heading is one level below the one before it at most.
  test('headings in order, below the one of the document', () => {
    const headings = document.elements.filter(({ name }) => /^h\d$/.test(name));
    expect(headings.filter(({ name }) => name === 'h1').map(({ parent }) => parent)).toEqual(['main']);
    let before = 0;
    for (const { name, text } of headings) {
      expect(Number(name.slice(1)), text).toBeLessThanOrEqual(before + 1);
      expect(text.trim()).not.toBe('');
      before = Number(name.slice(1));
    }
  });

  // WCAG 2.2, 1.3.2: the order of reading is that of the document, which no style sheet changes.
  test('what became of all stands before the first capture, for a reader of any kind', () => {
    const classes = document.elements.flatMap(({ name, attributes }) =>
      name === 'section' ? attributes['class'] : [],
    );
    expect(classes[0]).toBe('outcomes');
    expect(classes.filter((name) => name === 'outcomes')).toHaveLength(1);
    expect(style).not.toMatch(/[\s;{](order|float|position|direction)\s*:|-reverse/);
  });

  // HTML Standard §4.4.9, §4.9: groups of terms and descriptions; headers of rows and columns.
  test('lists and tables say what belongs to what', () => {
    const of = (name: string) => document.elements.filter((element) => element.name === name);
    for (const { parent } of [...of('dt'), ...of('dd')]) expect(parent).toBe('div');
    for (const { parent } of of('div')) expect(parent).toBe('dl');
    expect(of('dt').length).toBe(of('div').length);
    for (const { attributes, text } of of('th')) {
      expect(['row', 'col']).toContain(attributes['scope']);
      expect(text).not.toBe('');
    }
    expect(of('tbody').filter(({ text }) => text.trim() === '')).toEqual([]);
    expect(new Set(of('summary').map(({ text }) => text)).size).toBe(of('summary').length);
  });

  // WCAG 2.2, 1.1.1: a rung that nothing is said of has its status in a sign alone.
  test('signs that no word stands beside have a name', () => {
    const rungs = all.tunnels.flatMap(({ stages, calls }) => [
      ...(stages ?? []),
      ...calls.flatMap((call) => call.stages),
    ]);
    const images = document.elements.filter(({ attributes }) => attributes['role'] === 'img');
    const named = (status: string) => images.filter(({ attributes }) => attributes['aria-label'] === status).length;
    for (const status of ['passed', 'failed', 'partial', 'skipped', 'not-seen'] as const) {
      expect(named(status.replace('-', ' '))).toBe(rungs.filter((rung) => rung.status === status).length);
    }
  });

  test('every word of the text report', () => {
    const text = [...textReport(all, { width: 600, palette: plainPalette, time: 'utc', verbose: true })].join('');
    // Frames that stand in the margin of the one stand in parentheses in the other.
    const words = new Set(text.split(/\s+/).map((word) => word.replace(/^\(|\)$/g, '')));
    const missing = [...words].filter((word) => !document.text.includes(word));
    expect(missing).toEqual([]);
  });
});

test('tunnels without a call that say the same are counted, and no link leads to one that is not told', async () => {
  const report = await reportOn([crowd]);
  const { text, elements } = documentOf(report);
  const ids = elements.flatMap(({ attributes }) => attributes['id'] ?? []);
  expect(text).toMatch(/ \d more to 203\.0\.113\.10:1723 like T\d: the JSON report has them all/);
  expect(report.tunnels.filter(({ id }) => !ids.includes(id)).length).toBeGreaterThan(0);
  const links = elements.flatMap(({ attributes }) => attributes['href'] ?? []);
  for (const link of links) expect(ids.map((id) => `#${id}`)).toContain(link);
});

test('nothing in it asks for an option of the command line', () => {
  expect(document.text).toContain('more of this kind');
  expect(document.text).not.toContain('--verbose');
});

test('a time in the style that is asked for', () => {
  const relative = documentOf(all, 'relative');
  expect(relative.text).toMatch(/\+0\.\d+ s/);
  expect(document.text).not.toMatch(/\+0\.\d+ s/);
});

// WCAG 2.2, 1.4.3: 4.5 to 1 at least, by the relative luminance that it defines.
describe('colours can be told from what is behind them', () => {
  const pairs = [...style.matchAll(/--(\w+): light-dark\(#(\w{6}), #(\w{6})\)/g)];
  const colours = new Map(pairs.map(([, name, light, dark]) => [name, { light, dark }]));

  function luminance(hex: string): number {
    const [red = 0, green = 0, blue = 0] = [0, 2, 4].map((at) => {
      const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  }

  test.each(['light', 'dark'] as const)('%s', (scheme) => {
    const of = (name: string): number => luminance(colours.get(name)?.[scheme] ?? '');
    for (const text of ['passed', 'failed', 'partial', 'faint']) {
      for (const behind of ['sheet', 'ground']) {
        const [lower = 0, higher = 0] = [of(text), of(behind)].sort((one, other) => one - other);
        expect((higher + 0.05) / (lower + 0.05), `${text} on ${behind}`).toBeGreaterThanOrEqual(4.5);
      }
    }
  });
});

test('a single tunnel has no overview, and what stands behind it is named before it', async () => {
  const { elements, text } = documentOf(await reportOn(['07b-pap-wrong-password-server.pcap']));
  expect(elements.filter(({ attributes }) => attributes['class'] === 'outcomes')).toEqual([]);
  expect(text.indexOf('Security findings')).toBeLessThan(text.indexOf('User name or password is not accepted.'));
});
