/**
 * Writes what is sniffed to pcapng files at the same time: one file, or a ring of files that are changed by size or time, or
 * a capture for each failure with the packets before and after it.
 */
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { parse } from 'node:path';
import type { Frame } from '../../capture/frame.ts';
import { PcapngWriter, type WrittenPacket } from '../../capture/pcapng-writer.ts';
import { version } from '../../version.ts';
import { LiveError } from './error.ts';

export interface RecorderOptions {
  readonly path: string;
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

/** One capture file on its way. */
class CaptureFile {
  size = 0;
  private readonly writer = new PcapngWriter();
  private readonly path: string;
  private readonly descriptor: number;
  private batch: Uint8Array[] = [];
  private batched = 0;

  constructor(path: string) {
    this.path = path;
    // What was captured is nobody else's to read.
    this.descriptor = attempt(path, () => openSync(path, 'w', 0o600));
    this.add(this.writer.header(`pptpscope ${version}`, []));
  }

  packet(packet: WrittenPacket): void {
    this.add(this.writer.packet(packet));
  }

  flush(): void {
    for (const octets of this.batch) {
      attempt(this.path, () => {
        for (let at = 0; at < octets.length; ) at += writeSync(this.descriptor, octets, at);
      });
    }
    this.batch = [];
    this.batched = 0;
  }

  close(): void {
    try {
      this.flush();
    } finally {
      closeSync(this.descriptor);
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
    const reason = error instanceof Error ? error.message : String(error);
    throw new LiveError('write-failed', `${path}: cannot be written: ${reason}`, { cause: error });
  }
}

function packetOf(frame: Frame, origin: string, digits: number): WrittenPacket {
  return {
    instant: frame.timed ? { seconds: frame.seconds, nanoseconds: frame.nanoseconds } : null,
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

/** All packets, in one file or in a ring of files. */
export class FileRecorder implements Recorder {
  private readonly options: RecorderOptions;
  private readonly kept: string[] = [];
  private file: CaptureFile;
  private number = 0;
  private since = -1;

  /** Opens the first file. Throws a LiveError. */
  constructor(options: RecorderOptions) {
    this.options = options;
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
    const { path, rotateOctets, rotateSeconds, files, opened } = this.options;
    this.number += 1;
    const target = rotateOctets === null && rotateSeconds === null ? path : numbered(path, this.number);
    const file = new CaptureFile(target);
    opened(target);
    this.kept.push(target);
    while (files !== null && this.kept.length > files) {
      const oldest = this.kept.shift();
      if (oldest !== undefined) rmSync(oldest, { force: true });
    }
    return file;
  }
}

export interface TriggerOptions {
  /** Octets of packets that are held in memory. */
  readonly beforeOctets: number;
  /** Seconds of packets that are held, and for how long after the failure packets are written. */
  readonly beforeSeconds: number;
  readonly afterSeconds: number;
}

interface Held {
  readonly packet: WrittenPacket;
  readonly seconds: number;
}

/** Holds the last packets, and writes a capture when something fails: what was before it, and what comes after. */
export class TriggeredRecorder implements Recorder {
  private readonly options: RecorderOptions;
  private readonly trigger: TriggerOptions;
  private ring: Held[] = [];
  private ringFrom = 0;
  private ringOctets = 0;
  private file: CaptureFile | null = null;
  private number = 0;
  private until = 0;
  private now = 0;
  private readonly kept: string[] = [];

  constructor(options: RecorderOptions, trigger: TriggerOptions) {
    this.options = options;
    this.trigger = trigger;
  }

  frame(frame: Frame, digits: number): void {
    this.now = frame.seconds + frame.nanoseconds / 1e9;
    const packet = packetOf(frame, this.options.interface, digits);
    if (this.file !== null && this.now > this.until) {
      this.file.close();
      this.file = null;
    }
    if (this.file !== null) {
      this.file.packet(packet);
      return;
    }
    this.ring.push({ packet, seconds: this.now });
    this.ringOctets += packet.octets.length;
    this.forget();
  }

  /** Begins a file with what is held; one that is being written goes on for longer. */
  failure(): void {
    this.until = this.now + this.trigger.afterSeconds;
    if (this.file !== null) return;
    const { path, files, opened } = this.options;
    this.number += 1;
    const target = numbered(path, this.number);
    const file = new CaptureFile(target);
    opened(target);
    this.kept.push(target);
    while (files !== null && this.kept.length > files) {
      const oldest = this.kept.shift();
      if (oldest !== undefined) rmSync(oldest, { force: true });
    }
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
      this.ringOctets -= oldest.packet.octets.length;
      this.ringFrom += 1;
    }
    if (this.ringFrom < 1024 || this.ringFrom * 2 < this.ring.length) return;
    this.ring = this.ring.slice(this.ringFrom);
    this.ringFrom = 0;
  }
}
