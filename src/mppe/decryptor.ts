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

/** Keys take time. */
export interface KeyBudget {
  /** False where so many more are too many. */
  take(keys: number): boolean;
  /** So many of those that were taken opened nothing. */
  wasted(keys: number): void;
}

/** Keys of packets before the newest, and packets that wait for one that was overtaken. */
const remembered = 64;
/** Flushes that may have been lost, where each changes the key: of a sender that is not known to do so, and of one that does. */
const lostFlushes = 4;
const lostFlushesAtMost = 256;
/** Octets that a missing packet may have had: more than any link carries. */
const longestPacket = 1600;
/** So many missing packets are bridged; to look for what follows one takes as long as so many keys, and each look as long as one. */
const bridgedAtMost = 32;
const keysForBridging = 64;
const looksAtOnce = 256;
/** Octets of a packet that tell whether it was found: PPP's and IP's headers, of which compressed ones may take an eighth more. */
const sample = 48;
/** From this on the first octet of what is compressed begins a copy. RFC 2118 §4.2 */
const copies = 0xc0;

interface State {
  readonly key: Uint8Array;
  /** Stateful only. RFC 3078 §5 */
  readonly stream: Rc4;
}

/** Packets behind the newest that was read, or behind the last flag: those that are missing, and octets of those that are not. */
interface Gap {
  readonly upTo: number;
  readonly missing: number;
  readonly octets: number;
}

/** How far a sender has come since CCP was negotiated. */
interface Place<Packet> {
  coherency: Coherency;
  state: State;
  history: MppcHistory;
  /** Stateful only. */
  gap: Gap;
  /** Keys of packets before the newest. Stateless only. */
  readonly recent: Map<number, Uint8Array>;
  /** Packets that came before their turn. Stateful only. */
  readonly waiting: Map<number, Packet>;
}

/** With a packet at its beginning; `further`: keys further than the count asks for. */
interface Begun extends State {
  readonly further: number;
  readonly read: Judged | null;
}

/** Where the stream may go on behind a gap: in its place, so many octets and then missing packets further. */
interface Continuation extends State, Omit<Gap, 'upTo'> {}

export class MppeDecryptor<Packet extends MppePacket> {
  readonly undecrypted: Unopened = { lost: 0, late: 0, unreadable: 0 };
  private place: Place<Packet>;
  /** Whether the protocol field has one octet in packets that the key has given beyond doubt; null before the first. RFC 1661 §6.5 */
  private compressesProtocol: boolean | null = null;
  /** This sender's flushes change the key, as Linux' do; RFC 3078 §8.2 asks for the same key again. */
  private flushChangesKey = false;
  /** What became of the packet that came last; null where it was read, or waits. */
  private failed: keyof Unopened | null = null;
  private readonly key: MppeKey;
  private readonly accept: Accept;
  private readonly budget: KeyBudget;

  /** `before`: of the last packet without MPPE. */
  constructor(key: MppeKey, accept: Accept, budget: KeyBudget, before?: Before) {
    this.key = key;
    this.accept = accept;
    this.budget = budget;
    this.place = this.beginning(new Coherency(before));
  }

  /** The next packet in the order of the capture: what it says, and what waited for it. */
  push(packet: Packet): Plaintext<Packet>[] {
    this.failed = null;
    return this.key.stateless ? this.stateless(packet) : this.stateful(packet);
  }

  /** The packet that came last, and gave nothing, is of other keys. */
  takeBack(packet: Packet): void {
    const { waiting } = this.place;
    for (const [position, one] of waiting) if (one === packet) waiting.delete(position);
    if (this.failed !== null) this.undecrypted[this.failed] -= 1;
  }

  /** No packet follows: what still waited. */
  finish(): Plaintext<Packet>[] {
    return this.key.stateless ? [] : this.bridged(Number.POSITIVE_INFINITY);
  }

  private beginning(coherency: Coherency): Place<Packet> {
    const key = initialSessionKey(this.key.master, this.key.bits);
    return {
      coherency,
      state: { key, stream: new Rc4(key) },
      history: new MppcHistory(),
      gap: { upTo: -1, missing: 0, octets: 0 },
      recent: new Map(),
      waiting: new Map(),
    };
  }

  private stateless(packet: Packet): Plaintext<Packet>[] {
    const position = this.place.coherency.positionOf(packet);
    if (position !== null && position <= this.place.coherency.position) {
      const key = this.place.recent.get(position);
      if (key === undefined) return this.fail('late');
      const read = this.read(new Rc4(key).apply(packet.octets), packet, position);
      return this.makesSense(read)
        ? this.done(packet, position, read)
        : (this.again(packet) ?? this.fail('unreadable'));
    }
    if (position !== null) {
      const found = this.forward(packet, this.place.state.key, this.place.coherency.position, position);
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
    if (!this.makesSense(read)) {
      this.budget.wasted(position - before);
      return null;
    }
    this.place.state = { key, stream: this.place.state.stream };
    for (const [index, one] of passed.slice(-remembered).entries()) {
      this.place.recent.set(position - Math.min(passed.length, remembered) + 1 + index, one);
    }
    for (const old of this.place.recent.keys()) if (old <= position - remembered) this.place.recent.delete(old);
    this.place.coherency = this.place.coherency.at(packet, position);
    return this.done(packet, position, read);
  }

  /** CCP may have been negotiated once more: keys, counts and the history begin again. */
  private again(packet: Packet): Plaintext<Packet>[] | null {
    const { place: before } = this;
    if (!before.coherency.mayBeginAgain(packet)) return null;
    const { lost } = this.undecrypted;
    const count = coherencyCount(packet.word);
    const place = this.beginning(new Coherency());
    this.place = place;
    const found = this.key.stateless ? this.forward(packet, place.state.key, -1, count) : this.resume(packet, count);
    this.place = before;
    if (found?.[0]?.likelihood !== 'certain') {
      this.undecrypted.lost = lost;
      return null;
    }
    const waited = this.finish();
    this.place = place;
    return [...waited, ...found];
  }

  private stateful(packet: Packet): Plaintext<Packet>[] {
    const position = this.place.coherency.positionOf(packet);
    if (position === null) return this.again(packet) ?? this.fail('unreadable');
    if (position <= this.place.coherency.position) return this.fail('late');
    if (!isFlushed(packet.word) && !isFlag(packet.word)) return this.within(packet, position);
    const waited = this.bridged(position);
    const found = this.resume(packet, position) ?? this.again(packet) ?? this.fail('unreadable');
    return [...waited, ...found, ...this.released()];
  }

  /** A packet that goes on with the stream of the one before, or waits for others that it may have overtaken. */
  private within(packet: Packet, position: number): Plaintext<Packet>[] {
    if (position === this.place.coherency.position + 1) return [...this.goOn(packet), ...this.released()];
    if (position <= this.place.gap.upTo || this.place.waiting.has(position)) return this.fail('late');
    this.place.waiting.set(position, packet);
    return this.place.waiting.size < remembered ? [] : this.bridged(Number.POSITIVE_INFINITY);
  }

  private goOn(packet: Packet): Plaintext<Packet>[] {
    const { stream } = this.place.state;
    const octets = stream.apply(packet.octets);
    stream.apply(new Uint8Array(packet.cut));
    const position = this.place.coherency.position + 1;
    this.place.coherency = this.place.coherency.at(packet, position);
    const read = this.read(octets, packet, position);
    return this.makesSense(read) ? this.done(packet, position, read) : this.fail('unreadable');
  }

  /** Packets that waited, those before `end`: how long the missing ones were is found by trying. */
  private bridged(end: number): Plaintext<Packet>[] {
    const found: Plaintext<Packet>[] = [];
    for (;;) {
      const [first, run] = this.firstRun(end);
      if (run.length === 0) return found;
      const state = this.stateAt(first, run);
      if (state === null) {
        const { missing, octets } = this.gapBefore(first);
        const upTo = first + run.length - 1;
        this.place.gap = { upTo, missing, octets: octets + run.reduce((sum, packet) => sum + sizeOf(packet), 0) };
        this.undecrypted.lost += run.length;
        this.failed = 'lost';
        for (let position = first; position <= upTo; position += 1) this.place.waiting.delete(position);
      } else {
        this.place.state = state;
        this.place.coherency = this.place.coherency.skippedTo(first - 1);
        found.push(...this.released());
      }
    }
  }

  /** Of the packets that wait, the first and those that follow it without a gap. */
  private firstRun(end: number): [first: number, run: Packet[]] {
    const first = Math.min(...this.place.waiting.keys());
    const run: Packet[] = [];
    for (let position = first; position < end; position += 1) {
      const packet = this.place.waiting.get(position);
      if (packet === undefined) break;
      run.push(packet);
    }
    return [first, run];
  }

  /** What is missing before a position, as far back as the key is the same. RFC 3078 §7.2 */
  private gapBefore(position: number): Gap {
    const flag = Math.floor((position + 1) / 256) * 256 - 1;
    const base = Math.max(this.place.coherency.position, flag - 1);
    const { upTo, missing, octets } =
      this.place.gap.upTo > base ? this.place.gap : { upTo: base, missing: 0, octets: 0 };
    return { upTo, missing: missing + position - upTo - 1, octets };
  }

  /** Where packets go on behind missing ones; null where none of them shows it beyond doubt. */
  private stateAt(first: number, run: readonly Packet[]): State | null {
    for (const continuation of this.continuations(first)) {
      const { key, missing } = continuation;
      if (missing > bridgedAtMost || !this.budget.take(missing * keysForBridging)) continue;
      const stream = this.streamAt(continuation, first, run);
      if (stream !== null) return { key, stream };
    }
    return null;
  }

  /** The stream goes on, or one of the packets that are missing last began it again: with the key as it is, or as Linux does. */
  private continuations(position: number): Continuation[] {
    const changes = this.changesTo(position);
    if (!this.budget.take(changes)) return [];
    let { key } = this.place.state;
    for (let change = 0; change < changes; change += 1) key = this.next(key);
    const next = this.next(key);
    const { upTo, missing, octets } = this.gapBefore(position);
    const again = { missing: position - upTo - 1, octets: 0 };
    return [
      { key, stream: changes === 0 ? this.place.state.stream : new Rc4(key), missing, octets },
      { key, stream: new Rc4(key), ...again },
      { key: next, stream: new Rc4(next), ...again },
    ];
  }

  /** The stream where the first of these packets begins; null where it is not found. */
  private streamAt({ stream, missing, octets }: Continuation, first: number, run: readonly Packet[]): Rc4 | null {
    const start = stream.copy();
    start.apply(new Uint8Array(octets));
    const most = missing * longestPacket;
    const keystream = start.copy().apply(new Uint8Array(run.reduce((sum, packet) => sum + sizeOf(packet), most)));
    let looks = 0;
    for (let skipped = 0; skipped <= most; skipped += 1) {
      if (!this.mayOpen(run, keystream, skipped)) continue;
      if (looks % looksAtOnce === 0 && looks > 0 && !this.budget.take(looksAtOnce)) return null;
      looks += 1;
      if (!this.opens(run, keystream, skipped, first)) continue;
      start.apply(new Uint8Array(skipped));
      return start;
    }
    return null;
  }

  /** Whether, by the first octet alone, each begins with a protocol field or a copy of one, and one by itself. */
  private mayOpen(run: readonly Packet[], keystream: Uint8Array, from: number): boolean {
    let at = from;
    let begins = false;
    for (const packet of run) {
      const octet = (packet.octets[0] ?? 0) ^ (keystream[at] ?? 0);
      at += sizeOf(packet);
      if (packet.octets.length === 0 || (isCompressed(packet.word) && octet >= copies)) continue;
      if (!this.mayBegin(octet)) return false;
      begins = true;
    }
    return begins;
  }

  /** Protocols that are encrypted have 0 in the first of two octets. RFC 3078 §3 */
  private mayBegin(octet: number): boolean {
    const { compressesProtocol } = this;
    if (!isShort(octet)) return octet === 0 && compressesProtocol !== true;
    return compressesProtocol !== false && this.accept(Uint8Array.of(octet), longestPacket) !== 'none';
  }

  /** Whether the first octets of one make sense beyond doubt, and of none before it none. What is compressed refers to what is missing. */
  private opens(run: readonly Packet[], keystream: Uint8Array, from: number, first: number): boolean {
    const lost = new MppcHistory();
    let at = from;
    for (const packet of run) {
      const octets = packet.octets.slice(0, sample);
      for (let index = 0; index < octets.length; index += 1)
        octets[index] = (octets[index] ?? 0) ^ (keystream[at + index] ?? 0);
      const read = judged(this.accept, lost.read(octets, packet.word, sizeOf(packet) - octets.length, first));
      if (read === null || read.likelihood === 'none') return false;
      if (read.likelihood === 'certain') return true;
      at += sizeOf(packet);
    }
    return false;
  }

  /** How often the key changes up to a position, that included. RFC 3078 §7.2 */
  private changesTo(position: number): number {
    return Math.floor((position + 1) / 256) - Math.floor((this.place.coherency.position + 1) / 256);
  }

  /** A packet with which the stream begins again: with a new key where its count ends in 0xFF, and where this sender does so. */
  private resume(packet: Packet, position: number): Plaintext<Packet>[] | null {
    const changes = this.changesTo(position);
    const further = this.flushChangesKey && !isFlag(packet.word) ? 1 : 0;
    if (!this.budget.take(changes + further)) return null;
    let { key } = this.place.state;
    for (let change = 0; change < changes; change += 1) key = this.next(key);
    const usual = this.begun(packet, position, further === 0 ? key : this.next(key), further);
    const found = usual.read?.likelihood === 'certain' ? usual : this.likeliest(packet, position, key, usual);
    if (found === null || found.read === null) {
      this.budget.wasted(changes + further);
      return null;
    }
    if (position === this.place.coherency.position + 1 && !isFlag(packet.word))
      this.flushChangesKey = found.further > 0;
    found.stream.apply(new Uint8Array(packet.cut));
    this.place.state = { key: found.key, stream: found.stream };
    this.place.coherency = this.place.coherency.at(packet, position);
    // One of the same count that was not flushed, and that waited.
    if (this.place.waiting.delete(position)) this.undecrypted.late += 1;
    return this.done(packet, position, found.read);
  }

  /** Where flushes before this one may have been lost, of which each changes the key. */
  private likeliest(packet: Packet, position: number, from: Uint8Array, usual: Begun): Begun | null {
    const passed = Math.min(lostFlushesAtMost, position - this.place.coherency.position - 1);
    const flushes = Math.max(lostFlushes, this.flushChangesKey ? passed + 1 : 0);
    const tried = [usual];
    const may = this.budget.take(flushes);
    if (may) {
      let key = from;
      for (let further = 0; further <= flushes && tried.at(-1)?.read?.likelihood !== 'certain'; further += 1) {
        tried.push(this.begun(packet, position, key, further));
        key = this.next(key);
      }
    }
    // Where the octets do not tell, it is as it was before; those that come out of lost history tell nothing.
    const found =
      tried.find(({ read }) => read?.likelihood === 'certain') ??
      [usual].find(({ read }) => this.makesSense(read) && read.lost) ??
      tried.find(({ read }) => read?.likelihood === 'possible') ??
      [usual].find(({ read }) => this.makesSense(read));
    if (found === undefined && may) this.budget.wasted(flushes);
    return found ?? null;
  }

  /** A stream that begins with a packet, and what that says then. */
  private begun(packet: Packet, position: number, key: Uint8Array, further: number): Begun {
    const stream = new Rc4(key);
    return { key, stream, further, read: this.read(stream.apply(packet.octets), packet, position) };
  }

  /** Packets that came too early, where their turn has come. */
  private released(): Plaintext<Packet>[] {
    const found: Plaintext<Packet>[] = [];
    for (;;) {
      const next = this.place.coherency.position + 1;
      const packet = this.place.waiting.get(next);
      if (packet === undefined) return found;
      this.place.waiting.delete(next);
      found.push(...this.goOn(packet));
    }
  }

  private next(key: Uint8Array): Uint8Array {
    return nextSessionKey(this.key.master, key, this.key.bits);
  }

  private read(octets: Uint8Array<ArrayBuffer>, { word, cut }: Packet, position: number): Judged | null {
    return judged(this.accept, this.place.history.read(octets, word, cut, position));
  }

  /** `odd` does where the key is proven, and the protocol field as long as this sender's are. */
  private makesSense(read: Judged | null): read is Judged {
    if (read?.likelihood !== 'odd') return read !== null && read.likelihood !== 'none';
    const [first] = read.octets;
    return this.compressesProtocol !== null && (first === undefined || isShort(first) === this.compressesProtocol);
  }

  private done(packet: Packet, position: number, read: Judged): Plaintext<Packet>[] {
    const { octets, missing, lost, likelihood } = read;
    if (likelihood === 'certain') this.compressesProtocol = isShort(octets[0] ?? 0);
    this.place.history.take(read, packet.word, position);
    return lost ? this.fail('lost') : [{ packet, octets, missing, likelihood }];
  }

  private fail(why: keyof Unopened): [] {
    this.failed = why;
    this.undecrypted[why] += 1;
    return [];
  }
}

/** Whether a protocol field that begins with it has one octet. RFC 1661 §6.5 */
function isShort(octet: number): boolean {
  return (octet & 1) === 1;
}

/** On the wire. */
function sizeOf({ octets, cut }: MppePacket): number {
  return octets.length + cut;
}

/** The packet before which the key of stateful encryption changes. RFC 3078 §7.2 */
function isFlag(word: number): boolean {
  return (word & 0xff) === 0xff;
}
