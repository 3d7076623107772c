/** One tunnel while it is followed: two ends, the control connection where one was seen, and the calls. */
import { headerChecksum } from '../dissect/packet.ts';
import type { Instant } from '../octets/instant.ts';
import { secondsBetween } from '../octets/instant.ts';
import type { Limits } from '../octets/limits.ts';
import { CallIndex } from './call-index.ts';
import type { CallState } from './call-state.ts';
import type { ControlConnection } from './control-connection.ts';
import type { Dormitory, Sleeper } from './dormitory.ts';
import { type End, otherEnd } from './ends.ts';
import type { ForeignGre } from './model/tunnel.ts';

/** A packet's frame, and its time in seconds since 1970. */
export interface Moment {
  readonly frame: number;
  readonly at: number;
}

export interface TunnelEnd {
  readonly address: number;
  /** null until a control connection is known. */
  readonly port: number | null;
}

export type TunnelEnds = readonly [TunnelEnd, TunnelEnd];

/** An ICMP error that quotes a packet of the tunnel. */
export interface IcmpErrorState {
  readonly frame: number;
  readonly instant: Instant | null;
  readonly from: number;
  readonly type: number;
  readonly code: number;
  readonly name: string;
  readonly quotes: 'tcp' | 'gre';
  readonly sender: End;
  readonly timeToLive: number;
  readonly mtu: number | null;
  readonly call: CallState | null;
}

/** Fields and no arrays: of a hundred thousand tunnels they are kept. */
export class TunnelState {
  private readonly addressOfOne: number;
  private readonly addressOfOther: number;
  private portOfOne: number | null;
  private portOfOther: number | null;
  private connection: ControlConnection | null = null;
  private followed: CallState[] = [];
  private index: CallIndex | null = null;
  /** The control connection and what was said of the calls, packed; null while they are here. */
  asleep: string | null = null;
  private waitsAsleep = false;
  private readonly dormitory: Dormitory;
  /** No control connection is known: all GRE between its addresses belongs to it that belongs nowhere else. */
  alone = false;
  /** Its report was made: nothing is to be asked of it any more. */
  forgotten = false;
  /** Which end is the client (PNS). */
  clientEnd: End = 0;
  roles: 'certain' | 'likely' | 'unknown' = 'unknown';
  private errors: IcmpErrorState[] | null = null;
  private foreign: [ForeignGre | null, ForeignGre | null] | null = null;
  readonly limits: Limits;
  private timeToLiveOfOne = -1;
  private timeToLiveOfOther = -1;
  private soundOfOne = false;
  private soundOfOther = false;
  private unheardOfOne = 0;
  private unheardOfOther = 0;
  private lastFrameOfOne = 0;
  private lastFrameOfOther = 0;
  private lastAtOfOne = 0;
  private lastAtOfOther = 0;
  /** The most seconds that a packet is earlier than the one before it. */
  stepBack = 0;
  readonly firstFrame: number;
  private readonly firstSeconds: number;
  /** -1: its first packet had no time; of the last, none had one. */
  private readonly firstNanoseconds: number;
  lastFrame: number;
  private lastSeconds: number;
  private lastNanoseconds: number;

  constructor([one, other]: TunnelEnds, frame: number, instant: Instant | null, limits: Limits, dormitory: Dormitory) {
    this.addressOfOne = one.address;
    this.addressOfOther = other.address;
    this.portOfOne = one.port;
    this.portOfOther = other.port;
    this.limits = limits;
    this.dormitory = dormitory;
    this.firstFrame = frame;
    this.firstSeconds = instant?.seconds ?? 0;
    this.firstNanoseconds = instant?.nanoseconds ?? -1;
    this.lastFrame = frame;
    this.lastSeconds = this.firstSeconds;
    this.lastNanoseconds = this.firstNanoseconds;
  }

  get first(): Instant | null {
    return instantOrNull(this.firstSeconds, this.firstNanoseconds);
  }

  get last(): Instant | null {
    return instantOrNull(this.lastSeconds, this.lastNanoseconds);
  }

  /** As another tunnel between the same addresses has them. */
  takeRoles(other: TunnelState): void {
    this.clientEnd = this.endOf(other.address(other.clientEnd), null);
    this.roles = 'likely';
  }

  /** Oldest first. */
  get calls(): readonly CallState[] {
    return this.followed;
  }

  get callIndex(): CallIndex {
    this.index ??= new CallIndex(this.followed);
    return this.index;
  }

  get icmpErrors(): readonly IcmpErrorState[] {
    return this.errors ?? [];
  }

  icmpError(error: IcmpErrorState): void {
    this.errors ??= [];
    this.errors.push(error);
  }

  /** Nearly all tunnels have one: a list that grows has room for many. */
  addCall(call: CallState): void {
    if (this.followed.length > 0) this.followed.push(call);
    else {
      this.followed = [call];
      this.index = null;
    }
  }

  /** False where it is none of the tunnel's. */
  forgetCall(call: CallState): boolean {
    const index = this.followed.indexOf(call);
    if (index < 0) return false;
    // What sleeps goes by the order of the calls.
    this.wake();
    this.followed.splice(index, 1);
    this.index = null;
    return true;
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
    const calls = this.calls.flatMap((call) => call.takeControl() ?? []);
    this.asleep = packed({ control: this.connection, calls });
    this.connection = null;
    this.index = null;
  }

  /** For the dormitory alone. */
  getUp({ control, calls }: Sleeper): void {
    this.asleep = null;
    this.connection = control;
    for (const [index, call] of this.calls.entries()) call.giveControl(calls[index] ?? null);
  }

  /** The end with that address; where both have it, the one with the port. */
  endOf(address: number, port: number | null): End {
    if (this.addressOfOne === this.addressOfOther) return this.portOfOne === port ? 0 : 1;
    return this.addressOfOne === address ? 0 : 1;
  }

  /** End 0 opened TCP, as far as it is known. */
  address(end: End): number {
    return end === 0 ? this.addressOfOne : this.addressOfOther;
  }

  /** null until a control connection is known. */
  port(end: End): number | null {
    return end === 0 ? this.portOfOne : this.portOfOther;
  }

  /** Its control connection was found. */
  usesPort(end: End, port: number | null): void {
    if (end === 0) this.portOfOne = port;
    else this.portOfOther = port;
  }

  /** A packet of `end`. Allocates nothing: it is called for each. */
  heard(end: End, { frame, at }: Moment): void {
    const before = this.lastFrameOfOne > this.lastFrameOfOther ? this.lastAtOfOne : this.lastAtOfOther;
    if (before - at > this.stepBack) this.stepBack = before - at;
    if (end === 0) {
      this.unheardOfOne += 1;
      this.unheardOfOther = 0;
      this.lastFrameOfOne = frame;
      this.lastAtOfOne = at;
    } else {
      this.unheardOfOther += 1;
      this.unheardOfOne = 0;
      this.lastFrameOfOther = frame;
      this.lastAtOfOther = at;
    }
  }

  /** GRE between its ends that is not PPTP's. */
  foreignGre(end: End, frame: number): void {
    this.foreign ??= [null, null];
    const held = this.foreign[end];
    if (held === null) this.foreign[end] = { packets: 1, firstFrame: frame };
    else held.packets += 1;
  }

  foreignGreOf(end: End): ForeignGre | null {
    return this.foreign?.[end] ?? null;
  }

  /** A value of `headerChecksum`, of a segment of that end. */
  noteChecksum(end: End, checksum: number): void {
    if (checksum !== headerChecksum.right) return;
    if (end === 0) this.soundOfOne = true;
    else this.soundOfOther = true;
  }

  /** An IPv4 header of a TCP segment of that end came with a right checksum: the capture shows them as they were sent. */
  hasSoundHeaders(end: End): boolean {
    return end === 0 ? this.soundOfOne : this.soundOfOther;
  }

  /** The last packet of an end; 0 before it. */
  lastFrameOf(end: End): number {
    return end === 0 ? this.lastFrameOfOne : this.lastFrameOfOther;
  }

  /** Packets that an end sent since the other was heard last, TCP and GRE together. */
  unheard(end: End): number {
    return end === 0 ? this.unheardOfOne : this.unheardOfOther;
  }

  /** IP's time to live of an end's first packet; -1 before it. */
  timeToLive(end: End): number {
    return end === 0 ? this.timeToLiveOfOne : this.timeToLiveOfOther;
  }

  /** Only the first of an end counts. */
  noteTimeToLive(end: End, timeToLive: number): void {
    if (end === 0) {
      if (this.timeToLiveOfOne === -1) this.timeToLiveOfOne = timeToLive;
    } else if (this.timeToLiveOfOther === -1) this.timeToLiveOfOther = timeToLive;
  }

  /** When either end was heard last, in seconds since 1970; -1 before. */
  get lastHeard(): number {
    if (this.lastFrameOfOne === 0 && this.lastFrameOfOther === 0) return -1;
    return Math.max(this.lastAtOfOne, this.lastAtOfOther);
  }

  /** Seconds that `end` went on after the other end's last packet; 0 where the other spoke last. */
  goesOnAlone(end: End): number {
    if (this.lastFrameOf(otherEnd(end)) === 0) return 0;
    const ahead = this.lastAtOfOne - this.lastAtOfOther;
    return Math.max(0, end === 0 ? ahead : -ahead);
  }

  touch(frame: number, instant: Instant | null): void {
    if (frame > this.lastFrame) this.lastFrame = frame;
    if (instant === null || !(this.last === null || secondsBetween(this.last, instant) > 0)) return;
    this.lastSeconds = instant.seconds;
    this.lastNanoseconds = instant.nanoseconds;
  }
}

function instantOrNull(seconds: number, nanoseconds: number): Instant | null {
  return nanoseconds < 0 ? null : { seconds, nanoseconds };
}
