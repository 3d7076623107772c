/**
 * Whole tunnels as a capture shows them: TCP handshake, control connection, call, GRE, LCP, authentication, CCP, IPCP,
 * data, and the end; every value drawn from the layouts, every number that ties packets together right.
 */
import { icmpHeader } from '../ip/layouts.ts';
import { mppePacket } from '../mppe/header.ts';
import { octetsOfCharacters } from '../octets/characters.ts';
import { joined } from '../octets/joined.ts';
import { ccpOptions, mppeBits } from '../ppp/ccp.ts';
import { chapResult, chapValue } from '../ppp/chap.ts';
import { ipcpOptions } from '../ppp/ipcp.ts';
import { lcpOptions, withMagicNumber } from '../ppp/lcp.ts';
import { authenticateReply, authenticateRequest } from '../ppp/pap.ts';
import { pppProtocol } from '../ppp/protocols.ts';
import { controlMessageType, controlPort, replyResult } from '../pptp/names.ts';
import { encode, type Layout } from '../wire/layout.ts';
import { encodeOptions, makeOption } from '../wire/options.ts';
import type { CapturedPacket } from './capture-file.ts';
import { between, type Choices, characters, lengthUpTo, octetString, once, pick } from './choices.ts';
import { controlMessage, legalMessage } from './control-message.ts';
import { damaged } from './damage.ts';
import { encoded, type Temperament } from './encoded.ts';
import {
  type Address,
  framed,
  grePacket,
  ipPacket,
  ipProtocol,
  type Link,
  links,
  type Segment,
  tcpSegment,
  udpDatagram,
} from './network.ts';
import { anyControlPacket, anyPppFrame, controlPacket, optionList, pppFrame } from './ppp-packet.ts';

/** A tunnel's packets in the order of a capture. */
export function tunnel(choices: Choices, temperament: Temperament): CapturedPacket[] {
  const story = new Story(choices, temperament);
  story.tell();
  return story.packets;
}

/** Several tunnels at once, their packets in turn. */
export function tunnels(choices: Choices, temperament: Temperament, most = 4): CapturedPacket[] {
  const all = Array.from({ length: 1 + choices.below(most) }, () => tunnel(choices, temperament));
  const packets: CapturedPacket[] = [];
  while (all.length > 0) {
    const at = choices.below(all.length);
    const next = all[at]?.shift();
    if (next === undefined) all.splice(at, 1);
    else packets.push(next);
  }
  return packets;
}

type Side = 'client' | 'server';

const other = (side: Side): Side => (side === 'client' ? 'server' : 'client');

class Story {
  readonly packets: CapturedPacket[] = [];
  private readonly choices: Choices;
  private readonly temperament: Temperament;
  private readonly link: Link;
  private readonly addresses: Record<Side, Address>;
  private readonly ports: Record<Side, number>;
  private readonly sequence: Record<Side, number>;
  private readonly callIds: Record<Side, number>;
  private readonly greSequence: Record<Side, number> = { client: 0, server: 0 };
  private readonly greReceived: Record<Side, number | null> = { client: null, server: null };
  private readonly identifiers: Record<Side, number> = { client: 1, server: 1 };
  private readonly form: { readonly addressAndControl: boolean; readonly protocolCompressed: boolean };
  private nanoseconds: number;
  private seconds: number;
  private identification: number;

  constructor(choices: Choices, temperament: Temperament) {
    this.choices = choices;
    this.temperament = temperament;
    this.link = pick(choices, links);
    const isIpv6 = once(choices, 8);
    const address = (): Address => (isIpv6 ? octetString(choices, 16) : between(choices, 0x0a00_0001, 0xdfff_fffe));
    this.addresses = { client: address(), server: address() };
    this.ports = { client: between(choices, 1024, 65_535), server: controlPort };
    this.sequence = { client: choices.below(2 ** 32), server: choices.below(2 ** 32) };
    this.callIds = { client: choices.below(0x1_0000), server: choices.below(0x1_0000) };
    this.form = { addressAndControl: !once(choices, 3), protocolCompressed: once(choices, 3) };
    this.seconds = between(choices, 1_000_000_000, 2_000_000_000);
    this.nanoseconds = choices.below(1e9);
    this.identification = choices.below(0x1_0000);
  }

  tell(): void {
    const { choices } = this;
    if (once(choices, 8)) this.askForName();
    if (!this.handshake()) return;
    this.message('client', this.control('startControlConnectionRequest', {}));
    const resultCode = this.usually(1, between(choices, 1, 5));
    this.message('server', this.control('startControlConnectionReply', { resultCode }));
    if (resultCode !== replyResult.success) {
      this.close();
      return;
    }
    if (once(choices, 8)) this.echo();
    for (let calls = once(choices, 6) ? 2 : 1; calls > 0; calls -= 1) this.call();
    if (once(choices, 3))
      this.message(pick(choices, ['client', 'server'] as const), this.control('stopControlConnectionRequest', {}));
    this.close();
  }

  private call(): void {
    const { choices, callIds } = this;
    callIds.client = choices.below(0x1_0000);
    callIds.server = choices.below(0x1_0000);
    if (once(choices, 6)) {
      this.message('server', this.control('incomingCallRequest', { callId: callIds.server }));
      this.message(
        'client',
        this.control('incomingCallReply', { callId: callIds.client, peerCallId: callIds.server, resultCode: 1 }),
      );
      this.message('server', this.control('incomingCallConnected', { peerCallId: callIds.client }));
    } else {
      const resultCode = this.usually(1, between(choices, 1, 7));
      this.message('client', this.control('outgoingCallRequest', { callId: callIds.client }));
      this.message(
        'server',
        this.control('outgoingCallReply', { callId: callIds.server, peerCallId: callIds.client, resultCode }),
      );
      if (resultCode !== replyResult.success) return;
    }
    for (const side of ['client', 'server'] as const) {
      this.greSequence[side] = choices.below(2);
      this.greReceived[side] = null;
    }
    this.negotiate(pppProtocol.lcp, (side) => this.lcpOptions(side));
    if (once(choices, 2)) this.message('client', this.control('setLinkInfo', { peerCallId: callIds.server }));
    this.authenticate();
    if (!once(choices, 3)) this.negotiate(pppProtocol.ccp, () => this.ccpOptions());
    if (!once(choices, 6)) this.negotiate(pppProtocol.ipcp, () => this.ipcpOptions());
    this.data();
    if (once(choices, 2)) this.lcpEcho();
    if (this.temperament !== 'valid' && once(choices, 4)) this.strange();
    if (once(choices, 2)) {
      this.ppp('client', pppProtocol.lcp, controlPacket(5, this.nextIdentifier('client'), octetString(choices, 4)));
      this.ppp('server', pppProtocol.lcp, controlPacket(6, this.identifiers.client, new Uint8Array(0)));
    }
    if (once(choices, 3)) this.message('server', this.control('wanErrorNotify', { peerCallId: callIds.client }));
    this.message('client', this.control('callClearRequest', { callId: callIds.client }));
    this.message('server', this.control('callDisconnectNotify', { callId: callIds.server }));
  }

  /** False where the connection does not come to be. */
  private handshake(): boolean {
    this.segment('client', { synchronize: 1 });
    if (once(this.choices, 12)) {
      if (once(this.choices, 2)) this.segment('server', { reset: 1, acknowledgment: 1 });
      else this.unreachable();
      return false;
    }
    this.segment('server', { synchronize: 1, acknowledgment: 1 });
    this.segment('client', { acknowledgment: 1 });
    return true;
  }

  private close(): void {
    if (once(this.choices, 4)) {
      this.segment(pick(this.choices, ['client', 'server'] as const), { reset: 1, acknowledgment: 1 });
      return;
    }
    this.segment('client', { finish: 1, acknowledgment: 1 });
    this.segment('server', { finish: 1, acknowledgment: 1 });
    this.segment('client', { acknowledgment: 1 });
  }

  /** Both sides ask for their options and get them, perhaps after a Nak or Reject. RFC 1661 §4 */
  private negotiate(protocol: number, optionsOf: (side: Side) => Uint8Array): void {
    const { choices } = this;
    for (const side of ['client', 'server'] as const) {
      for (let rounds = once(choices, 3) ? 2 : 1; rounds > 0; rounds -= 1) {
        const identifier = this.nextIdentifier(side);
        const asked = optionsOf(side);
        this.ppp(side, protocol, controlPacket(1, identifier, asked));
        if (rounds > 1) this.ppp(other(side), protocol, controlPacket(between(choices, 3, 4), identifier, asked));
        else this.ppp(other(side), protocol, controlPacket(2, identifier, asked));
      }
    }
  }

  private lcpOptions(side: Side): Uint8Array {
    const { choices } = this;
    if (once(choices, 3)) return optionList(choices, lcpOptions, this.temperament);
    const options = [
      makeOption(lcpOptions, 'maximumReceiveUnit', { mru: between(choices, 128, 1500) }),
      makeOption(lcpOptions, 'magicNumber', { magicNumber: choices.below(2 ** 32) }),
    ];
    if (side === 'server') {
      const [protocol, algorithm] = pick(choices, authentications);
      options.push(makeOption(lcpOptions, 'authenticationProtocol', { protocol, algorithm }));
    }
    return encodeOptions({ options, fault: null, undecoded: new Uint8Array(0) });
  }

  private ccpOptions(): Uint8Array {
    const { choices } = this;
    if (once(choices, 4)) return optionList(choices, ccpOptions, this.temperament);
    const supportedBits =
      pick(choices, [mppeBits.encryption128, mppeBits.encryption40, mppeBits.encryption56, mppeBits.mppc, 0]) +
      pick(choices, [mppeBits.stateless, 0]);
    const options = [makeOption(ccpOptions, 'mppe', { supportedBits })];
    return encodeOptions({ options, fault: null, undecoded: new Uint8Array(0) });
  }

  private ipcpOptions(): Uint8Array {
    const { choices } = this;
    if (once(choices, 4)) return optionList(choices, ipcpOptions, this.temperament);
    const options = [makeOption(ipcpOptions, 'ipAddress', { address: choices.below(2 ** 32) })];
    return encodeOptions({ options, fault: null, undecoded: new Uint8Array(0) });
  }

  private authenticate(): void {
    const { choices } = this;
    const name = characters(choices, between(choices, 1, 20));
    switch (choices.below(5)) {
      case 0: {
        const identifier = this.nextIdentifier('server');
        const challenge = encode(chapValue, { value: octetString(choices, 16), name: 'server' });
        const response = encode(chapValue, { value: octetString(choices, pick(choices, [49, 16])), name });
        this.ppp('server', pppProtocol.chap, controlPacket(1, identifier, challenge));
        this.ppp('client', pppProtocol.chap, controlPacket(2, identifier, response));
        const message = pick(choices, ['S=0123456789ABCDEF0123456789ABCDEF01234567 M=Welcome', 'E=691 R=1 V=3', name]);
        const code = between(choices, 3, 4);
        this.ppp('server', pppProtocol.chap, controlPacket(code, identifier, encode(chapResult, { message })));
        break;
      }
      case 1: {
        const identifier = this.nextIdentifier('client');
        const request = encode(authenticateRequest, { peerId: name, password: characters(choices, 8) });
        const reply = encode(authenticateReply, { message: pick(choices, ['', 'Login ok', 'Login incorrect']) });
        this.ppp('client', pppProtocol.pap, controlPacket(1, identifier, request));
        this.ppp('server', pppProtocol.pap, controlPacket(between(choices, 2, 3), identifier, reply));
        break;
      }
      case 2:
        for (let left = 2 + choices.below(5); left > 0; left -= 1) {
          const side = left % 2 === 0 ? 'server' : 'client';
          this.ppp(side, pppProtocol.eap, anyControlPacket(choices, this.temperament, pppProtocol.eap).octets);
        }
        break;
      case 3:
        for (let left = 1 + choices.below(4); left > 0; left -= 1) {
          const side = left % 2 === 0 ? 'server' : 'client';
          this.ppp(side, pppProtocol.chap, anyControlPacket(choices, this.temperament, pppProtocol.chap).octets);
        }
        break;
      default:
    }
  }

  private data(): void {
    const { choices } = this;
    const encrypted = !once(choices, 3);
    const count: Record<Side, number> = { client: 0, server: 0 };
    for (let left = choices.below(12); left > 0; left -= 1) {
      const side = pick(choices, ['client', 'server'] as const);
      const inner = this.innerPacket();
      if (encrypted) {
        const coherencyCount = count[side] & 0xfff;
        const flushed = choices.below(2);
        const packet = encode(mppePacket, { flushed, encrypted: 1, coherencyCount, encryptedData: inner });
        this.ppp(side, pppProtocol.compressed, packet);
      } else this.ppp(side, pppProtocol.ipv4, inner);
      count[side] += 1;
      if (once(choices, 4)) this.acknowledge(other(side));
      // A packet that never came.
      if (once(choices, 12)) this.greSequence[side] += 1;
    }
  }

  private innerPacket(): Uint8Array {
    const { choices } = this;
    const ports = { sourcePort: choices.below(0x1_0000), destinationPort: choices.below(0x1_0000) };
    const [source, destination] = [choices.below(2 ** 32), choices.below(2 ** 32)];
    const datagram = udpDatagram(source, destination, ports, octetString(choices, lengthUpTo(choices, 120)));
    return ipPacket(source, destination, ipProtocol.udp, datagram);
  }

  private lcpEcho(): void {
    const { choices } = this;
    const identifier = this.nextIdentifier('client');
    const body = encode(withMagicNumber, { magicNumber: choices.below(2 ** 32) });
    this.ppp('client', pppProtocol.lcp, controlPacket(9, identifier, body));
    if (!once(choices, 4)) this.ppp('server', pppProtocol.lcp, controlPacket(10, identifier, body));
  }

  /** Packets that this moment does not expect. */
  private strange(): void {
    const { choices } = this;
    for (let left = 1 + choices.below(4); left > 0; left -= 1) {
      const side = pick(choices, ['client', 'server'] as const);
      if (once(choices, 3)) this.message(side, controlMessage(choices, this.temperament));
      else this.gre(side, anyPppFrame(choices, this.temperament));
    }
  }

  private echo(): void {
    const identifier = this.choices.below(2 ** 32);
    this.message('client', this.control('echoRequest', { identifier }));
    this.message('server', this.control('echoReply', { identifier, resultCode: 1 }));
  }

  /** The look-up of the server's name, with an answer that may be an error. RFC 1035 §4.1 */
  private askForName(): void {
    const { choices } = this;
    const question = joined([
      ...['vpn', 'example', 'net'].map((label) => joined([Uint8Array.of(label.length), octetsOfCharacters(label)])),
      Uint8Array.of(0, 0, 1, 0, 1),
    ]);
    const dns = (flags: number): Uint8Array =>
      joined([Uint8Array.of(7, 7, flags >> 8, flags & 0xff, 0, 1, 0, 0, 0, 0, 0, 0), question]);
    const { client, server } = this.addresses;
    const port = between(choices, 1024, 65_535);
    const asked = udpDatagram(client, server, { sourcePort: port, destinationPort: 53 }, dns(0x0100));
    this.ip('client', ipProtocol.udp, asked);
    const flags = 0x8180 + pick(choices, [0, 2, 3, 5]);
    const answer = udpDatagram(server, client, { sourcePort: 53, destinationPort: port }, dns(flags));
    this.ip('server', ipProtocol.udp, answer);
  }

  /** Destination Unreachable that quotes the latest packet. RFC 792 */
  private unreachable(): void {
    const latest = this.packets.at(-1);
    if (latest === undefined || typeof this.addresses.client !== 'number') return;
    const before = latest.octets.length - 40;
    const quoted = latest.octets.subarray(before, before + 28);
    const code = pick(this.choices, [1, 2, 3, 10, 13]);
    const format: Layout<object> = icmpHeader(4, 3, code);
    const header = encode(format, { type: 3, code });
    this.ip('server', ipProtocol.icmp, joined([header, quoted]));
  }

  private control(name: keyof typeof controlMessageType, given: Readonly<Record<string, unknown>>): Uint8Array {
    const { choices, temperament } = this;
    const type = controlMessageType[name];
    if (temperament !== 'valid' && once(choices, 8)) return controlMessage(choices, temperament, type);
    return legalMessage(choices, type, given);
  }

  /** A message in a segment of its own. */
  private message(from: Side, message: Uint8Array): void {
    this.segment(from, { push: 1, acknowledgment: 1 }, message);
    if (once(this.choices, 3)) this.segment(other(from), { acknowledgment: 1 });
  }

  private segment(from: Side, flags: Partial<Segment>, payload: Uint8Array = new Uint8Array(0)): void {
    const to = other(from);
    const { addresses, ports, sequence } = this;
    const header = {
      sourcePort: ports[from],
      destinationPort: ports[to],
      sequenceNumber: sequence[from],
      acknowledgmentNumber: flags.acknowledgment === 1 ? sequence[to] : 0,
      ...flags,
    };
    this.ip(from, ipProtocol.tcp, tcpSegment(addresses[from], addresses[to], header, payload));
    const counted = payload.length + (flags.synchronize ?? 0) + (flags.finish ?? 0);
    sequence[from] = (sequence[from] + counted) >>> 0;
  }

  private ppp(from: Side, protocol: number, packet: Uint8Array): void {
    // LCP is sent with the full header always. RFC 1661 §6.5, §6.6
    const form = protocol === pppProtocol.lcp ? { addressAndControl: true, protocolCompressed: false } : this.form;
    this.gre(from, pppFrame(protocol, packet, form));
  }

  private gre(from: Side, payload: Uint8Array): void {
    const { choices, temperament } = this;
    const to = other(from);
    const sequence = this.greSequence[from];
    this.greSequence[from] = (sequence + 1) >>> 0;
    const acknowledgment = once(choices, 2) ? this.greReceived[from] : null;
    this.greReceived[to] = sequence;
    const packet = grePacket(this.callIds[to], sequence, acknowledgment, payload);
    const broken = temperament !== 'valid' && once(choices, 12);
    this.ip(from, ipProtocol.gre, broken ? damaged(choices, packet) : packet);
  }

  /** An acknowledgment alone. RFC 2637 §4.2 */
  private acknowledge(from: Side): void {
    const received = this.greReceived[from];
    if (received === null) return;
    this.ip(from, ipProtocol.gre, grePacket(this.callIds[other(from)], null, received, new Uint8Array(0)));
  }

  private ip(from: Side, protocol: number, payload: Uint8Array): void {
    const { choices, addresses } = this;
    this.identification = (this.identification + 1) & 0xffff;
    const packet = ipPacket(addresses[from], addresses[other(from)], protocol, payload, {
      identification: this.identification,
      timeToLive: from === 'client' ? 128 : 64,
    });
    const { linkType, octets } = framed(this.link, packet);
    this.nanoseconds += choices.below(once(choices, 20) ? 5e9 : 5e6);
    while (this.nanoseconds >= 1e9) {
      this.nanoseconds -= 1e9;
      this.seconds += 1;
    }
    const instant = { seconds: this.seconds, nanoseconds: this.nanoseconds };
    this.packets.push({ instant, linkType, octets, wireLength: octets.length });
    if (this.temperament === 'wild' && once(choices, 20)) this.packets.push(this.noise());
  }

  /** A packet that has nothing to do with the tunnel, or says that it has. */
  private noise(): CapturedPacket {
    const { choices, addresses } = this;
    const protocol = pick(choices, [47, 6, 1, 17, 50, 58, choices.below(256)]);
    const payload = pick(choices, [
      () => octetString(choices, choices.below(100)),
      () => grePacket(this.callIds.server, choices.below(2 ** 32), null, anyPppFrame(choices, 'wild')),
      () => encoded(choices, icmpHeader(4, 3, 4), 'wild'),
    ])();
    const { linkType, octets } = framed(this.link, ipPacket(addresses.client, addresses.server, protocol, payload));
    const instant = { seconds: this.seconds, nanoseconds: this.nanoseconds };
    return { instant, linkType, octets, wireLength: octets.length };
  }

  private nextIdentifier(side: Side): number {
    this.identifiers[side] = (this.identifiers[side] + 1) & 0xff;
    return this.identifiers[side];
  }

  private usually(value: number, otherwise: number): number {
    return once(this.choices, 8) ? otherwise : value;
  }
}

/** What LCP's Authentication-Protocol asks for: PAP, CHAP with MD5, MS-CHAP of both versions, EAP. */
const authentications: readonly (readonly [protocol: number, algorithm: number | null])[] = [
  [pppProtocol.chap, 129],
  [pppProtocol.chap, 128],
  [pppProtocol.chap, 5],
  [pppProtocol.pap, null],
  [pppProtocol.eap, null],
];
