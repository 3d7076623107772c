/** One line for a control packet of PPP, in the manner of pppd's debug log. */

import { ipv4Text } from '../octets/address.ts';
import { hexNumber } from '../octets/hex.ts';
import { counted } from '../octets/words.ts';
import { mppeBits } from '../ppp/ccp.ts';
import { chapCode, isChapName } from '../ppp/chap.ts';
import {
  authenticationProtocolName,
  msChapErrorNames,
  parseMsChapFailure,
  parseMsChapSuccess,
  withoutSecrets,
} from '../ppp/chap-message.ts';
import type { EapBody } from '../ppp/eap.ts';
import { eapMsChapOpCodes, eapTypeNames, tlsAlertNames, tlsHandshakeNames } from '../ppp/eap.ts';
import type { PppControlPacket } from '../ppp/packet.ts';
import { pppProtocol, pppProtocolName } from '../ppp/protocols.ts';
import { windowsErrorName } from '../ppp/windows-errors.ts';
import { named, unnamedFlags } from '../wire/field.ts';
import { hex32, quoted, someHex } from './summary.ts';

type Body = PppControlPacket['body'];
type Option = Extract<Body, { kind: 'configure' | 'callback' }>['options'][number];
type OptionValue<Name extends Option['name']> = Extract<Option, { name: Name; value: unknown }>['value'];

/**
 * `LCP Configure-Request id=1 <mru 1400> <auth MS-CHAPv2> <magic 0x1a2b3c4d>`. Passwords and what proves them are covered, also
 * where somebody repeats one of the `passwords` that went over the link.
 */
export function pppSummary(packet: PppControlPacket, passwords: readonly string[] = []): string {
  const head = `${protocolText(packet.protocol)} ${packet.name}`;
  // A Link-Quality-Report has no identifier.
  const identifier = packet.protocol === pppProtocol.lqr ? '' : ` id=${packet.identifier}`;
  const rest = bodyText(packet, passwords);
  return `${head}${identifier}${rest === '' ? '' : ` ${rest}`}`;
}

export function protocolText(protocol: number): string {
  return pppProtocolName(protocol) ?? `PPP ${hexNumber(protocol, 4)}`;
}

function bodyText(packet: PppControlPacket, passwords: readonly string[]): string {
  if (packet.protocol === pppProtocol.eap) return eapText(packet.body, passwords);
  if (packet.protocol === pppProtocol.chap && packet.body.kind === 'result') {
    return chapResultText(packet.code, packet.body.message, passwords);
  }
  const body = packet.body;
  switch (body.kind) {
    case 'configure':
    case 'callback':
      return body.options.map((option) => `<${optionText(option)}>`).join(' ');
    case 'terminate':
      return terminateText(body, passwords);
    case 'code-reject':
      return `rejected code ${body.octets[0] ?? '?'}`;
    case 'protocol-reject':
      return `protocol ${hexNumber(body.rejectedProtocol, 4)} ${pppProtocolName(body.rejectedProtocol) ?? ''}`.trimEnd();
    case 'echo':
      return `magic=${hex32(body.magicNumber)}${body.octets.length === 0 ? '' : ` data=${someHex(body.octets, 8)}`}`;
    case 'identification':
      return `magic=${hex32(body.magicNumber)} ${body.text === null ? someHex(body.octets) : said(body.text, passwords)}`;
    case 'time-remaining':
      return `magic=${hex32(body.magicNumber)} seconds=${body.secondsRemaining}`;
    case 'request':
      return `user=${body.fault === undefined ? quoted(body.peerId) : '<hidden>'} password=<hidden>`;
    case 'reply':
      return body.message === '' ? '' : said(body.message, passwords);
    case 'value':
      return `<${counted(body.value.length, 'octet')}> ${nameText(packet.code, body)}`;
    case 'result':
      return said(body.message, passwords);
    case 'change-password':
      return '<hidden>';
    case 'reset':
    case 'undecoded':
      return body.octets.length === 0 ? '' : counted(body.octets.length, 'octet');
  }
}

function terminateText(body: Extract<Body, { kind: 'terminate' }>, passwords: readonly string[]): string {
  if (body.windowsReason !== null) {
    const name = body.windowsReason === 0 ? 'normal end' : (windowsErrorName(body.windowsReason) ?? 'unknown');
    return `Windows error ${body.windowsReason} (${name})`;
  }
  if (body.text !== null) return said(body.text, passwords);
  return body.octets.length === 0 ? '' : `data=${someHex(body.octets)}`;
}

function chapResultText(code: number, message: string, passwords: readonly string[]): string {
  if (code === chapCode.success) {
    const success = parseMsChapSuccess(message);
    if (success.authenticatorResponse !== null) return `S=<hidden> M=${said(success.message ?? '', passwords)}`;
    return said(message, passwords);
  }
  const failure = parseMsChapFailure(message);
  if (failure.errorCode === null) return said(message, passwords);
  const retry = failure.retryAllowed === null ? [] : [`R=${failure.retryAllowed ? 1 : 0}`];
  const words = failure.message === null ? [] : [`M=${said(failure.message, passwords)}`];
  return [`E=${named(failure.errorCode, msChapErrorNames)}`, ...retry, ...words].join(' ');
}

function said(message: string, passwords: readonly string[]): string {
  return quoted(withoutSecrets(message, passwords));
}

function eapText(body: EapBody, passwords: readonly string[]): string {
  switch (body.kind) {
    case 'success':
    case 'failure':
      return '';
    case 'undecoded':
      return counted(body.octets.length, 'octet');
    default:
      return [body.typeName, ...eapMethodWords(body, passwords)].join(' ');
  }
}

function eapMethodWords(
  body: Extract<EapBody, { kind: 'request' | 'response' }>,
  passwords: readonly string[],
): string[] {
  if (typeof body.identity === 'string') return [quoted(body.identity)];
  if (body.password !== undefined) return ['<hidden>'];
  if (body.message !== undefined) return [said(body.message, passwords)];
  if (body.desiredTypes !== undefined) {
    return [`wants ${body.desiredTypes.map((type) => eapTypeNames[type] ?? String(type)).join(', ')}`];
  }
  if (body.tls !== undefined) {
    const { flags, messageLength, alert, handshakeTypes } = body.tls;
    return [
      ...((flags & 0x20) !== 0 ? ['start'] : []),
      ...((flags & 0x40) !== 0 ? ['more-fragments'] : []),
      ...(messageLength === null ? [] : [`length=${messageLength}`]),
      ...(handshakeTypes.length === 0
        ? []
        : [`handshake=${handshakeTypes.map((type) => named(type, tlsHandshakeNames)).join(', ')}`]),
      ...(alert === null ? [] : [`alert=${named(alert.description, tlsAlertNames)}`]),
    ];
  }
  if (body.msChap !== undefined) {
    const { opCode, value, name, message } = body.msChap;
    const words = [eapMsChapOpCodes[opCode] ?? `opcode ${opCode}`];
    if (name !== undefined) words.push(nameText(opCode, { value: value ?? new Uint8Array(0), name }));
    if (message !== undefined) words.push(chapResultText(opCode, message, passwords));
    return words;
  }
  const { value, name } = body;
  return value === undefined || name === undefined ? [] : [nameText(body.kind === 'request' ? 1 : 2, { value, name })];
}

/** A value whose length is told too small goes on in what then looks like a name. */
function nameText(code: number, { value, name }: { readonly value: Uint8Array; readonly name: string }): string {
  return `name=${isChapName(code, value.length, name, null) ? quoted(name) : '<hidden>'}`;
}

const authenticationNames = {
  pap: 'PAP',
  'chap-md5': 'CHAP-MD5',
  'ms-chap-v1': 'MS-CHAP',
  'ms-chap-v2': 'MS-CHAPv2',
  eap: 'EAP',
  spap: 'SPAP',
} as const;

/** pppd's words, which people know from logs. */
function optionText(option: Option): string {
  switch (option.name) {
    case 'unknown':
      return withOctets(`option ${option.type}`, option);
    case 'malformed':
      return withOctets(`malformed option ${option.type}`, option);
    case 'maximumReceiveUnit':
      return `mru ${option.value.mru}`;
    case 'asyncControlCharacterMap':
      return `asyncmap ${hex32(option.value.map)}`;
    case 'authenticationProtocol':
      return `auth ${authenticationText(option.value)}`;
    case 'qualityProtocol':
      return `quality ${protocolText(option.value.protocol)}`;
    case 'magicNumber':
      return `magic ${hex32(option.value.magicNumber)}`;
    case 'protocolFieldCompression':
      return 'pcomp';
    case 'addressAndControlFieldCompression':
      return 'accomp';
    case 'callback':
      return `callback operation ${option.value.operation}`;
    case 'multilinkMrru':
      return `mrru ${option.value.mrru}`;
    case 'shortSequenceNumber':
      return 'ssnhf';
    case 'endpointDiscriminator':
      return `endpoint class ${option.value.class} ${someHex(option.value.address)}`;
    case 'mppe':
      return `mppe ${mppeText(option.value.supportedBits)}`;
    case 'deflate':
    case 'deflate-draft':
      return `${option.name} window ${option.value.window + 8}`;
    case 'bsd':
      return `bsd v${option.value.version} ${option.value.dictionary}`;
    case 'ipAddress':
      return `addr ${ipv4Text(option.value.address)}`;
    case 'ipAddresses':
      return `addrs ${ipv4Text(option.value.sourceAddress)} ${ipv4Text(option.value.destinationAddress)}`;
    case 'ipCompressionProtocol':
      return `compress ${ipCompressionText(option.value)}`.trimEnd();
    case 'primaryDns':
      return `dns1 ${ipv4Text(option.value.address)}`;
    case 'secondaryDns':
      return `dns2 ${ipv4Text(option.value.address)}`;
    case 'primaryNbns':
      return `nbns1 ${ipv4Text(option.value.address)}`;
    case 'secondaryNbns':
      return `nbns2 ${ipv4Text(option.value.address)}`;
    case 'interfaceIdentifier':
      return `interface ${groups(option.value.identifier)}`;
    default:
      return withOctets(option.name, option);
  }
}

function withOctets(words: string, { octets }: Option): string {
  return octets.length === 0 ? words : `${words} ${someHex(octets)}`;
}

function authenticationText({ protocol, algorithm }: OptionValue<'authenticationProtocol'>): string {
  const name = authenticationProtocolName(protocol, algorithm);
  if (name !== 'other') return authenticationNames[name];
  return `${protocolText(protocol)}${algorithm === null ? '' : ` algorithm ${algorithm}`}`;
}

/** RFC 1332 §3.2 */
function ipCompressionText(value: OptionValue<'ipCompressionProtocol'>): string {
  return value.protocol === pppProtocol.vanJacobsonCompressed
    ? `VJ ${value.maxSlotId ?? ''} ${value.compSlotId ?? ''}`
    : `${hexNumber(value.protocol, 4)} ${someHex(value.parameters)}`;
}

/** `0000:0000:0000:0001` of the eight octets of an interface identifier. RFC 5072 §4.1 */
function groups(identifier: Uint8Array): string {
  return (someHex(identifier).match(/.{1,4}/g) ?? []).join(':');
}

/** As pppd writes the bits: a sign for each that it knows, `+H` for stateless. */
function mppeText(supportedBits: number): string {
  const known: readonly [keyof typeof mppeBits, string][] = [
    ['stateless', 'H'],
    ['encryption56', 'M'],
    ['encryption128', 'S'],
    ['encryption40', 'L'],
    ['obsolete', 'D'],
    ['mppc', 'C'],
  ];
  const signs = known.map(([name, letter]) => `${(supportedBits & mppeBits[name]) === 0 ? '-' : '+'}${letter}`);
  const rest = unnamedFlags(mppeBits, supportedBits);
  return `${signs.join(' ')}${rest === 0 ? '' : ` +${hexNumber(rest, 1)}`}`;
}
