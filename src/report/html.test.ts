import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { htmlDocument } from '../../test/support/html.ts';
import { analyzeFiles } from '../node/index.ts';
import type { Report } from './contract.ts';
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
    const known = [
      'html',
      'head',
      'meta',
      'title',
      'style',
      'body',
      'main',
      'section',
      'h2',
      'h3',
      'h4',
      'p',
      'a',
      'span',
    ];
    const more = ['table', 'thead', 'tbody', 'tr', 'th', 'td', 'div', 'details', 'summary', 'footer'];
    for (const { name, attributes } of document.elements) {
      expect([...known, ...more]).toContain(name);
      if (name === 'meta') continue;
      for (const attribute of Object.keys(attributes))
        expect(['lang', 'class', 'id', 'scope', 'href']).toContain(attribute);
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
