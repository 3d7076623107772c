/**
 * The report as one HTML document that stands alone: no script, nothing loaded from elsewhere. The words are those of the text
 * report; details are folded.
 */
import type { ReportSource } from './contract.ts';
import { HtmlPage, html } from './html/html-page.ts';
import { style } from './html/style.ts';
import { nameOf } from './sequences.ts';
import { type ToldOptions, told } from './text/whole.ts';

export type HtmlOptions = Omit<ToldOptions, 'verbose'>;

/** The whole document, in pieces. */
export function* htmlReport(report: ReportSource, options: HtmlOptions): Generator<string> {
  const [first, ...others] = report.captures;
  const title = `PPTP report: ${first === undefined ? 'no capture' : nameOf(first)}${others.length === 0 ? '' : ` and ${others.length} more`}`;
  yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n';
  yield '<meta name="viewport" content="width=device-width">\n';
  // Were markup to get through after all, it could load nothing and run nothing.
  yield `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">\n`;
  yield `<title>${html(title)}</title>\n<style>\n${style}</style>\n</head>\n`;
  yield `<body>\n<main>\n<h1>${html(title)}</h1>\n`;
  const page = new HtmlPage();
  yield* told(report, page, { ...options, verbose: true });
  page.end();
  yield `${page.take()}</main>\n<footer>${html(`${report.tool.name} ${report.tool.version}`)}</footer>\n</body>\n</html>\n`;
}
