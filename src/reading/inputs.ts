/**
 * Several captures before they are read: put in order by a look at how each begins and, where that costs little, how it ends.
 */
import { byStart, type Extent } from '../capture/continuation.ts';
import type { Frame } from '../capture/frame.ts';
import { CaptureReader } from '../capture/reader.ts';
import type { Compression } from '../compression/decompress.ts';
import type { Bounds } from '../octets/bounds.ts';
import type { Instant } from '../octets/instant.ts';
import { Limits } from '../octets/limits.ts';
import type { CaptureSource, RecognisedSource } from './source.ts';

/** A capture wherever the platform has it. */
export interface Openable {
  /** For the report, and to tell series of files. */
  readonly path: string;
  /** At its beginning; may be called several times where its size is known. Throws an InputError. */
  open(): Promise<RecognisedSource>;
}

/** A capture that is to be read. */
export interface Input {
  /** What it was made of. */
  readonly capture: Openable;
  readonly extent: Extent;
  /** Octets of the file as it is stored; null where that is not known, or it can be read only once. */
  readonly size: number | null;
  readonly compression: Compression | null;
  /** Opens it at its beginning; to be called once. Throws an InputError. */
  open(): Promise<CaptureSource>;
}

/** Octets, decompressed, that are looked at of the beginning. */
const beginSize = 256 * 1024;
/** Octets that are looked at of the end. Holds several records of the largest snap length. */
const endSize = 1024 * 1024;

/**
 * In the order in which they are to be read, whatever order they are named in. One alone is not looked at. Of what can be
 * read only once (standard input, a pipe) the first frame is waited for.
 */
export async function inputsOf(captures: readonly Openable[], bounds: Partial<Bounds> = {}): Promise<Input[]> {
  const [only, ...others] = captures;
  if (only !== undefined && others.length === 0) return [unknownInput(only)];
  const inputs: Input[] = [];
  for (const capture of captures) inputs.push(await lookedAt(capture, new Limits(bounds)));
  return inputs.sort((one, other) => byStart(one.extent, other.extent));
}

function unknownInput(capture: Openable): Input {
  const extent = { path: capture.path, linkTypes: [], first: null, last: null, ended: false };
  return { capture, extent, size: null, compression: null, open: () => capture.open() };
}

async function lookedAt(capture: Openable, limits: Limits): Promise<Input> {
  let source: RecognisedSource;
  try {
    source = await capture.open();
  } catch {
    // Whoever reads it is told why.
    return unknownInput(capture);
  }
  const { size, compression } = source;
  const look = new Look(capture.path, limits);
  if (size === null) {
    const once = new ResumableSource(source, limits);
    while (!look.begun) {
      const chunk = await once.ahead();
      if (chunk === null) break;
      look.push(chunk);
    }
    return { capture, extent: look.extent(false), size, compression, open: async () => once };
  }
  const open = (): Promise<CaptureSource> => capture.open();
  try {
    let ended = true;
    for await (const chunk of source.chunks(limits)) {
      look.push(chunk);
      if (look.octets < beginSize) continue;
      ended = compression === null && (await pushEnd(look, source, size));
      break;
    }
    return { capture, extent: look.extent(ended), size, compression, open };
  } catch {
    return { capture, extent: look.extent(false), size, compression, open };
  } finally {
    await source.close();
  }
}

/** Whether the last frame is known then: the reader finds the next sound record by itself, as behind damage. */
async function pushEnd(look: Look, source: RecognisedSource, size: number): Promise<boolean> {
  if (look.octets >= size) return true;
  const before = look.frames;
  let position = Math.max(look.octets, size - endSize);
  while (position < size) {
    const octets = await source.readAt(position, Math.min(endSize, size - position));
    if (octets.length === 0) break;
    look.push(octets);
    position += octets.length;
  }
  return position === size && look.frames > before;
}

/** Reads a capture, or its ends, for the times of its frames. */
class Look {
  octets = 0;
  frames = 0;
  private readonly path: string;
  private readonly reader: CaptureReader;
  private linkTypes: readonly number[] = [];
  private first: Instant | null = null;
  private lastSeconds = 0;
  private lastNanoseconds = 0;

  constructor(path: string, limits: Limits) {
    this.path = path;
    this.reader = new CaptureReader(this, limits);
  }

  /** There was a frame with a time, or so much without one that none is waited for. */
  get begun(): boolean {
    return this.first !== null || this.octets >= beginSize;
  }

  push(chunk: Uint8Array): void {
    this.octets += chunk.length;
    this.reader.push(chunk);
  }

  /** For the reader alone. */
  frame({ timed, seconds, nanoseconds }: Frame): void {
    if (!timed) return;
    this.frames += 1;
    this.lastSeconds = seconds;
    this.lastNanoseconds = nanoseconds;
    if (this.first !== null) return;
    this.first = { seconds, nanoseconds };
    this.linkTypes = this.reader.soFar().linkTypes;
  }

  extent(ended: boolean): Extent {
    const last = this.first && { seconds: this.lastSeconds, nanoseconds: this.lastNanoseconds };
    return { path: this.path, linkTypes: this.linkTypes, first: this.first, last, ended };
  }
}

/** A source whose first chunks can be had ahead of time; `chunks` gives them again. */
class ResumableSource implements CaptureSource {
  private readonly source: CaptureSource;
  /** That its chunks were begun with. */
  private readonly limits: Limits;
  private readonly upcoming: AsyncIterator<Uint8Array>;
  private readonly kept: Uint8Array[] = [];
  private failure: { readonly error: unknown } | null = null;

  constructor(source: CaptureSource, limits: Limits) {
    this.source = source;
    this.limits = limits;
    this.upcoming = source.chunks(limits)[Symbol.asyncIterator]();
  }

  get path(): string {
    return this.source.path;
  }

  get size(): number | null {
    return this.source.size;
  }

  get compression(): Compression | null {
    return this.source.compression;
  }

  get bytesRead(): number {
    return this.source.bytesRead;
  }

  /** null at the end, and where reading fails: `chunks` says how. */
  async ahead(): Promise<Uint8Array | null> {
    try {
      const next = await this.upcoming.next();
      if (next.done) return null;
      const chunk = Uint8Array.from(next.value);
      this.kept.push(chunk);
      return chunk;
    } catch (error) {
      this.failure = { error };
      return null;
    }
  }

  async *chunks(limits: Limits): AsyncGenerator<Uint8Array, void> {
    try {
      for (let chunk = this.kept.shift(); chunk !== undefined; chunk = this.kept.shift()) yield chunk;
      if (this.failure !== null) throw this.failure.error;
      for (;;) {
        const next = await this.upcoming.next();
        if (next.done) return;
        yield next.value;
      }
    } finally {
      limits.take(this.limits);
      await this.close();
    }
  }

  close(): Promise<void> {
    return this.source.close();
  }
}
