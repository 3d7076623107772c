/**
 * IP datagrams put together from their fragments. RFC 791 §3.2, RFC 815, RFC 8200 §4.5. A tunnel whose outer path has a
 * small MTU sends every large GRE packet this way.
 *
 * Bounded whatever is sent: so many datagrams at once, 64 KiB each, 30 s of packet time; memory grows with
 * octets received, never by the offset that a fragment claims. Where fragments overlap the first copy wins.
 *
 * Octets are kept in the order in which they come, which is nearly always their order in the datagram: then it is handed
 * on from where it lies. Datagrams that are done with lend their memory to later ones (measured: 4 µs a datagram with
 * memory of its own, 0.6 µs so).
 */

import type { Frame } from '../capture/frame.ts';
import { Ipv6View } from '../ip/ipv6.ts';
import { Limits } from '../octets/limits.ts';
import { randomOdd } from '../octets/random-odd.ts';
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

/** Octets that a datagram has room for at first; it grows with those that come. */
const firstRoom = 256;
/** Of a piece: from where to where in the datagram, and where and how many of its octets are kept. */
const wordsPerPiece = 4;
const firstPieces = 4;

/** Others at every start, so that nobody can choose datagrams that fall into one slot. */
const seed1 = randomOdd();
const seed2 = randomOdd();
const seed3 = randomOdd();

/** The datagram's fields are valid after a `push()` that returned true, until the next one. */
export class Defragmenter {
  /** The datagram's payload: octets `start` to `end` of `window`. Before `start` only what `start` skips. */
  window: Window;
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
  /** Fragments and datagrams that were looked at so far: the work, which goes with the fragments and not with their square. */
  steps = 0;
  private readonly limits: Limits;
  /** Those that wait, by what tells them apart: of each slot the first, which leads to the others. */
  private readonly slots: (Datagram | null)[];
  /** Those that wait, in the order of their first fragments. */
  private oldest: Datagram | null = null;
  private latest: Datagram | null = null;
  private waiting = 0;
  /** Those that are done with. */
  private free: Datagram | null = null;
  /** Where a datagram is put in order whose octets did not come so. */
  private readonly ordered = new Window(new Uint8Array(longestPayload));
  private readonly kept: IncompleteDatagram[] = [];
  private readonly ipv6View: Ipv6View;

  constructor(limits = new Limits()) {
    this.limits = limits;
    this.window = this.ordered;
    this.slots = new Array<Datagram | null>(2 ** Math.ceil(Math.log2(limits.bounds.datagrams))).fill(null);
    this.ipv6View = new Ipv6View(limits.bounds.nesting);
  }

  /** Takes the fragment that `walk` found in `frame`. True when its datagram is now whole. */
  push(walk: Walk, frame: Frame): boolean {
    this.expire(frame.seconds);
    const length = walk.payloadWireLength;
    if (length === 0) return false;
    if (walk.fragmentOffset + length > longestPayload) return false;
    const datagram = this.datagramOf(walk, frame);
    if (this.limits.full('fragments', datagram.pieceCount)) {
      this.giveUp(datagram);
      return false;
    }
    this.steps += datagram.take(walk, frame);
    if (!datagram.isWhole()) return false;
    this.remove(datagram);
    this.deliver(datagram);
    return true;
  }

  /** Gives up what waits since more than the time limit before `seconds`, in packet time. */
  expire(seconds: number): void {
    for (let first = this.oldest; first !== null; first = this.oldest) {
      if (seconds - first.arrivedSeconds <= longestWaitSeconds) return;
      this.giveUp(first);
    }
  }

  /** The first datagrams that stayed incomplete, and those that are still waiting. */
  incomplete(): readonly IncompleteDatagram[] {
    const all = [...this.kept];
    for (let datagram = this.oldest; datagram !== null; datagram = datagram.later) all.push(datagram.summary());
    return all.slice(0, this.limits.bounds['incomplete-datagrams']);
  }

  /** The one that the fragment belongs to; begins it where there is none. */
  private datagramOf(walk: Walk, frame: Frame): Datagram {
    const source = walk.source();
    const destination = walk.destination();
    const { identification } = walk;
    // RFC 8200 §4.5: in IPv6 fragments belong together whatever their next header says.
    const kind = walk.version === 6 ? -1 : walk.protocol;
    const slot = hash(source, destination, identification ^ (kind << 16)) & (this.slots.length - 1);
    for (let held = this.slots[slot] ?? null; held !== null; held = held.nextInSlot) {
      this.steps += 1;
      if (
        held.identification === identification &&
        held.kind === kind &&
        held.source === source &&
        held.destination === destination
      ) {
        return held;
      }
    }
    if (this.limits.full('datagrams', this.waiting) && this.oldest !== null) this.giveUp(this.oldest);
    const datagram = this.free ?? new Datagram();
    this.free = datagram.later;
    datagram.begin(walk, frame);
    // Not handed on: the numbers of IPv6 addresses might be boxed.
    datagram.source = source;
    datagram.destination = destination;
    datagram.kind = kind;
    datagram.slot = slot;
    datagram.nextInSlot = this.slots[slot] ?? null;
    this.slots[slot] = datagram;
    datagram.earlier = this.latest;
    datagram.later = null;
    if (this.latest === null) this.oldest = datagram;
    else this.latest.later = datagram;
    this.latest = datagram;
    this.waiting += 1;
    return datagram;
  }

  private giveUp(datagram: Datagram): void {
    this.remove(datagram);
    if (!this.limits.full('incomplete-datagrams', this.kept.length)) this.kept.push(datagram.summary());
  }

  /** It waits no longer; what it holds stays until another one begins. */
  private remove(datagram: Datagram): void {
    const { slot, earlier, later } = datagram;
    let before = this.slots[slot] ?? null;
    if (before === datagram) {
      this.slots[slot] = datagram.nextInSlot;
    } else {
      while (before !== null && before.nextInSlot !== datagram) before = before.nextInSlot;
      if (before !== null) before.nextInSlot = datagram.nextInSlot;
    }
    if (earlier === null) this.oldest = later;
    else earlier.later = later;
    if (later === null) this.latest = earlier;
    else later.earlier = earlier;
    datagram.earlier = null;
    datagram.later = this.free;
    this.free = datagram;
    this.waiting -= 1;
  }

  private deliver(datagram: Datagram): void {
    this.window = datagram.inOrder(this.ordered);
    this.start = 0;
    this.end = datagram.length;
    this.wireLength = datagram.wireLength;
    this.cut = this.end < this.wireLength;
    this.protocol = datagram.protocol;
    this.frame = datagram.frame;
    this.seconds = datagram.seconds;
    this.nanoseconds = datagram.nanoseconds;
    this.fragments = datagram.fragments;
    if (datagram.kind !== -1) return;
    if (this.ipv6View.extensionHeaders(this.window.view, datagram.protocol, 0, this.end) !== 0) return;
    this.protocol = this.ipv6View.protocol;
    this.start = this.ipv6View.headerEnd;
    this.wireLength -= this.start;
  }
}

/** Of which fragments are missing, or the memory of one that had been. */
class Datagram {
  /** Neighbours in the order of arrival; `later` also of those that are free. */
  earlier: Datagram | null = null;
  later: Datagram | null = null;
  slot = 0;
  nextInSlot: Datagram | null = null;
  source = 0;
  destination = 0;
  identification = 0;
  /** IPv4's protocol number; -1 of IPv6, where it tells none apart. */
  kind = 0;
  arrivedFrame = 0;
  arrivedSeconds = 0;
  protocol = 0;
  /** Number and time of the fragment with offset 0; until it comes, of the one that came first. */
  frame = 0;
  seconds = 0;
  nanoseconds = 0;
  fragments = 0;
  /** -1 until the last fragment is here. */
  wireLength = -1;
  /** Octets that `inOrder` found. */
  length = 0;
  pieceCount = 0;
  /** In their order in the datagram, without overlap. */
  private pieces = new Int32Array(firstPieces * wordsPerPiece);
  /** Octets of the pieces, in the order in which they came. */
  private received = new Window(new Uint8Array(firstRoom));
  private receivedOctets = 0;
  private covered = 0;
  /** Up to here, which is so many pieces, nothing is missing. */
  private wholeTo = 0;
  private wholePieces = 0;

  begin(walk: Walk, frame: Frame): void {
    this.identification = walk.identification;
    this.protocol = walk.protocol;
    this.arrivedFrame = frame.number;
    this.arrivedSeconds = frame.seconds;
    this.frame = frame.number;
    this.seconds = frame.seconds;
    this.nanoseconds = frame.nanoseconds;
    this.fragments = 0;
    this.wireLength = -1;
    this.pieceCount = 0;
    this.receivedOctets = 0;
    this.covered = 0;
    this.wholeTo = 0;
    this.wholePieces = 0;
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
    if (!walk.moreFragments && this.wireLength === -1) this.wireLength = endAt;
    let steps = 0;
    // The first piece that ends behind the fragment's start.
    let index = 0;
    for (let behind = this.pieceCount; index < behind; steps += 1) {
      // Nearly always behind the last.
      const middle = steps === 0 ? behind - 1 : (index + behind) >>> 1;
      if (this.word(middle, 1) <= at) index = middle + 1;
      else behind = middle;
    }
    for (let from = at; from < endAt; index += 1) {
      steps += 1;
      const last = index === this.pieceCount;
      const to = last ? endAt : Math.min(endAt, this.word(index, 0));
      if (from < to) {
        const start = Math.min(walk.payloadEnd, walk.payloadStart + from - at);
        const end = Math.min(walk.payloadEnd, walk.payloadStart + to - at);
        this.insert(index, from, to, frame.window.bytes, start, end);
        index += 1;
      }
      if (last) break;
      from = Math.max(from, this.word(index, 1));
    }
    return steps;
  }

  /** Every octet up to the end came, on the wire if not in the capture. */
  isWhole(): boolean {
    const { wireLength } = this;
    if (wireLength === -1 || this.covered < wireLength) return false;
    // Octets beyond the end may have made up the number: look for holes.
    while (this.wholePieces < this.pieceCount && this.word(this.wholePieces, 0) === this.wholeTo) {
      this.wholeTo = this.word(this.wholePieces, 1);
      this.wholePieces += 1;
    }
    return this.wholeTo >= wireLength;
  }

  /** The window that begins with its octets, up to the first that is missing, which are `length`: its own or `other`. */
  inOrder(other: Window): Window {
    const end = this.wireLength;
    let at = 0;
    let inOrder = true;
    for (let index = 0; index < this.pieceCount && this.word(index, 0) === at && at < end; index += 1) {
      if (this.word(index, 2) !== at) inOrder = false;
      at += Math.min(this.word(index, 3), end - at);
    }
    this.length = at;
    if (inOrder) return this.received;
    at = 0;
    for (let index = 0; at < this.length; index += 1) {
      const start = this.word(index, 2);
      const octets = Math.min(this.word(index, 3), this.length - at);
      other.bytes.set(this.received.bytes.subarray(start, start + octets), at);
      at += octets;
    }
    return other;
  }

  startSeen(): boolean {
    return this.pieceCount > 0 && this.word(0, 0) === 0;
  }

  summary(): IncompleteDatagram {
    const { source, destination, protocol, identification, fragments } = this;
    const startSeen = this.startSeen();
    return { source, destination, protocol, identification, frame: this.arrivedFrame, fragments, startSeen };
  }

  private word(piece: number, word: number): number {
    return this.pieces[piece * wordsPerPiece + word] ?? 0;
  }

  /** A piece in front of the one with this index: octets `from` to `to` of the datagram, of which the capture has some. */
  private insert(index: number, from: number, to: number, bytes: Uint8Array, start: number, end: number): void {
    const octets = end - start;
    this.makeRoom(octets);
    const { pieces, received, receivedOctets } = this;
    const place = index * wordsPerPiece;
    pieces.copyWithin(place + wordsPerPiece, place, this.pieceCount * wordsPerPiece);
    pieces[place] = from;
    pieces[place + 1] = to;
    pieces[place + 2] = receivedOctets;
    pieces[place + 3] = octets;
    received.bytes.set(bytes.subarray(start, end), receivedOctets);
    this.pieceCount += 1;
    this.receivedOctets += octets;
    this.covered += to - from;
  }

  /** For one piece more, with so many octets. */
  private makeRoom(octets: number): void {
    if ((this.pieceCount + 1) * wordsPerPiece > this.pieces.length) {
      const { pieces } = this;
      this.pieces = new Int32Array(pieces.length * 2);
      this.pieces.set(pieces);
    }
    const needed = this.receivedOctets + octets;
    const { bytes } = this.received;
    if (needed <= bytes.length) return;
    this.received = new Window(new Uint8Array(Math.max(needed, bytes.length * 2)));
    this.received.bytes.set(bytes);
  }
}

function hash(source: number, destination: number, rest: number): number {
  let value = Math.imul((source | 0) ^ seed1, seed2);
  value = Math.imul(value ^ (value >>> 15) ^ destination, seed3);
  value = Math.imul(value ^ (value >>> 13) ^ rest, seed1);
  return value ^ (value >>> 16);
}
