/**
 * What travelled inside the tunnels: the network packets of their PPP links, decrypted where somebody gives the password. The second
 * of two passes: the first one made the tunnels, and found challenges and responses.
 */
import type { Frame } from '../capture/frame.ts';
import type { KeyBits } from '../crypto/mppe-keys.ts';
import { Dissector, type PacketSink } from '../dissect/dissector.ts';
import { MultilinkBundle } from '../dissect/multilink.ts';
import type { Packet } from '../dissect/packet.ts';
import { lengthByHeader, likelihoodOf } from '../dissect/plaintext.ts';
import type { GreView } from '../gre/view.ts';
import type { MppePacket } from '../mppe/coherency.ts';
import { MppcDecompressor } from '../mppe/decompressor.ts';
import { MppeDecryptor } from '../mppe/decryptor.ts';
import { coherencyCount, isCompressed, isEncrypted } from '../mppe/header.ts';
import type { Accept, Plaintext, Unopened } from '../mppe/likelihood.ts';
import { AddressBook } from '../octets/address.ts';
import { type Instant, stampedInstant } from '../octets/instant.ts';
import type { Limits } from '../octets/limits.ts';
import { Window } from '../octets/window.ts';
import { multilinkFragment } from '../ppp/multilink-view.ts';
import { isCompressedDatagram, isNetworkData, pppProtocol } from '../ppp/protocols.ts';
import { PppView } from '../ppp/view.ts';
import { Attribution } from './attribution.ts';
import { type ConfirmedExchange, masterKeys } from './call-keys.ts';
import { DeflateDecompressor, type PassingPacket } from './deflate-decompressor.ts';
import { otherSide } from './ends.ts';
import { type KeyAccount, KeyAccounts, type TriedKeys } from './key-accounts.ts';
import type { Call } from './model/call.ts';
import type { Side } from './model/side.ts';
import type { Tunnel } from './model/tunnel.ts';
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

/** Of a stream whose call and sender are known. */
interface FoundPacket extends Omit<InnerPacket, 'call' | 'from' | 'wireLength'> {
  /** Octets that are not there. */
  readonly cut: number;
}

/** What became of a call's network packets. */
export interface InnerCounts {
  /** Sent in clear. */
  clear: number;
  decrypted: number;
  /** Encrypted, and no credential explains the call's authentication. */
  withoutKey: number;
  /** Behind a loss that only the next key ends (RFC 3078 §8.2), or the next flush of what they are compressed with (RFC 2118 §4.3). */
  lost: number;
  /** Encrypted or compressed, and too old. */
  late: number;
  /** Decrypted or decompressed to what is no packet. */
  unreadable: number;
  /** Of those in clear and those decrypted: were compressed with MPPC, or with Deflate. */
  decompressed: number;
  /** Compressed with something else, which is not undone. */
  compressed: number;
}

/** What a call had inside. */
export interface CallInside {
  readonly tunnel: Tunnel;
  readonly call: Call;
  /** Those whose response a credential explains, the one that the keys come from first. */
  readonly confirmed: readonly ConfirmedExchange[];
  readonly packets: InnerCounts;
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

/** What one side sends in one call. */
interface Link {
  readonly numbers: SequenceTracker;
  readonly stream: Stream;
}

interface Candidate {
  readonly keys: TriedKeys;
  readonly decryptor: MppeDecryptor<Waiting>;
  /** What it made of packets while it was not yet known to be the one. */
  readonly held: Plaintext<Waiting>[];
}

/** What one side sends in one call, or in all calls of a multilink bundle: these have one encryption. */
interface Stream extends KeyAccount {
  /** Of the first call of a bundle. */
  readonly inside: CallInside;
  readonly from: Side;
  readonly bundle: MultilinkBundle | null;
  /** Keys that may be the ones; one alone once it is known. null before the first encrypted packet. */
  candidates: Candidate[] | null;
  /** Of packets with MPPE's header that are not encrypted. null before the first. */
  decompressor: MppcDecompressor<Waiting> | null;
  /** Where CCP is not in the capture: a packet made sense as MPPC. */
  isMppc: boolean;
  /** null before the first packet under it. */
  deflate: DeflateDecompressor<Passing> | null;
  /** Packets with a sequence number and without MPPE, and the number of the last. */
  others: number;
  lastOther: number | null;
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
/** The first packets of a new count may be missing. */
const latestBeginning = 63;
/** So many packets that begin like one, be they no IP, for each one that does not: of a wrong key one in 600 has four in a row. */
const enoughPossible = 4;
/** Of packets whose key is not yet known; the octets are those of packets as long as a link's. */
const mostHeld = 64;
const mostOctetsHeld = mostHeld * 1600;

export class InnerPackets implements PacketSink {
  private readonly dissector: Dissector;
  private readonly addresses: AddressBook;
  private readonly attribution: Attribution;
  private readonly insides = new Map<Call, CallInside>();
  private readonly links = new Map<string, Link>();
  private readonly streams = new Map<string, Stream>();
  private readonly rooms = new FlowRooms();
  /** Streams that are decrypted or decompressed. */
  private readonly busy = new Set<Stream>();
  private readonly keys: KeyAccounts;
  private readonly limits: Limits;
  private readonly take: (packet: InnerPacket) => void;

  /** `tunnels`: those of this capture, with secrets kept. `confirmed`: `confirmations` of theirs. */
  constructor(
    tunnels: readonly Tunnel[],
    confirmed: ReadonlyMap<Call, readonly ConfirmedExchange[]>,
    limits: Limits,
    take: (packet: InnerPacket) => void,
  ) {
    this.addresses = new AddressBook(limits);
    this.dissector = new Dissector(this, this.addresses, [], limits);
    this.attribution = new Attribution(tunnels);
    this.keys = new KeyAccounts(limits);
    this.limits = limits;
    this.take = take;
    for (const tunnel of tunnels) {
      for (const call of tunnel.calls) {
        const packets = {
          clear: 0,
          decrypted: 0,
          withoutKey: 0,
          lost: 0,
          late: 0,
          unreadable: 0,
          decompressed: 0,
          compressed: 0,
        };
        this.insides.set(call, { tunnel, call, confirmed: confirmed.get(call) ?? [], packets });
      }
    }
  }

  frame(frame: Frame): void {
    this.dissector.frame(frame);
  }

  /** No frame follows: the calls, in their order. */
  finish(): CallInside[] {
    for (const stream of this.streams.values()) this.end(stream);
    this.streams.clear();
    this.links.clear();
    return [...this.insides.values()];
  }

  gre(packet: Packet, gre: GreView, ppp: PppView | null): void {
    const source = this.addresses.text(packet.source);
    const destination = this.addresses.text(packet.destination);
    const owner = this.attribution.gre(source, destination, gre.callId, packet.frame);
    if (owner === null || owner.call === null || owner.from === null) return;
    if (ppp !== null) this.payload(packet, gre, ppp, owner.call, owner.from);
    const direction = owner.call.gre[owner.from === 'client' ? 'clientToServer' : 'serverToClient'];
    if (packet.frame === direction.lastFrame) this.forget(owner.call, owner.from);
  }

  private payload(packet: Packet, gre: GreView, ppp: PppView, call: Call, from: Side): void {
    const link = this.linkOf(call, from);
    if (link === null) return;
    const found = gre.sequencePresent ? link.numbers.push(gre.sequenceNumber) : 'stray';
    if (found === 'repeated') return;
    // One that is far from all others says nothing of those.
    const sequence = found === 'stray' ? null : gre.sequenceNumber;
    const cut = packet.cutOff(gre.payloadLength, gre.payloadStart, gre.payloadEnd);
    const piece = { window: packet.window, start: ppp.informationStart, end: gre.payloadEnd, cut, sequence };
    this.ppp(link.stream, packet, ppp.protocol, piece);
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
      stream = {
        inside,
        from,
        bundle: bundled ? new MultilinkBundle(this.limits) : null,
        candidates: null,
        keysMade: 0,
        decompressor: null,
        isMppc: false,
        deflate: null,
        others: 0,
        lastOther: null,
      };
      this.streams.set(key, stream);
    }
    return stream;
  }

  /** Whether there is room for what is kept of its packets. */
  private has(stream: Stream): boolean {
    if (this.busy.has(stream)) return true;
    if (this.limits.full('inner-streams', this.busy.size)) return false;
    this.busy.add(stream);
    return true;
  }

  /** Nothing follows in that direction. */
  private forget(call: Call, from: Side): void {
    const key = linkKey(call, from);
    this.links.get(key)?.numbers.letGo();
    this.links.delete(key);
    const stream = this.streams.get(key);
    if (stream !== undefined) this.end(stream);
    this.streams.delete(key);
  }

  private ppp(stream: Stream, packet: Packet, protocol: number, piece: Piece): void {
    const { packets, call } = stream.inside;
    const { method } = call.encryption;
    const underDeflate = method === 'deflate' || method === 'deflate-draft';
    if (protocol === pppProtocol.multilink) {
      this.fragment(stream, packet, piece);
    } else if (underDeflate) {
      this.deflate(stream, packet, protocol, piece);
    } else if (isCompressedDatagram(protocol)) {
      // Without CCP in the capture it may be MPPC.
      if (method === 'mppe' || method === 'mppc' || method === 'none') this.mppe(stream, packet, piece);
      else packets.compressed += 1;
    } else {
      if (piece.sequence !== null) {
        stream.others += 1;
        stream.lastOther = piece.sequence;
      }
      this.clear(stream, packet, protocol, piece);
    }
  }

  private clear(stream: Stream, packet: Packet, protocol: number, { window, start, end, cut }: Piece): void {
    if (!isNetworkData(protocol)) return;
    stream.inside.packets.clear += 1;
    const octets = window.bytes.subarray(start, end);
    this.found(stream, { frame: packet.frame, instant: stampedInstant(packet), protocol, octets, cut });
  }

  /** What is not compressed is told at once, and is part of what the others refer to. */
  private deflate(stream: Stream, packet: Packet, protocol: number, piece: Piece): void {
    const { window, start, end, cut, sequence } = piece;
    const compressed = isCompressedDatagram(protocol);
    if (!compressed) this.clear(stream, packet, protocol, piece);
    else if (end - start < 2) return;
    if (!this.has(stream)) {
      if (compressed) stream.inside.packets.compressed += 1;
      return;
    }
    stream.deflate ??= new DeflateDecompressor(likelihoodOf);
    const octets = window.bytes.slice(start, end);
    const passing = { protocol, octets, cut, sequence, frame: packet.frame, instant: stampedInstant(packet) };
    for (const plaintext of stream.deflate.push(passing)) this.opened(stream, plaintext, 'clear', true);
  }

  private mppe(stream: Stream, packet: Packet, { window, start, end, cut, sequence }: Piece): void {
    if (end - start < 2) return;
    const { packets, confirmed, call } = stream.inside;
    const word = window.view.getUint16(start);
    const octets = window.bytes.slice(start + 2, end);
    const { others } = stream;
    const waiting = { word, octets, cut, sequence, others, frame: packet.frame, instant: stampedInstant(packet) };
    const { method } = call.encryption;
    const encrypted = isEncrypted(word) && method !== 'none';
    if (encrypted && confirmed.length === 0) {
      packets.withoutKey += 1;
    } else if (!this.has(stream)) {
      packets[encrypted ? 'withoutKey' : 'compressed'] += 1;
    } else if (method === 'none') {
      this.maybeMppc(stream, waiting);
    } else if (!encrypted) {
      const { lastOther } = stream;
      stream.decompressor ??= new MppcDecompressor(likelihoodOf, { sequence: lastOther, others });
      for (const plaintext of stream.decompressor.push(waiting)) this.plaintext(stream, plaintext, 'clear');
    } else {
      this.keys.earn(stream);
      stream.candidates ??= this.candidatesOf(stream, this.keys.of(stream));
      const found = decrypted(stream, stream.candidates, waiting);
      const all = found.length === 0 && confirmed.length > 1 ? this.begunAgain(stream, waiting) : found;
      for (const plaintext of all) this.plaintext(stream, plaintext, 'decrypted');
    }
  }

  /** It is MPPC if that makes sense of it beyond doubt. */
  private maybeMppc(stream: Stream, packet: Waiting): void {
    stream.decompressor ??= new MppcDecompressor(certainly, null);
    const found = isEncrypted(packet.word) ? [] : stream.decompressor.push(packet);
    const sure = found.filter(
      (one) => isCompressed(one.packet.word) || certainly(one.octets, one.packet.cut) !== 'none',
    );
    if (isEncrypted(packet.word) || sure.length < found.length) stream.inside.packets.compressed += 1;
    for (const plaintext of sure) this.plaintext(stream, plaintext, 'clear');
    if (sure.length > 0) stream.isMppc = true;
  }

  /** A packet that the key so far does not open, near the beginning of a count: LCP may have been negotiated once more, with other keys. */
  private begunAgain(stream: Stream, packet: Waiting): readonly Plaintext<Waiting>[] {
    const [old, ...others] = stream.candidates ?? [];
    if (old === undefined || others.length > 0 || coherencyCount(packet.word) > latestBeginning) return [];
    const { confirmed } = stream.inside;
    const keys = this.keys.of(stream);
    // Each has a first key of its own.
    const many = confirmed.length * keySizes.length * 2;
    const candidates = keys.take(many) ? this.candidatesOf(stream, keys) : [];
    const found = candidates.map((one) => ({ one, plaintexts: one.decryptor.push(packet) }));
    const right = found.find(({ plaintexts }) => plaintexts.some(({ likelihood }) => likelihood === 'certain'));
    if (right === undefined) return [];
    keys.decided = true;
    old.decryptor.takeBack(packet);
    this.settle(stream);
    stream.candidates = [right.one];
    return right.plaintexts;
  }

  /** Nothing follows. */
  private end(stream: Stream): void {
    this.busy.delete(stream);
    this.settle(stream);
    const { decompressor, deflate } = stream;
    const { packets, call } = stream.inside;
    if (deflate !== null) {
      for (const plaintext of deflate.finish()) this.opened(stream, plaintext, 'clear', true);
      addUnopened(packets, deflate.compressed);
    }
    if (decompressor === null) return;
    const waited = decompressor.finish();
    for (const plaintext of waited) this.plaintext(stream, plaintext, 'clear');
    const { lost, late, unreadable } = decompressor.compressed;
    const isOther = call.encryption.method === 'none' && !stream.isMppc && waited.length === 0;
    if (isOther) packets.compressed += lost + late + unreadable;
    else addUnopened(packets, decompressor.compressed);
  }

  /** Nothing follows with these keys: what waited, and the count of what stays encrypted. */
  private settle(stream: Stream): void {
    const [first, ...others] = stream.candidates ?? [];
    if (first === undefined) return;
    const { decryptor, held } = first;
    const { packets } = stream.inside;
    const waited = decryptor.finish();
    if (others.length === 0) for (const plaintext of waited) this.plaintext(stream, plaintext, 'decrypted');
    else packets.unreadable += waited.length + held.length;
    addUnopened(packets, decryptor.undecrypted);
  }

  /** For all keys that may be meant, what was agreed first: which it is, is found by trying. */
  private candidatesOf(stream: Stream, keys: TriedKeys): Candidate[] {
    const { bits: agreed, stateless } = stream.inside.call.encryption;
    // Each direction may have agreed on its own, and some do otherwise than they agreed. RFC 1962 §2
    const sizes = agreed === null ? keySizes : [agreed, ...keySizes.filter((size) => size !== agreed)];
    const modes = stateless === false ? [false, true] : [true, false];
    const { lastOther: sequence, others } = stream;
    return stream.inside.confirmed.flatMap((confirmed) =>
      sizes.flatMap((bits) =>
        masterKeys(confirmed, stream.from, bits).flatMap((master) =>
          modes.map((mode) => {
            const key = { master, bits, stateless: mode };
            return { decryptor: new MppeDecryptor(key, likelihoodOf, keys, { sequence, others }), keys, held: [] };
          }),
        ),
      ),
    );
  }

  private plaintext(stream: Stream, plaintext: Plaintext<Waiting>, count: 'clear' | 'decrypted'): void {
    this.opened(stream, plaintext, count, isCompressed(plaintext.packet.word));
  }

  /** Of MPPE, MPPC and Deflate: a protocol field, and what follows it. RFC 3078 §3 */
  private opened(
    stream: Stream,
    { packet, octets, missing }: Opened,
    count: 'clear' | 'decrypted',
    decompressed: boolean,
  ): void {
    const inner = new PppView();
    const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
    if (inner.at(view, 0, octets.length) !== 0) return;
    const { packets } = stream.inside;
    packets[count] += 1;
    if (decompressed) packets.decompressed += 1;
    const inside = octets.subarray(inner.informationStart);
    const length = lengthByHeader(inner.protocol, inside) ?? inside.length + packet.cut;
    const cut = missing ?? Math.max(0, length - inside.length);
    const { frame, instant } = packet;
    this.found(stream, { frame, instant, protocol: inner.protocol, octets: inside, cut });
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

  private found({ inside: { call }, from }: Stream, { cut, ...packet }: FoundPacket): void {
    this.take({ call, from, ...packet, wireLength: packet.octets.length + cut });
  }
}

/** By the first key that gives a packet beyond doubt, or enough likely ones: it is the only one from then on. Until then they wait. */
function decrypted(stream: Stream, candidates: readonly Candidate[], packet: Waiting): readonly Plaintext<Waiting>[] {
  const [first, ...others] = candidates;
  if (first === undefined) return [];
  if (others.length === 0) return first.decryptor.push(packet);
  let right: Candidate | null = null;
  for (const candidate of candidates) {
    const plaintexts = candidate.decryptor.push(packet);
    hold(candidate, plaintexts);
    if (plaintexts.some(({ likelihood }) => likelihood === 'certain')) right ??= candidate;
  }
  const { lost, late, unreadable } = first.decryptor.undecrypted;
  if (first.held.length >= enoughPossible * (1 + lost + late + unreadable)) right ??= first;
  if (right === null) return [];
  const { decryptor, keys, held } = right;
  keys.decided = true;
  stream.candidates = [{ decryptor, keys, held: [] }];
  return held;
}

function hold({ decryptor, held }: Candidate, plaintexts: readonly Plaintext<Waiting>[]): void {
  held.push(...plaintexts);
  let octets = held.reduce((sum, one) => sum + one.octets.length, 0);
  while (held.length > mostHeld || octets > mostOctetsHeld) {
    octets -= held.shift()?.octets.length ?? 0;
    decryptor.undecrypted.unreadable += 1;
  }
}

/** What may be anything is a packet where that is beyond doubt. */
const certainly: Accept = (octets, missing) => (likelihoodOf(octets, missing) === 'certain' ? 'certain' : 'none');

function addUnopened(packets: InnerCounts, { lost, late, unreadable }: Unopened): void {
  packets.lost += lost;
  packets.late += late;
  packets.unreadable += unreadable;
}

function linkKey({ id }: Call, from: Side): string {
  return `${id} ${from}`;
}
