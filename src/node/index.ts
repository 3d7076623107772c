/**
 * The library's face in Node: captures by path, compressed or not, and standard input.
 */
import { Analysis, type AnalysisOptions } from '../analyze.ts';
import type { Report } from '../report/contract.ts';
import { type CaptureSource, InputError, openCapture } from './source.ts';

export interface ReadProgress {
  readonly path: string;
  /** Octets of the file as it is stored. */
  readonly bytesRead: number;
  /** null where the input does not say. */
  readonly size: number | null;
}

export interface FileAnalysisOptions extends AnalysisOptions {
  /** Called after every chunk that was read. */
  onProgress?: (progress: ReadProgress) => void;
}

/**
 * Reads the captures one after the other into one report. `-` is standard input. A capture that cannot be
 * opened or read to its end stands in the report with the reason among its problems; `kind` is null
 * where nothing could be read.
 */
export async function analyzeFiles(paths: readonly string[], options: FileAnalysisOptions = {}): Promise<Report> {
  const { onProgress, ...analysisOptions } = options;
  const analysis = new Analysis(analysisOptions);
  for (const path of paths) await analyzeFile(analysis, path, onProgress);
  return analysis.report();
}

async function analyzeFile(
  analysis: Analysis,
  path: string,
  onProgress: FileAnalysisOptions['onProgress'],
): Promise<void> {
  let source: CaptureSource;
  try {
    source = await openCapture(path);
  } catch (error) {
    const capture = analysis.capture(path, null);
    capture.fail(problemOf(error));
    capture.finish();
    return;
  }
  const capture = analysis.capture(path, source.compression);
  try {
    for await (const chunk of source.chunks(capture.limits)) {
      capture.push(chunk);
      onProgress?.({ path, bytesRead: source.bytesRead, size: source.size });
    }
  } catch (error) {
    capture.fail(problemOf(error));
  }
  capture.finish();
}

function problemOf(error: unknown): { offset: null; frame: null; code: string; message: string } {
  if (!(error instanceof InputError)) throw error;
  return { offset: null, frame: null, code: error.code, message: error.message };
}
