/** What LCP agreed. RFC 1661 */
import type { Echo } from './echo.ts';
import type { Side } from './side.ts';

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
