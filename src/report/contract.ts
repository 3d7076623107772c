/**
 * The JSON report, version 1. Within a version keys are added, never renamed or dropped.
 * `report.schema.json` is generated from these types.
 */
import type { Diagnosis } from '../findings/diagnosis.ts';
import type { Finding } from '../findings/finding.ts';
import type { Migration } from '../findings/migration.ts';
import type { Stage } from '../findings/stage.ts';
import type { List } from '../octets/packed-list.ts';
import type { Call } from '../sessions/model/call.ts';
import type { Tunnel } from '../sessions/model/tunnel.ts';

/** One document over all captures of a run. */
export interface Report {
  /** Always the same: says what the document is. */
  format: 'pptpscope-report';
  /** Of the format. */
  version: 1;
  /** What wrote it. */
  tool: { name: 'pptpscope'; version: string };
  /** Only there where the report holds passwords, challenges and responses. */
  secretsShown?: true;
  /** Only there where user names, host names, addresses and domains are pseudonyms. */
  redacted?: true;
  /** In the order of their first frames' times; those without a time are last, by path. */
  captures: CaptureReport[];
  /** In order of the captures, and within one, or within a sequence of them, of their first frames. */
  tunnels: TunnelReport[];
  /** Why what failed did, in the order of the captures and of their tunnels. */
  diagnoses: Diagnosis[];
  /** Weaknesses that the captures show. */
  findings: Finding[];
  /** Other VPN protocols in the capture, and GRE that is not PPTP. */
  otherVpn: OtherVpn[];
  /** Who uses PPTP, and what may take its place; null where no call was connected. */
  migration: Migration | null;
  /** Every bound that was hit, with what it cost. */
  limitsReached: LimitReached[];
}

/**
 * The report as formats read it. A Report is one; another is not whole in memory, and makes each item of its long lists where
 * it is read.
 */
export interface ReportSource extends Omit<Report, 'tunnels' | 'diagnoses' | 'findings'> {
  readonly tunnels: List<TunnelReport>;
  readonly diagnoses: List<Diagnosis>;
  readonly findings: List<Finding>;
}

/** One capture: a file or standard input. */
export interface CaptureReport {
  /** As given on the command line; `-` is standard input. */
  path: string;
  /**
   * Index into `captures` of the first capture of its sequence; its own where it stands alone. A file that goes on where
   * another ends, as programs write them that begin another file now and then, is of one sequence with it: tunnels go on
   * from the one to the other, and name the first.
   */
  sequence: number;
  /**
   * Only on a capture that holds the same frames as one before it: index of that into `captures`. What it shows is told there
   * alone.
   */
  repeats?: number;
  /** The number of its first frame. In a sequence frames are numbered on from file to file; else 1. */
  firstFrame: number;
  /** null where the input is no capture. */
  kind: 'pcap' | 'pcapng' | null;
  /** Of the file as a whole, recognised by content. */
  compression: 'gzip' | 'zstd' | 'lz4' | null;
  /** Of the first section. */
  byteOrder: 'little' | 'big' | null;
  /** Names of the LINKTYPE_ registry without the prefix; numbers as text where there is no name. */
  linkTypes: string[];
  /** `microsecond`, `nanosecond`, or another as text: `10^-3 s`, `2^-20 s`. */
  timestampResolution: string | null;
  /** What the container holds, as capinfos counts packets. */
  frames: number;
  /** Octets that the capture holds of its frames. */
  capturedBytes: number;
  /** Octets that the frames had on the wire. */
  wireBytes: number;
  /** Frames of which the capture kept fewer octets than the wire had. */
  truncatedFrames: number;
  /** Frames that repeat an earlier one from the IP header on, within a short time. */
  duplicateFrames: number;
  /** The earliest. */
  firstFrameTime: string | null;
  /** The latest. */
  lastFrameTime: string | null;
  /** From the earliest frame to the latest. */
  durationSeconds: number | null;
  /** False: the file ends inside a record or was damaged. */
  complete: boolean;
  /** What could not be read, and where. */
  problems: CaptureProblem[];
  /** Which end's side it was taken on. */
  vantage: 'client' | 'server' | 'between' | 'unknown';
  /** Comments of the file (frame null) and of frames. */
  comments: { frame: number | null; text: string }[];
  /** Frames with an earlier time than the frame before them. */
  framesBackInTime: number;
  /** The largest step back from one frame's time to the next one's, and the frame behind it; null where there is none. */
  largestStepBack: { seconds: number; frame: number } | null;
  /** Datagrams of TCP and GRE of which fragments are missing: the first 64. */
  incompleteDatagrams: IncompleteDatagram[];
  /**
   * GRE packets of no tunnel, whose IPv4 header has a wrong checksum where those of most others have a right one: an address in it was
   * damaged on the way. null where there are none.
   */
  damagedHeaders: DamagedHeaders | null;
  /** DNS names that were asked for in vain. */
  failedNameLookups: NameLookup[];
  /** The frames come from a PPP or bare-IP interface, as the inside of a tunnel is. */
  pointToPoint: boolean;
  /** Packets that the capturing program says it lost; null where it does not say. */
  droppedByCapture: number | null;
}

/** GRE packets of no tunnel. */
export interface DamagedHeaders {
  /** All of them. */
  packets: number;
  /** The first. */
  firstFrame: number;
}

/** A datagram whose fragments did not all come. RFC 791 §3.2 */
export interface IncompleteDatagram {
  /** Its sender. */
  from: string;
  /** Its receiver. */
  to: string;
  /** IP protocol of its payload: 47 is GRE. */
  protocol: number;
  /** The first frame with a fragment of it. */
  frame: number;
  /** Fragments that came. */
  fragments: number;
  /** The first one is among them, that with fragment offset 0. */
  firstSeen: boolean;
}

/** A DNS name that was asked for in vain. */
export interface NameLookup {
  /** As asked. */
  name: string;
  /** The first question, or the answer where the question is not in the capture. */
  frame: number;
  /** `no-such-name`: NXDOMAIN. `server-failure`: any other error. */
  outcome: 'no-such-name' | 'server-failure' | 'no-answer';
}

/** A place where a capture is damaged, or why it could not be read. */
export interface CaptureProblem {
  /** In octets of the decompressed file; null where no place can be named. */
  offset: number | null;
  /** The frame that it is about. */
  frame: number | null;
  /** Stable kebab-case code: `truncated-record`. */
  code: string;
  /** One line in plain words. */
  message: string;
}

/** A tunnel with its ladders. */
export interface TunnelReport extends Tunnel {
  calls: CallReport[];
  /**
   * Only on a tunnel without calls: its own ladder.
   *
   * @minItems 9
   * @maxItems 9
   */
  stages?: Stage[];
  /**
   * Only on a tunnel that the report has more than once: ids of the others that are the same TCP connection, captured on the
   * other side of a NAT or in another file. Told by the initial sequence numbers of both sides.
   */
  sameConnectionAs?: string[];
  /** Only where there are some: those of them that are in the same capture, with other addresses, which a NAT rewrote. */
  sameConnectionInCapture?: string[];
}

/** A call with its ladder. */
export interface CallReport extends Call {
  /**
   * All nine, in order.
   *
   * @minItems 9
   * @maxItems 9
   */
  stages: Stage[];
}

/** Traffic of another VPN between two addresses. */
export interface OtherVpn {
  /** `gre`: GRE of version 0, EoIP, and whatever else is not PPTP. */
  protocol: 'wireguard' | 'openvpn' | 'ikev1' | 'ikev2' | 'esp' | 'ah' | 'l2tp' | 'sstp' | 'gre';
  /** Who sent the first packet. */
  client: string;
  /** The other one. */
  server: string;
  /** In both directions; over TCP those alone that open a connection. */
  frames: number;
  /** The first of them. */
  firstFrame: number;
}

/** A bound that keeps memory in check and was hit. */
export interface LimitReached {
  /** Stable kebab-case name of the bound. */
  limit: string;
  /** How often. */
  times: number;
  /** What it cost. */
  message: string;
}
