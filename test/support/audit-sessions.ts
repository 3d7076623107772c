/** PPTP sessions with one weakness each, or just without it, written from the RFCs' words: for the tests of the audit. */
import { octets, pppControl, u16, u32 } from './packets.ts';
import { type SessionFrame, type SessionOptions, SessionWriter } from './session.ts';

type Side = 'client' | 'server';

/** Authentication-Protocol options of LCP. RFC 1661 §6.2, RFC 1994 §3, RFC 2433 §3, RFC 2759 §3 */
export const demands = {
  pap: [3, 4, 0xc0, 0x23],
  chapMd5: [3, 5, 0xc2, 0x23, 5],
  msChapV1: [3, 5, 0xc2, 0x23, 0x80],
  msChapV2: [3, 5, 0xc2, 0x23, 0x81],
  eap: [3, 4, 0xc2, 0x27],
} as const;

/** Bits of MPPE's option. RFC 3078 §2 */
export const bits = { h: 0x0100_0000, m: 0x80, s: 0x40, l: 0x20, d: 0x10, c: 0x01 } as const;

/** Sixteen octets without a pattern. */
export const goodChallenge = [
  0x5b, 0x5d, 0x7c, 0x7d, 0x7b, 0x3f, 0x2f, 0x3e, 0x3c, 0x2c, 0x60, 0x21, 0x32, 0x26, 0x29, 0x28,
];
export const otherChallenge = goodChallenge.toReversed().map((octet, index) => octet ^ (index * 7));

export class AuditSession extends SessionWriter {
  private packetsOfMppe = 0;

  /** Up to the connected call. */
  static connected(options: SessionOptions = {}): AuditSession {
    const session = new AuditSession(options);
    session.handshake().control().call();
    return session;
  }

  both(from: Side, protocol: number, code: number, identifier: number, body: ArrayLike<number> = []): this {
    return this.gre(from, pppControl(protocol, code, identifier, Uint8Array.from(body)));
  }

  /** Both sides ask, both acknowledge. */
  opensLcp(server: readonly number[], client: readonly number[] = []): this {
    this.both('client', 0xc021, 1, 1, [...client, 5, 6, ...u32(0x1111_1111)]);
    this.both('server', 0xc021, 1, 1, [...server, 5, 6, ...u32(0x2222_2222)]);
    this.both('client', 0xc021, 2, 1, [...server, 5, 6, ...u32(0x2222_2222)]);
    return this.both('server', 0xc021, 2, 1, [...client, 5, 6, ...u32(0x1111_1111)]);
  }

  challenge(value: readonly number[] = goodChallenge, from: Side = 'server', identifier = 7): this {
    return this.both(from, 0xc223, 1, identifier, [value.length, ...value, ...letters('srv')]);
  }

  response(value: readonly number[], user = 'alice', from: Side = 'client', identifier = 7): this {
    return this.both(from, 0xc223, 2, identifier, [value.length, ...value, ...letters(user)]);
  }

  success(from: Side = 'server', message = `S=${'0123456789'.repeat(4)} M=OK`): this {
    return this.both(from, 0xc223, 3, 7, letters(message));
  }

  failure(message = 'E=691 R=0 V=3 M=no'): this {
    return this.both('server', 0xc223, 4, 7, letters(message));
  }

  /** MS-CHAPv2, all of it. */
  authenticates(user = 'alice'): this {
    return this.opensLcp(demands.msChapV2).challenge().response(version2(), user).success();
  }

  /** Each side asks for its bits; each request is acknowledged, rejected or countered with other bits. */
  ccp(client: number, server: number, answer: 'ack' | 'reject' | { nak: number } = 'ack'): this {
    for (const [from, to, mask] of [
      ['client', 'server', client],
      ['server', 'client', server],
    ] as const) {
      if (mask === 0) continue;
      this.both(from, 0x80fd, 1, 1, mppeOption(mask));
      if (answer === 'ack') this.both(to, 0x80fd, 2, 1, mppeOption(mask));
      else if (answer === 'reject') this.both(to, 0x80fd, 4, 1, mppeOption(mask));
      else {
        this.both(to, 0x80fd, 3, 1, mppeOption(answer.nak));
        this.both(from, 0x80fd, 1, 2, mppeOption(answer.nak));
        this.both(to, 0x80fd, 2, 2, mppeOption(answer.nak));
      }
    }
    return this;
  }

  /** Packets of MPPE with flags A (flushed) and D (encrypted) unless given. RFC 3078 §3 */
  encrypted(packets: number, flags = 0x9000, from: Side = 'client'): this {
    for (let index = 0; index < packets; index += 1) {
      const cipher = Array.from({ length: 24 }, (_, at) => (at * 37 + this.packetsOfMppe * 11 + 5) & 0xff);
      this.gre(from, octets([0xff, 0x03], u16(0x00fd), u16(flags | this.packetsOfMppe), cipher));
      this.packetsOfMppe += 1;
    }
    return this;
  }
}

/** The value of an MS-CHAPv2 response. RFC 2759 §4 */
export function version2(peer: readonly number[] = otherChallenge, reserved = 0, flags = 0): number[] {
  return [...peer, ...Array.from({ length: 8 }, () => reserved), ...hash(24), flags];
}

/** The value of an MS-CHAPv1 response. RFC 2433 §6 */
export function version1(lanManager: readonly number[], useNtResponse = 1): number[] {
  return [...lanManager, ...hash(24), useNtResponse];
}

export function hash(size: number): number[] {
  return Array.from({ length: size }, (_, index) => (index * index * 31 + 17) & 0xff);
}

export function letters(text: string): number[] {
  return Array.from(text, (letter) => letter.charCodeAt(0));
}

function mppeOption(mask: number): number[] {
  return [18, 6, ...u32(mask)];
}

/** Sessions one after the other in one capture. */
export function together(...sessions: readonly { readonly frames: SessionFrame[] }[]): SessionFrame[] {
  return sessions.flatMap(({ frames }) => frames);
}
