import type { AnalysisOptions } from '../../src/analysis-options.ts';
import { Analysis } from '../../src/analyze.ts';
import type { Report } from '../../src/report/contract.ts';

/** The report of one capture file that is in memory, pushed in chunks that end at the given offsets. */
export function reportOf(
  file: Uint8Array,
  cuts: readonly number[] = [],
  path = 'test',
  options: AnalysisOptions = {},
): Report {
  const analysis = new Analysis(options);
  const capture = analysis.capture(path, null);
  let from = 0;
  for (const cut of [...cuts].sort((a, b) => a - b)) {
    const to = Math.min(Math.max(cut, from), file.length);
    capture.push(file.slice(from, to));
    from = to;
  }
  capture.push(file.slice(from));
  capture.finish();
  return analysis.report();
}
