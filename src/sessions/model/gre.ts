/** GRE of a call. */

/** Enhanced GRE of one call in one direction. RFC 2637 §4.1. */
export interface GreDirection {
  /** All enhanced GRE packets. */
  packets: number;
  /** Octets of the packets' GRE payload. */
  bytes: number;
  /** With a sequence number and a payload. */
  dataPackets: number;
  /** Without a sequence number. */
  ackOnly: number;
  /** The lowest, in serial-number arithmetic; before any restart. */
  firstSequence: number | null;
  /** The highest, in serial-number arithmetic; since the last restart. */
  lastSequence: number | null;
  /** Numbers between first and last that never appear. */
  lost: number;
  /**
   * Numbers that the other end acknowledged and that never appear, as far as its acknowledgments name them: the capture lost
   * them, not the path.
   */
  missedByCapture: number;
  /** Packets whose number appeared before. */
  duplicates: number;
  /** Of these, with another time to live than the first packet: the capture holds both sides of a router. */
  routedDuplicates: number;
  /** Of `ackOnly`, those that repeat the acknowledgment before with another time to live: the same. They have no number that would make them duplicates. */
  routedAcknowledgments: number;
  /** Packets with a lower number than one before, and no duplicates. */
  reordered: number;
  /** Times that the number went from 0xFFFFFFFF to 0. */
  wraps: number;
  /** Packets whose number was too far from the others' to be of the same sequence. */
  outsideWindow: number;
  /** The last of them. */
  outsideWindowFrame: number | null;
  /** Times that the numbers went on elsewhere: the sender began to count anew. That is neither loss nor order. */
  restarts: number;
  /** The first packet behind the last of them. */
  restartFrame: number | null;
  /** Acknowledgments of numbers far from any that the other direction sent. */
  strayAcknowledgments: number;
  /** The last of them. */
  strayAcknowledgmentFrame: number | null;
  /** Packets whose payload length disagrees with the octets that IP carried. */
  lengthMismatches: number;
  /**
   * Packets whose IPv4 header has a wrong checksum though others of the same sender have a right one: who gets them drops them.
   * Checksums of 0 do not count: a network card was to fill them in behind the capture.
   */
  wrongChecksums: number;
  /** The first and the last of them; null where there are none. */
  wrongChecksumFrames: { first: number; last: number } | null;
  /** Data packet to its acknowledgment, as seen at the capture point. */
  medianAckMilliseconds: number | null;
  /** Highest acknowledgment number that this direction sent: it received that much of the other. */
  lastAcknowledgment: number | null;
  /** Largest number of data packets that were sent and not yet acknowledged. */
  maximumOutstanding: number;
  /** First packet. */
  firstFrame: number | null;
  /** Last packet. */
  lastFrame: number | null;
  /** Of the first packet. */
  firstTime: string | null;
  /** Of the last packet. */
  lastTime: string | null;
  /** PPP payload octets that are user data, encrypted or not. */
  userBytes: number;
  /** The first packet with user data. */
  firstDataFrame: number | null;
  /** When that was; null where the capture gives no times. */
  firstDataTime: string | null;
}
