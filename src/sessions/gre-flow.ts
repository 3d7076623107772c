/**
 * One direction of enhanced GRE: packets from one address to another with one Call ID (RFC 2637 §4). Counts and dates them, and
 * follows their numbers and the acknowledgments of these. The hot path of the whole program: per packet only numbers change,
 * nothing is allocated; what few flows have is an object of its own, made by need.
 */
import { headerChecksum, type Packet } from '../dissect/packet.ts';
import type { GreView } from '../gre/view.ts';
import type { Instant } from '../octets/instant.ts';
import type { PppControlPacket } from '../ppp/packet.ts';
import type { PppView } from '../ppp/view.ts';
import type { CallState } from './call-state.ts';
import { CaptureLosses } from './capture-losses.ts';
import { type End, otherEnd } from './ends.ts';
import type { MissedPackets } from './model/evidence.ts';
import { RepeatedNumbers } from './repeated-numbers.ts';
import { Samples } from './samples.ts';
import { FlowRooms, SequenceTracker, sizeClasses } from './sequence.ts';
import { ShortenedHeaders } from './shortened-headers.ts';
import { ClearData, CompressedData } from './user-data.ts';
import { shortestStall, WindowStalls } from './window-stalls.ts';

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
/** Seconds after which a packet that is still the newest should have been acknowledged: implementations wait up to 0.5 s. */
const acknowledgmentDelay = 0.5;

/** What few flows have. */
class Oddities {
  /** Packets whose payload length is not what IP leaves room for. */
  lengthMismatches = 0;
  /** Packets that came in fragments, which were all here. */
  reassembled = 0;
  /** Packets whose IPv4 header has a wrong checksum, the first and the last of them. */
  spoiled: { packets: number; first: number; last: number } | null = null;
  /** Packets without a number that came in the time of the longest gap: the way was open then. */
  unnumberedInGap = 0;
  /** The packets with a number before and behind that gap. */
  gap: { before: number; after: number } | null = null;
  /** Of the packets that were larger than any that had been acknowledged, and were not, the first of the largest. */
  swallowed: { size: number; frame: number } | null = null;
  multilinkPackets = 0;
  outsideWindowFrame = 0;
  /** Acknowledgments of this direction for numbers that the other one is far from. */
  strayAcknowledgments = 0;
  strayAcknowledgmentFrame = 0;
  losses: CaptureLosses | null = null;
  repeats: RepeatedNumbers | null = null;
  headers: ShortenedHeaders | null = null;
}

/** What a packet brings. `routed-copy`: it was here before, in front of a router or behind it: what it carries is counted. */
export type Brings = 'something' | 'nothing-new' | 'routed-copy';

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
  numberedFrame = 0;
  /** Highest acknowledgment number that the other direction sent for this one; -1 before the first. */
  private acknowledged = -1;
  maximumOutstanding = 0;
  /** null where the window was never full. */
  stalls: WindowStalls | null = null;
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

  /** User data, or what may be: null where none went so. */
  compressedData: CompressedData | null = null;
  clearData: ClearData | null = null;
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
  private odd: Oddities | null = null;
  waiting: WaitingPpp[] | null = null;
  /** Fields of PPP's header that this direction may not shorten, as `PppLink.wholeFields` has it. */
  wholeFields = 0;
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

  /** null where no number was left out. */
  get losses(): CaptureLosses | null {
    return this.odd?.losses ?? null;
  }

  /** Counts a packet, and says whether it carries PPP that was not here before. In one piece: in four, a packet takes a tenth longer. */
  count(packet: Packet, gre: GreView): Brings {
    const { frame, seconds, nanoseconds } = packet;
    const payload = gre.payloadEnd - gre.payloadStart;
    this.packets += 1;
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
    const acknowledgedBefore = this.acknowledging;
    if (gre.acknowledgmentPresent) this.acknowledging = gre.acknowledgmentNumber;
    if (!gre.sequencePresent) {
      this.ackOnly += 1;
      if (payload === 0 && acknowledgedBefore === this.acknowledging && packet.timeToLive !== this.timeToLive) {
        this.repeating().routedAcknowledgments += 1;
      } else this.unnumbered += 1;
      return payload > 0 ? 'something' : 'nothing-new';
    }
    const sequence = gre.sequenceNumber;
    if (gre.payloadLength > 0) this.dataPackets += 1;
    const fingerprint = payload > 0 ? fingerprintOf(packet, gre) : 0;
    const changed = payload > 0 && this.isChanged(packet, sequence, fingerprint);
    const { count, last } = this.sequence;
    const found = this.sequence.push(sequence, changed);
    this.odd?.losses?.came(sequence);
    if (found === 'newest' || found === 'behind-longest-gap') {
      const leftOut = count === 0 ? 0 : (sequence - last - 1) | 0;
      if (leftOut > 0) this.losing().leftOut((last + 1) >>> 0, leftOut, frame, gre);
      else if (count === 0 && sequence > 0 && this.isSetUp) this.losing().beganLate(sequence, frame);
      if (this.acknowledged >= 0) {
        const outstanding = (sequence - this.acknowledged) | 0;
        if (outstanding > this.maximumOutstanding) this.maximumOutstanding = outstanding;
        if (this.receiveWindow > 0 && outstanding > this.receiveWindow) this.stalling().beyondWindow += 1;
      }
      this.sent(packet);
      if (this.probe < 0) {
        this.probe = sequence;
        this.probeSeconds = seconds;
        this.probeNanoseconds = nanoseconds;
      }
      if (found === 'behind-longest-gap') this.longestGap(frame);
    } else if (found === 'stray') {
      this.oddly().outsideWindowFrame = frame;
      this.repeating().suspect(frame, false);
    } else if (found === 'elsewhere') {
      this.restarted();
    }
    if (found === 'first') {
      this.repeating().suspect(frame, changed);
      if (changed) this.repeating().change(frame);
    } else this.odd?.repeats?.goesOn();
    this.unnumbered = 0;
    this.numberedFrame = frame;
    if (found !== 'repeated') {
      if (payload > 0) this.sequence.remember(sequence, fingerprint);
      return payload > 0 ? 'something' : 'nothing-new';
    }
    if (changed) this.repeating().change(frame);
    else if (payload > 0 && packet.timeToLive !== this.timeToLive) {
      this.repeating().routed += 1;
      return 'routed-copy';
    }
    return 'nothing-new';
  }

  private longestGap(frame: number): void {
    const odd = this.oddly();
    odd.unnumberedInGap = this.unnumbered;
    odd.gap ??= { before: 0, after: 0 };
    odd.gap.before = this.numberedFrame;
    odd.gap.after = frame;
  }

  /** Whether a packet's number comes long after it, or with other octets than the one that had it. */
  beginsAnew(packet: Packet, gre: GreView): boolean {
    const { sequence } = this;
    const number = gre.sequenceNumber;
    if (sequence.count === 0 || ((number - sequence.last) | 0) >= 0) return false;
    return sequence.isOvertaken(number) || this.isChanged(packet, number, fingerprintOf(packet, gre));
  }

  /** The sender counts anew: what was acknowledged is of the sequence before. */
  private restarted(): void {
    this.repeating().restarted();
    this.odd?.losses?.restarted();
    this.acknowledged = -1;
    this.probe = -1;
    this.waitingSize = 0;
    if (this.stalls !== null) this.stalls.openedAt = -1;
  }

  /** Packets whose IPv4 header has a wrong checksum. */
  get spoiledPackets(): number {
    return this.odd?.spoiled?.packets ?? 0;
  }

  private spoiled(frame: number): void {
    const odd = this.oddly();
    odd.spoiled ??= { packets: 0, first: frame, last: frame };
    odd.spoiled.packets += 1;
    odd.spoiled.last = frame;
  }

  private swallowed(size: number, frame: number): void {
    const odd = this.oddly();
    if (size > (odd.swallowed?.size ?? 0)) odd.swallowed = { size, frame };
  }

  private oddly(): Oddities {
    this.odd ??= new Oddities();
    return this.odd;
  }

  private losing(): CaptureLosses {
    const odd = this.oddly();
    odd.losses ??= new CaptureLosses(this);
    return odd.losses;
  }

  private repeating(): RepeatedNumbers {
    const odd = this.oddly();
    odd.repeats ??= new RepeatedNumbers();
    return odd.repeats;
  }

  private stalling(): WindowStalls {
    this.stalls ??= new WindowStalls();
    return this.stalls;
  }

  /** Tells a number that comes again with other octets from a packet that comes twice; one that the capture cut has fewer to compare. */
  private isChanged(packet: Packet, number: number, fingerprint: number): boolean {
    return ((number - this.sequence.last) | 0) <= 0 && !packet.cut && this.sequence.hadOther(number, fingerprint);
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
    return this.losses?.acknowledgedUnseen(this.beyond) ?? 0;
  }

  /** Numbers behind the last that were acknowledged. */
  private get beyond(): number {
    const { sequence, acknowledged } = this;
    return acknowledged < 0 ? 0 : Math.max(0, (acknowledged - sequence.last) | 0);
  }

  /** The packets that the capture lost, and those around the last of them; null where it lost none. */
  get missed(): MissedPackets | null {
    if (this.sequence.count > 0) return this.losses?.missed(this.beyond) ?? null;
    const acknowledging = this.reverse?.acknowledging ?? -1;
    if (this.packets === 0 || acknowledging < 0) return null;
    return { packets: Math.max(1, acknowledging), between: 0, before: null, after: null };
  }

  /** The other direction of its call. */
  get reverse(): GreFlow | null {
    return this.call?.flow(otherEnd(this.end)) ?? null;
  }

  /** The capture holds the request for its call. */
  private get isSetUp(): boolean {
    return this.call !== null && this.call.said.requestFrame !== null;
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
    if (this.sequence.lacks(number)) this.losing().awaits(number, frame);
    const outstanding = this.acknowledged < 0 ? 0 : (last - this.acknowledged) | 0;
    if (this.acknowledged < 0 || ((number - this.acknowledged) | 0) > 0) {
      if (this.receiveWindow > 0 && outstanding >= this.receiveWindow) this.stalling().openedAt = at;
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
      if (this.waitingSize > this.largestAcknowledged) this.swallowed(this.waitingSize, this.numberedFrame);
    }
    if (this.stalls !== null && this.stalls.openedAt >= 0) {
      if (pause >= shortestStall) this.stalls.goesOn(packet, pause, this.numberedFrame);
      this.stalls.openedAt = -1;
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
    this.clearData ??= new ClearData();
    this.clearData.count(packet.frame, toBeEncrypted, this.hasEncrypted);
    this.userData(packet, octets);
  }

  /** It had encrypted packets. */
  get hasEncrypted(): boolean {
    return this.compressedData !== null && this.compressedData.firstEncryptedFrame !== 0;
  }

  /** The PPP header of a packet; `whole`: bits of `headerField` that it has to have. */
  header(packet: Packet, ppp: PppView, whole: number): void {
    const missing = ppp.shortened & whole;
    if (missing === 0) return;
    const odd = this.oddly();
    odd.headers ??= new ShortenedHeaders();
    odd.headers.count(missing, packet.frame);
  }

  /** A fragment of a multilink packet. RFC 1990 */
  multilink(): void {
    this.oddly().multilinkPackets += 1;
  }

  /** What PPP 0x00FD carries, from `start` to the end of the packet; `isNew`: it was not here before. */
  compressed(packet: Packet, gre: GreView, start: number, isNew: boolean): void {
    if (gre.payloadEnd - start < 2) return;
    this.compressedData ??= new CompressedData();
    const count = this.compressedData.count(packet, start, gre.payloadEnd);
    if (count < 0 || !isNew) return;
    const { frame } = packet;
    const number = gre.sequencePresent ? gre.sequenceNumber | 0 : -1;
    // What a packet follows that may begin a sequence anew is not known.
    const weighed = gre.sequencePresent && !this.odd?.repeats?.isSuspect(frame);
    this.compressedData.follow(count, number, frame, weighed);
  }
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
