/**
 * Writes what is sniffed to pcapng files at the same time: one file, or a ring of files that are changed by size or time, or
 * a capture for each failure with the packets before and after it.
 */
import { closeSync, ftruncateSync, lstatSync, openSync, unlinkSync, writeSync } from 'node:fs';
import { parse } from 'node:path';
import type { Frame } from '../../capture/frame.ts';
import { PcapngWriter, type WrittenPacket } from '../../capture/pcapng-writer.ts';
import { stampedInstant } from '../../octets/instant.ts';
import { version } from '../../version.ts';
import { outputError } from '../output-error.ts';
import { LiveError } from './error.ts';

export interface RecorderOptions {
  readonly path: string;
  /** Files that exist are replaced. Else a single one is refused, and numbers that are taken are passed over. */
  readonly force: boolean;
  /** Name of the device, for the capture's interface block. */
  readonly interface: string;
  /** Octets after which another file is begun; null is never. */
  readonly rotateOctets: number | null;
  /** Seconds after which another file is begun; null is never. */
  readonly rotateSeconds: number | null;
  /** Files that are kept, the newest; null is all. */
  readonly files: number | null;
  /** A file was begun. */
  readonly opened: (path: string) => void;
}

export interface Recorder {
  frame(frame: Frame, digits: number): void;
  /** Something failed: only of interest to a recorder that waits for it. */
  failure(): void;
  /** Hands what it holds to the system. Throws a LiveError where that fails. */
  flush(): void;
  close(): void;
}

/** What is written at once. */
const batchOctets = 256 * 1024;

/**
 * One capture file on its way. It has its name from the beginning, so that others can look into it, and is a capture at any
 * moment: it ends with a whole block, also where the disk is full.
 */
class CaptureFile {
  size = 0;
  /** Octets that are in the file: whole blocks. */
  private written = 0;
  private readonly writer = new PcapngWriter();
  private readonly path: string;
  private readonly descriptor: number;
  private batch: Uint8Array[] = [];
  private batched = 0;

  /** `descriptor`: of the new, empty file at `path`. */
  constructor(path: string, descriptor: number) {
    this.path = path;
    this.descriptor = descriptor;
    this.add(this.writer.header(`pptpscope ${version}`, []));
    this.flush();
  }

  packet(packet: WrittenPacket): void {
    this.add(this.writer.packet(packet));
  }

  flush(): void {
    const { batch } = this;
    this.batch = [];
    this.batched = 0;
    attempt(this.path, () => {
      try {
        for (const octets of batch) {
          for (let at = 0; at < octets.length; ) at += writeSync(this.descriptor, octets, at);
          this.written += octets.length;
        }
      } catch (error) {
        ftruncateSync(this.descriptor, this.written);
        throw error;
      }
    });
  }

  close(): void {
    try {
      this.flush();
    } finally {
      attempt(this.path, () => closeSync(this.descriptor));
    }
  }

  private add(octets: Uint8Array): void {
    this.batch.push(octets);
    this.batched += octets.length;
    this.size += octets.length;
    if (this.batched >= batchOctets) this.flush();
  }
}

function attempt<Result>(path: string, act: () => Result): Result {
  try {
    return act();
  } catch (error) {
    throw new LiveError('write-failed', outputError(path, error).message, { cause: error });
  }
}

function packetOf(frame: Frame, origin: string, digits: number): WrittenPacket {
  return {
    instant: stampedInstant(frame),
    octets: frame.window.bytes.slice(frame.start, frame.end),
    wireLength: frame.wireLength,
    origin,
    linkType: frame.linkType,
    frameCheckOctets: frame.frameCheckOctets,
    digits,
    comments: [],
  };
}

/** `capture.pcapng` becomes `capture-00001.pcapng`. */
function numbered(path: string, number: number): string {
  const { dir, name, ext } = parse(path);
  return `${dir === '' ? '' : `${dir}/`}${name}-${String(number).padStart(5, '0')}${ext === '' ? '.pcapng' : ext}`;
}

/** Also of a link that leads nowhere, which `rmSync` of Node 24 takes for nothing. */
function unlinkIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
}

/** Where the files of one recording are. Nothing that exists is written into: not a file, and not what a link leads to. */
class CaptureFiles {
  private readonly options: RecorderOptions;
  private readonly kept: string[] = [];
  private number = 0;

  constructor(options: RecorderOptions) {
    this.options = options;
  }

  /** Under the path as it is. */
  only(): CaptureFile {
    const { path } = this.options;
    const file = this.made(path);
    if (file === null) {
      const what = lstatSync(path).isSymbolicLink() ? 'is a symbolic link' : 'exists';
      throw new LiveError('write-failed', `${path}: ${what}; --force replaces it`);
    }
    return file;
  }

  /** Under the next number; of too many, the oldest goes. */
  next(): CaptureFile {
    const { path, files } = this.options;
    let file: CaptureFile | null = null;
    let target = '';
    while (file === null) {
      this.number += 1;
      target = numbered(path, this.number);
      file = this.made(target);
    }
    this.kept.push(target);
    while (files !== null && this.kept.length > files) {
      const oldest = this.kept.shift();
      if (oldest !== undefined) attempt(oldest, () => unlinkIfThere(oldest));
    }
    return file;
  }

  /** Null where something is there already. */
  private made(path: string): CaptureFile | null {
    if (this.options.force) attempt(path, () => unlinkIfThere(path));
    let descriptor: number;
    try {
      // What was captured is nobody else's to read.
      descriptor = openSync(path, 'wx', 0o600);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return null;
      return attempt(path, () => {
        throw error;
      });
    }
    this.options.opened(path);
    return new CaptureFile(path, descriptor);
  }
}

/** All packets, in one file or in a ring of files. */
export class FileRecorder implements Recorder {
  private readonly options: RecorderOptions;
  private readonly files: CaptureFiles;
  private file: CaptureFile;
  private since = -1;

  /** Opens the first file. Throws a LiveError. */
  constructor(options: RecorderOptions) {
    this.options = options;
    this.files = new CaptureFiles(options);
    this.file = this.next();
  }

  frame(frame: Frame, digits: number): void {
    const { rotateOctets, rotateSeconds } = this.options;
    if (this.since < 0) this.since = frame.seconds;
    const full = rotateOctets !== null && this.file.size >= rotateOctets;
    const old = rotateSeconds !== null && frame.seconds - this.since >= rotateSeconds;
    if (full || old) {
      this.file.close();
      this.file = this.next();
      this.since = frame.seconds;
    }
    this.file.packet(packetOf(frame, this.options.interface, digits));
  }

  failure(): void {}

  flush(): void {
    this.file.flush();
  }

  close(): void {
    this.file.close();
  }

  private next(): CaptureFile {
    const { rotateOctets, rotateSeconds } = this.options;
    return rotateOctets === null && rotateSeconds === null ? this.files.only() : this.files.next();
  }
}

export interface TriggerOptions {
  /** Octets of memory for packets that are held. */
  readonly beforeOctets: number;
  /** Seconds of packets that are held, and for how long after the failure packets are written. */
  readonly beforeSeconds: number;
  readonly afterSeconds: number;
}

/** Octets of memory that a packet costs beside its own. */
const heldOverhead = 400;

interface Held {
  readonly packet: WrittenPacket;
  readonly seconds: number;
}

/** Holds the last packets, and writes a capture when something fails: what was before it, and what comes after. */
export class TriggeredRecorder implements Recorder {
  private readonly options: RecorderOptions;
  private readonly files: CaptureFiles;
  private readonly trigger: TriggerOptions;
  private ring: Held[] = [];
  private ringFrom = 0;
  private ringOctets = 0;
  private file: CaptureFile | null = null;
  private until = 0;
  private now = 0;

  constructor(options: RecorderOptions, trigger: TriggerOptions) {
    this.options = options;
    this.files = new CaptureFiles(options);
    this.trigger = trigger;
  }

  frame(frame: Frame, digits: number): void {
    this.now = frame.seconds + frame.nanoseconds / 1e9;
    const packet = packetOf(frame, this.options.interface, digits);
    const { rotateOctets } = this.options;
    const full = this.file !== null && rotateOctets !== null && this.file.size >= rotateOctets;
    // Where failures never end, one file is as large as it may be, and the next failure begins another.
    if (this.file !== null && (this.now > this.until || full)) {
      this.file.close();
      this.file = null;
    }
    if (this.file !== null) {
      this.file.packet(packet);
      return;
    }
    this.ring.push({ packet, seconds: this.now });
    this.ringOctets += packet.octets.length + heldOverhead;
    this.forget();
  }

  /** Begins a file with what is held; one that is being written goes on for longer. */
  failure(): void {
    this.until = this.now + this.trigger.afterSeconds;
    if (this.file !== null) return;
    const file = this.files.next();
    for (const { packet } of this.ring.slice(this.ringFrom)) file.packet(packet);
    this.ring = [];
    this.ringFrom = 0;
    this.ringOctets = 0;
    this.file = file;
  }

  flush(): void {
    this.file?.flush();
  }

  close(): void {
    this.file?.close();
  }

  private forget(): void {
    const { beforeOctets, beforeSeconds } = this.trigger;
    for (;;) {
      const oldest = this.ring[this.ringFrom];
      if (oldest === undefined) break;
      if (this.ringOctets <= beforeOctets && this.now - oldest.seconds <= beforeSeconds) break;
      this.ringOctets -= oldest.packet.octets.length + heldOverhead;
      this.ringFrom += 1;
    }
    if (this.ringFrom < 1024 || this.ringFrom * 2 < this.ring.length) return;
    this.ring = this.ring.slice(this.ringFrom);
    this.ringFrom = 0;
  }
}
