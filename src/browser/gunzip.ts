/** gzip (RFC 1952) with pako: a browser's own DecompressionStream ends at the first of several members. */
import { Inflate } from 'pako';
import { DecompressionError } from '../compression/decompression-error.ts';
import { gzipPieces } from '../compression/gzip-pieces.ts';

/** zlib's flush mode: what has been decompressed comes out with each piece. */
const syncFlush = 2;
/** zlib's name for data that end early. */
const bufferError = -5;

export async function* gunzip(compressed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  let output: Uint8Array[] = [];
  const member = (): Inflate => {
    const inflater = new Inflate();
    inflater.onData = (octets) => output.push(octets);
    return inflater;
  };
  let inflater = member();
  for await (const piece of gzipPieces(compressed)) {
    if (inflater.ended) {
      // After the end of a member, garbage that is no further member ends the stream.
      if (piece[0] !== 0x1f) return;
      inflater = member();
    }
    inflater.push(Uint8Array.from(piece), syncFlush);
    yield* output;
    output = [];
    if (inflater.err !== 0) throw damaged(inflater);
  }
  if (!inflater.ended) inflater.push(new Uint8Array(0), true);
  yield* output;
  if (inflater.err !== 0) throw damaged(inflater);
}

function damaged({ err, msg }: Inflate): DecompressionError {
  return new DecompressionError(`gzip: ${err === bufferError ? 'the data end early' : msg}`);
}
