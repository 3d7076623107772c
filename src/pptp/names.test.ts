import { describe, expect, it } from 'vitest';
import type { Part } from '../wire/layout.ts';
import { controlMessageLayouts } from './message.ts';
import { causeNames, controlMessageNames, generalErrorNames, resultNames, stopReasonNames } from './names.ts';

/** The values that a field of a message may have by its layout. */
function legalValues(type: number, field: string): readonly number[] | null {
  const layouts: Readonly<Record<number, { readonly parts: readonly Part[] }>> = controlMessageLayouts;
  const domain = layouts[type]?.parts.find((part) => part.name === field)?.field.domain;
  return domain?.kind === 'integer' ? domain.legal : null;
}

describe('names', () => {
  it.each([
    [2, 'Start-Control-Connection-Reply', 5, 'The protocol version of the requester is not supported'],
    [4, 'Stop-Control-Connection-Reply', 2, 'General error'],
    [6, 'Echo-Reply', 2, 'General error'],
    [8, 'Outgoing-Call-Reply', 7, 'Do Not Accept'],
    [10, 'Incoming-Call-Reply', 3, 'Do Not Accept'],
    [13, 'Call-Disconnect-Notify', 4, 'Request'],
  ])('has the result codes of message %i, %s, from 1 to %i', (type, name, last, lastName) => {
    expect(controlMessageNames[type]).toBe(name);
    const codes = Array.from({ length: last }, (_, index) => index + 1);
    expect(Object.keys(resultNames[type] ?? {}).map(Number)).toEqual(codes);
    expect(legalValues(type, 'resultCode')).toEqual(codes);
    expect(resultNames[type]?.[last]).toBe(lastName);
    expect(legalValues(type, 'errorCode')).toEqual(Object.keys(generalErrorNames).map(Number));
  });

  it('has result codes for no other message', () => {
    expect(Object.keys(resultNames)).toEqual(['2', '4', '6', '8', '10', '13']);
  });

  it('has the general errors of RFC 2637 §2.16 and the reasons of §2.3', () => {
    expect(Object.values(generalErrorNames)).toEqual([
      'None',
      'Not-Connected',
      'Bad-Format',
      'Bad-Value',
      'No-Resource',
      'Bad-Call ID',
      'PAC-Error',
    ]);
    expect(legalValues(3, 'reason')).toEqual(Object.keys(stopReasonNames).map(Number));
  });

  it('has the causes of Q.850 that calls end with', () => {
    expect(causeNames[16]).toBe('Normal call clearing');
    expect(causeNames[17]).toBe('User busy');
    expect(causeNames[34]).toBe('No circuit/channel available');
    expect(causeNames[102]).toBe('Recovery on timer expiry');
    // Seven bits, of which 0 is none.
    expect(Object.keys(causeNames).every((cause) => Number(cause) >= 1 && Number(cause) <= 127)).toBe(true);
  });
});
