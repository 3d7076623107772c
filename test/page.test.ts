/** The page in a real browser: what it shows and saves is what the program writes, and it asks nobody for anything. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { analyzeFiles } from '../src/node/index.ts';
import { programPath } from '../src/node/live/programs.ts';
import { rereading } from '../src/node/two-passes.ts';
import { readWithDiagrams } from '../src/reading/diagrams.ts';
import { htmlReport } from '../src/report/html.ts';
import { jsonReport } from '../src/report/json.ts';
import { redact } from '../src/report/redact.ts';
import { pcapFile } from './support/captures.ts';
import { compressed } from './support/compressed.ts';
import { htmlDocument } from './support/html.ts';
import { SessionWriter } from './support/session.ts';

const address = new URL('../dist/pptpscope.html', import.meta.url).href;
const executablePath = programPath('chromium');
const captures = readdirSync('captures')
  .filter((name) => /\.(pcap|pcapng|gz)$/.test(name))
  .map((name) => join('captures', name));
/** Of four tunnels, with times in nanoseconds. */
const sample = 'captures/20-two-clients-nat-with-helper-both-interfaces.pcapng';

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

  /** The report that is shown once `change` has been done. */
  async function shown(change: () => Promise<unknown>): Promise<string> {
    await page.evaluate(`document.querySelector('#report h1')?.classList.add('before')`);
    await change();
    await page.locator('#report h1:not(.before)').waitFor();
    return page.locator('#report').innerHTML();
  }

  const reportOn = (files: readonly string[]): Promise<string> => shown(() => page.setInputFiles('#files', [...files]));

  /** What a hand does with files from another window: the browser itself finds what is under it. */
  async function drop(files: readonly string[], x: number, y: number): Promise<void> {
    const session = await page.context().newCDPSession(page);
    const data = { items: [], files: files.map((file) => resolve(file)), dragOperationsMask: 1 };
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
      await session.send('Input.dispatchDragEvent', { type, x, y, data });
    }
    await session.detach();
  }

  async function saved(format: string): Promise<{ name: string; text: string }> {
    const [download] = await Promise.all([page.waitForEvent('download'), page.click(`button[value=${format}]`)]);
    return { name: download.suggestedFilename(), text: readFileSync(await download.path(), 'utf8') };
  }

  test('of all samples at once the report is that of the program', async () => {
    const html = await reportOn(captures);
    const { name, text } = await saved('json');
    const { source, diagrams } = await rereading(captures, (some, copies) => readWithDiagrams(some, {}, copies));
    expect(name).toBe('pptp-report.json');
    expect(text).toBe([...jsonReport(source)].join('').replaceAll('captures/', ''));
    expect(html).toContain('Ladder diagram of T1.1');
    const document = htmlDocument(
      [...htmlReport(source, { time: 'utc', diagrams })].join('').replaceAll('captures/', ''),
    );
    const main = document.elements.find((element) => element.name === 'main');
    expect(htmlDocument(html).text.trim()).toBe(main?.text.trim());
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
    expect(html).not.toMatch(/\+\d+\.\d+ s/);
    expect(html).not.toContain('Ladder diagram');
    expect(await shown(() => page.selectOption('#time', 'relative'))).toMatch(/\+\d+\.\d+ s/);
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
    await reportOn(captures.filter((path) => /\/1[3-6]-/.test(path)));
    await page.locator('a[href="#T4"]').click();
    expect(await page.locator('#T4').evaluate((heading) => heading.matches(':target'))).toBe(true);
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
    await expect.poll(() => page.title(), { timeout: 30_000 }).toBe('held');
    await reportOn(['captures/13-gre-dropped-both-ways-client.pcap']);
    await page.evaluate('release()');
    await page.evaluate('new Promise((resolve) => setTimeout(resolve))');
    expect(await page.locator('#report').innerHTML()).not.toContain(basename(sample));
  });

  test('the same files may be chosen again', async () => {
    await reportOn([sample]);
    await Promise.all([page.waitForEvent('filechooser'), page.click('#files')]);
    expect(await page.inputValue('#files')).toBe('');
  });

  test('who chooses none keeps those that there were', async () => {
    await reportOn([sample]);
    await Promise.all([page.waitForEvent('filechooser'), page.click('#files')]);
    await page.locator('#files').dispatchEvent('cancel');
    expect(await page.inputValue('#files')).toContain(basename(sample));
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
    for (const gone of ['#saving', '#report']) expect(await page.locator(gone).isVisible()).toBe(false);
    await reportOn(['captures/13-gre-dropped-both-ways-client.pcap']);
    expect(await page.textContent('#fault')).toBe('');
  });

  test('files are taken wherever they are dropped, before a report and on it', async () => {
    await shown(() => drop([sample], 300, 300));
    expect(await page.locator('#T4').count()).toBe(1);
    const other = 'captures/13-gre-dropped-both-ways-client.pcap';
    const tunnel = await page.locator('#T1').boundingBox();
    const html = await shown(() => drop([other], (tunnel?.x ?? 0) + 5, (tunnel?.y ?? 0) + 5));
    expect(html).toContain(basename(other));
    expect(html).not.toContain(basename(sample));
    expect(await page.inputValue('#files')).toContain(basename(other));
    expect(faults).toEqual([]);
  });

  test('a report on other control ports', async () => {
    const moved = join(folder, 'moved.pcap');
    const writer = new SessionWriter({ serverPort: 4000 }).handshake();
    writeFileSync(moved, pcapFile(writer.frames));
    expect(await reportOn([moved])).toContain('No PPTP in this capture.');
    await page.fill('#ports', '1723, 4000');
    expect(await shown(() => page.press('#ports', 'Enter'))).toContain(':4000');
    await page.fill('#ports', '70000');
    await page.press('#ports', 'Enter');
    const fault = await page
      .locator('#ports')
      .evaluate((field) => 'validationMessage' in field && field.validationMessage);
    expect(fault).toBe('A port is a number from 1 to 65535.');
    expect(await page.textContent('#report')).toContain(':4000');
  });

  test('what no report has is not shown', async () => {
    for (const hostile of ['<img src=x>', '<p onclick="x()">', '<a href="http://192.0.2.1">', '<svg><a href="#T1">']) {
      await page.evaluate(`{
        const { text } = Blob.prototype;
        Blob.prototype.text = async function () {
          Blob.prototype.text = text;
          return (await text.call(this)).replace('</main>', ${JSON.stringify(hostile)} + '</main>');
        };
      }`);
      await page.setInputFiles('#files', sample);
      await page.locator('#fault', { hasText: 'the report has' }).waitFor();
      expect(await page.textContent('#report')).toBe('');
    }
    for (const url of asked) expect(url).toMatch(/^(file|blob):/);
  });

  /** What has the focus: its id, else its words. */
  const focused = (): Promise<unknown> =>
    page.evaluate('document.activeElement.id || document.activeElement.textContent.trim()');
  const headings = (): Promise<unknown> => page.locator('h1:visible').allTextContents();

  // WCAG 2.2, 2.4.3, 3.2.2 and 4.1.3: who waits is led to the report and told of it, who changes an option stays there.
  test('the focus is led to a new report and stays with an option', async () => {
    expect(await headings()).toHaveLength(1);
    await reportOn([sample]);
    const title = `PPTP report: ${basename(sample)}`;
    expect(await headings()).toEqual([title]);
    expect(await focused()).toBe(title);
    expect(await page.title()).toBe(title);
    expect(await page.getByRole('status').textContent()).toBe('The report is there');
    await page.focus('#time');
    await shown(() => page.selectOption('#time', 'relative'));
    expect(await focused()).toBe('time');
    expect(await page.getByRole('status').textContent()).toBe('The report is written anew');
  });

  // WCAG 2.2, 2.1.1, 2.4.1 and 2.4.3.
  test('the keyboard reaches everything in the order in which it stands', async () => {
    await reportOn(['captures/07b-pap-wrong-password-server.pcap']);
    await page.focus('.skip');
    expect(await page.locator('.skip').boundingBox()).toMatchObject({ y: expect.closeTo(8, -1) });
    const order: unknown[] = [];
    for (let step = 0; step < 14; step += 1) {
      await page.keyboard.press('Tab');
      order.push(await focused());
    }
    expect(order).toEqual([
      ...['files', 'ports', 'time', 'redact', 'HTML', 'Markdown', 'JSON', 'CSV', 'SARIF'],
      ...['Security findings', 'Instead of PPTP', 'Details of T1', 'Ladder diagram of T1.1'],
      expect.stringContaining('MIT licence'),
    ]);
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Enter');
    expect(await page.locator('#report details[open] > summary').allTextContents()).toEqual(['Ladder diagram of T1.1']);
    await page.focus('.skip');
    await page.keyboard.press('Enter');
    expect(await focused()).toBe('main');
  });

  // WCAG 2.2, 1.4.10: 320 CSS pixels are enough without scrolling in two directions.
  test('on a telephone the report has the screen, and nothing lies beside it', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    await reportOn([sample]);
    const header = await page.locator('header').boundingBox();
    expect(header?.height).toBeLessThan(844 / 5);
    await page.evaluate(`for (const one of document.querySelectorAll('details')) one.open = true`);
    for (const width of [390, 320]) {
      await page.setViewportSize({ width, height: 844 });
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
    }
  });

  test('on paper the report stands alone', async () => {
    await reportOn([sample]);
    await page.emulateMedia({ media: 'print' });
    for (const part of ['header', 'body > footer', '.skip']) expect(await page.locator(part).isVisible()).toBe(false);
    expect(await page.locator('#T4').isVisible()).toBe(true);
    await page.emulateMedia({ media: null });
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
