/** The page in a real browser: what it shows and saves is what the program writes, and it asks nobody for anything. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { analyzeFiles } from '../src/node/index.ts';
import { programPath } from '../src/node/live/programs.ts';
import { htmlReport } from '../src/report/html.ts';
import { jsonReport } from '../src/report/json.ts';
import { redact } from '../src/report/redact.ts';
import { compressed } from './support/compressed.ts';
import { htmlDocument } from './support/html.ts';

const address = new URL('../dist/pptpscope.html', import.meta.url).href;
const executablePath = programPath('chromium');
const captures = readdirSync('captures')
  .filter((name) => /\.(pcap|pcapng|gz)$/.test(name))
  .map((name) => join('captures', name));
const sample = 'captures/30-big-mixed-many-sessions-server.pcap';

describe.skipIf(executablePath === null)('in a browser (skipped where chromium is not installed)', () => {
  let browser: Browser;
  let page: Page;
  let folder = '';
  const asked: string[] = [];
  const faults: string[] = [];

  beforeAll(async () => {
    // The sandbox needs a user other than root.
    browser = await chromium.launch({ executablePath: executablePath ?? '', args: ['--no-sandbox'] });
    folder = mkdtempSync(join(tmpdir(), 'pptpscope-page-'));
  });
  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    asked.length = faults.length = 0;
    await page?.close();
    page = await browser.newPage();
    page.on('request', (request) => asked.push(request.url()));
    page.on('pageerror', ({ message }) => faults.push(message));
    page.on('console', (message) => faults.push(message.text()));
    await page.goto(address);
  });

  /** The document that is shown once `change` has been done. */
  async function shown(change: () => Promise<unknown>): Promise<string> {
    const loaded = page.waitForEvent('framenavigated', (frame) => frame.url() === 'about:srcdoc');
    await change();
    const frame = await loaded;
    await frame.locator('footer').waitFor({ state: 'attached' });
    await page.locator('#report').waitFor();
    return frame.content();
  }

  const reportOn = (files: readonly string[]): Promise<string> => shown(() => page.setInputFiles('#files', [...files]));

  async function saved(format: string): Promise<{ name: string; text: string }> {
    const [download] = await Promise.all([page.waitForEvent('download'), page.click(`button[value=${format}]`)]);
    return { name: download.suggestedFilename(), text: readFileSync(await download.path(), 'utf8') };
  }

  test('of all samples at once the report is that of the program', async () => {
    const html = await reportOn(captures);
    const { name, text } = await saved('json');
    const expected = await analyzeFiles(captures);
    expect(name).toBe('pptp-report.json');
    expect(text).toBe([...jsonReport(expected)].join('').replaceAll('captures/', ''));
    const document = [...htmlReport(expected, { time: 'utc' })].join('').replaceAll('captures/', '');
    // The frame has a base of its own, on a line of its own.
    expect(htmlDocument(html).text.trim()).toBe(htmlDocument(document).text.trim());
    expect(faults).toEqual([]);
    for (const url of asked) expect(url).toMatch(/^(file|blob):/);
  });

  test.each(Object.entries(compressed))('a capture in %s', async (kind, octets) => {
    const path = join(folder, `capture.${kind}`);
    writeFileSync(path, octets);
    expect(await reportOn([path])).toContain(`pcap in ${kind}`);
    expect(faults).toEqual([]);
  });

  test('what is no capture, and a file that is cut', async () => {
    const text = join(folder, 'words.txt');
    const cut = join(folder, 'cut.gz');
    writeFileSync(text, 'no capture at all, but words');
    writeFileSync(cut, compressed.gzip.subarray(0, 150));
    const html = htmlDocument(await reportOn([text, cut])).text;
    expect(html).toContain('words.txt   could not be read');
    expect(html).toContain('no pcap or pcapng file: it is text');
    expect(html).toContain('cut.gz: gzip: the data end early');
    expect(faults).toEqual([]);
  });

  test('times and pseudonyms as they are asked for', async () => {
    const report = await analyzeFiles([sample]);
    expect(await reportOn([sample])).toContain('203.0.113.10');
    const html = await shown(() => page.check('#redact'));
    const [tunnel] = redact(report).tunnels;
    expect(html).not.toContain('203.0.113.10');
    expect(html).toContain(tunnel?.server.address ?? 'no tunnel');
    expect(html).not.toMatch(/\+0\.\d+ s/);
    expect(await shown(() => page.selectOption('#time', 'relative'))).toMatch(/\+0\.\d+ s/);
  });

  test('is saved in every format', async () => {
    await reportOn([sample]);
    for (const [format, name, words] of [
      ['html', 'pptp-report.html', '<!doctype html>'],
      ['markdown', 'pptp-report.md', '# PPTP report'],
      ['csv', 'pptp-report.csv', basename(sample)],
      ['sarif', 'pptp-report.sarif', '"version":"2.1.0"'],
    ] as const) {
      const file = await saved(format);
      expect(file.name).toBe(name);
      expect(file.text).toContain(words);
    }
    expect(faults).toEqual([]);
  });

  test('a link of the report leads to its tunnel', async () => {
    await reportOn([sample]);
    const report = page.frameLocator('#report');
    await report.locator('a[href="#T5"]').click();
    await expect.poll(() => report.locator('#T5').evaluate((heading) => heading.matches(':target'))).toBe(true);
  });

  test('other captures take the place of the first ones', async () => {
    expect(await reportOn([sample])).toContain(basename(sample));
    expect(await reportOn(['captures/13-gre-dropped-both-ways-client.pcap'])).not.toContain(basename(sample));
  });

  test('what was still to be shown of captures that others replaced is not shown', async () => {
    await page.evaluate(`{
      const { text } = Blob.prototype;
      let first = true;
      Blob.prototype.text = function () {
        const whole = text.call(this);
        if (!first) return whole;
        first = false;
        return new Promise((resolve) => { globalThis.release = () => resolve(whole); document.title = 'held'; });
      };
    }`);
    await page.setInputFiles('#files', sample);
    await expect.poll(() => page.title()).toBe('held');
    await reportOn(['captures/13-gre-dropped-both-ways-client.pcap']);
    await page.evaluate('release()');
    await page.evaluate('new Promise((resolve) => setTimeout(resolve))');
    expect(await page.locator('#report').getAttribute('srcdoc')).not.toContain(basename(sample));
  });

  test('the same files may be chosen again', async () => {
    await reportOn([sample]);
    await Promise.all([page.waitForEvent('filechooser'), page.click('#files')]);
    expect(await page.inputValue('#files')).toBe('');
  });

  test('a fault is told, and nothing is offered that cannot be done any more', async () => {
    await reportOn([sample]);
    await page.evaluate(`{
      const { postMessage } = Worker.prototype;
      Worker.prototype.postMessage = function () {
        Worker.prototype.postMessage = postMessage;
        postMessage.call(this, { wish: null });
      };
    }`);
    await page.click('button[value=json]');
    await page.locator('#fault').waitFor();
    expect(await page.textContent('#fault')).toMatch(/^It cannot go on: .+ Choose the captures again\.$/);
    expect(await page.locator('#options').isVisible()).toBe(false);
    await reportOn(['captures/13-gre-dropped-both-ways-client.pcap']);
    expect(await page.locator('#fault').isVisible()).toBe(false);
  });

  test('no script runs but its own, and nothing can be fetched', async () => {
    await page.evaluate(`{
      const script = document.createElement('script');
      script.textContent = 'document.title = "injected"';
      document.body.append(script);
    }`);
    expect(await page.title()).toBe('pptpscope');
    await expect(page.evaluate(`fetch('${address}')`)).rejects.toThrow();
    expect(asked).toEqual([address]);
    expect(faults.join()).toContain('Content Security Policy');
  });
});
