/** The part of MS-CHAPv2's arithmetic that needs no password. RFC 2759 §8 */
import { sha1 } from './sha1.ts';

/**
 * ChallengeHash, RFC 2759 §8.2: the 8 octets that the NT response is computed over. `userName` is the name of the Response
 * without the domain before its last backslash, as octets.
 */
export function challengeHash(
  peerChallenge: Uint8Array,
  authenticatorChallenge: Uint8Array,
  userName: Uint8Array,
): Uint8Array {
  const joined = new Uint8Array(peerChallenge.length + authenticatorChallenge.length + userName.length);
  joined.set(peerChallenge);
  joined.set(authenticatorChallenge, peerChallenge.length);
  joined.set(userName, peerChallenge.length + authenticatorChallenge.length);
  return sha1(joined).slice(0, 8);
}
