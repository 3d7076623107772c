/**
 * Decrypts MPPE, one direction of a link. RFC 3078. What a receiver gives up, a reader of captures need not: packets that come late
 * are decrypted, and where implementations differ, the reading counts that makes sense of the packet.
 */
import { initialSessionKey, type KeyBits, nextSessionKey } from '../crypto/mppe-keys.ts';
import { Rc4 } from '../crypto/rc4.ts';
import { coherencyCount, isFlushed } from './header.ts';

export interface MppeKey {
  /** RFC 3079 §2.4, §3.4 */
  readonly master: Uint8Array;
  readonly bits: KeyBits;
  readonly stateless: boolean;
}

/**
 * What `accept` is asked: how much a plaintext looks like one. `odd`: it begins like one and goes on like none, which counts
 * once the key has given one beyond doubt.
 */
export type Likelihood = 'certain' | 'possible' | 'odd' | 'none';

/** What is known of a packet whose plaintext is judged. */
export interface Header {
  /** The 16 bits before the encrypted data. */
  readonly word: number;
  /** Octets at its end that are not there. */
  readonly cut: number;
}

export interface EncryptedPacket extends Header {
  readonly octets: Uint8Array;
  /** GRE's sequence number: it tells how many packets are missing where the coherency count has gone round. null without one. */
  readonly sequence: number | null;
  /** Packets with a sequence number and without MPPE that came before it: they are no part of the count. */
  readonly others: number;
}

export interface Plaintext<Packet extends EncryptedPacket> {
  readonly packet: Packet;
  readonly octets: Uint8Array<ArrayBuffer>;
  readonly likelihood: Likelihood;
}

/** Why packets stayed as they were. */
export interface Undecrypted {
  /** Behind a loss that only the next key ends. RFC 3078 §8.2 */
  lost: number;
  /** Older than what is remembered. */
  late: number;
  /** What came out is no packet. */
  unreadable: number;
}

/** `take` answers false where so many more keys are too many. */
export interface KeyBudget {
  take(keys: number): boolean;
}

/** Coherency counts before they begin again. RFC 3078 §3.1 */
const counts = 0x1000;
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

const nothingBefore = { sequence: null, others: 0 } as const;

interface State {
  key: Uint8Array;
  /** Stateful only. RFC 3078 §5 */
  stream: Rc4;
}

export class MppeDecryptor<Packet extends EncryptedPacket> {
  readonly undecrypted: Undecrypted = { lost: 0, late: 0, unreadable: 0 };
  /** Packets encrypted before the newest that was decrypted, and that one; the coherency count is its low 12 bits. -1: none yet. */
  private position = -1;
  /** Of the packet at that position; before it, of the last packet without MPPE, where there was one. */
  private before: Pick<EncryptedPacket, 'sequence' | 'others'>;
  private state: State;
  /** The key has given a packet beyond doubt. */
  private proven = false;
  private readonly recent = new Map<number, Uint8Array>();
  private readonly waiting = new Map<number, Packet>();
  /** This sender's flushes change the key, as Linux' do; RFC 3078 §8.2 asks for the same key again. */
  private flushChangesKey = false;
  private readonly key: MppeKey;
  private readonly accept: (octets: Uint8Array, packet: Header) => Likelihood;
  private readonly budget: KeyBudget;

  /** `before`: of the last packet without MPPE. */
  constructor(
    key: MppeKey,
    accept: (octets: Uint8Array, packet: Header) => Likelihood,
    budget: KeyBudget,
    before: Pick<EncryptedPacket, 'sequence' | 'others'> = nothingBefore,
  ) {
    this.key = key;
    this.accept = accept;
    this.budget = budget;
    this.before = before;
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

  /**
   * The packet's position by its count and by how far GRE's sequence went on, which counts every packet and so is never less.
   * null: both cannot be; the sender began again from 0.
   */
  private positionOf({ word, sequence, others }: EncryptedPacket): number | null {
    const { position, before } = this;
    const ahead = (coherencyCount(word) - position) & (counts - 1);
    if (before.sequence === null || sequence === null) {
      return position === -1 || ahead < counts / 2 ? position + ahead : position + ahead - counts;
    }
    const sent = (sequence - before.sequence) | 0;
    const missing = sent - (others - before.others) - ahead;
    const rounds = Math.max(0, Math.round(missing / counts));
    if (position === -1) return position + ahead + counts * rounds;
    if (sent < 0) return position + ahead - counts;
    return ahead > sent ? null : position + ahead + counts * rounds;
  }

  private stateless(packet: Packet): Plaintext<Packet>[] {
    const position = this.positionOf(packet);
    if (position !== null && position <= this.position) {
      const key = this.recent.get(position);
      if (key === undefined) return this.fail('late');
      const octets = new Rc4(key).apply(packet.octets);
      return this.makesSense(octets, packet)
        ? this.done(packet, octets)
        : (this.again(packet) ?? this.fail('unreadable'));
    }
    if (position !== null) {
      const found = this.forward(packet, this.state.key, this.position, position);
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
    const octets = new Rc4(key).apply(packet.octets);
    if (!this.makesSense(octets, packet)) return null;
    this.state.key = key;
    for (const [index, one] of passed.slice(-remembered).entries()) {
      this.recent.set(position - Math.min(passed.length, remembered) + 1 + index, one);
    }
    for (const old of this.recent.keys()) if (old <= position - remembered) this.recent.delete(old);
    this.arrived(packet, position);
    return this.done(packet, octets);
  }

  /** CCP may have been negotiated once more: keys and counts begin again. */
  private again(packet: Packet): Plaintext<Packet>[] | null {
    if (this.position === -1) return null;
    const { state, position, before } = this;
    const recent = new Map(this.recent);
    this.recent.clear();
    this.state = this.initial();
    this.position = -1;
    this.before = nothingBefore;
    const found = this.key.stateless
      ? this.forward(packet, this.state.key, -1, coherencyCount(packet.word))
      : this.resume(packet, coherencyCount(packet.word));
    if (found?.[0]?.likelihood === 'certain') return found;
    this.state = state;
    this.position = position;
    this.before = before;
    for (const [at, key] of recent) this.recent.set(at, key);
    return null;
  }

  private stateful(packet: Packet): Plaintext<Packet>[] {
    const position = this.positionOf(packet);
    if (position === null) return this.again(packet) ?? this.fail('unreadable');
    if (position <= this.position) return this.fail('late');
    if (!isFlushed(packet.word) && !isFlag(packet.word)) return this.within(packet, position);
    const waited = this.bridged(position);
    const found = this.resume(packet, position) ?? this.again(packet) ?? this.fail('unreadable');
    return [...waited, ...found, ...this.released()];
  }

  /** A packet that goes on with the stream of the one before, or waits for others that it may have overtaken. */
  private within(packet: Packet, position: number): Plaintext<Packet>[] {
    if (position === this.position + 1) return [...this.goOn(packet, this.state.stream), ...this.released()];
    this.waiting.set(position, packet);
    return this.waiting.size < remembered ? [] : this.bridged(Number.POSITIVE_INFINITY);
  }

  private goOn(packet: Packet, stream: Rc4): Plaintext<Packet>[] {
    const octets = stream.apply(packet.octets);
    stream.apply(new Uint8Array(packet.cut));
    this.state.stream = stream;
    this.arrived(packet, this.position + 1);
    return this.makesSense(octets, packet) ? this.done(packet, octets) : this.fail('unreadable');
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
      this.position = position - 1;
      found.push(...this.goOn(packet, stream), ...this.released());
    }
    return found;
  }

  /** The stream where a packet begins behind missing ones, and beyond doubt; null where it is not found. */
  private streamAt(packet: Packet, position: number): Rc4 | null {
    const changes = this.changesTo(position);
    const missing = changes === 0 ? position - this.position - 1 : (position & 0xff) + 1;
    if (missing > bridgedAtMost || !this.budget.take(changes + missing * keysForBridging)) return null;
    let { key } = this.state;
    for (let change = 0; change < changes; change += 1) key = this.next(key);
    const start = changes === 0 ? this.state.stream : new Rc4(key);
    const keystream = start.copy().apply(new Uint8Array(missing * longestPacket + sample));
    const first = packet.octets.subarray(0, sample);
    const header = { word: packet.word, cut: packet.cut + packet.octets.length - first.length };
    const octets = new Uint8Array(first.length);
    for (let skipped = 0; skipped <= missing * longestPacket; skipped += 1) {
      for (const [index, octet] of first.entries()) octets[index] = octet ^ (keystream[skipped + index] ?? 0);
      if (this.accept(octets, header) !== 'certain') continue;
      const stream = start.copy();
      stream.apply(new Uint8Array(skipped));
      this.state.key = key;
      return stream;
    }
    return null;
  }

  /** How often the key changes up to a position, that included. RFC 3078 §7.2 */
  private changesTo(position: number): number {
    return Math.floor((position + 1) / 256) - Math.floor((this.position + 1) / 256);
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
      const octets = stream.apply(packet.octets);
      tried.push({ further, key, stream, octets, likelihood: this.accept(octets, packet) });
      key = this.next(key);
    }
    // Where the octets do not tell, it is as it was before.
    const usual = this.flushChangesKey && !isFlag(packet.word) ? tried.slice(1, 2) : tried.slice(0, 1);
    const found =
      tried.find(({ likelihood }) => likelihood === 'certain') ??
      [...usual, ...tried].find(({ likelihood }) => likelihood === 'possible') ??
      usual.find(({ likelihood }) => likelihood === 'odd' && this.proven);
    if (found === undefined) return null;
    if (position === this.position + 1 && !isFlag(packet.word)) this.flushChangesKey = found.further > 0;
    found.stream.apply(new Uint8Array(packet.cut));
    this.state = { key: found.key, stream: found.stream };
    this.arrived(packet, position);
    return this.done(packet, found.octets);
  }

  /** Packets that came too early, where their turn has come; those whose turn is over are lost. */
  private released(): Plaintext<Packet>[] {
    const found: Plaintext<Packet>[] = [];
    for (;;) {
      const packet = this.waiting.get(this.position + 1);
      if (packet === undefined) break;
      this.waiting.delete(this.position + 1);
      found.push(...this.goOn(packet, this.state.stream));
    }
    return found;
  }

  private next(key: Uint8Array): Uint8Array {
    return nextSessionKey(this.key.master, key, this.key.bits);
  }

  private arrived({ sequence, others }: Packet, position: number): void {
    this.position = position;
    this.before = { sequence, others };
  }

  private makesSense(octets: Uint8Array, packet: Packet): boolean {
    const likelihood = this.accept(octets, packet);
    return likelihood === 'odd' ? this.proven : likelihood !== 'none';
  }

  private done(packet: Packet, octets: Uint8Array<ArrayBuffer>): Plaintext<Packet>[] {
    const likelihood = this.accept(octets, packet);
    if (likelihood === 'certain') this.proven = true;
    return [{ packet, octets, likelihood }];
  }

  private fail(why: keyof Undecrypted): [] {
    this.undecrypted[why] += 1;
    return [];
  }
}

/** The packet before which the key of stateful encryption changes. RFC 3078 §7.2 */
function isFlag(word: number): boolean {
  return (word & 0xff) === 0xff;
}
