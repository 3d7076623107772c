/**
 * Enhanced GRE as it comes: a packet is counted by its flow, what it acknowledges by the other direction's, and what it carries
 * goes on to PPP. Which call a flow belongs to is the correlation's to say.
 */
import type { Packet } from '../dissect/packet.ts';
import type { GreView } from '../gre/view.ts';
import { stampedInstant } from '../octets/instant.ts';
import type { Limits } from '../octets/limits.ts';
import type { PppView } from '../ppp/view.ts';
import type { Correlation } from './correlation.ts';
import { otherEnd } from './ends.ts';
import { PppIntake } from './ppp-intake.ts';
import { firstNumbers } from './sequence.ts';
import type { Tunnels } from './tunnels.ts';
import type { Watch } from './watch.ts';

export class GreIntake {
  private readonly correlation: Correlation;
  private readonly ppp: PppIntake;
  /** null where nobody listens. */
  private watch: Watch | null = null;

  constructor(tunnels: Tunnels, limits: Limits, correlation: Correlation) {
    this.correlation = correlation;
    this.ppp = new PppIntake(tunnels, limits, correlation);
  }

  /** From now on that is told of every change; null: nobody is. */
  follow(watch: Watch | null): void {
    this.watch = watch;
    this.ppp.watch = watch;
  }

  /** `ppp`: of what it carries; null where it carries none, or none whose header is whole. */
  take(packet: Packet, gre: GreView, ppp: PppView | null): void {
    if (gre.sequencePresent && gre.sequenceNumber < firstNumbers) this.correlation.first(packet, gre);
    const flow = this.correlation.flowOf(packet, gre);
    if (flow === null) return;
    const brings = flow.count(packet, gre);
    const call = flow.call;
    if (call !== null) {
      call.tunnel.heard(flow.end, packet);
      if (packet.timed) call.packetSeen(flow.end, packet);
    }
    if (call !== null && gre.acknowledgmentPresent) {
      const reverse = call.flow(otherEnd(flow.end));
      if (reverse !== null) {
        if (reverse.isFarFrom(gre.acknowledgmentNumber)) flow.strayAcknowledgment(packet.frame);
        else reverse.acknowledge(gre.acknowledgmentNumber, packet);
      }
    }
    if (ppp !== null && brings !== 'routed-copy') this.ppp.take(flow, packet, gre, ppp, brings === 'something');
    if (this.watch === null || flow.call === null) return;
    if (flow.packets === 1 || flow.firstDataFrame === packet.frame) {
      this.watch.callChanged(flow.call, packet.frame, stampedInstant(packet));
    }
  }
}
