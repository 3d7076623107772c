/** Password Authentication Protocol. RFC 1334 §2 */
import type { Window } from '../octets/window.ts';
import type { Bound, Malformed } from '../wire/decoded.ts';
import { excess, prefixedText, restOctets, restText } from '../wire/field.ts';
import { decode, encode, excessFault, layout } from '../wire/layout.ts';
import { failed, type UndecodedBody } from './control-packet.ts';

/** RFC 1334 §2.2 */
/** RFC 1334 §2.2 */
export const papCode = { authenticateRequest: 1, authenticateAck: 2, authenticateNak: 3 } as const;

export const papCodes = {
  [papCode.authenticateRequest]: 'Authenticate-Request',
  [papCode.authenticateAck]: 'Authenticate-Ack',
  [papCode.authenticateNak]: 'Authenticate-Nak',
} as const;

/** RFC 1334 §2.2.1 */
export interface PapRequestBody {
  readonly kind: 'request';
  readonly peerId: string;
  readonly password: string;
  /** What follows the password; nothing should. */
  readonly octets: Uint8Array;
  /** That something does: a length is wrong, and what it ends may be no name. Absent where nothing does. */
  readonly fault?: Malformed;
}

/** RFC 1334 §2.2.2 */
export interface PapReplyBody {
  readonly kind: 'reply';
  readonly message: string;
  /** Some senders leave out the length of an empty message. */
  readonly lengthPresent: boolean;
  /** What follows the message; nothing should. */
  readonly octets: Uint8Array;
}

export type PapBody = PapRequestBody | PapReplyBody | UndecodedBody;

export const authenticateRequest = layout('Authenticate-Request', 'RFC 1334 §2.2.1').fields({
  peerId: prefixedText(),
  password: prefixedText(),
  octets: excess(),
});

export const authenticateReply = layout('Authenticate-Ack and -Nak', 'RFC 1334 §2.2.2').fields({
  message: prefixedText(),
  octets: restOctets(),
});

export const replyWithoutLength = layout('Authenticate-Ack and -Nak', 'observed').fields({ message: restText() });

export function decodePapBody(code: number, window: Window, start: number, end: number, boundedBy: Bound): PapBody {
  if (code === papCode.authenticateRequest) {
    const decoded = decode(authenticateRequest, window, start, end, boundedBy);
    if (!decoded.ok) return failed(window, start, end, decoded);
    const fault = excessOf(decoded.value.octets, end - start, boundedBy);
    return { kind: 'request', ...decoded.value, ...(fault === null ? {} : { fault }) };
  } else if (code === papCode.authenticateAck || code === papCode.authenticateNak) {
    const decoded = decode(authenticateReply, window, start, end, boundedBy);
    if (decoded.ok) return { kind: 'reply', ...decoded.value, lengthPresent: true };
    const bare = decode(replyWithoutLength, window, start, end, boundedBy);
    if (bare.ok) return { kind: 'reply', ...bare.value, lengthPresent: false, octets: new Uint8Array(0) };
  }
  return { kind: 'undecoded', octets: window.bytes.slice(start, end) };
}

/** `octets` follow the password of a request whose body has `size` in all. */
export function excessOf(octets: Uint8Array, size: number, boundedBy: Bound): Malformed | null {
  return octets.length === 0 ? null : excessFault(authenticateRequest, size - octets.length, size, boundedBy);
}

export function encodePapBody(body: PapBody): Uint8Array {
  switch (body.kind) {
    case 'request':
      return encode(authenticateRequest, body);
    case 'reply':
      return body.lengthPresent ? encode(authenticateReply, body) : encode(replyWithoutLength, body);
    case 'undecoded':
      return body.octets;
  }
}
