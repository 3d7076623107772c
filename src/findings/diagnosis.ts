import type { StageName } from './stage.ts';

/** Why a tunnel or call did not work, with the proof. */
export interface Diagnosis {
  /** Stable kebab-case id. */
  cause: string;
  stage: StageName;
  tunnel: string;
  /** null where the tunnel as a whole is meant. */
  call: string | null;
  confidence: 'certain' | 'likely' | 'possible';
  /** One or two plain sentences. */
  summary: string;
  evidence: { frame: number; text: string }[];
  refutedBy: string;
  advice: string;
  nextCapture: string;
  /** Numbers that a Windows user probably saw. */
  windowsErrors: number[];
}
