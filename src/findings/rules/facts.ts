/** What several rules ask of a call. */
import { strongest } from '../../ppp/ccp.ts';
import type { Authentication, AuthenticationProtocol } from '../../sessions/model/authentication.ts';
import type { Call } from '../../sessions/model/call.ts';
import type { MppeNegotiation } from '../../sessions/model/encryption.ts';
import type { Hit, Severity } from './rule.ts';

/** How MPPE's option went for each side that asked for encryption with it: without a key length it asks for none. RFC 3078 §2.1 */
export function mppeRequests({ encryption }: Call): MppeNegotiation[] {
  const { client, server } = encryption.mppeNegotiation;
  return [client, server].flatMap((one) => (one?.requested.some((bits) => strongest(bits) !== null) ? [one] : []));
}

/** Where no encryption came about: a side all of whose requests for MPPE were like that. */
export function insistedOn(call: Call, like: (bits: number) => boolean): MppeNegotiation | null {
  if (call.encryption.agreed !== 'none') return null;
  return mppeRequests(call).find(({ requested }) => requested.every(like)) ?? null;
}

/** Packets of user data in either direction. */
export function carriesData({ gre }: Call): boolean {
  return gre.clientToServer.userBytes + gre.serverToClient.userBytes > 0;
}

export function networkOpened({ network }: Call): boolean {
  return network.ipcp === 'opened' || network.ipv6cp === 'opened';
}

/** First packets of user data. */
export function dataFrames({ gre }: Call): (number | null)[] {
  return [gre.clientToServer.firstDataFrame, gre.serverToClient.firstDataFrame];
}

export function exchangesOf(call: Call, ...protocols: readonly AuthenticationProtocol[]): Authentication[] {
  return call.authentication.filter(({ protocol }) => protocols.includes(protocol));
}

/** ` of user alice`, ` of users alice, bob`; nothing where none is known. */
export function ofUsers(exchanges: readonly Authentication[]): string {
  const users = [...new Set(exchanges.flatMap(({ user }) => (user === null || user === '' ? [] : [user])))];
  return users.length === 0 ? '' : ` of user${users.length === 1 ? '' : 's'} ${users.join(', ')}`;
}

/** What was agreed or proposed of a method of which no exchange was seen. */
export function agreedOrProposed(call: Call, protocol: string, name: string, offered: Severity): Hit | null {
  const { lcp } = call;
  const side = (['server', 'client'] as const).find((one) => lcp[one]?.authenticationProtocol === protocol);
  if (side !== undefined && lcp.openedFrame !== null) {
    return { basis: 'negotiated', frames: [lcp.openedFrame], detail: `LCP agreed that the ${side} demands ${name}.` };
  }
  const proposal = lcp.authenticationProposals.find((one) => one.protocol === protocol);
  if (proposal === undefined) return null;
  const how = proposal.demanded ? 'demanded' : 'named as what it would answer';
  const detail = `${name} was ${how} by the ${proposal.by}; no exchange of it was seen.`;
  return { basis: 'offered', frames: [proposal.frame], detail, severity: offered };
}
