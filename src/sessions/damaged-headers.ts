/**
 * GRE between addresses that nobody else knows, because one of them was changed on the way: a bit that fell over makes of
 * a packet of one tunnel what looks like a tunnel of its own. The checksum of its IP header tells. RFC 791 §3.1
 */
import { headerChecksum } from '../dissect/packet.ts';
import type { GreFlow } from './gre-flow.ts';

/** Damage rarely hits twice alike. A flow of more packets was written with wrong checksums, by who changed addresses in a file, say. */
const packetsAtMost = 3;

export class DamagedHeaders {
  private right = 0;
  private wrong = 0;
  /** Packets of the flows that were taken for damaged ones. */
  packets = 0;
  /** The first of these; 0 before it. */
  firstFrame = 0;

  /** `checksum`: of a GRE packet, a value of `headerChecksum`. Allocates nothing: it is called for each. */
  note(checksum: number): void {
    if (checksum === headerChecksum.right) this.right += 1;
    else if (checksum === headerChecksum.wrong) this.wrong += 1;
  }

  /** A flow that no call waits for: its headers are wrong, where those of most others are right. It is counted then. */
  takes({ packets, firstFrame, spoiledPackets }: GreFlow): boolean {
    const damaged = packets <= packetsAtMost && spoiledPackets === packets && this.wrong * 2 < this.right;
    if (!damaged) return false;
    this.packets += packets;
    if (this.firstFrame === 0 || firstFrame < this.firstFrame) this.firstFrame = firstFrame;
    return true;
  }
}
