/**
 * The sheet that the text report is written on: keeps every line within the width and colours marks.
 */
import type { HeadingKind, Page } from './page.ts';
import { type Palette, type Span, span } from './span.ts';
import { columnsOf, columnsOfAll, wrap } from './wrap.ts';

/** Spaces between columns. */
const gutter = 2;

/** Columns that a heading begins at, and goes on at. */
const headings: { readonly [Kind in HeadingKind]: readonly [indent: number, hanging: number] } = {
  outcomes: [0, 0],
  capture: [0, 2],
  tunnel: [0, 4],
  call: [0, 4],
  cause: [2, 2],
  section: [2, 2],
  part: [0, 0],
  finding: [2, 13],
};

export class TextPage implements Page {
  readonly kind = 'lines';
  readonly width: number;
  private readonly palette: Palette;
  private readonly lines: string[] = [];
  /** The last line that was taken; empty at the start. */
  private before = '';

  constructor(width: number, palette: Palette) {
    this.width = width;
    this.palette = palette;
  }

  heading(kind: HeadingKind, spans: readonly Span[]): void {
    this.paragraph(spans, ...headings[kind]);
  }

  details(_title: string, tell: () => void): void {
    tell();
  }

  /** An empty line; never two in a row, never at the start. */
  blank(): void {
    if ((this.lines.at(-1) ?? this.before) !== '') this.lines.push('');
  }

  paragraph(spans: readonly Span[], indent = 0, hanging = indent): void {
    let start = indent;
    for (const line of wrap(spans, this.width - indent, this.width - hanging)) {
      this.push(start, line);
      start = hanging;
    }
  }

  /** One line as it is, which the caller has made narrow enough. */
  row(spans: readonly Span[], indent: number): void {
    this.push(indent, spans);
  }

  /**
   * The aside stands in the right margin. In a narrow page it follows the text, and in a very narrow one the text stands
   * below its label.
   */
  entry(label: readonly Span[], labelWidth: number, text: readonly Span[], aside: string, asideWidth: number): void {
    const indent = 2;
    const textStart = indent + labelWidth + 1;
    const inMargin =
      aside !== '' && columnsOf(aside) <= asideWidth && this.width - textStart - asideWidth - gutter >= 32;
    const full = aside === '' || inMargin ? text : [...text, span(`${text.length > 0 ? ' ' : ''}(${aside})`, 'faint')];
    if (this.width - textStart < 24) {
      this.paragraph(label, indent, indent + 4);
      if (full.length > 0) this.paragraph(full, indent + 2);
      return;
    }
    const textWidth = this.width - textStart - (inMargin ? asideWidth + gutter : 0);
    const gap = pad(Math.max(1, labelWidth + 1 - columnsOfAll(label)));
    const [line = [], ...others] = wrap(full, textWidth, textWidth);
    if (inMargin) {
      const margin = pad(textWidth - columnsOfAll(line) + gutter);
      this.push(indent, [...label, gap, ...line, margin, span(aside, 'faint')]);
    } else this.push(indent, [...label, gap, ...line]);
    for (const other of others) this.push(textStart, other);
  }

  /** In aligned columns, or, where the page is too narrow, one row after the other with each cell behind its heading. */
  table(headings: readonly string[], rows: readonly (readonly string[])[], indent: number): void {
    const cells = [headings, ...rows].map((row) => row.map((cell) => span(cell)));
    const widths = headings.map((_, column) => Math.max(...cells.map((row) => columnsOf(row[column]?.text ?? ''))));
    const total = indent + widths.reduce((sum, width) => sum + width + gutter, -gutter);
    if (total <= this.width) {
      cells.forEach((row, index) => {
        const line: Span[] = [];
        row.forEach((cell, column) => {
          line.push(index === 0 ? { ...cell, mark: 'faint' } : cell);
          if (column < row.length - 1) line.push(pad((widths[column] ?? 0) - columnsOf(cell.text) + gutter));
        });
        this.push(indent, line);
      });
      return;
    }
    for (const row of rows) {
      const named = row.flatMap((cell, column) => {
        const heading = headings[column] ?? '';
        if (cell === '') return [];
        return [heading === '' ? cell : `${heading} ${cell}`];
      });
      this.paragraph([span(named.join(', '))], indent, indent + 2);
    }
  }

  take(): string {
    if (this.lines.length === 0) return '';
    const text = `${this.lines.join('\n')}\n`;
    this.before = this.lines.at(-1) ?? this.before;
    this.lines.length = 0;
    return text;
  }

  private push(indent: number, line: readonly Span[]): void {
    let painted = pad(indent).text;
    for (const { text, mark } of line) painted += mark === null || text === '' ? text : this.palette[mark](text);
    this.lines.push(painted.trimEnd());
  }
}

/** By their widths: a line has several. */
const pads: Span[] = [];

function pad(columns: number): Span {
  const width = Math.max(0, columns);
  while (pads.length <= width) pads.push(span(' '.repeat(pads.length)));
  return pads[width] ?? span('');
}
