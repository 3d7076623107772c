/** What a capture file said about itself and its frames: the result of reading one to its end. */
import type { Instant } from '../octets/instant.ts';
import type { CaptureProblem } from './problem.ts';

export interface CaptureSummary {
  /** null where the input is no capture. */
  readonly kind: 'pcap' | 'pcapng' | null;
  /** Of the first section; null where it could not be told. */
  readonly byteOrder: 'little' | 'big' | null;
  /** LINKTYPE_ numbers in the order in which interfaces first name them. */
  readonly linkTypes: number[];
  /** `microsecond`, `nanosecond`, or another as text: `10^-3 s`, `2^-20 s`. The finest where interfaces differ; null without an interface. */
  readonly timestampResolution: string | null;
  /** Decimal digits after the second that hold it, for `formatInstant`; 0 without an interface. */
  readonly timestampDigits: number;
  readonly frames: number;
  readonly capturedBytes: number;
  readonly wireBytes: number;
  /** Frames of which the capture kept fewer octets than the wire had. */
  readonly truncatedFrames: number;
  /** The earliest and the latest time of a frame: time may run backwards within a file. null without timed frames. */
  readonly first: Instant | null;
  readonly last: Instant | null;
  /** False: the input is no capture, ends inside a record, or is damaged. */
  readonly complete: boolean;
  /** In the order in which they were met; as many as the bound `problems` allows, and one that counts the rest. */
  readonly problems: CaptureProblem[];
  /** In the order of the file; frame null where a comment is on the section or on an interface. */
  readonly comments: { frame: number | null; text: string }[];
  /** Packets that the capturing program says it lost; null where it does not say. */
  readonly droppedByCapture: number | null;
  /** True: the number counts from the start of the capture, also where the file is a later part of it (pcapng's isb_ifdrop). */
  readonly droppedSinceStart: boolean;
}
