/** User name in clear. */
import { ofUsers } from './facts.ts';
import type { CallRule } from './rule.ts';

export const userNameExposed: CallRule = {
  id: 'user-name-exposed',
  title: 'User name in clear',
  severity: 'low',
  what: 'The user name goes over the wire in clear.',
  why: 'An outsider learns which accounts there are, and can guess their passwords.',
  advice: 'Use a method that hides the identity (PEAP with an anonymous outer one) until another VPN is there.',
  references: ['RFC 1994 §4.1', 'RFC 1334 §2.2.1'],
  evidence: 'A name in a PAP request, a CHAP response or an EAP identity.',
  scope: 'call',
  find(call) {
    const exchanges = call.authentication.filter(({ user }) => user !== null && user !== '');
    if (exchanges.length === 0) return null;
    return {
      basis: 'used',
      frames: exchanges.map(({ evidence, frames }) => evidence.responseFrame ?? frames[0] ?? null),
      detail: `The name${ofUsers(exchanges)} can be read.`,
    };
  },
};
