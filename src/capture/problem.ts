/**
 * What is wrong with a capture file, told apart by place. Damage is data beside the frames, never an
 * exception: whatever could be read before and after it has been handed on.
 */

export type CaptureProblemCode =
  /** The input holds no octets. */
  | 'empty'
  /** The input is neither pcap nor pcapng. */
  | 'not-a-capture'
  /** A file header with a version that the formats' documents do not describe; it is read as the usual one. */
  | 'unsupported-version'
  /** The input ends inside a header, a record or a block. */
  | 'truncated-record'
  /** A length that cannot be true. */
  | 'bad-length'
  /** A section header without the byte-order magic. */
  | 'bad-magic'
  /** A packet of an interface that no block describes. */
  | 'unknown-interface'
  /** More interfaces than are kept. */
  | 'too-many-interfaces'
  /** More comments than are kept. */
  | 'more-comments'
  /** More problems than are listed. */
  | 'more-problems';

/** Damage in the sense of `CaptureSummary.complete`: frames are missing, or may be. */
export const damagingProblems: ReadonlySet<CaptureProblemCode> = new Set([
  'empty',
  'not-a-capture',
  'truncated-record',
  'bad-length',
  'bad-magic',
  'unknown-interface',
  'too-many-interfaces',
]);

export interface CaptureProblem {
  /** In octets of the decompressed file; null where no place can be named. */
  readonly offset: number | null;
  /** Number of the frame concerned, where it is one that was handed on. */
  readonly frame: number | null;
  /** Stable: programs may decide by it. */
  readonly code: CaptureProblemCode;
  /** One sentence for a person, with offsets and numbers of octets. */
  readonly message: string;
}
