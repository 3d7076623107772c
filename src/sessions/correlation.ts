/**
 * Which GRE flow belongs to which call.
 *
 * GRE carries the receiver's Call ID (RFC 2637 §4.1), so a call has one flow for each direction, with an ID
 * each. A flow is bound when its ID is announced on the control connection. GRE that nobody has announced
 * (yet) waits in a loose flow and is settled by address, time and acknowledgments.
 */
import type { Packet } from '../dissect/packet.ts';
import type { GreView } from '../gre/view.ts';
import type { Instant } from '../octets/instant.ts';
import type { Limits } from '../octets/limits.ts';
import { AnnouncedCalls } from './announced-calls.ts';
import type { CallState } from './call-state.ts';
import { DamagedHeaders } from './damaged-headers.ts';
import { type End, otherEnd } from './ends.ts';
import { began, fits, isRecent, lacks, overlaps } from './fitting.ts';
import { FlowTable } from './flow-table.ts';
import { GreFlow } from './gre-flow.ts';
import { LooseFlows } from './loose-flows.ts';
import { near } from './near.ts';
import { FlowRooms } from './sequence.ts';
import type { TunnelEnds, TunnelState } from './tunnel-state.ts';
import type { Tunnels } from './tunnels.ts';
import type { Watch } from './watch.ts';

export class Correlation {
  private readonly tunnels: Tunnels;
  private readonly limits: Limits;
  private readonly flows = new FlowTable();
  private readonly rooms = new FlowRooms();
  private readonly loose = new LooseFlows();
  private readonly announced: AnnouncedCalls;
  readonly damaged = new DamagedHeaders();
  /** null where nobody listens. */
  watch: Watch | null = null;

  constructor(tunnels: Tunnels, limits: Limits) {
    this.tunnels = tunnels;
    this.limits = limits;
    this.announced = new AnnouncedCalls(tunnels);
  }

  find(source: number, destination: number, callId: number): GreFlow | null {
    return this.flows.find(source, destination, callId);
  }

  /** `end` announced its Call ID: what is sent to it carries that. */
  announce(call: CallState, end: End, callId: number, frame: number, instant: Instant): void {
    call.announceCallId(end, callId);
    call.tunnel.callIndex.announced(call, end, callId);
    const sender = otherEnd(end);
    const tunnel = call.tunnel;
    const source = tunnel.address(sender);
    const destination = tunnel.address(end);
    this.announced.announced(call, end, callId);
    const present = this.flows.find(source, destination, callId);
    if (present !== null && present.call === call) return;
    // Each Call ID is of one call at a time: who gives it to another on the same connection has ended the one before. RFC 2637 §2.7
    if (present?.call?.tunnel === tunnel) present.call.said.replaced(frame, instant);
    // GRE that ran ahead of its announcement is this call's; older GRE with the same ID is another's, but for a call
    // whose setup lies before the capture.
    const fitting = call.kind === 'unsignalled' || (present !== null && isRecent(present, frame, instant));
    if (present !== null && present.call === null && fitting) {
      this.adopt(call, sender, present);
      return;
    }
    const flow = new GreFlow(source, destination, callId, this.rooms);
    const replaced = call.flow(sender);
    call.bind(sender, flow);
    if (replaced !== null) this.remove(replaced);
    this.flows.set(flow);
  }

  private adopt(call: CallState, sender: End, flow: GreFlow): void {
    this.loose.remove(flow);
    const replaced = call.flow(sender);
    call.bind(sender, flow);
    if (replaced !== null) this.remove(replaced);
    // What comes from now on is of the call that announced the same Call ID meanwhile, if one did.
    if (this.flows.find(flow.source, flow.destination, flow.callId) === null) this.flows.set(flow);
    call.takeWaiting(flow);
    if (flow.packets === 0) return;
    const { last, lastFrame } = flow;
    if (flow.timed) call.packetSeen(sender, { at: last.seconds + last.nanoseconds / 1e9, frame: lastFrame });
    this.watch?.callChanged(call, lastFrame, flow.timed ? last : null);
  }

  /**
   * For a packet with one of a sender's first numbers: under the Call IDs of a call that was ended it is of another call,
   * whose setup may not be in the capture.
   */
  first(packet: Packet, gre: GreView): void {
    const flow = this.flows.find(packet.source, packet.destination, gre.callId);
    if (flow !== null && isOver(flow.call) && flow.beginsAnew(packet, gre)) this.looseFlow(packet, gre);
  }

  /** The flow that a packet is of; null where there is no room for one more. */
  flowOf(packet: Packet, gre: GreView): GreFlow | null {
    this.damaged.note(packet.headerChecksum);
    return this.flows.find(packet.source, packet.destination, gre.callId) ?? this.looseFlow(packet, gre);
  }

  /** GRE that nobody has announced for so long is settled: in packet time, whoever else sends meanwhile. */
  settleOlder(now: Instant): void {
    this.loose.older(now, (flow) => {
      this.tunnels.rest();
      this.settle(flow);
    });
  }

  private looseFlow(packet: Packet, gre: GreView): GreFlow | null {
    if (this.limits.full('gre-flows', this.loose.size)) return null;
    const flow = new GreFlow(packet.source, packet.destination, gre.callId, this.rooms);
    flow.timed = packet.timed;
    this.flows.set(flow);
    this.loose.add(flow);
    return flow;
  }

  /** Finds the call that a loose flow belongs to, or makes one. */
  settle(flow: GreFlow): void {
    if (this.settleSignalled(flow)) return;
    if (this.damaged.takes(flow)) this.drop(flow);
    else this.settleUnsignalled(flow);
  }

  /** Finds a call of the control connections that waits for this flow; false where there is none. */
  private settleSignalled(flow: GreFlow): boolean {
    return this.settleRewritten(flow) || this.settleElsewhere(flow);
  }

  /** A NAT that rewrote the Call ID on one side only: a call waits for this very direction. */
  private settleRewritten(flow: GreFlow): boolean {
    for (const tunnel of this.tunnels.near(flow.source, flow.destination, flow.firstFrame)) {
      const sender = tunnel.endOf(flow.source, null);
      const call = near(tunnel.calls, flow.firstFrame).find(
        (one) => one.kind !== 'unsignalled' && lacks(one, sender) && began(one, flow),
      );
      if (call === undefined) continue;
      const announced = call.callId(otherEnd(sender));
      if (announced !== null && announced !== flow.callId) {
        const text = `GRE carries Call ID ${flow.callId}, announced was ${announced}`;
        call.anomaly(flow.firstFrame, 'call-id-rewritten', text);
      }
      this.adopt(call, sender, flow);
      return true;
    }
    return false;
  }

  /** GRE that comes from another address than the control connection, for a Call ID of one of its ends. */
  private settleElsewhere(flow: GreFlow): boolean {
    const call = this.announced.find(flow.destination, flow.callId);
    if (call === undefined) return false;
    const { tunnel } = call;
    const receiver = tunnel.endOf(flow.destination, null);
    const sender = otherEnd(receiver);
    const other = tunnel.address(receiver) === flow.destination && tunnel.address(sender) !== flow.source;
    if (!other || !lacks(call, sender) || !began(call, flow)) return false;
    this.adopt(call, sender, flow);
    return true;
  }

  /** GRE whose call setup the capture does not hold. */
  private settleUnsignalled(flow: GreFlow): void {
    const pair = this.tunnels.near(flow.source, flow.destination, flow.firstFrame);
    let tunnel =
      pair.find((one) => {
        const end = one.endOf(flow.source, null);
        return near(one.calls, flow.firstFrame).some(
          (call) => call.kind === 'unsignalled' && lacks(call, end) && fits(call, end, flow),
        );
      }) ??
      pair.find((one) => one.control !== null && !one.control.handshake.connected && overlaps(one, flow)) ??
      // The call's signalling may be what the capture lost.
      pair.find(
        (one) =>
          one.control !== null && one.calls.length === 0 && one.firstFrame < flow.firstFrame && overlaps(one, flow),
      ) ??
      this.tunnels.alone(flow.source, flow.destination);
    if (tunnel === null) {
      const instant = flow.timed ? flow.first : null;
      const ends: TunnelEnds = [
        { address: flow.source, port: null },
        { address: flow.destination, port: null },
      ];
      tunnel = this.tunnels.open(ends, flow.firstFrame, instant, true);
      if (tunnel === null) {
        this.drop(flow);
        return;
      }
      const beside = pair.findLast(({ roles }) => roles !== 'unknown');
      if (beside !== undefined) tunnel.takeRoles(beside);
    }
    const sender = tunnel.endOf(flow.source, null);
    tunnel.noteTimeToLive(sender, flow.timeToLive);
    const call =
      near(tunnel.calls, flow.firstFrame).find(
        (one) => one.kind === 'unsignalled' && lacks(one, sender) && fits(one, sender, flow),
      ) ?? this.tunnels.newCall(tunnel, 'unsignalled', flow.firstFrame);
    if (call === null) {
      this.drop(flow);
      return;
    }
    call.firstFrame = Math.min(call.firstFrame, flow.firstFrame);
    this.adopt(call, sender, flow);
  }

  /** There is no room for what it belongs to. */
  private drop(flow: GreFlow): void {
    this.loose.remove(flow);
    this.remove(flow);
  }

  /** Nobody asks for it any more. */
  private remove(flow: GreFlow): void {
    this.flows.remove(flow);
    flow.sequence.letGo();
  }

  /** Before a tunnel is forgotten: loose flows of its addresses fill the directions that its calls lack. */
  settleInto(tunnel: TunnelState): void {
    if (tunnel.calls.length === 0) return;
    for (const flow of this.loose.between(tunnel.address(0), tunnel.address(1))) {
      const sender = tunnel.endOf(flow.source, null);
      const calls = near(tunnel.calls, flow.firstFrame);
      if (calls.some((call) => lacks(call, sender) && began(call, flow))) this.settle(flow);
    }
  }

  /** Settles every loose flow: nothing more will come. */
  settleAll(): void {
    for (const flow of this.loose.all()) {
      this.tunnels.rest();
      if (flow.call === null) this.settle(flow);
    }
  }

  forget(tunnel: TunnelState): void {
    for (const call of tunnel.calls) this.forgetCall(call);
  }

  /** After `forgetCall`, when its report is made: what its flows remembered is not asked for any more. */
  letGo(call: CallState): void {
    for (const flow of call.flows) if (flow?.call === call) flow.sequence.letGo();
  }

  forgetCall(call: CallState): void {
    for (const end of [0, 1] as const) {
      const flow = call.flow(end);
      if (flow !== null && flow.call === call) this.flows.remove(flow);
      this.announced.forget(call, end);
    }
  }
}

function isOver(call: CallState | null): boolean {
  return call !== null && (call.said.endedInstant !== null || call.link.terminate !== null);
}
