/**
 * The field trees of PPP's control protocols, for somebody who looks at a packet: the same layouts that
 * `decodePppControl` reads, chosen by protocol and code, down to every octet.
 */
import type { Window } from '../octets/window.ts';
import type { Bound, Malformed } from '../wire/decoded.ts';
import { u32 } from '../wire/field.ts';
import { type Layout, layout, malformed, misfit } from '../wire/layout.ts';
import type { AnyOptionKind } from '../wire/options.ts';
import {
  group,
  integerLeaf,
  type Layer,
  octetsLeaf,
  replaceField,
  secret,
  type Tree,
  type TreeField,
  textLeaf,
  treeOf,
  treeOfOptions,
  undecoded,
  wholeTreeOf,
} from '../wire/tree.ts';
import { cbcpOptions } from './cbcp.ts';
import { ccpOptions, isResetCode } from './ccp.ts';
import {
  type ChapAlgorithm,
  changePasswordLayout,
  chapCode,
  chapResult,
  chapValue,
  isChapName,
  msChapV1Response,
  msChapV2Response,
} from './chap.ts';
import { msChapErrorNames, parseMsChapFailure, parseMsChapSuccess, secretsIn, withoutSecrets } from './chap-message.ts';
import {
  controlPacketHeader,
  controlPacketOctets,
  isConfigureCode,
  isTerminateCode,
  negotiationCode,
} from './control-packet.ts';
import {
  eapCode,
  eapMethod,
  eapMsChapOpCode,
  eapMsChapOpCodes,
  eapType,
  eapTypeNames,
  expandedDesiredType,
  expandedType,
  md5Challenge,
  msChapHeader,
  msChapValue,
  standsFor,
  tlsPacket,
} from './eap.ts';
import { ecpOptions } from './ecp.ts';
import { ipcpOptions } from './ipcp.ts';
import { ipv6cpOptions } from './ipv6cp.ts';
import { bearsMagicNumber, lcpCode, lcpOptions, protocolReject, timeRemaining, withMagicNumber } from './lcp.ts';
import { codesOf, isControlProtocol, negotiates } from './packet.ts';
import { authenticateReply, authenticateRequest, excessOf, papCode, replyWithoutLength } from './pap.ts';
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

/** A body's fields and why they break off. */
interface Body {
  readonly fields: readonly TreeField[];
  readonly fault: Malformed | null;
}

/**
 * The layer of a control packet that begins at `start`. It ends with the packet's own length, so padding may follow.
 * `cut`: the capture, not the sender, ended the octets at `end`. `chap`: how the sender is to prove who it is, null where
 * nobody knows. `passwords`: those that went over the link.
 */
export function pppControlLayer(
  protocol: number,
  window: Window,
  start: number,
  end: number,
  cut: boolean,
  chap: ChapAlgorithm | null,
  passwords: readonly string[] = [],
): Layer {
  const layer = controlLayer(protocol, window, start, end, cut, chap, passwords);
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
  window: Window,
  start: number,
  end: number,
  cut: boolean,
  chap: ChapAlgorithm | null,
  passwords: readonly string[],
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
  const sizes = { needed: length, available };
  if (length < controlPacketOctets || (length > available && !cut)) {
    const tooSmall = length < controlPacketOctets;
    const fault = malformed(
      controlPacketHeader,
      {},
      'length',
      2,
      tooSmall ? 'length-too-small' : 'length-too-large',
      tooSmall ? 'PPP length' : outer,
      tooSmall ? { needed: controlPacketOctets, available: length } : sizes,
    );
    // It may be a rejected packet, whatever that is.
    if (first < end) fields.push(secret(undecoded(window, first, end)));
    return { ...base, name, end, fields, fault };
  }
  const whole = length <= available;
  const stop = whole ? start + length : end;
  const bound: Bound = whole ? 'PPP length' : 'capture length';
  const body = bodyTree({ protocol, code, window, start: first, end: stop, bound, chap, passwords });
  const fault = whole
    ? body.fault
    : malformed(controlPacketHeader, {}, 'length', 2, 'truncated', 'capture length', sizes);
  return { ...base, name, end: stop, fields: [...fields, ...body.fields], fault };
}

interface BodyOf {
  readonly protocol: number;
  readonly code: number;
  readonly window: Window;
  readonly start: number;
  readonly end: number;
  readonly bound: Bound;
  readonly chap: ChapAlgorithm | null;
  readonly passwords: readonly string[];
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
  const layer = pppControlLayer(protocol, window, start, readable ? end : body, true, null, passwords);
  const rests = layer.end < end ? [undecoded(window, layer.end, end)].map(secret) : [];
  const sound = readable && layer.fault === null;
  const fields = layer.fields.map((field) => (sound || field.start < body ? field : secret(field)));
  return { fields: [group('rejectedPacket', [...fields, ...rests], layer.name)], fault: null };
}

function papBody(packet: BodyOf): Body {
  const { code, window, start, end, bound } = packet;
  if (code === papCode.authenticateRequest) {
    const tree = wholeTreeOf(authenticateRequest, window, start, end, bound);
    const excess = tree.value.octets === undefined ? null : excessOf(tree.value.octets, end - start, bound);
    const fields = excess === null ? replaceField(tree.fields, 'password', secret) : tree.fields.map(secret);
    return { fields, fault: tree.fault ?? excess };
  }
  if (code !== papCode.authenticateAck && code !== papCode.authenticateNak) return rest(packet);
  const whole = wholeTreeOf(authenticateReply, window, start, end, bound);
  const tree = whole.fault === null ? whole : wholeTreeOf(replyWithoutLength, window, start, end, bound);
  const said = (field: TreeField): TreeField => wordsOf(field, window, packet.passwords, null);
  return { ...tree, fields: replaceField(tree.fields, 'message', said) };
}

/** What one end tells the other, from `start` to the end of the packet. */
function words({ window, end, passwords }: BodyOf, start: number, name: string): TreeField {
  return wordsOf(textLeaf(window, start, end, name), window, passwords, null);
}

function chapBody({ code, window, start, end, bound, chap, passwords }: BodyOf): Body {
  if (code === chapCode.challenge || code === chapCode.response) {
    const tree = wholeTreeOf(chapValue, window, start, end, bound);
    const format = code === chapCode.response ? responseLayout(chap) : null;
    const fields = nameCovered(tree, code, chap);
    return { ...tree, fields: replaceField(fields, 'value', (field) => responseTree(field, window, format)) };
  }
  if (code === chapCode.success || code === chapCode.failure) {
    const tree = wholeTreeOf(chapResult, window, start, end, bound);
    const result = (field: TreeField): TreeField => resultTree(field, window, code === chapCode.success, passwords);
    return { ...tree, fields: replaceField(tree.fields, 'message', result) };
  }
  const format = changePasswordLayout(code);
  if (format === null) return rest({ window, start, end });
  const { fields } = wholeTreeOf(format, window, start, end, bound);
  return { fields: fields.map(secret), fault: misfit(format, window, start, end, bound) };
}

/** The fields of a challenge or response, its name covered where it is none. */
function nameCovered(
  { fields, value: { value, name } }: Tree<{ readonly value: Uint8Array; readonly name: string }>,
  code: number,
  algorithm: ChapAlgorithm | null,
): TreeField[] {
  const sound = value === undefined || name === undefined || isChapName(code, value.length, name, algorithm);
  return replaceField(fields, 'name', sound ? (field) => field : secret);
}

function responseLayout(chap: ChapAlgorithm | null): Layout<object> | null {
  if (chap === 'ms-chap-v1') return msChapV1Response as unknown as Layout<object>;
  return chap === 'ms-chap-v2' ? (msChapV2Response as unknown as Layout<object>) : null;
}

/** Both versions of MS-CHAP answer with 49 octets; which it is, LCP said. */
function responseTree(field: TreeField, window: Window, format: Layout<object> | null): TreeField {
  if (format === null || field.end - field.start !== 49) return secret(field);
  const { fields } = wholeTreeOf(format, window, field.start, field.end);
  return group(field.name, fields.map(secretUnlessReserved), format.name);
}

/** The text of MS-CHAP's Success and Failure. */
function resultTree(field: TreeField, window: Window, success: boolean, passwords: readonly string[]): TreeField {
  const text = String(field.value ?? '');
  const meaning = success ? successMeaning(text, passwords) : failureMeaning(text, passwords);
  return wordsOf(field, window, passwords, meaning);
}

/** A text, with what proves or challenges somebody as a field of its own. */
function wordsOf(field: TreeField, window: Window, passwords: readonly string[], meaning: string | null): TreeField {
  const text = String(field.value ?? '');
  const parts: TreeField[] = [];
  let at = 0;
  const textUpTo = (end: number): void => {
    if (at < end) parts.push(textLeaf(window, field.start + at, field.start + end, 'text'));
  };
  for (const { name, start, end } of secretsIn(text, passwords)) {
    textUpTo(start);
    parts.push(secret(textLeaf(window, field.start + start, field.start + end, name)));
    at = end;
  }
  textUpTo(text.length);
  if (at > 0) return group(field.name, parts, meaning);
  return meaning === null ? field : { ...field, meaning };
}

/** `S=... M=...`. RFC 2759 §5 */
function successMeaning(text: string, passwords: readonly string[]): string | null {
  const { authenticatorResponse, message } = parseMsChapSuccess(text);
  return authenticatorResponse === null
    ? null
    : `authenticator response, message "${withoutSecrets(message ?? '', passwords)}"`;
}

/** `E=691 R=1 C=... V=3 M=...`. RFC 2759 §6 */
function failureMeaning(text: string, passwords: readonly string[]): string | null {
  const { errorCode, retryAllowed, message } = parseMsChapFailure(text);
  if (errorCode === null) return null;
  const error = `error ${errorCode} ${msChapErrorNames[errorCode] ?? 'unknown'}`;
  const retry = retryAllowed === null ? '' : retryAllowed ? ', retry allowed' : ', no retry';
  const words = message === null ? '' : `, message "${withoutSecrets(message, passwords)}"`;
  return `${error}${retry}${words}`;
}

function eapBody(packet: BodyOf): Body {
  const { code, window, start, end, bound } = packet;
  if (code !== eapCode.request && code !== eapCode.response) return rest(packet);
  const tree = treeOf(eapMethod, window, start, Math.min(end, start + 1), bound);
  const at = start + 1;
  if (tree.fault !== null || tree.value.type === undefined || at >= end) return tree;
  const method =
    tree.value.type === eapType.expanded
      ? expandedTree({ ...packet, start: at })
      : eapMethodTree(tree.value.type, { ...packet, start: at });
  return { fields: [...tree.fields, ...method.fields], fault: method.fault };
}

/** RFC 3748 §5.7 */
function expandedTree(packet: BodyOf): Body {
  const { window, start, end, bound } = packet;
  const tree = treeOf(expandedType, window, start, Math.min(end, start + 7), bound);
  const { vendorId, vendorType } = tree.value;
  if (vendorId === undefined || vendorType === undefined) return tree;
  const type = standsFor(vendorId, vendorType);
  const fields = replaceField(tree.fields, 'vendorType', (field) => ({
    ...field,
    meaning: type === eapType.nak ? 'Expanded Nak' : type === eapType.expanded ? null : (eapTypeNames[type] ?? null),
  }));
  if (tree.end >= end) return { fields, fault: null };
  const method =
    type === eapType.nak
      ? expandedDesiredTypes(window, tree.end, end, bound)
      : eapMethodTree(type, { ...packet, start: tree.end });
  return { fields: [...fields, ...method.fields], fault: method.fault };
}

/** `packet` starts behind the type. */
function eapMethodTree(type: number, packet: BodyOf): Body {
  const { code, window, start, end, bound } = packet;
  switch (type) {
    case eapType.identity:
      return { fields: [textLeaf(window, start, end, 'identity')], fault: null };
    case eapType.notification:
      return { fields: [words(packet, start, 'message')], fault: null };
    case eapType.oneTimePassword:
    case eapType.genericTokenCard: {
      // The answer is a password.
      const message = words(packet, start, 'message');
      return { fields: [code === eapCode.response ? secret(message) : message], fault: null };
    }
    case eapType.nak:
      return { fields: desiredTypes(window, start, end), fault: null };
    case eapType.md5Challenge: {
      const tree = wholeTreeOf(md5Challenge, window, start, end, bound);
      return { ...tree, fields: replaceField(nameCovered(tree, code, null), 'value', secret) };
    }
    case eapType.tls:
    case eapType.ttls:
    case eapType.peap:
      return tlsTree(window, start, end, bound);
    case eapType.msChapV2:
      return eapMsChapTree(packet);
    default:
      return { fields: [secret(octetsLeaf(window, start, end, 'typeData'))], fault: null };
  }
}

function desiredTypes(window: Window, start: number, end: number): TreeField[] {
  return Array.from({ length: end - start }, (_, index) => {
    const type = window.view.getUint8(start + index);
    const leaf = integerLeaf('desiredType', start + index, start + index + 1, type);
    return { ...leaf, meaning: desiredTypeName(type) };
  });
}

function desiredTypeName(type: number): string | null {
  return type === 0 ? 'none' : (eapTypeNames[type] ?? null);
}

/** RFC 3748 §5.3.2 */
function expandedDesiredTypes(window: Window, start: number, end: number, bound: Bound): Body {
  const fields: TreeField[] = [];
  for (let at = start; at < end; ) {
    const tree = treeOf(expandedDesiredType, window, at, end, bound);
    const { vendorId, vendorType } = tree.value;
    const known = vendorId !== undefined && vendorType !== undefined;
    fields.push(group('desiredType', tree.fields, known ? desiredTypeName(standsFor(vendorId, vendorType)) : null));
    if (tree.fault !== null) return { fields, fault: tree.fault };
    at = tree.end;
  }
  return { fields, fault: null };
}

/** Flags and length. The records are TLS's own and begin in any of the packets that carry them. RFC 5216 §3.1 */
function tlsTree(window: Window, start: number, end: number, bound: Bound): Body {
  const flags = window.view.getUint8(start);
  const headerEnd = Math.min(end, start + ((flags & 0x80) !== 0 ? 5 : 1));
  const tree = treeOf(tlsPacket, window, start, headerEnd, bound);
  if (tree.fault !== null || headerEnd >= end) return tree;
  return { fields: [...tree.fields, octetsLeaf(window, headerEnd, end, 'tlsRecords')], fault: null };
}

/** draft-kamath-pppext-eap-mschapv2 §2 */
function eapMsChapTree({ code, window, start, end, bound, passwords }: BodyOf): Body {
  const opCode = window.view.getUint8(start);
  const first = { ...integerLeaf('opCode', start, start + 1, opCode), meaning: eapMsChapOpCodes[opCode] ?? null };
  // A peer's Success and Failure are the opcode alone.
  if (start + 1 >= end) return { fields: [first], fault: null };
  const header = treeOf(msChapHeader, window, start + 1, end, bound);
  if (header.fault !== null) return { fields: [first, ...header.fields], fault: header.fault };
  const fields = [first, ...header.fields];
  const at = header.end;
  if (opCode === eapMsChapOpCode.challenge || opCode === eapMsChapOpCode.response) {
    const tree = wholeTreeOf(msChapValue, window, at, end, bound);
    const format =
      opCode === eapMsChapOpCode.response && code === eapCode.response ? responseLayout('ms-chap-v2') : null;
    const named = nameCovered(tree, opCode, 'ms-chap-v2');
    const value = replaceField(named, 'value', (field) => responseTree(field, window, format));
    return { fields: [...fields, ...value], fault: tree.fault };
  }
  if (at >= end) return { fields, fault: null };
  if (opCode === eapMsChapOpCode.success || opCode === eapMsChapOpCode.failure) {
    const message = resultTree(
      textLeaf(window, at, end, 'message'),
      window,
      opCode === eapMsChapOpCode.success,
      passwords,
    );
    return { fields: [...fields, message], fault: null };
  }
  const format = opCode === eapMsChapOpCode.changePassword ? changePasswordLayout(chapCode.changePassword) : null;
  const fault = format === null ? null : misfit(format, window, at, end, bound);
  return { fields: [...fields, secret(octetsLeaf(window, at, end, 'data'))], fault };
}

function data({ window, start, end }: Pick<BodyOf, 'window' | 'start' | 'end'>): Body {
  return { fields: start < end ? [octetsLeaf(window, start, end, 'data')] : [], fault: null };
}

function rest({ window, start, end }: Pick<BodyOf, 'window' | 'start' | 'end'>): Body {
  return { fields: start < end ? [undecoded(window, start, end)] : [], fault: null };
}

function secretUnlessReserved(field: TreeField): TreeField {
  return field.reserved || field.end - field.start < 8 ? field : secret(field);
}
