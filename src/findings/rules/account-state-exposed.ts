/** State of an account in clear. */
import type { CallRule } from './rule.ts';

const meanings: Readonly<Record<number, string>> = {
  646: 'not at this hour',
  647: 'account disabled',
  648: 'password expired',
  649: 'no right to dial in',
};

export const accountStateExposed: CallRule = {
  id: 'account-state-exposed',
  title: 'State of an account in clear',
  severity: 'low',
  what: 'The server says why it refuses: the account is disabled, its password expired, the hour or the right is missing.',
  why: 'Who guesses learns that the account exists, and with some servers that the password was right.',
  advice: 'Let the server answer every refusal alike (error 691).',
  references: ['RFC 2759 §6', 'RFC 2433 §8'],
  evidence: 'An MS-CHAP Failure with error 646, 647, 648 or 649.',
  scope: 'call',
  find(call) {
    const exchanges = call.authentication.filter(({ errorCode }) => meanings[errorCode ?? 0] !== undefined);
    if (exchanges.length === 0) return null;
    const said = [...new Set(exchanges.map(({ errorCode }) => `${errorCode} (${meanings[errorCode ?? 0]})`))];
    return {
      basis: 'used',
      frames: exchanges.map(({ evidence, frames }) => evidence.resultFrame ?? frames.at(-1) ?? null),
      detail: `The server answered error ${said.join(', ')}.`,
    };
  },
};
