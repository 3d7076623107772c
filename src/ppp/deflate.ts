/**
 * Decompresses PPP Deflate, one direction of a link: RFC 1979. What is lost of the history is known to be lost: zlib inflates twice
 * then, with different octets in its place, and what comes out alike does not depend on them.
 */
import { Inflate } from 'pako';
import { joined } from '../octets/joined.ts';

/** Octets that can be referred to. RFC 1951 §2 */
const windowSize = 0x8000;
/** More than any link carries; a packet with more is damaged. */
export const longestInflated = 0x2000;
/** What a compressor leaves out at the end of each packet: an empty block that is not compressed. RFC 1979 §2 */
const flush = Uint8Array.of(0, 0, 0xff, 0xff);
/** zlib's flush mode: what was inflated comes out with each piece. */
const syncFlush = 2;
/** Octets that zlib gets at once: they make no more than 66 KB. */
const piece = 64;
/** What zlib is told to be the history that is not known. */
const unknown = [0, 0xff].map((fill) => new Uint8Array(windowSize).fill(fill));
/** Numbers before they begin again. */
const numbers = 0x1_0000;

/** A packet, its protocol field in front. */
export interface Inflated {
  /** Up to the first octet that comes out of lost history. */
  readonly octets: Uint8Array<ArrayBuffer>;
  /** Octets behind these; null: nobody knows how many, of compressed data that the capture cut. */
  readonly missing: number | null;
  /** What is missing comes, or part of it, out of lost history. */
  readonly lost: boolean;
}

export class DeflateHistory {
  /** One; two where some of the history is lost; none where all is. */
  private streams: Stream[] = [new Stream()];
  /** The number of the packet that comes next. */
  private next = 0;
  /** Packets behind the last compressed one that went as they are, and are numbered and in the history too. */
  private passed: Uint8Array[] = [];
  private passedOctets = 0;
  /** Packets before those of `passed`: they fill more than the window. */
  private forgotten = 0;
  /** Packets that are missing since then, and how many of `passed` stand behind the first gap, and behind the last. */
  private missing = 0;
  private behindGap = 0;
  private behindLastGap = 0;
  private cut = false;

  /** The sender was asked for it and begins anew: CCP's Reset-Ack, in its turn. RFC 1962 §3 */
  reset(): void {
    this.forgetPassed();
    this.streams = [new Stream()];
    this.next = 0;
  }

  /** So many packets are missing before the next one, of whatever protocols; 0 where nobody knows how many. */
  gap(packets: number): void {
    if (this.missing === 0) this.behindGap = 0;
    this.behindLastGap = 0;
    this.missing += packets;
  }

  /** A packet of a network protocol that was not compressed, in its turn. `octets`: behind the protocol field. RFC 1979 §2 */
  pass(protocol: number, octets: Uint8Array, cut: number): void {
    const field = protocol < 0x100 ? [protocol] : [protocol >> 8, protocol & 0xff];
    if (cut > 0) {
      const { missing } = this;
      this.forgetPassed();
      this.missing = missing;
      this.cut = true;
      return;
    }
    const packet = joined([Uint8Array.from(field), octets]);
    this.passed.push(packet);
    this.passedOctets += packet.length;
    this.behindGap += 1;
    this.behindLastGap += 1;
    for (
      let [first] = this.passed;
      first !== undefined && this.passedOctets - first.length >= windowSize;
      [first] = this.passed
    ) {
      this.passed.shift();
      this.passedOctets -= first.length;
      this.forgotten += 1;
    }
  }

  private forgetPassed(): void {
    this.passed = [];
    this.passedOctets = 0;
    this.forgotten = 0;
    this.missing = 0;
    this.behindGap = 0;
    this.behindLastGap = 0;
    this.cut = false;
  }

  /**
   * What a compressed packet says, in its turn; null where it is damaged. `cut`: octets at the end of `data` that the capture did not
   * keep. `accept`: whether octets are a packet. A compressor that began anew has counted what went as it is since: as many packets
   * as the number says.
   */
  read(number: number, data: Uint8Array, cut: number, accept: (one: Inflated) => boolean): Inflated | null {
    const { passed, streams, next, forgotten, missing } = this;
    // With a Reset-Ack among the missing packets it may be another packet of that number.
    const mayBeOther = missing > 0 && number - this.behindGap < missing;
    const goesOn = !this.cut && !mayBeOther && number === (next + forgotten + passed.length) % numbers;
    const counted = Math.min(passed.length, this.behindLastGap);
    const lost = (): Stream[] => unknown.map((history) => new Stream(history));
    this.next = (number + 1) % numbers;
    this.forgetPassed();
    if (goesOn) return this.inflated(streams.length > 0 ? streams : lost(), passed, data, cut);
    if (number <= counted) {
      const found = this.inflated([new Stream()], passed.slice(passed.length - number), data, cut);
      if (found !== null && accept(found)) return found;
    }
    return this.inflated(lost(), [], data, cut);
  }

  private inflated(streams: Stream[], passed: readonly Uint8Array[], data: Uint8Array, cut: number): Inflated | null {
    const outputs = streams.map((stream) => {
      for (const packet of passed) stream.inflate(stored(packet), packet.length);
      return stream.inflate(cut > 0 ? data : joined([data, flush]), longestInflated);
    });
    const [one, other = one] = outputs;
    this.streams = one == null || other == null || cut > 0 ? [] : streams;
    if (one == null || other == null) return null;
    const unlike = one.findIndex((octet, index) => octet !== other[index]);
    const octets = unlike < 0 ? one : one.slice(0, unlike);
    return { octets, missing: cut > 0 ? null : one.length - octets.length, lost: unlike >= 0 };
  }
}

/** zlib, with whatever it keeps. */
class Stream {
  private readonly inflater: Inflate;
  private output: Uint8Array[] = [];
  private size = 0;

  /** `dictionary`: the history that it begins with. */
  constructor(dictionary = new Uint8Array(0)) {
    this.inflater = new Inflate({ raw: true, windowBits: 15, chunkSize: 4096, dictionary });
    this.inflater.onData = (octets) => {
      this.output.push(octets);
      this.size += octets.length;
    };
  }

  /** What comes out of the next octets of the stream; null where they are damaged, or more than so many octets come out. */
  inflate(data: Uint8Array, most: number): Uint8Array<ArrayBuffer> | null {
    this.output = [];
    this.size = 0;
    for (let at = 0; at < data.length; at += piece) {
      const part = data.subarray(at, at + piece);
      this.inflater.push(part, at + piece < data.length ? 0 : syncFlush);
      if (this.inflater.ended || this.size > most) return null;
    }
    return joined(this.output);
  }
}

/** A block that is not compressed. RFC 1951 §3.2.4 */
function stored(packet: Uint8Array): Uint8Array {
  const { length } = packet;
  return joined([Uint8Array.of(0, length & 0xff, length >> 8, ~length & 0xff, (~length >> 8) & 0xff), packet]);
}
