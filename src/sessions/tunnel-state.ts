/** One tunnel while it is followed: two ends, the control connection where one was seen, and the calls. */
import type { Instant } from '../octets/instant.ts';
import { secondsBetween } from '../octets/instant.ts';
import type { Limits } from '../octets/limits.ts';
import { CallIndex } from './call-index.ts';
import type { CallState } from './call-state.ts';
import type { ControlConnection } from './control-connection.ts';
import type { Dormitory, Sleeper } from './dormitory.ts';

/** A packet's frame, and its time in seconds since 1970. */
export interface Moment {
  readonly frame: number;
  readonly at: number;
}

export interface TunnelEnd {
  readonly address: number;
  /** null until a control connection is known. */
  port: number | null;
}

/** An ICMP error that quotes a packet of the tunnel. */
export interface IcmpErrorState {
  readonly frame: number;
  readonly instant: Instant | null;
  readonly from: number;
  readonly type: number;
  readonly code: number;
  readonly name: string;
  readonly quotes: 'tcp' | 'gre';
  readonly sender: 0 | 1;
  readonly mtu: number | null;
  readonly call: CallState | null;
}

export class TunnelState {
  /** End 0 opened TCP, as far as it is known. */
  readonly ends: readonly [TunnelEnd, TunnelEnd];
  private connection: ControlConnection | null = null;
  readonly calls: CallState[] = [];
  readonly callIndex = new CallIndex(this.calls);
  /** The control connection and the calls' links, packed; null while they are here. */
  asleep: string | null = null;
  private waitsAsleep = false;
  private readonly dormitory: Dormitory;
  /** Which end is the client (PNS). */
  clientEnd: 0 | 1 = 0;
  roles: 'certain' | 'likely' | 'unknown' = 'unknown';
  readonly icmpErrors: IcmpErrorState[] = [];
  /** TTL of each end's first packet; -1 before it. */
  readonly timesToLive: [number, number] = [-1, -1];
  /** Packets that each end sent since the other was heard last, TCP and GRE together. */
  readonly unheard: [number, number] = [0, 0];
  /** Last packet of each end; 0 before it. */
  readonly lastFrames: [number, number] = [0, 0];
  private readonly lastSeconds: [number, number] = [0, 0];
  readonly limits: Limits;
  readonly firstFrame: number;
  readonly first: Instant | null;
  lastFrame: number;
  last: Instant | null;

  constructor(
    ends: readonly [TunnelEnd, TunnelEnd],
    frame: number,
    instant: Instant | null,
    limits: Limits,
    dormitory: Dormitory,
  ) {
    this.ends = ends;
    this.limits = limits;
    this.dormitory = dormitory;
    this.firstFrame = frame;
    this.first = instant;
    this.lastFrame = frame;
    this.last = instant;
  }

  /** Not to be kept beyond the packet that it is looked at for: the tunnel may sleep after that. */
  get control(): ControlConnection | null {
    this.wake();
    return this.connection;
  }

  set control(connection: ControlConnection) {
    this.wake();
    this.connection = connection;
  }

  wake(): void {
    this.dormitory.wake(this);
  }

  /** Something waits in the streams of the control connection: for what the capture does not hold yet, or to its end. */
  get waits(): boolean {
    return this.asleep === null ? (this.connection?.waits ?? false) : this.waitsAsleep;
  }

  /** For the dormitory alone. */
  lieDown(packed: (sleeper: Sleeper) => string | null): void {
    this.waitsAsleep = this.connection?.waits ?? false;
    const links = this.calls.flatMap((call) => call.takeLink() ?? []);
    this.asleep = packed({ control: this.connection, links });
    this.connection = null;
  }

  /** For the dormitory alone. */
  getUp({ control, links }: Sleeper): void {
    this.asleep = null;
    this.connection = control;
    for (const [index, call] of this.calls.entries()) call.giveLink(links[index] ?? null);
  }

  /** The end with that address; where both have it, the one with the port. */
  endOf(address: number, port: number | null): 0 | 1 {
    const [one, other] = this.ends;
    if (one.address === other.address) return one.port === port ? 0 : 1;
    return one.address === address ? 0 : 1;
  }

  /** A packet of `end`. Allocates nothing: it is called for each. */
  heard(end: number, { frame, at }: Moment): void {
    const from = end === 0 ? 0 : 1;
    const other = from === 0 ? 1 : 0;
    this.unheard[from] += 1;
    this.unheard[other] = 0;
    this.lastFrames[from] = frame;
    this.lastSeconds[from] = at;
  }

  /** When either end was heard last, in seconds since 1970; -1 before. */
  get lastHeard(): number {
    const [one, other] = this.lastFrames;
    return one === 0 && other === 0 ? -1 : Math.max(this.lastSeconds[0], this.lastSeconds[1]);
  }

  /** Seconds that `end` went on after the other end's last packet; 0 where the other spoke last. */
  goesOnAlone(end: 0 | 1): number {
    const other = end === 0 ? 1 : 0;
    return this.lastFrames[other] === 0 ? 0 : Math.max(0, this.lastSeconds[end] - this.lastSeconds[other]);
  }

  touch(frame: number, instant: Instant | null): void {
    if (frame > this.lastFrame) this.lastFrame = frame;
    if (instant !== null && (this.last === null || secondsBetween(this.last, instant) > 0)) this.last = instant;
  }
}
