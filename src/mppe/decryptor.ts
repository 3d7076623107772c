/**
 * Decrypts MPPE, one direction of a link, and decompresses what was compressed before that. RFC 3078. What a receiver gives up, a
 * reader of captures need not: packets that come late are decrypted, and where implementations differ, the reading counts that
 * makes sense of the packet.
 */
import { initialSessionKey, type KeyBits, nextSessionKey } from '../crypto/mppe-keys.ts';
import { Rc4 } from '../crypto/rc4.ts';
import { type Before, Coherency, type MppePacket } from './coherency.ts';
import { coherencyCount, isCompressed, isFlushed } from './header.ts';
import { type Accept, type Judged, judged, type Plaintext, type Unopened } from './likelihood.ts';
import { MppcHistory } from './mppc.ts';

export interface MppeKey {
  /** RFC 3079 §2.4, §3.4 */
  readonly master: Uint8Array;
  readonly bits: KeyBits;
  readonly stateless: boolean;
}

/** `take` answers false where so many more keys are too many. */
export interface KeyBudget {
  take(keys: number): boolean;
}

/** Keys of packets before the newest, and packets that wait for one that was overtaken. */
const remembered = 64;
/** Flushes that may have been lost together with a loss, where each changes the key. */
const lostFlushes = 4;
/** Octets that a missing packet may have had: more than any link carries. */
const longestPacket = 1600;
/** So many missing packets in a row are bridged; to find how long one was takes as long as so many keys. */
const bridgedAtMost = 32;
const keysForBridging = 64;
/** Octets of a packet that tell whether it was found: PPP's and IP's headers. */
const sample = 64;

interface State {
  key: Uint8Array;
  /** Stateful only. RFC 3078 §5 */
  stream: Rc4;
}

export class MppeDecryptor<Packet extends MppePacket> {
  readonly undecrypted: Unopened = { lost: 0, late: 0, unreadable: 0 };
  private coherency: Coherency;
  private state: State;
  private history = new MppcHistory();
  /** The key has given a packet beyond doubt. */
  private proven = false;
  private readonly recent = new Map<number, Uint8Array>();
  private readonly waiting = new Map<number, Packet>();
  /** This sender's flushes change the key, as Linux' do; RFC 3078 §8.2 asks for the same key again. */
  private flushChangesKey = false;
  private readonly key: MppeKey;
  private readonly accept: Accept;
  private readonly budget: KeyBudget;

  /** `before`: of the last packet without MPPE. */
  constructor(key: MppeKey, accept: Accept, budget: KeyBudget, before?: Before) {
    this.key = key;
    this.accept = accept;
    this.budget = budget;
    this.coherency = new Coherency(before);
    this.state = this.initial();
  }

  /** The next packet in the order of the capture: what it says, and what waited for it. */
  push(packet: Packet): Plaintext<Packet>[] {
    return this.key.stateless ? this.stateless(packet) : this.stateful(packet);
  }

  /** No packet follows: what still waited. */
  finish(): Plaintext<Packet>[] {
    return this.key.stateless ? [] : this.bridged(Number.POSITIVE_INFINITY);
  }

  private initial(): State {
    const key = initialSessionKey(this.key.master, this.key.bits);
    return { key, stream: new Rc4(key) };
  }

  private stateless(packet: Packet): Plaintext<Packet>[] {
    const position = this.coherency.positionOf(packet);
    if (position !== null && position <= this.coherency.position) {
      const key = this.recent.get(position);
      if (key === undefined) return this.fail('late');
      const read = this.read(new Rc4(key).apply(packet.octets), packet, position);
      return this.makesSense(read)
        ? this.done(packet, position, read)
        : (this.again(packet) ?? this.fail('unreadable'));
    }
    if (position !== null) {
      const found = this.forward(packet, this.state.key, this.coherency.position, position);
      if (found !== null) return found;
    }
    return this.again(packet) ?? this.fail('unreadable');
  }

  /** Changes the key as often as from one position to another: the packet there, or null where it makes no sense. */
  private forward(packet: Packet, from: Uint8Array, before: number, position: number): Plaintext<Packet>[] | null {
    if (!this.budget.take(position - before)) return null;
    const passed: Uint8Array[] = [];
    let key = from;
    for (let at = before; at < position; at += 1) {
      key = this.next(key);
      passed.push(key);
    }
    const read = this.read(new Rc4(key).apply(packet.octets), packet, position);
    if (!this.makesSense(read)) return null;
    this.state.key = key;
    for (const [index, one] of passed.slice(-remembered).entries()) {
      this.recent.set(position - Math.min(passed.length, remembered) + 1 + index, one);
    }
    for (const old of this.recent.keys()) if (old <= position - remembered) this.recent.delete(old);
    this.coherency = this.coherency.at(packet, position);
    return this.done(packet, position, read);
  }

  /** CCP may have been negotiated once more: keys, counts and the history begin again. */
  private again(packet: Packet): Plaintext<Packet>[] | null {
    const { state, coherency, history } = this;
    if (!coherency.mayBeginAgain(packet)) return null;
    const { lost } = this.undecrypted;
    const recent = new Map(this.recent);
    this.recent.clear();
    this.state = this.initial();
    this.coherency = new Coherency();
    this.history = new MppcHistory();
    const found = this.key.stateless
      ? this.forward(packet, this.state.key, -1, coherencyCount(packet.word))
      : this.resume(packet, coherencyCount(packet.word));
    if (found?.[0]?.likelihood === 'certain') return found;
    this.state = state;
    this.coherency = coherency;
    this.history = history;
    this.undecrypted.lost = lost;
    for (const [at, key] of recent) this.recent.set(at, key);
    return null;
  }

  private stateful(packet: Packet): Plaintext<Packet>[] {
    const position = this.coherency.positionOf(packet);
    if (position === null) return this.again(packet) ?? this.fail('unreadable');
    if (position <= this.coherency.position) return this.fail('late');
    if (!isFlushed(packet.word) && !isFlag(packet.word)) return this.within(packet, position);
    const waited = this.bridged(position);
    const found = this.resume(packet, position) ?? this.again(packet) ?? this.fail('unreadable');
    return [...waited, ...found, ...this.released()];
  }

  /** A packet that goes on with the stream of the one before, or waits for others that it may have overtaken. */
  private within(packet: Packet, position: number): Plaintext<Packet>[] {
    if (position === this.coherency.position + 1) return [...this.goOn(packet, this.state.stream), ...this.released()];
    if (this.waiting.has(position)) return this.fail('late');
    this.waiting.set(position, packet);
    return this.waiting.size < remembered ? [] : this.bridged(Number.POSITIVE_INFINITY);
  }

  private goOn(packet: Packet, stream: Rc4): Plaintext<Packet>[] {
    const octets = stream.apply(packet.octets);
    stream.apply(new Uint8Array(packet.cut));
    this.state.stream = stream;
    const position = this.coherency.position + 1;
    this.coherency = this.coherency.at(packet, position);
    const read = this.read(octets, packet, position);
    return this.makesSense(read) ? this.done(packet, position, read) : this.fail('unreadable');
  }

  /** Packets that waited, those before `end`: how long the missing ones were is found by trying. */
  private bridged(end: number): Plaintext<Packet>[] {
    const found: Plaintext<Packet>[] = [];
    const positions = [...this.waiting.keys()].filter((position) => position < end).sort((a, b) => a - b);
    for (const position of positions) {
      const packet = this.waiting.get(position);
      if (packet === undefined) continue;
      this.waiting.delete(position);
      const stream = this.streamAt(packet, position);
      if (stream === null) {
        this.undecrypted.lost += 1;
        continue;
      }
      this.coherency = this.coherency.skippedTo(position - 1);
      found.push(...this.goOn(packet, stream), ...this.released());
    }
    return found;
  }

  /** The stream where a packet begins behind missing ones, and beyond doubt; null where it is not found. */
  private streamAt(packet: Packet, position: number): Rc4 | null {
    // What is compressed begins with what is in the history, which is lost too.
    if (isCompressed(packet.word)) return null;
    const changes = this.changesTo(position);
    const missing = changes === 0 ? position - this.coherency.position - 1 : (position & 0xff) + 1;
    if (missing > bridgedAtMost || !this.budget.take(changes + missing * keysForBridging)) return null;
    let { key } = this.state;
    for (let change = 0; change < changes; change += 1) key = this.next(key);
    const start = changes === 0 ? this.state.stream : new Rc4(key);
    const keystream = start.copy().apply(new Uint8Array(missing * longestPacket + sample));
    const first = packet.octets.subarray(0, sample);
    const behind = packet.cut + packet.octets.length - first.length;
    const octets = new Uint8Array(first.length);
    for (let skipped = 0; skipped <= missing * longestPacket; skipped += 1) {
      for (const [index, octet] of first.entries()) octets[index] = octet ^ (keystream[skipped + index] ?? 0);
      if (this.accept(octets, behind) !== 'certain') continue;
      const stream = start.copy();
      stream.apply(new Uint8Array(skipped));
      this.state.key = key;
      return stream;
    }
    return null;
  }

  /** How often the key changes up to a position, that included. RFC 3078 §7.2 */
  private changesTo(position: number): number {
    return Math.floor((position + 1) / 256) - Math.floor((this.coherency.position + 1) / 256);
  }

  /** A packet with which the stream begins again: with a new key where its count ends in 0xFF, and where this sender does so. */
  private resume(packet: Packet, position: number): Plaintext<Packet>[] | null {
    const changes = this.changesTo(position);
    if (!this.budget.take(changes + lostFlushes)) return null;
    let { key } = this.state;
    for (let change = 0; change < changes; change += 1) key = this.next(key);
    const tried = [];
    for (let further = 0; further <= lostFlushes; further += 1) {
      const stream = new Rc4(key);
      tried.push({ further, key, stream, read: this.read(stream.apply(packet.octets), packet, position) });
      key = this.next(key);
    }
    // Where the octets do not tell, it is as it was before; those that come out of lost history tell nothing.
    const usual = this.flushChangesKey && !isFlag(packet.word) ? tried.slice(1, 2) : tried.slice(0, 1);
    const found =
      tried.find(({ read }) => read?.likelihood === 'certain') ??
      usual.find(({ read }) => this.makesSense(read) && read.lost) ??
      [...usual, ...tried].find(({ read }) => read?.likelihood === 'possible') ??
      usual.find(({ read }) => read?.likelihood === 'odd' && this.proven);
    if (found === undefined || found.read === null) return null;
    if (position === this.coherency.position + 1 && !isFlag(packet.word)) this.flushChangesKey = found.further > 0;
    found.stream.apply(new Uint8Array(packet.cut));
    this.state = { key: found.key, stream: found.stream };
    this.coherency = this.coherency.at(packet, position);
    return this.done(packet, position, found.read);
  }

  /** Packets that came too early, where their turn has come; those whose turn is over are lost. */
  private released(): Plaintext<Packet>[] {
    const found: Plaintext<Packet>[] = [];
    for (;;) {
      const next = this.coherency.position + 1;
      const packet = this.waiting.get(next);
      if (packet === undefined) break;
      this.waiting.delete(next);
      found.push(...this.goOn(packet, this.state.stream));
    }
    return found;
  }

  private next(key: Uint8Array): Uint8Array {
    return nextSessionKey(this.key.master, key, this.key.bits);
  }

  private read(octets: Uint8Array<ArrayBuffer>, { word, cut }: Packet, position: number): Judged | null {
    return judged(this.accept, this.history.read(octets, word, cut, position));
  }

  private makesSense(read: Judged | null): read is Judged {
    return read !== null && (read.likelihood === 'odd' ? this.proven : read.likelihood !== 'none');
  }

  private done(packet: Packet, position: number, read: Judged): Plaintext<Packet>[] {
    const { octets, missing, lost, likelihood } = read;
    if (likelihood === 'certain') this.proven = true;
    this.history.take(read, packet.word, position);
    return lost ? this.fail('lost') : [{ packet, octets, missing, likelihood }];
  }

  private fail(why: keyof Unopened): [] {
    this.undecrypted[why] += 1;
    return [];
  }
}

/** The packet before which the key of stateful encryption changes. RFC 3078 §7.2 */
function isFlag(word: number): boolean {
  return (word & 0xff) === 0xff;
}
