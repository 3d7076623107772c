/** A weakness that the capture shows. */
export interface Finding {
  /** Stable kebab-case id. */
  rule: string;
  /** How much it matters. */
  severity: 'critical' | 'high' | 'medium' | 'low' | 'info';
  /** Whether it was only offered, was agreed, or carried traffic. */
  basis: 'offered' | 'negotiated' | 'used';
  /** A few words. */
  title: string;
  /** Id of the tunnel. */
  tunnel: string;
  /** Id of the call; null where the tunnel as a whole is meant. */
  call: string | null;
  /** The frames that prove it. */
  frames: number[];
  /** What it is and why it matters. */
  detail: string;
  /** What to do. */
  advice: string;
  /** RFCs, CVEs, addresses. */
  references: readonly string[];
}
