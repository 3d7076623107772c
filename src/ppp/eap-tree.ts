/** The field trees of EAP (RFC 3748) and its methods. What proves who somebody is, is secret. */
import type { Window } from '../octets/window.ts';
import type { Bound } from '../wire/decoded.ts';
import { misfit } from '../wire/layout.ts';
import {
  group,
  integerLeaf,
  octetsLeaf,
  replaceField,
  secret,
  type TreeField,
  textLeaf,
  treeOf,
  wholeTreeOf,
} from '../wire/tree.ts';
import { nameCovered, responseLayout, responseTree, resultTree } from './authentication-tree.ts';
import { type Body, type BodyOf, rest, words } from './body-tree.ts';
import { changePasswordLayout, chapCode } from './chap.ts';
import {
  eapCode,
  eapMethod,
  eapMsChapOpCode,
  eapMsChapOpCodes,
  eapType,
  eapTypeNames,
  expandedDesiredType,
  expandedType,
  md5Challenge,
  msChapHeader,
  msChapValue,
  standsFor,
  tlsPacket,
} from './eap.ts';

export function eapBody(packet: BodyOf): Body {
  const { code, window, start, end, bound } = packet;
  if (code !== eapCode.request && code !== eapCode.response) return rest(packet);
  const tree = treeOf(eapMethod, window, start, Math.min(end, start + 1), bound);
  const at = start + 1;
  if (tree.fault !== null || tree.value.type === undefined || at >= end) return tree;
  const method =
    tree.value.type === eapType.expanded
      ? expandedTree({ ...packet, start: at })
      : eapMethodTree(tree.value.type, { ...packet, start: at });
  return { fields: [...tree.fields, ...method.fields], fault: method.fault };
}

/** RFC 3748 §5.7 */
function expandedTree(packet: BodyOf): Body {
  const { window, start, end, bound } = packet;
  const tree = treeOf(expandedType, window, start, Math.min(end, start + 7), bound);
  const { vendorId, vendorType } = tree.value;
  if (vendorId === undefined || vendorType === undefined) return tree;
  const type = standsFor(vendorId, vendorType);
  const fields = replaceField(tree.fields, 'vendorType', (field) => ({
    ...field,
    meaning: type === eapType.nak ? 'Expanded Nak' : type === eapType.expanded ? null : (eapTypeNames[type] ?? null),
  }));
  if (tree.end >= end) return { fields, fault: null };
  const method =
    type === eapType.nak
      ? expandedDesiredTypes(window, tree.end, end, bound)
      : eapMethodTree(type, { ...packet, start: tree.end });
  return { fields: [...fields, ...method.fields], fault: method.fault };
}

/** `packet` starts behind the type. */
function eapMethodTree(type: number, packet: BodyOf): Body {
  const { code, window, start, end, bound } = packet;
  switch (type) {
    case eapType.identity:
      return { fields: [textLeaf(window, start, end, 'identity')], fault: null };
    case eapType.notification:
      return { fields: [words(packet, start, 'message')], fault: null };
    case eapType.oneTimePassword:
    case eapType.genericTokenCard: {
      // The answer is a password.
      const message = words(packet, start, 'message');
      return { fields: [code === eapCode.response ? secret(message) : message], fault: null };
    }
    case eapType.nak:
      return { fields: desiredTypes(window, start, end), fault: null };
    case eapType.md5Challenge: {
      const tree = wholeTreeOf(md5Challenge, window, start, end, bound);
      return { ...tree, fields: replaceField(nameCovered(tree, code, null), 'value', secret) };
    }
    case eapType.tls:
    case eapType.ttls:
    case eapType.peap:
      return tlsTree(window, start, end, bound);
    case eapType.msChapV2:
      return eapMsChapTree(packet);
    default:
      return { fields: [secret(octetsLeaf(window, start, end, 'typeData'))], fault: null };
  }
}

function desiredTypes(window: Window, start: number, end: number): TreeField[] {
  return Array.from({ length: end - start }, (_, index) => {
    const type = window.view.getUint8(start + index);
    const leaf = integerLeaf('desiredType', start + index, start + index + 1, type);
    return { ...leaf, meaning: desiredTypeName(type) };
  });
}

function desiredTypeName(type: number): string | null {
  return type === 0 ? 'none' : (eapTypeNames[type] ?? null);
}

/** RFC 3748 §5.3.2 */
function expandedDesiredTypes(window: Window, start: number, end: number, bound: Bound): Body {
  const fields: TreeField[] = [];
  for (let at = start; at < end; ) {
    const tree = treeOf(expandedDesiredType, window, at, end, bound);
    const { vendorId, vendorType } = tree.value;
    const known = vendorId !== undefined && vendorType !== undefined;
    fields.push(group('desiredType', tree.fields, known ? desiredTypeName(standsFor(vendorId, vendorType)) : null));
    if (tree.fault !== null) return { fields, fault: tree.fault };
    at = tree.end;
  }
  return { fields, fault: null };
}

/** Flags and length. The records are TLS's own and begin in any of the packets that carry them. RFC 5216 §3.1 */
function tlsTree(window: Window, start: number, end: number, bound: Bound): Body {
  const flags = window.view.getUint8(start);
  const headerEnd = Math.min(end, start + ((flags & 0x80) !== 0 ? 5 : 1));
  const tree = treeOf(tlsPacket, window, start, headerEnd, bound);
  if (tree.fault !== null || headerEnd >= end) return tree;
  return { fields: [...tree.fields, octetsLeaf(window, headerEnd, end, 'tlsRecords')], fault: null };
}

/** draft-kamath-pppext-eap-mschapv2 §2 */
function eapMsChapTree({ code, window, start, end, bound, passwords }: BodyOf): Body {
  const opCode = window.view.getUint8(start);
  const first = { ...integerLeaf('opCode', start, start + 1, opCode), meaning: eapMsChapOpCodes[opCode] ?? null };
  // A peer's Success and Failure are the opcode alone.
  if (start + 1 >= end) return { fields: [first], fault: null };
  const header = treeOf(msChapHeader, window, start + 1, end, bound);
  if (header.fault !== null) return { fields: [first, ...header.fields], fault: header.fault };
  const fields = [first, ...header.fields];
  const at = header.end;
  if (opCode === eapMsChapOpCode.challenge || opCode === eapMsChapOpCode.response) {
    const tree = wholeTreeOf(msChapValue, window, at, end, bound);
    const format =
      opCode === eapMsChapOpCode.response && code === eapCode.response ? responseLayout('ms-chap-v2') : null;
    const named = nameCovered(tree, opCode, 'ms-chap-v2');
    const value = replaceField(named, 'value', (field) => responseTree(field, window, format));
    return { fields: [...fields, ...value], fault: tree.fault };
  }
  if (at >= end) return { fields, fault: null };
  if (opCode === eapMsChapOpCode.success || opCode === eapMsChapOpCode.failure) {
    const message = resultTree(
      textLeaf(window, at, end, 'message'),
      window,
      opCode === eapMsChapOpCode.success,
      passwords,
    );
    return { fields: [...fields, message], fault: null };
  }
  const format = opCode === eapMsChapOpCode.changePassword ? changePasswordLayout(chapCode.changePassword) : null;
  const fault = format === null ? null : misfit(format, window, at, end, bound);
  return { fields: [...fields, secret(octetsLeaf(window, at, end, 'data'))], fault };
}
