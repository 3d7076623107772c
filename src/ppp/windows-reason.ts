/**
 * Windows says in its Terminate packets of LCP and CCP why it hangs up: magic number, the octets 00 3C CD 74, and the
 * number of the error that its user sees. No RFC; observed in captures and in public logs of other implementations.
 */

import { Window } from '../octets/window.ts';
import { constant, excess, u32 } from '../wire/field.ts';
import { decode, layout } from '../wire/layout.ts';
import { windowsErrorNames } from './windows-errors.ts';

/** The data of such a packet. */
export const windowsReason = layout('Windows reason', 'observed').fields({
  magicNumber: u32({ format: 'hexadecimal' }),
  signature: constant(4, 0x003ccd74, 'bad-magic'),
  /** A Windows error number, 0 for a normal end. */
  reason: u32({ names: windowsErrorNames }),
  excess: excess(),
});

/** The error number in the data of a Terminate packet; null where the signature is not there. */
export function windowsReasonOf(octets: Uint8Array): number | null {
  const decoded = decode(windowsReason, new Window(octets), 0, octets.length);
  return decoded.ok ? decoded.value.reason : null;
}
