/**
 * One packet in full, for somebody who looks at it: every layer from the link to the innermost protocol as a field tree,
 * and one line that says what it is. Allocates freely. The way from number to number is the walk's: the same functions
 * move the cursor here, and the layouts only describe what they passed, so that both agree by construction.
 */
import type { Frame } from '../capture/frame.ts';
import { decodeIcmpError, type IcmpErrorQuote, isIcmpError } from '../ip/icmp.ts';
import { Ipv4View } from '../ip/ipv4.ts';
import { Ipv6View, isExtensionHeader } from '../ip/ipv6.ts';
import {
  icmpHeader,
  ipProtocolNames,
  ipv4Header,
  ipv6ExtensionHeader,
  ipv6FragmentHeader,
  ipv6Header,
  udpHeader,
} from '../ip/layouts.ts';
import { LinkCursor, next } from '../link/cursor.ts';
import { AddressBook, ipv4Text, ipv6TextAt } from '../octets/address.ts';
import { Window } from '../octets/window.ts';
import { counted } from '../octets/words.ts';
import { headerOctets } from '../pptp/header.ts';
import { magicCookie } from '../pptp/names.ts';
import { controlMessageLayer } from '../pptp/tree.ts';
import { TcpView, tcpFault, tcpFlags } from '../tcp/header.ts';
import { tcpHeader, tcpOptionTree } from '../tcp/layout.ts';
import type { Layout } from '../wire/layout.ts';
import { layerOf, octetsLeaf, padding, replaceField, secret, type TreeField, treeOf, undecoded } from '../wire/tree.ts';
import { messageSummary, pieceLeaf, pieceText } from './control-pieces.ts';
import type { SegmentPieces } from './control-stream.ts';
import { ipProtocol } from './dissector.ts';
import { GreLayers } from './gre-layers.ts';
import { LayerStack } from './layer-stack.ts';
import { linkLayers } from './link-tree.ts';
import type { CallKnowledge } from './packet-knowledge.ts';
import { PppLayers } from './ppp-layers.ts';
import { tcpFlagsText } from './summary.ts';
import { leadsToIp, type Walk, walkFault, walkFaultNames } from './walk.ts';

/** What the header of an inner IP packet says. */
interface InnerHeader {
  readonly protocol: number;
  readonly fragment: boolean;
  readonly headerEnd: number;
  /** May lie behind what was captured or quoted. */
  readonly packetEnd: number;
}

/** The octets of a packet, or of what was put together from several, with its layers. */
export class PacketTree extends LayerStack {
  sourcePort: number | null = null;
  destinationPort: number | null = null;
  icmp: IcmpErrorQuote | null = null;
  /** TCP of a control connection. */
  pieces: SegmentPieces | null = null;
  private readonly pppLayers = new PppLayers(this, this);
  private readonly greLayers = new GreLayers(this, this.pppLayers);

  /** All layers of a frame. `walk` has to be at the same frame: `found` is what it answered. */
  frame(frame: Frame, walk: Walk, found: boolean): void {
    const size = this.window.bytes.length;
    let wireEnd = Math.max(size, frame.wireLength);
    let end = size;
    if (frame.frameCheckOctets !== 0) {
      wireEnd = Math.max(0, wireEnd - frame.frameCheckOctets);
      end = Math.min(end, wireEnd);
    }
    const cursor = new LinkCursor(this.knowledge.limits.bounds.nesting);
    cursor.reset(0, end, wireEnd);
    cursor.next = next.linkType + frame.linkType;
    cursor.frameCheckDropped = frame.frameCheckOctets !== 0;
    const { layers, summary } = linkLayers(this.window, cursor);
    this.layers.push(...layers);
    this.summary = summary;
    this.protocol = layers.at(-1)?.protocol ?? this.protocol;
    if (found) {
      const base = frame.start;
      this.ip(walk, walk.ipStart - base, walk.payloadStart - base, walk.ipEnd - base);
    } else if (this.protocol === 'data' || leadsToIp(cursor.next)) {
      this.unread(cursor, walk.fault);
    }
    this.trailer(cursor, size);
  }

  /** What a datagram in fragments carried, once it is whole. */
  datagram(protocol: number, start: number, wireLength: number): void {
    const { window } = this;
    const end = window.bytes.length;
    if (start > 0) this.plain('IPv6 extension headers', 'ipv6', 'RFC 8200 §4', [undecoded(window, 0, start)]);
    this.transport(protocol, start, end, wireLength);
    this.fill(end);
  }

  /** The packet that multilink fragments carried. */
  multilinkPacket(known: CallKnowledge | null): void {
    const end = this.window.bytes.length;
    this.pppLayers.read({ start: 0, end, length: end, cut: false, known });
    this.fill(end);
  }

  /** A control message that was put together. */
  message(): void {
    const end = this.window.bytes.length;
    this.controlMessage(0, end);
    this.fill(end);
  }

  /** A frame that leads to no sound IP header: what there is of one, and the reason. */
  private unread(cursor: LinkCursor, fault: number): void {
    const { view } = this.window;
    const { at, end } = cursor;
    const byIp = leadsToIp(cursor.next) && cursor.fault === 0;
    if (byIp && at < end) {
      const six = view.getUint8(at) >>> 4 === 6;
      this.covering = this.leadsToGre(six, at, end);
      const bound = cursor.end < cursor.wireEnd ? 'capture length' : 'octets given';
      const limit = Math.min(end, at + (six ? 40 : 20));
      const tree = six
        ? treeOf(ipv6Header, this.window, at, limit, bound)
        : treeOf(ipv4Header, this.window, at, limit, bound);
      this.push(six ? ipv6Header : ipv4Header, six ? 'ipv6' : 'ipv4', at, tree);
    }
    const reason = walkFaultNames[fault] ?? '';
    const captures = fault === walkFault.linkHeaderCut || fault === walkFault.ipHeaderCut;
    const sound = fault === walkFault.notIp || fault === walkFault.linkEncrypted || fault === walkFault.unknownLinkType;
    if (!captures && !sound && fault !== walkFault.linkFragment && fault !== walkFault.linkAggregate)
      this.malformed = true;
    if (this.protocol === 'data' && this.layers.length > 0) this.protocol = this.layers.at(-1)?.protocol ?? 'data';
    if (fault !== walkFault.notIp || this.summary === '') {
      this.summary = `${this.summary === '' ? 'no IP' : this.summary}${reason === '' ? '' : `: ${reason}`}`;
    }
  }

  private ip(walk: Walk, start: number, payloadStart: number, end: number): void {
    const { view } = this.window;
    let protocol: number;
    if (walk.version === 4) {
      this.source = ipv4Text(view.getUint32(start + 12));
      this.destination = ipv4Text(view.getUint32(start + 16));
      protocol = walk.protocol;
      this.ipv4Header(protocol, start, payloadStart);
    } else {
      this.source = ipv6TextAt(view, start + 8);
      this.destination = ipv6TextAt(view, start + 24);
      protocol = this.ipv6Headers(start, payloadStart);
    }
    const name = ipProtocolNames[walk.protocol] ?? `protocol ${walk.protocol}`;
    if (walk.fragment) {
      const last = walk.fragmentOffset + walk.payloadWireLength;
      const more = walk.moreFragments ? ', more follow' : ', the last';
      this.summary = `IPv${walk.version} fragment of ${name}, octets ${walk.fragmentOffset}-${last - 1}${more}`;
      this.covering = mayCarryGre(walk.protocol);
      if (payloadStart < end) {
        this.plain(
          'IP fragment',
          walk.version === 4 ? 'ipv4' : 'ipv6',
          walk.version === 4 ? 'RFC 791 §3.2' : 'RFC 8200 §4.5',
          [this.unknown(octetsLeaf(this.window, payloadStart, end, 'fragmentOctets'))],
        );
      }
      return;
    }
    if (walk.lengthBeyondFrame) this.malformed = true;
    this.transport(protocol, payloadStart, end, walk.payloadWireLength);
  }

  private ipv4Header(protocol: number, start: number, end: number): void {
    const tree = treeOf(ipv4Header, this.window, start, end, 'capture length');
    const behindOptions = protocol === ipProtocol.gre && end - start > 20;
    this.greLayers.behindOptions = behindOptions;
    const fields = behindOptions ? replaceField(tree.fields, 'options', secret) : tree.fields;
    this.push(ipv4Header, 'ipv4', start, { ...tree, fields });
  }

  /** The header and its extension headers; answers what starts at `end`. */
  private ipv6Headers(start: number, end: number): number {
    const { view } = this.window;
    this.add(ipv6Header, 'ipv6', start, start + 40);
    let nextHeader = view.getUint8(start + 6);
    for (let at = start + 40; at < end; ) {
      const fragment = nextHeader === 44;
      const length = fragment ? 8 : (view.getUint8(at + 1) + 1) * 8;
      if (fragment) this.add(ipv6FragmentHeader, 'ipv6', at, at + 8);
      else this.add(ipv6ExtensionHeader, 'ipv6', at, Math.min(end, at + length));
      nextHeader = view.getUint8(at);
      at += length;
    }
    return nextHeader;
  }

  private transport(protocol: number, start: number, end: number, wireLength: number): void {
    switch (protocol) {
      case ipProtocol.gre:
        this.greLayers.read(start, end, wireLength);
        break;
      case ipProtocol.tcp:
        this.tcpLayer(start, end, wireLength);
        break;
      case ipProtocol.udp:
        this.udpLayer(start, end);
        break;
      case ipProtocol.icmp:
      case ipProtocol.icmpv6:
        this.icmpLayer(protocol === ipProtocol.icmp ? 4 : 6, start, end);
        break;
      default:
        this.about(
          this.protocolBelow(),
          `${ipProtocolNames[protocol] ?? `IP protocol ${protocol}`}, ${counted(wireLength, 'octet')}`,
        );
    }
  }

  private udpLayer(start: number, end: number): void {
    const tree = this.add(udpHeader, 'udp', start, Math.min(end, start + 8));
    const { sourcePort, destinationPort, length } = tree.value;
    this.sourcePort ??= sourcePort ?? null;
    this.destinationPort ??= destinationPort ?? null;
    const octets = counted(Math.max(0, (length ?? 8) - 8), 'octet');
    this.about('udp', `UDP ${sourcePort ?? '?'} → ${destinationPort ?? '?'}, ${octets}`);
  }

  private tcpLayer(start: number, end: number, wireLength: number): void {
    const tcp = new TcpView();
    const fault = tcp.at(this.window.view, start, end, start + wireLength);
    const headerEnd = Math.min(end, fault === 0 ? tcp.headerEnd : start + 20);
    const bound = start + wireLength > end ? 'capture length' : 'IP total length';
    const tree = treeOf(tcpHeader, this.window, start, Math.min(headerEnd, start + 20), bound);
    const options = fault === 0 ? tcpOptionTree(this.window, start + 20, headerEnd, bound) : [];
    this.push(tcpHeader, 'tcp', start, { ...tree, fields: [...tree.fields, ...options], end: headerEnd });
    if (fault !== 0) {
      const wrong = fault === tcpFault.dataOffset;
      if (wrong) this.malformed = true;
      this.about('tcp', wrong ? 'TCP with a data offset below 5' : 'TCP, header not whole');
      return;
    }
    const outermost = this.sourcePort === null && this.nested === 0;
    if (outermost) {
      this.sourcePort = tcp.sourcePort;
      this.destinationPort = tcp.destinationPort;
    }
    const payload = Math.max(0, start + wireLength - tcp.headerEnd);
    const ports = outermost ? '' : `${tcp.sourcePort} → ${tcp.destinationPort} `;
    const size = payload === 0 ? '' : `, ${counted(payload, 'octet')}`;
    const flags = `${ports}${tcpFlagsText(tcp.flags)} seq=${tcp.sequenceNumber}`;
    const acknowledgment = (tcp.flags & tcpFlags.ack) === 0 ? '' : ` ack=${tcp.acknowledgmentNumber}`;
    this.about('tcp', `TCP ${flags}${acknowledgment} window=${tcp.window}${size}`);
    if (!outermost) {
      this.quotedMessages(headerEnd, end);
      return;
    }
    const pieces = this.knowledge.segment(this, tcp, { start: headerEnd, end, wireLength: payload });
    if (pieces === null) return;
    this.pieces = pieces;
    this.controlPieces(pieces, tcp);
  }

  /** Whole control messages in a segment that an ICMP error quotes. */
  private quotedMessages(start: number, end: number): void {
    const { view } = this.window;
    for (let at = start; end - at >= headerOctets && view.getUint32(at + 4) === magicCookie; ) {
      const length = view.getUint16(at);
      if (length < headerOctets || length > end - at) return;
      const before = this.summary;
      this.about('pptp', `${before}; ${this.controlMessage(at, at + length)}`);
      at += length;
    }
  }

  private controlPieces({ pieces, completed }: SegmentPieces, tcp: TcpView): void {
    const said: string[] = [];
    for (const piece of pieces) {
      if (piece.kind === 'message') {
        said.push(this.controlMessage(piece.start, piece.end));
        continue;
      }
      const carriers = piece.kind === 'part' ? this.knowledge.carriers() : null;
      const text = pieceText(piece, carriers);
      said.push(text);
      this.plain(text, 'pptp', null, [pieceLeaf(this.window, piece)]);
    }
    for (const { octets } of completed) {
      const window = new Window(octets);
      said.push(messageSummary(window, 0, octets.length));
    }
    if (said.length === 0) return;
    const flags =
      (tcp.flags & (tcpFlags.syn | tcpFlags.fin | tcpFlags.rst)) === 0 ? '' : `; TCP ${tcpFlagsText(tcp.flags)}`;
    this.about('pptp', `${said.join('; ')}${flags}`);
  }

  private controlMessage(start: number, end: number): string {
    const layer = controlMessageLayer(this.window, start, end);
    this.layers.push(layer);
    if (layer.fault !== null) this.malformed = true;
    const text = messageSummary(this.window, start, end);
    this.about('pptp', text);
    return text;
  }

  /** The user's own packet, in clear. */
  innerIp(start: number, end: number): void {
    const text = this.nestedIp(start, end, '');
    this.about(this.protocolBelow(), text);
  }

  /** An IP packet inside another; answers what to say of it. */
  private nestedIp(start: number, end: number, prefix: string): string {
    const { view } = this.window;
    if (start >= end) return 'no octets';
    const six = view.getUint8(start) >>> 4 === 6;
    this.covering = this.leadsToGre(six, start, end);
    const header = six ? this.innerIpv6(start, end) : this.innerIpv4(start, end);
    if (header === null) return this.brokenHeader(six, start, end, prefix);
    const depth = this.layers.length;
    if (six) this.ipv6Headers(start, header.headerEnd);
    else this.ipv4Header(header.protocol, start, header.headerEnd);
    const source = six ? ipv6TextAt(view, start + 8) : ipv4Text(view.getUint32(start + 12));
    const destination = six ? ipv6TextAt(view, start + 24) : ipv4Text(view.getUint32(start + 16));
    const packetEnd = Math.min(end, Math.max(header.packetEnd, header.headerEnd));
    const inner = this.nestedTransport(header, six ? 'ipv6' : 'ipv4', packetEnd);
    this.fill(packetEnd);
    if (prefix !== '') this.quoteLayers(depth, prefix);
    return `${six ? 'IPv6' : 'IPv4'} ${source} → ${destination} ${inner}`.trimEnd();
  }

  private innerIpv4(start: number, end: number): InnerHeader | null {
    const ipv4 = new Ipv4View();
    if (ipv4.at(this.window.view, start, end) !== 0) return null;
    const { protocol, headerEnd } = ipv4;
    const fragment = ipv4.moreFragments || ipv4.fragmentOffset !== 0;
    return { protocol, fragment, headerEnd, packetEnd: start + ipv4.totalLength };
  }

  private innerIpv6(start: number, end: number): InnerHeader | null {
    const ipv6 = new Ipv6View(this.knowledge.limits.bounds.nesting);
    if (ipv6.at(this.window.view, start, end) !== 0) return null;
    const { protocol, fragment, headerEnd } = ipv6;
    return { protocol, fragment, headerEnd, packetEnd: start + 40 + ipv6.payloadLength };
  }

  /** What there is of a header that is cut or unsound; answers what to say of it. */
  private brokenHeader(six: boolean, start: number, end: number, prefix: string): string {
    const format = six ? ipv6Header : ipv4Header;
    const tree = treeOf(format as typeof ipv4Header, this.window, start, Math.min(end, start + (six ? 40 : 20)));
    const layer = layerOf(format, six ? 'ipv6' : 'ipv4', start, tree);
    this.layers.push({ ...layer, name: `${prefix}${format.name}`, fault: null });
    return `${six ? 'IPv6' : 'IPv4'}, header not whole`;
  }

  /** What an inner IP packet carries; answers what to say of it. What the packet itself is stays as it was. */
  private nestedTransport(header: InnerHeader, word: 'ipv4' | 'ipv6', end: number): string {
    const { protocol, fragment, headerEnd, packetEnd } = header;
    const { protocol: outer, icmp, malformed, isData } = this;
    this.nested += 1;
    this.summary = '';
    if (fragment) this.about(word, `fragment of ${ipProtocolNames[protocol] ?? `protocol ${protocol}`}`);
    else if (this.takesApart(this.nested - 1)) this.transport(protocol, headerEnd, end, packetEnd - headerEnd);
    this.protocol = outer;
    this.icmp = icmp;
    this.malformed = malformed;
    this.isData = isData;
    this.nested -= 1;
    return this.summary;
  }

  /** The layers from a place on are of a quotation, which ends where the sender of the error liked. */
  private quoteLayers(from: number, prefix: string): void {
    const quoted = this.layers.splice(from);
    this.layers.push(...quoted.map((layer) => ({ ...layer, name: `${prefix}${layer.name}`, fault: null })));
  }

  private icmpLayer(version: 4 | 6, start: number, end: number): void {
    const { window } = this;
    const type = end - start >= 2 ? window.view.getUint8(start) : 0;
    const code = end - start >= 2 ? window.view.getUint8(start + 1) : 0;
    const format = icmpHeader(version, type, code) as unknown as Layout<object>;
    const tree = treeOf(format, window, start, Math.min(end, start + 8));
    this.push(format, 'icmp', start, tree);
    const name = version === 4 ? 'ICMP' : 'ICMPv6';
    const typeName = String(tree.fields[0]?.meaning ?? `type ${type}`);
    this.about('icmp', `${name} ${typeName}${code === 0 ? '' : ` code ${code}`}`);
    this.covering = isIcmpError(version, type) && this.leadsToGre(version === 6, start + 8, end);
    if (this.nested > 0) return;
    const quote = decodeIcmpError(window, start, end, version, new AddressBook());
    if (quote === null) return;
    this.icmp = quote;
    const quoted = this.nestedIp(start + 8, end, 'quoted ');
    const mtu = quote.mtu === null ? '' : `, MTU ${quote.mtu}`;
    this.about('icmp', `${name} ${quote.name}${mtu}, quotes ${quoted}`);
  }

  /** What the link carries behind the IP packet, and what no layer took. */
  private trailer(cursor: LinkCursor, size: number): void {
    const { window } = this;
    const from = this.covered();
    if (from >= size) return;
    const word = this.layers[0]?.protocol ?? 'data';
    if (this.source === null || this.layers.length === 0) {
      this.fill(size);
      return;
    }
    const fields: TreeField[] = [];
    const check = Math.max(from, Math.min(cursor.end, size));
    if (from < check) {
      // IP's own part that no layer described, else what fills the link's frame up.
      const zero = window.bytes.subarray(from, check).every((octet) => octet === 0);
      fields.push(zero ? padding(window, from, check) : this.unknown(undecoded(window, from, check, 'trailer')));
    }
    if (check < size) {
      const name = cursor.frameCheckDropped && size - check <= 4 ? 'frameCheckSequence' : 'trailer';
      fields.push(name === 'trailer' ? undecoded(window, check, size, name) : octetsLeaf(window, check, size, name));
    }
    this.plain('Link trailer', word, null, fields);
  }

  private leadsToGre(six: boolean, start: number, end: number): boolean {
    const at = start + (six ? 6 : 9);
    return at < end && mayCarryGre(this.window.view.getUint8(at));
  }
}

/** GRE itself, or what in IPv6 may stand in front of it. RFC 8200 §4.1 */
function mayCarryGre(protocol: number): boolean {
  return protocol === ipProtocol.gre || isExtensionHeader(protocol);
}
