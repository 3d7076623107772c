/**
 * The JSON report: the contract's object as it is, indented. JSON carries captured text losslessly, so
 * what a terminal would obey is written as `\u` escapes, which every reader turns back.
 */
import { isIterable } from '../octets/packed-list.ts';
import type { ReportSource } from './contract.ts';

/** What JSON.stringify leaves bare and a terminal may act on or not show: DEL, C1, formatting and bidirectional controls, separators. */
const obeyedByTerminals = /[\u007f-\u009f\p{Cf}\p{DI}\p{Co}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu;

/**
 * One JSON document that ends with a newline, in pieces: a report of very many tunnels is longer than a string may be.
 */
export function* jsonReport(report: ReportSource): Generator<string> {
  let separator = '{';
  for (const [key, value] of Object.entries(report)) {
    yield `${separator}\n  ${JSON.stringify(key)}: `;
    separator = ',';
    if (isIterable(value)) yield* elements(value);
    else yield indented(value, 2);
  }
  yield '\n}\n';
}

function* elements(values: Iterable<unknown>): Generator<string> {
  let separator = '[';
  for (const value of values) {
    yield `${separator}\n    ${indented(value, 4)}`;
    separator = ',';
  }
  yield separator === '[' ? '[]' : '\n  ]';
}

/** As JSON.stringify writes it that many columns in. */
function indented(value: unknown, columns: number): string {
  return escaped(JSON.stringify(value, null, 2).replaceAll('\n', `\n${' '.repeat(columns)}`));
}

/** One JSON document on a line of its own. */
export function jsonLine(value: object): string {
  return `${escaped(JSON.stringify(value))}\n`;
}

/** JSON in which nothing is left that a terminal would obey. */
export function escaped(json: string): string {
  // Beyond U+FFFF JSON escapes both halves. RFC 8259 §7
  return json.replace(obeyedByTerminals, (character) =>
    Array.from({ length: character.length }, (_, half) => {
      return `\\u${character.charCodeAt(half).toString(16).padStart(4, '0')}`;
    }).join(''),
  );
}
