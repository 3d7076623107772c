/**
 * Puts the parts together: octets of captures in, the report out. One pass, nothing of the capture is kept.
 */
import type { AnalysisOptions } from './analysis-options.ts';
import type { CaptureAnalysis } from './capture-analysis.ts';
import type { Compression } from './compression/decompress.ts';
import { Limits } from './octets/limits.ts';
import type { Report, ReportSource } from './report/contract.ts';
import { reportSource, type SequenceResult, wholeReport } from './report-source.ts';
import { Sequence } from './sequence.ts';

/** Several captures, one report. */
export class Analysis {
  private readonly options: AnalysisOptions;
  /** Of the sequences in the order in which they were begun; null until they are finished, and then all that is kept of them. */
  private readonly finished: (SequenceResult | null)[] = [];
  private captures = 0;

  /** Throws a RangeError where a limit is none, or out of its range. */
  constructor(options: AnalysisOptions = {}) {
    this.options = { ...options, limits: new Limits(options.limits).bounds };
  }

  /**
   * Opens the next capture. `path` is for the report alone. `index`: where it stands among the report's captures, all of
   * which are then to be given one.
   */
  capture(path: string, compression: Compression | null, index?: number): CaptureAnalysis {
    const place = this.finished.push(null) - 1;
    const finished = (result: SequenceResult): void => {
      this.finished[place] = result;
    };
    const sequence = new Sequence(this.options, () => this.captures++, finished);
    return sequence.open(path, compression, index);
  }

  /** The sequences that were finished, in the order in which they were begun. */
  results(): SequenceResult[] {
    return this.finished.flatMap((result) => result ?? []);
  }

  /** The report over all captures. Those that were not finished are left out. */
  report(): Report {
    return wholeReport(this.source());
  }

  /** The same for who writes it from start to end: what a tunnel takes in memory is little. */
  source(): ReportSource {
    return reportSource(this.results(), this.options);
  }
}

/**
 * Analyses one capture, pcap or pcapng, not compressed: the whole of it, or its chunks as they come.
 *
 * @example
 * const report = await analyze(createReadStream('ticket.pcapng'));
 */
export async function analyze(
  chunks: Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  options: AnalysisOptions & { readonly path?: string } = {},
): Promise<Report> {
  const analysis = new Analysis(options);
  const capture = analysis.capture(options.path ?? '-', null);
  if (chunks instanceof Uint8Array) capture.push(chunks);
  else for await (const chunk of chunks) capture.push(chunk);
  capture.finish();
  return analysis.report();
}
