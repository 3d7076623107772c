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

export type StageName = (typeof stageNames)[number];

export interface Stage {
  stage: StageName;
  /** `skipped`: not negotiated. */
  status: 'passed' | 'failed' | 'partial' | 'skipped' | 'not-seen';
  /** The frame that decided it. */
  frame: number | null;
  time: string | null;
  /** One line. */
  detail: string;
}
