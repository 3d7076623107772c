/**
 * Reads captures one after the other into an analysis. A file that goes on where another ends is one sequence with it.
 */
import type { AnalysisOptions } from '../analysis-options.ts';
import { Analysis } from '../analyze.ts';
import { type Extent, mayContinue, predecessor } from '../capture/continuation.ts';
import type { CaptureAnalysis } from '../capture-analysis.ts';
import type { Compression } from '../compression/decompress.ts';
import type { SequenceResult } from '../report-source.ts';
import type { Input } from './inputs.ts';
import { InputError } from './source.ts';

/** How far the reading of one capture has come. */
export interface ReadProgress {
  readonly path: string;
  /** Octets of the file as it is stored. */
  readonly bytesRead: number;
  /** null where the input does not say. */
  readonly size: number | null;
}

/** An input, and where it stands among the report's captures. */
export interface Place {
  readonly index: number;
  readonly input: Input;
}

export interface ReadingOptions {
  /** Called after every chunk that was read. */
  readonly onProgress?: ((progress: ReadProgress) => void) | undefined;
  /** Sees each chunk after it was analysed; reading waits for it. */
  readonly onChunk?: (index: number, chunk: Uint8Array) => Promise<void> | null;
}

/** What some of several captures gave: plain data. */
export interface Outcome {
  readonly results: readonly SequenceResult[];
  readonly extents: readonly ReadExtent[];
}

interface ReadExtent {
  readonly index: number;
  readonly extent: Extent;
}

/** An analysis of these captures alone. */
export async function outcomeOf(
  places: readonly Place[],
  options: AnalysisOptions,
  onProgress: (progress: ReadProgress) => void,
): Promise<Outcome> {
  const analysis = new Analysis(options);
  const extents = await readCaptures(analysis, places, { onProgress });
  return { results: analysis.results(), extents };
}

/** The inputs are in their order. Answers their extents, now that they have been read. All captures are finished then. */
export async function readCaptures(
  analysis: Analysis,
  places: readonly Place[],
  options: ReadingOptions,
): Promise<ReadExtent[]> {
  const extents: ReadExtent[] = [];
  // Of those that another one may go on from.
  let ends: { readonly extent: Extent; readonly capture: CaptureAnalysis }[] = [];
  for (const [place, { index, input }] of places.entries()) {
    const before = predecessor(input.extent, ends);
    ends = ends.filter((end) => end !== before);
    const capture = await readCapture(input, index, options, (compression) => {
      const { path } = input.extent;
      return before?.capture.next(path, compression, index) ?? analysis.capture(path, compression, index);
    });
    const extent = { ...input.extent, last: capture.lastTime, ended: true };
    extents.push({ index, extent });
    ends.push({ extent, capture });
    const later = places.slice(place + 1);
    ends = ends.filter((end) => {
      if (later.some(({ input: next }) => mayContinue(end.extent, next.extent))) return true;
      end.capture.finish();
      return false;
    });
  }
  return extents;
}

/** A capture that cannot be opened or read to its end has the reason among its problems. */
async function readCapture(
  input: Input,
  index: number,
  { onProgress, onChunk }: ReadingOptions,
  begin: (compression: Compression | null) => CaptureAnalysis,
): Promise<CaptureAnalysis> {
  const source = await input.open().catch(problemOf);
  if ('code' in source) {
    const capture = begin(null);
    capture.fail(source);
    return capture;
  }
  const { path, size } = source;
  const capture = begin(source.compression);
  try {
    for await (const chunk of source.chunks(capture.limits)) {
      capture.push(chunk);
      // Not awaited where there is nothing to wait for: it would cost a turn of the event loop's queue for each chunk.
      const written = onChunk?.(index, chunk) ?? null;
      if (written !== null) await written;
      onProgress?.({ path, bytesRead: source.bytesRead, size });
    }
  } catch (error) {
    capture.fail(problemOf(error));
  }
  return capture;
}

function problemOf(error: unknown): { offset: null; frame: null; code: string; message: string } {
  if (!(error instanceof InputError)) throw error;
  return { offset: null, frame: null, code: error.code, message: error.message };
}
