/** The report as a document: its headings, paragraphs and tables in HTML, without a script. */
import type { Instant } from '../../octets/instant.ts';
import type { Rung } from '../ladder.ts';
import type { HeadingKind, Page } from '../text/page.ts';
import { type Span, safe, sign } from '../text/span.ts';

/**
 * `level`: of the heading, where it is always the same; `below`: one below that which it belongs to. `begins`: a section of the
 * document begins with it.
 */
const headings: {
  readonly [Kind in HeadingKind]: { readonly level: number | 'below'; readonly begins: boolean };
} = {
  outcomes: { level: 2, begins: true },
  capture: { level: 2, begins: true },
  tunnel: { level: 3, begins: true },
  call: { level: 4, begins: false },
  cause: { level: 'below', begins: false },
  section: { level: 4, begins: false },
  part: { level: 2, begins: true },
  finding: { level: 3, begins: false },
};

const toServer = sign(' ▶', 'faint', 'to the server');
const toClient = sign('◀ ', 'faint', 'to the client');

export class HtmlPage implements Page {
  readonly kind = 'document';
  private written = '';
  /** What is open: a section, and a list in it. */
  private inSection = false;
  private inList = false;
  /** Of the last heading that causes may belong to. */
  private level = 1;

  heading(kind: HeadingKind, spans: readonly Span[], id?: string): void {
    const { level, begins } = headings[kind];
    this.blank();
    if (begins) {
      this.end();
      this.inSection = true;
      this.written += `<section class="${kind}">\n`;
    }
    if (level !== 'below') this.level = level;
    const name = `h${level === 'below' ? this.level + 1 : level}`;
    const named = id === undefined ? '' : ` id="${html(id)}"`;
    this.written += `<${name} class="${kind}"${named}>${inline(spans)}</${name}>\n`;
  }

  blank(): void {
    if (this.inList) this.written += '</dl>\n';
    this.inList = false;
  }

  paragraph(spans: readonly Span[], indent = 0): void {
    this.blank();
    this.written += `<p${indent > 2 ? ' class="inner"' : ''}>${inline(spans)}</p>\n`;
  }

  entry(label: readonly Span[], _labelWidth: number, text: readonly Span[], aside: string): void {
    if (!this.inList) this.written += '<dl>\n';
    this.inList = true;
    const last = aside === '' ? '' : `<dd class="aside">${html(aside)}</dd>`;
    this.written += `<div><dt>${inline(label)}</dt><dd>${inline(text)}</dd>${last}</div>\n`;
  }

  /** A first column without a heading is that of its rows. */
  table(columns: readonly string[], rows: readonly (readonly string[])[]): void {
    this.blank();
    const heads = columns.map((column) => (column === '' ? '<td></td>' : `<th scope="col">${html(column)}</th>`));
    this.written += `<table>\n<thead><tr>${heads.join('')}</tr></thead>\n<tbody>\n`;
    for (const row of rows) {
      const cells = row.map((cell, place) =>
        place === 0 && columns[0] === '' ? `<th scope="row">${html(cell)}</th>` : `<td>${html(cell)}</td>`,
      );
      this.written += `<tr>${cells.join('')}</tr>\n`;
    }
    this.written += '</tbody></table>\n';
  }

  /** Rungs as rows between two ends. `heads`: of the times, of the client, of the server. */
  ladder(
    [times, client, server]: readonly [string, string, string],
    rungs: readonly Rung[],
    timeOf: (instant: Instant | null) => string,
  ): void {
    this.blank();
    const ends = `<span class="ends"><span>${html(client)}</span> <span>${html(server)}</span></span>`;
    const heads = [html(times), ends, 'frame'].map((head) => `<th scope="col">${head}</th>`);
    this.written += `<table class="ladder">\n<thead><tr>${heads.join('')}</tr></thead>\n<tbody>\n`;
    for (const { kind, instant, from, text, frames } of rungs) {
      const timed = kind === 'packet' || kind === 'counted';
      const words = inline(from === null ? text : from === 'client' ? [...text, toServer] : [toClient, ...text]);
      // Where there is little room a time goes on in the next line with its fraction.
      const time = timed ? html(timeOf(instant)).replace('.', '<wbr>.') : '';
      this.written += `<tr><td>${time}</td><td class="${from ?? kind}">${words}</td><td>${html(frames)}</td></tr>\n`;
    }
    this.written += '</tbody></table>\n';
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
  for (const { text: words, mark, to, says } of spans) {
    if (words === '') continue;
    const image = says === undefined ? '' : ` role="img" aria-label="${html(says)}"`;
    const shown = mark === null ? '' : ` class="${mark}"`;
    const marked = image + shown === '' ? html(words) : `<span${shown}${image}>${html(words)}</span>`;
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
