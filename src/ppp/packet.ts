/**
 * The packets that PPP links are negotiated with, decoded by protocol and code. RFC 1661 §5 and the RFCs of the
 * protocols. Octet strings in the answer are copies: windows are reused.
 */
import { joined } from '../octets/joined.ts';
import type { Window } from '../octets/window.ts';
import type { Bound, Decoded, Malformed } from '../wire/decoded.ts';
import type { Names } from '../wire/field.ts';
import { decode, encode } from '../wire/layout.ts';
import type { UnknownOption } from '../wire/options.ts';
import { type CbcpBody, cbcpCodes, decodeCbcpBody, encodeCbcpBody } from './cbcp.ts';
import { type CcpBody, ccpCodes, decodeCcpBody, encodeCcpBody } from './ccp.ts';
import { type ChapBody, chapCodes, decodeChapBody, encodeChapBody } from './chap.ts';
import {
  controlPacketHeader,
  controlPacketOctets,
  cutFault,
  decodeNegotiation,
  encodeNegotiation,
  lengthFault,
  type NegotiationBody,
  negotiationCodes,
  type UndecodedBody,
} from './control-packet.ts';
import { decodeEapBody, type EapBody, eapCodes, encodeEapBody } from './eap.ts';
import { decodeEcpBody, type EcpBody, encodeEcpBody } from './ecp.ts';
import { type IpcpBody, ipcpOptions } from './ipcp.ts';
import { type Ipv6cpBody, ipv6cpOptions } from './ipv6cp.ts';
import { decodeLcpBody, encodeLcpBody, type LcpBody, lcpCodes } from './lcp.ts';
import { decodePapBody, encodePapBody, type PapBody, papCodes } from './pap.ts';
import { pppProtocol } from './protocols.ts';

/**
 * Control protocols that this program knows no options of. A number that nobody has assigned comes the same way, though
 * the type cannot say so: with `number` here, none of the others could be told apart by their literal.
 */
export type OtherControlProtocol =
  | 0x8023
  | 0x8025
  | 0x8027
  | 0x8029
  | 0x802b
  | 0x8031
  | 0x8035
  | 0x803f
  | 0x8059
  | 0x8281
  | 0xc02b
  | 0xc02d;

interface PacketWith<Protocol extends number, Body> {
  readonly protocol: Protocol;
  readonly code: number;
  readonly identifier: number;
  /** The code's name, `Configure-Request`; `code 99` where it has none. */
  readonly name: string;
  readonly body: Body;
  /** Why the body is not whole: the capture cut it, or octets of it do not fit their format. Absent where it is. */
  readonly fault?: Malformed;
}

/** Shiva's protocol has no public description. */
export type SpapBody = UndecodedBody;

export type OtherBody = NegotiationBody<UnknownOption>;

export type PppControlPacket =
  | PacketWith<(typeof pppProtocol)['lcp'], LcpBody>
  | PacketWith<(typeof pppProtocol)['pap'], PapBody>
  | PacketWith<(typeof pppProtocol)['chap'], ChapBody>
  | PacketWith<(typeof pppProtocol)['eap'], EapBody>
  | PacketWith<(typeof pppProtocol)['ccp'], CcpBody>
  | PacketWith<(typeof pppProtocol)['multilinkCcp'], CcpBody>
  | PacketWith<(typeof pppProtocol)['ipcp'], IpcpBody>
  | PacketWith<(typeof pppProtocol)['ipv6cp'], Ipv6cpBody>
  | PacketWith<(typeof pppProtocol)['ecp'], EcpBody>
  | PacketWith<(typeof pppProtocol)['multilinkEcp'], EcpBody>
  | PacketWith<(typeof pppProtocol)['cbcp'], CbcpBody>
  | PacketWith<(typeof pppProtocol)['spap'], SpapBody>
  | PacketWith<(typeof pppProtocol)['lqr'], UndecodedBody>
  | PacketWith<OtherControlProtocol, OtherBody>;

/** Packets of one protocol, or of several. */
export type PacketOf<Name extends keyof typeof pppProtocol> = Extract<
  PppControlPacket,
  { protocol: (typeof pppProtocol)[Name] }
>;

/** Whether `decodePppControl` takes the protocol: those that negotiate, authenticate or watch a link. RFC 1661 §2 */
export function isControlProtocol(protocol: number): boolean {
  return protocol >= 0x8000 && protocol <= 0xffff;
}

/**
 * Decodes the information field of a control protocol, from `start` up to `end`. Octets after the packet's own length
 * are padding. `cut`: the capture kept fewer octets than were sent; then a packet that is not whole is no fault of
 * its sender, and what is there is decoded: options before the cut, else the octets. Malformed where not even code,
 * identifier and length can be read, or where the length lies.
 */
export function decodePppControl(
  protocol: number,
  window: Window,
  start: number,
  end: number,
  cut: boolean,
): Decoded<PppControlPacket> {
  if (protocol === pppProtocol.lqr) return decodeQualityReport(window, start, end);
  const outer: Bound = cut ? 'capture length' : 'octets given';
  const header = decode(controlPacketHeader, window, start, end, outer);
  if (!header.ok) return { ...header, decoded: {} };
  const { code, identifier, length } = header.value;
  const name = codesOf(protocol)[code] ?? `code ${code}`;
  const known = { protocol, code, identifier, name } as Partial<PppControlPacket>;
  const available = end - start;
  const wrong = lengthFault(length, available, cut);
  if (wrong !== null) return { ...wrong, decoded: known };
  const whole = length <= available;
  const stop = whole ? start + length : end;
  const first = start + controlPacketOctets;
  const decoded = decodeBody(protocol, code, window, first, stop, whole ? 'PPP length' : 'capture length');
  const body = whole || keepsItsMeaningWhenCut(decoded) ? decoded : undecoded(window, first, stop);
  const packet = { protocol, code, identifier, name, body };
  const fault = whole ? faultOf(body) : cutFault(length, available);
  return { ok: true, value: (fault === null ? packet : { ...packet, fault }) as PppControlPacket, size: stop - start };
}

/** The octets of a packet, its length field by its body; the other way of `decodePppControl`. */
export function encodePppControl(packet: PppControlPacket): Uint8Array<ArrayBuffer> {
  const body = encodeBody(packet);
  if (packet.protocol === pppProtocol.lqr) return Uint8Array.from(body);
  const { code, identifier } = packet;
  const header = encode(controlPacketHeader, { code, identifier, length: controlPacketOctets + body.length });
  return joined([header, body]);
}

type AnyBody = PppControlPacket['body'];

const spapCodes: Names = { 1: 'Request', 2: 'Ack', 3: 'Nak' };

/** RFC 2125 §5 */
const bapCodes: Names = {
  1: 'Call-Request',
  2: 'Call-Response',
  3: 'Callback-Request',
  4: 'Callback-Response',
  5: 'Link-Drop-Query-Request',
  6: 'Link-Drop-Query-Response',
  7: 'Call-Status-Indication',
  8: 'Call-Status-Response',
};

/** The names of a control protocol's codes. */
export function codesOf(protocol: number): Names {
  switch (protocol) {
    case pppProtocol.lcp:
      return lcpCodes;
    case pppProtocol.pap:
      return papCodes;
    case pppProtocol.chap:
      return chapCodes;
    case pppProtocol.eap:
      return eapCodes;
    case pppProtocol.ccp:
    case pppProtocol.multilinkCcp:
    case pppProtocol.ecp:
    case pppProtocol.multilinkEcp:
      return ccpCodes;
    case pppProtocol.cbcp:
      return cbcpCodes;
    case pppProtocol.spap:
      return spapCodes;
    case pppProtocol.bap:
      return bapCodes;
    default:
      return negotiates(protocol) ? negotiationCodes : {};
  }
}

/** Whether a control protocol is known to negotiate options: those of network layers do, and BACP. */
export function negotiates(protocol: number): boolean {
  return protocol < 0xc000 || protocol === pppProtocol.bacp;
}

function decodeBody(
  protocol: number,
  code: number,
  window: Window,
  start: number,
  end: number,
  boundedBy: Bound,
): AnyBody {
  switch (protocol) {
    case pppProtocol.lcp:
      return decodeLcpBody(code, window, start, end, boundedBy);
    case pppProtocol.pap:
      return decodePapBody(code, window, start, end, boundedBy);
    case pppProtocol.chap:
      return decodeChapBody(code, window, start, end, boundedBy);
    case pppProtocol.eap:
      return decodeEapBody(code, window, start, end, boundedBy);
    case pppProtocol.ccp:
    case pppProtocol.multilinkCcp:
      return decodeCcpBody(code, window, start, end, boundedBy);
    case pppProtocol.ipcp:
      return decodeNegotiation(ipcpOptions, code, window, start, end, boundedBy);
    case pppProtocol.ipv6cp:
      return decodeNegotiation(ipv6cpOptions, code, window, start, end, boundedBy);
    case pppProtocol.ecp:
    case pppProtocol.multilinkEcp:
      return decodeEcpBody(code, window, start, end, boundedBy);
    case pppProtocol.cbcp:
      return decodeCbcpBody(code, window, start, end, boundedBy);
    case pppProtocol.spap:
      return undecoded(window, start, end);
    default:
      if (!negotiates(protocol)) return undecoded(window, start, end);
      return decodeNegotiation([], code, window, start, end, boundedBy) as OtherBody;
  }
}

function encodeBody(packet: PppControlPacket): Uint8Array {
  switch (packet.protocol) {
    case pppProtocol.lcp:
      return encodeLcpBody(packet.body);
    case pppProtocol.pap:
      return encodePapBody(packet.body);
    case pppProtocol.chap:
      return encodeChapBody(packet.body);
    case pppProtocol.eap:
      return encodeEapBody(packet.body);
    case pppProtocol.ccp:
    case pppProtocol.multilinkCcp:
      return encodeCcpBody(packet.body);
    case pppProtocol.ecp:
    case pppProtocol.multilinkEcp:
      return encodeEcpBody(packet.body);
    case pppProtocol.cbcp:
      return encodeCbcpBody(packet.body);
    case pppProtocol.spap:
    case pppProtocol.lqr:
      return packet.body.octets;
    default:
      return encodeNegotiation(packet.body);
  }
}

/** A Link-Quality-Report has no code of its own. RFC 1989 §2 */
function decodeQualityReport(window: Window, start: number, end: number): Decoded<PppControlPacket> {
  const body = undecoded(window, start, end);
  return {
    ok: true,
    value: { protocol: pppProtocol.lqr, code: 0, identifier: 0, name: 'Link-Quality-Report', body },
    size: end - start,
  };
}

function undecoded(window: Window, start: number, end: number): UndecodedBody {
  return { kind: 'undecoded', octets: window.bytes.slice(start, end) };
}

/** Half a user name or half a challenge misleads; the options before a cut do not. */
function keepsItsMeaningWhenCut(body: AnyBody): boolean {
  switch (body.kind) {
    case 'configure':
    case 'callback':
    case 'terminate':
    case 'code-reject':
    case 'protocol-reject':
    case 'echo':
    case 'reset':
      return true;
    default:
      return false;
  }
}

function faultOf(body: AnyBody): Malformed | null {
  switch (body.kind) {
    case 'configure':
    case 'callback':
      if (body.fault !== null) return body.fault;
      for (const option of body.options) if (option.name === 'malformed') return option.fault;
      return null;
    case 'request':
    case 'response':
    case 'change-password':
    case 'undecoded':
      return body.fault ?? null;
    default:
      return null;
  }
}
