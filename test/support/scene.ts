/**
 * A PPTP session on a network that does things to it, seen from a chosen place: what the ends say depends on what they
 * hear, and what the capture holds on where it was taken. From the RFCs' words, with no code of the program.
 */
import { otherSide } from '../../src/sessions/ends.ts';
import { pcapFile } from './captures.ts';
import {
  address,
  callClearRequest,
  callDisconnectNotify,
  enhancedGre,
  ethernet,
  icmpUnreachable,
  ipv4,
  octets,
  outgoingCallReply,
  outgoingCallRequest,
  pppControl,
  startControlConnection,
  tcpFlags,
  u16,
  u32,
} from './packets.ts';
import { type Fate, type SessionFrame, type SessionOptions, SessionWriter } from './session.ts';

export type Side = 'client' | 'server';
export type Vantage = 'client' | 'server' | 'between';

export interface SceneOptions extends SessionOptions {
  /** Where the capture was taken. */
  vantage?: Vantage;
  /** Routers between the ends; a capture between them is on the first one. */
  hops?: number;
  /** The end on whose link a capture between the ends was taken, with no router between the two. */
  beside?: Side;
  /** Initial times to live. */
  initial?: { client: number; server: number };
  troubles?: readonly Trouble[];
  /** Seconds after which TCP sends again what is not acknowledged. */
  retransmitsAfter?: number;
}

/** What the network does to one of the packets that may meet it: the first is number 0. */
export interface Trouble {
  packet: number;
  what: 'lost near the sender' | 'lost near the receiver' | 'doubled' | 'overtakes';
}

const letters = (text: string): number[] => Array.from(text, (letter) => letter.charCodeAt(0));

export const lcpProtocol = 0xc021;
export const ccpProtocol = 0x80fd;
export const ipcpProtocol = 0x8021;
export const ipv6cpProtocol = 0x8057;
export const chapProtocol = 0xc223;
export const msChapV2 = [3, 5, 0xc2, 0x23, 0x81];
export const mppe = (bits: number): Uint8Array => octets([18, 6], u32(bits));
export const ipAddress = (dotted: string): Uint8Array => octets([3, 6], address(dotted));

/** Windows' Terminate data: magic number, signature, reason. */
export const windowsReason = (reason: number): Uint8Array => octets(u32(0x11111111), u32(0x003ccd74), u32(reason));

/** User data in clear, of that many octets of IP. */
export function userData(from: Side, size: number): Uint8Array {
  const [source, destination] = from === 'client' ? ['10.0.0.50', '10.0.0.1'] : ['10.0.0.1', '10.0.0.50'];
  const inner = ipv4({ source, destination, protocol: 17 }, new Uint8Array(Math.max(0, size - 20)));
  return octets([0xff, 3], u16(0x0021), inner);
}

interface PppPacket {
  protocol: number;
  octets: Uint8Array;
}

/** What is sent again until it is answered, and what answers: Configure, Terminate, PAP, CHAP and EAP packets. */
function kindOf(protocol: number, code: number): 'request' | 'answer' | 'other' {
  if (protocol === chapProtocol) return code <= 2 ? 'request' : 'answer';
  if (protocol === 0xc023 || protocol === 0xc227) return code === 1 ? 'request' : 'answer';
  if (code === 1 || code === 5) return 'request';
  return (code >= 2 && code <= 4) || code === 6 ? 'answer' : 'other';
}

export class Scene {
  readonly writer: SessionWriter;
  readonly vantage: Vantage;
  /** Whether GRE from that side arrives at the other. */
  readonly arrives: Record<Side, boolean> = { client: true, server: true };
  /** Call IDs that GRE to each side carries. */
  readonly callIds: Record<Side, number>;
  private readonly hops: number;
  private readonly beside: Side | null;
  private readonly initial: { client: number; server: number };
  private readonly sequence: Record<Side, number> = { client: 0, server: 0 };
  private readonly received: Record<Side, number | null> = { client: null, server: null };
  private readonly identifiers: Record<Side, number> = { client: 0, server: 0 };
  private readonly troubles: readonly Trouble[];
  /** Packets so far that may meet trouble: the ends send again what is lost of them. */
  exposed = 0;
  private lostData = 0;
  /** What each side sent last and waits for an answer to. */
  private readonly asked: Record<Side, PppPacket | null> = { client: null, server: null };

  constructor(options: SceneOptions = {}) {
    this.writer = new SessionWriter(options);
    this.vantage = options.vantage ?? 'client';
    this.hops = options.hops ?? 4;
    this.beside = options.beside ?? null;
    this.initial = options.initial ?? { client: 128, server: 64 };
    this.troubles = options.troubles ?? [];
    this.writer.retransmitsAfter = options.retransmitsAfter ?? 1;
    this.writer.fate = (from) => this.fate(from);
    this.callIds = { client: this.writer.clientCallId, server: this.writer.serverCallId };
  }

  wait(seconds: number): this {
    this.writer.wait(seconds);
    return this;
  }

  handshake(): this {
    this.writer.handshake();
    return this;
  }

  control(result = 1): this {
    this.writer.message('client', startControlConnection(1, 'client-host', 'client-vendor'));
    this.writer.message('server', startControlConnection(2, 'server-host', 'server-vendor', result));
    return this;
  }

  call(result = 1, windows = { client: 64, server: 64 }): this {
    const { clientCallId, serverCallId } = this.writer;
    this.writer.message('client', outgoingCallRequest(clientCallId, windows.client));
    this.writer.message('server', outgoingCallReply(serverCallId, clientCallId, result, windows.server));
    return this;
  }

  /** The control connection and the call, both in order. */
  dial(): this {
    return this.handshake().control().call();
  }

  /** The fate of the next packet that may meet trouble, as the place of capture sees it. */
  private fate(from: Side): Fate {
    const trouble = this.troubles.find(({ packet }) => packet === this.exposed)?.what;
    this.exposed += 1;
    if (trouble === undefined) return 'arrives';
    if (trouble === 'doubled' || trouble === 'overtakes') return trouble;
    const passes = this.vantage === from || (this.vantage === 'between' && trouble === 'lost near the receiver');
    return passes ? 'lost behind' : 'lost before';
  }

  /** One GRE packet with PPP, sent only once; `lost` whatever the rest of the path does, before or behind the capture. */
  gre(from: Side, ppp: Uint8Array, lost: boolean | 'behind' = false): this {
    const arrives = this.arrives[from] && lost === false;
    return this.carried(from, ppp, arrives, this.vantage === from || arrives || lost === 'behind');
  }

  private carried(from: Side, ppp: Uint8Array, arrives: boolean, seen: boolean): this {
    const to = otherSide(from);
    const sequence = this.sequence[from];
    this.sequence[from] += 1;
    const acknowledgment = this.received[from];
    if (seen) {
      const fields = { callId: this.callIds[to], sequence };
      const gre = enhancedGre(acknowledgment === null ? fields : { ...fields, acknowledgment }, ppp);
      this.writer.ip(from, 47, gre);
    } else this.writer.wait(0.001);
    if (arrives) this.received[to] = sequence;
    return this;
  }

  /** From now on that side counts its GRE packets from 0 again. */
  countAnew(from: Side): this {
    this.sequence[from] = 0;
    return this;
  }

  /** An acknowledgment alone. */
  acknowledge(from: Side): this {
    const acknowledgment = this.received[from];
    const visible = this.vantage === from || this.arrives[from];
    if (acknowledgment !== null && visible) {
      this.writer.ip(from, 47, enhancedGre({ callId: this.callIds[otherSide(from)], acknowledgment }));
    }
    return this;
  }

  /**
   * A PPP control packet. A request that is lost is sent again after 3 s; where an answer is lost, what it answers is sent
   * again and answered again. RFC 1661 §4.6, RFC 1994 §4.1
   */
  ppp(from: Side, protocol: number, code: number, identifier: number, body: Uint8Array = new Uint8Array(0)): this {
    const octetsOfIt = pppControl(protocol, code, identifier, body);
    const kind = kindOf(protocol, code);
    const question = this.asked[otherSide(from)];
    const exposed =
      this.arrives[from] && (kind === 'request' || (kind === 'answer' && question?.protocol === protocol));
    const fate = exposed ? this.fate(from) : 'arrives';
    if (fate === 'lost behind' || fate === 'lost before') {
      this.carried(from, octetsOfIt, false, fate === 'lost behind').wait(3);
      if (kind === 'answer' && question !== null) this.gre(otherSide(from), question.octets);
    }
    this.gre(from, octetsOfIt);
    this.meet(fate);
    if (kind === 'request') this.asked[from] = { protocol, octets: octetsOfIt };
    return this;
  }

  private meet(fate: Fate): void {
    if (fate === 'doubled') this.writer.double();
    if (fate === 'overtakes') this.writer.overtake();
  }

  lcpOptions(side: Side, authentication: readonly number[] | null = msChapV2): Uint8Array {
    const magic = octets([5, 6], u32(side === 'client' ? 0x11111111 : 0x22222222));
    return side === 'client' || authentication === null ? magic : octets(authentication, magic);
  }

  /** Configure-Requests of both ends again and again; who hears the other acknowledges. */
  lcpInVain(tries: number, interval: number): this {
    for (let index = 0; index < tries; index += 1) {
      for (const side of ['client', 'server'] as const) {
        this.ppp(side, lcpProtocol, 1, 1, this.lcpOptions(side));
        if (this.arrives[side]) this.ppp(otherSide(side), lcpProtocol, 2, 1, this.lcpOptions(side));
      }
      this.wait(interval);
    }
    return this;
  }

  lcp(authentication: readonly number[] | null = msChapV2): this {
    for (const side of ['client', 'server'] as const) {
      this.ppp(side, lcpProtocol, 1, 1, this.lcpOptions(side, authentication));
      this.ppp(otherSide(side), lcpProtocol, 2, 1, this.lcpOptions(side, authentication));
    }
    return this;
  }

  challenge(): this {
    return this.ppp(
      'server',
      chapProtocol,
      1,
      7,
      octets(
        16,
        Array.from({ length: 16 }, (_, at) => 100 + at * 7),
        letters('srv'),
      ),
    );
  }

  response(user = 'alice'): this {
    const value = octets(
      Array.from({ length: 16 }, (_, at) => at * 13 + 1),
      Array.from({ length: 8 }, () => 0),
      Array.from({ length: 24 }, (_, at) => 200 - at * 3),
      0,
    );
    return this.ppp('client', chapProtocol, 2, 7, octets(49, value, letters(user)));
  }

  success(): this {
    return this.ppp('server', chapProtocol, 3, 7, octets(letters(`S=${'0123456789'.repeat(4)} M=welcome`)));
  }

  failure(text: string): this {
    return this.ppp('server', chapProtocol, 4, 7, octets(letters(text)));
  }

  authenticate(): this {
    return this.challenge().response().success();
  }

  /** One end asks, the other acknowledges. */
  agree(protocol: number, asker: Side, options: Uint8Array): this {
    const identifier = this.next(asker);
    this.ppp(asker, protocol, 1, identifier, options);
    return this.ppp(otherSide(asker), protocol, 2, identifier, options);
  }

  /** One end asks, the other answers with that code (3 Nak, 4 Reject) and these options. */
  refuse(protocol: number, asker: Side, options: Uint8Array, code: 3 | 4, answer: Uint8Array = options): this {
    const identifier = this.next(asker);
    this.ppp(asker, protocol, 1, identifier, options);
    return this.ppp(otherSide(asker), protocol, code, identifier, answer);
  }

  ccp(bits = 0x0100_0040): this {
    return this.agree(ccpProtocol, 'client', mppe(bits)).agree(ccpProtocol, 'server', mppe(bits));
  }

  ipcp(): this {
    this.agree(ipcpProtocol, 'server', ipAddress('10.0.0.1'));
    this.refuse(ipcpProtocol, 'client', ipAddress('0.0.0.0'), 3, ipAddress('10.0.0.50'));
    return this.agree(ipcpProtocol, 'client', ipAddress('10.0.0.50'));
  }

  /** The link with everything, up to the address. */
  up(encryption = 0): this {
    this.dial().lcp().authenticate();
    if (encryption !== 0) this.ccp(encryption);
    return this.ipcp();
  }

  /** User data in clear, of that many octets of IP. Trouble loses one packet at most: more would be another story. */
  data(from: Side, size = 60, lost = false): this {
    const fate = this.arrives[from] && !lost ? this.fate(from) : 'arrives';
    const loses = (fate === 'lost behind' || fate === 'lost before') && this.lostData === 0;
    if (loses) this.lostData += 1;
    const packet = userData(from, size);
    if (loses) return this.carried(from, packet, false, fate === 'lost behind');
    this.gre(from, packet, lost);
    this.meet(fate);
    return this;
  }

  /** User data in MPPE with that coherency count. */
  encrypted(from: Side, count: number, size = 60): this {
    return this.gre(
      from,
      octets([0xff, 3], u16(0x00fd), u16(0x9000 | (count & 0xfff)), new Uint8Array(size).fill(0x5a)),
    );
  }

  /** Questions and answers. */
  talk(rounds: number, interval = 0.05): this {
    for (let index = 0; index < rounds; index += 1) this.data('client').data('server').wait(interval);
    return this;
  }

  /** IPV6CP opens, each end with an interface identifier of its own. RFC 5072 §4.1 */
  ipv6(): this {
    for (const [index, side] of (['client', 'server'] as const).entries()) {
      this.agree(ipv6cpProtocol, side, octets([1, 10], new Uint8Array(7), [index + 1]));
    }
    return this;
  }

  terminate(by: Side, data: Uint8Array | string = ''): this {
    const body = typeof data === 'string' ? octets(letters(data)) : data;
    this.ppp(by, lcpProtocol, 5, 9, body);
    return this.ppp(otherSide(by), lcpProtocol, 6, 9);
  }

  /** The client hangs up as pptp-linux does. */
  hangUp(): this {
    const { clientCallId, serverCallId } = this.writer;
    this.writer.message('client', callClearRequest(clientCallId));
    this.writer.message('server', callDisconnectNotify(serverCallId));
    return this.close('client');
  }

  close(by: Side): this {
    this.writer.segment(by, tcpFlags.fin | tcpFlags.ack);
    this.writer.segment(otherSide(by), tcpFlags.fin | tcpFlags.ack);
    this.writer.segment(by, tcpFlags.ack);
    return this;
  }

  reset(by: Side): this {
    this.writer.segment(by, tcpFlags.rst);
    return this;
  }

  /** An ICMP error of type 3 from a box, about the last packet of that side. */
  icmp(code: number, from: string, about: Side, mtu = 0): this {
    const quoted = this.frames.findLast(({ octets: frame }) => this.senderOf(frame) === about)?.octets.slice(14);
    if (quoted === undefined) throw new Error('nothing to quote');
    const error = icmpUnreachable(code, quoted);
    error.set(u16(mtu), 6);
    return this.stranger(from, about, 1, error);
  }

  /** A packet of some other address to one of the ends. */
  stranger(from: string, to: Side, protocol: number, payload: Uint8Array): this {
    const destination = to === 'client' ? this.writer.client : this.writer.server;
    this.writer.ip('server', protocol, payload);
    const last = this.writer.frames.at(-1);
    if (last !== undefined) last.octets = ethernet(ipv4({ source: from, destination, protocol }, payload));
    return this;
  }

  get frames(): SessionFrame[] {
    return this.writer.frames;
  }

  /** The capture file. */
  file(): Uint8Array {
    return pcapFile(this.records());
  }

  /** The frames with the times to live that the place of capture sees. */
  records(): SessionFrame[] {
    const away = { client: { client: 0, server: this.hops }, server: { client: this.hops, server: 0 } };
    // Without routers it is a bridge.
    const between = { client: Math.min(1, this.hops), server: Math.max(Math.min(1, this.hops), this.hops - 1) };
    const near = this.vantage === 'between' ? this.beside : this.vantage;
    const passed = near === null ? between : away[near];
    return this.frames.map((frame) => {
      const sender = this.senderOf(frame.octets);
      const written = frame.octets.slice();
      if (sender !== null) written[22] = this.initial[sender] - passed[sender];
      return { seconds: frame.seconds, fraction: frame.fraction, octets: written };
    });
  }

  private senderOf(frame: Uint8Array): Side | null {
    const source = frame.slice(26, 30).join('.');
    if (source === this.writer.client) return 'client';
    return source === this.writer.server ? 'server' : null;
  }

  private next(side: Side): number {
    this.identifiers[side] += 1;
    return this.identifiers[side];
  }
}
