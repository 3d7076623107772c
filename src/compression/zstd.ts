/**
 * Zstandard (RFC 8878) with fzstd, in plain JavaScript. Node's own zstd exists only in later versions than the
 * oldest we support, and ends at the first frame of several. The frames' structure is followed alongside:
 * fzstd allocates whatever window a header claims, and cannot tell a file that was cut between two blocks.
 */
import { Decompress } from 'fzstd';
import { DecompressionError } from './decompression-error.ts';
import { skippableMagic, zstdMagic } from './frame-magic.ts';

/** As `zstd -d` without `--long`: 128 MiB. */
const maximumWindow = 2 ** 27;
/**
 * fzstd allocates each frame's window anew, which a header of six octets can claim: so much for each octet of the input is
 * more than any program writes, and so much at first is soon done.
 */
const claimedForOctet = 2 ** 14;
const claimedAtFirst = 2 ** 30;

export async function* unzstd(compressed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  let output: Uint8Array[] = [];
  const decompressor = new Decompress((octets) => output.push(octets));
  const frames = new FrameWalk();
  let failure: string | null = null;
  for await (const chunk of compressed) {
    // In pieces, since fzstd decompresses all blocks of a piece at once, and four octets may be a block of 128 KiB.
    for (let at = 0; at < chunk.length && failure === null; ) {
      const piece = chunk.subarray(at, at + pieceSize);
      const sound = frames.walk(piece);
      at += sound;
      // Copied: fzstd keeps what it cannot use yet, and the source may use the chunk again.
      failure = attempt(() => decompressor.push(Uint8Array.from(piece.subarray(0, sound)))) ?? frames.fault;
      yield* output;
      output = [];
    }
    if (failure !== null) throw new DecompressionError(`zstd: ${failure}`);
  }
  failure = frames.betweenFrames
    ? attempt(() => decompressor.push(new Uint8Array(0), true))
    : 'the data end inside a frame';
  yield* output;
  if (failure !== null) throw new DecompressionError(`zstd: ${failure}`);
}

const pieceSize = 16 * 1024;
/** Blocks that may begin in one piece. RFC 8878 §3.1.1.2.4 */
const blocksAtOnce = 16;

function attempt(push: () => void): string | null {
  try {
    push();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

type State = 'magic' | 'skippable size' | 'descriptor' | 'header' | 'block header';

/** Follows magic, frame header, block headers and checksum without decompressing (RFC 8878 §3.1). */
class FrameWalk {
  /** Why the frame at which `walk` stopped cannot be decompressed. */
  fault: string | null = null;

  private state: State = 'magic';
  /** Gathered octets of the current field, and how many it has. */
  private readonly field = new Uint8Array(16);
  private gathered = 0;
  private fieldSize = 4;
  /** Octets of a body to pass over before the next field. */
  private skip = 0;
  private descriptor = 0;
  /** Octets of windows that headers claimed, and of input. */
  private claimed = 0;
  private walked = 0;
  /** That began in the piece. */
  private blocks = 0;

  /** True where one frame has ended and no other begun. */
  get betweenFrames(): boolean {
    return this.state === 'magic' && this.gathered === 0 && this.skip === 0;
  }

  /** Returns how many octets of the piece may be decompressed at once: all, unless there is a fault or many blocks begin there. */
  walk(piece: Uint8Array): number {
    const before = this.walked;
    let at = 0;
    this.blocks = 0;
    while (at < piece.length && this.blocks < blocksAtOnce) {
      if (this.skip > 0) {
        const skipped = Math.min(this.skip, piece.length - at);
        this.skip -= skipped;
        at += skipped;
        continue;
      }
      this.field[this.gathered++] = piece[at++] ?? 0;
      if (this.gathered < this.fieldSize) continue;
      this.gathered = 0;
      this.walked = before + at;
      this.take();
      if (this.fault !== null) return at;
    }
    this.walked = before + at;
    return at;
  }

  private take(): void {
    const view = new DataView(this.field.buffer);
    switch (this.state) {
      case 'magic': {
        const magic = view.getUint32(0, true);
        if (magic === zstdMagic) this.expect('descriptor', 1);
        else if (magic >>> 4 === skippableMagic) this.expect('skippable size', 4);
        else this.fault = 'what follows is no frame';
        return;
      }
      case 'skippable size':
        this.skip = view.getUint32(0, true);
        this.expect('magic', 4);
        return;
      case 'descriptor':
        this.descriptor = view.getUint8(0);
        this.expect('header', this.windowSize + this.dictionarySize + this.contentSize);
        return;
      case 'header':
        this.checkHeader(view);
        this.expect('block header', 3);
        return;
      case 'block header': {
        this.blocks += 1;
        const header = view.getUint16(0, true) | (view.getUint8(2) << 16);
        const type = (header >>> 1) & 3;
        // An RLE block's body is the one octet that is repeated.
        this.skip = type === 1 ? 1 : header >>> 3;
        if ((header & 1) === 0) return;
        if (this.descriptor & 0x04) this.skip += 4;
        this.expect('magic', 4);
        return;
      }
    }
  }

  private checkHeader(view: DataView): void {
    let window: number;
    if (this.windowSize === 1) {
      const octet = view.getUint8(0);
      window = 2 ** (10 + (octet >>> 3)) * (1 + (octet & 7) / 8);
    } else {
      const at = this.dictionarySize;
      const size = this.contentSize;
      window =
        size === 1
          ? view.getUint8(at)
          : size === 2
            ? view.getUint16(at, true) + 256
            : view.getUint32(at, true) + (size === 8 ? view.getUint32(at + 4, true) * 2 ** 32 : 0);
    }
    this.claimed += window;
    if (this.claimed > claimedAtFirst + this.walked * claimedForOctet) {
      this.fault = `frames claim windows of ${this.claimed} octets for ${this.walked} of data`;
    }
    if (window > maximumWindow) this.fault = `a frame claims a window of ${window} octets, more than ${maximumWindow}`;
    for (let at = 0; at < this.dictionarySize; at++) {
      if (view.getUint8(this.windowSize + at) !== 0) this.fault = 'a frame needs a dictionary';
    }
  }

  private expect(state: State, size: number): void {
    this.state = state;
    this.fieldSize = size;
  }

  private get singleSegment(): boolean {
    return (this.descriptor & 0x20) !== 0;
  }

  private get windowSize(): number {
    return this.singleSegment ? 0 : 1;
  }

  private get dictionarySize(): number {
    return [0, 1, 2, 4][this.descriptor & 3] ?? 0;
  }

  private get contentSize(): number {
    return [this.singleSegment ? 1 : 0, 2, 4, 8][this.descriptor >>> 6] ?? 0;
  }
}
