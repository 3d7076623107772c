/**
 * DNS look-ups that failed (RFC 1035 §4.1): a VPN whose server's name does not resolve leaves nothing else in a capture.
 * Only questions and response codes are read.
 */
import type { Packet } from '../dissect/packet.ts';
import type { Limits } from '../octets/limits.ts';

const longestName = 253;
/** Seconds within which an answer may still come. */
const patience = 3;
/** RFC 1035 §4.1.1 */
const responseCode = { noError: 0, nameError: 3 } as const;

export interface NameLookupState {
  readonly name: string;
  /** The first question or answer. */
  readonly frame: number;
  /** `no-such-name`: NXDOMAIN. `server-failure`: SERVFAIL or REFUSED. `no-answer`: asked in vain, and not just before the capture ends. */
  outcome: 'no-such-name' | 'server-failure' | 'no-answer' | 'answered';
  /** When that was, in seconds since 1970. */
  readonly at: number;
}

export class NameLookups {
  private readonly limits: Limits;
  /** The first ones are the interesting ones. */
  private readonly names = new Map<string, NameLookupState>();

  constructor(limits: Limits) {
    this.limits = limits;
  }

  /** A UDP datagram of port 53; `start` is the first octet of its payload. Whether it is a question. */
  datagram(packet: Packet, start: number): boolean {
    const view = packet.window.view;
    if (packet.end - start < 17) return false;
    const flags = view.getUint16(start + 2);
    // One question, a standard query or its response.
    if (view.getUint16(start + 4) !== 1 || (flags & 0x7800) !== 0) return false;
    const name = nameAt(view, start + 12, packet.end);
    if (name === null) return false;
    const lookup = this.lookup(name, packet);
    const isQuestion = (flags & 0x8000) === 0;
    if (isQuestion || lookup === null || lookup.outcome === 'answered') return isQuestion;
    const code = flags & 0x000f;
    if (code === responseCode.nameError) lookup.outcome = 'no-such-name';
    else if (code === responseCode.noError) lookup.outcome = 'answered';
    else lookup.outcome = 'server-failure';
    return false;
  }

  /** `end`: the capture's, in seconds since 1970. What was asked just before it may have been answered behind it. */
  failed(end: number): NameLookupState[] {
    return [...this.names.values()].filter(
      ({ outcome, at }) => outcome !== 'answered' && (outcome !== 'no-answer' || end - at >= patience),
    );
  }

  private lookup(name: string, { frame, seconds, nanoseconds }: Packet): NameLookupState | null {
    const key = name.toLowerCase();
    let lookup = this.names.get(key) ?? null;
    if (lookup === null && !this.limits.full('name-lookups', this.names.size)) {
      lookup = { name, frame, outcome: 'no-answer', at: seconds + nanoseconds / 1e9 };
      this.names.set(key, lookup);
    }
    return lookup;
  }
}

/** Labels up to the root; null where they are compressed, cut or too long: no question has such a name. */
function nameAt(view: DataView, start: number, end: number): string | null {
  const labels: string[] = [];
  let length = 0;
  for (let at = start; at < end; ) {
    const size = view.getUint8(at);
    if (size === 0) return labels.length === 0 ? null : labels.join('.');
    if (size > 63 || at + 1 + size > end) return null;
    length += size + 1;
    if (length > longestName) return null;
    let label = '';
    for (let index = 1; index <= size; index += 1) label += String.fromCharCode(view.getUint8(at + index));
    labels.push(label);
    at += size + 1;
  }
  return null;
}
