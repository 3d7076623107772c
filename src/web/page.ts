/** The page: takes captures, has its worker read them, and shows the report. Nothing leaves it. */
import type { Answer, Format, Order, Wish } from './messages.ts';

function element<Kind extends HTMLElement>(id: string, kind: new () => Kind): Kind {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`the page lacks ${id}`);
  return found;
}

const chooser = element('files', HTMLInputElement);
const reading = element('reading', HTMLElement);
const bar = element('bar', HTMLProgressElement);
const doing = element('doing', HTMLElement);
const fault = element('fault', HTMLElement);
const options = element('options', HTMLFormElement);
const time = element('time', HTMLSelectElement);
const redact = element('redact', HTMLInputElement);
const report = element('report', HTMLIFrameElement);

/** Its code stands in the page as data, so that the page is one file. */
const workerCode = URL.createObjectURL(new Blob([element('worker', HTMLScriptElement).textContent ?? '']));

const extensions: { readonly [Name in Format]: string } = {
  html: 'html',
  markdown: 'md',
  json: 'json',
  csv: 'csv',
  sarif: 'sarif',
};

let worker: Worker | null = null;

function order(message: Order): void {
  worker?.postMessage(message);
}

function wish(format: Format, save: boolean): Wish {
  const style = time.value === 'local' || time.value === 'relative' ? time.value : 'utc';
  return { format, time: style, redact: redact.checked, save };
}

function open(files: readonly File[]): void {
  if (files.length === 0) return;
  worker?.terminate();
  const reader = new Worker(workerCode);
  worker = reader;
  // What one that was given up still had to say comes too late.
  const ifCurrent = (act: () => void): void => {
    if (worker === reader) act();
  };
  reader.addEventListener('message', ({ data }: MessageEvent<Answer>) => {
    if ('document' in data && !data.wish.save) {
      void data.document.text().then((text) => ifCurrent(() => show(text)));
    } else ifCurrent(() => take(data));
  });
  reader.addEventListener('error', ({ message }) => ifCurrent(() => fail(message)));
  fault.hidden = true;
  options.hidden = true;
  report.hidden = true;
  reading.hidden = false;
  bar.removeAttribute('value');
  doing.textContent = files.length === 1 ? (files[0]?.name ?? '') : `${files.length} captures`;
  order({ files });
}

function take(answer: Answer): void {
  if ('progress' in answer) {
    const { path, bytesRead, size } = answer.progress;
    doing.textContent = path;
    if (size !== null && size > 0) bar.value = bytesRead / size;
  } else if ('fault' in answer) {
    fail(answer.fault);
  } else if ('read' in answer) {
    order({ wish: wish('html', false) });
  } else {
    save(answer.document, `pptp-report.${extensions[answer.wish.format]}`);
  }
}

/** In a frame that runs no script. Its own links lead into itself by the base alone: else they would be the page's. */
function show(document: string): void {
  report.srcdoc = document.replace('<head>', '<head>\n<base href="about:srcdoc">');
  reading.hidden = true;
  options.hidden = false;
  report.hidden = false;
}

function save(saved: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(saved);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

function fail(message: string): void {
  worker?.terminate();
  worker = null;
  reading.hidden = true;
  // Nobody is left who could write another report.
  options.hidden = true;
  fault.hidden = false;
  fault.textContent = `It cannot go on: ${message}. Choose the captures again.`;
}

// The same files once more are a choice too: they may have changed.
chooser.addEventListener('click', () => {
  chooser.value = '';
});
chooser.addEventListener('change', () => open([...(chooser.files ?? [])]));
document.addEventListener('dragover', (event) => event.preventDefault());
document.addEventListener('drop', (event) => {
  event.preventDefault();
  open([...(event.dataTransfer?.files ?? [])]);
});
options.addEventListener('change', () => order({ wish: wish('html', false) }));
options.addEventListener('submit', (event) => {
  event.preventDefault();
  const { submitter } = event;
  const format = submitter instanceof HTMLButtonElement ? submitter.value : '';
  if (isFormat(format)) order({ wish: wish(format, true) });
});

function isFormat(text: string): text is Format {
  return Object.hasOwn(extensions, text);
}
