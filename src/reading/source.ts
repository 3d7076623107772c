/**
 * A capture as a stream of chunks, compressed or not, from wherever a platform has it. Every failure is an InputError of one
 * clear line.
 */
import {
  type Compression,
  compressionMagicSize,
  type Decompressor,
  decompress,
  recogniseCompression,
} from '../compression/decompress.ts';
import { DecompressionError } from '../compression/decompression-error.ts';
import { joined } from '../octets/joined.ts';
import type { Limits } from '../octets/limits.ts';

export type InputErrorCode =
  | 'not-found'
  | 'is-a-directory'
  | 'no-permission'
  | 'read-failed'
  /** All octets before the damage have been given. */
  | 'damaged-compression'
  /** More came out of a compressed file than the bound `compression-ratio` allows: nobody captured that. */
  | 'compression-bomb';

export class InputError extends Error {
  override readonly name = 'InputError';
  readonly code: InputErrorCode;

  constructor(code: InputErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Octets as they are stored, as a platform reads them. What its members throw, `inputError` makes an InputError of. */
export interface RawInput {
  /** null where that is not known before the end: such an input can be read only once. */
  readonly size: number | null;
  /** A chunk is valid until the next one is asked for. */
  readonly chunks: AsyncIterator<Uint8Array>;
  /** At most `size` octets from `position` on, none at the end; for inputs whose size is known. */
  readAt(position: number, size: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** What a platform brings. */
export interface Platform {
  readonly gunzip: Decompressor;
  readonly inputError: (path: string, error: unknown) => InputError;
}

/** Decompressed octets from which on the ratio is looked at: a short file of zeros harms nobody. */
const ratioFrom = 16 * 1024 * 1024;

export interface CaptureSource {
  /** As given; `-` is standard input. */
  readonly path: string;
  /** Octets of the file as it was opened, compressed as it is; null where that is not known before the end. */
  readonly size: number | null;
  readonly compression: Compression | null;
  /** Octets read so far, compressed as they are: at the end `size`, or more where the file grew. */
  readonly bytesRead: number;
  /**
   * The decompressed octets up to the end that is met; to be called once. A chunk is valid until the next one is asked for.
   * Throws an InputError after all octets before the fault were given. Closes the input in the end. `limits` are told where
   * `compression-ratio` ends it.
   */
  chunks(limits: Limits): AsyncIterable<Uint8Array>;
  /** For inputs whose chunks are not wanted after all; may be called at any time, and again. */
  close(): Promise<void>;
}

export class RecognisedSource implements CaptureSource {
  readonly path: string;
  readonly compression: Compression | null;

  private readonly input: RawInput;
  private readonly platform: Platform;
  /** What was read to recognise the compression. */
  private head: readonly Uint8Array[];
  private read = 0;
  private closed: Promise<void> | null = null;

  private constructor(path: string, input: RawInput, platform: Platform, head: readonly Uint8Array[]) {
    this.path = path;
    this.compression = recogniseCompression(joined(head.map((chunk) => chunk.subarray(0, compressionMagicSize))));
    this.input = input;
    this.platform = platform;
    this.head = head;
  }

  /** Looks at the first octets, for which it waits where they are yet to come. */
  static async of(path: string, input: RawInput, platform: Platform): Promise<RecognisedSource> {
    const head: Uint8Array[] = [];
    for (let size = 0; size < compressionMagicSize; ) {
      const next = await input.chunks.next();
      if (next.done) break;
      // A chunk that is not enough by itself is copied, since the next one would overwrite it.
      const chunk = next.value.length < compressionMagicSize ? Uint8Array.from(next.value) : next.value;
      head.push(chunk);
      size += chunk.length;
    }
    return new RecognisedSource(path, input, platform, head);
  }

  get size(): number | null {
    return this.input.size;
  }

  get bytesRead(): number {
    return this.read;
  }

  async *chunks(limits: Limits): AsyncGenerator<Uint8Array, void> {
    try {
      if (this.compression === null) yield* this.rawChunks();
      else yield* this.decompressed(this.compression, limits);
    } catch (error) {
      if (error instanceof InputError) throw error;
      if (!(error instanceof DecompressionError)) throw this.platform.inputError(this.path, error);
      throw new InputError('damaged-compression', `${shownPath(this.path)}: ${error.message}`, { cause: error });
    } finally {
      await this.close();
    }
  }

  /** At most `size` octets as they are stored, from `position` on; where `size` of the file is known. */
  readAt(position: number, size: number): Promise<Uint8Array> {
    return this.input.readAt(position, size);
  }

  close(): Promise<void> {
    this.closed ??= this.input.close();
    return this.closed;
  }

  private async *decompressed(compression: Compression, limits: Limits): AsyncGenerator<Uint8Array, void> {
    const ratio = limits.bounds['compression-ratio'];
    let size = 0;
    for await (const chunk of decompress(compression, this.rawChunks(), this.platform.gunzip)) {
      size += chunk.length;
      if (size > ratioFrom && size > ratio * this.read) {
        limits.reached('compression-ratio');
        const message = `${size} octets came out of ${this.read}, more than ${ratio} for one: the rest is not read`;
        throw new InputError('compression-bomb', `${shownPath(this.path)}: ${message}`);
      }
      yield chunk;
    }
  }

  private async *rawChunks(): AsyncGenerator<Uint8Array, void> {
    const head = this.head;
    this.head = [];
    for (const chunk of head) {
      this.read += chunk.length;
      yield chunk;
    }
    for (;;) {
      const next = await this.input.chunks.next();
      if (next.done) return;
      this.read += next.value.length;
      yield next.value;
    }
  }
}

/** A path as messages name it. */
export function shownPath(path: string): string {
  return path === '-' ? 'standard input' : path;
}
