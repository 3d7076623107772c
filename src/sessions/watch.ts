/**
 * Makes events of tunnels while they are followed. Nothing is noted where it happens: after each packet that may change
 * something (control messages, PPP negotiation, the first packet and the first user data of a GRE flow) the state is
 * compared with what was said of it before. User data costs nothing more than one comparison for each packet.
 */
import type { AddressBook } from '../octets/address.ts';
import { formatInstant, type Instant, secondsBetween } from '../octets/instant.ts';
import { buildCall } from './build-call.ts';
import type { CallState } from './call-state.ts';
import { ChallengeBook } from './challenge.ts';
import { ControlEvents } from './control-events.ts';
import { LinkEvents } from './link-events.ts';
import type { Call } from './model/call.ts';
import { Silences } from './silences.ts';
import { recentCalls, Told, type WatchListener } from './told.ts';
import type { TunnelState } from './tunnel-state.ts';

export class Watch {
  private readonly addresses: AddressBook;
  private readonly digits: () => number;
  private readonly told: Told;
  private readonly controlEvents: ControlEvents;
  private readonly linkEvents: LinkEvents;
  private readonly silences: Silences;

  /** `digits`: of the capture's times, as known by then. */
  constructor(listener: WatchListener, addresses: AddressBook, digits: () => number) {
    this.addresses = addresses;
    this.digits = digits;
    this.told = new Told(listener, addresses, digits);
    this.controlEvents = new ControlEvents(this.told);
    this.linkEvents = new LinkEvents(this.told);
    this.silences = new Silences(this.told);
  }

  /** Open tunnels, in the order in which they were met. */
  open(): TunnelState[] {
    return [...this.told.tunnels.keys()];
  }

  /** The id that the events of a tunnel carry. */
  idOf(tunnel: TunnelState): string {
    return this.told.tunnel(tunnel, { frame: tunnel.firstFrame, instant: tunnel.first }).id;
  }

  /** The id that the events of a call carry. */
  callIdOf(call: CallState): string {
    return this.told.call(call).id;
  }

  /** A call that is over is not followed any more. */
  callForgotten(call: CallState): void {
    this.told.forgetCall(call);
  }

  /** A TCP segment of a tunnel, or an ICMP error about it, was taken in. */
  tunnelChanged(tunnel: TunnelState, frame: number, instant: Instant | null): void {
    const { told } = this;
    const moment = { frame, instant };
    const marks = told.tunnel(tunnel, moment);
    marks.silent = false;
    if (tunnel.control !== null) this.controlEvents.connection(tunnel.control, moment);
    for (const error of tunnel.icmpErrors.slice(marks.icmpErrors)) {
      marks.icmpErrors += 1;
      told.say({
        ...told.about(tunnel, error.call === null ? null : told.call(error.call).id, error),
        kind: 'icmp-error',
        from: this.addresses.text(error.from),
        name: error.name,
        quotes: error.quotes,
      });
      told.judge(tunnel, error.call);
    }
    for (const call of recentCalls(tunnel)) this.controlEvents.call(call, moment);
  }

  /** A PPP control packet of a call, or the first packet or user data of a direction, was taken in. */
  callChanged(call: CallState, frame: number, instant: Instant | null): void {
    const { told } = this;
    const moment = { frame, instant };
    // A tunnel that was not met before opens with the call's first packet.
    told.call(call);
    told.tunnel(call.tunnel, moment).silent = false;
    this.linkEvents.call(call, this.model(call), moment);
  }

  /** Time has passed: what is missing by now. Gives the tunnels that nothing more is expected of. */
  tick(now: Instant): TunnelState[] {
    return this.silences.tick(now);
  }

  /** Of those that the tick looked at: calls that are over, of tunnels that go on with others and have more of them than `kept`; the oldest. */
  callsDone(now: Instant, kept: number): CallState[] {
    return this.silences.callsDone(now, kept);
  }

  /** It is about to be forgotten. */
  ended(tunnel: TunnelState): void {
    const { told } = this;
    const moment = { frame: tunnel.lastFrame, instant: tunnel.last };
    told.tunnel(tunnel, moment);
    const { first, last } = tunnel;
    told.say({
      ...told.about(tunnel, null, moment),
      kind: 'tunnel-ended',
      durationSeconds: first === null || last === null ? null : Math.round(secondsBetween(first, last) * 1e6) / 1e6,
    });
    told.forgetTunnel(tunnel);
  }

  /** The call as it stands. Challenges are told apart by a book of their own: the report's is filled at the end. */
  private model(call: CallState): Call {
    const digits = this.digits();
    return buildCall(
      call,
      {
        addresses: this.addresses,
        digits,
        capture: 0,
        challenges: new ChallengeBook(call.tunnel.limits),
        keepSecrets: false,
        credentials: [],
      },
      (instant) => (instant === null ? null : formatInstant(instant, digits)),
    );
  }
}
