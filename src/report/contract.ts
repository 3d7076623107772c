/**
 * The JSON report, version 1. Within a version keys are added, never renamed or dropped.
 * `report.schema.json` is generated from these types.
 */
import type { Diagnosis } from '../findings/diagnosis.ts';
import type { Finding } from '../findings/finding.ts';
import type { Stage } from '../findings/stage.ts';
import type { Call, Tunnel } from '../sessions/model.ts';

export interface Report {
  format: 'pptpscope-report';
  version: 1;
  tool: { name: 'pptpscope'; version: string };
  captures: CaptureReport[];
  tunnels: TunnelReport[];
  diagnoses: Diagnosis[];
  findings: Finding[];
  /** Other VPN protocols in the capture, and GRE that is not PPTP. */
  otherVpn: OtherVpn[];
  /** Every bound that was hit, with what it cost. */
  limitsReached: LimitReached[];
}

export interface CaptureReport {
  /** As given on the command line; `-` is standard input. */
  path: string;
  /** null where the input is no capture. */
  kind: 'pcap' | 'pcapng' | null;
  compression: 'gzip' | 'zstd' | 'lz4' | null;
  /** Of the first section. */
  byteOrder: 'little' | 'big' | null;
  /** Names of the LINKTYPE_ registry without the prefix; numbers as text where there is no name. */
  linkTypes: string[];
  /** `microsecond`, `nanosecond`, or another as text: `10^-3 s`, `2^-20 s`. */
  timestampResolution: string | null;
  /** What the container holds, as capinfos counts packets. */
  frames: number;
  capturedBytes: number;
  wireBytes: number;
  /** Frames of which the capture kept fewer octets than the wire had. */
  truncatedFrames: number;
  /** Frames that repeat an earlier one from the IP header on, within a short time. */
  duplicateFrames: number;
  firstFrameTime: string | null;
  lastFrameTime: string | null;
  durationSeconds: number | null;
  /** False: the file ends inside a record or was damaged. */
  complete: boolean;
  problems: CaptureProblem[];
  /** Which end's side it was taken on. */
  vantage: 'client' | 'server' | 'between' | 'unknown';
  /** Comments of the file (frame null) and of frames. */
  comments: { frame: number | null; text: string }[];
  /** Packets that the capturing program says it lost; null where it does not say. */
  droppedByCapture: number | null;
}

export interface CaptureProblem {
  /** In octets of the decompressed file; null where no place can be named. */
  offset: number | null;
  frame: number | null;
  /** Stable kebab-case code: `truncated-record`. */
  code: string;
  message: string;
}

export interface TunnelReport extends Tunnel {
  calls: CallReport[];
  /** Only on a tunnel without calls: its own ladder. */
  stages?: Stage[];
}

export interface CallReport extends Call {
  /** All nine, in order. */
  stages: Stage[];
}

export interface OtherVpn {
  protocol: 'wireguard' | 'openvpn' | 'ikev1' | 'ikev2' | 'esp' | 'ah' | 'l2tp' | 'sstp' | 'gre';
  client: string;
  server: string;
  frames: number;
  firstFrame: number;
}

export interface LimitReached {
  /** Stable kebab-case name of the bound. */
  limit: string;
  /** How often. */
  times: number;
  /** What it cost. */
  message: string;
}
