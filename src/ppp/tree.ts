/**
 * The field trees of PPP's control protocols, for somebody who looks at a packet: the same layouts that
 * `decodePppControl` reads, chosen by protocol and code, down to every octet.
 */
import type { Window } from '../octets/window.ts';
import type { Bound } from '../wire/decoded.ts';
import { u32 } from '../wire/field.ts';
import { layout } from '../wire/layout.ts';
import type { AnyOptionKind } from '../wire/options.ts';
import {
  group,
  type Layer,
  octetsLeaf,
  replaceField,
  secret,
  type TreeField,
  treeOf,
  treeOfOptions,
  undecoded,
  wholeTreeOf,
} from '../wire/tree.ts';
import { chapBody, papBody } from './authentication-tree.ts';
import { type Body, type BodyOf, data, type LinkKnowledge, rest, words } from './body-tree.ts';
import { cbcpOptions } from './cbcp.ts';
import { ccpOptions, isResetCode } from './ccp.ts';
import {
  controlPacketHeader,
  controlPacketOctets,
  cutFault,
  isConfigureCode,
  isTerminateCode,
  lengthFault,
  negotiationCode,
} from './control-packet.ts';
import { eapBody } from './eap-tree.ts';
import { ecpOptions } from './ecp.ts';
import { ipcpOptions } from './ipcp.ts';
import { ipv6cpOptions } from './ipv6cp.ts';
import { bearsMagicNumber, lcpCode, lcpOptions, protocolReject, timeRemaining, withMagicNumber } from './lcp.ts';
import { codesOf, isControlProtocol, negotiates } from './packet.ts';
import { mayHoldSecrets, pppProtocol, pppProtocolName } from './protocols.ts';
import { readableText } from './text.ts';
import { windowsReason, windowsReasonOf } from './windows-reason.ts';

/** The words that layers of PPP are selected by; any other protocol is `ppp`. */
const layerWords: Readonly<Record<number, string>> = {
  [pppProtocol.ipcp]: 'ipcp',
  [pppProtocol.ecp]: 'ecp',
  [pppProtocol.multilinkEcp]: 'ecp',
  [pppProtocol.ipv6cp]: 'ipv6cp',
  [pppProtocol.multilinkCcp]: 'ccp',
  [pppProtocol.ccp]: 'ccp',
  [pppProtocol.lcp]: 'lcp',
  [pppProtocol.pap]: 'pap',
  [pppProtocol.lqr]: 'lqr',
  [pppProtocol.spap]: 'spap',
  [pppProtocol.cbcp]: 'cbcp',
  [pppProtocol.bacp]: 'bacp',
  [pppProtocol.bap]: 'bap',
  [pppProtocol.chap]: 'chap',
  [pppProtocol.eap]: 'eap',
};

const sources: Readonly<Record<string, string>> = {
  lcp: 'RFC 1661 §5',
  pap: 'RFC 1334 §2.2',
  chap: 'RFC 1994 §4',
  eap: 'RFC 3748 §4',
  ccp: 'RFC 1962 §2',
  ecp: 'RFC 1968 §2',
  ipcp: 'RFC 1332 §2',
  ipv6cp: 'RFC 5072 §3',
  cbcp: 'draft-gidwani-ppp-callback-cp-00 §3',
  lqr: 'RFC 1989 §2',
};

function pppLayerWord(protocol: number): string {
  return layerWords[protocol] ?? 'ppp';
}

/** All words that layers of PPP's control protocols have. */
export const pppLayerWords: readonly string[] = [...new Set(Object.values(layerWords))];

/** RFC 1989 §2 */
const qualityReport = layout('Link-Quality-Report', 'RFC 1989 §2').fields({
  magicNumber: u32({ format: 'hexadecimal' }),
  lastOutLqrs: u32(),
  lastOutPackets: u32(),
  lastOutOctets: u32(),
  peerInLqrs: u32(),
  peerInPackets: u32(),
  peerInDiscards: u32(),
  peerInErrors: u32(),
  peerInOctets: u32(),
  peerOutLqrs: u32(),
  peerOutPackets: u32(),
  peerOutOctets: u32(),
});

/** Octets of a window that begin with a control packet. */
interface ControlOctets {
  readonly window: Window;
  readonly start: number;
  readonly end: number;
  /** The capture, not the sender, ended the octets at `end`. */
  readonly cut: boolean;
}

/** The layer of a control packet. It ends with the packet's own length, so padding may follow. */
export function pppControlLayer(protocol: number, octets: ControlOctets, known: LinkKnowledge): Layer {
  const layer = controlLayer(protocol, octets, known);
  return mayHoldSecrets(protocol) ? covered(layer) : layer;
}

/**
 * In a packet of authentication, what no format describes is covered, and where a length is wrong all that it holds: then
 * any field may have octets of a password.
 */
function covered(layer: Layer): Layer {
  const wrong = layer.fault !== null && layer.fault.boundedBy !== 'capture length';
  const body = layer.start + controlPacketOctets;
  const rests = (field: TreeField): TreeField =>
    field.kind === 'group'
      ? { ...field, children: field.children.map(rests) }
      : field.kind === 'undecoded'
        ? secret(field)
        : field;
  const fields = layer.fields.map((field) => (wrong && field.start >= body ? secret(field) : rests(field)));
  return { ...layer, fields };
}

function controlLayer(
  protocol: number,
  { window, start, end, cut }: ControlOctets,
  { chap, passwords }: LinkKnowledge,
): Layer {
  const word = pppLayerWord(protocol);
  const title = pppProtocolName(protocol) ?? `PPP protocol 0x${protocol.toString(16)}`;
  const base = { protocol: word, source: sources[word] ?? 'RFC 1661 §5', start };
  const outer: Bound = cut ? 'capture length' : 'octets given';
  if (protocol === pppProtocol.lqr) {
    const { fields, fault } = wholeTreeOf(qualityReport, window, start, end, outer);
    return { ...base, name: title, end, fields, fault };
  }
  const header = treeOf(controlPacketHeader, window, start, end, outer);
  const { code, length } = header.value;
  if (header.fault !== null || code === undefined || length === undefined) {
    return { ...base, name: title, end, fields: header.fields, fault: header.fault };
  }
  const codeName = codesOf(protocol)[code] ?? null;
  const name = `${title} ${codeName ?? `code ${code}`}`;
  const fields = replaceField(header.fields, 'code', (field) => ({ ...field, meaning: codeName }));
  const available = end - start;
  const first = start + controlPacketOctets;
  const wrong = lengthFault(length, available, cut);
  if (wrong !== null) {
    // It may be a rejected packet, whatever that is.
    if (first < end) fields.push(secret(undecoded(window, first, end)));
    return { ...base, name, end, fields, fault: wrong };
  }
  const whole = length <= available;
  const stop = whole ? start + length : end;
  const bound: Bound = whole ? 'PPP length' : 'capture length';
  const body = bodyTree({ protocol, code, window, start: first, end: stop, bound, chap, passwords });
  const fault = whole ? body.fault : cutFault(length, available);
  return { ...base, name, end: stop, fields: [...fields, ...body.fields], fault };
}

function bodyTree(packet: BodyOf): Body {
  switch (packet.protocol) {
    case pppProtocol.lcp:
      return lcpBody(packet);
    case pppProtocol.pap:
      return papBody(packet);
    case pppProtocol.chap:
      return chapBody(packet);
    case pppProtocol.eap:
      return eapBody(packet);
    case pppProtocol.ccp:
    case pppProtocol.multilinkCcp:
      return isResetCode(packet.code) ? data(packet) : negotiationBody(ccpOptions, packet);
    case pppProtocol.ecp:
    case pppProtocol.multilinkEcp:
      return isResetCode(packet.code) ? data(packet) : negotiationBody(ecpOptions, packet);
    case pppProtocol.ipcp:
      return negotiationBody(ipcpOptions, packet);
    case pppProtocol.ipv6cp:
      return negotiationBody(ipv6cpOptions, packet);
    case pppProtocol.cbcp:
      return packet.code >= 1 && packet.code <= 3 ? options(cbcpOptions, packet) : data(packet);
    case pppProtocol.spap:
      return rest(packet);
    default:
      return negotiates(packet.protocol) ? negotiationBody([], packet) : rest(packet);
  }
}

function negotiationBody(table: readonly AnyOptionKind[], packet: BodyOf): Body {
  const { code } = packet;
  if (isConfigureCode(code)) return options(table, packet);
  if (isTerminateCode(code)) return terminateBody(packet);
  return code === negotiationCode.codeReject ? rejected(packet, packet.protocol, false) : data(packet);
}

function options(table: readonly AnyOptionKind[], { window, start, end, bound }: BodyOf): Body {
  return treeOfOptions(table, window, start, end, bound);
}

/** Of Terminate-Request and -Ack: Windows puts its error number there, others put words. */
function terminateBody(packet: BodyOf): Body {
  const { window, start, end } = packet;
  const octets = window.bytes.subarray(start, end);
  if (windowsReasonOf(octets) !== null) return wholeTreeOf(windowsReason, window, start, end);
  return readableText(octets) === null ? data(packet) : { fields: [words(packet, start, 'text')], fault: null };
}

function lcpBody(packet: BodyOf): Body {
  const { code, window, start, end, bound } = packet;
  if (code === lcpCode.protocolReject) {
    const { fields, value, fault } = treeOf(protocolReject, window, start, Math.min(end, start + 2), bound);
    if (value.rejectedProtocol === undefined || start + 2 > end) return { fields, fault };
    const inner = rejected({ ...packet, start: start + 2 }, value.rejectedProtocol, true);
    return { fields: [...fields, ...inner.fields], fault: null };
  }
  if (bearsMagicNumber(code)) {
    const tree = treeOf(withMagicNumber, window, start, Math.min(end, start + 4), bound);
    const at = start + 4;
    if (tree.fault !== null || at >= end) return tree;
    const readable = code === lcpCode.identification && readableText(window.bytes.subarray(at, end)) !== null;
    const leaf = readable ? words(packet, at, 'message') : octetsLeaf(window, at, end, 'data');
    return { fields: [...tree.fields, leaf], fault: null };
  }
  if (code === lcpCode.timeRemaining) return wholeTreeOf(timeRemaining, window, start, end, bound);
  return negotiationBody(lcpOptions, packet);
}

/**
 * The packet that the peer sends back because it does not know its protocol (`codeHolds`) or its code. It may be cut, and it
 * may be one of authentication, whatever stands before it: its octets are covered where they do not fit what it is said to be,
 * and where nobody can say what that is, which is so of a code that its receiver does not know.
 */
function rejected({ window, start, end, passwords }: BodyOf, protocol: number, codeHolds: boolean): Body {
  if (start >= end) return { fields: [], fault: null };
  if (!isControlProtocol(protocol)) {
    return { fields: [secret(octetsLeaf(window, start, end, 'rejectedPacket'))], fault: null };
  }
  const body = Math.min(end, start + controlPacketOctets);
  const code = window.view.getUint8(start);
  // A rejection inside another has none of its own taken apart: there may be thousands.
  const readable = codeHolds && code !== lcpCode.codeReject && code !== lcpCode.protocolReject;
  const layer = pppControlLayer(
    protocol,
    { window, start, end: readable ? end : body, cut: true },
    { chap: null, passwords },
  );
  const rests = layer.end < end ? [undecoded(window, layer.end, end)].map(secret) : [];
  const sound = readable && layer.fault === null;
  const fields = layer.fields.map((field) => (sound || field.start < body ? field : secret(field)));
  return { fields: [group('rejectedPacket', [...fields, ...rests], layer.name)], fault: null };
}
