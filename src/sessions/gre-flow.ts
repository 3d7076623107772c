/**
 * One direction of enhanced GRE: packets from one address to another with one Call ID (RFC 2637 §4).
 * The hot path of the whole program: per packet only numbers change, nothing is allocated.
 */
import type { Packet } from '../dissect/packet.ts';
import type { GreView } from '../gre/view.ts';
import type { Instant } from '../octets/instant.ts';
import type { PppControlPacket } from '../ppp/packet.ts';
import type { CallState } from './call-state.ts';
import { Samples } from './samples.ts';
import { SequenceTracker } from './sequence.ts';

/** A PPP packet that waits until it is known which call its flow belongs to. */
export interface WaitingPpp {
  readonly packet: PppControlPacket | null;
  readonly protocol: number;
  readonly frame: number;
  readonly instant: Instant;
}

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
  readonly sequence = new SequenceTracker();
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
  firstClearFrame = 0;
  firstEncryptedFrame = 0;

  constructor(source: number, destination: number, callId: number) {
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
      return payload > 0;
    }
    const sequence = gre.sequenceNumber;
    if (gre.payloadLength > 0) this.dataPackets += 1;
    const duplicatesBefore = this.sequence.duplicates;
    if (this.sequence.push(sequence)) {
      if (this.acknowledged >= 0) {
        const outstanding = (sequence - this.acknowledged) | 0;
        if (outstanding > this.maximumOutstanding) this.maximumOutstanding = outstanding;
      }
      if (this.probe < 0) {
        this.probe = sequence;
        this.probeSeconds = packet.seconds;
        this.probeNanoseconds = packet.nanoseconds;
      }
    }
    return payload > 0 && this.sequence.duplicates === duplicatesBefore;
  }

  /** The other direction acknowledged `number`, the highest sequence number that it received. RFC 2637 §4.3 */
  acknowledge(number: number, seconds: number, nanoseconds: number): void {
    if (this.acknowledged < 0 || ((number - this.acknowledged) | 0) > 0) this.acknowledged = number;
    if (this.probe < 0 || ((number - this.probe) | 0) < 0) return;
    const milliseconds = (seconds - this.probeSeconds) * 1000 + (nanoseconds - this.probeNanoseconds) / 1e6;
    this.probe = -1;
    if (milliseconds < 0) return;
    this.acknowledgmentTimes ??= new Samples();
    this.acknowledgmentTimes.add(milliseconds);
  }

  /** User data, or what may be: dates the first. */
  userData(packet: Packet, octets: number): void {
    this.userOctets += octets;
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
    if ((word & 0x1000) === 0) return;
    this.encryptedBitPackets += 1;
    if (this.firstEncryptedFrame === 0) this.firstEncryptedFrame = packet.frame;
    if (!isNew) return;
    const count = word & 0x0fff;
    if (this.coherencyCount >= 0 && ((this.coherencyCount + 1) & 0x0fff) !== count) this.coherencyGaps += 1;
    this.coherencyCount = count;
  }
}
