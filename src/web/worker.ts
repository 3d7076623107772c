/** The page's other thread: reads captures, and writes reports over them. */
import { ChosenFiles, captureIn } from '../browser/source.ts';
import { readWithDiagrams } from '../reading/diagrams.ts';
import type { ReadProgress } from '../reading/reading.ts';
import type { ReportSource } from '../report/contract.ts';
import { csvReport } from '../report/csv.ts';
import type { Diagrams } from '../report/diagrams.ts';
import { htmlReport } from '../report/html.ts';
import { jsonReport } from '../report/json.ts';
import { markdownReport } from '../report/markdown.ts';
import { redactSource } from '../report/redact.ts';
import { sarifReport } from '../report/sarif.ts';
import type { Answer, Format, Order, Reading, Wish } from './messages.ts';

/** Milliseconds between two words about progress. */
const progressPause = 100;

const types: { readonly [Name in Format]: string } = {
  html: 'text/html;charset=utf-8',
  markdown: 'text/markdown;charset=utf-8',
  json: 'application/json',
  csv: 'text/csv;charset=utf-8',
  sarif: 'application/sarif+json',
};

let report: Read | null = null;

addEventListener('message', ({ data }: MessageEvent<Order>) => {
  obey(data).catch((error: unknown) => say({ fault: error instanceof Error ? error.message : String(error) }));
});

async function obey(order: Order): Promise<void> {
  if ('reading' in order) {
    report = await read(order.reading);
    say({ read: true });
  } else if (report !== null) {
    say({ wish: order.wish, document: written(report, order.wish) });
  }
}

function say(answer: Answer): void {
  postMessage(answer);
}

interface Read {
  readonly source: ReportSource;
  readonly diagrams: Diagrams;
}

function read({ files, controlPorts }: Reading): Promise<Read> {
  let told = 0;
  const onProgress = (progress: ReadProgress, again: boolean): void => {
    const now = performance.now();
    if (now - told < progressPause) return;
    told = now;
    say({ progress, again });
  };
  return readWithDiagrams(files.map(captureIn), { controlPorts, onProgress }, new ChosenFiles());
}

function written({ source, diagrams }: Read, { format, time, redact }: Wish): Blob {
  const shown = redact ? redactSource(source) : source;
  return new Blob([...pieces(shown, diagrams, format, time)], { type: types[format] });
}

function pieces(shown: ReportSource, diagrams: Diagrams, format: Format, time: Wish['time']): Iterable<string> {
  switch (format) {
    case 'html':
      return htmlReport(shown, { time, diagrams });
    case 'markdown':
      return markdownReport(shown);
    case 'json':
      return jsonReport(shown);
    case 'csv':
      return csvReport(shown);
    case 'sarif':
      return sarifReport(shown);
  }
}
