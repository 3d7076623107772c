/** Reserved octets of a response are not zero. */
import { ofUsers } from './facts.ts';
import type { CallRule } from './rule.ts';

export const nonzeroReservedResponse: CallRule = {
  id: 'nonzero-reserved-response',
  title: 'Reserved octets of a response are not zero',
  severity: 'info',
  what: 'The response of MS-CHAPv2 has something in its reserved octets or flags.',
  why: 'An implementation that does not follow the RFC, or one that hides something there.',
  advice: 'Look at what sent it.',
  references: ['RFC 2759 §4'],
  evidence: 'An MS-CHAPv2 response whose octets 17 to 24 or flags are not 0.',
  scope: 'call',
  find(call) {
    const exchanges = call.authentication.filter(({ evidence }) => evidence.reservedNotZero === true);
    if (exchanges.length === 0) return null;
    return {
      basis: 'used',
      frames: exchanges.map(({ evidence }) => evidence.responseFrame),
      detail: `The response${ofUsers(exchanges)} has reserved octets or flags that are not 0.`,
    };
  },
};
