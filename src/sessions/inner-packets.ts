/**
 * What travelled inside the tunnels: the network packets of their PPP links, decrypted where somebody gives the password. The second
 * of two passes: the first one made the tunnels, and found challenges and responses.
 */
import type { Frame } from '../capture/frame.ts';
import { Dissector, type PacketSink } from '../dissect/dissector.ts';
import { MultilinkBundle } from '../dissect/multilink.ts';
import type { Packet } from '../dissect/packet.ts';
import type { GreView } from '../gre/view.ts';
import { AddressBook } from '../octets/address.ts';
import type { Limits } from '../octets/limits.ts';
import type { PppView } from '../ppp/view.ts';
import { Attribution } from './attribution.ts';
import { type CallInside, type InnerPacket, nothingInside } from './call-inside.ts';
import type { ConfirmedExchange } from './call-keys.ts';
import { InnerStream } from './inner-stream.ts';
import { KeyAccounts } from './key-accounts.ts';
import type { Call } from './model/call.ts';
import type { Side } from './model/side.ts';
import type { Tunnel } from './model/tunnel.ts';
import { FlowRooms, SequenceTracker } from './sequence.ts';

/** What one side sends in one call. */
interface Link {
  readonly numbers: SequenceTracker;
  readonly stream: InnerStream;
}

export class InnerPackets implements PacketSink {
  private readonly dissector: Dissector;
  private readonly addresses: AddressBook;
  private readonly attribution: Attribution;
  private readonly insides = new Map<Call, CallInside>();
  private readonly links = new Map<string, Link>();
  private readonly streams = new Map<string, InnerStream>();
  private readonly rooms = new FlowRooms();
  /** Streams that are decrypted or decompressed. */
  private readonly busy = new Set<InnerStream>();
  readonly keys: KeyAccounts;
  private readonly limits: Limits;
  readonly take: (packet: InnerPacket) => void;

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
        this.insides.set(call, { tunnel, call, confirmed: confirmed.get(call) ?? [], packets: nothingInside() });
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
    link.stream.ppp(packet, ppp.protocol, piece);
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
  private streamOf(inside: CallInside, from: Side): InnerStream {
    const { call, tunnel } = inside;
    const bundled = call.multilink !== null;
    const discriminator = bundled ? (call.lcp[from]?.endpointDiscriminator ?? null) : null;
    const ends = `${tunnel.client.address} ${tunnel.server.address}`;
    const key = discriminator === null ? linkKey(call, from) : `${ends} ${discriminator} ${from}`;
    let stream = this.streams.get(key);
    if (stream === undefined) {
      stream = new InnerStream(inside, from, bundled ? new MultilinkBundle(this.limits) : null, this);
      this.streams.set(key, stream);
    }
    return stream;
  }

  /** Whether there is room for what is kept of its packets. */
  hasRoom(stream: InnerStream): boolean {
    if (this.busy.has(stream)) return true;
    if (this.limits.full('inner-streams', this.busy.size)) return false;
    this.busy.add(stream);
    return true;
  }

  private end(stream: InnerStream): void {
    this.busy.delete(stream);
    stream.end();
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
}

function linkKey({ id }: Call, from: Side): string {
  return `${id} ${from}`;
}
