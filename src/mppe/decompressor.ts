/**
 * Packets of PPP protocol 0x00FD that nobody encrypted, one direction of a link: MPPC alone, or neither. RFC 2118. Who was overtaken is
 * waited for, since the history needs packets in their order.
 */
import { type Before, Coherency, type MppePacket } from './coherency.ts';
import { coherencyCount, isCompressed, isFlushed } from './header.ts';
import { type Accept, judged, type Plaintext, type Unopened } from './likelihood.ts';
import { MppcHistory } from './mppc.ts';

/** Packets that wait for one that was overtaken. */
const waitingAtMost = 64;

export class MppcDecompressor<Packet extends MppePacket> {
  readonly compressed: Unopened = { lost: 0, late: 0, unreadable: 0 };
  private coherency: Coherency | null;
  private history = new MppcHistory();
  private readonly waiting = new Map<number, Packet>();
  private readonly accept: Accept;

  /** `before`: of the last packet of another protocol; null where the capture may begin in the middle. */
  constructor(accept: Accept, before: Before | null) {
    this.accept = accept;
    this.coherency = before && new Coherency(before);
  }

  /** The next packet in the order of the capture: what it says, at once where it is not compressed, and what waited for it. */
  push(packet: Packet): Plaintext<Packet>[] {
    const { octets, cut, word } = packet;
    const found = this.decompressed(packet);
    return isCompressed(word) ? found : [{ packet, octets, missing: cut, likelihood: 'possible' }, ...found];
  }

  /** No packet follows: what still waited. */
  finish(): Plaintext<Packet>[] {
    return this.taken(Number.POSITIVE_INFINITY);
  }

  private decompressed(packet: Packet): Plaintext<Packet>[] {
    this.coherency ??= Coherency.before(packet);
    const position = this.coherency.positionOf(packet);
    if (position === null) return this.again(packet);
    if (position <= this.coherency.position || this.waiting.has(position)) return this.opened(packet, position, 'late');
    this.waiting.set(position, packet);
    // Nobody has to wait for what is before a flush.
    if (isFlushed(packet.word)) return this.taken(position + 1);
    return this.taken(this.waiting.size < waitingAtMost ? 0 : Math.min(...this.waiting.keys()) + 1);
  }

  /** Those that waited, as far as `end` or as it is their turn. */
  private taken(end: number): Plaintext<Packet>[] {
    const found: Plaintext<Packet>[] = [];
    for (const position of [...this.waiting.keys()].sort((a, b) => a - b)) {
      const packet = this.waiting.get(position);
      const { coherency } = this;
      if (packet === undefined || coherency === null || (position >= end && position !== coherency.position + 1)) break;
      this.waiting.delete(position);
      this.coherency = coherency.at(packet, position);
      found.push(...this.opened(packet, position, 'lost'));
    }
    return found;
  }

  /** `otherwise`: why it cannot be read where it refers to what is not known; a late one leaves nothing in the history. */
  private opened(packet: Packet, position: number, otherwise: 'lost' | 'late'): Plaintext<Packet>[] {
    const { octets, word, cut } = packet;
    const read = judged(this.accept, this.history.read(octets, word, cut, position));
    const compressed = isCompressed(word);
    if (read === null || (compressed && read.likelihood === 'none')) return this.fail('unreadable');
    if (otherwise === 'lost') this.history.take(read, word, position);
    if (!compressed) return [];
    const { missing, likelihood } = read;
    return read.lost ? this.fail(otherwise) : [{ packet, octets: read.octets, missing, likelihood }];
  }

  /** CCP may have been negotiated once more: counts and the history begin again. */
  private again(packet: Packet): Plaintext<Packet>[] {
    const { octets, word, cut } = packet;
    const position = coherencyCount(word);
    const history = new MppcHistory();
    const read = judged(this.accept, history.read(octets, word, cut, position));
    if (read?.likelihood !== 'certain') return isCompressed(word) ? this.fail('unreadable') : [];
    const waited = this.finish();
    this.history = history;
    this.coherency = new Coherency().at(packet, position);
    return [...waited, ...this.opened(packet, position, 'lost')];
  }

  private fail(why: keyof Unopened): [] {
    this.compressed[why] += 1;
    return [];
  }
}
