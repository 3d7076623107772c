/** Whether a packet that somebody tried to open is one. */
import type { MppePacket } from './coherency.ts';
import type { Reading } from './mppc.ts';

/**
 * How much a plaintext looks like one. `odd`: it begins like one and goes on like none, or its beginning comes out of lost history,
 * which counts once the key has given one beyond doubt.
 */
export type Likelihood = 'certain' | 'possible' | 'odd' | 'none';

/** `missing`: octets behind them that are not there; infinite where nobody knows how many. */
export type Accept = (octets: Uint8Array, missing: number) => Likelihood;

export interface Judged extends Reading {
  readonly likelihood: Likelihood;
}

/** A packet with its protocol field in front, decrypted and decompressed. */
export interface Plaintext<Packet extends MppePacket> {
  readonly packet: Packet;
  readonly octets: Uint8Array<ArrayBuffer>;
  /** Octets behind these that the capture did not keep; null: nobody knows how many, for they were compressed. */
  readonly missing: number | null;
  readonly likelihood: Likelihood;
}

/** Why packets stayed as they were. */
export interface Unopened {
  /** Behind a loss that only the next key ends (RFC 3078 §8.2), or the next flush of the history (RFC 2118 §4.3). */
  lost: number;
  /** Older than what is remembered. */
  late: number;
  /** What came out is no packet. */
  unreadable: number;
}

export function addUnopened(sum: Unopened, { lost, late, unreadable }: Unopened): void {
  sum.lost += lost;
  sum.late += late;
  sum.unreadable += unreadable;
}

/** null: damaged. */
export function judged(accept: Accept, reading: Reading | null): Judged | null {
  if (reading === null) return null;
  const { octets, missing, lost } = reading;
  // Protocol fields have up to two octets.
  const likelihood = lost && octets.length < 2 ? 'odd' : accept(octets, missing ?? Number.POSITIVE_INFINITY);
  return { ...reading, likelihood };
}
