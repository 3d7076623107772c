/** What one side sends under PPP Deflate (RFC 1979), in its order: what is not compressed counts too, and so does CCP's Reset-Ack. */
import type { Accept, Unopened } from '../mppe/likelihood.ts';
import { DeflateHistory, type Inflated } from '../ppp/deflate.ts';
import { isCompressedDatagram, isNetworkData, pppProtocol } from '../ppp/protocols.ts';
import { InOrder } from './in-order.ts';

/** A packet of whatever protocol. */
export interface PassingPacket {
  /** PPP protocol number. */
  readonly protocol: number;
  /** Behind the protocol field: of a compressed packet two for its number, and what is compressed. RFC 1979 §2.1 */
  readonly octets: Uint8Array<ArrayBuffer>;
  /** Octets at its end that the capture did not keep. */
  readonly cut: number;
  /** GRE's; null where it says nothing of the packets before. */
  readonly sequence: number | null;
}

/** What a compressed packet says, its protocol field in front. */
export interface InflatedPacket<Packet extends PassingPacket> extends Inflated {
  readonly packet: Packet;
}

/** Of CCP. RFC 1962 §3 */
const resetAck = 15;

export class DeflateDecompressor<Packet extends PassingPacket> {
  readonly compressed: Unopened = { lost: 0, late: 0, unreadable: 0 };
  private readonly order = new InOrder<Packet>();
  private readonly history = new DeflateHistory();
  /** GRE's sequence number that the next packet has where none is missing; null where that is not known. */
  private next: number | null = null;
  private readonly accept: Accept;

  constructor(accept: Accept) {
    this.accept = accept;
  }

  /** The next packet in the order of the capture: what it says, if it is compressed, and what waited for it. */
  push(packet: Packet): InflatedPacket<Packet>[] {
    const { protocol, sequence } = packet;
    const packets = sequence === null ? [packet] : this.order.push(sequence, packet);
    if (packets === null && isCompressedDatagram(protocol)) this.compressed.late += 1;
    return (packets ?? []).flatMap((one) => this.inTurn(one));
  }

  /** No packet follows: what still waited. */
  finish(): InflatedPacket<Packet>[] {
    return this.order.finish().flatMap((packet) => this.inTurn(packet));
  }

  private inTurn(packet: Packet): InflatedPacket<Packet>[] {
    const { history, next } = this;
    const { protocol, octets, cut, sequence } = packet;
    if (sequence === null || sequence !== next) {
      history.gap(sequence === null || next === null ? 0 : (sequence - next) >>> 0);
    }
    this.next = sequence === null ? null : (sequence + 1) >>> 0;
    if (isCompressedDatagram(protocol)) return this.inflated(packet);
    if (protocol === pppProtocol.ccp && octets[0] === resetAck) history.reset();
    else if (isNetworkData(protocol)) history.pass(protocol, octets, cut);
    return [];
  }

  private inflated(packet: Packet): InflatedPacket<Packet>[] {
    const { octets, cut } = packet;
    const number = (octets[0] ?? 0) * 256 + (octets[1] ?? 0);
    const isPacket = (one: Inflated): boolean =>
      this.accept(one.octets, one.missing ?? Number.POSITIVE_INFINITY) !== 'none';
    const read = this.history.read(number, octets.subarray(2), cut, isPacket);
    if (read?.lost) this.compressed.lost += 1;
    else if (read === null || !isPacket(read)) this.compressed.unreadable += 1;
    else return [{ packet, ...read }];
    return [];
  }
}
