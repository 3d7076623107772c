/** The packet view of captures: the second pass looks at the packets one by one. */
import type { Frame } from '../capture/frame.ts';
import type { Limits, ReachedLimit } from '../octets/limits.ts';
import type { Tunnel } from '../sessions/model/tunnel.ts';
import { PacketView } from '../sessions/packet-view.ts';
import type { CountedPacket, Interest, ViewedPacket } from '../sessions/viewed-packet.ts';
import type { Openable } from './inputs.ts';
import { type Copies, type FrameTaker, readTwice, type SecondPass, type TwoPassReading } from './two-passes.ts';

export interface PacketReading extends TwoPassReading {
  /** Packets outside of tunnels too. */
  readonly all: boolean;
}

/** What the second pass is asked and told. */
export interface PacketSink extends Omit<SecondPass, 'sequence'> {
  /** Whether the frame is of interest: `stop` where none after it is. */
  wants(frame: Frame): 'yes' | 'no' | 'stop';
  /** Whether GRE of that owner may be: false is certain. */
  readonly interest: Interest;
  /** False: no more packets are wanted. */
  packet(packet: ViewedPacket): boolean;
  /** Gets what is only counted; where it is absent, `packet` does. */
  counted?(packet: CountedPacket): void;
}

/** As `readTwice`. */
export function viewPackets(
  captures: readonly Openable[],
  { all, ...reading }: PacketReading,
  sink: PacketSink,
  copies: Copies,
): Promise<ReachedLimit[]> {
  const viewed = (tunnels: readonly Tunnel[], limits: Limits): FrameTaker => {
    const view = new PacketView(tunnels, limits, sink.counted === undefined ? null : (one) => sink.counted?.(one));
    return {
      frame(frame) {
        const wanted = sink.wants(frame);
        if (wanted === 'stop') return 'next-sequence';
        const packet = view.packet(frame, all, wanted === 'yes' ? sink.interest : null);
        return packet === null || sink.packet(packet) ? 'more' : 'enough';
      },
      finish() {},
    };
  };
  const second: SecondPass = {
    report: (source) => sink.report(source),
    sequence: viewed,
    capture: (index, path, timing) => sink.capture(index, path, timing),
    flush: () => sink.flush(),
    progress: (read) => sink.progress?.(read),
  };
  return readTwice(captures, reading, second, copies);
}
