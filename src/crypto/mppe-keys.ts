/** Session keys of MPPE, of MS-CHAP's passwords and responses. RFC 3079; §7.3 of RFC 3078 says when they change. */
import { octetsOfCharacters } from '../octets/characters.ts';
import { joined } from '../octets/joined.ts';
import { Rc4 } from './rc4.ts';
import { sha1 } from './sha1.ts';

/** Bits of a session key. RFC 3078 §2 */
export type KeyBits = 40 | 56 | 128;

const padding1 = new Uint8Array(40);
const padding2 = new Uint8Array(40).fill(0xf2);
/** RFC 3079 §3.4 */
const masterKeyText = octetsOfCharacters('This is the MPPE Master Key');
const peerSendsText = octetsOfCharacters(
  'On the client side, this is the send key; on the server side, it is the receive key.',
);
const peerReceivesText = octetsOfCharacters(
  'On the client side, this is the receive key; on the server side, it is the send key.',
);
/** The first octets of keys of 40 and 56 bits. RFC 3079 §2.1, §2.2 */
const known: Readonly<Record<KeyBits, readonly number[]>> = { 40: [0xd1, 0x26, 0x9e], 56: [0xd1], 128: [] };

/**
 * GetMasterKey and GetAsymmetricStartKey of MS-CHAPv2, RFC 3079 §3.4: 8 octets for 40 and 56 bits, 16 for 128. `from`: who sends
 * what is encrypted with it, the authenticator or its peer.
 */
export function masterSessionKey(
  hashOfPasswordHash: Uint8Array,
  ntResponse: Uint8Array,
  from: 'peer' | 'authenticator',
  bits: KeyBits,
): Uint8Array {
  const master = sha1(joined([hashOfPasswordHash, ntResponse, masterKeyText])).subarray(0, 16);
  const text = from === 'peer' ? peerSendsText : peerReceivesText;
  return sha1(joined([master, padding1, text, padding2])).slice(0, keyOctets(bits));
}

/**
 * Get_Start_Key of MS-CHAPv1 for 128 bits, for both directions. RFC 3079 §2.3, §2.4. For fewer bits the RFC takes the first octets of
 * LmPasswordHash (§2.1, §2.2); pppd takes the first of this.
 */
export function startKeyOfVersion1(hashOfPasswordHash: Uint8Array, challenge: Uint8Array, bits: KeyBits): Uint8Array {
  return sha1(joined([hashOfPasswordHash, hashOfPasswordHash, challenge])).slice(0, keyOctets(bits));
}

/** The key that a direction begins with. RFC 3079 §2.1 to §2.3, §3.1 to §3.3 */
export function initialSessionKey(master: Uint8Array, bits: KeyBits): Uint8Array {
  return weakened(newKeyFromSha(master, master, bits), bits);
}

/** The key after `current`. RFC 3078 §7.3 */
export function nextSessionKey(master: Uint8Array, current: Uint8Array, bits: KeyBits): Uint8Array {
  const interim = newKeyFromSha(master, current, bits);
  return weakened(new Rc4(interim).apply(interim), bits);
}

function keyOctets(bits: KeyBits): number {
  return bits === 128 ? 16 : 8;
}

/** Get_Key, RFC 3079 §2.4; GetNewKeyFromSHA, RFC 3078 §7.3. */
function newKeyFromSha(start: Uint8Array, session: Uint8Array, bits: KeyBits): Uint8Array {
  return sha1(joined([start, padding1, session, padding2])).slice(0, keyOctets(bits));
}

/** What makes 64 bits 40 or 56. */
function weakened(key: Uint8Array, bits: KeyBits): Uint8Array {
  key.set(known[bits]);
  return key;
}
