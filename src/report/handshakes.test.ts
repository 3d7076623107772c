import { describe, expect, test } from 'vitest';
import type { AuthenticationAttempt } from '../sessions/model/authentication.ts';
import { netNtlmV1 } from './handshakes.ts';

const attempt = (user: string, challenge: string, response: string): AuthenticationAttempt => {
  return { user, challenge, response, identifier: 1, challengeFrame: 1, responseFrame: 2, outcome: 'success' };
};

/** RFC 2759 §9.2 */
const authenticatorChallenge = '5b5d7c7d7b3f2f3e3c2c602132262628';
const peerChallenge = '21402324255e262a28295f2b3a337c7e';
const ntResponse = '82309ecd8d708b5ea08faa3981cd83544233114a3d85d6df';
const version2 = `${peerChallenge}${'00'.repeat(8)}${ntResponse}00`;

describe('MS-CHAPv2', () => {
  test('the exchange of RFC 2759 §9.2', () => {
    const line = netNtlmV1(attempt('User', authenticatorChallenge, version2), 'ms-chap-v2');
    expect(line).toBe(`User::::${ntResponse}:d02e4386bce91226`);
  });

  test('the domain takes no part in the challenge hash', () => {
    const line = netNtlmV1(attempt('CORP\\User', authenticatorChallenge, version2), 'ms-chap-v2');
    expect(line).toBe(`User::CORP::${ntResponse}:d02e4386bce91226`);
  });

  test('another user, another challenge', () => {
    const line = netNtlmV1(attempt('user', authenticatorChallenge, version2), 'ms-chap-v2');
    expect(line?.endsWith('d02e4386bce91226')).toBe(false);
  });

  test('inside EAP it is the same', () => {
    const line = netNtlmV1(attempt('User', authenticatorChallenge, version2), 'eap-ms-chap-v2');
    expect(line).toBe(`User::::${ntResponse}:d02e4386bce91226`);
  });
});

describe('MS-CHAPv1', () => {
  const lanManager = 'ab'.repeat(24);

  test('with a LAN Manager response', () => {
    const line = netNtlmV1(attempt('bob', '0102030405060708', `${lanManager}${ntResponse}01`), 'ms-chap-v1');
    expect(line).toBe(`bob:::${lanManager}:${ntResponse}:0102030405060708`);
  });

  test('without: zeros would mean something else', () => {
    const line = netNtlmV1(attempt('bob', '0102030405060708', `${'00'.repeat(24)}${ntResponse}01`), 'ms-chap-v1');
    expect(line).toBe(`bob::::${ntResponse}:0102030405060708`);
  });
});

test.each([
  ['a response that is too short', 'User', authenticatorChallenge, 'abcd'],
  ['a challenge of the other version', 'User', '0102030405060708', version2],
  ['no digits', 'User', 'xyz', version2],
])('%s: nothing', (_what, user, challenge, response) => {
  expect(netNtlmV1(attempt(user, challenge, response), 'ms-chap-v2')).toBeNull();
});

test('a name that would break the line', () => {
  const line = netNtlmV1(attempt('a:b\nc', authenticatorChallenge, version2), 'ms-chap-v2');
  expect(line?.split(':')).toHaveLength(6);
  expect(line).not.toContain('\n');
});
