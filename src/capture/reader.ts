/**
 * Reads a capture as it arrives, in chunks cut anywhere, and hands on its frames. A frame that lies within
 * one chunk is read where it is; only what is cut by the end of a chunk is copied.
 */
import { Limits } from '../octets/limits.ts';
import { Window } from '../octets/window.ts';
import type { ContainerReader } from './container-reader.ts';
import { detect } from './detect.ts';
import { PcapReader } from './pcap.ts';
import { PcapngReader } from './pcapng.ts';
import type { CaptureSummary } from './summary.ts';
import { type FrameSink, Tally } from './tally.ts';

/** Grows by what has arrived; in the end twice the largest record or block. */
const initialCarrySize = 64 * 1024;

export class CaptureReader {
  private readonly tally: Tally;
  private container: ContainerReader | null = null;
  /** Until the container is known, as ContainerReader's. */
  private needed = 1;
  private pushed = 0;
  private finished = false;

  /** Octets that were pushed and not yet read: `carryStart` to `carryEnd`. */
  private carry = new Window(new Uint8Array(0));
  private carryStart = 0;
  private carryEnd = 0;

  constructor(sink: FrameSink, limits = new Limits()) {
    this.tally = new Tally(sink, limits);
  }

  /** What was read by now, as `finish` says it in the end. */
  soFar(): CaptureSummary {
    return this.tally.summary();
  }

  /** As CaptureSummary's, of the interfaces met so far. */
  get timestampDigits(): number {
    return this.tally.timestampDigits;
  }

  /** Number of the latest frame; of something that is no frame and yet has one, where that came later. */
  get frameNumber(): number {
    return this.tally.frame.number;
  }

  /** Before the first push: the input goes on where that reader's ended, and its frames are numbered on from there. */
  goOnFrom(before: CaptureReader): void {
    this.tally.goOnFrom(before.tally);
  }

  /** The sink is called for all frames that are complete with this chunk. The chunk is not kept. */
  push(chunk: Uint8Array): void {
    if (this.finished) throw new Error('push after finish');
    const chunkOffset = this.pushed;
    this.pushed += chunk.length;
    let at = 0;
    while (this.carryEnd > this.carryStart) {
      const missing = this.neededNow() - (this.carryEnd - this.carryStart);
      const taken = Math.min(missing, chunk.length - at);
      this.append(chunk, at, at + taken);
      at += taken;
      if (taken < missing) return;
      this.carryStart = this.read(this.carry, this.carryStart, this.carryEnd, chunkOffset + at - this.carryEnd);
      const rest = this.carryEnd - this.carryStart;
      if (rest <= at) {
        // What is left lies in this chunk as well.
        at -= rest;
        this.carryStart = this.carryEnd = 0;
      }
    }
    if (at === chunk.length) return;
    at = this.read(new Window(chunk), at, chunk.length, chunkOffset);
    this.append(chunk, at, chunk.length);
  }

  /** No more octets follow. To be called once; says what was read. */
  finish(): CaptureSummary {
    if (this.finished) throw new Error('finish called twice');
    this.finished = true;
    if (this.pushed === 0) {
      this.tally.problem(0, 'empty', 'the input is empty');
    } else {
      this.read(this.carry, this.carryStart, this.carryEnd, this.pushed - this.carryEnd, true);
      this.carry = new Window(new Uint8Array(0));
      this.carryStart = this.carryEnd = 0;
      this.tally.release();
    }
    return this.tally.summary();
  }

  private neededNow(): number {
    return this.container === null ? this.needed : this.container.needed;
  }

  private read(window: Window, start: number, end: number, windowOffset: number, atEnd = false): number {
    this.tally.windowOffset = windowOffset;
    this.container ??= this.recognise(window, start, end, atEnd);
    return this.container === null ? start : this.container.read(window, start, end, atEnd);
  }

  private recognise(window: Window, start: number, end: number, atEnd: boolean): ContainerReader | null {
    const detected = detect(window, start, end, atEnd);
    switch (detected.kind) {
      case 'pcap':
        return new PcapReader(this.tally, detected.variant);
      case 'pcapng':
        return new PcapngReader(this.tally);
      case 'undecided':
        this.needed = detected.needed;
        return null;
      case 'other':
        this.tally.problem(start, 'not-a-capture', detected.message);
        return noContainer;
    }
  }

  private append(chunk: Uint8Array, start: number, end: number): void {
    if (start === end) return;
    const kept = this.carryEnd - this.carryStart;
    const needed = kept + end - start;
    const bytes = this.carry.bytes;
    if (this.carryEnd + end - start > bytes.length) {
      // Moved only once the room is used up, so that each octet is moved a bounded number of times.
      let target = bytes;
      if (needed * 2 > bytes.length) {
        target = new Uint8Array(Math.max(initialCarrySize, needed * 2));
        this.carry = new Window(target);
      }
      target.set(bytes.subarray(this.carryStart, this.carryEnd));
      this.carryStart = 0;
      this.carryEnd = kept;
    }
    this.carry.bytes.set(chunk.subarray(start, end), this.carryEnd);
    this.carryEnd += end - start;
  }
}

/** Octets that are no capture are passed over. */
const noContainer: ContainerReader = {
  needed: 1,
  read: (_window, _start, end) => end,
};
