/** The ladder that every call climbs, in order. */
export const stageNames = [
  'tcp',
  'control',
  'call',
  'gre',
  'lcp',
  'authentication',
  'encryption',
  'network',
  'data',
] as const;

/** A rung of the ladder. */
export type StageName = (typeof stageNames)[number];

/** One rung: how far a call got there, and the frame that shows it. */
export interface Stage {
  /** Which rung. */
  stage: StageName;
  /** `skipped`: not negotiated. */
  status: 'passed' | 'failed' | 'partial' | 'skipped' | 'not-seen';
  /** The frame that decided it. */
  frame: number | null;
  /** Of that frame. */
  time: string | null;
  /** One line. */
  detail: string;
}
