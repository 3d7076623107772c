/** gzip (RFC 1952) with Node's zlib, driven so that nothing is lost when the data turn out damaged. */
import { createGunzip } from 'node:zlib';
import { DecompressionError } from '../compression/decompression-error.ts';
import { gzipPieces, largestGzipPiece } from '../compression/gzip-pieces.ts';

const chunkSize = 128 * 1024;

/** While what came out of one piece is used, zlib works on the next on a thread of its own. */
export async function* gunzip(compressed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  const inflater = createGunzip({ chunkSize });
  let output: Uint8Array[] = [];
  let failure: Error | null = null;
  let settle = (): void => {};
  inflater.on('data', (octets: Uint8Array) => output.push(octets));
  inflater.on('error', (error) => {
    failure = error;
    settle();
  });
  inflater.on('end', () => settle());

  /** Until zlib has taken the piece, or failed. */
  const taken = (piece: Uint8Array | null): Promise<void> =>
    new Promise((resolve) => {
      settle = resolve;
      // After the end of a member, garbage that is no further member ends the stream.
      if (inflater.readableEnded) resolve();
      else if (piece === null) inflater.end();
      else inflater.write(piece, () => resolve());
    });

  // Copied: the source may use its chunk again while zlib still reads it.
  const input = new Uint8Array(largestGzipPiece);
  let taking = Promise.resolve();
  try {
    for await (const piece of gzipPieces(compressed)) {
      await taking;
      if (failure !== null) break;
      const ready = output;
      output = [];
      input.set(piece);
      taking = taken(input.subarray(0, piece.length));
      yield* ready;
    }
    await taking;
    if (failure === null) await taken(null);
    yield* output;
    if (failure !== null) throw damaged(failure);
  } finally {
    inflater.destroy();
  }
}

function damaged(error: Error): DecompressionError {
  const code = 'code' in error ? error.code : null;
  const what = code === 'Z_BUF_ERROR' ? 'the data end early' : error.message;
  return new DecompressionError(`gzip: ${what}`, { cause: error });
}
