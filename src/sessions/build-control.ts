/** From the state of a control connection to the model of it: its TCP, its start and stop, its messages. */
import type { Instant } from '../octets/instant.ts';
import { beforeNul, fieldText } from '../octets/printable.ts';
import { bearerCapabilities, controlMessageType, framingCapabilities, isSuccess } from '../pptp/names.ts';
import type { ControlConnection } from './control-connection.ts';
import type { ControlMessages, ListedMessage, SeenMessage } from './control-messages.ts';
import { type End, otherEnd, sideOf } from './ends.ts';
import type { Control, ControlStart, StartParameters } from './model/control.ts';

export function buildControl(connection: ControlConnection, time: (instant: Instant | null) => string | null): Control {
  const { tunnel, handshake, messages } = connection;
  const client = tunnel.clientEnd;
  const side = sideOf(client);
  const server = otherEnd(client);
  const silent = ([0, 1] as const).find((end) => tunnel.timeToLive(end) === -1);
  const { retransmissions, outOfOrder, missing, missingFrame, missed } = connection.counters();
  return {
    tcp: {
      outcome: handshake.outcome,
      handshakeMilliseconds: handshake.seconds === null ? null : Math.round(handshake.seconds * 1e6) / 1000,
      handshakeComplete: handshake.acknowledged || handshake.synSegments === 0,
      synSegments: handshake.synSegments,
      initialSequence: { client: handshake.numberOf(client), server: handshake.numberOf(server) },
      retransmissions,
      routedDuplicates: connection.routedDuplicates,
      outOfOrder,
      missingBytes: missing,
      missedByCapture: missed,
      missingFrame: missingFrame || null,
      closedBy: connection.closedBy === null ? null : side(connection.closedBy),
      closedWith: connection.closedWith,
      onlyFrom: silent === undefined || !handshake.connected ? null : side(otherEnd(silent)),
      bytes: { client: connection.octets[client], server: connection.octets[server] },
      acknowledgedBytes: {
        client: connection.acknowledgedOctets[client],
        server: connection.acknowledgedOctets[server],
      },
      openedFrame: handshake.synAckFrame || handshake.synFrame || null,
      closedFrame: connection.closedFrame || null,
      lastTime: { client: time(connection.lastOf(client)), server: time(connection.lastOf(server)) },
      strangeTimesToLive: connection.strangeTimesToLive(side),
    },
    start: start(messages, client),
    stop:
      messages.stop === null
        ? null
        : {
            by: side(messages.stop.by),
            reasonCode: messages.stop.reasonCode,
            resultCode: messages.stop.resultCode,
          },
    echo: messages.echo.model(client),
    messages: interleaved(messages.listed).map(({ frames, instant, end, type, name }) => ({
      frame: frames[0] ?? 0,
      frames: [...frames],
      time: time(instant),
      from: side(end),
      type,
      name,
    })),
    messagesNotListed: messages.notListed,
    anomalies: connection.anomalies,
  };
}

/**
 * The messages of both ends by their frames, those of one in the order of its stream. As they were read, what waited for an
 * octet that was missing stands behind what came later.
 */
function interleaved(messages: readonly ListedMessage[]): ListedMessage[] {
  const others = messages.filter(({ end }) => end === 1);
  let next = 0;
  const until = (frame: number): ListedMessage[] => {
    const from = next;
    while (begins(others[next]) < frame) next += 1;
    return others.slice(from, next);
  };
  const inOrder = messages.filter(({ end }) => end === 0).flatMap((message) => [...until(begins(message)), message]);
  return [...inOrder, ...others.slice(next)];
}

/** Its first frame; beyond all of them where there is no message. */
function begins(message: ListedMessage | undefined): number {
  return message === undefined ? Infinity : (message.frames[0] ?? 0);
}

function start(messages: ControlMessages, client: End): ControlStart {
  const server = otherEnd(client);
  const result = messages.startResultCode;
  let outcome: ControlStart['outcome'] = 'not-seen';
  if (messages.startReplyFrame !== 0) {
    if (result !== null) outcome = isSuccess(result) ? 'accepted' : 'refused';
  } else if (messages.startRequestFrame !== 0) outcome = 'no-reply';
  return {
    outcome,
    resultCode: result,
    errorCode: messages.startErrorCode,
    client: parameters(messages.startParameters[client]),
    server: parameters(messages.startParameters[server]),
    requestFrame: messages.startRequestFrame || null,
    replyFrame: messages.startReplyFrame || null,
  };
}

function parameters(message: SeenMessage | null): StartParameters | null {
  if (
    message?.controlMessageType !== controlMessageType.startControlConnectionRequest &&
    message?.controlMessageType !== controlMessageType.startControlConnectionReply
  )
    return null;
  const { protocolVersion, hostName, vendorName } = message;
  return {
    hostName: hostName === undefined ? null : fieldText(hostName),
    vendorName: vendorName === undefined ? null : fieldText(vendorName),
    firmwareRevision: message.firmwareRevision ?? null,
    protocolVersion: protocolVersion === undefined ? null : `${protocolVersion >> 8}.${protocolVersion & 0xff}`,
    framingCapabilities: bitNames(message.framingCapabilities, framingCapabilities),
    bearerCapabilities: bitNames(message.bearerCapabilities, bearerCapabilities),
    maximumChannels: message.maximumChannels ?? null,
    octetsAfterNul: octetsAfterNul(hostName) + octetsAfterNul(vendorName),
  };
}

/** Octets other than 0 behind the first NUL of a fixed field. */
function octetsAfterNul(text: string | undefined): number {
  return text === undefined ? 0 : text.slice(beforeNul(text).length).replaceAll('\0', '').length;
}

/** The names of the bits that are set; unnamed ones as hex. */
function bitNames(value: number | undefined, names: Readonly<Record<string, number>>): string[] | null {
  if (value === undefined) return null;
  const found: string[] = [];
  let rest = value;
  for (const name in names) {
    const bit = names[name] ?? 0;
    if ((value & bit) !== 0) found.push(name);
    rest &= ~bit;
  }
  if (rest !== 0) found.push(`0x${(rest >>> 0).toString(16)}`);
  return found;
}
