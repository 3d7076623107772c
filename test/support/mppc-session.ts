/** PPTP sessions under MPPC, with MPPE and alone, of the client of RFC 2759 §9.2. */

import { type KeyBits, masterSessionKey } from '../../src/crypto/mppe-keys.ts';
import { hashNtPasswordHash, ntPasswordHash } from '../../src/crypto/ms-chap.ts';
import { AuditSession, demands } from './audit-sessions.ts';
import type { CompressedPacket } from './mppc.ts';
import { MppeSender, type SentPacket } from './mppe-sender.ts';
import { octets as hex } from './octets.ts';
import { octets, u16 } from './packets.ts';

type Side = 'client' | 'server';

/** RFC 2759 §9.2 */
export const password = 'clientPass';
const challenge = [...hex('5B5D7C7D7B3F2F3E3C2C602132262628')];
const response = hex('82309ECD8D708B5EA08FAA3981CD83544233114A3D85D6DF');
const responseValue = [...hex('21402324255E262A28295F2B3A337C7E'), ...new Uint8Array(8), ...response, 0];

const serverProof = 'S=407A5589115FD0D6209F510FE9C04566932CDA56 M=OK';

/** `mask`: what both sides agree on in CCP. RFC 3078 §2 */
export function connected(mask: number): AuditSession {
  const session = AuditSession.connected().opensLcp(demands.msChapV2).challenge(challenge);
  session.response(responseValue, 'User').success('server', serverProof);
  return session.ccp(mask, mask).ipcp();
}

/** The other way round as well: another exchange that the password explains. */
export function authenticatesServer(session: AuditSession): void {
  session.challenge(challenge, 'client', 8).response(responseValue, 'User', 'server', 8).success('client', serverProof);
}

export function pppOf({ word, octets: data }: SentPacket): Uint8Array {
  return octets([0xff, 0x03], u16(0x00fd), u16(word), data);
}

/** PPP packets of one side, in their order. */
export function encrypted(
  packets: readonly CompressedPacket[],
  bits: KeyBits,
  stateless: boolean,
  from: Side = 'client',
): Uint8Array[] {
  const hashed = hashNtPasswordHash(ntPasswordHash(password));
  const key = masterSessionKey(hashed, response, from === 'client' ? 'peer' : 'authenticator', bits);
  const sender = new MppeSender(key, bits, stateless);
  return packets.map(({ flags, data }) => pppOf(sender.send(Uint8Array.from(data), flags)));
}

/** MPPC alone. */
export function inClear(packets: readonly CompressedPacket[]): Uint8Array[] {
  return packets.map(({ flags, data }, count) => pppOf({ word: flags | count, octets: Uint8Array.from(data) }));
}

/** The client sends these. */
export function session(mask: number, packets: readonly Uint8Array[]): AuditSession {
  const one = connected(mask);
  for (const packet of packets) one.gre('client', packet);
  return one;
}
