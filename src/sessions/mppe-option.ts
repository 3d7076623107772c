/** What each end asked for with MPPE's option of CCP, and what became of it. RFC 3078 §2 */
import type { Limits } from '../octets/limits.ts';
import { negotiationCode } from '../ppp/control-packet.ts';
import { type End, otherEnd } from './ends.ts';
import type { MppeNegotiation } from './model/encryption.ts';

export class MppeOption {
  /** By the end that asks. */
  private readonly asking: [MppeNegotiation | null, MppeNegotiation | null] = [null, null];
  private readonly limits: Limits;

  constructor(limits: Limits) {
    this.limits = limits;
  }

  /** The option with these bits in a packet of `end`: in its own request, or in its answer to the other's. */
  configure(end: End, code: number, bits: number, frame: number): void {
    const asking = code === negotiationCode.configureRequest ? end : otherEnd(end);
    this.asking[asking] ??= {
      requested: [],
      countered: [],
      rejectedFrame: null,
      acknowledged: null,
      requestFrame: null,
    };
    const requests = this.asking[asking];
    if (code === negotiationCode.configureRequest) {
      requests.requestFrame ??= frame;
      this.listBits(requests.requested, bits);
    } else if (code === negotiationCode.configureAck) requests.acknowledged = bits;
    else if (code === negotiationCode.configureNak) this.listBits(requests.countered, bits);
    else if (code === negotiationCode.configureReject) requests.rejectedFrame ??= frame;
  }

  /** `end` does not know CCP. */
  protocolRejected(end: End, frame: number): void {
    const requests = this.asking[otherEnd(end)];
    if (requests !== null) requests.rejectedFrame ??= frame;
  }

  model(clientEnd: End): { client: MppeNegotiation | null; server: MppeNegotiation | null } {
    return { client: this.asking[clientEnd], server: this.asking[otherEnd(clientEnd)] };
  }

  private listBits(list: number[], bits: number): void {
    if (!list.includes(bits) && !this.limits.full('proposals', list.length)) list.push(bits);
  }
}
