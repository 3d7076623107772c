/**
 * The chain: which number of which layer leads where. Takes frames, drops exact duplicates, puts
 * fragments together, and hands on what tunnels are made of. All chaining between protocols is here.
 */
import type { Frame } from '../capture/frame.ts';
import { GreView, kindOf } from '../gre/view.ts';
import { decodeIcmpError, type IcmpErrorQuote } from '../ip/icmp.ts';
import type { AddressBook } from '../octets/address.ts';
import { Limits } from '../octets/limits.ts';
import { PppView } from '../ppp/view.ts';
import { controlMessageType, magicCookie } from '../pptp/names.ts';
import { TcpView, tcpFlags } from '../tcp/header.ts';
import { Defragmenter } from './defragment.ts';
import { DuplicateFilter } from './duplicates.ts';
import { FoundConnections } from './found-connections.ts';
import { Packet } from './packet.ts';
import { Walk } from './walk.ts';

/** IP protocol numbers that lead somewhere. */
export const ipProtocol = {
  icmp: 1,
  tcp: 6,
  udp: 17,
  gre: 47,
  esp: 50,
  ah: 51,
  icmpv6: 58,
} as const;

/** What a TCP segment is to us. */
const tcpKind = {
  nothing: 0,
  /** Of a control port. */
  control: 1,
  /** The first Start-Control-Connection-Request of a connection where none was expected. */
  controlElsewhere: 2,
  /** Of a connection that opened with one, or of an end that answers them. */
  found: 3,
  /** The SYN of another connection. */
  opening: 4,
  sstp: 5,
  openVpn: 6,
} as const;

/** What a TCP port is to us, as bits. */
const portKind = { control: 1, found: 2 } as const;

/** Takes what the dissector finds. The packet and the views are valid only during the call. */
export interface PacketSink {
  /** TCP of a control port, of a connection that opened with a Start-Control-Connection-Request, or of an end that answers them. */
  tcp(packet: Packet, tcp: TcpView): void;
  /** Any other SYN: remembered for connections that turn out to be PPTP. */
  otherSyn(packet: Packet, tcp: TcpView): void;
  /** Enhanced GRE. `ppp` is null where there is no PPP header to read. */
  gre(packet: Packet, gre: GreView, ppp: PppView | null): void;
  /** GRE that is not PPTP: version 0, EoIP, or a header that cannot be read. */
  otherGre(packet: Packet): void;
  icmpError(packet: Packet, quote: IcmpErrorQuote): void;
  /** A TCP segment that opens another VPN. */
  otherVpnHandshake(packet: Packet, protocol: 'sstp' | 'openvpn'): void;
  /** UDP, ESP and AH: where other VPN protocols show. Ports are 0 where there are none. */
  other(packet: Packet, sourcePort: number, destinationPort: number, payloadStart: number): void;
}

export class Dissector {
  /** Bits of `portKind` by TCP port. */
  private readonly ports = new Uint8Array(0x1_0000);
  private readonly found: FoundConnections;
  readonly defragmenter: Defragmenter;
  duplicateFrames = 0;
  private readonly sink: PacketSink;
  private readonly addresses: AddressBook;
  private readonly walk: Walk;
  private readonly duplicates = new DuplicateFilter();
  private readonly packet = new Packet();
  private readonly tcpView = new TcpView();
  /** Of the packet at hand, where it is TCP. */
  private tcpKind: number = tcpKind.nothing;
  private readonly greView = new GreView();
  private readonly pppView = new PppView();

  constructor(sink: PacketSink, addresses: AddressBook, controlPorts: readonly number[], limits = new Limits()) {
    this.sink = sink;
    this.addresses = addresses;
    this.walk = new Walk(addresses, limits);
    this.defragmenter = new Defragmenter(limits);
    this.found = new FoundConnections(limits);
    for (const port of controlPorts) this.ports[port] = portKind.control;
  }

  frame(frame: Frame): void {
    const walk = this.walk;
    if (!walk.walk(frame)) return;
    if (this.duplicates.isDuplicate(walk, frame)) {
      this.duplicateFrames += 1;
      return;
    }
    // Most of what a capture holds: it is passed over before anything is filled in for it.
    if (walk.protocol === ipProtocol.tcp && !walk.fragment) {
      this.tcpKind = this.kindOfTcp(frame.window.view, walk.payloadStart, walk.payloadEnd);
      if (this.tcpKind === tcpKind.nothing) return;
    }
    const packet = this.packet;
    packet.version = walk.version;
    packet.protocol = walk.protocol;
    packet.timeToLive = walk.timeToLive;
    packet.timed = frame.timed;
    packet.fragmented = walk.fragment;
    if (walk.fragment) {
      const whole = this.defragmenter;
      if (!whole.push(walk, frame)) return;
      packet.frame = whole.frame;
      packet.seconds = whole.seconds;
      packet.nanoseconds = whole.nanoseconds;
      packet.window = whole.window;
      packet.start = whole.start;
      packet.end = whole.end;
      packet.wireLength = whole.wireLength;
      packet.protocol = whole.protocol;
      packet.cut = whole.cut;
      if (packet.protocol === ipProtocol.tcp) {
        this.tcpKind = this.kindOfTcp(packet.window.view, packet.start, packet.end);
      }
    } else {
      packet.frame = frame.number;
      packet.seconds = frame.seconds;
      packet.nanoseconds = frame.nanoseconds;
      packet.window = frame.window;
      packet.start = walk.payloadStart;
      packet.end = walk.payloadEnd;
      packet.wireLength = walk.payloadWireLength;
      packet.cut = walk.cut;
    }
    switch (packet.protocol) {
      case ipProtocol.gre:
        this.complete();
        this.gre();
        break;
      case ipProtocol.tcp:
        this.tcp();
        break;
      case ipProtocol.icmp:
      case ipProtocol.icmpv6:
        this.icmp();
        break;
      case ipProtocol.udp:
        if (packet.end - packet.start >= 8) {
          const view = packet.window.view;
          this.complete();
          this.sink.other(packet, view.getUint16(packet.start), view.getUint16(packet.start + 2), packet.start + 8);
        }
        break;
      case ipProtocol.esp:
      case ipProtocol.ah:
        this.complete();
        this.sink.other(packet, 0, 0, packet.start);
        break;
      default:
    }
  }

  /** What only packets that are handed on need: those of IPv6 cost a look-up for their addresses. */
  private complete(): void {
    const packet = this.packet;
    packet.source = this.walk.source();
    packet.destination = this.walk.destination();
    packet.at = packet.seconds + packet.nanoseconds / 1e9;
    packet.headerChecksum = this.walk.headerChecksum();
  }

  private tcp(): void {
    const { packet, tcpView: tcp } = this;
    if (this.tcpKind === tcpKind.nothing) return;
    if (tcp.at(packet.window.view, packet.start, packet.end, packet.start + packet.wireLength) !== 0) return;
    this.complete();
    switch (this.tcpKind) {
      case tcpKind.opening:
        this.sink.otherSyn(packet, tcp);
        break;
      case tcpKind.sstp:
        this.sink.otherVpnHandshake(packet, 'sstp');
        break;
      case tcpKind.openVpn:
        this.sink.otherVpnHandshake(packet, 'openvpn');
        break;
      case tcpKind.controlElsewhere:
        if (!this.found.request(packet.source, tcp.sourcePort, packet.destination, tcp.destinationPort)) break;
        this.ports[tcp.destinationPort] = portKind.found;
        this.sink.tcp(packet, tcp);
        break;
      case tcpKind.found:
        if (
          startsControlConnection(
            packet.window.view,
            tcp.headerEnd,
            packet.end,
            controlMessageType.startControlConnectionReply,
          )
        ) {
          this.found.reply(packet.source, tcp.sourcePort);
        }
        this.sink.tcp(packet, tcp);
        break;
      default:
        this.sink.tcp(packet, tcp);
    }
  }

  /** What a segment is to us: a value of `tcpKind`. Its header need not be sound. */
  private kindOfTcp(view: DataView, start: number, end: number): number {
    if (end - start < 20) return tcpKind.nothing;
    const ports = view.getUint32(start);
    const known = (this.ports[ports >>> 16] ?? 0) | (this.ports[ports & 0xffff] ?? 0);
    if ((known & portKind.control) !== 0) return tcpKind.control;
    if (known !== 0 && this.found.has(this.walk.source(), ports >>> 16, this.walk.destination(), ports & 0xffff)) {
      return tcpKind.found;
    }
    if ((view.getUint8(start + 13) & tcpFlags.syn) !== 0) return tcpKind.opening;
    const payload = start + (view.getUint8(start + 12) >>> 4) * 4;
    if (end - payload < 16) return tcpKind.nothing;
    const head = view.getUint32(payload);
    if (head === sstpMethod) return tcpKind.sstp;
    if (head >>> 16 === end - payload - 2 && opensOpenVpn(head)) return tcpKind.openVpn;
    return startsControlConnection(view, payload, end, controlMessageType.startControlConnectionRequest)
      ? tcpKind.controlElsewhere
      : tcpKind.nothing;
  }

  private gre(): void {
    const packet = this.packet;
    const view = packet.window.view;
    const gre = this.greView;
    const fault = gre.at(view, packet.start, packet.end);
    if (fault !== 0 || kindOf(gre) !== 'enhanced') {
      this.sink.otherGre(packet);
      return;
    }
    const ppp = this.pppView;
    const readable = gre.payloadEnd > gre.payloadStart && ppp.at(view, gre.payloadStart, gre.payloadEnd) === 0;
    this.sink.gre(packet, gre, readable ? ppp : null);
  }

  private icmp(): void {
    const packet = this.packet;
    const version = packet.version === 6 ? 6 : 4;
    const quote = decodeIcmpError(packet.window, packet.start, packet.end, version, this.addresses);
    if (quote === null) return;
    if (quote.quoted.protocol !== ipProtocol.tcp && quote.quoted.protocol !== ipProtocol.gre) return;
    this.complete();
    this.sink.icmpError(packet, quote);
  }
}

/** `SSTP`, of the method SSTP_DUPLEX_POST. [MS-SSTP] §3.2.4.1. Seen where something in front of the server ended TLS. */
const sstpMethod = 0x5353_5450;

/**
 * OpenVPN over TCP: two octets of length, then the opcode in the upper five bits: P_CONTROL_HARD_RESET_CLIENT_V2 (7), _SERVER_V2
 * (8) and _CLIENT_V3 (10), with key 0.
 */
function opensOpenVpn(head: number): boolean {
  const opcode = (head >>> 8) & 0xff;
  return opcode === 0x38 || opcode === 0x40 || opcode === 0x50;
}

/**
 * Whether a segment's payload begins with a Start-Control-Connection-Request or -Reply: length 156, PPTP message type 1, the magic
 * cookie, the control message type. RFC 2637 §2.1, §2.2
 */
function startsControlConnection(view: DataView, start: number, end: number, type: number): boolean {
  return (
    end - start >= 16 &&
    view.getUint32(start + 4) === magicCookie &&
    view.getUint16(start) === 156 &&
    view.getUint16(start + 2) === 1 &&
    view.getUint16(start + 8) === type
  );
}
