/** The field tree of a control message, for somebody who looks at a packet. RFC 2637 §2 */
import type { Window } from '../octets/window.ts';
import type { Bound } from '../wire/decoded.ts';
import type { Layout } from '../wire/layout.ts';
import { type Layer, replaceField, treeOf, undecoded, wholeTreeOf } from '../wire/tree.ts';
import { controlHeader, headerOctets } from './header.ts';
import { layoutOf, unknownMessage } from './message.ts';
import { controlMessageNames } from './names.ts';

/** The layer of the message whose octets are those from `start` up to `end`; all of them lie in it. */
export function controlMessageLayer(window: Window, start: number, end: number): Layer {
  const header = treeOf(controlHeader, window, start, end);
  const base = { protocol: 'pptp', start, end };
  if (header.fault !== null) {
    const rest = header.end < end ? [undecoded(window, header.end, end)] : [];
    return { ...base, name: 'PPTP', source: 'RFC 2637 §1.4', fields: [...header.fields, ...rest], fault: header.fault };
  }
  const { controlMessageType = 0, pptpMessageType, length = headerOctets } = header.value;
  const format = pptpMessageType === 1 ? layoutOf(controlMessageType) : null;
  const bound: Bound = start + length <= end ? 'PPTP length' : 'octets given';
  const chosen = (format ?? unknownMessage) as unknown as Layout<object>;
  const tree = wholeTreeOf(chosen, window, start, end, bound);
  const named = replaceField(tree.fields, 'controlMessageType', (field) => ({
    ...field,
    meaning: controlMessageNames[controlMessageType] ?? null,
    notation: 'decimal',
  }));
  const fields = replaceField(named, 'protocolVersion', (field) => ({
    ...field,
    meaning: `${Number(field.value) >> 8}.${Number(field.value) & 0xff}`,
  }));
  const name = format?.name ?? `PPTP message of unknown type ${controlMessageType}`;
  return { ...base, name, source: format?.source ?? 'RFC 2637 §1.4', fields, fault: tree.fault };
}
