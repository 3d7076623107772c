/**
 * The JSON lines of `live`, version 1: one event a line. Within a version kinds and keys are added, never renamed or
 * dropped. `events.schema.json` is generated from these types.
 */
import type { Diagnosis } from '../findings/diagnosis.ts';
import type { Finding } from '../findings/finding.ts';
import type { TunnelEvent, TunnelEventBase } from '../sessions/events.ts';
import type { Report } from './contract.ts';

/** Why a tunnel or call does not work, as soon as the evidence allows; once for each cause, unless it was taken back. */
export interface DiagnosisMade extends TunnelEventBase {
  /** What happened. */
  kind: 'diagnosis';
  /** As in the report. */
  diagnosis: Diagnosis;
}

/** A cause that an event told does not hold any more: what came since refutes it, or it is seen now as another one. */
export interface DiagnosisWithdrawn extends TunnelEventBase {
  /** What happened. */
  kind: 'diagnosis-withdrawn';
  /** The cause. */
  cause: string;
  /** What holds now of the same call, or of the tunnel where no call is meant; none where that has no fault. */
  instead: string[];
}

/** A weakness, as soon as it shows; once for each rule. */
export interface FindingMade extends TunnelEventBase {
  /** What happened. */
  kind: 'finding';
  /** As in the report. */
  finding: Finding;
}

/** What the analysis says while it goes on. */
export type AnalysisEvent = TunnelEvent | DiagnosisMade | DiagnosisWithdrawn | FindingMade;

/** The first line: what is listened to, and how. */
export interface CaptureStarted {
  /** What happened. */
  kind: 'capture-started';
  /** Always the same: says what the lines are. */
  format: 'pptpscope-events';
  /** Of the format. */
  version: 1;
  /** What writes it. */
  tool: { name: 'pptpscope'; version: string };
  /** The clock's. */
  time: string;
  /** Name of the device; `-` is standard input. */
  interface: string;
  /** What captures. */
  backend: 'tcpdump' | 'dumpcap' | 'cap' | 'stdin';
  /** As the kernel got it; null where there is none. */
  filter: string | null;
}

/** Packets were lost since the last line like this, or for the first time. */
export interface PacketsDropped {
  /** What happened. */
  kind: 'packets-dropped';
  /** The clock's. */
  time: string;
  /** Packets that the kernel or the device lost since the start. */
  dropped: number;
}

/** Something is wrong with the capture itself, or with the file that it is written to. */
export interface CaptureFault {
  /** What happened. */
  kind: 'capture-fault';
  /** The clock's. */
  time: string;
  /** One line in plain words. */
  message: string;
}

/** A capture file was begun. */
export interface FileWritten {
  /** What happened. */
  kind: 'file-opened';
  /** The clock's. */
  time: string;
  /** Where. */
  path: string;
}

/** The last line but the report. */
export interface CaptureEnded {
  /** What happened. */
  kind: 'capture-ended';
  /** The clock's. */
  time: string;
  /** `interrupted`: SIGINT or SIGTERM. `end`: the input ended. `failed`: it broke off. */
  reason: 'interrupted' | 'duration' | 'count' | 'end' | 'failed';
  /** Frames that were read. */
  frames: number;
  /** Packets that the kernel or the device lost; null where nobody says. */
  dropped: number | null;
}

/** The last line: as `analyze` gives it for a file. */
export interface FinalReport {
  /** What happened. */
  kind: 'report';
  /** The whole of it. */
  report: Report;
}

/** A line. */
export type EventLine =
  | CaptureStarted
  | AnalysisEvent
  | PacketsDropped
  | CaptureFault
  | FileWritten
  | CaptureEnded
  | FinalReport;
