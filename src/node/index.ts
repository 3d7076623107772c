/**
 * The library's face in Node: captures by path, compressed or not, and standard input.
 */
import type { AnalysisOptions } from '../analysis-options.ts';
import { Analysis } from '../analyze.ts';
import { inputsOf } from '../reading/inputs.ts';
import { type ReadProgress, readCaptures } from '../reading/reading.ts';
import type { Report, ReportSource } from '../report/contract.ts';
import { wholeReport } from '../report-source.ts';
import { captureAt } from './source.ts';

export type { ReadProgress } from '../reading/reading.ts';

/** As for an analysis, and how far reading has come. */
export interface FileAnalysisOptions extends AnalysisOptions {
  /** Called again and again while captures are read; at first once for each of several. */
  onProgress?: (progress: ReadProgress) => void;
}

/**
 * Reads the captures into one report, which is the same in whatever order they are named: a file that goes on where another
 * one ends is one sequence with it. `-` is standard input. Large files that have nothing to do with each other are read at the
 * same time, but for `onEvent` and `onFrame`. A capture that cannot be opened or read to its end stands in the report with
 * the reason among its problems; `kind` is null where nothing could be read.
 */
export async function analyzeFiles(paths: readonly string[], options: FileAnalysisOptions = {}): Promise<Report> {
  return wholeReport(await readFiles(paths, options));
}

/** The same for who writes the report from start to end: it is not whole in memory. */
export async function readFiles(paths: readonly string[], options: FileAnalysisOptions = {}): Promise<ReportSource> {
  const { onProgress = () => {}, ...analysisOptions } = options;
  const places = (await inputsOf(paths.map(captureAt), options.limits)).map((input, index) => ({ index, input }));
  if (places.length > 1) {
    for (const { input } of places) onProgress({ path: input.extent.path, bytesRead: 0, size: input.size });
    const { analyzeTogether } = await import('./parallel.ts');
    const report = await analyzeTogether(places, analysisOptions, onProgress);
    if (report !== null) return report;
  }
  const analysis = new Analysis(analysisOptions);
  await readCaptures(analysis, places, { onProgress });
  return analysis.source();
}
