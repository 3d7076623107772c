/**
 * Cuts one direction of a control connection into messages (RFC 2637 §1.4: each begins with its length and the magic
 * cookie). TCP keeps no boundaries, captures lose octets and other programs talk on the port: where no message
 * begins, the framer searches for the next cookie in a plausible header.
 */
import type { Instant } from '../octets/instant.ts';
import { Window } from '../octets/window.ts';
import { headerOctets } from './header.ts';
import { controlMessageName, controlMessageNames, magicCookie } from './names.ts';

/** Takes what the framer finds, in the order of the stream. */
export interface MessageSink {
  /**
   * One message: the octets from `start` up to `end`, which are valid only during the call. `frames`: those that
   * carried it, in order. `instant`: when its first octet came. Where octets of it were lost, its beginning is
   * handed on: fewer octets than its length field says. `at`: octets of the stream before it, lost ones included.
   */
  message(octets: Window, start: number, end: number, frames: readonly number[], instant: Instant, at: number): void;
  /** Octets that are no message: garbage before a cookie, loss, an impossible length. */
  anomaly(code: FramingAnomaly, message: string, frame: number): void;
  /** The first octets, 64 at most, that were skipped although none were lost. Called once at most. */
  notPptp(octets: Uint8Array, frame: number): void;
}

export type FramingAnomaly = 'bad-magic-cookie' | 'bad-length' | 'message-incomplete' | 'octets-skipped';

/** The shortest and the longest message of RFC 2637. */
const shortest = 16;
const longest = 220;
/** Octets kept: room for the longest message that a length field of 16 bits can announce. */
const bufferedAtMost = 0x1_0000;
const sampleOctets = 64;
const firstCapacity = 512;
const noOctets = new Uint8Array(0);

/** For whoever is in the middle of a message: hardly ever two at once. */
let spare: typeof noOctets | null = null;

/** From `at` on, in the buffer, the octets came with this frame. */
interface Origin {
  at: number;
  readonly frame: number;
  readonly instant: Instant;
}

/** A stretch of octets that are no message. */
interface Skipped {
  octets: number;
  readonly frame: number;
  /** Octets before it were lost, so it may be the end of a message. */
  readonly afterLoss: boolean;
  readonly sample: number[];
}

export class MessageFramer {
  /** Octets and frames that were looked at so far: the work, which goes with the octets and not with their square. */
  steps = 0;
  private readonly sink: MessageSink;
  private bytes = noOctets;
  /** Octets in the buffer. */
  private filled = 0;
  /** Those before it are done with. */
  private head = 0;
  private origins: Origin[] = [];
  /** Not null while searching for a header. */
  private skipped: Skipped | null = null;
  private notPptpSaid = false;
  /** Octets still to come of a message whose middle was lost. */
  private owed = 0;
  /** Octets of the stream so far, lost ones included: up to `filled`. */
  private taken = 0;

  constructor(sink: MessageSink) {
    this.sink = sink;
  }

  /** Octets of the stream, in order, each once. Keeps copies of what it needs later. */
  octets(bytes: Uint8Array, start: number, end: number, frame: number, instant: Instant): void {
    let at = start + Math.min(this.owed, end - start);
    this.owed -= at - start;
    this.taken += at - start;
    while (at < end) {
      const room = this.reserve(end - at);
      const taken = Math.min(room, end - at);
      this.bytes.set(bytes.subarray(at, at + taken), this.filled);
      if (this.origins.at(-1)?.frame !== frame) this.origins.push({ at: this.filled, frame, instant });
      this.filled += taken;
      this.taken += taken;
      at += taken;
      this.cut();
      this.compact();
    }
  }

  /** `missing` octets of the stream were lost before those that follow. `frame`: where it was noticed. */
  gap(missing: number, frame: number): void {
    if (this.skipped !== null) {
      this.skip(this.filled - this.head);
      this.endSkipped();
    } else if (this.owed > 0 && missing <= this.owed) {
      this.owed -= missing;
      this.taken += missing;
      return;
    } else if (this.filled > this.head) {
      this.incomplete(`${missing} octets of the stream are missing`);
      const rest = this.beginning() - missing;
      if (rest >= 0) {
        this.drop();
        this.taken += missing;
        this.owed = rest;
        return;
      }
    }
    this.drop();
    this.taken += missing;
    this.owed = 0;
    this.skipped = { octets: 0, frame, afterLoss: true, sample: [] };
  }

  /** The message that has begun and is not whole: octets of the stream before it, and its header as far as it is here. */
  get pending(): { readonly at: number; readonly length: number | null; readonly type: number | null } | null {
    const available = this.filled - this.head;
    if (this.skipped !== null || available === 0) return null;
    const { bytes } = this;
    return {
      at: this.placeOf(this.head),
      length: available < 2 ? null : uint16(bytes, this.head),
      type: available < 10 ? null : uint16(bytes, this.head + 8),
    };
  }

  private placeOf(at: number): number {
    return this.taken - (this.filled - at);
  }

  /** Hands on the beginning of a message; answers how many octets of it have not come, -1 where that is not known. */
  private beginning(): number {
    const available = this.filled - this.head;
    const { bytes } = this;
    if (available < headerOctets || !plausible(bytes, this.head)) return -1;
    const { frames, instant } = this.provenance(this.head, this.filled);
    this.sink.message(new Window(bytes), this.head, this.filled, frames, instant, this.placeOf(this.head));
    return uint16(bytes, this.head) - available;
  }

  /** `finish` would say something. */
  get waits(): boolean {
    return this.skipped !== null || this.filled > this.head;
  }

  /** The stream is over. */
  finish(): void {
    while (this.skipped === null && this.filled > this.head) {
      const left = this.filled - this.head;
      if (!this.mayBegin(left)) {
        this.beginSkipping();
        break;
      }
      this.incomplete('the stream ends');
      if (this.beginning() >= 0) {
        this.head = this.filled;
        break;
      }
      // What claimed to be longer than all that came may have swallowed messages.
      if (left <= headerOctets) {
        this.head = this.filled;
        break;
      }
      this.head += headerOctets;
      const next = this.search();
      if (next < 0) {
        this.head = this.filled;
        break;
      }
      this.head = next;
      this.cut();
    }
    if (this.skipped !== null) {
      this.skip(this.filled - this.head);
      this.endSkipped();
    }
    this.drop();
  }

  private cut(): void {
    for (;;) {
      if (this.skipped !== null) {
        const next = this.search();
        if (next < 0) {
          // The last octets may be the beginning of a header.
          this.skip(Math.max(0, this.filled - this.head - (headerOctets - 1)));
          return;
        }
        this.skip(next - this.head);
        this.endSkipped();
      }
      const available = this.filled - this.head;
      if (available < headerOctets) return;
      const { bytes } = this;
      const length = uint16(bytes, this.head);
      const cookieHere = uint32(bytes, this.head + 4);
      if (cookieHere !== magicCookie) {
        if (plausible(bytes, this.head)) {
          const cookie = cookieHere.toString(16).padStart(8, '0');
          this.anomaly('bad-magic-cookie', `the magic cookie is 0x${cookie}, must be 0x1a2b3c4d`);
        }
        this.beginSkipping();
        continue;
      }
      if (!lengthPossible(bytes, this.head)) {
        const name = controlMessageName(uint16(bytes, this.head + 8));
        this.anomaly('bad-length', `${name}: the length field says ${length} octets`);
        this.beginSkipping();
        continue;
      }
      if (available < length) return;
      const start = this.head;
      const { frames, instant } = this.provenance(start, start + length);
      this.head += length;
      this.sink.message(new Window(bytes), start, start + length, frames, instant, this.placeOf(start));
    }
  }

  /** Where the next plausible header begins, from `head` on; -1 where there is none yet. */
  private search(): number {
    const { bytes } = this;
    for (let at = this.head; at + headerOctets <= this.filled; at += 1) {
      this.steps += 1;
      if (uint32(bytes, at + 4) === magicCookie && plausible(bytes, at)) return at;
    }
    return -1;
  }

  private beginSkipping(): void {
    this.skipped = { octets: 0, frame: this.frameAt(this.head), afterLoss: false, sample: [] };
    // The octet at fault is no beginning, whatever the search says.
    this.skip(1);
  }

  private skip(octets: number): void {
    const skipped = this.skipped;
    if (skipped === null) return;
    for (let index = 0; index < octets && skipped.sample.length < sampleOctets; index += 1) {
      skipped.sample.push(this.bytes[this.head + index] ?? 0);
    }
    skipped.octets += octets;
    this.head += octets;
    if (skipped.sample.length === sampleOctets) this.sayNotPptp(skipped);
  }

  private endSkipped(): void {
    const skipped = this.skipped;
    this.skipped = null;
    if (skipped === null || skipped.octets === 0) return;
    this.sayNotPptp(skipped);
    const why = skipped.afterLoss ? 'after a loss, until the next message' : 'that are no message';
    this.sink.anomaly('octets-skipped', `${skipped.octets} octets skipped ${why}`, skipped.frame);
  }

  private sayNotPptp(skipped: Skipped): void {
    if (skipped.afterLoss || this.notPptpSaid) return;
    this.notPptpSaid = true;
    this.sink.notPptp(Uint8Array.from(skipped.sample), skipped.frame);
  }

  /** Whether the octets in the buffer agree with the beginning of a message as far as they go. */
  private mayBegin(available: number): boolean {
    const begins = [0, 1, 0x1a, 0x2b, 0x3c, 0x4d];
    for (let index = 2; index < Math.min(available, 8); index += 1) {
      if (this.bytes[this.head + index] !== begins[index - 2]) return false;
    }
    return true;
  }

  private incomplete(why: string): void {
    const available = this.filled - this.head;
    const known = available >= headerOctets;
    const name = known ? controlMessageName(uint16(this.bytes, this.head + 8)) : 'a message';
    const length = available >= 2 ? ` of ${uint16(this.bytes, this.head)}` : '';
    this.anomaly('message-incomplete', `${name}: ${available}${length} octets came, then ${why}`);
  }

  private anomaly(code: FramingAnomaly, message: string): void {
    this.sink.anomaly(code, message, this.frameAt(this.head));
  }

  private frameAt(at: number): number {
    return this.origins[this.originOf(at)]?.frame ?? 0;
  }

  /** The index of the frame that carried the octet at `at`; -1 where there is none. */
  private originOf(at: number): number {
    let low = 0;
    let high = this.origins.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      this.steps += 1;
      if ((this.origins[middle]?.at ?? 0) <= at) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  private provenance(start: number, end: number): { frames: number[]; instant: Instant } {
    const first = Math.max(0, this.originOf(start));
    const frames: number[] = [];
    for (let index = first; index < this.origins.length; index += 1) {
      const origin = this.origins[index];
      this.steps += 1;
      if (origin === undefined || origin.at >= end) break;
      frames.push(origin.frame);
    }
    return { frames, instant: this.origins[first]?.instant ?? { seconds: 0, nanoseconds: 0 } };
  }

  /** Makes room for up to `wanted` more octets; answers how many fit. */
  private reserve(wanted: number): number {
    let capacity = Math.max(this.bytes.length, firstCapacity);
    while (capacity - this.filled < wanted && capacity < bufferedAtMost) capacity *= 2;
    if (capacity !== this.bytes.length) {
      const grown = capacity === firstCapacity && spare !== null ? spare : new Uint8Array(capacity);
      if (grown === spare) spare = null;
      grown.set(this.bytes.subarray(0, this.filled));
      this.bytes = grown;
    }
    return capacity - this.filled;
  }

  /** Moves what is left to the buffer's beginning. */
  private compact(): void {
    const head = this.head;
    if (head === 0) return;
    if (head === this.filled) {
      this.drop();
      return;
    }
    this.bytes.copyWithin(0, head, this.filled);
    const first = this.originOf(head);
    if (first > 0) this.origins.splice(0, first);
    for (const origin of this.origins) origin.at = Math.max(0, origin.at - head);
    this.steps += this.origins.length;
    this.filled -= head;
    this.head = 0;
  }

  private drop(): void {
    this.head = 0;
    this.filled = 0;
    if (this.origins.length > 0) this.origins = [];
    // Connections are idle nearly always: their buffers are let go between messages.
    if (this.bytes.length === firstCapacity) spare = this.bytes;
    this.bytes = noOctets;
  }
}

/** A control message of RFC 2637 by its header, the cookie not regarded. */
function plausible(bytes: Uint8Array, at: number): boolean {
  return (
    uint16(bytes, at + 2) === 1 && controlMessageNames[uint16(bytes, at + 8)] !== undefined && lengthPossible(bytes, at)
  );
}

/** Messages of unknown types may be of any length that holds their header. */
function lengthPossible(bytes: Uint8Array, at: number): boolean {
  const length = uint16(bytes, at);
  const known = uint16(bytes, at + 2) === 1 && controlMessageNames[uint16(bytes, at + 8)] !== undefined;
  return known ? length >= shortest && length <= longest : length >= headerOctets;
}

function uint16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

function uint32(bytes: Uint8Array, at: number): number {
  return ((uint16(bytes, at) << 16) | uint16(bytes, at + 2)) >>> 0;
}
