/** The control connection: TCP and the messages that are not of a call. RFC 2637 §2, §3.1 */
import type { Anomaly } from './anomaly.ts';
import type { Echo } from './echo.ts';
import type { Side } from './side.ts';

/** The control connection. RFC 2637 §2, §3.1. */
export interface Control {
  /** What TCP did. */
  tcp: ControlTcp;
  /** How the control connection was opened. RFC 2637 §2.1, §2.2. */
  start: ControlStart;
  /** How it was stopped; null where no Stop-Control-Connection was seen. RFC 2637 §2.3, §2.4. */
  stop: ControlStop | null;
  /** Echo-Requests of both sides and their replies. RFC 2637 §2.5, §2.6. */
  echo: Echo;
  /** Control messages in order, as far as the stated limit goes. */
  messages: ControlMessage[];
  /** Messages beyond the stated limit that were counted but not listed. */
  messagesNotListed: number;
  /** What RFC 2637 does not allow, or a tolerant peer would not send. */
  anomalies: Anomaly[];
}

/** The TCP connection below the control connection. */
export interface ControlTcp {
  /**
   * `refused`: a RST answered the SYN, or, where the client closed it, a SYN-ACK that the client had not asked for there.
   * `unreachable`: ICMP answered the SYN. `mid-stream`: the capture holds no SYN.
   */
  outcome: 'connected' | 'refused' | 'no-answer' | 'unreachable' | 'mid-stream';
  /** SYN to SYN-ACK as seen at the capture point. */
  handshakeMilliseconds: number | null;
  /** The client went on after its SYN, or the SYN lies before the capture. */
  handshakeComplete: boolean;
  /** SYN segments that the client sent. */
  synSegments: number;
  /** Sequence number of each side's SYN, the client's also by what the server's acknowledges; null where the capture shows neither. A NAT leaves them. RFC 9293 §3.4 */
  initialSequence: { client: number | null; server: number | null };
  /** Segments with payload, SYN or FIN that were sent before. */
  retransmissions: number;
  /** Segments that the capture holds once more with another time to live: it shows both sides of a router. They count nowhere else. */
  routedDuplicates: number;
  /** Segments that came before one with a lower sequence number. */
  outOfOrder: number;
  /** Octets of both directions that the capture does not hold though they were sent. */
  missingBytes: number;
  /** Octets (and a FIN) that their receiver acknowledged and no frame holds, not even cut: the capture lost them, not the path. */
  missedByCapture: number;
  /** The first frame with octets of a message that the capture cut, or behind which others are missing; null where none is. */
  missingFrame: number | null;
  /** Whose FIN or RST came first; null where neither was seen. */
  closedBy: Side | null;
  /** null where the capture shows no end. */
  closedWith: 'fin' | 'rst' | null;
  /** The only side whose segments the capture holds; null where it holds both. */
  onlyFrom: Side | null;
  /** Octets of payload that each side sent. */
  bytes: { client: number; server: number };
  /** Octets of payload of each side that the other acknowledged. */
  acknowledgedBytes: { client: number; server: number };
  /** Frame of the segment that decided `outcome`. */
  openedFrame: number | null;
  /** Frame of the FIN or RST. */
  closedFrame: number | null;
  /** When the last segment of each side was; null where there is none, or the capture gives no times. */
  lastTime: { client: string | null; server: string | null };
  /** Segments whose time to live differs from that of all others of the same sender; none where it changes often. */
  strangeTimesToLive: StrangeTimeToLive[];
}

/** A TCP segment that took another way than its sender's others, or came from elsewhere. */
export interface StrangeTimeToLive {
  /** Its frame. */
  frame: number;
  /** Who seems to have sent it. */
  from: Side;
  /** Of this segment. */
  timeToLive: number;
  /** Of the sender's other segments. */
  usualTimeToLive: number;
  /** What it does to the connection. */
  carries: 'rst' | 'fin' | 'payload' | 'nothing';
}

/** Start-Control-Connection-Request and its reply. */
export interface ControlStart {
  /** `no-reply`: asked, not answered. `not-seen`: neither is in the capture, or the result is not. */
  outcome: 'accepted' | 'refused' | 'no-reply' | 'not-seen';
  /** Of the reply; 1 is success. RFC 2637 §2.2. */
  resultCode: number | null;
  /** Of the reply. RFC 2637 §2.16. */
  errorCode: number | null;
  /** What the client says of itself. */
  client: StartParameters | null;
  /** What the server says of itself. */
  server: StartParameters | null;
  /** Frame of the request. */
  requestFrame: number | null;
  /** Frame of the reply. */
  replyFrame: number | null;
}

/** What a Start-Control-Connection message says of its sender. RFC 2637 §2.1, §2.2. */
export interface StartParameters {
  /** Up to the first NUL. */
  hostName: string | null;
  /** Up to the first NUL. */
  vendorName: string | null;
  /** As the sender numbers it. */
  firmwareRevision: number | null;
  /** `1.0` for 0x0100. */
  protocolVersion: string | null;
  /** `asynchronous`, `synchronous`. */
  framingCapabilities: string[] | null;
  /** `analog`, `digital`. */
  bearerCapabilities: string[] | null;
  /** Sessions that the PAC says it can hold. */
  maximumChannels: number | null;
  /** Octets other than 0 behind the first NUL of host name and vendor name: what lay in the sender's memory. */
  octetsAfterNul: number;
}

/** Stop-Control-Connection-Request and its reply. RFC 2637 §2.3, §2.4. */
export interface ControlStop {
  /** Who asked. */
  by: Side;
  /** Of the request. */
  reasonCode: number | null;
  /** Of the reply; 1 is success. */
  resultCode: number | null;
}

/** One control message. */
export interface ControlMessage {
  /** The first frame that carried octets of it. */
  frame: number;
  /** All frames that carried it. */
  frames: number[];
  /** Of the first octet. */
  time: string | null;
  /** Who sent it. */
  from: Side;
  /** Control Message Type; 1-15 are defined. */
  type: number;
  /** As RFC 2637 spells it: `Outgoing-Call-Request`. */
  name: string;
}
