/** Calls: what the control connection agreed, and what their GRE carried. */
import type { Anomaly } from './anomaly.ts';
import type { Authentication } from './authentication.ts';
import type { Encryption } from './encryption.ts';
import type { CallEvidence } from './evidence.ts';
import type { GreDirection } from './gre.ts';
import type { Lcp } from './lcp.ts';
import type { Network } from './network.ts';
import type { Side } from './side.ts';

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

/** PPP Multilink. RFC 1990. */
export interface Multilink {
  /** PPP 0x003D packets, both directions. */
  packets: number;
}
