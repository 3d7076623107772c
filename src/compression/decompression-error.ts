/** Compressed data that cannot be decompressed further; whatever came before the fault was handed on. */
export class DecompressionError extends Error {
  override readonly name = 'DecompressionError';
}
