/**
 * A capture's packets one by one, for somebody who looks at them: with the tunnel and call that each belongs to, what
 * happened to it on its way, and all its layers. The second of two passes: the first one made the tunnels.
 */
import type { Frame } from '../capture/frame.ts';
import type { SegmentPieces } from '../dissect/control-stream.ts';
import { Defragmenter } from '../dissect/defragment.ts';
import { ipProtocol } from '../dissect/dissector.ts';
import { DuplicateFilter } from '../dissect/duplicates.ts';
import { type AssembledPacket, MultilinkBundle, type MultilinkFragment } from '../dissect/multilink.ts';
import type { CallKnowledge, PacketKnowledge, PacketSoFar, SegmentPayload } from '../dissect/packet-knowledge.ts';
import { PacketTree } from '../dissect/packet-tree.ts';
import { Walk } from '../dissect/walk.ts';
import { GreView, kindOf } from '../gre/view.ts';
import { AddressBook, endpointText } from '../octets/address.ts';
import type { BoundName } from '../octets/bounds.ts';
import { stampedInstant } from '../octets/instant.ts';
import type { Limits } from '../octets/limits.ts';
import { Window } from '../octets/window.ts';
import { pppProtocol } from '../ppp/protocols.ts';
import { PppView } from '../ppp/view.ts';
import { controlMessageType } from '../pptp/names.ts';
import type { TcpView } from '../tcp/header.ts';
import { type Layer, leavesOf } from '../wire/tree.ts';
import { Attribution, knowledgeOf, type Owner } from './attribution.ts';
import type { Tunnel } from './model/tunnel.ts';
import { FlowRooms, SequenceTracker } from './sequence.ts';
import { ViewedConnection } from './viewed-connection.ts';
import {
  type CountedPacket,
  type Interest,
  inOrder,
  type PacketMark,
  type Reassembly,
  type ViewedPacket,
} from './viewed-packet.ts';

interface Datagram {
  owner: Owner | null;
  readonly frames: number[];
}

/** A packet on its way through the view. */
interface Pending {
  readonly frame: Frame;
  readonly marks: Set<PacketMark>;
  lostBefore: number;
  owner: Owner | null;
  tcpFlags: number | null;
  readonly reassemblies: Reassembly[];
  /** Captured before: nothing of it counts again. */
  readonly duplicate: boolean;
}

export class PacketView {
  private readonly attribution: Attribution;
  private readonly walk: Walk;
  private readonly duplicates = new DuplicateFilter();
  private readonly defragmenter: Defragmenter;
  private readonly connections = new Map<string, ViewedConnection>();
  private readonly flows = new Map<string, SequenceTracker>();
  private readonly rooms = new FlowRooms();
  private readonly datagrams = new Map<string, Datagram>();
  private readonly bundles = new Map<string, MultilinkBundle>();
  private readonly greView = new GreView();
  private readonly pppView = new PppView();
  private readonly addresses: AddressBook;
  private readonly limits: Limits;
  private readonly count: ((packet: CountedPacket) => void) | null;

  /**
   * `tunnels`: those of this capture. `count` gets packets of interest of which the headers say all that a `CountedPacket`
   * has: they are not looked at further, and not answered by `packet`.
   */
  constructor(tunnels: readonly Tunnel[], limits: Limits, count: ((packet: CountedPacket) => void) | null = null) {
    this.limits = limits;
    this.count = count;
    this.addresses = new AddressBook(limits);
    this.defragmenter = new Defragmenter(limits);
    this.attribution = new Attribution(tunnels);
    this.walk = new Walk(this.addresses, limits);
  }

  /**
   * The packet of a frame. Null where nobody wants it: `all` asks for those outside of tunnels too. `interest` null: the
   * frame as such is not wanted, and only counted for what it means to later ones.
   */
  packet(frame: Frame, all: boolean, interest: Interest | null): ViewedPacket | null {
    const { walk } = this;
    const wanted = interest !== null;
    const found = walk.walk(frame);
    const duplicate = found && this.duplicates.isDuplicate(walk, frame);
    if (!(all && wanted) && (!found || !this.mayBeOfTunnel(frame))) return null;
    if (found && this.passesBy(frame, duplicate, interest)) return null;
    const pending = pendingOf(frame, duplicate, null);
    const tree = new PacketTree(new Window(frame.window.bytes.slice(frame.start, frame.end)), this.knowledge(pending));
    tree.frame(frame, walk, found);
    const inner = found && walk.fragment ? this.fragment(tree, pending) : null;
    const about = inner ?? tree;
    this.attribute(about, pending);
    if (!wanted || (!all && pending.owner === null)) return null;
    return this.viewed(tree, this.multilinkPacket(about, pending) ?? about, pending);
  }

  /** What the fragments of PPP Multilink carried that this one completed. */
  private multilinkPacket(about: PacketTree, pending: Pending): PacketTree | null {
    const { assembled } = about;
    if (assembled === null) return null;
    const whole = new PacketTree(new Window(assembled.octets), this.knowledge(pending));
    whole.multilinkPacket(pending.owner === null ? null : knowledgeOf(pending.owner));
    pending.reassemblies.push({
      name: `PPP packet of ${assembled.frames.length} multilink fragments`,
      frames: assembled.frames,
      octets: assembled.octets,
      layers: whole.layers,
    });
    return whole;
  }

  /** Most packets are GRE that nobody wants to see: for these the headers are enough. True where that was all. */
  private passesBy(frame: Frame, duplicate: boolean, interest: Interest | null): boolean {
    const { walk, greView: gre, pppView: ppp } = this;
    if (walk.protocol !== ipProtocol.gre || walk.fragment) return false;
    const { view } = frame.window;
    if (gre.at(view, walk.payloadStart, walk.payloadEnd) !== 0 || kindOf(gre) !== 'enhanced') return false;
    const protocol = ppp.at(view, gre.payloadStart, gre.payloadEnd) === 0 ? ppp.protocol : null;
    // A fragment may be part of what is wanted.
    if (protocol === pppProtocol.multilink) return false;
    const from = walk.source();
    const to = walk.destination();
    // Beyond what the book keeps only the octets tell whose it is.
    if (!this.addresses.keeps(from) || !this.addresses.keeps(to)) return false;
    const source = this.addresses.text(from);
    const destination = this.addresses.text(to);
    const owner = this.attribution.gre(source, destination, gre.callId, frame.number);
    if (!interest?.(owner, protocol)) {
      if (!duplicate) this.sequence(source, destination, gre, null);
      return true;
    }
    const kind = this.count === null || owner === null ? null : this.countedAs(view, owner, protocol);
    if (kind === null) return false;
    const pending = pendingOf(frame, duplicate, owner);
    const { marks } = pending;
    if (!duplicate) this.sequence(source, destination, gre, pending);
    if (frame.wireLength > frame.end - frame.start) marks.add('cut');
    const { number, wireLength } = frame;
    const { lostBefore } = pending;
    this.count?.({
      kind,
      frame: number,
      instant: stampedInstant(frame),
      owner,
      wireLength,
      marks: inOrder(marks),
      lostBefore,
    });
    return true;
  }

  /** By what the views have read; null where somebody has to look at the packet. */
  private countedAs(view: DataView, owner: Owner, protocol: number | null): CountedPacket['kind'] | null {
    const { walk, greView: gre, pppView: ppp } = this;
    const carried = walk.payloadStart + walk.payloadWireLength - gre.payloadStart;
    if (walk.lengthBeyondFrame || gre.payloadLength > carried) return null;
    if (gre.payloadLength === 0) return 'acknowledgment';
    const octets = gre.payloadEnd - ppp.informationStart;
    switch (protocol) {
      case pppProtocol.compressed:
      case pppProtocol.linkCompressed: {
        const method = knowledgeOf(owner)?.compression ?? null;
        if (method !== null && method !== 'mppe' && method !== 'mppc') return 'compressed';
        return octets < 2 ? null : 'mppe';
      }
      case pppProtocol.ipv4:
      case pppProtocol.ipv6:
        if (octets < 1) return null;
        return view.getUint8(ppp.informationStart) >>> 4 === 6 ? 'ipv6' : 'ipv4';
      default:
        return null;
    }
  }

  /** TCP of a known port, GRE, ICMP, or a fragment of anything. */
  private mayBeOfTunnel(frame: Frame): boolean {
    const { walk } = this;
    if (walk.fragment || walk.protocol === ipProtocol.gre) return true;
    if (walk.protocol === ipProtocol.icmp || walk.protocol === ipProtocol.icmpv6) return true;
    if (walk.protocol !== ipProtocol.tcp || walk.payloadEnd - walk.payloadStart < 4) return false;
    const { view } = frame.window;
    const { ports } = this.attribution;
    return ports.has(view.getUint16(walk.payloadStart)) || ports.has(view.getUint16(walk.payloadStart + 2));
  }

  private viewed(tree: PacketTree, about: PacketTree, pending: Pending): ViewedPacket {
    const { frame, marks, owner, reassemblies } = pending;
    const captured = frame.end - frame.start;
    if (tree.malformed || about.malformed) marks.add('malformed');
    if (frame.wireLength > captured) marks.add('cut');
    const sections = [tree.layers, ...reassemblies.map(({ layers }) => layers)];
    const put = about === tree ? undefined : reassemblies.at(-1)?.frames;
    return {
      frame: frame.number,
      instant: stampedInstant(frame),
      linkType: frame.linkType,
      interfaceIndex: frame.interfaceIndex,
      frameCheckOctets: frame.frameCheckOctets,
      octets: tree.window.bytes,
      wireLength: frame.wireLength,
      owner,
      source: endpoint(tree.source, about.sourcePort),
      destination: endpoint(tree.destination, about.destinationPort),
      protocol: about.protocol,
      protocols: [...new Set(sections.flatMap((layers) => layers.map(({ protocol }) => protocol)))],
      summary: put === undefined ? about.summary : `${about.summary} (put together from frames ${put.join(' ')})`,
      tcpFlags: pending.tcpFlags,
      marks: inOrder(marks),
      lostBefore: pending.lostBefore,
      isData: about.isData,
      isAcknowledgment: about.gre !== null && about.gre.payloadLength === 0,
      layers: tree.layers,
      reassemblies,
    };
  }

  private attribute(about: PacketTree, pending: Pending): void {
    const { frame, marks } = pending;
    if (about.gre !== null && about.source !== null && about.destination !== null) {
      pending.owner ??= this.attribution.gre(about.source, about.destination, about.gre.callId, frame.number);
      if (!pending.duplicate) this.sequence(about.source, about.destination, about.gre, pending);
    } else if (about.icmp !== null) {
      pending.owner ??= this.attribution.icmp(frame.number);
    }
    const { pieces } = about;
    if (pieces === null) return;
    for (const { octets, frames } of pieces.completed) {
      const message = new PacketTree(new Window(octets), this.knowledge(pending));
      message.message();
      pending.reassemblies.push({
        name: message.layers[0]?.name ?? 'control message',
        frames,
        octets,
        layers: message.layers,
      });
    }
    if (pieces.retransmitted) marks.add('retransmission');
    if (pieces.outOfOrder) marks.add('out-of-order');
    if (pieces.missing > 0) {
      marks.add('lost-before');
      pending.lostBefore = pieces.missing;
    }
    this.callOfMessages(about, pending);
  }

  /** A control message that names a call belongs to that call. */
  private callOfMessages(about: PacketTree, pending: Pending): void {
    const { owner } = pending;
    if (owner === null || owner.from === null) return;
    const layers = [...about.layers, ...pending.reassemblies.flatMap((one) => one.layers)];
    for (const layer of layers) {
      if (layer.protocol !== 'pptp') continue;
      const callId = numberIn(layer, 'callId');
      const peerCallId = numberIn(layer, 'peerCallId');
      const { number } = pending.frame;
      const call =
        numberIn(layer, 'controlMessageType') === controlMessageType.callDisconnectNotify
          ? this.attribution.callOfDisconnect(owner.tunnel, owner.from, callId, number)
          : this.attribution.callOfMessage(owner.tunnel, owner.from, callId, peerCallId, number);
      if (call !== null) pending.owner = { ...owner, call };
    }
  }

  /** `pending` null: only counted. */
  private sequence(source: string, destination: string, gre: GreView, pending: Pending | null): void {
    if (!gre.sequencePresent) return;
    const key = `${source} ${destination} ${gre.callId}`;
    let tracker = this.flows.get(key);
    if (tracker === undefined) {
      if (this.limits.full('view-flows', this.flows.size)) return;
      tracker = new SequenceTracker(this.rooms);
      this.flows.set(key, tracker);
    }
    const { last, count } = tracker;
    const found = tracker.push(gre.sequenceNumber);
    if (pending === null) return;
    if (found === 'repeated') pending.marks.add('duplicate');
    if (found === 'late') pending.marks.add('out-of-order');
    const newest = found === 'newest' || found === 'behind-longest-gap';
    const ahead = (gre.sequenceNumber - last) | 0;
    if (newest && count > 0 && ahead > 1) {
      pending.marks.add('lost-before');
      pending.lostBefore = ahead - 1;
    }
  }

  /** What the datagram carried, where this fragment made it whole; null where it did not. */
  private fragment(tree: PacketTree, pending: Pending): PacketTree | null {
    const { walk, defragmenter } = this;
    const { frame } = pending;
    const { source, destination } = tree;
    if (source === null || destination === null) return null;
    const key = `${source} ${destination} ${walk.identification} ${walk.version}`;
    const datagram = this.datagramOf(key);
    if (walk.fragmentOffset === 0) datagram.owner ??= this.firstFragment(source, destination, frame);
    if (!pending.duplicate) datagram.frames.push(frame.number);
    const tunnelled = walk.protocol === ipProtocol.gre || walk.protocol === ipProtocol.tcp || walk.version === 6;
    pending.owner = datagram.owner ?? (tunnelled ? this.attribution.between(source, destination, frame.number) : null);
    const wireLength = walk.payloadWireLength;
    if (pending.duplicate || wireLength === 0 || !defragmenter.push(walk, frame)) return null;
    this.datagrams.delete(key);
    // The packet may be looked at later, when other datagrams have come.
    const octets = defragmenter.window.bytes.slice(0, defragmenter.end);
    const whole = new PacketTree(new Window(octets), this.knowledge(pending));
    whole.source = source;
    whole.destination = destination;
    whole.datagram(defragmenter.protocol, defragmenter.start, defragmenter.wireLength);
    pending.reassemblies.push({
      name: `IP datagram of ${defragmenter.fragments} fragments`,
      frames: datagram.frames.toSorted((a, b) => a - b),
      octets,
      layers: whole.layers,
    });
    return whole;
  }

  private datagramOf(key: string): Datagram {
    let datagram = this.datagrams.get(key);
    if (datagram === undefined) {
      datagram = { owner: null, frames: [] };
      this.makeRoom('view-datagrams', this.datagrams);
      this.datagrams.set(key, datagram);
    }
    return datagram;
  }

  /** The fragment with the inner header tells whose they all are. */
  private firstFragment(source: string, destination: string, frame: Frame): Owner | null {
    const { walk, greView } = this;
    const { view } = frame.window;
    const { payloadStart, payloadEnd } = walk;
    if (walk.protocol === ipProtocol.tcp && payloadEnd - payloadStart >= 4) {
      const ports = [view.getUint16(payloadStart), view.getUint16(payloadStart + 2)] as const;
      return this.attribution.tcp(source, ports[0], destination, ports[1], frame.number);
    }
    if (walk.protocol !== ipProtocol.gre) return null;
    if (greView.at(view, payloadStart, payloadEnd) !== 0 || kindOf(greView) !== 'enhanced') return null;
    return this.attribution.gre(source, destination, greView.callId, frame.number);
  }

  /** What the trees ask while they are made. */
  private knowledge(pending: Pending): PacketKnowledge {
    const { attribution } = this;
    const number = pending.frame.number;
    return {
      call: (source, destination, callId): CallKnowledge | null => {
        const owner = attribution.gre(source, destination, callId, number);
        return owner === null ? null : knowledgeOf(owner);
      },
      segment: (packet, tcp, payload) => this.segment(packet, tcp, payload, pending),
      multilink: (packet, fragment) => this.multilink(packet, { ...fragment, frame: number }, pending),
      carriers: () => carriersOf(pending.owner, number),
      limits: this.limits,
    };
  }

  private multilink(packet: PacketSoFar, fragment: MultilinkFragment, pending: Pending): AssembledPacket | null {
    const { source, destination, gre } = packet;
    if (pending.duplicate || source === null || destination === null || gre === null) return null;
    const owner = this.attribution.gre(source, destination, gre.callId, fragment.frame);
    if (owner === null || owner.call === null || owner.from === null) return null;
    // Links of one bundle have the same discriminator. RFC 1990 §5.1.3
    const bundle = owner.call.lcp[owner.from]?.endpointDiscriminator ?? owner.call.id;
    const key = `${source} ${destination} ${bundle}`;
    let held = this.bundles.get(key);
    if (held === undefined) {
      this.makeRoom('view-connections', this.bundles);
      held = new MultilinkBundle(this.limits);
      this.bundles.set(key, held);
    }
    return held.push(fragment);
  }

  private segment(
    { window, source, destination }: PacketSoFar,
    tcp: TcpView,
    payload: SegmentPayload,
    pending: Pending,
  ): SegmentPieces | null {
    const { frame } = pending;
    if (source === null || destination === null) return null;
    const owner = this.attribution.tcp(source, tcp.sourcePort, destination, tcp.destinationPort, frame.number);
    if (owner === null || owner.from === null) return null;
    pending.owner = owner;
    pending.tcpFlags = tcp.flags;
    const { number, seconds, nanoseconds } = frame;
    return this.connectionOf(owner.tunnel.id).segment({
      from: owner.from,
      window,
      tcp,
      payload,
      frame: number,
      instant: { seconds, nanoseconds },
      duplicate: pending.duplicate,
    });
  }

  private connectionOf(tunnel: string): ViewedConnection {
    let connection = this.connections.get(tunnel);
    if (connection === undefined) {
      connection = new ViewedConnection(this.limits);
      this.makeRoom('view-connections', this.connections)?.release();
      this.connections.set(tunnel, connection);
    }
    return connection;
  }

  /** Of too many, the oldest goes. */
  private makeRoom<Entry>(name: BoundName, held: Map<string, Entry>): Entry | undefined {
    const [oldest] = this.limits.full(name, held.size) ? held : [];
    if (oldest !== undefined) held.delete(oldest[0]);
    return oldest?.[1];
  }
}

function pendingOf(frame: Frame, duplicate: boolean, owner: Owner | null): Pending {
  const marks = new Set<PacketMark>(duplicate ? ['duplicate'] : []);
  return { frame, marks, lostBefore: 0, owner, tcpFlags: null, reassemblies: [], duplicate };
}

function endpoint(address: string | null, port: number | null): string | null {
  return address === null ? null : endpointText({ address, port });
}

function numberIn(layer: Layer, name: string): number | null {
  for (const leaf of leavesOf(layer.fields)) {
    if (leaf.name === name && typeof leaf.value === 'number') return leaf.value;
  }
  return null;
}

/** The message over several segments that a frame carried a part of. The model lists as many as its limit allows. */
function carriersOf(owner: Owner | null, frame: number): { name: string; frames: readonly number[] } | null {
  if (owner === null) return null;
  const messages = owner.tunnel.control?.messages ?? [];
  const found = messages.find((one) => one.from === owner.from && one.frames.length > 1 && one.frames.includes(frame));
  return found === undefined ? null : { name: found.name, frames: found.frames };
}
