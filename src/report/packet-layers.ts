/** The field tree of a packet as the contract has it: plain data. */
import type { Layer, TreeBits, TreeField } from '../wire/tree.ts';
import type { PacketBits, PacketField, PacketLayer } from './packet-contract.ts';

export function layerJson(
  { name, protocol, source, start, end, fields, fault }: Layer,
  showSecrets: boolean,
): PacketLayer {
  return {
    name,
    protocol,
    source,
    start,
    end,
    fields: fields.map((field) => fieldJson(field, showSecrets)),
    fault:
      fault === null
        ? null
        : {
            field: fault.field,
            offset: fault.offset,
            reason: fault.reason,
            needed: fault.needed,
            available: fault.available,
            boundedBy: fault.boundedBy,
          },
  };
}

function fieldJson(field: TreeField, showSecrets: boolean): PacketField {
  const { name, kind, start, end, value, meaning } = field;
  const hidden = field.secret && !showSecrets;
  return {
    name,
    kind,
    start,
    end,
    value: hidden ? null : value,
    meaning: hidden ? null : meaning,
    ...(field.reserved ? { reserved: true } : {}),
    ...(field.illegal ? { illegal: true } : {}),
    ...(hidden ? { hidden: true } : {}),
    ...(field.bits.length > 0 ? { bits: field.bits.map(bitsJson) } : {}),
    ...(kind === 'group' ? { children: field.children.map((child) => fieldJson(child, showSecrets)) } : {}),
  };
}

function bitsJson({ name, offset, width, value, illegal }: TreeBits): PacketBits {
  return { name, offset, width, value, ...(illegal ? { illegal: true } : {}) };
}
