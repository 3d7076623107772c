/**
 * Sorts what the dissector finds into tunnels: TCP segments to their control connections, GRE to the
 * correlation, ICMP errors to what they quote, other VPN protocols aside. Tunnels that are done are handed on.
 */
import { ipProtocol, type PacketSink } from '../dissect/dissector.ts';
import type { Packet } from '../dissect/packet.ts';
import { GreView, greFault, kindOf } from '../gre/view.ts';
import { type IcmpErrorQuote, isRejection } from '../ip/icmp.ts';
import type { Instant } from '../octets/instant.ts';
import { secondsBetween, stampedInstant } from '../octets/instant.ts';
import type { Limits } from '../octets/limits.ts';
import { connectionKey } from '../octets/number-key.ts';
import type { PppView } from '../ppp/view.ts';
import { type TcpView, tcpFlags } from '../tcp/header.ts';
import type { CallState } from './call-state.ts';
import { ControlConnection } from './control-connection.ts';
import { Correlation } from './correlation.ts';
import { Dormitory } from './dormitory.ts';
import type { End } from './ends.ts';
import { GreIntake } from './gre-intake.ts';
import { NameLookups } from './name-lookups.ts';
import { OtherVpns } from './other-vpn.ts';
import { askedOutside } from './outside-questions.ts';
import { inferRoles } from './roles.ts';
import { Signalling } from './signalling.ts';
import type { TunnelEnds, TunnelState } from './tunnel-state.ts';
import { graceSeconds, instantOf, Tunnels } from './tunnels.ts';
import type { Watch } from './watch.ts';

/** DNS. RFC 1035 §4.2.1 */
const domainPort = 53;

const { syn, rst, ack } = tcpFlags;

interface SynMark {
  readonly frame: number;
  readonly instant: Instant;
  readonly sequence: number;
}

/** Whose packet an ICMP error quotes. */
interface QuotedPacket {
  readonly tunnel: TunnelState;
  readonly sender: End;
  readonly quotes: 'tcp' | 'gre';
  readonly call: CallState | null;
}

export class Sessions implements PacketSink {
  readonly otherVpns: OtherVpns;
  readonly nameLookups: NameLookups;
  private readonly limits: Limits;
  private readonly settled: (tunnel: TunnelState) => void;
  private readonly tunnels: Tunnels;
  private readonly correlation: Correlation;
  private readonly intake: GreIntake;
  private readonly signalling: Signalling;
  private readonly dormitory = new Dormitory();
  /** Of packets that ICMP errors quote. */
  private readonly quotedGre = new GreView();
  /** Those whose control connection is followed. */
  private readonly connected = new Map<string, TunnelState>();
  private readonly syns = new Map<string, SynMark & { answer: SynMark | null }>();
  private synsForgotten = false;
  /** Tunnels whose control connection is over, in order of time. */
  private readonly ended: { tunnel: TunnelState; instant: Instant }[] = [];
  /** Entries of `ended` before this one are done with. */
  private endedFrom = 0;
  private over = false;
  private watch: Watch | null = null;

  /** `settled` takes each tunnel when nothing more is expected of it; it is forgotten here. */
  constructor(settled: (tunnel: TunnelState) => void, limits: Limits) {
    this.settled = settled;
    this.limits = limits;
    this.otherVpns = new OtherVpns(limits);
    this.nameLookups = new NameLookups(limits);
    this.tunnels = new Tunnels(limits, this.dormitory);
    this.correlation = new Correlation(this.tunnels, limits);
    this.intake = new GreIntake(this.tunnels, limits, this.correlation);
    this.signalling = new Signalling(this.tunnels, this.correlation);
    this.dormitory.signalling = this.signalling;
  }

  /** Of so many tunnels none is packed when nobody looks at it. */
  keepAwake(tunnels: number): void {
    this.dormitory.most = tunnels;
  }

  /** From now on `watch` is told of every change, and tunnels that are forgotten make room for others. */
  follow(watch: Watch): void {
    this.tell(watch);
    // It looks at all of them, every second.
    this.dormitory.most = Number.POSITIVE_INFINITY;
  }

  /** Nobody is to be told any more. */
  unfollow(): void {
    this.tell(null);
  }

  private tell(watch: Watch | null): void {
    this.watch = watch;
    this.correlation.watch = watch;
    this.intake.follow(watch);
  }

  /** It is `now` in the capture's time, whether a packet came or not. */
  tick(now: Instant): void {
    this.correlation.settleOlder(now);
    if (this.watch === null) return;
    this.retire(now);
    for (const tunnel of this.watch.tick(now)) this.forget(tunnel);
    for (const call of this.watch.callsDone(now, this.limits.bounds['ended-calls'])) this.forgetCall(call, this.watch);
  }

  /** A call that is over makes room for others of its tunnel. */
  private forgetCall(call: CallState, watch: Watch): void {
    this.limits.reached('ended-calls');
    this.correlation.forgetCall(call);
    this.correlation.letGo(call);
    this.tunnels.forgetCall(call);
    watch.callForgotten(call);
  }

  /** GRE packets that are of no tunnel because an address in their headers was damaged; null where there are none. */
  get damagedHeaders(): { packets: number; firstFrame: number } | null {
    const { packets, firstFrame } = this.correlation.damaged;
    return packets === 0 ? null : { packets, firstFrame };
  }

  tcp(packet: Packet, tcp: TcpView): void {
    const key = connectionKey(packet.source, tcp.sourcePort, packet.destination, tcp.destinationPort);
    this.dormitory.rest();
    let connection = this.connected.get(key)?.control ?? null;
    const opening = (tcp.flags & (syn | ack)) === syn;
    if (connection !== null && opening && !connection.opensWith(tcp.sequenceNumber)) {
      connection.finish(packet.frame);
      this.closed(connection.tunnel, instantOf(packet));
      connection = null;
    }
    connection ??= this.newConnection(key, packet, tcp);
    if (connection === null) return;
    const tunnel = connection.tunnel;
    const end = tunnel.endOf(packet.source, tcp.sourcePort);
    tunnel.touch(packet.frame, stampedInstant(packet));
    tunnel.noteTimeToLive(end, packet.timeToLive);
    tunnel.noteChecksum(end, packet.headerChecksum);
    tunnel.heard(end, packet);
    const open = connection.closedBy === null;
    connection.segment(end, packet, tcp);
    if (open && connection.closedBy !== null) this.closed(tunnel, instantOf(packet));
    this.watch?.tunnelChanged(tunnel, packet.frame, stampedInstant(packet));
  }

  otherSyn(packet: Packet, tcp: TcpView): void {
    const key = connectionKey(packet.source, tcp.sourcePort, packet.destination, tcp.destinationPort);
    const mark = { frame: packet.frame, instant: instantOf(packet), sequence: tcp.sequenceNumber };
    if ((tcp.flags & ack) !== 0) {
      const asked = this.syns.get(key);
      if (asked !== undefined) asked.answer ??= mark;
      return;
    }
    this.syns.delete(key);
    const { frame, instant, sequence } = mark;
    // Not spread: engines then give each a layout of its own, four times its size.
    this.syns.set(key, { frame, instant, sequence, answer: null });
    if (this.syns.size <= this.limits.bounds.syns) return;
    const oldest = this.syns.keys().next().value;
    if (oldest !== undefined) this.syns.delete(oldest);
    this.synsForgotten = true;
  }

  private newConnection(key: string, packet: Packet, tcp: TcpView): ControlConnection | null {
    if ((tcp.flags & rst) !== 0) return null;
    const opensHere =
      (tcp.flags & syn) !== 0
        ? (tcp.flags & ack) === 0
        : // Mid-stream: the control port is the side that was called.
          tcp.destinationPort <= tcp.sourcePort || this.syns.has(key);
    const sender = { address: packet.source, port: tcp.sourcePort };
    const receiver = { address: packet.destination, port: tcp.destinationPort };
    const instant = stampedInstant(packet);
    if (instant !== null) this.retire(instant);
    const ends = opensHere ? ([sender, receiver] as const) : ([receiver, sender] as const);
    const known = (tcp.flags & syn) === 0 ? this.greAlone(ends) : null;
    const remembered = this.syns.get(key);
    const first = instant === null ? null : (remembered?.instant ?? instant);
    const tunnel = known ?? this.tunnels.open(ends, remembered?.frame ?? packet.frame, first, false);
    if (tunnel === null) return null;
    tunnel.clientEnd = tunnel.endOf(ends[0].address, null);
    tunnel.roles = 'likely';
    const connection = new ControlConnection(tunnel, this.signalling, packet.timed);
    tunnel.control = connection;
    this.connected.set(key, tunnel);
    if (remembered === undefined && (tcp.flags & syn) === 0 && this.synsForgotten) this.limits.reached('syns');
    if (remembered !== undefined) {
      this.syns.delete(key);
      connection.found = true;
      connection.handshake.openingSyn(remembered.frame, remembered.instant, remembered.sequence);
      const answer = remembered.answer;
      if (answer !== null) connection.handshake.answeringSyn(answer.frame, answer.instant, answer.sequence);
      connection.anomaly(
        packet.frame,
        'unusual-port',
        `the control connection uses TCP port ${tunnel.port(1)}, not 1723`,
      );
    }
    return connection;
  }

  /** The running tunnel whose GRE was seen before anything of its control connection, which lies before the capture. */
  private greAlone(ends: TunnelEnds): TunnelState | null {
    const [opener, called] = ends;
    if (opener.address === called.address) return null;
    const found = this.tunnels.alone(opener.address, called.address);
    if (found === null) return null;
    this.tunnels.noLongerAlone(found);
    found.usesPort(found.endOf(opener.address, null), opener.port);
    found.usesPort(found.endOf(called.address, null), called.port);
    return found;
  }

  gre(packet: Packet, gre: GreView, ppp: PppView | null): void {
    this.intake.take(packet, gre, ppp);
  }

  otherGre(packet: Packet): void {
    this.otherVpns.add('gre', packet);
    const tunnel = this.tunnels.near(packet.source, packet.destination, packet.frame).at(-1);
    tunnel?.foreignGre(tunnel.endOf(packet.source, null), packet.frame);
  }

  otherVpnHandshake(packet: Packet, protocol: 'sstp' | 'openvpn'): void {
    this.otherVpns.add(protocol, packet);
  }

  other(packet: Packet, sourcePort: number, destinationPort: number, payloadStart: number): void {
    if (packet.protocol === ipProtocol.esp) this.otherVpns.add('esp', packet);
    else if (packet.protocol === ipProtocol.ah) this.otherVpns.add('ah', packet);
    else if (sourcePort === domainPort || destinationPort === domainPort) this.names(packet, payloadStart);
    else this.otherVpns.datagram(packet, sourcePort, destinationPort, payloadStart);
  }

  private names(packet: Packet, payloadStart: number): void {
    if (!this.nameLookups.datagram(packet, payloadStart)) return;
    this.dormitory.rest();
    const call = this.tunnels.openedBy(packet.source)?.calls.at(-1);
    if (call !== undefined) askedOutside(call, packet);
  }

  icmpError(packet: Packet, quote: IcmpErrorQuote): void {
    const { quoted } = quote;
    const octets = quoted.payloadEnd - quoted.payloadStart;
    // A later fragment starts with no header.
    if (quoted.fragmentOffset > 0 || octets < 8) return;
    if (quoted.protocol === ipProtocol.tcp) this.icmpAboutTcp(packet, quote);
    else if (quoted.protocol === ipProtocol.gre) this.icmpAboutGre(packet, quote);
  }

  private icmpAboutTcp(packet: Packet, quote: IcmpErrorQuote): void {
    const { quoted } = quote;
    const { view } = packet.window;
    const sourcePort = view.getUint16(quoted.payloadStart);
    const destinationPort = view.getUint16(quoted.payloadStart + 2);
    const sequence = view.getUint32(quoted.payloadStart + 4);
    const key = connectionKey(quoted.source, sourcePort, quoted.destination, destinationPort);
    const connection = this.connected.get(key)?.control ?? null;
    if (connection === null) return;
    const { tunnel } = connection;
    const sender = tunnel.endOf(quoted.source, sourcePort);
    const aboutSyn =
      sender === 0 && !connection.handshake.connected && connection.handshake.initialSequence[0] === sequence;
    if (aboutSyn && isRejection(quoted.version, quote.type, quote.code)) connection.handshake.unreachable = true;
    this.icmp(packet, quote, { tunnel, sender, quotes: 'tcp', call: null });
  }

  private icmpAboutGre(packet: Packet, quote: IcmpErrorQuote): void {
    const { quoted } = quote;
    const { quotedGre } = this;
    // Cut off behind the Call ID it is truncated, as most quotations are.
    const fault = quotedGre.at(packet.window.view, quoted.payloadStart, quoted.payloadEnd);
    if (kindOf(quotedGre) !== 'enhanced' || (fault !== greFault.none && fault !== greFault.truncated)) return;
    const flow = this.correlation.find(quoted.source, quoted.destination, quotedGre.callId);
    if (flow?.call) {
      const { call, end } = flow;
      this.icmp(packet, quote, { tunnel: call.tunnel, sender: end, quotes: 'gre', call });
      return;
    }
    const tunnel = this.tunnels.near(quoted.source, quoted.destination, packet.frame).at(-1);
    if (tunnel === undefined) return;
    this.icmp(packet, quote, { tunnel, sender: tunnel.endOf(quoted.source, null), quotes: 'gre', call: null });
  }

  private icmp(packet: Packet, { type, code, name, mtu }: IcmpErrorQuote, about: QuotedPacket): void {
    const { tunnel, sender, quotes, call } = about;
    const { frame, source: from, timeToLive } = packet;
    const instant = stampedInstant(packet);
    tunnel.touch(frame, instant);
    if (this.limits.full('icmp-errors', tunnel.icmpErrors.length)) return;
    tunnel.icmpError({ frame, instant, from, type, code, name, quotes, sender, timeToLive, mtu, call });
    this.watch?.tunnelChanged(tunnel, frame, instant);
  }

  private closed(tunnel: TunnelState, instant: Instant): void {
    this.ended.push({ tunnel, instant });
  }

  /** Hands on the tunnels that ended a while ago, and forgets them. */
  private retire(now: Instant): void {
    for (;;) {
      const entry = this.ended[this.endedFrom];
      if (entry === undefined || secondsBetween(entry.instant, now) < graceSeconds) break;
      this.endedFrom += 1;
      const last = latestGre(entry.tunnel);
      if (last !== null && secondsBetween(last, now) < graceSeconds) this.closed(entry.tunnel, last);
      else this.forget(entry.tunnel);
    }
    if (this.endedFrom < 1024 || this.endedFrom * 2 < this.ended.length) return;
    this.ended.splice(0, this.endedFrom);
    this.endedFrom = 0;
  }

  private forget(tunnel: TunnelState): void {
    if (tunnel.forgotten) return;
    this.correlation.settleInto(tunnel);
    this.tunnels.forget(tunnel);
    const port = tunnel.port(0);
    const otherPort = tunnel.port(1);
    if (port !== null && otherPort !== null) {
      const key = connectionKey(tunnel.address(0), port, tunnel.address(1), otherPort);
      if (this.connected.get(key) === tunnel) this.connected.delete(key);
    }
    tunnel.control?.finish(tunnel.lastFrame);
    inferRoles(tunnel);
    this.correlation.forget(tunnel);
    this.settled(tunnel);
    // In the end pages go as a whole.
    if (!this.over) for (const call of tunnel.calls) this.correlation.letGo(call);
    if (this.watch !== null) {
      this.watch.ended(tunnel);
      this.tunnels.release(tunnel);
    }
    this.dormitory.leave(tunnel);
  }

  /** The capture is over: every tunnel is handed on. */
  finish(frame: number): void {
    this.over = true;
    for (const tunnel of this.connected.values()) {
      if (!tunnel.waits) continue;
      this.dormitory.rest();
      tunnel.control?.finish(frame);
    }
    this.correlation.settleAll();
    // Each is let go when its report is made.
    const all = this.tunnels.all().reverse();
    for (let tunnel = all.pop(); tunnel !== undefined; tunnel = all.pop()) {
      this.dormitory.rest();
      this.forget(tunnel);
    }
  }
}

function latestGre(tunnel: TunnelState): Instant | null {
  let latest: Instant | null = null;
  for (const call of tunnel.calls) {
    for (const flow of call.flows) {
      if (flow === null || flow.packets === 0) continue;
      const { last } = flow;
      if (latest === null || secondsBetween(latest, last) > 0) latest = last;
    }
  }
  return latest;
}
