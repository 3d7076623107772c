/**
 * Compressed captures: recognised by content, decompressed as a stream with bounded memory. Members or
 * frames that follow one another are one stream, as the tools of each format read them.
 */
import { lz4Magic, skippableMagic, zstdMagic } from './frame-magic.ts';

export type Compression = 'gzip' | 'zstd' | 'lz4';

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

/**
 * The decompressed octets; a chunk is valid until the next one is asked for. Damage and truncation throw a
 * DecompressionError after all octets before it were given.
 */
export async function* decompress(
  compression: Compression,
  compressed: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void> {
  switch (compression) {
    case 'gzip':
      return yield* (await import('./decompress-gzip.ts')).gunzip(compressed);
    case 'zstd':
      return yield* (await import('./decompress-zstd.ts')).unzstd(compressed);
    case 'lz4':
      return yield* (await import('./decompress-lz4.ts')).unlz4(compressed);
  }
}
