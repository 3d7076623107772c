/** The arithmetic of MS-CHAPv1 (RFC 2433) and MS-CHAPv2 (RFC 2759). Names are the RFCs'. Passwords are needed only where it is said. */
import { octetsOfCharacters } from '../octets/characters.ts';
import { joined } from '../octets/joined.ts';
import { desEncrypt } from './des.ts';
import { md4 } from './md4.ts';
import { sha1 } from './sha1.ts';

/** RFC 2759 §8.7 */
const magic1 = octetsOfCharacters('Magic server to client signing constant');
const magic2 = octetsOfCharacters('Pad to make it do more than one iteration');
/** RFC 2433 §A.3 */
const lanManagerText = octetsOfCharacters('KGS!@#$%');

/** NtPasswordHash, RFC 2759 §8.3: 16 octets of MD4 over the password in UTF-16, little end first. */
export function ntPasswordHash(password: string): Uint8Array {
  const octets = new Uint8Array(password.length * 2);
  const view = new DataView(octets.buffer);
  for (let index = 0; index < password.length; index += 1) view.setUint16(index * 2, password.charCodeAt(index), true);
  return md4(octets);
}

/** HashNtPasswordHash, RFC 2759 §8.4. */
export function hashNtPasswordHash(passwordHash: Uint8Array): Uint8Array {
  return md4(passwordHash);
}

/** LmPasswordHash, RFC 2433 §A.2: 16 octets; null for passwords that have none, with other than ASCII or more than 14 characters. */
export function lmPasswordHash(password: string): Uint8Array | null {
  if (password.length > 14 || !/^[\x20-\x7e]*$/.test(password)) return null;
  const key = new Uint8Array(14);
  key.set(octetsOfCharacters(password.toUpperCase()));
  return joined([desEncrypt(key.subarray(0, 7), lanManagerText), desEncrypt(key.subarray(7), lanManagerText)]);
}

/**
 * ChallengeHash, RFC 2759 §8.2: the 8 octets that the NT response is computed over. `userName` is the name of the Response
 * without the domain before its last backslash, as octets.
 */
export function challengeHash(
  peerChallenge: Uint8Array,
  authenticatorChallenge: Uint8Array,
  userName: Uint8Array,
): Uint8Array {
  return sha1(joined([peerChallenge, authenticatorChallenge, userName])).slice(0, 8);
}

/** Whether the 24 octets are ChallengeResponse, RFC 2759 §8.5, of a challenge of 8 octets. Mostly the first eight say that they are not. */
export function isResponseTo(challenge: Uint8Array, passwordHash: Uint8Array, response: Uint8Array): boolean {
  const key = joined([passwordHash, new Uint8Array(5)]);
  return [0, 1, 2].every((part) =>
    desEncrypt(key.subarray(part * 7, part * 7 + 7), challenge).every(
      (octet, index) => octet === response[part * 8 + index],
    ),
  );
}

/** GenerateAuthenticatorResponse, RFC 2759 §8.7: the 20 octets behind `S=`, by which the server shows that it knows the password. */
export function authenticatorResponse(
  passwordHash: Uint8Array,
  ntResponse: Uint8Array,
  challenge: Uint8Array,
): Uint8Array {
  const digest = sha1(joined([hashNtPasswordHash(passwordHash), ntResponse, magic1]));
  return sha1(joined([digest, challenge, magic2]));
}
