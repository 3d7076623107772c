/**
 * What happened, as plain data: tunnels, their control connection, their calls, and what PPP agreed inside.
 * These types are the JSON report's (version 1): keys are added, never renamed or dropped. `null` is
 * "not known"; a key that cannot apply is absent. Times are UTC strings with all digits that the capture holds.
 */

/** Which end of the tunnel: the client asked for the call (PNS), the server answers it (PAC). */
export type Side = 'client' | 'server';

/** One end of a tunnel. */
export interface Endpoint {
  /** IPv4 dotted, or IPv6 as RFC 5952 writes it. */
  address: string;
  /** TCP port of the control connection; null when no TCP was seen. */
  port: number | null;
}

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

/** Requests and replies that ask whether the other side is there. */
export interface Echo {
  /** Of both sides. */
  requests: number;
  /** Replies that answer one of them. */
  replies: number;
  /** Requests without a reply in the capture. */
  unanswered: number;
  /** Request to reply, as seen at the capture point. */
  medianRttMilliseconds: number | null;
  /** Requests of one side since its last reply, up to the end of the capture or of the call. */
  unansweredAtEnd: number;
  /** Who sent them; null where there are none. */
  unansweredAtEndFrom: Side | null;
  /** The last of them. */
  lastUnansweredFrame: number | null;
  /** What each side asked. */
  bySide: { client: EchoRequests; server: EchoRequests };
}

/** Echo-Requests of one side. */
export interface EchoRequests {
  /** All of them. */
  requests: number;
  /** Those without a reply in the capture. */
  unanswered: number;
  /** Those since its last reply, up to the end of the capture or of the call. */
  unansweredAtEnd: number;
  /** The last of these. */
  lastUnansweredFrame: number | null;
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

/** Something that contradicts a standard, with its frame. */
export interface Anomaly {
  /** null where no single frame shows it. */
  frame: number | null;
  /** Stable kebab-case code. */
  code: string;
  /** One line in plain words. */
  message: string;
}

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

/** One call of a tunnel: what was agreed over the control connection, and the PPP link inside its GRE. */
export interface Call {
  /** `T1.1`. */
  id: string;
  /** `outgoing`: Outgoing-Call-Request. `incoming`: Incoming-Call-Request. `unsignalled`: seen in GRE alone. */
  kind: 'outgoing' | 'incoming' | 'unsignalled';
  /** `established`: user data of its own or an opened network protocol. `unfinished`: the capture does not hold what decides. */
  outcome: 'established' | 'failed' | 'refused' | 'unfinished';
  /** As the client announced it; null when never seen. 0 is an ordinary Call ID. */
  clientCallId: number | null;
  /** As the server announced it; null when never seen. 0 is an ordinary Call ID. */
  serverCallId: number | null;
  /** As GRE carries it in each direction; differs from the announced ones behind some NATs. */
  callIdInGre: { clientToServer: number | null; serverToClient: number | null };
  /** Addresses that GRE of this call came from where they differ from the control connection's. */
  greFromOtherAddress: { client: string | null; server: string | null };
  /** Of the call reply; 1 is success. RFC 2637 §2.8, §2.10. */
  resultCode: number | null;
  /** Of the call reply. RFC 2637 §2.16. */
  errorCode: number | null;
  /** Q.931 cause of the call reply. */
  causeCode: number | null;
  /** Bits per second, as the reply says. */
  connectSpeed: number | null;
  /** Packets that each side says it can buffer (Packet Recv. Window Size). */
  receiveWindow: { client: number | null; server: number | null };
  /** Frame of the call request. */
  requestFrame: number | null;
  /** Frame of the call reply. */
  replyFrame: number | null;
  /** Call-Disconnect-Notify. RFC 2637 §2.13. */
  disconnect: CallDisconnect | null;
  /** Frame of a Call-Clear-Request. */
  clearRequestFrame: number | null;
  /** Who sent it: it is for the client to send. RFC 2637 §2.12 */
  clearRequestBy: Side | null;
  /** WAN-Error-Notify messages. RFC 2637 §2.14. */
  wanErrors: number;
  /** Set-Link-Info messages. RFC 2637 §2.15. */
  setLinkInfo: number;
  /** The data of the call. RFC 2637 §4. */
  gre: { clientToServer: GreDirection; serverToClient: GreDirection };
  /** RFC 1661. */
  lcp: Lcp;
  /** One entry for each exchange in each direction, in order of time. */
  authentication: Authentication[];
  /** CCP (RFC 1962) and MPPE (RFC 3078). */
  encryption: Encryption;
  /** IPCP (RFC 1332) and IPV6CP (RFC 5072). */
  network: Network;
  /** null where no multilink packets were seen. RFC 1990. */
  multilink: Multilink | null;
  /** Packets of PPP protocols that no other part of this report counts: `0x0281`: 3. */
  otherProtocols: { protocol: number; name: string | null; packets: number }[];
  /** What the standards do not allow. */
  anomalies: Anomaly[];
  /** What diagnoses rest on: who asked for what and was refused, and how the packets went. */
  evidence: CallEvidence;
}

/** What diagnoses rest on. */
export interface CallEvidence {
  /** LCP of each side; the watched option is Authentication-Protocol. null, as the two that follow, where data flows both ways and LCP was not begun anew in vain. */
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
  /** From the last user data of either side to the first sign of the end (Terminate-Request, farewell, FIN or RST); null where the capture shows no data, no end or no times. */
  idleBeforeEnd: { seconds: number; lastDataFrame: number; endTime: string } | null;
  /** Seconds from the last packet of authentication, CCP or IPCP to the first Terminate-Request; null without one. */
  stillBeforeTermination: number | null;
  /** The first TLS alert inside EAP. RFC 5246 §7.2 */
  tlsAlert: { frame: number; from: Side; description: number } | null;
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
  /** Most numbers that were left out at once. */
  longestGap: number;
  /** The packets with a number before and behind that gap; null where there is none. */
  longestGapFrames: Pause | null;
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
}

/** Call-Disconnect-Notify. RFC 2637 §2.13. */
export interface CallDisconnect {
  /** Who sent it. */
  by: Side;
  /** Its frame. */
  frame: number;
  /** 1 lost carrier, 2 general error, 3 administrative, 4 requested. */
  resultCode: number | null;
  /** RFC 2637 §2.16. */
  errorCode: number | null;
  /** Q.931 cause. */
  causeCode: number | null;
  /** Call Statistics, up to the first NUL. */
  statistics: string | null;
}

/** Enhanced GRE of one call in one direction. RFC 2637 §4.1. */
export interface GreDirection {
  /** All enhanced GRE packets. */
  packets: number;
  /** Octets of the packets' GRE payload. */
  bytes: number;
  /** With a sequence number and a payload. */
  dataPackets: number;
  /** Without a sequence number. */
  ackOnly: number;
  /** The lowest, in serial-number arithmetic; before any restart. */
  firstSequence: number | null;
  /** The highest, in serial-number arithmetic; since the last restart. */
  lastSequence: number | null;
  /** Numbers between first and last that never appear. */
  lost: number;
  /**
   * Numbers that the other end acknowledged and that never appear, as far as its acknowledgments name them: the capture lost
   * them, not the path.
   */
  missedByCapture: number;
  /** Packets whose number appeared before. */
  duplicates: number;
  /** Of these, with another time to live than the first packet: the capture holds both sides of a router. */
  routedDuplicates: number;
  /** Packets with a lower number than one before, and no duplicates. */
  reordered: number;
  /** Times that the number went from 0xFFFFFFFF to 0. */
  wraps: number;
  /** Packets whose number was too far from the others' to be of the same sequence. */
  outsideWindow: number;
  /** The last of them. */
  outsideWindowFrame: number | null;
  /** Times that the numbers went on elsewhere: the sender began to count anew. That is neither loss nor order. */
  restarts: number;
  /** The first packet behind the last of them. */
  restartFrame: number | null;
  /** Acknowledgments of numbers far from any that the other direction sent. */
  strayAcknowledgments: number;
  /** The last of them. */
  strayAcknowledgmentFrame: number | null;
  /** Packets whose payload length disagrees with the octets that IP carried. */
  lengthMismatches: number;
  /**
   * Packets whose IPv4 header has a wrong checksum though others of the same sender have a right one: who gets them drops them.
   * Checksums of 0 do not count: a network card was to fill them in behind the capture.
   */
  wrongChecksums: number;
  /** The first and the last of them; null where there are none. */
  wrongChecksumFrames: { first: number; last: number } | null;
  /** Data packet to its acknowledgment, as seen at the capture point. */
  medianAckMilliseconds: number | null;
  /** Highest acknowledgment number that this direction sent: it received that much of the other. */
  lastAcknowledgment: number | null;
  /** Largest number of data packets that were sent and not yet acknowledged. */
  maximumOutstanding: number;
  /** First packet. */
  firstFrame: number | null;
  /** Last packet. */
  lastFrame: number | null;
  /** Of the first packet. */
  firstTime: string | null;
  /** Of the last packet. */
  lastTime: string | null;
  /** PPP payload octets that are user data, encrypted or not. */
  userBytes: number;
  /** The first packet with user data. */
  firstDataFrame: number | null;
  /** When that was; null where the capture gives no times. */
  firstDataTime: string | null;
}

/** The Link Control Protocol. RFC 1661. */
export interface Lcp {
  /** `opened`: both sides acknowledged. */
  outcome: 'opened' | 'failed' | 'unfinished' | 'not-seen';
  /** What each side asked for and had acknowledged; null where nothing was. */
  client: LcpOptions | null;
  /** The server's. */
  server: LcpOptions | null;
  /** Who sent the first Terminate-Request. */
  terminatedBy: Side | null;
  /** Its text, where it has one; `…` at the end: the capture does not hold all of it. */
  terminateText: string | null;
  /** The Windows error number inside a Terminate-Request, also of CCP. */
  windowsErrorCode: number | null;
  /** Its frame. */
  terminateFrame: number | null;
  /** Frame of the second Configure-Ack. */
  openedFrame: number | null;
  /** LCP Echo-Requests of both sides. RFC 1661 §5.8. */
  echo: Echo;
  /** Configure-Requests that each side sent. */
  configureRequests: { client: number; server: number };
  /** First LCP packet. */
  firstFrame: number | null;
  /** Last LCP packet. */
  lastFrame: number | null;
  /** Options that one side asked for and the other rejected: of interest, seldom a fault. */
  rejected: { client: string[]; server: string[] };
  /** RFC 1661 §5.7. */
  protocolRejects: { frame: number; by: Side; protocol: number; name: string | null }[];
  /** Protocol-Rejects beyond the stated limit that were counted but not listed. */
  protocolRejectsNotListed: number;
  /** Texts of Identification packets. RFC 1570 §2.1. */
  identification: { client: string[]; server: string[] };
  /** The first frame of each side's Identification. */
  identificationFrames: { client: number | null; server: number | null };
  /** What each side demanded as authentication, or named as what it would rather answer, in order. RFC 1661 §6.2. */
  authenticationProposals: AuthenticationProposal[];
}

/** An Authentication-Protocol option that one side asked for or countered with. RFC 1661 §6.2. */
export interface AuthenticationProposal {
  /** Who proposed it. */
  by: Side;
  /** `ms-chap-v2`. */
  protocol: string;
  /** In a Configure-Request; else in a Configure-Nak. */
  demanded: boolean;
  /** The first frame. */
  frame: number;
}

/** What one side asked for and had acknowledged. RFC 1661 §6. */
export interface LcpOptions {
  /** 1500 where not negotiated; null where the capture cut the options off before it. RFC 1661 §6.1. */
  mru: number | null;
  /** RFC 1662 §7.1. */
  asyncControlCharacterMap: number | null;
  /** What this side demands of the other: `ms-chap-v2`. */
  authenticationProtocol: string | null;
  /** RFC 1661 §6.4. */
  magicNumber: number | null;
  /** RFC 1661 §6.5. */
  protocolFieldCompression: boolean | null;
  /** RFC 1661 §6.6. */
  addressAndControlFieldCompression: boolean | null;
  /** RFC 1570 §2.3. */
  callback: boolean | null;
  /** RFC 1990 §5.1.1. */
  multilinkMrru: number | null;
  /** Multilink fragments to this side have sequence numbers of 12 bits. RFC 1990 §5.1.2. */
  shortSequenceNumbers: boolean | null;
  /** RFC 1990 §5.1.3. */
  endpointDiscriminator: string | null;
  /** The capture does not hold all of the options: what is null may have been agreed. */
  cut: boolean;
}

/** `other`: a protocol that is not told apart. */
export type AuthenticationProtocol =
  | 'pap'
  | 'chap-md5'
  | 'ms-chap-v1'
  | 'ms-chap-v2'
  | 'eap-md5'
  | 'eap-tls'
  | 'eap-peap'
  | 'eap-ms-chap-v2'
  | 'eap'
  | 'spap'
  | 'other';

/** One exchange of PAP, CHAP or EAP. */
export interface Authentication {
  /** The flavour of CHAP is from LCP where LCP was seen. */
  protocol: AuthenticationProtocol;
  /** Who demanded it. */
  authenticator: Side;
  /** Who is to be authenticated. */
  user: string | null;
  /** How the authenticator calls itself. */
  authenticatorName: string | null;
  /** `unfinished`: the capture shows no verdict of the authenticator. */
  outcome: 'success' | 'failure' | 'unfinished';
  /** Of an MS-CHAP failure (RFC 2433 §8, RFC 2759 §6). */
  errorCode: number | null;
  /** Of an MS-CHAP failure. */
  retryAllowed: boolean | null;
  /** The authenticator's words. */
  message: string | null;
  /** Challenge and response both captured: it can be attacked offline. */
  handshakeComplete: boolean;
  /** Responses (or requests, for PAP) with different content. */
  attempts: number;
  /** All frames of the exchange. */
  frames: number[];
  /** What the exchange shows of its quality. Holds no secret. */
  evidence: AuthenticationEvidence;
  /** Passwords, challenges and responses; only there when the analysis was asked to keep them. */
  secrets?: AuthenticationSecrets;
}

/** What can be said of a challenge and its response without showing them. */
export interface AuthenticationEvidence {
  /** Frame of the challenge of the last response, of the Failure where that brought it; of the last Challenge without a response. */
  challengeFrame: number | null;
  /** Frame of the last Response or Change-Password, or of PAP's last Authenticate-Request. */
  responseFrame: number | null;
  /** Frame of the verdict. */
  resultFrame: number | null;
  /** Octets of that challenge. */
  challengeLength: number | null;
  /** `short`: fewer octets than the method asks for. `patterned`: few different octets, or evenly spaced ones. */
  challengeWeakness: 'short' | 'patterned' | null;
  /** Frame of another exchange of the same capture whose challenge was the same. RFC 1994 §2.3. */
  challengeRepeatsFrame: number | null;
  /** The challenge of one side came back as the other side's. */
  challengeReflected: boolean;
  /** The response carries a LAN Manager response. RFC 2433 §6. null where the method has none. */
  lanManagerResponse: boolean | null;
  /** Reserved octets or flags of the response are not 0. RFC 2759 §4. null where the method has none. */
  reservedNotZero: boolean | null;
  /** In what the Success is not `S=`, 40 hexadecimal digits and ` M=`. RFC 2759 §5. null where it is, or the method has none. */
  successFault: string | null;
  /** A password went over the wire as it is. */
  passwordInClear: boolean;
  /** Frame of a response that was made with one of the passwords that the analysis was given; null where none fits. */
  passwordVerifiedFrame: number | null;
  /** Number of the EAP method. IANA, EAP Method Types. */
  eapType: number | null;
  /** Numbers that the peer's Nak names in place of the EAP method that was proposed last; 0: none. null without a Nak. RFC 3748 §5.3. */
  eapDesiredTypes: number[] | null;
  /** Frames of Change-Password packets. RFC 2433 §9, §10; RFC 2759 §7. */
  passwordChangeFrames: number[];
  /** Frames of the verdicts that refused an attempt. */
  failureFrames: number[];
  /** Something that was asked was answered, be it with a name alone. */
  answered: boolean;
  /** Times that what had been answered was asked once more, with the same identifier and no verdict. RFC 1994 §4.1, RFC 3748 §4.1. */
  askedAgain: number;
}

/** What the report does not show unless it is asked to. Octets are hexadecimal digits. */
export interface AuthenticationSecrets {
  /** PAP's, or what was typed for EAP's One-Time Password and Generic Token Card; the last of several. */
  password: string | null;
  /** `S=` of a Success: by it the authenticator shows that it knows the password as well. RFC 2759 §5 */
  authenticatorResponse: string | null;
  /** All of them, different ones in order, as far as the stated limit goes, and the last; a character for each octet. */
  passwords: string[];
  /** Challenges with the responses to them, in order. */
  attempts: AuthenticationAttempt[];
}

/** One challenge and the response to it: a Response, or what Change-Password holds of one. RFC 2433 §10, RFC 2759 §7. */
export interface AuthenticationAttempt {
  /** The name in the response, a character for each octet; of a Change-Password, which has none, that of the response before. */
  user: string;
  /** Of the response. */
  identifier: number;
  /** As sent by the authenticator, or, for a retry of MS-CHAPv1, implied by the one before. RFC 2433 §8. */
  challenge: string;
  /** The whole value of the response. */
  response: string;
  /** Frame of the challenge; of the Failure where that brought it. */
  challengeFrame: number;
  /** Frame of the response. */
  responseFrame: number;
  /** The verdict on this response. */
  outcome: 'success' | 'failure' | 'unfinished';
}

/** What CCP agreed, and what the packets show. */
export interface Encryption {
  /** `rejected`: one side refused the whole protocol (LCP Protocol-Reject). */
  ccp: 'opened' | 'rejected' | 'failed' | 'unfinished' | 'not-seen';
  /** `mppe`, another compression's name (`deflate`), or `none`. */
  method: string;
  /** Key length; null where none was agreed. */
  bits: 40 | 56 | 128 | null;
  /** The key changes with every packet. RFC 3078 §7. */
  stateless: boolean | null;
  /** Compression was agreed with it. RFC 2118. */
  mppc: boolean | null;
  /** `inferred`: the packets show it, the negotiation is not in the capture. */
  agreed: 'negotiated' | 'inferred' | 'none';
  /** The capture does not hold all that CCP agreed on: where `agreed` is `none`, something may have been. */
  cut: boolean;
  /** MPPE packets with the encrypted bit, both directions. */
  encryptedPackets: number;
  /** User data outside MPPE, both directions. */
  clearDataPackets: number;
  /** CCP Reset-Requests. RFC 1962 §4. */
  resetRequests: number;
  /** CCP Reset-Acks. */
  resetAcks: number;
  /** Times that the coherency count did not follow the one before. */
  coherencyGaps: number;
  /** Frame of the second Configure-Ack. */
  openedFrame: number | null;
  /** First CCP packet. */
  firstFrame: number | null;
  /** Last CCP packet. */
  lastFrame: number | null;
  /** What each side did about MPPE's option; null where it neither asked for it nor answered a request for it. RFC 3078 §2. */
  mppeNegotiation: { client: MppeNegotiation | null; server: MppeNegotiation | null };
  /** Frames that show what was protected and what not. */
  evidence: EncryptionEvidence;
}

/** How one side's requests for MPPE went. Numbers are the option's Supported Bits. RFC 3078 §2. */
export interface MppeNegotiation {
  /** Asked for, different ones in order. */
  requested: number[];
  /** What the other side proposed instead. */
  countered: number[];
  /** The other side refused the option or the whole protocol. */
  rejectedFrame: number | null;
  /** What the other side acknowledged. */
  acknowledged: number | null;
  /** Frame of the first request. */
  requestFrame: number | null;
}

/** Frames and counts of both directions. */
export interface EncryptionEvidence {
  /** First MPPE packet with the encrypted bit. */
  firstEncryptedFrame: number | null;
  /** First packet of user data outside MPPE. */
  firstClearFrame: number | null;
  /** Packets of user data outside MPPE after their sender had begun to encrypt. */
  clearAfterEncrypted: number;
  /** The first of them. */
  clearAfterEncryptedFrame: number | null;
  /** Of the packets of user data outside MPPE those of protocols that it does not encrypt: it encrypts 0x0021 to 0x00FA. RFC 3078 §3. */
  clearOfOtherProtocols: number;
  /** MPPE packets without the encrypted bit. RFC 3078 §3. */
  unencryptedMppePackets: number;
  /** The first of them. */
  unencryptedMppeFrame: number | null;
  /** Packets that bear a sequence number that was there before, with other octets. */
  changedDuplicates: number;
  /** The first of them. */
  changedDuplicateFrame: number | null;
  /** MPPE packets that bear a coherency count that was there before, under a sequence number of their own. RFC 3078 §3.1 */
  repeatedCounts: number;
  /** The first of them. */
  repeatedCountFrame: number | null;
  /** CCP Reset-Requests, the first 64. RFC 1962 §4. */
  resetFrames: number[];
  /** Where stateless mode was negotiated: encrypted packets of each side without bit A, which all must have. RFC 3078 §3. */
  unflushedPackets: { client: number; server: number };
}

/** What IPCP and IPV6CP agreed. */
export interface Network {
  /** `rejected`: one side refused the whole protocol (LCP Protocol-Reject). */
  ipcp: 'opened' | 'rejected' | 'failed' | 'unfinished' | 'not-seen';
  /** The address inside the tunnel. */
  clientAddress: string | null;
  /** The address inside the tunnel. */
  serverAddress: string | null;
  /** Name servers that the client was given. RFC 1877. */
  dns: string[];
  /** NetBIOS name servers that the client was given. RFC 1877. */
  nbns: string[];
  /** As `ipcp`. */
  ipv6cp: 'opened' | 'rejected' | 'failed' | 'unfinished' | 'not-seen';
  /** Frame of the second Configure-Ack of IPCP. */
  openedFrame: number | null;
  /** First packet of IPCP or IPV6CP. */
  firstFrame: number | null;
  /** Last packet of IPCP or IPV6CP. */
  lastFrame: number | null;
}

/** PPP Multilink. RFC 1990. */
export interface Multilink {
  /** PPP 0x003D packets, both directions. */
  packets: number;
}
