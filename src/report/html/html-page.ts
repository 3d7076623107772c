/** The report as a document: its headings, paragraphs and tables in HTML, without a script. */
import type { HeadingKind, Page } from '../text/page.ts';
import { type Span, safe } from '../text/span.ts';

/** `begins`: a section of the document begins with it. */
const headings: { readonly [Kind in HeadingKind]: { readonly level: number; readonly begins: boolean } } = {
  capture: { level: 2, begins: true },
  tunnel: { level: 2, begins: true },
  call: { level: 3, begins: false },
  cause: { level: 4, begins: false },
  outcomes: { level: 2, begins: true },
  part: { level: 2, begins: true },
  section: { level: 4, begins: false },
};

export class HtmlPage implements Page {
  readonly kind = 'document';
  private written = '';
  /** What is open: a section, and a list in it. */
  private inSection = false;
  private inList = false;

  heading(kind: HeadingKind, spans: readonly Span[], id?: string): void {
    const { level, begins } = headings[kind];
    this.blank();
    if (begins) {
      this.end();
      this.inSection = true;
      this.written += `<section class="${kind}">\n`;
    }
    const named = id === undefined ? '' : ` id="${html(id)}"`;
    this.written += `<h${level} class="${kind}"${named}>${inline(spans)}</h${level}>\n`;
  }

  blank(): void {
    if (this.inList) this.written += '</table>\n';
    this.inList = false;
  }

  paragraph(spans: readonly Span[], indent = 0): void {
    this.blank();
    this.written += `<p${indent > 2 ? ' class="inner"' : ''}>${inline(spans)}</p>\n`;
  }

  entry(label: readonly Span[], _labelWidth: number, text: readonly Span[], aside: string): void {
    if (!this.inList) this.written += '<table class="entries">\n';
    this.inList = true;
    const last = `<td class="aside">${html(aside)}</td>`;
    this.written += `<tr><th scope="row">${inline(label)}</th><td>${inline(text)}</td>${last}</tr>\n`;
  }

  table(columns: readonly string[], rows: readonly (readonly string[])[]): void {
    this.blank();
    const heads = columns.map((column) => `<th scope="col">${html(column)}</th>`).join('');
    this.written += `<div class="wide"><table>\n<thead><tr>${heads}</tr></thead>\n<tbody>\n`;
    for (const row of rows) this.written += `<tr>${row.map((cell) => `<td>${html(cell)}</td>`).join('')}</tr>\n`;
    this.written += '</tbody></table></div>\n';
  }

  details(title: string, tell: () => void): void {
    this.blank();
    this.written += `<details><summary>${html(title)}</summary>\n`;
    tell();
    this.blank();
    this.written += '</details>\n';
  }

  take(): string {
    const { written } = this;
    this.written = '';
    return written;
  }

  /** Closes what is open. */
  end(): void {
    this.blank();
    if (this.inSection) this.written += '</section>\n';
    this.inSection = false;
  }
}

function inline(spans: readonly Span[]): string {
  let text = '';
  for (const { text: words, mark, to } of spans) {
    if (words === '') continue;
    const marked = mark === null ? html(words) : `<span class="${mark}">${html(words)}</span>`;
    text += to === undefined ? marked : `<a href="#${html(to)}">${marked}</a>`;
  }
  return text;
}

/** The door: what comes through it is text, wherever it stands in the document. */
export function html(text: string): string {
  return safe(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
