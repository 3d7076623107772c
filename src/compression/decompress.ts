/**
 * Compressed captures: recognised by content, decompressed as a stream with bounded memory. Members or
 * frames that follow one another are one stream, as the tools of each format read them.
 */
import { lz4Magic, skippableMagic, zstdMagic } from './frame-magic.ts';

/** Of a whole file. */
export type Compression = 'gzip' | 'zstd' | 'lz4';

/**
 * Decompresses a stream. A chunk that it gives is valid until the next one is asked for. Damage and truncation throw a
 * DecompressionError after all octets before them were given.
 */
export type Decompressor = (compressed: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>;

/** Octets that `recogniseCompression` wants to see, where the input has them. */
export const compressionMagicSize = 4;

/** By the first octets of the input; null where they are none of a compressed file's. */
export function recogniseCompression(head: Uint8Array): Compression | null {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  if (head.length < 4) return null;
  const magic = new DataView(head.buffer, head.byteOffset, head.byteLength).getUint32(0, true);
  if (magic === lz4Magic) return 'lz4';
  // Both zstd and LZ4 have skippable frames; pzstd starts its files with one.
  if (magic === zstdMagic || magic >>> 4 === skippableMagic) return 'zstd';
  return null;
}

/** The decompressed octets. `gunzip` is the platform's: none in plain JavaScript is as fast. */
export async function* decompress(
  compression: Compression,
  compressed: AsyncIterable<Uint8Array>,
  gunzip: Decompressor,
): AsyncGenerator<Uint8Array, void> {
  switch (compression) {
    case 'gzip':
      return yield* gunzip(compressed);
    case 'zstd':
      return yield* (await import('./zstd.ts')).unzstd(compressed);
    case 'lz4':
      return yield* (await import('./lz4.ts')).unlz4(compressed);
  }
}
