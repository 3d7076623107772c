import { Window } from '../octets/window.ts';

/** What the checksum of an IPv4 header says. RFC 791 §3.1 */
export const headerChecksum = {
  /** There is none (IPv6), the packet came in fragments, or the field is 0, which a network card was to fill in. */
  unknown: 0,
  right: 1,
  wrong: 2,
} as const;

/**
 * One IP datagram on its way from the walk to the sessions: whole, reassembled where it came in
 * fragments. A single Packet is refilled for each; it is valid only during the call that it is handed to.
 */
export class Packet {
  /** Frame number; of the first fragment where there were several. */
  frame = 0;
  seconds = 0;
  /** As in Frame: 0 up to 1e9, with a fractional part where the capture is finer. */
  nanoseconds = 0;
  /** Both together in seconds, to half a microsecond. A field, because a number handed on as an argument may be boxed. */
  at = 0.5;
  /** False where the capture holds no time for it. */
  timed = true;
  version = 0;
  /** IP protocol number of the payload. */
  protocol = 0;
  /** Address numbers of the address book. */
  source = 0;
  destination = 0;
  timeToLive = 0;
  /** A value of `headerChecksum`. */
  headerChecksum: number = headerChecksum.unknown;
  window: Window = new Window(new Uint8Array(0));
  /** Captured part of the IP payload. */
  start = 0;
  end = 0;
  /** Octets of payload by IP's own length. */
  wireLength = 0;
  /** The capture kept fewer octets than IP says. */
  cut = false;
  /** It came in fragments. */
  fragmented = false;

  /** Octets that the capture did not keep of what lies from `start` to `end` and has `length` by its own header. */
  cutOff(length: number, start: number, end: number): number {
    if (!this.cut) return 0;
    const sent = Math.min(length, this.start + this.wireLength - start);
    return Math.max(0, sent - (end - start));
  }
}
