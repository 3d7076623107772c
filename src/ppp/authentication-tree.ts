/** The field trees of PAP (RFC 1334) and CHAP (RFC 1994, RFC 2433, RFC 2759). What proves who somebody is, is secret. */
import type { Window } from '../octets/window.ts';
import { type Layout, misfit } from '../wire/layout.ts';
import { group, replaceField, secret, type Tree, type TreeField, wholeTreeOf } from '../wire/tree.ts';
import { type Body, type BodyOf, rest, wordsOf } from './body-tree.ts';
import {
  type ChapAlgorithm,
  changePasswordLayout,
  chapCode,
  chapResult,
  chapValue,
  isChapName,
  msChapV1Response,
  msChapV2Response,
} from './chap.ts';
import { msChapErrorNames, parseMsChapFailure, parseMsChapSuccess, withoutSecrets } from './chap-message.ts';
import { authenticateReply, authenticateRequest, excessOf, papCode, replyWithoutLength } from './pap.ts';

export function papBody(packet: BodyOf): Body {
  const { code, window, start, end, bound } = packet;
  if (code === papCode.authenticateRequest) {
    const tree = wholeTreeOf(authenticateRequest, window, start, end, bound);
    const excess = tree.value.octets === undefined ? null : excessOf(tree.value.octets, end - start, bound);
    const fields = excess === null ? replaceField(tree.fields, 'password', secret) : tree.fields.map(secret);
    return { fields, fault: tree.fault ?? excess };
  }
  if (code !== papCode.authenticateAck && code !== papCode.authenticateNak) return rest(packet);
  const whole = wholeTreeOf(authenticateReply, window, start, end, bound);
  const tree = whole.fault === null ? whole : wholeTreeOf(replyWithoutLength, window, start, end, bound);
  const said = (field: TreeField): TreeField => wordsOf(field, window, packet.passwords, null);
  return { ...tree, fields: replaceField(tree.fields, 'message', said) };
}

export function chapBody({ code, window, start, end, bound, chap, passwords }: BodyOf): Body {
  if (code === chapCode.challenge || code === chapCode.response) {
    const tree = wholeTreeOf(chapValue, window, start, end, bound);
    const format = code === chapCode.response ? responseLayout(chap) : null;
    const fields = nameCovered(tree, code, chap);
    return { ...tree, fields: replaceField(fields, 'value', (field) => responseTree(field, window, format)) };
  }
  if (code === chapCode.success || code === chapCode.failure) {
    const tree = wholeTreeOf(chapResult, window, start, end, bound);
    const result = (field: TreeField): TreeField => resultTree(field, window, code === chapCode.success, passwords);
    return { ...tree, fields: replaceField(tree.fields, 'message', result) };
  }
  const format = changePasswordLayout(code);
  if (format === null) return rest({ window, start, end });
  const { fields } = wholeTreeOf(format, window, start, end, bound);
  return { fields: fields.map(secret), fault: misfit(format, window, start, end, bound) };
}

/** The fields of a challenge or response, its name covered where it is none. */
export function nameCovered(
  { fields, value: { value, name } }: Tree<{ readonly value: Uint8Array; readonly name: string }>,
  code: number,
  algorithm: ChapAlgorithm | null,
): TreeField[] {
  const sound = value === undefined || name === undefined || isChapName(code, value.length, name, algorithm);
  return replaceField(fields, 'name', sound ? (field) => field : secret);
}

/** Of an algorithm whose responses have parts; null of any other. */
export function responseLayout(chap: ChapAlgorithm | null): Layout<object> | null {
  if (chap === 'ms-chap-v1') return msChapV1Response as unknown as Layout<object>;
  return chap === 'ms-chap-v2' ? (msChapV2Response as unknown as Layout<object>) : null;
}

/** Both versions of MS-CHAP answer with 49 octets; which it is, LCP said. */
export function responseTree(field: TreeField, window: Window, format: Layout<object> | null): TreeField {
  if (format === null || field.end - field.start !== 49) return secret(field);
  const { fields } = wholeTreeOf(format, window, field.start, field.end);
  return group(field.name, fields.map(secretUnlessReserved), format.name);
}

/** The text of MS-CHAP's Success and Failure. */
export function resultTree(
  field: TreeField,
  window: Window,
  success: boolean,
  passwords: readonly string[],
): TreeField {
  const text = String(field.value ?? '');
  const meaning = success ? successMeaning(text, passwords) : failureMeaning(text, passwords);
  return wordsOf(field, window, passwords, meaning);
}

/** `S=... M=...`. RFC 2759 §5 */
function successMeaning(text: string, passwords: readonly string[]): string | null {
  const { authenticatorResponse, message } = parseMsChapSuccess(text);
  return authenticatorResponse === null
    ? null
    : `authenticator response, message "${withoutSecrets(message ?? '', passwords)}"`;
}

/** `E=691 R=1 C=... V=3 M=...`. RFC 2759 §6 */
function failureMeaning(text: string, passwords: readonly string[]): string | null {
  const { errorCode, retryAllowed, message } = parseMsChapFailure(text);
  if (errorCode === null) return null;
  const error = `error ${errorCode} ${msChapErrorNames[errorCode] ?? 'unknown'}`;
  const retry = retryAllowed === null ? '' : retryAllowed ? ', retry allowed' : ', no retry';
  const words = message === null ? '' : `, message "${withoutSecrets(message, passwords)}"`;
  return `${error}${retry}${words}`;
}

function secretUnlessReserved(field: TreeField): TreeField {
  return field.reserved || field.end - field.start < 8 ? field : secret(field);
}
