/**
 * What a decoder answers: a value, or the reason why there is none. Input never throws.
 */

/** What set the limit that a field ran into. `capture length`: the capture kept fewer octets than the wire had. */
export type Bound =
  | 'capture length'
  | 'IP total length'
  | 'GRE payload length'
  | 'PPTP length'
  | 'PPP length'
  | 'option length'
  | 'octets given';

/** Why octets are no value of a format: where reading stopped, and what was read until then. */
export interface Malformed<Value = unknown> {
  readonly ok: false;
  /** The format's name, as its RFC spells it: `Outgoing-Call-Request`. */
  readonly layer: string;
  /** The field at fault: `acknowledgmentNumber`. */
  readonly field: string;
  /** Where the field starts, in octets from the start of the format. */
  readonly offset: number;
  readonly reason:
    | 'truncated'
    | 'length-too-small'
    | 'length-too-large'
    | 'bad-magic'
    | 'bad-version'
    | 'unexpected-value';
  /** Octets needed and octets there, for the reasons that are about length. */
  readonly needed: number | null;
  readonly available: number | null;
  readonly boundedBy: Bound;
  /** The fields before the fault. */
  readonly decoded: Partial<Value>;
}

/** A value and how many octets it took, or why there is none. */
export type Decoded<Value> =
  /** `size`: the octets consumed. */
  { readonly ok: true; readonly value: Value; readonly size: number } | Malformed<Value>;
