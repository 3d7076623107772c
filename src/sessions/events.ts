/**
 * What happens to tunnels while they are followed, as plain data: the steps up the ladder, what fails, and what does not
 * come. These types are the JSON lines' of `live` (version 1): keys and kinds are added, never renamed or dropped.
 */
import type { AuthenticationProtocol } from './model/authentication.ts';
import type { Endpoint, Side } from './model/side.ts';

/** What every event of a tunnel says. */
export interface TunnelEventBase {
  /** `T1`, `T2`, ... in the order in which the tunnels were met. */
  tunnel: string;
  /** `T1.1`; null where the tunnel as a whole is meant. */
  call: string | null;
  /** The frame that shows it; null where a silence does. */
  frame: number | null;
  /** UTC, with the digits of the capture; null where it holds no times. */
  time: string | null;
  /** The side that asks for the call (PNS). */
  client: Endpoint;
  /** The side that answers it (PAC). */
  server: Endpoint;
}

/** The first packet of a tunnel. */
export interface TunnelOpened extends TunnelEventBase {
  /** What happened. */
  kind: 'tunnel-opened';
  /** `syn`: a new TCP connection. `mid-stream`: it was open before. `gre`: GRE without a control connection. */
  with: 'syn' | 'mid-stream' | 'gre';
}

/** TCP answered. */
export interface TcpConnected extends TunnelEventBase {
  /** What happened. */
  kind: 'tcp-connected';
  /** SYN to SYN-ACK as seen at the capture point. */
  handshakeMilliseconds: number | null;
}

/** TCP was answered with RST. */
export interface TcpRefused extends TunnelEventBase {
  /** What happened. */
  kind: 'tcp-refused';
}

/** Start-Control-Connection-Reply. RFC 2637 §2.2. */
export interface ControlStarted extends TunnelEventBase {
  /** What happened. */
  kind: 'control-started';
  /** False where the server refused. */
  accepted: boolean;
  /** 1 is success. */
  resultCode: number | null;
  /** As the server names itself. */
  vendorName: string | null;
  /** As the server names itself. */
  hostName: string | null;
}

/** Outgoing-Call-Request or Incoming-Call-Request. RFC 2637 §2.7, §2.9. */
export interface CallRequested extends TunnelEventBase {
  /** What happened. */
  kind: 'call-requested';
  /** Who asked. */
  by: Side;
}

/** The reply with result 1. RFC 2637 §2.8, §2.10. */
export interface CallConnected extends TunnelEventBase {
  /** What happened. */
  kind: 'call-connected';
  /** The client's Call ID. */
  clientCallId: number | null;
  /** The server's Call ID. */
  serverCallId: number | null;
}

/** The reply with another result. */
export interface CallRefused extends TunnelEventBase {
  /** What happened. */
  kind: 'call-refused';
  /** Which of the two replies it was: each has result codes of its own. */
  reply: 'outgoing' | 'incoming';
  /** RFC 2637 §2.8, §2.10. */
  resultCode: number | null;
  /** RFC 2637 §2.16. */
  errorCode: number | null;
  /** Q.931 cause. */
  causeCode: number | null;
}

/** The first GRE packet of a side. */
export interface GreSeen extends TunnelEventBase {
  /** What happened. */
  kind: 'gre-seen';
  /** Who sent it. */
  from: Side;
}

/** One side repeats its LCP Configure-Requests, and no GRE of the other side is seen. */
export interface GreUnanswered extends TunnelEventBase {
  /** What happened. */
  kind: 'gre-unanswered';
  /** Who asks. */
  from: Side;
  /** Configure-Requests so far. */
  requests: number;
}

/** Both ends' options were acknowledged. RFC 1661 §4. */
export interface LcpOpened extends TunnelEventBase {
  /** What happened. */
  kind: 'lcp-opened';
  /** What each side demands as authentication; null where it demands none. */
  authentication: { client: string | null; server: string | null };
}

/** What an event said to be open is not: an end goes on asking for what was acknowledged. RFC 1661 §4.1. */
export interface NegotiationUndone extends TunnelEventBase {
  /** What happened. */
  kind: 'negotiation-undone';
  /** Which of `lcp-opened`, `encryption-agreed` and `network-opened` does not hold any more; it may be said again. */
  stage: 'lcp' | 'encryption' | 'network';
}

/** An authenticator asked for the proof. */
export interface AuthenticationAsked extends TunnelEventBase {
  /** What happened. */
  kind: 'authentication-asked';
  /** The method. */
  protocol: AuthenticationProtocol;
  /** Who asked. */
  by: Side;
}

/** The authenticator's verdict. */
export interface AuthenticationDecided extends TunnelEventBase {
  /** What happened. */
  kind: 'authentication-succeeded' | 'authentication-failed';
  /** The method. */
  protocol: AuthenticationProtocol;
  /** Who demanded the proof. */
  by: Side;
  /** Who was to be authenticated. */
  user: string | null;
  /** Of an MS-CHAP failure (RFC 2433 §8, RFC 2759 §6). */
  errorCode: number | null;
  /** The authenticator's words. */
  message: string | null;
}

/** CCP opened. RFC 1962. */
export interface EncryptionAgreed extends TunnelEventBase {
  /** What happened. */
  kind: 'encryption-agreed';
  /** `mppe`, another compression's name, or `none`. */
  method: string;
  /** Key length. */
  bits: 40 | 56 | 128 | null;
  /** The key changes with every packet. RFC 3078 §7. */
  stateless: boolean | null;
}

/** IPCP or IPV6CP opened. */
export interface NetworkOpened extends TunnelEventBase {
  /** What happened. */
  kind: 'network-opened';
  /** Inside the tunnel. */
  clientAddress: string | null;
  /** Inside the tunnel. */
  serverAddress: string | null;
}

/** The first packet of user data of a side. */
export interface FirstData extends TunnelEventBase {
  /** What happened. */
  kind: 'first-data';
  /** Who sent it. */
  from: Side;
  /** MPPE's bit says that it is encrypted. */
  encrypted: boolean;
}

/** Echo-Requests of the control connection (RFC 2637 §2.5) or of LCP (RFC 1661 §5.8) that stay without reply. */
export interface EchoUnanswered extends TunnelEventBase {
  /** What happened. */
  kind: 'echo-unanswered';
  /** Whose echo it is. */
  protocol: 'pptp' | 'lcp';
  /** Who asks. */
  from: Side;
  /** In a row. */
  requests: number;
}

/** An ICMP error that quotes a packet of the tunnel. */
export interface IcmpErrorSeen extends TunnelEventBase {
  /** What happened. */
  kind: 'icmp-error';
  /** Who sent it. */
  from: string;
  /** What it says. */
  name: string;
  /** What it quotes. */
  quotes: 'tcp' | 'gre';
}

/** LCP Terminate-Request. RFC 1661 §5.5. */
export interface LinkTerminated extends TunnelEventBase {
  /** What happened. */
  kind: 'link-terminated';
  /** Who ended it. */
  by: Side;
  /** Its text. */
  text: string | null;
  /** The Windows error number in it. */
  windowsErrorCode: number | null;
}

/** Call-Clear-Request or Call-Disconnect-Notify. RFC 2637 §2.12, §2.13. */
export interface Disconnected extends TunnelEventBase {
  /** What happened. */
  kind: 'disconnected';
  /** Who sent it. */
  by: Side;
  /** Of Call-Disconnect-Notify. */
  resultCode: number | null;
}

/** The control connection was closed. */
export interface ControlClosed extends TunnelEventBase {
  /** What happened. */
  kind: 'control-closed';
  /** Who began. */
  by: Side;
  /** How. */
  with: 'fin' | 'rst';
}

/** Nothing of either end for a while though neither said goodbye. */
export interface TunnelSilent extends TunnelEventBase {
  /** What happened. */
  kind: 'tunnel-silent';
  /** Since the last packet. */
  seconds: number;
}

/** Nothing more is expected of it: it is reported and forgotten. */
export interface TunnelEnded extends TunnelEventBase {
  /** What happened. */
  kind: 'tunnel-ended';
  /** From its first packet to its last. */
  durationSeconds: number | null;
}

/** A step, a failure or a silence of a tunnel. */
export type TunnelEvent =
  | TunnelOpened
  | TcpConnected
  | TcpRefused
  | ControlStarted
  | CallRequested
  | CallConnected
  | CallRefused
  | GreSeen
  | GreUnanswered
  | LcpOpened
  | NegotiationUndone
  | AuthenticationAsked
  | AuthenticationDecided
  | EncryptionAgreed
  | NetworkOpened
  | FirstData
  | EchoUnanswered
  | IcmpErrorSeen
  | LinkTerminated
  | Disconnected
  | ControlClosed
  | TunnelSilent
  | TunnelEnded;
