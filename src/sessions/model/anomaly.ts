/** What contradicts a standard. */

/** Something that contradicts a standard, with its frame. */
export interface Anomaly {
  /** null where no single frame shows it. */
  frame: number | null;
  /** Stable kebab-case code. */
  code: string;
  /** One line in plain words. */
  message: string;
}
