/** The page's other thread: reads captures, and writes reports over them. */
import { Analysis } from '../analyze.ts';
import { captureIn } from '../browser/source.ts';
import { inputsOf } from '../reading/inputs.ts';
import { type ReadProgress, readCaptures } from '../reading/reading.ts';
import type { ReportSource } from '../report/contract.ts';
import { csvReport } from '../report/csv.ts';
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

let report: ReportSource | null = null;

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

async function read({ files, controlPorts }: Reading): Promise<ReportSource> {
  const analysis = new Analysis({ controlPorts });
  const places = (await inputsOf(files.map(captureIn))).map((input, index) => ({ index, input }));
  let told = 0;
  const onProgress = (progress: ReadProgress): void => {
    const now = performance.now();
    if (now - told < progressPause) return;
    told = now;
    say({ progress });
  };
  await readCaptures(analysis, places, { onProgress });
  return analysis.source();
}

function written(source: ReportSource, { format, time, redact }: Wish): Blob {
  const shown = redact ? redactSource(source) : source;
  return new Blob([...pieces(shown, format, time)], { type: types[format] });
}

function pieces(shown: ReportSource, format: Format, time: Wish['time']): Iterable<string> {
  switch (format) {
    case 'html':
      return htmlReport(shown, { time });
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
