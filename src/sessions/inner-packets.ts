/**
 * What travelled inside the tunnels: the network packets of their PPP links, decrypted where somebody gives the password. The second
 * of two passes: the first one made the tunnels, and found challenges and responses.
 */
import type { Frame } from '../capture/frame.ts';
import type { KeyBits } from '../crypto/mppe-keys.ts';
import { Dissector, type PacketSink } from '../dissect/dissector.ts';
import { MultilinkBundle } from '../dissect/multilink.ts';
import type { Packet } from '../dissect/packet.ts';
import { likelihoodOf } from '../dissect/plaintext.ts';
import type { GreView } from '../gre/view.ts';
import {
  type EncryptedPacket,
  type Header,
  type KeyBudget,
  type Likelihood,
  MppeDecryptor,
  type Plaintext,
} from '../mppe/decryptor.ts';
import { isCompressed, isEncrypted } from '../mppe/header.ts';
import { AddressBook } from '../octets/address.ts';
import type { Instant } from '../octets/instant.ts';
import type { Limits } from '../octets/limits.ts';
import { Window } from '../octets/window.ts';
import { multilinkFragment } from '../ppp/multilink-view.ts';
import { isNetworkData, pppProtocol } from '../ppp/protocols.ts';
import { PppView } from '../ppp/view.ts';
import { Attribution } from './attribution.ts';
import { type ConfirmedExchange, type Credential, confirmedExchange, masterKeys } from './call-keys.ts';
import { otherSide } from './ends.ts';
import type { Call, Side, Tunnel } from './model.ts';
import { FlowRooms, SequenceTracker } from './sequence.ts';

/** A packet of the network layer. */
export interface InnerPacket {
  readonly call: Call;
  readonly from: Side;
  /** Of the GRE packet that carried it; of the last fragment where there were several. */
  readonly frame: number;
  /** null where the capture holds no time for it. */
  readonly instant: Instant | null;
  /** PPP protocol number. */
  readonly protocol: number;
  /** Behind PPP's protocol field. */
  readonly octets: Uint8Array;
  /** Octets that there were on the wire. */
  readonly wireLength: number;
}

/** What became of a call's network packets. */
export interface InnerCounts {
  /** Sent in clear. */
  clear: number;
  decrypted: number;
  /** Encrypted, and no credential explains the call's authentication. */
  withoutKey: number;
  /** Encrypted, behind a loss that only the next key ends. RFC 3078 §8.2 */
  lost: number;
  /** Encrypted, and too old. */
  late: number;
  /** Decrypted to what is no packet. */
  unreadable: number;
  /** Compressed, which is not undone. */
  compressed: number;
}

/** What a call had inside. */
export interface CallInside {
  readonly tunnel: Tunnel;
  readonly call: Call;
  /** null where no credential explains a response. */
  readonly confirmed: ConfirmedExchange | null;
  readonly packets: InnerCounts;
}

interface Waiting extends EncryptedPacket {
  readonly frame: number;
  readonly instant: Instant | null;
}

/** What one side sends in one call. */
interface Link {
  readonly numbers: SequenceTracker;
  readonly stream: Stream;
}

/** What one side sends in one call, or in all calls of a multilink bundle: these have one encryption. */
interface Stream {
  /** Of the first call of a bundle. */
  readonly inside: CallInside;
  readonly from: Side;
  readonly bundle: MultilinkBundle | null;
  /** Of keys that may be the ones; one alone once it is known. null before the first encrypted packet. */
  decryptors: MppeDecryptor<Waiting>[] | null;
}

/** Octets of a packet, and what is known of them. */
interface Piece {
  readonly window: Window;
  readonly start: number;
  readonly end: number;
  /** Octets behind them that the capture did not keep. */
  readonly cut: number;
  /** GRE's sequence number; null where it says nothing of the packets before. */
  readonly sequence: number | null;
}

const keySizes: readonly KeyBits[] = [128, 40, 56];

export class InnerPackets implements PacketSink {
  private readonly dissector: Dissector;
  private readonly addresses: AddressBook;
  private readonly attribution: Attribution;
  private readonly insides = new Map<Call, CallInside>();
  private readonly links = new Map<string, Link>();
  private readonly streams = new Map<string, Stream>();
  private readonly rooms = new FlowRooms();
  private keys = 0;
  private readonly limits: Limits;
  private readonly take: (packet: InnerPacket) => void;

  /** `tunnels`: those of this capture, with secrets kept. */
  constructor(
    tunnels: readonly Tunnel[],
    credentials: readonly Credential[],
    limits: Limits,
    take: (packet: InnerPacket) => void,
  ) {
    this.addresses = new AddressBook(limits);
    this.dissector = new Dissector(this, this.addresses, [], limits);
    this.attribution = new Attribution(tunnels);
    this.limits = limits;
    this.take = take;
    for (const tunnel of tunnels) {
      for (const call of tunnel.calls) {
        const packets = { clear: 0, decrypted: 0, withoutKey: 0, lost: 0, late: 0, unreadable: 0, compressed: 0 };
        this.insides.set(call, { tunnel, call, confirmed: confirmedExchange(call, credentials), packets });
      }
    }
  }

  frame(frame: Frame): void {
    this.dissector.frame(frame);
  }

  /** No frame follows: the calls, in their order. */
  finish(): CallInside[] {
    for (const stream of this.streams.values()) this.settle(stream);
    this.streams.clear();
    this.links.clear();
    return [...this.insides.values()];
  }

  gre(packet: Packet, gre: GreView, ppp: PppView | null): void {
    if (ppp === null) return;
    const source = this.addresses.text(packet.source);
    const destination = this.addresses.text(packet.destination);
    const owner = this.attribution.gre(source, destination, gre.callId, packet.frame);
    if (owner === null || owner.call === null || owner.from === null) return;
    const link = this.linkOf(owner.call, owner.from);
    if (link === null) return;
    const sequence = gre.sequencePresent ? gre.sequenceNumber : null;
    if (sequence !== null && link.numbers.push(sequence) === 'repeated') return;
    const cut = packet.cutOff(gre.payloadLength, gre.payloadStart, gre.payloadEnd);
    const piece = { window: packet.window, start: ppp.informationStart, end: gre.payloadEnd, cut, sequence };
    this.ppp(link.stream, packet, ppp.protocol, piece);
    const direction = owner.call.gre[owner.from === 'client' ? 'clientToServer' : 'serverToClient'];
    if (packet.frame === direction.lastFrame) this.forget(owner.call, owner.from);
  }

  tcp(): void {}
  otherSyn(): void {}
  otherGre(): void {}
  icmpError(): void {}
  otherVpnHandshake(): void {}
  other(): void {}

  private linkOf(call: Call, from: Side): Link | null {
    const key = linkKey(call, from);
    const known = this.links.get(key);
    if (known !== undefined) return known;
    const inside = this.insides.get(call);
    if (inside === undefined || this.limits.full('view-flows', this.links.size)) return null;
    const link = { numbers: new SequenceTracker(this.rooms), stream: this.streamOf(inside, from) };
    this.links.set(key, link);
    return link;
  }

  /** Links of one bundle have the same endpoint discriminator. RFC 1990 §5.1.3 */
  private streamOf(inside: CallInside, from: Side): Stream {
    const { call, tunnel } = inside;
    const bundled = call.multilink !== null;
    const discriminator = bundled ? (call.lcp[from]?.endpointDiscriminator ?? null) : null;
    const ends = `${tunnel.client.address} ${tunnel.server.address}`;
    const key = discriminator === null ? linkKey(call, from) : `${ends} ${discriminator} ${from}`;
    let stream = this.streams.get(key);
    if (stream === undefined) {
      stream = { inside, from, bundle: bundled ? new MultilinkBundle(this.limits) : null, decryptors: null };
      this.streams.set(key, stream);
    }
    return stream;
  }

  /** Nothing follows in that direction. */
  private forget(call: Call, from: Side): void {
    const key = linkKey(call, from);
    this.links.get(key)?.numbers.letGo();
    this.links.delete(key);
    const stream = this.streams.get(key);
    if (stream !== undefined) this.settle(stream);
    this.streams.delete(key);
  }

  private ppp(stream: Stream, packet: Packet, protocol: number, piece: Piece): void {
    const { packets, call } = stream.inside;
    if (protocol === pppProtocol.multilink) {
      this.fragment(stream, packet, piece);
    } else if (protocol === pppProtocol.compressed || protocol === pppProtocol.linkCompressed) {
      if (call.encryption.method === 'mppe') this.mppe(stream, packet, piece);
      else packets.compressed += 1;
    } else if (isNetworkData(protocol)) {
      const { window, start, end, cut } = piece;
      packets.clear += 1;
      this.found(stream, packet.frame, instantOf(packet), protocol, window.bytes.subarray(start, end), cut);
    }
  }

  private mppe(stream: Stream, packet: Packet, { window, start, end, cut, sequence }: Piece): void {
    if (end - start < 2) return;
    const { packets, confirmed } = stream.inside;
    const word = window.view.getUint16(start);
    const octets = window.bytes.slice(start + 2, end);
    const waiting = { word, octets, cut, sequence, frame: packet.frame, instant: instantOf(packet) };
    if (!isEncrypted(word)) {
      packets.clear += 1;
      this.plaintext(stream, { packet: waiting, octets, likelihood: 'possible' });
    } else if (confirmed === null) {
      packets.withoutKey += 1;
    } else {
      stream.decryptors ??= this.decryptorsOf(stream, confirmed);
      this.decrypted(stream, decrypted(stream, stream.decryptors, waiting));
    }
  }

  private decrypted(stream: Stream, plaintexts: readonly Plaintext<Waiting>[]): void {
    stream.inside.packets.decrypted += plaintexts.length;
    for (const plaintext of plaintexts) this.plaintext(stream, plaintext);
  }

  /** Nothing follows: what waited, and the count of what stays encrypted. */
  private settle(stream: Stream): void {
    const [decryptor] = stream.decryptors ?? [];
    if (decryptor === undefined) return;
    this.decrypted(stream, decryptor.finish());
    const { packets } = stream.inside;
    packets.lost += decryptor.undecrypted.lost;
    packets.late += decryptor.undecrypted.late;
    packets.unreadable += decryptor.undecrypted.unreadable;
  }

  /** For all keys that may be meant, what was agreed first: which it is, is found by trying. */
  private decryptorsOf(stream: Stream, confirmed: ConfirmedExchange): MppeDecryptor<Waiting>[] {
    const { bits, stateless } = stream.inside.call.encryption;
    const sizes = bits === null ? keySizes : [bits];
    // Some do otherwise than they agreed.
    const modes = stateless === false ? [false, true] : [true, false];
    const likelihood = (octets: Uint8Array, { word, cut }: Header): Likelihood =>
      isCompressed(word) ? 'possible' : likelihoodOf(octets, cut);
    return sizes.flatMap((size) =>
      masterKeys(confirmed, stream.from, size).flatMap((master) =>
        modes.map((mode) => new MppeDecryptor({ master, bits: size, stateless: mode }, likelihood, this.budget)),
      ),
    );
  }

  private readonly budget: KeyBudget = {
    take: (keys) => {
      // A packet that follows the one before has a key of its own.
      this.keys += Math.max(0, keys - 1);
      return !this.limits.full('key-changes', this.keys);
    },
  };

  /** Of MPPE: a protocol field, and what follows it. RFC 3078 §3 */
  private plaintext(stream: Stream, { packet, octets }: Plaintext<Waiting>): void {
    const inner = new PppView();
    const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
    if (isCompressed(packet.word)) {
      stream.inside.packets.compressed += 1;
    } else if (inner.at(view, 0, octets.length) === 0) {
      const { frame, instant, cut } = packet;
      this.found(stream, frame, instant, inner.protocol, octets.subarray(inner.informationStart), cut);
    }
  }

  /** RFC 1990 §3 */
  private fragment(stream: Stream, packet: Packet, { window, start, end, cut }: Piece): void {
    const { call } = stream.inside;
    const receiver = otherSide(stream.from);
    const short = call.lcp[receiver]?.shortSequenceNumbers ?? false;
    const fragment = multilinkFragment(window, start, end, short);
    if (fragment === null || cut > 0) return;
    const whole = stream.bundle?.push({ ...fragment, frame: packet.frame });
    if (whole == null) return;
    const inner = new Window(whole.octets);
    const ppp = new PppView();
    if (ppp.at(inner.view, 0, whole.octets.length) !== 0 || ppp.protocol === pppProtocol.multilink) return;
    const piece = { window: inner, start: ppp.informationStart, end: whole.octets.length, cut: 0, sequence: null };
    this.ppp(stream, packet, ppp.protocol, piece);
  }

  private found(
    { inside: { call }, from }: Stream,
    frame: number,
    instant: Instant | null,
    protocol: number,
    octets: Uint8Array,
    cut: number,
  ): void {
    this.take({ call, from, frame, instant, protocol, octets, wireLength: octets.length + cut });
  }
}

/** By the first key that gives a packet beyond doubt, which is the only one from then on; before that by the first of all. */
function decrypted(
  stream: Stream,
  decryptors: readonly MppeDecryptor<Waiting>[],
  packet: Waiting,
): readonly Plaintext<Waiting>[] {
  const found = decryptors.map((one) => ({ one, plaintexts: one.push(packet) }));
  const right = found.find(({ plaintexts }) => plaintexts.some(({ likelihood }) => likelihood === 'certain'));
  if (right !== undefined) stream.decryptors = [right.one];
  return (right ?? found[0])?.plaintexts ?? [];
}

function linkKey({ id }: Call, from: Side): string {
  return `${id} ${from}`;
}

function instantOf({ timed, seconds, nanoseconds }: Packet): Instant | null {
  return timed ? { seconds, nanoseconds } : null;
}
