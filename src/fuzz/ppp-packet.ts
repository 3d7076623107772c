/** Packets of PPP: those that negotiate, authenticate and watch a link, and those that carry data. RFC 1661 §2, §5 */
import { mppePacket } from '../mppe/header.ts';
import { joined } from '../octets/joined.ts';
import { cbcpOptions } from '../ppp/cbcp.ts';
import { ccpOptions } from '../ppp/ccp.ts';
import { changePasswordLayouts, chapResult, chapValue, msChapV1Response, msChapV2Response } from '../ppp/chap.ts';
import { controlPacketHeader, controlPacketOctets } from '../ppp/control-packet.ts';
import { eapMethod, expandedType, md5Challenge, msChapHeader, msChapValue, tlsPacket, tlsRecord } from '../ppp/eap.ts';
import { ecpOptions } from '../ppp/ecp.ts';
import { ipcpOptions } from '../ppp/ipcp.ts';
import { ipv6cpOptions } from '../ppp/ipv6cp.ts';
import { lcpOptions, protocolReject, timeRemaining, withMagicNumber } from '../ppp/lcp.ts';
import { multilinkLong, multilinkShort } from '../ppp/multilink.ts';
import { codesOf } from '../ppp/packet.ts';
import { authenticateReply, authenticateRequest } from '../ppp/pap.ts';
import { pppProtocol } from '../ppp/protocols.ts';
import { windowsReason } from '../ppp/windows-reason.ts';
import { encode, type Layout } from '../wire/layout.ts';
import { type AnyOptionKind, encodeOptions } from '../wire/options.ts';
import { between, type Choices, lengthUpTo, octetString, once, pick, shuffled, some } from './choices.ts';
import { damaged } from './damage.ts';
import { encoded, ofPart, type Temperament } from './encoded.ts';
import { legalValue } from './values.ts';

/** Protocols that negotiate options, with their options. */
export const optionTables: readonly { readonly protocol: number; readonly table: readonly AnyOptionKind[] }[] = [
  { protocol: pppProtocol.lcp, table: lcpOptions },
  { protocol: pppProtocol.ccp, table: ccpOptions },
  { protocol: pppProtocol.ipcp, table: ipcpOptions },
  { protocol: pppProtocol.ipv6cp, table: ipv6cpOptions },
  { protocol: pppProtocol.ecp, table: ecpOptions },
  { protocol: pppProtocol.multilinkCcp, table: ccpOptions },
  { protocol: pppProtocol.multilinkEcp, table: ecpOptions },
  { protocol: pppProtocol.cbcp, table: cbcpOptions },
];

const controlProtocols: readonly number[] = [
  ...optionTables.map(({ protocol }) => protocol),
  pppProtocol.pap,
  pppProtocol.chap,
  pppProtocol.eap,
  pppProtocol.lqr,
  pppProtocol.spap,
  pppProtocol.bacp,
];

/** What follows the four octets of a control packet, by protocol and code. */
const bodies: readonly {
  readonly protocol: number;
  readonly codes: readonly number[];
  readonly format: Layout<object>;
}[] = [
  { protocol: pppProtocol.lcp, codes: [8], format: protocolReject },
  { protocol: pppProtocol.lcp, codes: [9, 10, 11, 12], format: withMagicNumber },
  { protocol: pppProtocol.lcp, codes: [13], format: timeRemaining },
  { protocol: pppProtocol.pap, codes: [1], format: authenticateRequest },
  { protocol: pppProtocol.pap, codes: [2, 3], format: authenticateReply },
  { protocol: pppProtocol.chap, codes: [1, 2], format: chapValue },
  { protocol: pppProtocol.chap, codes: [3, 4], format: chapResult },
  { protocol: pppProtocol.chap, codes: [5], format: changePasswordLayouts[5] },
  { protocol: pppProtocol.chap, codes: [6], format: changePasswordLayouts[6] },
  { protocol: pppProtocol.chap, codes: [7], format: changePasswordLayouts[7] },
];

/** A list of a protocol's options. A valid one has none of them twice. */
export function optionList(choices: Choices, table: readonly AnyOptionKind[], temperament: Temperament): Uint8Array {
  const kinds = some(choices, shuffled(choices, table));
  if (temperament !== 'valid' && once(choices, 4)) kinds.push(...kinds.slice(0, 3));
  const options = kinds.map(({ type, format }) => ({
    type,
    octets: encoded(choices, format as Layout<object>, ofPart(choices, temperament)).subarray(0, 253),
  }));
  if (temperament !== 'valid' && once(choices, 4)) {
    options.push({ type: choices.below(256), octets: octetString(choices, choices.below(20)) });
  }
  const list = encodeOptions({ options, fault: null, undecoded: new Uint8Array(0) });
  return temperament !== 'valid' && once(choices, 3) ? damaged(choices, list) : list;
}

/** A control packet with its header; its length is that of the body. RFC 1661 §5 */
export function controlPacket(code: number, identifier: number, body: Uint8Array): Uint8Array {
  return joined([encode(controlPacketHeader, { code, identifier, length: controlPacketOctets + body.length }), body]);
}

/** A packet of a control protocol, of the given one or of any, with the protocol it is of. */
export function anyControlPacket(
  choices: Choices,
  temperament: Temperament,
  protocol: number = pick(choices, controlProtocols),
): { readonly protocol: number; readonly octets: Uint8Array } {
  const codes = Object.keys(codesOf(protocol)).map(Number);
  // Of some protocols no codes are known.
  const known = codes.length > 0 && (temperament === 'valid' || !once(choices, 8));
  const code = known ? pick(choices, codes) : choices.below(256);
  const body = bodyOf(choices, protocol, code, temperament);
  const octets = controlPacket(code, choices.below(256), body);
  const broken = temperament !== 'valid' && once(choices, 3);
  return { protocol, octets: broken ? damaged(choices, octets) : octets };
}

function bodyOf(choices: Choices, protocol: number, code: number, temperament: Temperament): Uint8Array {
  const part = ofPart(choices, temperament);
  const body = bodies.find((one) => one.protocol === protocol && one.codes.includes(code));
  if (body !== undefined) {
    if (protocol === pppProtocol.chap && code <= 2) return chapValueBody(choices, code, part);
    return encoded(choices, body.format, part);
  }
  if (protocol === pppProtocol.eap) return eapBody(choices, code, part);
  const options = optionTables.find((one) => one.protocol === protocol);
  if (options !== undefined && code >= 1 && code <= (protocol === pppProtocol.cbcp ? 3 : 4)) {
    return optionList(choices, options.table, part);
  }
  if (code === 5 && once(choices, 2)) return encoded(choices, windowsReason, part);
  if (code === 7) return anyControlPacket(choices, part, protocol).octets;
  return octetString(choices, lengthUpTo(choices, 64));
}

/** A Challenge or Response whose value is as long as one of the algorithms makes it. RFC 1994, RFC 2433, RFC 2759 */
function chapValueBody(choices: Choices, code: number, temperament: Temperament): Uint8Array {
  const { name } = legalValue(choices, chapValue);
  const value =
    code === 1
      ? octetString(choices, pick(choices, [16, 8]))
      : pick(choices, [
          () => encoded(choices, msChapV2Response, temperament),
          () => encoded(choices, msChapV1Response, temperament),
          () => octetString(choices, 16),
        ])();
  return encode(chapValue, { value: value.subarray(0, 255), name });
}

/** Types that this program looks into, and one that it does not. */
const eapTypes: readonly number[] = [1, 2, 3, 4, 5, 6, 13, 21, 25, 26, 254, 9];

function eapBody(choices: Choices, code: number, temperament: Temperament): Uint8Array {
  if (code === 3 || code === 4) return new Uint8Array(0);
  const type = pick(choices, eapTypes);
  return encode(eapMethod, { type, octets: eapTypeData(choices, type, temperament) });
}

function eapTypeData(choices: Choices, type: number, temperament: Temperament): Uint8Array {
  switch (type) {
    case 4:
      return encoded(choices, md5Challenge, temperament);
    case 13:
    case 21:
    case 25: {
      const records: Uint8Array[] = [];
      for (let left = choices.below(4); left > 0; left -= 1) {
        const contentType = pick(choices, [22, 21, 20, 23]);
        const content = octetString(choices, contentType === 21 ? 2 : lengthUpTo(choices, 60));
        const length = content.length;
        records.push(encode(tlsRecord, { contentType, majorVersion: 3, minorVersion: 1, length }), content);
      }
      const packet = encode(tlsPacket, { ...legalValue(choices, tlsPacket), records: joined(records) });
      return temperament === 'valid' ? packet : damaged(choices, packet);
    }
    case 26: {
      const opCode = between(choices, 1, 4);
      const rest =
        opCode <= 2 ? encoded(choices, msChapValue, temperament) : octetString(choices, lengthUpTo(choices, 40));
      const header = encode(msChapHeader, { msChapV2Id: choices.below(256), msLength: 4 + rest.length });
      const packet = joined([Uint8Array.of(opCode), header, rest]);
      return temperament === 'valid' ? packet : damaged(choices, packet);
    }
    case 254: {
      const vendorType = pick(choices, eapTypes);
      const vendorId = once(choices, 4) ? octetString(choices, 3) : new Uint8Array(3);
      const octets = vendorType === 254 ? octetString(choices, 8) : eapTypeData(choices, vendorType, temperament);
      return encode(expandedType, { vendorId, vendorType, octets });
    }
    default:
      return octetString(choices, lengthUpTo(choices, 40));
  }
}

/**
 * A PPP frame as GRE carries it: perhaps Address and Control, the protocol in one or two octets, the packet.
 * RFC 2637 §4.1, RFC 1661 §6.5, §6.6
 */
export function pppFrame(
  protocol: number,
  packet: Uint8Array,
  form: { readonly addressAndControl: boolean; readonly protocolCompressed: boolean },
): Uint8Array {
  const short = form.protocolCompressed && protocol < 0x100 && (protocol & 1) === 1;
  return joined([
    form.addressAndControl ? Uint8Array.of(0xff, 0x03) : new Uint8Array(0),
    short ? Uint8Array.of(protocol) : Uint8Array.of(protocol >> 8, protocol & 0xff),
    packet,
  ]);
}

/** Any PPP frame: control packets mostly, else encrypted, multilink, IP's protocols or one that nobody knows. */
export function anyPppFrame(choices: Choices, temperament: Temperament): Uint8Array {
  const form = { addressAndControl: !once(choices, 3), protocolCompressed: once(choices, 2) };
  if (temperament === 'wild' && once(choices, 4)) return octetString(choices, choices.below(80));
  if (!once(choices, 4)) {
    const { protocol, octets } = anyControlPacket(choices, temperament);
    return pppFrame(protocol, octets, form);
  }
  const data = pick(choices, [
    { protocol: pppProtocol.compressed, format: mppePacket as Layout<object> },
    { protocol: pppProtocol.multilink, format: multilinkLong as Layout<object> },
    { protocol: pppProtocol.multilink, format: multilinkShort as Layout<object> },
    { protocol: pppProtocol.ipv4, format: null },
    { protocol: pppProtocol.ipv6, format: null },
    { protocol: choices.below(0x1_0000), format: null },
  ]);
  const octets =
    data.format === null
      ? octetString(choices, lengthUpTo(choices, 80))
      : encoded(choices, data.format, ofPart(choices, temperament));
  return pppFrame(data.protocol, octets, form);
}
