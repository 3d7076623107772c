/** What an analysis can be asked for. */
import type { Frame } from './capture/frame.ts';
import type { Bounds } from './octets/bounds.ts';
import type { AnalysisEvent } from './report/event-contract.ts';
import type { Credential } from './sessions/call-keys.ts';

/** What is asked of an analysis; all of it may be left out. */
export interface AnalysisOptions {
  /** TCP ports of control connections; 1723 (RFC 2637 §1.4) alone when absent. Others are found by their first message. */
  readonly controlPorts?: readonly number[];
  /** Passwords, challenges and responses go into the report; they are left out when absent. */
  readonly keepSecrets?: boolean;
  /** Tried on MS-CHAP's exchanges: where one fits, the rule `password-verified` says so. */
  readonly credentials?: readonly Credential[];
  /** Ids of rules of the audit that are not asked. */
  readonly ignore?: readonly string[];
  /** Called for every step, failure, silence, cause and weakness while the capture is read. */
  readonly onEvent?: (event: AnalysisEvent) => void;
  /** Bounds other than their defaults, by their names. docs/limits.md */
  readonly limits?: Partial<Bounds>;
  /**
   * As long as there are so many tunnels, 1024 when absent, the details of all lie ready in memory; of more, those that
   * nobody looks at are packed.
   * This changes nothing but time and memory. Where events are told, all lie ready.
   */
  readonly awakeTunnels?: number;
  /** Called for each frame before it is looked at; as for the reader, the frame is valid during the call only. */
  readonly onFrame?: (frame: Frame) => void;
}

/** What is said where `portOf` answers null. */
export const portFault = 'A port is a number from 1 to 65535.';

/** A TCP port as somebody writes it; null where it is none. */
export function portOf(text: string): number | null {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= 65_535 ? port : null;
}
