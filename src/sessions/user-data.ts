/**
 * How the user data of one direction goes: under PPP 0x00FD, which is MPPE (RFC 3078) or another compression, or in the clear.
 * A direction has the account of each by need; nothing is allocated for a packet.
 */
import type { Packet } from '../dissect/packet.ts';

/** What few have whose data is compressed or encrypted. */
class Irregularities {
  /** Packets with MPPE's bits B or C (0x6000). */
  compressedBit = 0;
  /** One has behind its word what begins no block of Deflate. */
  noDeflate = false;
  /** The first without the encrypted bit. */
  firstUnencryptedFrame = 0;
  coherencyGaps = 0;
  /** Packets with a number of their own and a coherency count that was there before, and the first of them. */
  repeatedCounts = 0;
  repeatedCountFrame = 0;
  /** Count and number of the packet before such a one, until it is known which of the two the next one follows; -1 where none waits. */
  countBefore = -1;
  numberBefore = 0;
}

const none: Readonly<Irregularities> = new Irregularities();

/** PPP 0x00FD: MPPE, or another compression. */
export class CompressedData {
  packets = 0;
  /** Of these, with the encrypted bit of MPPE (0x1000), and the first of them. */
  encryptedBit = 0;
  firstEncryptedFrame = 0;
  /** With the flushed bit (0x8000). */
  flushedBit = 0;
  private coherencyCount = -1;
  /** Sequence number of the packet with that count. */
  private coherencyNumber = 0;
  private irregular: Irregularities | null = null;

  get irregularities(): Readonly<Irregularities> {
    return this.irregular ?? none;
  }

  /**
   * A packet with at least the 16-bit word behind the protocol: as MPPE, flags A B C D and the coherency count. RFC 3078 §3.
   * Answers the count; -1 where the packet is not encrypted.
   */
  count({ frame, window: { view } }: Packet, start: number, end: number): number {
    const word = view.getUint16(start);
    this.packets += 1;
    if (end - start > 2 && !this.irregularities.noDeflate && !mayBeginBlock(view.getUint8(start + 2)))
      this.irregularly().noDeflate = true;
    if ((word & 0x8000) !== 0) this.flushedBit += 1;
    if ((word & 0x6000) !== 0) this.irregularly().compressedBit += 1;
    if ((word & 0x1000) === 0) {
      const irregular = this.irregularly();
      if (irregular.firstUnencryptedFrame === 0) irregular.firstUnencryptedFrame = frame;
      return -1;
    }
    this.encryptedBit += 1;
    if (this.firstEncryptedFrame === 0) this.firstEncryptedFrame = frame;
    return word & 0x0fff;
  }

  /** The coherency count of a packet that is new, and its sequence number; `weighed`: that tells what the packet follows. */
  follow(count: number, number: number, frame: number, weighed: boolean): void {
    if (this.coherencyCount >= 0) {
      if (((this.coherencyCount + 1) & 0x0fff) !== count) this.irregularly().coherencyGaps += 1;
      if (weighed) this.weigh(count, number, frame);
    }
    this.coherencyCount = count;
    this.coherencyNumber = number;
  }

  /** Tells a coherency count that was there before from what loss, reordering and a new session do. */
  private weigh(count: number, number: number, frame: number): void {
    const { coherencyCount, coherencyNumber, irregular } = this;
    // A new session begins with 0.
    const repeats = count !== 0 && contradicts(count - coherencyCount, number - coherencyNumber);
    if (irregular !== null && irregular.countBefore >= 0) {
      const goesOn = !contradicts(count - irregular.countBefore, number - irregular.numberBefore);
      if (goesOn || !repeats) irregular.countBefore = -1;
      if (goesOn) return;
      // All that follows counts on from there: of a new session the beginning is missing.
      if (!repeats) {
        irregular.repeatedCounts -= 1;
        if (irregular.repeatedCounts === 0) irregular.repeatedCountFrame = 0;
      }
    }
    if (!repeats) return;
    const held = this.irregularly();
    held.repeatedCounts += 1;
    if (held.repeatedCountFrame === 0) held.repeatedCountFrame = frame;
    if (held.countBefore >= 0 || ((number - coherencyNumber) | 0) < 0) return;
    held.countBefore = coherencyCount;
    held.numberBefore = coherencyNumber;
  }

  private irregularly(): Irregularities {
    this.irregular ??= new Irregularities();
    return this.irregular;
  }
}

/** PPP of network-layer protocols outside compression and encryption. */
export class ClearData {
  packets = 0;
  firstFrame = 0;
  /** Packets after this direction had sent encrypted ones, and the first of these. */
  afterEncrypted = 0;
  afterEncryptedFrame = 0;
  /** Of protocols that MPPE does not encrypt. */
  ofOtherProtocols = 0;

  /** `toBeEncrypted`: MPPE would encrypt its protocol. `encrypted`: the direction had sent encrypted packets. */
  count(frame: number, toBeEncrypted: boolean, encrypted: boolean): void {
    this.packets += 1;
    if (this.firstFrame === 0) this.firstFrame = frame;
    if (!toBeEncrypted) this.ofOtherProtocols += 1;
    else if (encrypted) {
      this.afterEncrypted += 1;
      if (this.afterEncryptedFrame === 0) this.afterEncryptedFrame = frame;
    }
  }
}

/** Packets of Deflate begin with a block, which is not the last one and of type 0, 1 or 2. RFC 1951 §3.2.3, RFC 1979 §2.2 */
function mayBeginBlock(octet: number): boolean {
  return (octet & 1) === 0 && (octet & 6) !== 6;
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
