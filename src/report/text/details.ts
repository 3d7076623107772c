/**
 * What `--verbose` adds to a tunnel's block: the control connection message by message, what each side
 * asked PPP for, and the counts of every direction.
 */
import { counted, duration, frameList } from '../../octets/words.ts';
import { msChapErrorNames } from '../../ppp/chap-message.ts';
import {
  causeNames,
  disconnectResultNames,
  generalErrorNames,
  incomingCallResultNames,
  outgoingCallResultNames,
  startResultNames,
  stopReasonNames,
  stopResultNames,
} from '../../pptp/names.ts';
import { sides } from '../../sessions/ends.ts';
import type { Anomaly } from '../../sessions/model/anomaly.ts';
import type { Authentication } from '../../sessions/model/authentication.ts';
import type { StartParameters } from '../../sessions/model/control.ts';
import type { Echo } from '../../sessions/model/echo.ts';
import type { GreDirection } from '../../sessions/model/gre.ts';
import type { LcpOptions } from '../../sessions/model/lcp.ts';
import type { Names } from '../../wire/field.ts';
import type { CallReport, TunnelReport } from '../contract.ts';
import type { Clock } from './clock.ts';
import type { Page } from './page.ts';
import { span } from './span.ts';

const indent = 4;

export function controlDetails(page: Page, tunnel: TunnelReport, clock: Clock): void {
  const control = tunnel.control;
  if (control === null) return;
  const { tcp, start, stop, echo } = control;
  section(page, 'Control connection');
  say(page, [
    `TCP ${tcp.outcome}`,
    tcp.handshakeMilliseconds === null ? '' : `handshake ${duration(tcp.handshakeMilliseconds / 1000)}`,
    counted(tcp.synSegments, 'SYN'),
    counted(tcp.retransmissions, 'retransmission'),
    `${tcp.outOfOrder} out of order`,
    `${tcp.missingBytes} octets missing`,
    `client sent ${tcp.bytes.client} octets, server ${tcp.bytes.server}`,
    tcp.onlyFrom === null ? '' : `the capture has only what the ${tcp.onlyFrom} sent`,
    tcp.closedWith === null ? '' : `closed by the ${tcp.closedBy ?? 'network'} with ${tcp.closedWith.toUpperCase()}`,
    frameList([tcp.openedFrame, tcp.closedFrame]),
  ]);
  say(page, [
    `start ${start.outcome}`,
    code('result', start.resultCode, startResultNames),
    code('error', start.errorCode, generalErrorNames),
  ]);
  compare(page, clock, startRows, start.client, start.server);
  if (echo.requests > 0) say(page, [echoText(echo)]);
  if (stop !== null) {
    say(page, [
      `stopped by the ${stop.by}`,
      code('reason', stop.reasonCode, stopReasonNames),
      code('result', stop.resultCode, stopResultNames),
    ]);
  }
  const rows = control.messages.map(({ frame, frames, time, from, type, name }) => [
    frames.length > 1 ? frameList(frames).replace(/^frames? /, '') : `${frame}`,
    clock.moment(time),
    from,
    `${name} (${type})`,
  ]);
  if (rows.length > 0) page.table(['frame', 'time', 'from', 'message'], rows, indent);
  if (control.messagesNotListed > 0) say(page, [`${counted(control.messagesNotListed, 'more message')}, counted only`]);
}

export function callDetails(page: Page, call: CallReport, clock: Clock): void {
  setup(page, call);
  section(page, 'GRE');
  const { clientToServer, serverToClient } = call.gre;
  compare(page, clock, greRows, clientToServer, serverToClient, ['client → server', 'server → client']);
  lcpDetails(page, call.lcp, clock);
  if (call.authentication.length > 0) section(page, 'Authentication');
  for (const exchange of call.authentication) say(page, authenticationFacts(exchange));
  encryptionDetails(page, call.encryption);
  networkDetails(page, call);
}

/** What the control connection said of the call. */
function setup(page: Page, call: CallReport): void {
  section(page, `Call ${call.id}`);
  say(page, [
    `${call.kind} call, ${call.outcome}`,
    `Call IDs client ${known(call.clientCallId)}, server ${known(call.serverCallId)}`,
    `in GRE to the server ${known(call.callIdInGre.clientToServer)}, to the client ${known(call.callIdInGre.serverToClient)}`,
    code('result', call.resultCode, call.kind === 'incoming' ? incomingCallResultNames : outgoingCallResultNames),
    code('error', call.errorCode, generalErrorNames),
    code('cause', call.causeCode, causeNames),
    code('connect speed', call.connectSpeed),
    `receive windows client ${known(call.receiveWindow.client)}, server ${known(call.receiveWindow.server)}`,
    call.setLinkInfo === 0 ? '' : counted(call.setLinkInfo, 'Set-Link-Info', 'Set-Link-Info'),
    call.wanErrors === 0 ? '' : counted(call.wanErrors, 'WAN-Error-Notify', 'WAN-Error-Notify'),
  ]);
  if (call.disconnect !== null) {
    const { by, frame, resultCode, errorCode, causeCode, statistics } = call.disconnect;
    say(page, [
      `disconnected by the ${by}`,
      code('result', resultCode, disconnectResultNames),
      code('error', errorCode, generalErrorNames),
      code('cause', causeCode, causeNames),
      statistics === null || statistics === '' ? '' : `statistics "${statistics}"`,
      frameList([frame]),
    ]);
  }
}

function lcpDetails(page: Page, lcp: CallReport['lcp'], clock: Clock): void {
  section(page, 'LCP');
  say(page, [
    lcp.outcome,
    `Configure-Requests client ${lcp.configureRequests.client}, server ${lcp.configureRequests.server}`,
    rejectedText('client', lcp.rejected.client),
    rejectedText('server', lcp.rejected.server),
    lcp.echo.requests > 0 ? echoText(lcp.echo) : '',
    frameList([lcp.openedFrame]),
  ]);
  compare(page, clock, lcpRows, lcp.client, lcp.server);
  for (const side of sides) {
    for (const text of lcp.identification[side]) say(page, [`${side} identifies itself: "${text}"`]);
  }
  for (const { by, protocol, name, frame } of lcp.protocolRejects) {
    say(page, [`${by} rejects protocol ${hex(protocol)}${name === null ? '' : ` ${name}`}`, frameList([frame])]);
  }
  if (lcp.terminatedBy !== null) {
    say(page, [
      `terminated by the ${lcp.terminatedBy}`,
      lcp.terminateText === null ? '' : `"${lcp.terminateText}"`,
      code('Windows error', lcp.windowsErrorCode),
      frameList([lcp.terminateFrame]),
    ]);
  } else if (lcp.windowsErrorCode !== null) say(page, [code('Windows error', lcp.windowsErrorCode)]);
}

function encryptionDetails(page: Page, encryption: CallReport['encryption']): void {
  section(page, 'Encryption');
  say(page, [
    `CCP ${encryption.ccp}`,
    encryption.method === 'none' ? 'no method' : encryption.method,
    encryption.bits === null ? '' : `${encryption.bits} bit`,
    encryption.stateless === null ? '' : encryption.stateless ? 'stateless' : 'stateful',
    encryption.mppc === true ? 'with MPPC compression' : '',
    encryption.agreed === 'none' ? '' : encryption.agreed,
    counted(encryption.encryptedPackets, 'encrypted packet'),
    counted(encryption.clearDataPackets, 'data packet in the clear', 'data packets in the clear'),
    counted(encryption.resetRequests, 'Reset-Request'),
    counted(encryption.resetAcks, 'Reset-Ack'),
    counted(encryption.coherencyGaps, 'coherency gap'),
    frameList([encryption.openedFrame]),
  ]);
}

function networkDetails(page: Page, { network, multilink, otherProtocols }: CallReport): void {
  section(page, 'Network');
  say(page, [
    `IPCP ${network.ipcp}`,
    network.clientAddress === null ? '' : `client ${network.clientAddress}`,
    network.serverAddress === null ? '' : `server ${network.serverAddress}`,
    network.dns.length > 0 ? `DNS ${network.dns.join(' ')}` : '',
    network.nbns.length > 0 ? `NBNS ${network.nbns.join(' ')}` : '',
    `IPV6CP ${network.ipv6cp}`,
    frameList([network.openedFrame]),
  ]);
  if (multilink !== null) say(page, [`multilink: ${counted(multilink.packets, 'packet')}`]);
  for (const { protocol, name, packets } of otherProtocols) {
    say(page, [`protocol ${hex(protocol)}${name === null ? '' : ` ${name}`}: ${counted(packets, 'packet')}`]);
  }
}

/** Every anomaly with its frame. */
export function anomalyDetails(page: Page, anomalies: readonly Anomaly[]): void {
  if (anomalies.length === 0) return;
  section(page, 'Anomalies');
  for (const { message, code: name, frame } of anomalies) say(page, [message, name, frameList([frame])]);
}

function authenticationFacts(exchange: Authentication): string[] {
  const { protocol, authenticator, user, authenticatorName, outcome, errorCode, retryAllowed, message } = exchange;
  return [
    `${protocol}, demanded by the ${authenticator}${authenticatorName === null ? '' : ` "${authenticatorName}"`}`,
    user === null ? '' : `user "${user}"`,
    outcome,
    code('error', errorCode, msChapErrorNames),
    retryAllowed === null ? '' : retryAllowed ? 'retry allowed' : 'no retry allowed',
    message === null || message === '' ? '' : `"${message}"`,
    counted(exchange.attempts, 'attempt'),
    exchange.handshakeComplete ? 'challenge and response captured' : '',
    frameList(exchange.frames),
  ];
}

type Cell<Value> = readonly [label: string, cell: (value: Value, clock: Clock) => string];

const startRows: readonly Cell<StartParameters>[] = [
  ['host name', ({ hostName }) => quoted(hostName)],
  ['vendor', ({ vendorName }) => quoted(vendorName)],
  ['firmware revision', ({ firmwareRevision }) => known(firmwareRevision)],
  ['protocol version', ({ protocolVersion }) => known(protocolVersion)],
  ['framing', ({ framingCapabilities }) => listed(framingCapabilities)],
  ['bearer', ({ bearerCapabilities }) => listed(bearerCapabilities)],
  ['maximum channels', ({ maximumChannels }) => known(maximumChannels)],
];

const lcpRows: readonly Cell<LcpOptions>[] = [
  ['MRU', ({ mru }) => (mru === null ? '?' : `${mru}`)],
  [
    'async control map',
    ({ asyncControlCharacterMap: map, cut }) =>
      map === null ? agreed(null, cut) : `0x${map.toString(16).padStart(8, '0')}`,
  ],
  ['authentication demanded', ({ authenticationProtocol, cut }) => agreed(authenticationProtocol, cut)],
  [
    'magic number',
    ({ magicNumber: magic, cut }) => (magic === null ? agreed(null, cut) : `0x${magic.toString(16).padStart(8, '0')}`),
  ],
  ['protocol field compression', ({ protocolFieldCompression }) => yesNo(protocolFieldCompression)],
  ['address/control compression', ({ addressAndControlFieldCompression }) => yesNo(addressAndControlFieldCompression)],
  ['callback', ({ callback }) => yesNo(callback)],
  ['multilink MRRU', ({ multilinkMrru, cut }) => agreed(multilinkMrru, cut)],
  ['endpoint discriminator', ({ endpointDiscriminator, cut }) => agreed(endpointDiscriminator, cut)],
];

const greRows: readonly Cell<GreDirection>[] = [
  ['packets', ({ packets }) => `${packets}`],
  ['octets', ({ bytes }) => `${bytes}`],
  ['with data', ({ dataPackets }) => `${dataPackets}`],
  ['acknowledgment only', ({ ackOnly }) => `${ackOnly}`],
  [
    'sequence numbers',
    ({ firstSequence, lastSequence }) => (firstSequence === null ? '–' : `${firstSequence}-${known(lastSequence)}`),
  ],
  ['acknowledges up to', ({ lastAcknowledgment }) => known(lastAcknowledgment)],
  ['lost', ({ lost }) => `${lost}`],
  ['duplicates', ({ duplicates }) => `${duplicates}`],
  ['reordered', ({ reordered }) => `${reordered}`],
  ['wraps', ({ wraps }) => `${wraps}`],
  ['outside the window', ({ outsideWindow }) => `${outsideWindow}`],
  ['began anew', ({ restarts }) => `${restarts}`],
  ['wrong length', ({ lengthMismatches }) => `${lengthMismatches}`],
  ['wrong IP checksum', ({ wrongChecksums }) => `${wrongChecksums}`],
  ['median time to ack', ({ medianAckMilliseconds: time }) => (time === null ? '–' : duration(time / 1000))],
  ['most outstanding', ({ maximumOutstanding }) => `${maximumOutstanding}`],
  ['user octets', ({ userBytes }) => `${userBytes}`],
  ['frames', ({ firstFrame, lastFrame }) => (firstFrame === null ? '–' : `${firstFrame}-${known(lastFrame)}`)],
  ['first', ({ firstTime }, clock) => clock.moment(firstTime) || '–'],
  ['last', ({ lastTime }, clock) => clock.moment(lastTime) || '–'],
];

/** Two of a kind side by side; a side that is not known has dashes, and where neither is, there is no table. */
function compare<Value>(
  page: Page,
  clock: Clock,
  rows: readonly Cell<Value>[],
  client: Value | null,
  server: Value | null,
  headings: readonly [string, string] = ['client', 'server'],
): void {
  if (client === null && server === null) return;
  const cells = ([label, cell]: Cell<Value>): string[] => [
    label,
    ...[client, server].map((side) => (side === null ? '–' : cell(side, clock))),
  ];
  page.table(['', ...headings], rows.map(cells), indent);
}

function section(page: Page, title: string): void {
  page.blank();
  page.heading('section', [span(title)]);
}

/** The facts that there are, as one sentence without an end. */
function say(page: Page, facts: readonly string[]): void {
  page.paragraph([span(facts.filter((fact) => fact !== '').join(', '))], indent, indent + 2);
}

function echoText({ requests, replies, unanswered, medianRttMilliseconds }: Echo): string {
  const time = medianRttMilliseconds === null ? '' : `, median ${duration(medianRttMilliseconds / 1000)}`;
  return `${counted(requests, 'echo request')}, ${counted(replies, 'reply', 'replies')}, ${unanswered} unanswered${time}`;
}

function rejectedText(side: string, names: readonly string[]): string {
  return names.length === 0 ? '' : `asked by the ${side} and rejected: ${names.join(' ')}`;
}

function code(name: string, value: number | null, names: Names = {}): string {
  if (value === null) return '';
  const meaning = names[value];
  return meaning === undefined ? `${name} ${value}` : `${name} ${value} (${meaning})`;
}

function known(value: number | string | null): string {
  return value === null ? '–' : `${value}`;
}

/** Of an option: null says that it was not agreed, but where the capture cut the options off. */
function agreed(value: number | string | null, cut: boolean): string {
  return value === null && cut ? '?' : known(value);
}

function quoted(text: string | null): string {
  return text === null ? '–' : `"${text}"`;
}

function listed(names: readonly string[] | null): string {
  return names === null ? '–' : names.join(' ') || 'none';
}

function hex(value: number): string {
  return `0x${value.toString(16).padStart(4, '0')}`;
}

function yesNo(value: boolean | null): string {
  return value === null ? '?' : value ? 'yes' : 'no';
}
