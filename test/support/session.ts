/** A whole PPTP session as frames, from the RFCs' words: for tests that vary what a network does to it. */
import { otherSide } from '../../src/sessions/ends.ts';
import {
  callClearRequest,
  callDisconnectNotify,
  enhancedGre,
  ethernet,
  ipv4,
  octets,
  outgoingCallReply,
  outgoingCallRequest,
  pppControl,
  startControlConnection,
  tcp,
  tcpFlags,
  u16,
  u32,
} from './packets.ts';

export interface SessionFrame {
  seconds: number;
  /** Microseconds. */
  fraction: number;
  octets: Uint8Array;
}

export interface SessionOptions {
  client?: string;
  server?: string;
  clientPort?: number;
  serverPort?: number;
  clientCallId?: number;
  serverCallId?: number;
  clientSequence?: number;
  serverSequence?: number;
  /** Start of the capture, in seconds since the epoch. */
  start?: number;
  dataPackets?: number;
}

type Side = 'client' | 'server';

/** What becomes of a packet: it arrives; it is lost behind or before the place of capture; it comes twice; it passes the one before. */
export type Fate = 'arrives' | 'lost behind' | 'lost before' | 'doubled' | 'overtakes';

interface Segment {
  flags: number;
  payload: Uint8Array;
  sequence: number;
}

/** Makes frames one after the other, a millisecond apart. */
export class SessionWriter {
  readonly frames: SessionFrame[] = [];
  readonly client: string;
  readonly server: string;
  readonly clientPort: number;
  readonly serverPort: number;
  readonly clientCallId: number;
  readonly serverCallId: number;
  private microseconds: number;
  private identification = 1;
  private readonly sequence: Record<Side, number>;
  private readonly greSequence: Record<Side, number> = { client: 0, server: 0 };
  private readonly received: Record<Side, number | undefined> = { client: undefined, server: undefined };
  /** The fate of the next segment of a side that counts (payload, SYN, FIN). */
  fate: (from: Side) => Fate = () => 'arrives';
  /** Seconds after which TCP sends again what is not acknowledged. */
  retransmitsAfter = 1;
  /** The newest segment of each side that the other has not acknowledged. */
  private readonly outstanding: Record<Side, Segment | null> = { client: null, server: null };

  constructor(options: SessionOptions = {}) {
    this.client = options.client ?? '192.0.2.10';
    this.server = options.server ?? '198.51.100.1';
    this.clientPort = options.clientPort ?? 50_000;
    this.serverPort = options.serverPort ?? 1723;
    this.clientCallId = options.clientCallId ?? 0;
    this.serverCallId = options.serverCallId ?? 77;
    this.sequence = { client: options.clientSequence ?? 1000, server: options.serverSequence ?? 900_000 };
    this.microseconds = (options.start ?? 1_700_000_000) * 1e6;
  }

  wait(seconds: number): this {
    this.microseconds += seconds * 1e6;
    return this;
  }

  /** An IP packet of that side. */
  ip(from: Side, protocol: number, payload: Uint8Array): this {
    const source = from === 'client' ? this.client : this.server;
    const destination = from === 'client' ? this.server : this.client;
    const packet = ipv4({ source, destination, protocol, identification: this.identification }, payload);
    this.identification = (this.identification + 1) & 0xffff;
    this.frames.push({ ...this.clock(), octets: ethernet(packet) });
    return this;
  }

  /** The time of a frame; the next one's is a millisecond later. */
  private clock(): { seconds: number; fraction: number } {
    const at = { seconds: Math.floor(this.microseconds / 1e6), fraction: this.microseconds % 1e6 };
    this.microseconds += 1000;
    return at;
  }

  /** A segment; one that is lost is sent again, and so is what it would have acknowledged. */
  segment(from: Side, flags: number, payload: Uint8Array = new Uint8Array(0), sequence?: number): this {
    const to = otherSide(from);
    const segment = { flags, payload, sequence: sequence ?? this.sequence[from] };
    const counted = payload.length + ((flags & (tcpFlags.syn | tcpFlags.fin)) !== 0 ? 1 : 0);
    const fate = counted > 0 && sequence === undefined ? this.fate(from) : 'arrives';
    if (fate === 'lost behind' || fate === 'lost before') {
      if (fate === 'lost behind') this.send(from, segment);
      this.wait(this.retransmitsAfter);
      const other = this.outstanding[to];
      if (other !== null) this.send(to, other);
    }
    this.send(from, segment);
    if (fate === 'doubled') this.double();
    else if (fate === 'overtakes') this.overtake();
    if ((flags & tcpFlags.ack) !== 0) this.outstanding[to] = null;
    if (sequence !== undefined) return this;
    this.sequence[from] = (this.sequence[from] + counted) >>> 0;
    if (counted > 0) this.outstanding[from] = segment;
    return this;
  }

  private send(from: Side, { flags, payload, sequence }: Segment): void {
    const to = otherSide(from);
    const header = {
      sourcePort: from === 'client' ? this.clientPort : this.serverPort,
      destinationPort: from === 'client' ? this.serverPort : this.clientPort,
      sequence: sequence >>> 0,
      acknowledgment: (flags & tcpFlags.ack) === 0 ? 0 : this.sequence[to] >>> 0,
      flags,
    };
    this.ip(from, 6, tcp(header, payload));
  }

  /** The last packet comes again. */
  double(): void {
    const last = this.frames.at(-1);
    if (last === undefined) return;
    this.frames.push({ ...this.clock(), octets: last.octets });
  }

  /** The last packet passes the one before, where that is of the same sender and protocol. */
  overtake(): void {
    const [before, last] = this.frames.slice(-2);
    if (before === undefined || last === undefined) return;
    const flow = (frame: Uint8Array): string => `${frame.slice(26, 34).join('.')} ${frame[23]}`;
    if (flow(before.octets) !== flow(last.octets)) return;
    [before.octets, last.octets] = [last.octets, before.octets];
  }

  handshake(): this {
    this.segment('client', tcpFlags.syn);
    this.segment('server', tcpFlags.syn | tcpFlags.ack);
    return this.segment('client', tcpFlags.ack);
  }

  message(from: Side, message: Uint8Array): this {
    return this.segment(from, tcpFlags.ack | tcpFlags.psh, message);
  }

  /** A GRE packet with a PPP frame. */
  gre(from: Side, ppp: Uint8Array): this {
    const to = otherSide(from);
    const sequence = this.greSequence[from];
    const acknowledgment = this.received[from];
    this.greSequence[from] = sequence + 1;
    this.received[to] = sequence;
    const callId = from === 'client' ? this.serverCallId : this.clientCallId;
    const fields = acknowledgment === undefined ? { callId, sequence } : { callId, sequence, acknowledgment };
    return this.ip(from, 47, enhancedGre(fields, ppp));
  }

  control(): this {
    this.message('client', startControlConnection(1, 'client-host', 'client-vendor'));
    return this.message('server', startControlConnection(2, 'server-host', 'server-vendor'));
  }

  call(): this {
    this.message('client', outgoingCallRequest(this.clientCallId));
    return this.message('server', outgoingCallReply(this.serverCallId, this.clientCallId));
  }

  /** LCP with MS-CHAPv2 demanded by the server, both ways acknowledged. */
  lcp(): this {
    const client = octets([1, 4], u16(1400), [5, 6], u32(0x11111111));
    const server = octets([1, 4], u16(1400), [3, 5, 0xc2, 0x23, 0x81], [5, 6], u32(0x22222222));
    this.gre('client', pppControl(0xc021, 1, 1, client));
    this.gre('server', pppControl(0xc021, 1, 1, server));
    this.gre('client', pppControl(0xc021, 2, 1, server));
    return this.gre('server', pppControl(0xc021, 2, 1, client));
  }

  chap(user = 'alice'): this {
    const name = Array.from(user, (letter) => letter.charCodeAt(0));
    const response = octets(
      Array.from({ length: 16 }, (_, index) => index + 1),
      Array.from({ length: 8 }, () => 0),
      Array.from({ length: 24 }, (_, index) => 200 - index),
      0,
    );
    const success = Array.from(`S=${'0123456789'.repeat(4)} M=welcome`, (letter) => letter.charCodeAt(0));
    const challenge = Array.from({ length: 16 }, (_, index) => 100 + index);
    this.gre('server', pppControl(0xc223, 1, 7, octets(16, challenge, [0x73, 0x72, 0x76])));
    this.gre('client', pppControl(0xc223, 2, 7, octets(49, response, name)));
    return this.gre('server', pppControl(0xc223, 3, 7, octets(success)));
  }

  ipcp(): this {
    this.gre('client', pppControl(0x8021, 1, 1, octets([3, 6, 0, 0, 0, 0])));
    this.gre('server', pppControl(0x8021, 1, 1, octets([3, 6, 10, 0, 0, 1])));
    this.gre('client', pppControl(0x8021, 2, 1, octets([3, 6, 10, 0, 0, 1])));
    this.gre('server', pppControl(0x8021, 3, 1, octets([3, 6, 10, 0, 0, 50])));
    this.gre('client', pppControl(0x8021, 1, 2, octets([3, 6, 10, 0, 0, 50])));
    return this.gre('server', pppControl(0x8021, 2, 2, octets([3, 6, 10, 0, 0, 50])));
  }

  data(packets: number): this {
    const inner = (source: string, destination: string): Uint8Array =>
      octets([0xff, 0x03], u16(0x0021), ipv4({ source, destination, protocol: 17 }, octets(1, 2, 3, 4, 5, 6, 7, 8)));
    for (let index = 0; index < packets; index += 1) {
      this.gre('client', inner('10.0.0.50', '10.0.0.1'));
      this.gre('server', inner('10.0.0.1', '10.0.0.50'));
    }
    return this;
  }

  end(): this {
    this.message('client', callClearRequest(this.clientCallId));
    this.message('server', callDisconnectNotify(this.serverCallId));
    this.segment('client', tcpFlags.fin | tcpFlags.ack);
    this.segment('server', tcpFlags.fin | tcpFlags.ack);
    return this.segment('client', tcpFlags.ack);
  }
}

/** Dial, authenticate, get an address, exchange data, hang up. */
export function wholeSession(options: SessionOptions = {}): SessionFrame[] {
  return new SessionWriter(options)
    .handshake()
    .control()
    .call()
    .lcp()
    .chap()
    .ipcp()
    .data(options.dataPackets ?? 3)
    .end().frames;
}
