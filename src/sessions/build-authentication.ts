/** From the state of a PPP link to the model of its authentication. */
import { utf8 } from '../octets/printable.ts';
import type { ChapAlgorithm } from '../ppp/chap.ts';
import { authenticationProtocolName } from '../ppp/chap-message.ts';
import type { SecretsContext } from './authentication-model.ts';
import { type End, sideOf } from './ends.ts';
import type { Authentication } from './model/authentication.ts';
import type { PppLink } from './ppp-link.ts';

export function buildAuthentication(link: PppLink, clientEnd: End, context: SecretsContext): Authentication[] {
  if (link.authentication === null) return [];
  const flavours: [ChapAlgorithm | null, ChapAlgorithm | null] = [flavour(link, 0), flavour(link, 1)];
  const entries = link.authentication.model(flavours, sideOf(clientEnd), context);
  for (const entry of entries) {
    if (entry.user !== null) entry.user = utf8(entry.user);
    if (entry.authenticatorName !== null) entry.authenticatorName = utf8(entry.authenticatorName);
    if (entry.message !== null) entry.message = utf8(entry.message);
  }
  return entries;
}

/** The CHAP algorithm that `end` demands of the other, as acknowledged or else as last asked for. */
function flavour(link: PppLink, end: End): ChapAlgorithm | null {
  const requests = link.lcp.ends[end];
  const option = requests.agreedOption('authenticationProtocol') ?? requests.lastOption('authenticationProtocol');
  if (option === null) return null;
  const name = authenticationProtocolName(option.value.protocol, option.value.algorithm);
  return name === 'chap-md5' || name === 'ms-chap-v1' || name === 'ms-chap-v2' ? name : null;
}
