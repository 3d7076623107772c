import type { StageName } from './stage.ts';

/** Why a tunnel or call did not work, with the proof. */
export interface Diagnosis {
  /** Stable kebab-case id. */
  cause: string;
  /** The rung that it is about. */
  stage: StageName;
  /** Index into `captures` of the capture that it was seen in; of the first one of a sequence. */
  capture: number;
  /** Id of the tunnel; null where the capture holds none. */
  tunnel: string | null;
  /** null where no single call is meant. */
  call: string | null;
  /** How sure it is. */
  confidence: 'certain' | 'likely' | 'possible';
  /** One or two plain sentences. */
  summary: string;
  /** The frames that prove it. */
  evidence: { frame: number; text: string }[];
  /** What would show that it is wrong. */
  refutedBy: string;
  /** What to do. */
  advice: string;
  /** Where to look next; empty where nothing is left to see. */
  nextCapture: string;
  /** Numbers that a Windows user probably saw. */
  windowsErrors: number[];
}
