/** gzip (RFC 1952) with Node's zlib, driven so that nothing is lost when the data turn out damaged. */
import { createGunzip } from 'node:zlib';
import { DecompressionError } from './decompress-error.ts';

/**
 * zlib drops what it decompressed of a piece in which it meets a fault. So the first octets go in small pieces, which
 * keeps the frames before the fault even of a small file, and the rest in large ones (measured: 6 MB/s against 270).
 */
const smallPiece = 256;
const carefulSize = 64 * 1024;
const largePiece = 64 * 1024;

export async function* gunzip(compressed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  const inflater = createGunzip({ chunkSize: 64 * 1024 });
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

  let fed = 0;
  try {
    for await (const chunk of compressed) {
      let at = 0;
      while (at < chunk.length) {
        const size = Math.min(fed < carefulSize ? smallPiece : largePiece, chunk.length - at);
        await taken(chunk.subarray(at, at + size));
        at += size;
        fed += size;
        yield* output;
        output = [];
        if (failure !== null) throw damaged(failure);
      }
    }
    await taken(null);
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
