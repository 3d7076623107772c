/** Authentication in one direction only. */
import { otherSide } from '../../sessions/ends.ts';
import { exchangesOf } from './facts.ts';
import type { CallRule } from './rule.ts';

export const oneSidedAuthentication: CallRule = {
  id: 'one-sided-authentication',
  title: 'Authentication in one direction only',
  severity: 'medium',
  what: 'One side proved who it is, the other did not.',
  why: 'With PAP, CHAP and MS-CHAPv1 the client does not learn whether the server is the right one: a rogue server can take its place.',
  advice: 'Use a method that authenticates both sides: EAP-TLS or PEAP; MS-CHAPv2 does it too, weakly.',
  references: ['RFC 1661 §6.2', 'RFC 1994 §2'],
  evidence: 'A successful exchange of PAP, CHAP-MD5, MS-CHAPv1 or EAP-MD5, and none in the other direction.',
  scope: 'call',
  find(call) {
    const exchanges = exchangesOf(call, 'pap', 'spap', 'chap-md5', 'ms-chap-v1', 'eap-md5').filter(
      ({ outcome }) => outcome === 'success',
    );
    const [first] = exchanges;
    if (first === undefined || call.authentication.some(({ authenticator }) => authenticator !== first.authenticator))
      return null;
    const proven = otherSide(first.authenticator);
    return {
      basis: 'used',
      frames: exchanges.map(({ evidence }) => evidence.resultFrame),
      detail: `The ${proven} authenticated itself to the ${first.authenticator}, and not the other way round.`,
    };
  },
};
