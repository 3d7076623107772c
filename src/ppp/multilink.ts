/** PPP Multilink: the header of a fragment. RFC 1990 §3 */
import { bits, restOctets } from '../wire/field.ts';
import { layout } from '../wire/layout.ts';
import { PppView } from './view.ts';

/** With the sequence numbers of 24 bits that are the default. */
export const multilinkLong = layout('Multilink fragment', 'RFC 1990 §3')
  .bits(bits(4, { beginning: 1, ending: 1, reserved: [6, 0], sequenceNumber: 24 }))
  .fields({ fragment: restOctets() });

/** With the sequence numbers of 12 bits that LCP's option 18 allows. RFC 1990 §5.1.2 */
export const multilinkShort = layout('Multilink fragment', 'RFC 1990 §3')
  .bits(bits(2, { beginning: 1, ending: 1, reserved: [2, 0], sequenceNumber: 12 }))
  .fields({ fragment: restOctets() });

const inner = new PppView();

/**
 * The PPP header inside a fragment that begins a packet; null where it does not, or is cut. The view is shared: valid
 * until the next call. `short`: the link uses sequence numbers of 12 bits.
 */
export function multilinkInner(view: DataView, start: number, end: number, short = false): PppView | null {
  const header = short ? 2 : 4;
  if (end - start < header || (view.getUint8(start) & 0x80) === 0) return null;
  return inner.at(view, start + header, end) === 0 ? inner : null;
}
