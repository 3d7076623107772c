/** The page: takes captures, has its worker read them, and shows the report. Nothing leaves it. */
import { portFault, portOf } from '../analysis-options.ts';
import { contentOf } from './content.ts';
import type { Answer, Format, Order, Wish } from './messages.ts';

function element<Kind extends HTMLElement>(id: string, kind: new () => Kind): Kind {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`the page lacks ${id}`);
  return found;
}

const options = element('options', HTMLFormElement);
const chooser = element('files', HTMLInputElement);
const ports = element('ports', HTMLInputElement);
const time = element('time', HTMLSelectElement);
const redact = element('redact', HTMLInputElement);
const saving = element('saving', HTMLElement);
const status = element('status', HTMLElement);
const fault = element('fault', HTMLElement);
const bar = element('bar', HTMLProgressElement);
const doing = element('doing', HTMLElement);
const report = element('report', HTMLElement);

/** What the page shows, one at a time. */
const views = { start: element('start', HTMLElement), reading: element('reading', HTMLElement), report };

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
/** What was opened last. */
let captures: readonly File[] = [];
/** Whether the report is the first one of its captures. */
let fresh = false;

function order(message: Order): void {
  worker?.postMessage(message);
}

function wish(format: Format, save: boolean): Wish {
  const style = time.value === 'local' || time.value === 'relative' ? time.value : 'utc';
  return { format, time: style, redact: redact.checked, save };
}

/** null where a port is none, of which the field tells. */
function chosenPorts(): number[] | null {
  const words = ports.value.split(/[\s,]+/).filter((word) => word !== '');
  const chosen = words.flatMap((word) => portOf(word) ?? []);
  const sound = chosen.length > 0 && chosen.length === words.length;
  ports.setCustomValidity(sound ? '' : portFault);
  return ports.reportValidity() ? chosen : null;
}

function view(shown: keyof typeof views): void {
  for (const [name, part] of Object.entries(views)) part.hidden = name !== shown;
  saving.hidden = shown !== 'report';
  if (shown !== 'report') report.replaceChildren();
}

function open(files: readonly File[]): void {
  if (files.length > 0) captures = files;
  const controlPorts = chosenPorts();
  if (controlPorts === null || captures.length === 0) return;
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
  fault.textContent = '';
  fresh = true;
  bar.value = 0;
  doing.textContent = captures.length === 1 ? (captures[0]?.name ?? '') : `${captures.length} captures`;
  status.textContent = `Reading ${doing.textContent}`;
  document.title = 'pptpscope';
  view('reading');
  order({ reading: { files: captures, controlPorts } });
}

function take(answer: Answer): void {
  if ('progress' in answer) {
    const { path, bytesRead, size } = answer.progress;
    doing.textContent = answer.again ? `${path}, once more for the diagrams` : path;
    if (size !== null && size > 0) bar.value = bytesRead / size;
  } else if ('fault' in answer) {
    fail(answer.fault);
  } else if ('read' in answer) {
    order({ wish: wish('html', false) });
  } else {
    save(answer.document, `pptp-report.${extensions[answer.wish.format]}`);
  }
}

function show(source: string): void {
  let content: DocumentFragment;
  try {
    content = contentOf(source);
  } catch (error) {
    fail(String(error));
    return;
  }
  report.replaceChildren(content);
  view('report');
  const heading = report.querySelector('h1');
  document.title = heading?.textContent ?? 'pptpscope';
  if (!fresh) {
    status.textContent = 'The report is written anew';
    return;
  }
  // Whoever waits for it is led to it; who changes an option stays there.
  fresh = false;
  status.textContent = 'The report is there';
  heading?.setAttribute('tabindex', '-1');
  heading?.focus();
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
  captures = [];
  // Nobody is left who could write another report.
  view('start');
  status.textContent = '';
  fault.textContent = `It cannot go on: ${message}. Choose the captures again.`;
}

// The same files once more are a choice too: they may have changed. Who then chooses none keeps those that there are.
chooser.addEventListener('click', () => {
  chooser.value = '';
});
chooser.addEventListener('cancel', () => {
  const held = new DataTransfer();
  for (const file of captures) held.items.add(file);
  chooser.files = held.files;
});

options.addEventListener('change', ({ target }) => {
  if (target === chooser) open([...(chooser.files ?? [])]);
  else if (target === ports) open([]);
  else order({ wish: wish('html', false) });
});
// Enter in a field has changed it already.
options.addEventListener('submit', (event) => event.preventDefault());
saving.addEventListener('click', ({ target }) => {
  const format = target instanceof HTMLButtonElement ? target.value : '';
  if (isFormat(format)) order({ wish: wish(format, true) });
});

/** Files alone are taken; a text that is dragged into a field is none of ours. */
function carriesFiles({ dataTransfer }: DragEvent): boolean {
  return dataTransfer?.types.includes('Files') ?? false;
}

document.addEventListener('dragover', (event) => {
  if (!carriesFiles(event)) return;
  event.preventDefault();
  document.body.classList.add('dropping');
});
document.addEventListener('dragleave', ({ relatedTarget }) => {
  if (relatedTarget === null) document.body.classList.remove('dropping');
});
document.addEventListener('drop', (event) => {
  document.body.classList.remove('dropping');
  if (!carriesFiles(event)) return;
  event.preventDefault();
  const files = event.dataTransfer?.files ?? null;
  // So that what was chosen before is not named beside it.
  if (files !== null) chooser.files = files;
  open([...(files ?? [])]);
});

function isFormat(text: string): text is Format {
  return Object.hasOwn(extensions, text);
}
