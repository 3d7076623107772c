/**
 * The JSON report: the contract's object as it is, indented. JSON carries captured text losslessly, so
 * what a terminal would obey is written as `\u` escapes, which every reader turns back.
 */
import type { Report } from './contract.ts';

/** What JSON.stringify leaves bare and a terminal may act on: DEL, C1, bidirectional controls, line separators. */
const obeyedByTerminals = /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

/** One JSON document that ends with a newline. */
export function jsonReport(report: Report): string {
  const escaped = JSON.stringify(report, null, 2).replace(
    obeyedByTerminals,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `${escaped}\n`;
}
