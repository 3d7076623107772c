/**
 * What was said of tunnels and of their calls so far, so that nothing is said twice; under which ids; and who is to judge them by
 * what is said now.
 */
import type { AddressBook } from '../octets/address.ts';
import { formatInstant, type Instant } from '../octets/instant.ts';
import type { CallState } from './call-state.ts';
import { type End, otherEnd } from './ends.ts';
import type { NegotiationUndone, TunnelEvent, TunnelEventBase } from './events.ts';
import type { Endpoint } from './model/side.ts';
import type { TunnelState } from './tunnel-state.ts';

export interface WatchListener {
  event(event: TunnelEvent): void;
  /** Something came about by which these calls are judged: a step, a failure, or a silence that went on long enough. */
  judge(tunnel: TunnelState, calls: readonly CallState[]): void;
  /** These calls have come further: what was said of them may not hold any more. */
  passed(tunnel: TunnelState, calls: readonly CallState[]): void;
  /** The ids of a call of which nothing more will be said. */
  callForgotten(tunnel: string, call: string): void;
}

/** What was said of a call. */
export interface CallMarks {
  readonly id: string;
  requested: boolean;
  replied: boolean;
  readonly greSeen: [boolean, boolean];
  readonly dataSeen: [boolean, boolean];
  greUnanswered: boolean;
  /** What was said to be open, and is so in the model: what is not any more is taken back. */
  readonly open: Record<NegotiationUndone['stage'], boolean>;
  /** Exchanges asked for, and verdicts: `failure` may be followed by another. */
  asked: number;
  verdicts: number;
  terminated: boolean;
  disconnected: boolean;
  lcpEchoes: boolean;
  judgedSilence: boolean;
}

/** What was said of a tunnel. */
export interface TunnelMarks {
  readonly id: string;
  connected: boolean;
  refused: boolean;
  started: boolean;
  closed: boolean;
  icmpErrors: number;
  echoes: boolean;
  silent: boolean;
  /** The rung whose missing answer was judged. */
  judgedSilence: 'none' | 'tcp' | 'control';
  readonly calls: Map<CallState, CallMarks>;
  /** Calls that were met, those that are forgotten too. */
  callsMet: number;
}

/** What shows what is said: a packet, or a silence that goes on until then. */
export interface EventMoment {
  readonly frame: number | null;
  readonly instant: Instant | null;
}

export class Told {
  private readonly listener: WatchListener;
  private readonly addresses: AddressBook;
  private readonly digits: () => number;
  private readonly marksOf = new Map<TunnelState, TunnelMarks>();
  private met = 0;

  /** `digits`: of the capture's times, as known by then. */
  constructor(listener: WatchListener, addresses: AddressBook, digits: () => number) {
    this.listener = listener;
    this.addresses = addresses;
    this.digits = digits;
  }

  /** Those that are followed, in the order in which they were met. */
  get tunnels(): ReadonlyMap<TunnelState, TunnelMarks> {
    return this.marksOf;
  }

  /** A tunnel that was not met before is said to be there. */
  tunnel(tunnel: TunnelState, moment: EventMoment): TunnelMarks {
    const held = this.marksOf.get(tunnel);
    if (held !== undefined) return held;
    this.met += 1;
    const marks: TunnelMarks = {
      id: `T${this.met}`,
      connected: false,
      refused: false,
      started: false,
      closed: false,
      icmpErrors: 0,
      echoes: false,
      silent: false,
      judgedSilence: 'none',
      calls: new Map(),
      callsMet: 0,
    };
    this.marksOf.set(tunnel, marks);
    const { control } = tunnel;
    this.say({
      ...this.about(tunnel, null, moment),
      kind: 'tunnel-opened',
      with: control === null ? 'gre' : control.handshake.synSegments > 0 ? 'syn' : 'mid-stream',
    });
    return marks;
  }

  call(call: CallState): CallMarks {
    const marks = this.tunnel(call.tunnel, { frame: call.firstFrame, instant: call.tunnel.last });
    const held = marks.calls.get(call);
    if (held !== undefined) return held;
    marks.callsMet += 1;
    const made: CallMarks = {
      id: `${marks.id}.${marks.callsMet}`,
      requested: false,
      replied: false,
      greSeen: [false, false],
      dataSeen: [false, false],
      greUnanswered: false,
      open: { lcp: false, encryption: false, network: false },
      asked: 0,
      verdicts: 0,
      terminated: false,
      disconnected: false,
      lcpEchoes: false,
      judgedSilence: false,
    };
    marks.calls.set(call, made);
    return made;
  }

  /** A call that is over is not followed any more. */
  forgetCall(call: CallState): void {
    const marks = this.marksOf.get(call.tunnel);
    const held = marks?.calls.get(call);
    if (marks === undefined || held === undefined) return;
    marks.calls.delete(call);
    this.listener.callForgotten(marks.id, held.id);
  }

  forgetTunnel(tunnel: TunnelState): void {
    this.marksOf.delete(tunnel);
  }

  say(event: TunnelEvent): void {
    this.listener.event(event);
  }

  /** What all events of a tunnel have in common. `call`: the id of the call that is meant. */
  about(tunnel: TunnelState, call: string | null, { frame, instant }: EventMoment): TunnelEventBase {
    const held = this.marksOf.get(tunnel);
    const client = tunnel.clientEnd;
    const endpoint = (end: End): Endpoint => {
      return { address: this.addresses.text(tunnel.address(end)), port: tunnel.port(end) };
    };
    return {
      tunnel: held?.id ?? '',
      call,
      frame,
      time: instant === null ? null : formatInstant(instant, this.digits()),
      client: endpoint(client),
      server: endpoint(otherEnd(client)),
    };
  }

  judge(tunnel: TunnelState, call: CallState | null): void {
    this.listener.judge(tunnel, concerned(tunnel, call));
  }

  passed(tunnel: TunnelState, call: CallState | null): void {
    this.listener.passed(tunnel, concerned(tunnel, call));
  }
}

/** Control messages are about a connection's newest calls; older ones are not looked through for each. */
export function recentCalls(tunnel: TunnelState): readonly CallState[] {
  return tunnel.calls.slice(-64);
}

/** The call alone, where it is about one: a connection has many. Its end is judged together. */
function concerned(tunnel: TunnelState, call: CallState | null): readonly CallState[] {
  const alone = call !== null && (tunnel.control === null || tunnel.control.closedBy === null);
  return alone ? [call] : recentCalls(tunnel);
}
