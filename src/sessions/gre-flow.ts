/**
 * One direction of enhanced GRE: packets from one address to another with one Call ID (RFC 2637 §4).
 * The hot path of the whole program: per packet only numbers change, nothing is allocated.
 */
import { headerChecksum, type Packet } from '../dissect/packet.ts';
import type { GreView } from '../gre/view.ts';
import type { Instant } from '../octets/instant.ts';
import type { PppControlPacket } from '../ppp/packet.ts';
import { headerField, type PppView } from '../ppp/view.ts';
import type { CallState } from './call-state.ts';
import { type End, otherEnd } from './ends.ts';
import type { MissedPackets } from './model/evidence.ts';
import { Samples } from './samples.ts';
import { FlowRooms, firstNumbers, SequenceTracker, sizeClasses } from './sequence.ts';

/** Octets of a packet that go into its fingerprint: PPP's header, MPPE's, and ciphertext enough. */
const fingerprintOctets = 16;
/** So many numbers of each direction that are left out at the same time are no chance: a path loses what one end sends. */
const fewestAtOnce = 2;
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
/** Seconds after which a packet that is still the newest should have been acknowledged: implementations wait up to 0.5 s. */
const acknowledgmentDelay = 0.5;
/** A sender that waits for the window goes on at once when it opens. */
const resumesWithin = 0.05;
/** Shorter pauses are no starvation. */
const shortestStall = 0.1;

/** A packet that may be the first of a sequence that begins anew. */
class Suspect {
  frame = 0;
  /** Its number had come with other octets. */
  changed = false;
  /** The first packet behind the last restart of the sequence; 0 before one. */
  restartFrame = 0;
}

/** What few flows have. */
class Oddities {
  /** Packets whose payload length is not what IP leaves room for. */
  lengthMismatches = 0;
  /** Packets that came in fragments, which were all here. */
  reassembled = 0;
  /** Packets whose IPv4 header has a wrong checksum, the first and the last of them. */
  spoiled: { packets: number; first: number; last: number } | null = null;
  /** Times that the sender paused with the receiver's window full and went on as soon as it opened, and how long in all. */
  windowStalls = 0;
  windowStallSeconds = 0;
  /** The longest of them in seconds, and the packets before and behind it. */
  stall: { seconds: number; before: number; after: number } | null = null;
  /** Packets sent beyond the receiver's window. */
  beyondWindow = 0;
  /** Packets without a number that came in the time of the longest gap: the way was open then. */
  unnumberedInGap = 0;
  /** The packets with a number before and behind that gap. */
  gap: { before: number; after: number } | null = null;
  /** With MPPE's bits B or C (0x6000). */
  compressedBitPackets = 0;
  /** One has behind its word what begins no block of Deflate. */
  noDeflate = false;
  coherencyGaps = 0;
  multilinkPackets = 0;
  /** PPP 0x00FD without the encrypted bit. */
  firstUnencryptedFrame = 0;
  /** User data outside compression and encryption, after this direction had sent encrypted packets. */
  clearAfterEncrypted = 0;
  clearAfterEncryptedFrame = 0;
  /** User data outside compression and encryption, of protocols that MPPE does not encrypt. */
  clearOfOtherProtocols = 0;
  outsideWindowFrame = 0;
  /** What may begin a sequence anew. */
  suspect: Suspect | null = null;
  /** Acknowledgments of this direction for numbers that the other one is far from. */
  strayAcknowledgments = 0;
  strayAcknowledgmentFrame = 0;
  /** A number that was acknowledged and has not come so far, and how many before it never came; -1 where there is none. */
  awaited = -1;
  neverCame = 0;
  /** The numbers that were left out together last, the packets with a number before and behind them, and whether the capture lost them. */
  rowFrom = 0;
  rowTo = -1;
  rowBefore = 0;
  rowAfter = 0;
  rowMissed = false;
  /** The packet behind them acknowledges none of what the other direction left out meanwhile: its sender did not receive that. */
  rowStale = false;
  /** All numbers in such rows that the capture lost, and the packets before and behind the last of these; 0: none was before. */
  missedInRows = 0;
  missedBefore = 0;
  missedAfter = 0;
  /** The packet that acknowledged what has not come so far. */
  awaitedFrame = 0;
  /** Numbers before the first that had been acknowledged when that came. */
  missedAtFirst = 0;
  /** Packets with a number that was there before, the same octets and another time to live: from behind a router. */
  routedDuplicates = 0;
  /** Packets with a number that was there before and with other octets. */
  changedDuplicates = 0;
  changedDuplicateFrame = 0;
  /** Packets with a number of their own and a coherency count that was there before. */
  repeatedCounts = 0;
  repeatedCountFrame = 0;
  /** Packets whose PPP protocol field has one octet, and packets without address and control fields, that may not; the first frames. */
  protocolCompressed = 0;
  protocolCompressedFrame = 0;
  addressOmitted = 0;
  addressOmittedFrame = 0;
  /** Count and number of the packet before such a one, until it is known which of the two the next one follows; -1 where none waits. */
  countBefore = -1;
  numberBefore = 0;
}

const none: Readonly<Oddities> = new Oddities();

/** Numbers are of packets where nothing else is said. Few fields: of each flow of a hundred thousand calls they are kept. */
export class GreFlow {
  readonly source: number;
  readonly destination: number;
  readonly callId: number;
  /** null while nobody has announced the Call ID. */
  call: CallState | null = null;
  /** Index of the sending end in the call's tunnel. */
  end: End = 0;
  readonly sequence: SequenceTracker;
  /** Packets that the receiver takes unacknowledged, as it announced; 0 while that is unknown. RFC 2637 §4.3 */
  receiveWindow = 0;

  packets = 0;
  octets = 0;
  dataPackets = 0;
  /** Highest acknowledgment number that this direction sent; -1 before the first. */
  acknowledging = -1;
  lastFrame = 0;
  private lastSeconds = 0;
  private lastNanoseconds = 0;
  private unnumbered = 0;
  /** The last packet with a number. */
  private numberedFrame = 0;
  /** Highest acknowledgment number that the other direction sent for this one; -1 before the first. */
  private acknowledged = -1;
  maximumOutstanding = 0;
  private windowOpenedAt = -1;
  private waitingSize = 0;
  private sentAt = 0;
  /** Octets of the largest packet, IP header and all. */
  largestPacket = 0;
  private probe = -1;
  private probeSeconds = 0;
  private probeNanoseconds = 0;
  private acknowledgmentTimes: Samples | null = null;
  /** Those whose very number was acknowledged, and the octets of the largest. */
  acknowledgedPackets = 0;
  largestAcknowledged = 0;

  /** PPP 0x00FD: MPPE, or another compression. */
  compressedPackets = 0;
  /** Of these, with the encrypted bit of MPPE (0x1000). */
  encryptedBitPackets = 0;
  /** With the flushed bit (0x8000). */
  flushedBitPackets = 0;
  private coherencyCount = -1;
  /** Sequence number of the packet with that count. */
  private coherencyNumber = 0;
  userOctets = 0;
  lastDataFrame = 0;
  private lastDataSeconds = 0;
  private lastDataNanoseconds = 0;

  ackOnly = 0;
  firstFrame = 0;
  private firstSeconds = 0;
  private firstNanoseconds = 0;
  firstDataFrame = 0;
  private firstDataSeconds = 0;
  private firstDataNanoseconds = 0;
  firstEncryptedFrame = 0;
  /** PPP of network-layer protocols outside compression and encryption. */
  clearPackets = 0;
  firstClearFrame = 0;
  private odd: Oddities | null = null;
  waiting: WaitingPpp[] | null = null;
  /** Fields of PPP's header that this direction may not shorten, as `PppLink.wholeFields` has it. */
  wholeFields = 0;
  /** The last packet was here before, in front of a router or behind it: what it carries is counted. */
  routedCopy = false;
  /** IP's time to live of the first packet; -1 before it. */
  timeToLive = -1;
  timed = true;

  /** `rooms`: where it remembers its newest packets; it shares the one of its sequence numbers. */
  constructor(source: number, destination: number, callId: number, rooms: FlowRooms = new FlowRooms()) {
    this.sequence = new SequenceTracker(rooms);
    this.source = source;
    this.destination = destination;
    this.callId = callId;
  }

  get first(): Instant {
    return { seconds: this.firstSeconds, nanoseconds: this.firstNanoseconds };
  }

  get last(): Instant {
    return { seconds: this.lastSeconds, nanoseconds: this.lastNanoseconds };
  }

  get firstData(): Instant {
    return { seconds: this.firstDataSeconds, nanoseconds: this.firstDataNanoseconds };
  }

  get lastData(): Instant {
    return { seconds: this.lastDataSeconds, nanoseconds: this.lastDataNanoseconds };
  }

  /** Milliseconds from a packet to its acknowledgment; null where none was seen. */
  get medianAcknowledgmentTime(): number | null {
    return this.acknowledgmentTimes?.medianMilliseconds() ?? null;
  }

  get oddities(): Readonly<Oddities> {
    return this.odd ?? none;
  }

  /** Counts a packet; true where it carries PPP that was not here before (a repeated number carries nothing new). */
  count(packet: Packet, gre: GreView): boolean {
    const { frame, seconds, nanoseconds } = packet;
    const payload = gre.payloadEnd - gre.payloadStart;
    this.packets += 1;
    this.routedCopy = false;
    this.octets += Math.min(gre.payloadLength, Math.max(0, packet.start + packet.wireLength - gre.payloadStart));
    if (gre.lengthMismatch) this.oddly().lengthMismatches += 1;
    if (packet.fragmented) this.oddly().reassembled += 1;
    if (packet.headerChecksum === headerChecksum.wrong) this.spoiled(frame);
    if (this.packets === 1) {
      this.timeToLive = packet.timeToLive;
      this.firstFrame = frame;
      this.firstSeconds = seconds;
      this.firstNanoseconds = nanoseconds;
    }
    this.lastFrame = frame;
    this.lastSeconds = seconds;
    this.lastNanoseconds = nanoseconds;
    if (gre.acknowledgmentPresent) this.acknowledging = gre.acknowledgmentNumber;
    if (!gre.sequencePresent) {
      this.ackOnly += 1;
      this.unnumbered += 1;
      return payload > 0;
    }
    const sequence = gre.sequenceNumber;
    if (gre.payloadLength > 0) this.dataPackets += 1;
    const fingerprint = payload > 0 ? fingerprintOf(packet, gre) : 0;
    const changed = payload > 0 && this.isChanged(packet, sequence, fingerprint);
    const { count, last } = this.sequence;
    const found = this.sequence.push(sequence, changed);
    const leftOut = count === 0 ? 0 : (sequence - last - 1) | 0;
    if (this.odd !== null && this.odd.awaited === sequence) this.odd.awaited = -1;
    if (found === 'newest' || found === 'behind-longest-gap') {
      if (leftOut > 0) this.leftOut((last + 1) >>> 0, leftOut, frame, gre);
      else if (count === 0 && sequence > 0) this.beganLate(sequence, frame);
      if (this.acknowledged >= 0) {
        const outstanding = (sequence - this.acknowledged) | 0;
        if (outstanding > this.maximumOutstanding) this.maximumOutstanding = outstanding;
        if (this.receiveWindow > 0 && outstanding > this.receiveWindow) this.oddly().beyondWindow += 1;
      }
      this.sent(packet);
      if (this.probe < 0) {
        this.probe = sequence;
        this.probeSeconds = seconds;
        this.probeNanoseconds = nanoseconds;
      }
      if (found === 'behind-longest-gap') {
        const odd = this.oddly();
        odd.unnumberedInGap = this.unnumbered;
        odd.gap ??= { before: 0, after: 0 };
        odd.gap.before = this.numberedFrame;
        odd.gap.after = frame;
      }
    } else if (found === 'stray') {
      this.oddly().outsideWindowFrame = frame;
      this.suspect(frame, false);
    } else if (found === 'elsewhere') {
      this.restarted();
    }
    if (found === 'first') {
      this.suspect(frame, changed);
      if (changed) this.changedDuplicate(this.oddly(), frame);
    } else if (this.odd !== null && this.odd.suspect !== null) this.odd.suspect.changed = false;
    this.unnumbered = 0;
    this.numberedFrame = frame;
    if (found !== 'repeated') {
      if (payload > 0) this.sequence.remember(sequence, fingerprint);
      return payload > 0;
    }
    if (changed) this.changedDuplicate(this.oddly(), frame);
    else if (payload > 0 && packet.timeToLive !== this.timeToLive) {
      this.oddly().routedDuplicates += 1;
      this.routedCopy = true;
    }
    return false;
  }

  /** Whether a packet's number comes long after it, or with other octets than the one that had it. */
  beginsAnew(packet: Packet, gre: GreView): boolean {
    const { sequence } = this;
    const number = gre.sequenceNumber;
    if (sequence.count === 0 || ((number - sequence.last) | 0) >= 0) return false;
    return sequence.isOvertaken(number) || this.isChanged(packet, number, fingerprintOf(packet, gre));
  }

  /** The sender counts anew: what was acknowledged and awaited is of the sequence before. */
  private restarted(): void {
    const odd = this.oddly();
    odd.suspect ??= new Suspect();
    const { suspect } = odd;
    suspect.restartFrame = suspect.frame;
    if (suspect.changed) {
      odd.changedDuplicates -= 1;
      if (odd.changedDuplicateFrame === suspect.frame) odd.changedDuplicateFrame = 0;
    }
    odd.awaited = -1;
    odd.rowTo = odd.rowFrom - 1;
    this.acknowledged = -1;
    this.probe = -1;
    this.waitingSize = 0;
    this.windowOpenedAt = -1;
  }

  private suspect(frame: number, changed: boolean): void {
    const odd = this.oddly();
    odd.suspect ??= new Suspect();
    odd.suspect.frame = frame;
    odd.suspect.changed = changed;
  }

  private spoiled(frame: number): void {
    const odd = this.oddly();
    odd.spoiled ??= { packets: 0, first: frame, last: frame };
    odd.spoiled.packets += 1;
    odd.spoiled.last = frame;
  }

  private oddly(): Oddities {
    this.odd ??= new Oddities();
    return this.odd;
  }

  /** Tells a number that comes again with other octets from a packet that comes twice; one that the capture cut has fewer to compare. */
  private isChanged(packet: Packet, number: number, fingerprint: number): boolean {
    return ((number - this.sequence.last) | 0) <= 0 && !packet.cut && this.sequence.hadOther(number, fingerprint);
  }

  private changedDuplicate(odd: Oddities, frame: number): void {
    odd.changedDuplicates += 1;
    if (odd.changedDuplicateFrame === 0) odd.changedDuplicateFrame = frame;
  }

  /** Packets that were the newest for longer than an acknowledgment takes, by size in steps of `sizeStep` octets. */
  unacknowledged(sizeClass: number): number {
    return this.sequence.unacknowledged(sizeClass);
  }

  /** Whether `number` is far from what this direction sends; then it is no acknowledgment of it. */
  isFarFrom(number: number): boolean {
    const { sequence } = this;
    // After a restart it may be of the sequence before.
    if (sequence.count === 0 || sequence.restarts > 0) return false;
    return Math.abs((number - sequence.last) | 0) > farthestNumber;
  }

  /** Whether all packets of this direction that an end has received were seen, if it acknowledges `number`. */
  isWholeUpTo(number: number): boolean {
    const { sequence } = this;
    return sequence.count > 0 && sequence.lost === 0 && ((number - sequence.last) | 0) <= 0;
  }

  /** Numbers that were acknowledged and never came. What captures reorder, an acknowledgment before its packet, is none. */
  get missedByCapture(): number {
    const { sequence, odd, beyond } = this;
    if (odd === null) return 0;
    return Math.min(odd.neverCame + (odd.awaited < 0 ? 0 : 1), sequence.lost + beyond);
  }

  /** Numbers behind the last that were acknowledged. */
  private get beyond(): number {
    const { sequence, acknowledged } = this;
    return acknowledged < 0 ? 0 : Math.max(0, (acknowledged - sequence.last) | 0);
  }

  /** The packets that the capture lost, and those around the last of them; null where it lost none. */
  get missed(): MissedPackets | null {
    const { odd, sequence, beyond } = this;
    const acknowledging = this.reverse?.acknowledging ?? -1;
    if (sequence.count === 0) {
      if (this.packets === 0 || acknowledging < 0) return null;
      return { packets: Math.max(1, acknowledging), between: 0, before: null, after: null };
    }
    if (odd === null) return null;
    const between = Math.min(sequence.lost, Math.max(odd.missedInRows, this.missedByCapture - beyond));
    const packets = odd.missedAtFirst + between + beyond;
    if (packets === 0) return null;
    if (beyond > 0) return { packets, between, before: this.numberedFrame, after: null };
    return { packets, between, before: odd.missedBefore || null, after: odd.missedAfter || null };
  }

  private get reverse(): GreFlow | null {
    return this.call?.flow(otherEnd(this.end)) ?? null;
  }

  /** So many numbers from that one on were left out before the packet of that frame. */
  private leftOut(from: number, numbers: number, frame: number, gre: GreView): void {
    const odd = this.oddly();
    odd.rowFrom = from;
    odd.rowTo = from + numbers - 1;
    odd.rowBefore = this.numberedFrame;
    odd.rowAfter = frame;
    odd.rowMissed = false;
    odd.rowStale = gre.acknowledgmentPresent && this.isStale(odd, gre.acknowledgmentNumber);
    if (odd.awaited >= 0) this.received(odd, odd.awaited);
    this.compare(odd);
  }

  /** The first packet of a call that was set up in the capture has not the first number. */
  private beganLate(sequence: number, frame: number): void {
    if (this.call === null || this.call.said.requestFrame === null) return;
    const odd = this.oddly();
    const acknowledging = this.reverse?.acknowledging ?? -1;
    if (acknowledging >= 0 && ((sequence - acknowledging) | 0) > 0) {
      odd.missedAtFirst = Math.max(1, acknowledging);
      odd.missedAfter = frame;
    }
    if (sequence < firstNumbers) return;
    odd.rowTo = sequence - 1;
    odd.rowAfter = frame;
    // It is not between the first and the last.
    odd.rowMissed = true;
    this.compare(odd);
  }

  /** Whether it acknowledges nothing that is newer than what the other direction left out at that time. */
  private isStale(odd: Oddities, acknowledgment: number): boolean {
    const { reverse } = this;
    if (reverse === null) return false;
    const other = reverse.odd;
    const from = other !== null && meanwhile(odd, other) ? other.rowFrom : reverse.sequence.last + 1;
    return ((acknowledgment - from) | 0) < 0;
  }

  /** What is left out of both directions at the same time was lost by the capture, if acknowledgments do not tell otherwise. */
  private compare(odd: Oddities): void {
    const { reverse } = this;
    const other = reverse?.odd ?? null;
    if (reverse === null || other === null || odd.rowTo - odd.rowFrom + 1 < fewestAtOnce) return;
    if (other.rowTo - other.rowFrom + 1 >= fewestAtOnce && meanwhile(odd, other)) {
      if (odd.rowStale || other.rowStale) return;
      this.missedRow(odd);
      reverse.missedRow(other);
    } else if (other.awaited >= 0 && reverse.numberedFrame < odd.rowAfter && odd.rowBefore < other.awaitedFrame) {
      this.missedRow(odd);
    }
  }

  /** Whoever acknowledges a number has received it: only the capture lacks it, and most likely what was left out with it. */
  private received(odd: Oddities, number: number): void {
    if ((number - odd.rowFrom) >>> 0 <= odd.rowTo - odd.rowFrom) this.missedRow(odd);
  }

  private missedRow(odd: Oddities): void {
    if (odd.rowMissed) return;
    odd.rowMissed = true;
    odd.missedInRows += odd.rowTo - odd.rowFrom + 1;
    odd.missedBefore = odd.rowBefore;
    odd.missedAfter = odd.rowAfter;
  }

  /** That number was acknowledged by a packet and has not come. */
  private await(number: number, frame: number): void {
    const odd = this.oddly();
    this.received(odd, number);
    if (odd.awaited === number) return;
    if (odd.awaited >= 0) odd.neverCame += 1;
    odd.awaited = number;
    odd.awaitedFrame = frame;
    const { reverse } = this;
    if (reverse?.odd !== null && reverse?.odd.rowAfter === frame) reverse.compare(reverse.odd);
  }

  strayAcknowledgment(frame: number): void {
    const odd = this.oddly();
    odd.strayAcknowledgments += 1;
    odd.strayAcknowledgmentFrame = frame;
  }

  /** The other direction acknowledged `number`, the highest sequence number that it received. RFC 2637 §4.3 */
  acknowledge(number: number, { frame, seconds, nanoseconds, at }: Packet): void {
    const { last, restarts } = this.sequence;
    // Of the sequence before the last restart.
    if (restarts > 0 && ((number - last) | 0) > 0) return;
    if (this.sequence.lacks(number)) this.await(number, frame);
    const outstanding = this.acknowledged < 0 ? 0 : (last - this.acknowledged) | 0;
    if (this.acknowledged < 0 || ((number - this.acknowledged) | 0) > 0) {
      if (this.receiveWindow > 0 && outstanding >= this.receiveWindow) this.windowOpenedAt = at;
      this.acknowledged = number;
    }
    if (this.waitingSize > 0 && number === last) {
      this.acknowledgedPackets += 1;
      if (this.waitingSize > this.largestAcknowledged) this.largestAcknowledged = this.waitingSize;
      this.waitingSize = 0;
    }
    if (this.probe < 0 || ((number - this.probe) | 0) < 0) return;
    const elapsed = (seconds - this.probeSeconds) * 1e6 + (nanoseconds - this.probeNanoseconds) / 1000;
    const microseconds = Math.round(elapsed);
    this.probe = -1;
    if (microseconds < 0) return;
    this.acknowledgmentTimes ??= new Samples();
    if (this.acknowledgmentTimes.takesNext()) this.acknowledgmentTimes.add(microseconds);
  }

  /** The newest packet: what became of the one before, and whether the sender had waited for the window. */
  private sent(packet: Packet): void {
    const now = packet.at;
    const size = packet.wireLength + (packet.version === 4 ? 20 : 40);
    const pause = now - this.sentAt;
    if (this.waitingSize > 0 && pause >= acknowledgmentDelay) {
      this.sequence.countUnacknowledged(Math.min(sizeClasses - 1, Math.floor(this.waitingSize / sizeStep)));
    }
    if (this.windowOpenedAt >= 0) {
      if (pause >= shortestStall && now - this.windowOpenedAt <= resumesWithin) {
        const odd = this.oddly();
        odd.windowStalls += 1;
        odd.windowStallSeconds += pause;
        odd.stall ??= { seconds: 0, before: 0, after: 0 };
        if (pause > odd.stall.seconds) {
          odd.stall.seconds = pause;
          odd.stall.before = this.numberedFrame;
          odd.stall.after = packet.frame;
        }
      }
      this.windowOpenedAt = -1;
    }
    if (size > this.largestPacket) this.largestPacket = size;
    this.waitingSize = size;
    this.sentAt = now;
  }

  /** User data, or what may be: dates the first and the last. */
  userData(packet: Packet, octets: number): void {
    const { frame, seconds, nanoseconds } = packet;
    this.userOctets += octets;
    this.lastDataFrame = frame;
    this.lastDataSeconds = seconds;
    this.lastDataNanoseconds = nanoseconds;
    if (this.firstDataFrame !== 0) return;
    this.firstDataFrame = frame;
    this.firstDataSeconds = seconds;
    this.firstDataNanoseconds = nanoseconds;
  }

  /** User data outside compression and encryption; `toBeEncrypted`: MPPE would encrypt its protocol. */
  clear(packet: Packet, octets: number, toBeEncrypted: boolean): void {
    this.clearPackets += 1;
    if (this.firstClearFrame === 0) this.firstClearFrame = packet.frame;
    if (!toBeEncrypted) this.oddly().clearOfOtherProtocols += 1;
    else if (this.firstEncryptedFrame !== 0) {
      const odd = this.oddly();
      odd.clearAfterEncrypted += 1;
      if (odd.clearAfterEncryptedFrame === 0) odd.clearAfterEncryptedFrame = packet.frame;
    }
    this.userData(packet, octets);
  }

  /** The PPP header of a packet; `whole`: the fields that it has to have. */
  header(packet: Packet, ppp: PppView, whole: number): void {
    if (ppp.protocolCompressed && (whole & headerField.protocol) !== 0) {
      const odd = this.oddly();
      odd.protocolCompressed += 1;
      if (odd.protocolCompressedFrame === 0) odd.protocolCompressedFrame = packet.frame;
    }
    if (!ppp.addressAndControl && (whole & headerField.addressAndControl) !== 0) {
      const odd = this.oddly();
      odd.addressOmitted += 1;
      if (odd.addressOmittedFrame === 0) odd.addressOmittedFrame = packet.frame;
    }
  }

  /** A fragment of a multilink packet. RFC 1990 */
  multilink(): void {
    this.oddly().multilinkPackets += 1;
  }

  /**
   * The 16-bit word after PPP 0x00FD: as MPPE, flags A B C D and the coherency count. RFC 3078 §3. `sequence`: GRE's number of
   * the packet; -1 where it has none. `octet`: the one behind the word; -1 where the capture has none.
   */
  compressed(word: number, packet: Packet, isNew: boolean, sequence: number, octet: number): void {
    this.compressedPackets += 1;
    if (octet >= 0 && !this.oddities.noDeflate && !mayBeginBlock(octet)) this.oddly().noDeflate = true;
    if ((word & 0x8000) !== 0) this.flushedBitPackets += 1;
    if ((word & 0x6000) !== 0) this.oddly().compressedBitPackets += 1;
    if ((word & 0x1000) === 0) {
      const odd = this.oddly();
      if (odd.firstUnencryptedFrame === 0) odd.firstUnencryptedFrame = packet.frame;
      return;
    }
    this.encryptedBitPackets += 1;
    if (this.firstEncryptedFrame === 0) this.firstEncryptedFrame = packet.frame;
    if (!isNew) return;
    const count = word & 0x0fff;
    if (this.coherencyCount >= 0) {
      if (((this.coherencyCount + 1) & 0x0fff) !== count) this.oddly().coherencyGaps += 1;
      // What a packet follows that may begin a sequence anew is not known.
      if (sequence >= 0 && this.odd?.suspect?.frame !== packet.frame)
        this.weighCount(count, sequence | 0, packet.frame);
    }
    this.coherencyCount = count;
    this.coherencyNumber = sequence | 0;
  }

  /** Tells a coherency count that was there before from what loss, reordering and a new session do. */
  private weighCount(count: number, number: number, frame: number): void {
    const { coherencyCount, coherencyNumber, odd } = this;
    // A new session begins with 0.
    const repeats = count !== 0 && contradicts(count - coherencyCount, number - coherencyNumber);
    if (odd !== null && odd.countBefore >= 0) {
      const goesOn = !contradicts(count - odd.countBefore, number - odd.numberBefore);
      if (goesOn || !repeats) odd.countBefore = -1;
      if (goesOn) return;
      // All that follows counts on from there: of a new session the beginning is missing.
      if (!repeats) {
        odd.repeatedCounts -= 1;
        if (odd.repeatedCounts === 0) odd.repeatedCountFrame = 0;
      }
    }
    if (!repeats) return;
    const held = this.oddly();
    held.repeatedCounts += 1;
    if (held.repeatedCountFrame === 0) held.repeatedCountFrame = frame;
    if (held.countBefore >= 0 || ((number - coherencyNumber) | 0) < 0) return;
    held.countBefore = coherencyCount;
    held.numberBefore = coherencyNumber;
  }
}

/** Packets of Deflate begin with a block, which is not the last one and of type 0, 1 or 2. RFC 1951 §3.2.3, RFC 1979 §2.2 */
function mayBeginBlock(octet: number): boolean {
  return (octet & 1) === 0 && (octet & 6) !== 6;
}

/** Whether numbers of both directions were left out at the same time. */
function meanwhile(one: Oddities, other: Oddities): boolean {
  return one.rowBefore < other.rowAfter && other.rowBefore < one.rowAfter;
}

/** Of a packet's payload: its length and its first octets. */
function fingerprintOf(packet: Packet, { payloadStart, payloadEnd, payloadLength }: GreView): number {
  const view = packet.window.view;
  let fingerprint = payloadLength;
  const stop = Math.min(payloadEnd, payloadStart + fingerprintOctets);
  for (let at = payloadStart; at + 4 <= stop; at += 4) {
    fingerprint = Math.imul(fingerprint, 0x0100_0193) ^ view.getInt32(at);
  }
  // The high bits are kept: those of all octets have come there.
  return Math.imul(fingerprint, 0x0100_0193);
}

/**
 * Whether coherency counts do not rise as sequence numbers do. Every packet has the next count (RFC 3078 §3.1), so neither loss
 * nor reordering does that; 12 bits tell as long as fewer than 2,048 packets lie between.
 */
function contradicts(counts: number, numbers: number): boolean {
  const step = (counts << 20) >> 20;
  const ahead = numbers | 0;
  return Math.abs(ahead) < 0x800 && (ahead > 0 ? step <= 0 : step >= 0);
}
