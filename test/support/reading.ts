/** Reads whole captures in tests: every frame copied out, beside the summary. */
import type { Frame } from '../../src/capture/frame.ts';
import { CaptureReader } from '../../src/capture/reader.ts';
import type { CaptureSummary } from '../../src/capture/summary.ts';

export interface ReadFrame {
  number: number;
  seconds: number;
  nanoseconds: number;
  timed: boolean;
  wireLength: number;
  linkType: number;
  frameCheckOctets: number;
  interfaceIndex: number;
  octets: string;
}

function copyOf(frame: Frame): ReadFrame {
  return {
    number: frame.number,
    seconds: frame.seconds,
    nanoseconds: frame.nanoseconds,
    timed: frame.timed,
    wireLength: frame.wireLength,
    linkType: frame.linkType,
    frameCheckOctets: frame.frameCheckOctets,
    interfaceIndex: frame.interfaceIndex,
    octets: Buffer.from(frame.window.bytes.subarray(frame.start, frame.end)).toString('hex'),
  };
}

export function readChunks(chunks: Iterable<Uint8Array>): { frames: ReadFrame[]; summary: CaptureSummary } {
  const frames: ReadFrame[] = [];
  const reader = new CaptureReader({ frame: (frame) => frames.push(copyOf(frame)) });
  for (const chunk of chunks) {
    // As the chunk is not to be kept: a copy that is spoilt afterwards.
    const lent = Uint8Array.from(chunk);
    reader.push(lent);
    lent.fill(0xee);
  }
  return { frames, summary: reader.finish() };
}

export function readCapture(octets: Uint8Array): { frames: ReadFrame[]; summary: CaptureSummary } {
  return readChunks([octets]);
}

/** `octets` cut into pieces of the given sizes, taken in turn. */
export function* cutInto(octets: Uint8Array, sizes: readonly number[]): Generator<Uint8Array> {
  let at = 0;
  for (let turn = 0; at < octets.length; turn++) {
    const size = sizes[turn % sizes.length] ?? octets.length;
    yield octets.subarray(at, at + size);
    at += size;
  }
}
