/**
 * What `explain` knows: causes, findings, Windows error numbers, result and error codes, stages. Made of the tables that
 * the report is made of, so that the two cannot disagree.
 */
import { capitalised } from '../../octets/words.ts';
import { windowsErrorName, windowsErrorNames } from '../../ppp/windows-errors.ts';
import { rules } from '../rules/table.ts';
import { stageNames } from '../stage.ts';
import { causes, harmless, isCause } from './causes.ts';
import { type CodeTable, codeTables } from './codes.ts';
import { stageKnowledge } from './stages.ts';
import { isLocalFault, windowsErrorMeanings } from './windows-errors.ts';

/** Something that can be explained. */
export interface Topic {
  readonly kind: 'cause' | 'finding' | 'windows error' | 'result code' | 'stage' | 'harmless';
  /** The word to ask for it with. */
  readonly id: string;
  readonly title: string;
  /** What there is to say: labels and sentences. */
  readonly parts: readonly { readonly label: string; readonly text: string }[];
}

/** Everything, in the order of the list. */
export const topics: readonly Topic[] = [
  ...Object.keys(causes).flatMap((id) => (isCause(id) ? [causeTopic(id)] : [])),
  ...rules.map(({ id, title, severity, what, why, evidence, advice, references }): Topic => {
    return {
      kind: 'finding',
      id,
      title: `${title} (${severity})`,
      parts: [
        { label: 'What', text: `${what} ${why}` },
        { label: 'Shown by', text: evidence },
        { label: 'Check', text: advice },
        { label: 'See', text: references.join('; ') },
      ],
    };
  }),
  ...Object.keys(windowsErrorNames).map((code) => windowsTopic(Number(code))),
  ...Object.entries(codeTables).flatMap(([word, table]) => codeTopics(word, table)),
  ...stageNames.map((stage): Topic => {
    const { meaning, passedBy, windowsEvent } = stageKnowledge[stage];
    const here = Object.entries(causes).flatMap(([id, cause]) => (cause.stage === stage ? [id] : []));
    return {
      kind: 'stage',
      id: stage,
      title: meaning,
      parts: [
        { label: 'Passed by', text: passedBy },
        ...(windowsEvent === null ? [] : [{ label: 'Windows event', text: windowsEvent }]),
        { label: 'Causes here', text: here.join(', ') || 'none' },
      ],
    };
  }),
  ...harmless.map(({ title, packets, why }): Topic => {
    return {
      kind: 'harmless',
      id: title.toLowerCase(),
      title,
      parts: [
        { label: 'Shown by', text: packets },
        { label: 'Why harmless', text: why },
      ],
    };
  }),
];

function codeTopics(word: string, { of, section, names, causes: leads, codes }: CodeTable): Topic[] {
  return Object.entries(names).map(([code, name]) => {
    const { meaning, check } = codes[Number(code)] ?? {};
    return {
      kind: 'result code',
      id: `${word} ${code}`,
      title: name ?? code,
      parts: [
        ...(meaning === undefined ? [] : [{ label: 'What', text: meaning }]),
        { label: 'Shown by', text: `${capitalised(of)}: ${code}, "${name}". RFC 2637 ${section}` },
        ...(check === undefined ? [] : [{ label: 'Check', text: check }]),
        ...(leads.length === 0 || isSuccess(word, code) ? [] : [{ label: 'Causes', text: leads.join(', ') }]),
      ],
    };
  });
}

function isSuccess(word: string, code: string): boolean {
  if (word === 'disconnect') return code === '4';
  return code === '0' || (code === '1' && word !== 'error');
}

function causeTopic(id: keyof typeof causes): Topic {
  const { title, meaning, shownBy, refutedBy, advice, nextCapture, windowsErrors, stage } = causes[id];
  return {
    kind: 'cause',
    id,
    title,
    parts: [
      { label: 'What', text: meaning },
      { label: 'Stage', text: stage },
      { label: 'Shown by', text: shownBy },
      { label: 'Refuted if', text: `${refutedBy}.` },
      { label: 'Check', text: advice },
      ...(nextCapture === '' ? [] : [{ label: 'Next capture', text: nextCapture }]),
      ...(windowsErrors.length === 0
        ? []
        : [
            {
              label: 'Windows shows',
              text: windowsErrors.map((code) => `${code} (${windowsErrorName(code) ?? 'unnamed'})`).join(', '),
            },
          ]),
    ],
  };
}

function windowsTopic(code: number): Topic {
  const leading = Object.entries(causes)
    .flatMap(([id, { windowsErrors }]) => {
      const place = windowsErrors.indexOf(code);
      return place < 0 ? [] : [{ id, place }];
    })
    .sort((a, b) => a.place - b.place)
    .map(({ id }) => id);
  const parts = [{ label: 'What', text: windowsErrorMeanings[code] ?? 'No more is known of it.' }];
  if (isLocalFault(code)) {
    parts.push({
      label: 'Shown by',
      text: 'No packet: this is a fault of files on the computer itself, and a capture cannot help.',
    });
  } else if (leading.length > 0) {
    parts.push({ label: 'Causes', text: `${leading.join(', ')} (the likeliest first; explain each)` });
  }
  for (const id of leading.slice(0, 3)) {
    if (isCause(id)) parts.push({ label: 'Shown by', text: `${id}: ${causes[id].shownBy}` });
  }
  const first = leading[0];
  if (first !== undefined && isCause(first)) parts.push({ label: 'Check', text: causes[first].advice });
  return { kind: 'windows error', id: String(code), title: windowsErrorName(code) ?? 'unnamed', parts };
}

/** The topics that a word means: exact ids, else numbers of every code table, else ids and titles that hold it. */
export function topicsOf(words: string): readonly Topic[] {
  const asked = words
    .trim()
    .toLowerCase()
    .replace(/^error[_ ]+(?=\d{3}$)|^e=/, '')
    .replace(/^0x[0-9a-f]+$/, (hex) => String(Number.parseInt(hex.slice(2), 16)));
  if (asked === '') return [];
  const exact = topics.filter(({ id, title, kind }) => {
    return id === asked || (kind === 'windows error' && title.toLowerCase() === asked.replace(/^error_/, ''));
  });
  if (exact.length > 0) return exact;
  if (/^\d+$/.test(asked)) return topics.filter(({ kind, id }) => kind === 'result code' && id.endsWith(` ${asked}`));
  return topics.filter(({ id, title }) => id.includes(asked) || title.toLowerCase().includes(asked));
}
