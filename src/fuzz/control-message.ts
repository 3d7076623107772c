/** Control messages of PPTP. RFC 2637 §2 */

import { joined } from '../octets/joined.ts';
import { controlHeader } from '../pptp/header.ts';
import { controlMessageLayouts, type KnownControlMessage, layoutOf, unknownMessage } from '../pptp/message.ts';
import { encode, type Layout } from '../wire/layout.ts';
import { type Choices, once, pick } from './choices.ts';
import { damaged } from './damage.ts';
import { encoded, type Temperament } from './encoded.ts';
import { legalValue } from './values.ts';

/** The types that RFC 2637 defines. */
export const controlMessageTypes: readonly number[] = Object.keys(controlMessageLayouts).map(Number);

/** One message, of the given type or of any. */
export function controlMessage(
  choices: Choices,
  temperament: Temperament,
  type: number = pick(choices, controlMessageTypes),
): Uint8Array {
  const format = formatOf(type);
  if (temperament === 'valid') return legalMessage(choices, type, {});
  if (temperament === 'wild' && once(choices, 4)) return encoded(choices, unknownMessage, 'wild');
  return encoded(choices, format, temperament);
}

/** A valid message with some of its fields given. */
export function legalMessage(choices: Choices, type: number, given: Readonly<Record<string, unknown>>): Uint8Array {
  const format = formatOf(type);
  const drawn: Record<string, unknown> = { ...legalValue(choices, format), ...given };
  // What the layouts do not say: an error code belongs to result 2, and lengths of digits count the digits. RFC 2637 §2.16
  if (drawn['resultCode'] !== undefined && drawn['resultCode'] !== 2) drawn['errorCode'] = 0;
  for (const name of ['phoneNumber', 'dialedNumber', 'dialingNumber']) {
    const digits = drawn[name];
    if (typeof digits === 'string') drawn[`${name}Length`] = digits.length;
  }
  return encode(format, drawn);
}

/** What one end of a control connection says: several messages, cut nowhere. */
export function controlStream(choices: Choices, temperament: Temperament): Uint8Array {
  const messages: Uint8Array[] = [];
  for (let left = 1 + choices.below(6); left > 0; left -= 1) {
    messages.push(controlMessage(choices, once(choices, 3) ? temperament : 'valid'));
    if (temperament !== 'valid' && once(choices, 8))
      messages.push(encode(controlHeader, legalValue(choices, controlHeader)));
  }
  const stream = joined(messages);
  return temperament === 'wild' ? damaged(choices, stream) : stream;
}

function formatOf(type: number): Layout<object> {
  const format: Layout<KnownControlMessage> | null = layoutOf(type);
  if (format === null) throw new RangeError(`RFC 2637 has no control message of type ${type}`);
  return format as unknown as Layout<object>;
}
