/** A weakness that the capture shows. */
export interface Finding {
  /** Stable kebab-case id. */
  rule: string;
  severity: 'critical' | 'high' | 'medium' | 'low' | 'info';
  basis: 'offered' | 'negotiated' | 'used';
  title: string;
  tunnel: string;
  call: string | null;
  frames: number[];
  detail: string;
  advice: string;
  references: string[];
}
