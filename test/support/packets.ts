/**
 * Packets for tests, written straight from the RFCs with no code of the program, so that the tests
 * do not share its mistakes.
 */

export function octets(...parts: (number | readonly number[] | Uint8Array)[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += typeof part === 'number' ? 1 : part.length;
  const all = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    if (typeof part === 'number') all[at++] = part;
    else if (part instanceof Uint8Array) {
      all.set(part, at);
      at += part.length;
    } else for (const octet of part) all[at++] = octet;
  }
  return all;
}

export function u16(value: number): number[] {
  return [(value >>> 8) & 0xff, value & 0xff];
}

export function u32(value: number): number[] {
  return [(value >>> 24) & 0xff, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff];
}

function text(value: string, size: number): number[] {
  const written = new Array<number>(size).fill(0);
  for (let index = 0; index < Math.min(size, value.length); index += 1) written[index] = value.charCodeAt(index);
  return written;
}

const addresses = new Map<string, readonly number[]>();

export function address(dotted: string): readonly number[] {
  let octets = addresses.get(dotted);
  if (octets === undefined) {
    octets = dotted.split('.').map(Number);
    addresses.set(dotted, octets);
  }
  return octets;
}

/** Ethernet II. */
export function ethernet(payload: Uint8Array, etherType = 0x0800): Uint8Array {
  return octets([2, 0, 0, 0, 0, 1], [2, 0, 0, 0, 0, 2], u16(etherType), payload);
}

export interface Ipv4Fields {
  source: string;
  destination: string;
  protocol: number;
  identification?: number;
  timeToLive?: number;
  /** In octets, a multiple of 8. */
  fragmentOffset?: number;
  moreFragments?: boolean;
}

/** RFC 791 §3.1, without options; the checksum is left 0. */
export function ipv4(fields: Ipv4Fields, payload: Uint8Array): Uint8Array {
  return octets(
    0x45,
    0,
    u16(20 + payload.length),
    u16(fields.identification ?? 0),
    u16((fields.moreFragments ? 0x2000 : 0) | ((fields.fragmentOffset ?? 0) >> 3)),
    fields.timeToLive ?? 64,
    fields.protocol,
    u16(0),
    address(fields.source),
    address(fields.destination),
    payload,
  );
}

export const tcpFlags = { fin: 1, syn: 2, rst: 4, psh: 8, ack: 16 } as const;

export interface TcpFields {
  sourcePort: number;
  destinationPort: number;
  sequence: number;
  acknowledgment?: number;
  flags: number;
}

/** RFC 9293 §3.1, without options. */
export function tcp(fields: TcpFields, payload: Uint8Array = new Uint8Array(0)): Uint8Array {
  return octets(
    u16(fields.sourcePort),
    u16(fields.destinationPort),
    u32(fields.sequence),
    u32(fields.acknowledgment ?? 0),
    0x50,
    fields.flags,
    u16(65535),
    u16(0),
    u16(0),
    payload,
  );
}

export interface GreFields {
  callId: number;
  sequence?: number;
  acknowledgment?: number;
}

/** Enhanced GRE. RFC 2637 §4.1 */
export function enhancedGre(fields: GreFields, payload: Uint8Array = new Uint8Array(0)): Uint8Array {
  const hasSequence = fields.sequence !== undefined;
  const hasAcknowledgment = fields.acknowledgment !== undefined;
  return octets(
    0x20 | (hasSequence ? 0x10 : 0),
    (hasAcknowledgment ? 0x80 : 0) | 1,
    u16(0x880b),
    u16(payload.length),
    u16(fields.callId),
    hasSequence ? u32(fields.sequence ?? 0) : [],
    hasAcknowledgment ? u32(fields.acknowledgment ?? 0) : [],
    payload,
  );
}

/** A PPP control packet with address and control fields. RFC 1661 §2, §5 */
export function pppControl(protocol: number, code: number, identifier: number, body: Uint8Array): Uint8Array {
  return octets(0xff, 0x03, u16(protocol), code, identifier, u16(4 + body.length), body);
}

function pptpHeader(length: number, type: number): Uint8Array {
  return octets(u16(length), u16(1), u32(0x1a2b3c4d), u16(type), u16(0));
}

/** Start-Control-Connection-Request (type 1) and -Reply (type 2). RFC 2637 §2.1, §2.2 */
export function startControlConnection(type: 1 | 2, host = 'local', vendor = 'test', result = 1): Uint8Array {
  return octets(
    pptpHeader(156, type),
    u16(0x0100),
    type === 1 ? u16(0) : [result, 0],
    u32(3),
    u32(3),
    u16(1),
    u16(1),
    text(host, 64),
    text(vendor, 64),
  );
}

/** Outgoing-Call-Request. RFC 2637 §2.7 */
export function outgoingCallRequest(callId: number, window = 64): Uint8Array {
  return octets(
    pptpHeader(168, 7),
    u16(callId),
    u16(1),
    u32(2400),
    u32(10_000_000),
    u32(3),
    u32(3),
    u16(window),
    u16(0),
    u16(0),
    u16(0),
    text('', 64),
    text('', 64),
  );
}

/** Outgoing-Call-Reply. RFC 2637 §2.8 */
export function outgoingCallReply(callId: number, peerCallId: number, result = 1, window = 64): Uint8Array {
  return octets(
    pptpHeader(32, 8),
    u16(callId),
    u16(peerCallId),
    result,
    0,
    u16(0),
    u32(10_000_000),
    u16(window),
    u16(0),
    u32(0),
  );
}

/** Echo-Request. RFC 2637 §2.5 */
export function echoRequest(identifier: number): Uint8Array {
  return octets(pptpHeader(16, 5), u32(identifier));
}

/** Echo-Reply: result 1, no error. RFC 2637 §2.6 */
export function echoReply(identifier: number): Uint8Array {
  return octets(pptpHeader(20, 6), u32(identifier), 1, 0, u16(0));
}

/** Call-Clear-Request. RFC 2637 §2.12 */
export function callClearRequest(callId: number): Uint8Array {
  return octets(pptpHeader(16, 12), u16(callId), u16(0));
}

/** Call-Disconnect-Notify. RFC 2637 §2.13 */
export function callDisconnectNotify(callId: number, result = 4): Uint8Array {
  return octets(pptpHeader(148, 13), u16(callId), result, 0, u16(0), u16(0), text('', 128));
}

/** Incoming-Call-Request. RFC 2637 §2.9 */
export function incomingCallRequest(callId: number): Uint8Array {
  return octets(
    pptpHeader(220, 9),
    u16(callId),
    u16(1),
    u32(1),
    u32(0),
    u16(0),
    u16(0),
    text('', 64),
    text('', 64),
    text('', 64),
  );
}

/** Incoming-Call-Reply. RFC 2637 §2.10 */
export function incomingCallReply(callId: number, peerCallId: number, result = 1, window = 32): Uint8Array {
  return octets(pptpHeader(24, 10), u16(callId), u16(peerCallId), result, 0, u16(window), u16(0), u16(0));
}

/** Incoming-Call-Connected. RFC 2637 §2.11 */
export function incomingCallConnected(peerCallId: number, speed = 64_000, window = 16): Uint8Array {
  return octets(pptpHeader(28, 11), u16(peerCallId), u16(0), u32(speed), u16(window), u16(0), u32(1));
}

/** Set-Link-Info. RFC 2637 §2.15 */
export function setLinkInfo(peerCallId: number): Uint8Array {
  return octets(pptpHeader(24, 15), u16(peerCallId), u16(0), u32(0xffffffff), u32(0xffffffff));
}

/** Stop-Control-Connection-Request. RFC 2637 §2.3 */
export function stopControlConnectionRequest(reason: number): Uint8Array {
  return octets(pptpHeader(16, 3), reason, 0, u16(0));
}

/** Stop-Control-Connection-Reply. RFC 2637 §2.4 */
export function stopControlConnectionReply(result = 1): Uint8Array {
  return octets(pptpHeader(16, 4), result, 0, u16(0));
}

/** An ICMP error that quotes a packet: its IP header and the first 8 octets behind it. RFC 792 */
export function icmpError(type: number, code: number, quoted: Uint8Array): Uint8Array {
  return octets(type, code, u16(0), u32(0), quoted.slice(0, 28));
}

/** Destination Unreachable. RFC 792 */
export function icmpUnreachable(code: number, quoted: Uint8Array): Uint8Array {
  return icmpError(3, code, quoted);
}

/** A UDP datagram without checksum. RFC 768 */
export function udp(sourcePort: number, destinationPort: number, payload: ArrayLike<number>): Uint8Array {
  return octets(u16(sourcePort), u16(destinationPort), u16(8 + payload.length), u16(0), Array.from(payload));
}
