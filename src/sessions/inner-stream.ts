/**
 * What one side sends in one call, or in all calls of a multilink bundle, which have one encryption: each packet of its PPP is told as
 * it was before it was compressed and encrypted, as far as somebody gives the password.
 */
import type { MultilinkBundle } from '../dissect/multilink.ts';
import type { Packet } from '../dissect/packet.ts';
import { lengthByHeader, likelihoodOf } from '../dissect/plaintext.ts';
import type { Before, MppePacket } from '../mppe/coherency.ts';
import { MppcDecompressor } from '../mppe/decompressor.ts';
import { isCompressed, isEncrypted } from '../mppe/header.ts';
import { type Accept, addUnopened, type Plaintext } from '../mppe/likelihood.ts';
import { type Instant, stampedInstant } from '../octets/instant.ts';
import { Window } from '../octets/window.ts';
import { multilinkFragment } from '../ppp/multilink-view.ts';
import { isCompressedDatagram, isNetworkData, pppProtocol } from '../ppp/protocols.ts';
import { PppView } from '../ppp/view.ts';
import type { CallInside, InnerPacket } from './call-inside.ts';
import { DeflateDecompressor, type PassingPacket } from './deflate-decompressor.ts';
import { otherSide } from './ends.ts';
import type { KeyAccount, KeyAccounts } from './key-accounts.ts';
import { KeyTrial } from './key-trial.ts';
import type { Side } from './model/side.ts';

/** Of a stream whose call and sender are known. */
interface FoundPacket extends Omit<InnerPacket, 'call' | 'from' | 'wireLength'> {
  /** Octets that are not there. */
  readonly cut: number;
}

/** A packet that may have to wait. */
interface Carried {
  readonly frame: number;
  readonly instant: Instant | null;
  /** Octets at its end that the capture did not keep. */
  readonly cut: number;
}

interface Waiting extends MppePacket, Carried {}

interface Passing extends PassingPacket, Carried {}

/** What was decrypted or decompressed. */
type Opened = Pick<Plaintext<Waiting>, 'octets' | 'missing'> & { readonly packet: Carried };

/** Octets of a packet, and what is known of them. */
export interface Piece {
  readonly window: Window;
  readonly start: number;
  readonly end: number;
  /** Octets behind them that the capture did not keep. */
  readonly cut: number;
  /** GRE's sequence number; null where it says nothing of the packets before. */
  readonly sequence: number | null;
}

/** What all streams of a capture share. */
interface Shared {
  readonly keys: KeyAccounts;
  /** Whether there is room for what is kept of the packets of that stream. */
  hasRoom(stream: InnerStream): boolean;
  take(packet: InnerPacket): void;
}

export class InnerStream implements KeyAccount {
  /** Of the first call of a bundle. */
  readonly inside: CallInside;
  readonly from: Side;
  keysMade = 0;
  private readonly shared: Shared;
  private readonly bundle: MultilinkBundle | null;
  /** null before the first encrypted packet. */
  private encryption: KeyTrial<Waiting> | null = null;
  /** Of packets with MPPE's header that are not encrypted. null before the first. */
  private decompressor: MppcDecompressor<Waiting> | null = null;
  /** Where CCP is not in the capture: a packet made sense as MPPC. */
  private isMppc = false;
  /** null before the first packet under it. */
  private deflate: DeflateDecompressor<Passing> | null = null;
  /** Packets with a sequence number and without MPPE, and the number of the last. */
  private others = 0;
  private lastOther: number | null = null;

  /** `bundle`: null where it is no multilink. */
  constructor(inside: CallInside, from: Side, bundle: MultilinkBundle | null, shared: Shared) {
    this.inside = inside;
    this.from = from;
    this.bundle = bundle;
    this.shared = shared;
  }

  /** What was sent so far without MPPE. */
  get before(): Before {
    return { sequence: this.lastOther, others: this.others };
  }

  /** What a packet carries behind that protocol field. */
  ppp(packet: Packet, protocol: number, piece: Piece): void {
    const { packets, call } = this.inside;
    const { method } = call.encryption;
    const underDeflate = method === 'deflate' || method === 'deflate-draft';
    if (protocol === pppProtocol.multilink) {
      this.fragment(packet, piece);
    } else if (underDeflate) {
      this.inflate(packet, protocol, piece);
    } else if (isCompressedDatagram(protocol)) {
      // Without CCP in the capture it may be MPPC.
      if (method === 'mppe' || method === 'mppc' || method === 'none') this.mppe(packet, piece);
      else packets.compressed += 1;
    } else {
      if (piece.sequence !== null) {
        this.others += 1;
        this.lastOther = piece.sequence;
      }
      this.clear(packet, protocol, piece);
    }
  }

  /** Nothing follows. */
  end(): void {
    const { encryption, decompressor, deflate } = this;
    const { packets, call } = this.inside;
    if (encryption !== null) {
      for (const plaintext of encryption.finish()) this.plaintext(plaintext, 'decrypted');
      addUnopened(packets, encryption.undecrypted);
    }
    if (deflate !== null) {
      for (const plaintext of deflate.finish()) this.opened(plaintext, 'clear', true);
      addUnopened(packets, deflate.compressed);
    }
    if (decompressor === null) return;
    const waited = decompressor.finish();
    for (const plaintext of waited) this.plaintext(plaintext, 'clear');
    const { lost, late, unreadable } = decompressor.compressed;
    const isOther = call.encryption.method === 'none' && !this.isMppc && waited.length === 0;
    if (isOther) packets.compressed += lost + late + unreadable;
    else addUnopened(packets, decompressor.compressed);
  }

  private clear(packet: Packet, protocol: number, { window, start, end, cut }: Piece): void {
    if (!isNetworkData(protocol)) return;
    this.inside.packets.clear += 1;
    const octets = window.bytes.subarray(start, end);
    this.found({ frame: packet.frame, instant: stampedInstant(packet), protocol, octets, cut });
  }

  /** What is not compressed is told at once, and is part of what the others refer to. */
  private inflate(packet: Packet, protocol: number, piece: Piece): void {
    const { window, start, end, cut, sequence } = piece;
    const compressed = isCompressedDatagram(protocol);
    if (!compressed) this.clear(packet, protocol, piece);
    else if (end - start < 2) return;
    if (!this.shared.hasRoom(this)) {
      if (compressed) this.inside.packets.compressed += 1;
      return;
    }
    this.deflate ??= new DeflateDecompressor(likelihoodOf);
    const octets = window.bytes.slice(start, end);
    const passing = { protocol, octets, cut, sequence, frame: packet.frame, instant: stampedInstant(packet) };
    for (const plaintext of this.deflate.push(passing)) this.opened(plaintext, 'clear', true);
  }

  private mppe(packet: Packet, { window, start, end, cut, sequence }: Piece): void {
    if (end - start < 2) return;
    const { packets, confirmed, call } = this.inside;
    const word = window.view.getUint16(start);
    const octets = window.bytes.slice(start + 2, end);
    const { others } = this;
    const waiting = { word, octets, cut, sequence, others, frame: packet.frame, instant: stampedInstant(packet) };
    const { method } = call.encryption;
    const encrypted = isEncrypted(word) && method !== 'none';
    if (encrypted && confirmed.length === 0) {
      packets.withoutKey += 1;
    } else if (!this.shared.hasRoom(this)) {
      packets[encrypted ? 'withoutKey' : 'compressed'] += 1;
    } else if (method === 'none') {
      this.maybeMppc(waiting);
    } else if (!encrypted) {
      this.decompressor ??= new MppcDecompressor(likelihoodOf, this.before);
      for (const plaintext of this.decompressor.push(waiting)) this.plaintext(plaintext, 'clear');
    } else {
      this.encryption ??= new KeyTrial(this, this.shared.keys);
      for (const plaintext of this.encryption.open(waiting)) this.plaintext(plaintext, 'decrypted');
    }
  }

  /** It is MPPC if that makes sense of it beyond doubt. */
  private maybeMppc(packet: Waiting): void {
    this.decompressor ??= new MppcDecompressor(certainly, null);
    const found = isEncrypted(packet.word) ? [] : this.decompressor.push(packet);
    const sure = found.filter(
      (one) => isCompressed(one.packet.word) || certainly(one.octets, one.packet.cut) !== 'none',
    );
    if (isEncrypted(packet.word) || sure.length < found.length) this.inside.packets.compressed += 1;
    for (const plaintext of sure) this.plaintext(plaintext, 'clear');
    if (sure.length > 0) this.isMppc = true;
  }

  private plaintext(plaintext: Plaintext<Waiting>, count: 'clear' | 'decrypted'): void {
    this.opened(plaintext, count, isCompressed(plaintext.packet.word));
  }

  /** Of MPPE, MPPC and Deflate: a protocol field, and what follows it. RFC 3078 §3 */
  private opened({ packet, octets, missing }: Opened, count: 'clear' | 'decrypted', decompressed: boolean): void {
    const inner = new PppView();
    const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
    if (inner.at(view, 0, octets.length) !== 0) return;
    const { packets } = this.inside;
    packets[count] += 1;
    if (decompressed) packets.decompressed += 1;
    const inside = octets.subarray(inner.informationStart);
    const length = lengthByHeader(inner.protocol, inside) ?? inside.length + packet.cut;
    const cut = missing ?? Math.max(0, length - inside.length);
    const { frame, instant } = packet;
    this.found({ frame, instant, protocol: inner.protocol, octets: inside, cut });
  }

  /** RFC 1990 §3 */
  private fragment(packet: Packet, { window, start, end, cut }: Piece): void {
    const { call } = this.inside;
    const receiver = otherSide(this.from);
    const short = call.lcp[receiver]?.shortSequenceNumbers ?? false;
    const fragment = multilinkFragment(window, start, end, short);
    if (fragment === null || cut > 0) return;
    const whole = this.bundle?.push({ ...fragment, frame: packet.frame });
    if (whole == null) return;
    const inner = new Window(whole.octets);
    const ppp = new PppView();
    if (ppp.at(inner.view, 0, whole.octets.length) !== 0 || ppp.protocol === pppProtocol.multilink) return;
    const piece = { window: inner, start: ppp.informationStart, end: whole.octets.length, cut: 0, sequence: null };
    this.ppp(packet, ppp.protocol, piece);
  }

  private found({ cut, ...packet }: FoundPacket): void {
    const { inside, from } = this;
    this.shared.take({ call: inside.call, from, ...packet, wireLength: packet.octets.length + cut });
  }
}

/** What may be anything is a packet where that is beyond doubt. */
const certainly: Accept = (octets, missing) => (likelihoodOf(octets, missing) === 'certain' ? 'certain' : 'none');
