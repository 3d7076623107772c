/** What control messages give as the reason of a refusal or an end, in words. RFC 2637 §2.16 */
import { causeNames, generalErrorNames, replyResult } from '../../pptp/names.ts';
import { type Names, named } from '../../wire/field.ts';

/** `result 2 (General error), error 4 (No-Resource)`: errors mean something only beside result 2; causes of 0 say nothing. */
export function resultText(result: number, error: number | null, cause: number | null, names: Names): string {
  const parts = [`result ${named(result, names)}`];
  if (result === replyResult.generalError && error) parts.push(`error ${named(error, generalErrorNames)}`);
  if (cause) parts.push(`cause ${named(cause, causeNames)}`);
  return parts.join(', ');
}

/** Instead of the cause's own, where there is one. */
export function advised(advice: string | null): { advice?: string } {
  return advice === null ? {} : { advice };
}
