/**
 * One direction of enhanced GRE: packets from one address to another with one Call ID (RFC 2637 §4).
 * The hot path of the whole program: per packet only numbers change, nothing is allocated.
 */
import type { Packet } from '../dissect/packet.ts';
import type { GreView } from '../gre/view.ts';
import type { Instant } from '../octets/instant.ts';
import type { PppControlPacket } from '../ppp/packet.ts';
import type { CallState } from './call-state.ts';
import { Rooms } from './rooms.ts';
import { Samples } from './samples.ts';
import { historyWords, SequenceTracker } from './sequence.ts';

/** Numbers whose packets are kept as fingerprints; a power of two. */
const fingerprintsAtMost = 32;
/** Octets of a packet that go into its fingerprint: PPP's header, MPPE's, and ciphertext enough. */
const fingerprintOctets = 16;
/** An acknowledgment this far from what was sent is none of it. */
const farthestNumber = 0x10_0000;

/** A PPP packet that waits until it is known which call its flow belongs to. */
export interface WaitingPpp {
  readonly packet: PppControlPacket | null;
  readonly protocol: number;
  readonly frame: number;
  readonly instant: Instant;
}

/** Width of the classes that sizes of unacknowledged packets are counted in. */
export const sizeStep = 64;
export const sizeClasses = 32;
/** Where these counts begin in the flow's room, two in a word: behind the numbers' history and the fingerprints. */
const unacknowledgedWords = historyWords + fingerprintsAtMost;
/** Seconds after which a packet that is still the newest should have been acknowledged: implementations wait up to 0.5 s. */
const acknowledgmentDelay = 0.5;
/** A sender that waits for the window goes on at once when it opens. */
const resumesWithin = 0.05;
/** Shorter pauses are no starvation. */
const shortestStall = 0.1;

export class GreFlow {
  readonly source: number;
  readonly destination: number;
  readonly callId: number;
  /** null while nobody has announced the Call ID. */
  call: CallState | null = null;
  /** Index of the sending end in the call's tunnel. */
  end = 0;
  waiting: WaitingPpp[] | null = null;
  /** IP's time to live of the first packet, where the flow was loose. */
  timeToLive = -1;
  timed = true;

  packets = 0;
  octets = 0;
  dataPackets = 0;
  ackOnly = 0;
  lengthMismatches = 0;
  readonly sequence: SequenceTracker;
  firstFrame = 0;
  lastFrame = 0;
  firstSeconds = 0;
  firstNanoseconds = 0;
  lastSeconds = 0;
  lastNanoseconds = 0;

  /** Highest acknowledgment number that the other direction sent for this one; -1 before the first. */
  acknowledged = -1;
  /** Highest acknowledgment number that this direction sent; -1 before the first. */
  acknowledging = -1;
  maximumOutstanding = 0;
  acknowledgmentTimes: Samples | null = null;
  /** Times that the sender paused with the receiver's window full and went on as soon as it opened, and how long in all. */
  windowStalls = 0;
  windowStallSeconds = 0;
  /** Packets sent beyond the receiver's window. */
  beyondWindow = 0;
  private windowOpenedAt = -1;
  /** Octets of the largest packet, IP header and all. */
  largestPacket = 0;
  /** Of packets whose very number was acknowledged: their count and the largest. */
  acknowledgedPackets = 0;
  largestAcknowledged = 0;
  /** Packets without a number that came in the time of the longest gap: the way was open then. */
  unnumberedInGap = 0;
  private unnumbered = 0;
  private waitingSize = 0;
  private sentAt = 0;
  private probe = -1;
  private probeSeconds = 0;
  private probeNanoseconds = 0;

  /** PPP of network-layer protocols outside compression and encryption. */
  clearPackets = 0;
  /** PPP 0x00FD: MPPE, or another compression. */
  compressedPackets = 0;
  /** Of these, with the encrypted bit of MPPE (0x1000). */
  encryptedBitPackets = 0;
  /** With the flushed bit (0x8000). */
  flushedBitPackets = 0;
  /** With MPPE's bits B or C (0x6000). */
  compressedBitPackets = 0;
  coherencyGaps = 0;
  coherencyCount = -1;
  multilinkPackets = 0;
  userOctets = 0;
  firstDataFrame = 0;
  firstDataSeconds = 0;
  firstDataNanoseconds = 0;
  lastDataFrame = 0;
  lastDataSeconds = 0;
  lastDataNanoseconds = 0;
  firstClearFrame = 0;
  firstEncryptedFrame = 0;
  /** PPP 0x00FD without the encrypted bit. */
  firstUnencryptedFrame = 0;
  /** User data outside compression and encryption, after this direction had sent encrypted packets. */
  clearAfterEncrypted = 0;
  clearAfterEncryptedFrame = 0;
  outsideWindowFrame = 0;
  /** Acknowledgments of this direction for numbers that the other one is far from. */
  strayAcknowledgments = 0;
  strayAcknowledgmentFrame = 0;
  /** Packets with a number that was there before and with other octets. */
  changedDuplicates = 0;
  changedDuplicateFrame = 0;

  /** `rooms`: where it remembers its newest packets; it shares the one of its sequence numbers. */
  constructor(source: number, destination: number, callId: number, rooms: Rooms = new Rooms(1)) {
    this.sequence = new SequenceTracker(rooms);
    this.source = source;
    this.destination = destination;
    this.callId = callId;
  }

  /** Counts a packet; true where it carries PPP that was not here before (a repeated number carries nothing new). */
  count(packet: Packet, gre: GreView): boolean {
    this.packets += 1;
    const payload = gre.payloadEnd - gre.payloadStart;
    this.octets += Math.min(gre.payloadLength, Math.max(0, packet.start + packet.wireLength - gre.payloadStart));
    if (gre.lengthMismatch) this.lengthMismatches += 1;
    if (this.packets === 1) {
      this.firstFrame = packet.frame;
      this.firstSeconds = packet.seconds;
      this.firstNanoseconds = packet.nanoseconds;
    }
    this.lastFrame = packet.frame;
    this.lastSeconds = packet.seconds;
    this.lastNanoseconds = packet.nanoseconds;
    if (gre.acknowledgmentPresent) this.acknowledging = gre.acknowledgmentNumber;
    if (!gre.sequencePresent) {
      this.ackOnly += 1;
      this.unnumbered += 1;
      return payload > 0;
    }
    const sequence = gre.sequenceNumber;
    if (gre.payloadLength > 0) this.dataPackets += 1;
    const duplicatesBefore = this.sequence.duplicates;
    const outsideBefore = this.sequence.outsideWindow;
    const gapBefore = this.sequence.longestGap;
    if (this.sequence.push(sequence)) {
      if (this.acknowledged >= 0) {
        const outstanding = (sequence - this.acknowledged) | 0;
        if (outstanding > this.maximumOutstanding) this.maximumOutstanding = outstanding;
        const window = this.call?.receiveWindows[this.end === 0 ? 1 : 0] ?? 0;
        if (window > 0 && outstanding > window) this.beyondWindow += 1;
      }
      this.sent(packet);
      if (this.probe < 0) {
        this.probe = sequence;
        this.probeSeconds = packet.seconds;
        this.probeNanoseconds = packet.nanoseconds;
      }
    }
    if (this.sequence.longestGap > gapBefore) this.unnumberedInGap = this.unnumbered;
    this.unnumbered = 0;
    if (this.sequence.outsideWindow > outsideBefore) this.outsideWindowFrame = packet.frame;
    const repeated = this.sequence.duplicates !== duplicatesBefore;
    if (payload > 0) this.compare(packet, gre, repeated);
    return payload > 0 && !repeated;
  }

  /**
   * Tells a repeated number with other octets from a packet that came twice, among the newest 32 numbers. Of each a word is
   * kept: 24 bits of a fingerprint, never 0, and the 8 bits of the number above those that tell the word's place.
   */
  private compare(packet: Packet, gre: GreView, repeated: boolean): void {
    const { payloadStart, payloadEnd, sequenceNumber } = gre;
    const view = packet.window.view;
    let fingerprint = gre.payloadLength;
    const stop = Math.min(payloadEnd, payloadStart + fingerprintOctets);
    for (let at = payloadStart; at + 4 <= stop; at += 4) {
      fingerprint = Math.imul(fingerprint, 0x0100_0193) ^ view.getInt32(at);
    }
    const { page, base } = this.sequence;
    if (page === null) return;
    const place = base + historyWords + (sequenceNumber & (fingerprintsAtMost - 1));
    // The high bits: those of all octets have come there.
    const word = ((sequenceNumber >>> 5) << 24) | (Math.imul(fingerprint, 0x0100_0193) >>> 8) | 1;
    if (!repeated) {
      page[place] = word;
      return;
    }
    const kept = page[place] ?? 0;
    // A packet that the capture cut has fewer octets to compare.
    if (packet.cut || kept === 0 || kept >>> 24 !== word >>> 24 || kept === word) return;
    this.changedDuplicates += 1;
    if (this.changedDuplicateFrame === 0) this.changedDuplicateFrame = packet.frame;
  }

  /** Packets that were the newest for longer than an acknowledgment takes, by size in steps of `sizeStep` octets. */
  unacknowledged(sizeClass: number): number {
    const { page, base } = this.sequence;
    if (page === null) return 0;
    return ((page[base + unacknowledgedWords + (sizeClass >> 1)] ?? 0) >>> ((sizeClass & 1) << 4)) & 0xffff;
  }

  /** Whether `number` is far from what this direction sends; then it is no acknowledgment of it. */
  isFarFrom(number: number): boolean {
    const { sequence } = this;
    return sequence.count > 0 && Math.abs((number - sequence.last) | 0) > farthestNumber;
  }

  strayAcknowledgment(frame: number): void {
    this.strayAcknowledgments += 1;
    this.strayAcknowledgmentFrame = frame;
  }

  /** User data outside compression and encryption. */
  clear(packet: Packet, octets: number): void {
    this.clearPackets += 1;
    if (this.firstClearFrame === 0) this.firstClearFrame = packet.frame;
    if (this.firstEncryptedFrame !== 0) {
      this.clearAfterEncrypted += 1;
      if (this.clearAfterEncryptedFrame === 0) this.clearAfterEncryptedFrame = packet.frame;
    }
    this.userData(packet, octets);
  }

  /** The other direction acknowledged `number`, the highest sequence number that it received. RFC 2637 §4.3 */
  acknowledge(number: number, { seconds, nanoseconds, at }: Packet): void {
    const outstanding = this.acknowledged < 0 ? 0 : (this.sequence.last - this.acknowledged) | 0;
    if (this.acknowledged < 0 || ((number - this.acknowledged) | 0) > 0) {
      const window = this.call?.receiveWindows[this.end === 0 ? 1 : 0] ?? 0;
      if (window > 0 && outstanding >= window) this.windowOpenedAt = at;
      this.acknowledged = number;
    }
    if (this.waitingSize > 0 && number === this.sequence.last) {
      this.acknowledgedPackets += 1;
      if (this.waitingSize > this.largestAcknowledged) this.largestAcknowledged = this.waitingSize;
      this.waitingSize = 0;
    }
    if (this.probe < 0 || ((number - this.probe) | 0) < 0) return;
    const milliseconds = (seconds - this.probeSeconds) * 1000 + (nanoseconds - this.probeNanoseconds) / 1e6;
    this.probe = -1;
    if (milliseconds < 0) return;
    this.acknowledgmentTimes ??= new Samples();
    if (this.acknowledgmentTimes.takesNext()) this.acknowledgmentTimes.add(milliseconds);
  }

  private countUnacknowledged(sizeClass: number): void {
    const { page, base } = this.sequence;
    if (page === null) return;
    const word = base + unacknowledgedWords + (sizeClass >> 1);
    const shift = (sizeClass & 1) << 4;
    const held = page[word] ?? 0;
    const count = ((held >>> shift) + 1) & 0xffff;
    page[word] = (held & ~(0xffff << shift)) | (count << shift);
  }

  /** The newest packet: what became of the one before, and whether the sender had waited for the window. */
  private sent(packet: Packet): void {
    const now = packet.at;
    const size = packet.wireLength + 20;
    const pause = now - this.sentAt;
    if (this.waitingSize > 0 && pause >= acknowledgmentDelay) {
      this.countUnacknowledged(Math.min(sizeClasses - 1, Math.floor(this.waitingSize / sizeStep)));
    }
    if (this.windowOpenedAt >= 0) {
      if (pause >= shortestStall && now - this.windowOpenedAt <= resumesWithin) {
        this.windowStalls += 1;
        this.windowStallSeconds += pause;
      }
      this.windowOpenedAt = -1;
    }
    if (size > this.largestPacket) this.largestPacket = size;
    this.waitingSize = size;
    this.sentAt = now;
  }

  /** User data, or what may be: dates the first and the last. */
  userData(packet: Packet, octets: number): void {
    this.userOctets += octets;
    this.lastDataFrame = packet.frame;
    this.lastDataSeconds = packet.seconds;
    this.lastDataNanoseconds = packet.nanoseconds;
    if (this.firstDataFrame !== 0) return;
    this.firstDataFrame = packet.frame;
    this.firstDataSeconds = packet.seconds;
    this.firstDataNanoseconds = packet.nanoseconds;
  }

  /** The 16-bit word after PPP 0x00FD: as MPPE, flags A B C D and the coherency count. RFC 3078 §3 */
  compressed(word: number, packet: Packet, isNew: boolean): void {
    this.compressedPackets += 1;
    if ((word & 0x8000) !== 0) this.flushedBitPackets += 1;
    if ((word & 0x6000) !== 0) this.compressedBitPackets += 1;
    if ((word & 0x1000) === 0) {
      if (this.firstUnencryptedFrame === 0) this.firstUnencryptedFrame = packet.frame;
      return;
    }
    this.encryptedBitPackets += 1;
    if (this.firstEncryptedFrame === 0) this.firstEncryptedFrame = packet.frame;
    if (!isNew) return;
    const count = word & 0x0fff;
    if (this.coherencyCount >= 0 && ((this.coherencyCount + 1) & 0x0fff) !== count) this.coherencyGaps += 1;
    this.coherencyCount = count;
  }
}
