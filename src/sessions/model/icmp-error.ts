/** ICMP about a tunnel. */
import type { Side } from './side.ts';

/** An ICMP or ICMPv6 error. */
export interface IcmpError {
  /** The frame of the error itself. */
  frame: number;
  /** Of that frame. */
  time: string | null;
  /** The box that sent it. */
  from: string;
  /** ICMP type. */
  type: number;
  /** ICMP code. */
  code: number;
  /** `3/13 communication administratively prohibited`. */
  name: string;
  /** What it quotes. */
  quotes: 'tcp' | 'gre';
  /** The side whose packet it quotes. */
  aboutPacketFrom: Side;
  /** IP's time to live of the error: by it one knows how far away the box is. */
  timeToLive: number;
  /** Next-hop MTU of 3/4 and Packet Too Big. */
  mtu: number | null;
  /** Id of the call that the quoted packet belongs to; null where it is of the control connection or not known. */
  call: string | null;
}
