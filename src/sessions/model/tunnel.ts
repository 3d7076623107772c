/**
 * What happened, as plain data: tunnels, their control connection, their calls, and what PPP agreed inside.
 * The types of this folder are the JSON report's (version 1): keys are added, never renamed or dropped. `null` is
 * "not known"; a key that cannot apply is absent. Times are UTC strings with all digits that the capture holds.
 */
import type { Call } from './call.ts';
import type { Control } from './control.ts';
import type { IcmpError } from './icmp-error.ts';
import type { Endpoint } from './side.ts';

/** One control connection with its calls or, without one, a pair of addresses with enhanced GRE. */
export interface Tunnel {
  /** `T1`, `T2`, ... in order of the first frame. */
  id: string;
  /** Index into `captures` of the capture that it was seen in; of the first one of a sequence. */
  capture: number;
  /** The side that asked for the call (PNS). */
  client: Endpoint;
  /** The side that answered it (PAC). */
  server: Endpoint;
  /** How sure it is which end is the client: `certain` by the call request, `likely` by who opened TCP or what PPP says, `unknown` guessed. */
  roles: 'certain' | 'likely' | 'unknown';
  /** null: GRE without a control connection in the capture. */
  control: Control | null;
  /** In order of their first frame. */
  calls: Call[];
  /** Of the control connection and all calls. */
  firstFrame: number;
  /** Of the first frame. */
  firstTime: string | null;
  /** Of the control connection and all calls. */
  lastFrame: number;
  /** Of the last frame. */
  lastTime: string | null;
  /** From the first frame to the last; null where the capture has no times. */
  durationSeconds: number | null;
  /** The most seconds that a packet is earlier than the one before it in the capture: that much its times and lengths may be wrong. */
  stepBackSeconds: number;
  /** ICMP errors that quote a packet of this tunnel. */
  icmpErrors: IcmpError[];
  /** Near which end this tunnel was captured, by times to live, the handshake's timing and what was sent again. */
  vantage: 'client' | 'server' | 'between' | 'unknown';
  /** IP's time to live of each side's first packet; null where there is none. */
  timeToLive: { client: number | null; server: number | null };
  /** Packets lost between the point of capture and each end, told by what was sent again: it was not taken at that end itself. */
  lostBeside: { client: LostBeside | null; server: LostBeside | null };
  /** GRE between its ends that is not PPTP's, by its sender. */
  foreignGre: { client: ForeignGre | null; server: ForeignGre | null };
  /** Which side went on alone at the end, and for how long. */
  lastHeard: { client: LastHeard; server: LastHeard };
}

/** GRE between the ends of a tunnel that is not PPTP's: of another version, or with other header bits. RFC 2637 §4.1 */
export interface ForeignGre {
  /** All of one side. */
  packets: number;
  /** The first. */
  firstFrame: number;
}

/** Losses on one side of the point of capture. */
export interface LostBeside {
  /** How often something had to be sent again because of them. */
  times: number;
  /** The first frame that was sent again. */
  frame: number;
}

/** The end of one side's packets, of the control connection and GRE together. */
export interface LastHeard {
  /** Its last packet; null where there is none. */
  frame: number | null;
  /** Packets that it sent after the other side's last one. */
  packetsAlone: number;
  /** From the other side's last packet to its own last; 0 where the other spoke last. */
  secondsAlone: number;
}
