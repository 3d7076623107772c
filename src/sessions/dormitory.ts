/**
 * Lets tunnels sleep that nobody looks at. What the control plane keeps of a tunnel (its control connection, and of its
 * calls what was said of them and their PPP links) is large and touched seldom: of more tunnels than can stay awake it is
 * packed as soon as a few others were looked at, and unpacked when somebody looks again. What every data packet touches
 * stays as it is.
 */
import { Likeness } from '../octets/likeness.ts';
import { Packer } from '../octets/pack.ts';
import { MessageFramer } from '../pptp/framer.ts';
import { RoutedCopies } from '../tcp/routed-copies.ts';
import { StreamReassembler } from '../tcp/stream.ts';
import { AuthenticationTracker } from './authentication.ts';
import { Exchange } from './authentication-exchange.ts';
import { CallControl } from './call-state.ts';
import { Callback } from './callback.ts';
import { type CallSignalling, ControlConnection, Direction } from './control-connection.ts';
import { ControlMessages } from './control-messages.ts';
import { EchoTracker } from './echo.ts';
import { Handshake } from './handshake.ts';
import { LostSegments, Sent } from './lost-segments.ts';
import { MppeOption } from './mppe-option.ts';
import { Negotiation, Requests } from './negotiation.ts';
import { PppLink } from './ppp-link.ts';
import { Samples } from './samples.ts';
import { TimesToLive } from './times-to-live.ts';
import type { TunnelState } from './tunnel-state.ts';

/** What can sleep of a tunnel, and of its calls in their order. */
export interface Sleeper {
  readonly control: ControlConnection | null;
  readonly calls: readonly CallControl[];
}

const classes = [
  ControlConnection,
  Handshake,
  Direction,
  StreamReassembler,
  MessageFramer,
  ControlMessages,
  EchoTracker,
  Samples,
  LostSegments,
  Sent,
  TimesToLive,
  RoutedCopies,
  CallControl,
  PppLink,
  Callback,
  MppeOption,
  Negotiation,
  Requests,
  AuthenticationTracker,
  Exchange,
];

/** Of so many tunnels none sleeps: enough for nearly all captures, and some 20 MB at most. */
const allAwakeAtMost = 1024;
/** Of more. What dies young costs an engine nothing: more would become old before they are packed. */
const fewAwake = 32;

export class Dormitory {
  /** Of so many tunnels none sleeps; of more, few stay awake. */
  most = allAwakeAtMost;
  /** Receives what control connections say about calls. */
  signalling: CallSignalling | null = null;
  private readonly packer = new Packer(classes);
  private readonly likeness = new Likeness();
  /** Those looked at longest ago first. */
  private readonly awake = new Set<TunnelState>();
  private latest: TunnelState | null = null;
  private asleep = 0;

  /** Somebody looks at a tunnel, and may do so until `rest`. */
  wake(tunnel: TunnelState): void {
    if (tunnel === this.latest) return;
    this.latest = tunnel;
    this.awake.delete(tunnel);
    this.awake.add(tunnel);
    const { asleep } = tunnel;
    if (asleep === null) return;
    this.asleep -= 1;
    tunnel.getUp(this.packer.unpack(this.likeness.whole(asleep), this.outside(tunnel)) as Sleeper);
  }

  /** Nobody holds anything of a tunnel: so many as are too many may sleep. */
  rest(): void {
    if (this.awake.size + this.asleep <= this.most) return;
    const few = Math.min(fewAwake, this.most);
    for (const tunnel of this.awake) {
      if (this.awake.size <= few) break;
      this.awake.delete(tunnel);
      if (this.latest === tunnel) this.latest = null;
      this.asleep += 1;
      tunnel.lieDown((sleeper) => this.likeness.shorten(this.packer.pack(sleeper, this.outside(tunnel))));
    }
  }

  /** A tunnel is forgotten. What woke is let go of at once: as long as it is young, that costs nothing. */
  leave(tunnel: TunnelState): void {
    this.awake.delete(tunnel);
    if (this.latest === tunnel) this.latest = null;
    if (tunnel.asleep !== null) this.asleep -= 1;
    tunnel.lieDown(() => null);
  }

  private outside(tunnel: TunnelState): readonly object[] {
    const { signalling } = this;
    return signalling === null ? [tunnel, tunnel.limits] : [tunnel, tunnel.limits, signalling];
  }
}
