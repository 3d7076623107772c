/** PPP Multilink: the header of a fragment. RFC 1990 §3 */
import { bits, restOctets } from '../wire/field.ts';
import { layout } from '../wire/layout.ts';

/** With the sequence numbers of 24 bits that are the default. */
export const multilinkLong = layout('Multilink fragment', 'RFC 1990 §3')
  .bits(bits(4, { beginning: 1, ending: 1, reserved: [6, 0], sequenceNumber: 24 }))
  .fields({ fragment: restOctets() });

/** With the sequence numbers of 12 bits that LCP's option 18 allows. RFC 1990 §5.1.2 */
export const multilinkShort = layout('Multilink fragment', 'RFC 1990 §3')
  .bits(bits(2, { beginning: 1, ending: 1, reserved: [2, 0], sequenceNumber: 12 }))
  .fields({ fragment: restOctets() });
