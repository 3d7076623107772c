/**
 * zlib drops what it decompressed last of a piece in which it meets a fault, and so does what was made after it. So the first
 * octets go in small pieces, which keeps the frames before the fault even of a small file, and the rest in large ones
 * (measured in Node: 6 MB/s against 270).
 */
const smallPiece = 256;
const carefulSize = 64 * 1024;
/** Octets that no piece exceeds: what comes out of one is in memory at once, up to a thousand times as much. */
export const largestGzipPiece = 64 * 1024;

/** A piece is valid until the next one is asked for. */
export async function* gzipPieces(compressed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  let given = 0;
  for await (const chunk of compressed) {
    for (let at = 0; at < chunk.length; ) {
      const piece = chunk.subarray(at, at + (given < carefulSize ? smallPiece : largestGzipPiece));
      at += piece.length;
      given += piece.length;
      yield piece;
    }
  }
}
