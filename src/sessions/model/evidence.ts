/** What diagnoses of a call rest on: who asked for what and was refused, and how the packets went. */
import type { Side } from './side.ts';

/** What diagnoses rest on. */
export interface CallEvidence {
  /** LCP of each side; the watched option is Authentication-Protocol. null, as the two that follow, where data flows both ways and neither was LCP begun anew in vain nor IPCP without success. */
  lcp: { client: Requests; server: Requests } | null;
  /** CCP of each side; the watched option is MPPE's, as its supported bits in hex: `0x01000040`. */
  ccp: { client: Requests; server: Requests } | null;
  /** IPCP of each side; the watched option is IP-Address. */
  ipcp: { client: Requests; server: Requests } | null;
  /** The first Terminate-Request of CCP. */
  ccpTerminated: Terminated | null;
  /** The first Terminate-Request of IPCP. */
  ipcpTerminated: Terminated | null;
  /** The first Terminate-Request of IPV6CP. */
  ipv6cpTerminated: Terminated | null;
  /** The frame with which CCP as a whole was rejected. */
  ccpRejectedFrame: number | null;
  /** The frame with which IPCP as a whole was rejected. */
  ipcpRejectedFrame: number | null;
  /** Both sides ask with the same magic number: a line that is looped back. RFC 1661 §6.4 */
  looped: boolean;
  /** What the packets of each direction show of the path. */
  path: { clientToServer: PathEvidence; serverToClient: PathEvidence };
  /** The last time that neither side sent anything for 30 s or more; null where there was none. */
  silence: {
    seconds: number;
    startFrame: number;
    endFrame: number;
    packetsAfter: { client: number; server: number };
  } | null;
  /** The first sign of the end (Terminate-Request, farewell, FIN or RST, or another call with its Call ID); null where the capture shows none or gives no times. */
  endTime: string | null;
  /** Where its Call ID is announced for another call of the connection, with nothing said of its own end before; null where that is not so. */
  replacedFrame: number | null;
  /** From the last user data of either side to the first sign of the end (Terminate-Request, farewell, FIN or RST); null where the capture shows no data, no end or no times. */
  idleBeforeEnd: { seconds: number; lastDataFrame: number; endTime: string } | null;
  /** Seconds from the last packet of authentication, CCP or IPCP to the first Terminate-Request; null without one. */
  stillBeforeTermination: number | null;
  /** How the ends negotiated a callback (CBCP, PPP 0xC029); null where they did not. draft-gidwani-ppp-callback-cp-00 */
  callback: Callback | null;
  /** The first TLS alert inside EAP. RFC 5246 §7.2 */
  tlsAlert: { frame: number; from: Side; description: number } | null;
  /** What the client's address asked name servers outside the tunnel while that was open and had given it servers; null where that is nothing. RFC 1877 §1 */
  outsideQuestions: OutsideQuestions | null;
}

/** Questions for names that go in clear to UDP port 53. RFC 1035 §4.1 */
export interface OutsideQuestions {
  /** All of them. */
  questions: number;
  /** The first. */
  firstFrame: number;
  /** The last. */
  lastFrame: number;
  /** Whom they go to: the first four. */
  servers: string[];
}

/** Callback-Requests, the Callback-Responses to them, and Callback-Acks of those. draft-gidwani-ppp-callback-cp-00 §3 */
export interface Callback {
  /** Who asks. */
  by: Side;
  /** Callback-Requests of that side. */
  requests: number;
  /** Callback-Responses of the other. */
  responses: number;
  /** Callback-Acks: it is done. */
  acknowledgments: number;
  /** Its first packet. */
  firstFrame: number;
  /** When that was; null where the capture gives no times. */
  firstTime: string | null;
  /** Its last packet. */
  lastFrame: number;
}

/** One side's Configure-Requests in one negotiation, and what the other made of them. RFC 1661 §4 */
export interface Requests {
  /** Configure-Requests. */
  sent: number;
  /** The first of them. */
  firstFrame: number | null;
  /** The last of them. */
  lastFrame: number | null;
  /** Configure-Naks that answered them. */
  naks: number;
  /** Configure-Rejects that answered them. */
  rejects: number;
  /** What the last Configure-Nak was about, each option once. */
  counteredOptions: string[];
  /** The Configure-Ack. */
  acknowledgedFrame: number | null;
  /** Configure-Requests for what had been acknowledged, after both sides' options were: the acknowledgment may not reach it. */
  askedAgain: number;
  /** The last answer of any kind. */
  lastAnswerFrame: number | null;
  /** The first Terminate-Ack or Code-Reject that answered one: the other side's protocol is closed. */
  turnedAwayFrame: number | null;
  /** Different values of the watched option that it asked for, in order. */
  asked: string[];
  /** Values that the other side proposed instead. */
  countered: string[];
  /** The first frame in which the other side countered or rejected the option. */
  refusedFrame: number | null;
  /** The other side rejected the option as a whole. */
  rejected: boolean;
  /** It asked for the option, and its last request leaves it out. */
  withdrawn: boolean;
  /** The value in what was acknowledged. */
  agreed: string | null;
}

/** A Terminate-Request. RFC 1661 §5.5 */
export interface Terminated {
  /** Who sent it. */
  by: Side;
  /** Its frame. */
  frame: number;
  /** Its text, where it has one. */
  text: string | null;
}

/** The frames between which nothing came. */
export interface Pause {
  /** The last before it. */
  before: number;
  /** The first behind it. */
  after: number;
}

/**
 * Packets of one direction that are not in the capture though the path did not lose them: they were acknowledged, or were
 * left out together with one that was, or while packets of the other direction were.
 */
export interface MissedPackets {
  /** All of them, so many at least. */
  packets: number;
  /** Of these, numbers between the first that the capture holds and the last. */
  between: number;
  /** The packet with a number before the last of them; null where none was. */
  before: number | null;
  /** The packet with a number behind them; null where none came. */
  after: number | null;
}

/** What the packets of one direction show of the path. */
export interface PathEvidence {
  /** Octets of the largest packet, with an outer IP header that has no options. */
  largestPacket: number;
  /** Octets of the largest packet whose very number was acknowledged; 0 where none was. */
  largestAcknowledged: number;
  /** Packets whose very number was acknowledged. */
  acknowledged: number;
  /** Packets larger than those that were not acknowledged though nothing followed them for half a second. */
  largeUnacknowledged: number;
  /** The same of packets that are not larger. */
  smallUnacknowledged: number;
  /** The largest of the former, and of several as large the first; null where there is none. */
  largestUnacknowledgedFrame: number | null;
  /** Most numbers that were left out at once. */
  longestGap: number;
  /** The packets with a number before and behind that gap; null where there is none. */
  longestGapFrames: Pause | null;
  /** What the capture itself lost; null where that is nothing. */
  missed: MissedPackets | null;
  /** Packets without a number that came in the time of that gap: the way was open then. */
  unnumberedInGap: number;
  /** Times that the sender paused with the receiver's window full and went on as soon as it opened. */
  windowStalls: number;
  /** All those pauses together. */
  windowStallSeconds: number;
  /** The packets before and behind the longest of them; null where there is none. */
  longestStallFrames: Pause | null;
  /** Packets sent beyond the receiver's window. */
  beyondWindow: number;
  /** Packets that came in fragments, which were all there. RFC 791 §3.2 */
  reassembled: number;
}
