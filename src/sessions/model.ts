/**
 * What happened, as plain data: tunnels, their control connection, their calls, and what PPP agreed inside.
 * These types are the JSON report's (version 1): keys are added, never renamed or dropped. `null` is
 * "not known"; a key that cannot apply is absent. Times are UTC strings with all digits that the capture holds.
 */

/** Which end of the tunnel: the client asked for the call (PNS), the server answers it (PAC). */
export type Side = 'client' | 'server';

export interface Endpoint {
  /** IPv4 dotted, or IPv6 as RFC 5952 writes it. */
  address: string;
  /** TCP port of the control connection; null when no TCP was seen. */
  port: number | null;
}

export interface Tunnel {
  /** `T1`, `T2`, ... in order of the first frame. */
  id: string;
  /** Index into `captures` of the capture that it was seen in. */
  capture: number;
  client: Endpoint;
  server: Endpoint;
  /** How sure it is which end is the client: `certain` by the call request, `likely` by who opened TCP or what PPP says, `unknown` guessed. */
  roles: 'certain' | 'likely' | 'unknown';
  /** null: GRE without a control connection in the capture. */
  control: Control | null;
  calls: Call[];
  firstFrame: number;
  firstTime: string | null;
  lastFrame: number;
  lastTime: string | null;
  /** From the first frame to the last; null where the capture has no times. */
  durationSeconds: number | null;
  /** ICMP errors that quote a packet of this tunnel. */
  icmpErrors: IcmpError[];
}

export interface Control {
  tcp: ControlTcp;
  start: ControlStart;
  stop: ControlStop | null;
  echo: Echo;
  messages: ControlMessage[];
  /** Messages beyond the stated limit that were counted but not listed. */
  messagesNotListed: number;
  anomalies: Anomaly[];
}

export interface ControlTcp {
  /** `unreachable`: ICMP answered the SYN. `mid-stream`: the capture holds no SYN. */
  outcome: 'connected' | 'refused' | 'no-answer' | 'unreachable' | 'mid-stream';
  /** SYN to SYN-ACK as seen at the capture point. */
  handshakeMilliseconds: number | null;
  /** SYN segments that the client sent. */
  synSegments: number;
  /** Segments with payload, SYN or FIN that were sent before. */
  retransmissions: number;
  outOfOrder: number;
  /** Octets of both directions that the capture does not hold though they were sent. */
  missingBytes: number;
  closedBy: Side | null;
  closedWith: 'fin' | 'rst' | null;
  /** Octets of payload that each side sent. */
  bytes: { client: number; server: number };
  openedFrame: number | null;
  closedFrame: number | null;
}

export interface ControlStart {
  outcome: 'accepted' | 'refused' | 'no-reply' | 'not-seen';
  resultCode: number | null;
  errorCode: number | null;
  client: StartParameters | null;
  server: StartParameters | null;
  requestFrame: number | null;
  replyFrame: number | null;
}

/** What a Start-Control-Connection message says of its sender. RFC 2637 §2.1, §2.2. */
export interface StartParameters {
  hostName: string;
  vendorName: string;
  firmwareRevision: number;
  /** `1.0` for 0x0100. */
  protocolVersion: string;
  framingCapabilities: string[];
  bearerCapabilities: string[];
  maximumChannels: number;
}

export interface ControlStop {
  by: Side;
  reasonCode: number | null;
  resultCode: number | null;
}

export interface Echo {
  requests: number;
  replies: number;
  unanswered: number;
  medianRttMilliseconds: number | null;
}

export interface ControlMessage {
  /** The first frame that carried octets of it. */
  frame: number;
  /** All frames that carried it. */
  frames: number[];
  time: string | null;
  from: Side;
  /** Control Message Type; 1-15 are defined. */
  type: number;
  name: string;
}

export interface Anomaly {
  frame: number | null;
  /** Stable kebab-case code. */
  code: string;
  message: string;
}

export interface IcmpError {
  frame: number;
  time: string | null;
  /** The box that sent it. */
  from: string;
  type: number;
  code: number;
  /** `3/13 communication administratively prohibited`. */
  name: string;
  /** What it quotes. */
  quotes: 'tcp' | 'gre';
  /** The side whose packet it quotes. */
  aboutPacketFrom: Side;
  /** Next-hop MTU of 3/4 and Packet Too Big. */
  mtu: number | null;
  call: string | null;
}

export interface Call {
  /** `T1.1`. */
  id: string;
  kind: 'outgoing' | 'incoming' | 'unsignalled';
  /** `established`: user data or an opened network protocol. */
  outcome: 'established' | 'failed' | 'refused' | 'unfinished';
  clientCallId: number | null;
  serverCallId: number | null;
  callIdInGre: { clientToServer: number | null; serverToClient: number | null };
  /** Addresses that GRE of this call came from where they differ from the control connection's. */
  greFromOtherAddress: { client: string | null; server: string | null };
  resultCode: number | null;
  errorCode: number | null;
  causeCode: number | null;
  connectSpeed: number | null;
  receiveWindow: { client: number | null; server: number | null };
  requestFrame: number | null;
  replyFrame: number | null;
  disconnect: CallDisconnect | null;
  /** Frame of a Call-Clear-Request. */
  clearRequestFrame: number | null;
  wanErrors: number;
  setLinkInfo: number;
  gre: { clientToServer: GreDirection; serverToClient: GreDirection };
  lcp: Lcp;
  authentication: Authentication[];
  encryption: Encryption;
  network: Network;
  multilink: Multilink | null;
  /** Packets of PPP protocols that no other part of this report counts: `0x0281`: 3. */
  otherProtocols: { protocol: number; name: string | null; packets: number }[];
  anomalies: Anomaly[];
}

export interface CallDisconnect {
  by: Side;
  frame: number;
  resultCode: number | null;
  errorCode: number | null;
  causeCode: number | null;
  statistics: string | null;
}

export interface GreDirection {
  packets: number;
  /** Octets of the packets' GRE payload. */
  bytes: number;
  /** With a sequence number and a payload. */
  dataPackets: number;
  /** Without a sequence number. */
  ackOnly: number;
  firstSequence: number | null;
  lastSequence: number | null;
  /** Numbers between first and last that never appear. */
  lost: number;
  duplicates: number;
  reordered: number;
  /** Times that the number went from 0xFFFFFFFF to 0. */
  wraps: number;
  /** Packets whose number was too far from the others' to be of the same sequence. */
  outsideWindow: number;
  /** Packets whose payload length disagrees with the octets that IP carried. */
  lengthMismatches: number;
  medianAckMilliseconds: number | null;
  /** Largest number of data packets that were sent and not yet acknowledged. */
  maximumOutstanding: number;
  firstFrame: number | null;
  lastFrame: number | null;
  firstTime: string | null;
  lastTime: string | null;
  /** PPP payload octets that are user data, encrypted or not. */
  userBytes: number;
}

export interface Lcp {
  outcome: 'opened' | 'failed' | 'unfinished' | 'not-seen';
  /** What each side asked for and had acknowledged; null where nothing was. */
  client: LcpOptions | null;
  server: LcpOptions | null;
  terminatedBy: Side | null;
  terminateText: string | null;
  /** The Windows error number inside a Terminate-Request, also of CCP. */
  windowsErrorCode: number | null;
  terminateFrame: number | null;
  openedFrame: number | null;
  echo: Echo;
  configureRequests: { client: number; server: number };
  firstFrame: number | null;
  lastFrame: number | null;
  /** Options that one side asked for and the other rejected: of interest, seldom a fault. */
  rejected: { client: string[]; server: string[] };
  protocolRejects: { frame: number; by: Side; protocol: number; name: string | null }[];
  identification: { client: string[]; server: string[] };
}

export interface LcpOptions {
  /** 1500 where not negotiated. RFC 1661 §6.1. */
  mru: number;
  asyncControlCharacterMap: number | null;
  /** What this side demands of the other: `ms-chap-v2`. */
  authenticationProtocol: string | null;
  magicNumber: number | null;
  protocolFieldCompression: boolean;
  addressAndControlFieldCompression: boolean;
  callback: boolean;
  multilinkMrru: number | null;
  endpointDiscriminator: string | null;
}

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

export interface Authentication {
  protocol: AuthenticationProtocol;
  /** Who demanded it. */
  authenticator: Side;
  user: string | null;
  authenticatorName: string | null;
  outcome: 'success' | 'failure' | 'unfinished';
  errorCode: number | null;
  retryAllowed: boolean | null;
  message: string | null;
  /** Challenge and response both captured: it can be attacked offline. */
  handshakeComplete: boolean;
  /** Responses (or requests, for PAP) with different content. */
  attempts: number;
  frames: number[];
}

export interface Encryption {
  ccp: 'opened' | 'rejected' | 'failed' | 'unfinished' | 'not-seen';
  /** `mppe`, another compression's name (`deflate`), or `none`. */
  method: string;
  bits: 40 | 56 | 128 | null;
  stateless: boolean | null;
  mppc: boolean | null;
  agreed: 'negotiated' | 'inferred' | 'none';
  encryptedPackets: number;
  clearDataPackets: number;
  resetRequests: number;
  resetAcks: number;
  /** Times that the coherency count did not follow the one before. */
  coherencyGaps: number;
  openedFrame: number | null;
  firstFrame: number | null;
  lastFrame: number | null;
}

export interface Network {
  ipcp: 'opened' | 'rejected' | 'failed' | 'unfinished' | 'not-seen';
  clientAddress: string | null;
  serverAddress: string | null;
  dns: string[];
  nbns: string[];
  ipv6cp: 'opened' | 'rejected' | 'failed' | 'unfinished' | 'not-seen';
  openedFrame: number | null;
  firstFrame: number | null;
  lastFrame: number | null;
}

export interface Multilink {
  /** PPP 0x003D packets, both directions. */
  packets: number;
}
