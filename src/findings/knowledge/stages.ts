/** The rungs of the ladder, for `explain`. */
import type { StageName } from '../stage.ts';

export interface StageKnowledge {
  readonly meaning: string;
  /** The packets that pass it. */
  readonly passedBy: string;
  /** The event that Windows logs at that point; null where it logs none. */
  readonly windowsEvent: string | null;
}

export const stageKnowledge: Readonly<Record<StageName, StageKnowledge>> = {
  tcp: {
    meaning: 'The TCP connection to port 1723 of the server.',
    passedBy: 'SYN, SYN-ACK, ACK.',
    windowsEvent: '20221 (dialling)',
  },
  control: {
    meaning: 'The PPTP control connection inside that TCP connection.',
    passedBy: 'Start-Control-Connection-Request and a Start-Control-Connection-Reply with result 1.',
    windowsEvent: null,
  },
  call: {
    meaning: 'The call: each end tells the other the Call ID that it will find in GRE.',
    passedBy: 'Outgoing-Call-Request and an Outgoing-Call-Reply with result 1.',
    windowsEvent: '20223 (device connected)',
  },
  gre: {
    meaning: 'The tunnel itself: enhanced GRE, IP protocol 47, in both directions.',
    passedBy: 'GRE packets with the announced Call IDs from both ends.',
    windowsEvent: null,
  },
  lcp: {
    meaning: 'The PPP link: both ends agree on its options.',
    passedBy: 'A Configure-Ack in each direction.',
    windowsEvent: '20224 (link established)',
  },
  authentication: {
    meaning: 'The client proves who it is; with MS-CHAPv2 the server does too.',
    passedBy: 'CHAP Success, PAP Authenticate-Ack or EAP Success.',
    windowsEvent: null,
  },
  encryption: {
    meaning: 'CCP agrees on MPPE. It may be left out.',
    passedBy: 'CCP Configure-Acks with the MPPE option.',
    windowsEvent: null,
  },
  network: {
    meaning: 'IPCP gives the client its address inside the tunnel.',
    passedBy: 'IPCP (or IPV6CP) Configure-Acks in both directions.',
    windowsEvent: '20225 (connection established)',
  },
  data: {
    meaning: 'User data flows both ways.',
    passedBy: 'PPP packets of network protocols, or MPPE packets, in both directions.',
    windowsEvent: null,
  },
};
