/**
 * IP datagrams put together from their fragments. RFC 791 §3.2, RFC 815, RFC 8200 §4.5. A tunnel whose outer path has a
 * small MTU sends every large GRE packet this way.
 *
 * Bounded whatever is sent: so many datagrams at once, 64 KiB each, 30 s of packet time; memory grows with
 * octets received, never by the offset that a fragment claims. Where fragments overlap the first copy wins.
 */

import type { Frame } from '../capture/frame.ts';
import { Ipv6View } from '../ip/ipv6.ts';
import { Limits } from '../octets/limits.ts';
import { Window } from '../octets/window.ts';
import type { Walk } from './walk.ts';

/** A datagram of which fragments are missing. */
export interface IncompleteDatagram {
  /** Address numbers of the address book. */
  readonly source: number;
  readonly destination: number;
  readonly protocol: number;
  readonly identification: number;
  /** The first frame with a fragment of it. */
  readonly frame: number;
  readonly fragments: number;
  /** The fragment with the payload's own header is here. */
  readonly startSeen: boolean;
}

/** RFC 791 §3.2 suggests 15 s, RFC 8200 §4.5 asks for 60 s, Linux waits 30 s. */
const longestWaitSeconds = 30;
/** Payload octets that IP can carry at most. */
const longestPayload = 65_535;

/** The datagram's fields are valid after a `push()` that returned true, until the next one. */
export class Defragmenter {
  /** The datagram's payload: octets `start` to `end` of `window`. */
  window: Window = new Window(new Uint8Array(0));
  start = 0;
  end = 0;
  /** Octets that the payload had on the wire. */
  wireLength = 0;
  /** Of the payload. In IPv6 behind the extension headers that were fragmented with it. */
  protocol = 0;
  /** Number and time of the first fragment, the one with offset 0. */
  frame = 0;
  seconds = 0;
  nanoseconds = 0;
  /** Fragments that it came in. */
  fragments = 0;
  /** The capture cut a fragment: the payload ends where the first octet is missing. */
  cut = false;
  /** Datagrams that stayed incomplete, those beyond the list of `incomplete()` included. */
  incompleteCount = 0;
  private readonly limits: Limits;
  /** By what tells them apart, in the order of their first fragments. */
  private readonly pending = new Map<string, Datagram>();
  /** Fragments that were looked at so far: the work, which goes with the fragments and not with their square. */
  steps = 0;
  private readonly kept: IncompleteDatagram[] = [];
  private readonly ipv6View: Ipv6View;

  constructor(limits = new Limits()) {
    this.limits = limits;
    this.ipv6View = new Ipv6View(limits.bounds.nesting);
  }

  /** Takes the fragment that `walk` found in `frame`. True when its datagram is now whole. */
  push(walk: Walk, frame: Frame): boolean {
    this.expire(frame.seconds);
    const length = walk.payloadWireLength;
    if (length === 0) return false;
    if (walk.fragmentOffset + length > longestPayload) return false;
    const datagram = this.datagramOf(walk, frame);
    if (this.limits.full('fragments', datagram.pieces.length)) {
      this.remove(datagram);
      return false;
    }
    this.steps += datagram.take(walk, frame);
    if (!datagram.isWhole()) return false;
    this.pending.delete(datagram.key);
    this.deliver(datagram);
    return true;
  }

  /** Gives up what waits since more than the time limit before `seconds`, in packet time. */
  expire(seconds: number): void {
    for (const first of this.pending.values()) {
      if (seconds - first.arrivedSeconds <= longestWaitSeconds) return;
      this.remove(first);
    }
  }

  /** The first datagrams that stayed incomplete, and those that are still waiting. */
  incomplete(): readonly IncompleteDatagram[] {
    const all = [...this.kept, ...Array.from(this.pending.values(), (datagram) => datagram.summary())];
    return all.slice(0, this.limits.bounds['incomplete-datagrams']);
  }

  private datagramOf(walk: Walk, frame: Frame): Datagram {
    const source = walk.source();
    const destination = walk.destination();
    // RFC 8200 §4.5: in IPv6 fragments belong together whatever their next header says.
    const key = `${source} ${destination} ${walk.identification} ${walk.version === 6 ? 6 : walk.protocol + 256}`;
    const held = this.pending.get(key);
    if (held !== undefined) return held;
    const oldest = this.limits.full('datagrams', this.pending.size) ? this.pending.values().next().value : undefined;
    if (oldest !== undefined) this.remove(oldest);
    const datagram = new Datagram(key, source, destination, walk, frame);
    this.pending.set(key, datagram);
    return datagram;
  }

  private remove(datagram: Datagram): void {
    this.pending.delete(datagram.key);
    this.incompleteCount += 1;
    if (!this.limits.full('incomplete-datagrams', this.kept.length)) this.kept.push(datagram.summary());
  }

  private deliver(datagram: Datagram): void {
    this.window = new Window(datagram.octets());
    this.start = 0;
    this.end = this.window.bytes.length;
    this.wireLength = datagram.wireLength ?? 0;
    this.cut = this.end < this.wireLength;
    this.protocol = datagram.protocol;
    this.frame = datagram.frame;
    this.seconds = datagram.seconds;
    this.nanoseconds = datagram.nanoseconds;
    this.fragments = datagram.fragments;
    if (datagram.version !== 6) return;
    if (this.ipv6View.extensionHeaders(this.window.view, datagram.protocol, 0, this.end) !== 0) return;
    this.protocol = this.ipv6View.protocol;
    this.start = this.ipv6View.headerEnd;
    this.wireLength -= this.start;
  }
}

/** New octets of one fragment. */
interface Piece {
  readonly at: number;
  /** One past its end on the wire: beyond the octets that are here where the capture cut the fragment. */
  readonly endAt: number;
  readonly bytes: Uint8Array;
}

class Datagram {
  readonly key: string;
  readonly source: number;
  readonly destination: number;
  readonly version: 0 | 4 | 6;
  readonly identification: number;
  readonly arrivedFrame: number;
  readonly arrivedSeconds: number;
  protocol: number;
  /** Number and time of the fragment with offset 0; until it comes, of the one that came first. */
  frame: number;
  seconds: number;
  nanoseconds: number;
  fragments = 0;
  /** Known once the last fragment is here. */
  wireLength: number | null = null;
  /** In order, without overlap. */
  readonly pieces: Piece[] = [];
  private covered = 0;
  /** Up to here, which is so many pieces, nothing is missing. */
  private wholeTo = 0;
  private wholePieces = 0;

  constructor(key: string, source: number, destination: number, walk: Walk, frame: Frame) {
    this.key = key;
    this.source = source;
    this.destination = destination;
    this.version = walk.version;
    this.identification = walk.identification;
    this.protocol = walk.protocol;
    this.arrivedFrame = frame.number;
    this.arrivedSeconds = frame.seconds;
    this.frame = frame.number;
    this.seconds = frame.seconds;
    this.nanoseconds = frame.nanoseconds;
  }

  /** Answers how many pieces were looked at. */
  take(walk: Walk, frame: Frame): number {
    this.fragments += 1;
    const at = walk.fragmentOffset;
    const endAt = at + walk.payloadWireLength;
    if (at === 0 && !this.startSeen()) {
      this.protocol = walk.protocol;
      this.frame = frame.number;
      this.seconds = frame.seconds;
      this.nanoseconds = frame.nanoseconds;
    }
    if (!walk.moreFragments && this.wireLength === null) this.wireLength = endAt;
    let from = at;
    let { index, steps } = this.pieceBehind(at);
    while (from < endAt) {
      steps += 1;
      const held = this.pieces[index];
      const to = held === undefined ? endAt : Math.min(endAt, held.at);
      if (from < to) {
        const start = Math.min(walk.payloadEnd, walk.payloadStart + from - at);
        const end = Math.min(walk.payloadEnd, walk.payloadStart + to - at);
        this.pieces.splice(index, 0, { at: from, endAt: to, bytes: frame.window.bytes.slice(start, end) });
        this.covered += to - from;
        index += 1;
      }
      if (held === undefined) break;
      from = Math.max(from, held.endAt);
      index += 1;
    }
    return steps;
  }

  /** The index of the first piece that ends behind a position. */
  private pieceBehind(position: number): { index: number; steps: number } {
    let low = 0;
    let high = this.pieces.length;
    let steps = 0;
    while (low < high) {
      const middle = (low + high) >>> 1;
      steps += 1;
      if ((this.pieces[middle]?.endAt ?? 0) <= position) low = middle + 1;
      else high = middle;
    }
    return { index: low, steps };
  }

  /** Every octet up to the end came, on the wire if not in the capture. */
  isWhole(): boolean {
    const { wireLength } = this;
    if (wireLength === null || this.covered < wireLength) return false;
    // Octets beyond the end may have made up the number: look for holes.
    for (let piece = this.pieces[this.wholePieces]; piece?.at === this.wholeTo; piece = this.pieces[this.wholePieces]) {
      this.wholeTo = piece.endAt;
      this.wholePieces += 1;
    }
    return this.wholeTo >= wireLength;
  }

  /** Its octets up to the first that is missing. */
  octets(): Uint8Array {
    const wireLength = this.wireLength ?? 0;
    const whole = new Uint8Array(Math.min(wireLength, this.octetsHeld()));
    let at = 0;
    for (const piece of this.pieces) {
      if (piece.at > at || at >= whole.length) break;
      const room = whole.length - at;
      whole.set(piece.bytes.length > room ? piece.bytes.subarray(0, room) : piece.bytes, at);
      at += Math.min(room, piece.bytes.length);
    }
    return at < whole.length ? whole.slice(0, at) : whole;
  }

  startSeen(): boolean {
    return this.pieces[0]?.at === 0;
  }

  summary(): IncompleteDatagram {
    const { source, destination, protocol, identification, fragments } = this;
    const startSeen = this.startSeen();
    return { source, destination, protocol, identification, frame: this.arrivedFrame, fragments, startSeen };
  }

  private octetsHeld(): number {
    let octets = 0;
    for (const piece of this.pieces) octets += piece.bytes.length;
    return octets;
  }
}
