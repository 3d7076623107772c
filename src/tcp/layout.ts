/** The TCP header and its options as layouts, for somebody who looks at a packet. RFC 9293 §3.1, §3.2 */
import type { Window } from '../octets/window.ts';
import type { Bound } from '../wire/decoded.ts';
import { bits, type Names, restOctets, u8, u16, u32 } from '../wire/field.ts';
import { layout } from '../wire/layout.ts';
import { group, integerLeaf, padding, type TreeField, undecoded, wholeTreeOf } from '../wire/tree.ts';

/** Without options. The data offset counts 32-bit words. */
export const tcpHeader = layout('TCP', 'RFC 9293 §3.1')
  .fields({ sourcePort: u16(), destinationPort: u16(), sequenceNumber: u32(), acknowledgmentNumber: u32() })
  .bits(
    bits(2, {
      dataOffset: 4,
      reserved: [4, 0],
      congestionWindowReduced: 1,
      echo: 1,
      urgent: 1,
      acknowledgment: 1,
      push: 1,
      reset: 1,
      synchronize: 1,
      finish: 1,
    }),
  )
  .fields({ window: u16(), checksum: u16({ format: 'hexadecimal' }), urgentPointer: u16() });

/** IANA, TCP Option Kind Numbers. */
const optionNames: Names = {
  0: 'End of Option List',
  1: 'No-Operation',
  2: 'Maximum Segment Size',
  3: 'Window Scale',
  4: 'SACK Permitted',
  5: 'SACK',
  8: 'Timestamps',
  19: 'MD5 Signature',
  28: 'User Timeout',
  29: 'TCP Authentication',
  30: 'Multipath TCP',
  34: 'TCP Fast Open Cookie',
};

const optionLayouts = {
  2: layout('Maximum Segment Size', 'RFC 9293 §3.7.1').fields({ maximumSegmentSize: u16() }),
  3: layout('Window Scale', 'RFC 7323 §2.2').fields({ shift: u8() }),
  8: layout('Timestamps', 'RFC 7323 §3.2').fields({ timestamp: u32(), timestampEcho: u32() }),
} as const;

const otherOption = layout('TCP option', 'RFC 9293 §3.1').fields({ value: restOctets() });

/** One group for each option, and what follows their end. */
export function tcpOptionTree(window: Window, start: number, end: number, boundedBy: Bound): TreeField[] {
  const fields: TreeField[] = [];
  let at = start;
  while (at < end) {
    const kind = window.view.getUint8(at);
    const kindLeaf = { ...integerLeaf('kind', at, at + 1, kind), meaning: optionNames[kind] ?? null };
    if (kind === 0) {
      fields.push(kindLeaf);
      if (at + 1 < end) fields.push(padding(window, at + 1, end));
      return fields;
    }
    if (kind === 1) {
      fields.push(kindLeaf);
      at += 1;
      continue;
    }
    const length = end - at >= 2 ? window.view.getUint8(at + 1) : 0;
    if (length < 2 || length > end - at) {
      fields.push(undecoded(window, at, end, 'options'));
      return fields;
    }
    const layouts: Readonly<Record<number, typeof otherOption>> = optionLayouts as never;
    const { fields: value } = wholeTreeOf(layouts[kind] ?? otherOption, window, at + 2, at + length, boundedBy);
    const head = [kindLeaf, integerLeaf('length', at + 1, at + 2, length)];
    fields.push(group('option', [...head, ...value], optionNames[kind] ?? `option ${kind}`));
    at += length;
  }
  return fields;
}
