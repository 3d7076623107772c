/**
 * What is known about a capture, held against the report of it. A facts file has `{ capture | captures, why, report }`
 * where `report` is a partial report: objects match key by key and may hold more, arrays match whole, other values are
 * equal, and an object of `$` keys says something else of the value:
 *
 * - `{ $includes: [P, ...] }` the array has, for each P, an element that matches it; `$excludes`: for none
 * - `{ $length: N }` the array has N elements
 * - `{ $min: A, $max: B }` a number from A to B, both included; one may be left out
 * - `{ $oneOf: [P, ...] }` matches one of them; `{ $not: P }` does not match P
 */
export interface Facts {
  readonly capture?: string;
  readonly captures?: readonly string[];
  /** More words for the command line. */
  readonly arguments?: readonly string[];
  readonly why: string;
  readonly report: unknown;
}

/** One line for each place where the report is not as expected. */
export function mismatches(expected: unknown, actual: unknown, path = 'report'): string[] {
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual) || actual.length !== expected.length) {
      return [
        `${path}: expected ${expected.length} elements, got ${Array.isArray(actual) ? actual.length : shown(actual)}`,
      ];
    }
    return expected.flatMap((item, index) => mismatches(item, actual[index], `${path}[${index}]`));
  }
  if (!isObject(expected)) {
    return Object.is(expected, actual) ? [] : [`${path}: expected ${shown(expected)}, got ${shown(actual)}`];
  }
  const keys = Object.keys(expected);
  if (keys.some((key) => key.startsWith('$'))) {
    return keys.flatMap((key) => conditionMismatches(key, expected[key], actual, path));
  }
  if (!isObject(actual)) return [`${path}: expected an object, got ${shown(actual)}`];
  return keys.flatMap((key) => mismatches(expected[key], actual[key], `${path}.${key}`));
}

function conditionMismatches(key: string, wanted: unknown, actual: unknown, path: string): string[] {
  const matches = (pattern: unknown) => (value: unknown) => mismatches(pattern, value).length === 0;
  const patterns: unknown[] = Array.isArray(wanted) ? wanted : [];
  const elements: unknown[] | null = Array.isArray(actual) ? actual : null;
  switch (key) {
    case '$includes':
      return patterns
        .filter((pattern) => elements?.some(matches(pattern)) !== true)
        .map((pattern) => `${path}: holds no ${shown(pattern)}; it is ${shown(actual)}`);
    case '$excludes':
      return patterns
        .filter((pattern) => elements === null || elements.some(matches(pattern)))
        .map((pattern) => `${path}: holds ${shown(pattern)}, which it must not`);
    case '$length':
      return elements?.length === wanted
        ? []
        : [`${path}: expected ${shown(wanted)} elements, got ${elements?.length ?? shown(actual)}`];
    case '$min':
      return typeof actual === 'number' && actual >= Number(wanted)
        ? []
        : [`${path}: expected at least ${shown(wanted)}, got ${shown(actual)}`];
    case '$max':
      return typeof actual === 'number' && actual <= Number(wanted)
        ? []
        : [`${path}: expected at most ${shown(wanted)}, got ${shown(actual)}`];
    case '$oneOf':
      return patterns.some((pattern) => matches(pattern)(actual))
        ? []
        : [`${path}: expected one of ${shown(wanted)}, got ${shown(actual)}`];
    case '$not':
      return matches(wanted)(actual) ? [`${path}: is ${shown(actual)}, which it must not be`] : [];
    default:
      throw new Error(`${path}: unknown key ${key} in the facts`);
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shown(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 120);
}
