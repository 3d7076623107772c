/** Which challenge, response and verdict belong together, from sessions written by the words of the RFCs. */
import { describe, expect, it } from 'vitest';
import { reportOf } from '../../test/support/analysis.ts';
import { AuditSession, demands, goodChallenge, letters } from '../../test/support/audit-sessions.ts';
import { pcapFile } from '../../test/support/captures.ts';
import { octets } from '../../test/support/octets.ts';
import { u16, u32 } from '../../test/support/packets.ts';
import { handshakesOf } from '../report/handshakes.ts';
import type { Authentication } from './model/authentication.ts';

type Side = 'client' | 'server';

const reported = ({ frames }: AuditSession) => reportOf(pcapFile(frames), [], 'test', { keepSecrets: true });

function exchangesOf(session: AuditSession): Authentication[] {
  return reported(session).tunnels.flatMap(({ calls }) => calls.flatMap(({ authentication }) => authentication));
}

function exchangeOf(session: AuditSession): Authentication {
  const [exchange, ...more] = exchangesOf(session);
  if (exchange === undefined || more.length > 0) throw new Error('not one exchange');
  return exchange;
}

const opened = (demand: readonly number[]): AuditSession => AuditSession.connected().opensLcp(demand);

/** The frame that comes next. */
const next = ({ frames }: AuditSession): number => frames.length + 1;

const chap = (session: AuditSession, from: Side, code: number, identifier: number, body: ArrayLike<number>): void => {
  session.both(from, 0xc223, code, identifier, body);
};

const eap = (
  session: AuditSession,
  from: Side,
  code: number,
  identifier: number,
  ...body: ArrayLike<number>[]
): void => {
  session.both(
    from,
    0xc227,
    code,
    identifier,
    body.flatMap((part) => Array.from(part)),
  );
};

const pairs = ({ secrets }: Authentication) =>
  secrets?.attempts.map(({ challenge, challengeFrame, responseFrame, outcome }) => ({
    challenge,
    challengeFrame,
    responseFrame,
    outcome,
  }));

/** RFC 2759 §9.2: user "User", password "clientPass". */
const vector = {
  challenge: '5b5d7c7d7b3f2f3e3c2c602132262628',
  peerChallenge: '21402324255e262a28295f2b3a337c7e',
  ntResponse: '82309ecd8d708b5ea08faa3981cd83544233114a3d85d6df',
  line: 'User::::82309ecd8d708b5ea08faa3981cd83544233114a3d85d6df:d02e4386bce91226',
};

describe('a retry', () => {
  const retry = (text: string): AuditSession => {
    const session = opened(demands.msChapV1);
    chap(session, 'server', 1, 1, [8, ...octets('102db5df085d3041'), ...letters('srv')]);
    chap(session, 'client', 2, 1, [49, ...Array.from({ length: 49 }, () => 7), ...letters('bob')]);
    // Sent again, as where the client did not hear it.
    for (let times = 0; times < 2; times += 1) chap(session, 'server', 4, 1, letters(text));
    chap(session, 'client', 2, 2, [49, ...Array.from({ length: 49 }, () => 9), ...letters('bob')]);
    chap(session, 'server', 4, 2, letters(text));
    chap(session, 'client', 2, 3, [49, ...Array.from({ length: 49 }, () => 8), ...letters('bob')]);
    chap(session, 'server', 3, 3, letters('ok'));
    return session;
  };

  it('of MS-CHAPv1 without C= answers the challenge before and 23, and 23 once more. RFC 2433 §8, B.1.4', () => {
    expect(pairs(exchangeOf(retry('E=691 R=1')))).toMatchObject([
      { challenge: '102db5df085d3041', outcome: 'failure' },
      { challenge: '272db5df085d3041', outcome: 'failure' },
      { challenge: '3e2db5df085d3041', outcome: 'success' },
    ]);
  });

  it('that is not allowed changes no challenge', () => {
    const challenges = pairs(exchangeOf(retry('E=691 R=0')))?.map(({ challenge }) => challenge);
    expect(new Set(challenges)).toEqual(new Set(['102db5df085d3041']));
  });

  it('answers C= where the Failure has it', () => {
    const challenges = pairs(exchangeOf(retry('E=691 R=1 C=0123456789abcdef')))?.map(({ challenge }) => challenge);
    expect(challenges).toEqual(['102db5df085d3041', '0123456789abcdef', '0123456789abcdef']);
  });
});

it('what EAP notifies the user of is what the authenticator says. RFC 3748 §5.2', () => {
  const session = opened(demands.eap);
  eap(session, 'server', 1, 1, [1]);
  eap(session, 'client', 2, 1, [1], letters('bob'));
  eap(session, 'server', 1, 2, [2], letters('Your account has expired'));
  eap(session, 'client', 2, 2, [2]);
  eap(session, 'server', 4, 2);
  expect(exchangeOf(session)).toMatchObject({ outcome: 'failure', message: 'Your account has expired', user: 'bob' });
});

describe('more attempts than are kept', () => {
  const exchange = (tries: number) => {
    const session = opened(demands.msChapV2);
    chap(session, 'server', 1, 0, [16, ...goodChallenge, ...letters('GW')]);
    for (let at = 0; at < tries; at += 1) {
      chap(session, 'client', 2, at, [49, ...Array.from({ length: 49 }, () => at + 1), ...letters('User')]);
      if (at < tries - 1) chap(session, 'server', 4, at, letters(`E=691 R=1 C=${vector.challenge} V=3 M=no`));
    }
    chap(session, 'server', 3, tries - 1, letters(`S=${'0123456789'.repeat(4)} M=yes`));
    return exchangeOf(session);
  };

  it.each([16, 17, 40])('the first is kept, and the one that is accepted: %i', (tries) => {
    const attempts = exchange(tries).secrets?.attempts ?? [];
    expect(attempts).toHaveLength(16);
    expect(attempts[0]).toMatchObject({ identifier: 0, outcome: 'failure' });
    expect(attempts.at(-1)).toMatchObject({ identifier: tries - 1, outcome: 'success' });
  });
});

it('a capture that is out of order may show the response behind its Success: it is an attempt all the same', () => {
  const session = opened(demands.msChapV2);
  const response = [49, ...Array.from({ length: 49 }, (_, at) => at * 3), ...letters('User')];
  chap(session, 'server', 3, 1, letters(`S=${'0123456789'.repeat(4)} M=yes`));
  chap(session, 'client', 2, 1, response);
  chap(session, 'server', 1, 1, [16, ...goodChallenge, ...letters('GW')]);
  chap(session, 'client', 2, 1, response);
  expect(exchangeOf(session)).toMatchObject({ outcome: 'success', handshakeComplete: true, attempts: 1, user: 'User' });
});

describe('in a capture that is out of order', () => {
  const challenged = (session: AuditSession) => chap(session, 'server', 1, 1, [16, ...goodChallenge, ...letters('GW')]);
  const responded = (session: AuditSession, identifier: number) =>
    chap(session, 'client', 2, identifier, [49, ...Array.from({ length: 49 }, () => identifier), ...letters('User')]);
  const refused = (session: AuditSession, identifier: number) =>
    chap(session, 'server', 4, identifier, letters(`E=691 R=1 C=${vector.challenge} V=3 M=no`));

  it('the response of a Failure that stands before it does not undo that', () => {
    const session = opened(demands.msChapV2);
    challenged(session);
    refused(session, 1);
    responded(session, 1);
    expect(exchangeOf(session)).toMatchObject({ outcome: 'failure', errorCode: 691, attempts: 1 });
  });

  it('another response than that of the Failure does, and one with the identifier of an answered one', () => {
    for (const identifier of [1, 2]) {
      const session = opened(demands.msChapV2);
      challenged(session);
      responded(session, 1);
      refused(session, 1);
      responded(session, identifier);
      expect(exchangeOf(session)).toMatchObject({ outcome: 'unfinished', attempts: identifier });
    }
  });

  it.each([
    [2, 'success'],
    [3, 'failure'],
  ] as const)('a request of PAP that stands behind its answer belongs to it: code %i', (code, outcome) => {
    const session = opened(demands.pap);
    session.both('server', 0xc023, code, 1, [2, ...letters('ok')]);
    session.both('client', 0xc023, 1, 1, [3, ...letters('bob'), 2, ...letters('pw')]);
    expect(exchangeOf(session)).toMatchObject({ outcome, user: 'bob', attempts: 1, handshakeComplete: true });
  });
});

describe('a Success that the capture cut', () => {
  const session = opened(demands.msChapV2);
  chap(session, 'server', 1, 1, [16, ...goodChallenge, ...letters('GW')]);
  chap(session, 'client', 2, 1, [49, ...Array.from({ length: 49 }, (_, at) => at * 3), ...letters('User')]);
  chap(session, 'server', 4, 1, letters(`E=691 R=1 C=${vector.challenge} V=3 M=no`));
  chap(session, 'client', 2, 2, [49, ...Array.from({ length: 49 }, (_, at) => at * 5), ...letters('User')]);
  chap(session, 'server', 3, 2, letters(`S=${'0123456789'.repeat(4)} M=yes`));
  const exchange = (octetsMissing: number): Authentication | undefined => {
    const records = session.frames.map((frame, at) => {
      const kept = frame.octets.length - (at === session.frames.length - 1 ? octetsMissing : 0);
      return { ...frame, wireLength: frame.octets.length, octets: frame.octets.slice(0, kept) };
    });
    return reportOf(pcapFile(records)).tunnels[0]?.calls[0]?.authentication[0];
  };

  it.each([
    [0, 'yes'],
    [10, null],
  ])('by %i octets has the words %j, and not those of the Failure before it', (missing, message) => {
    expect(exchange(missing)).toMatchObject({ outcome: 'success', message, evidence: { successFault: null } });
  });
});

describe('Change-Password', () => {
  /** Expired, changed, and the verdict on that. RFC 2759 §6, §7 */
  const changed = (retryAllowed: 0 | 1, verdict: (session: AuditSession) => void) => {
    const session = opened(demands.msChapV2);
    const challenge = next(session);
    chap(session, 'server', 1, 1, [16, ...goodChallenge, ...letters('GW')]);
    chap(session, 'client', 2, 1, [49, ...Array.from({ length: 49 }, (_, at) => at * 3), ...letters('User')]);
    chap(session, 'server', 4, 1, letters(`E=648 R=${retryAllowed} C=${vector.challenge.toUpperCase()} V=3 M=expired`));
    const change = ['ee'.repeat(532), vector.peerChallenge, '00'.repeat(8), vector.ntResponse, '0000'];
    chap(session, 'client', 7, 2, octets(...change));
    verdict(session);
    return { session, challenge };
  };

  it.each([0, 1] as const)('answers C= of the Failure, and is what Success accepts: R=%i', (retryAllowed) => {
    const { session, challenge } = changed(retryAllowed, (one) => chap(one, 'server', 3, 2, letters('S=00 M=Welcome')));
    const exchange = exchangeOf(session);
    expect(exchange).toMatchObject({ outcome: 'success', attempts: 2 });
    expect(exchange.evidence).toMatchObject({
      challengeFrame: challenge + 2,
      responseFrame: challenge + 3,
      resultFrame: challenge + 4,
      passwordChangeFrames: [challenge + 3],
    });
    expect(pairs(exchange)).toMatchObject([
      { challengeFrame: challenge, responseFrame: challenge + 1, outcome: 'failure' },
      { challenge: vector.challenge, challengeFrame: challenge + 2, responseFrame: challenge + 3, outcome: 'success' },
    ]);
    const [handshake] = handshakesOf(reported(session));
    expect(handshake?.netNtlmV1?.[1]).toBe(vector.line);
  });

  it('that is refused leaves the response before refused too', () => {
    const { session } = changed(1, (one) => chap(one, 'server', 4, 2, letters('E=709 R=0 V=3 M=Policy')));
    expect(pairs(exchangeOf(session))).toMatchObject([{ outcome: 'failure' }, { outcome: 'failure' }]);
  });

  it('of MS-CHAPv1 answers the challenge of the last response. RFC 2433 §10', () => {
    const session = opened(demands.msChapV1);
    chap(session, 'server', 1, 1, [8, ...octets('102db5df085d3041'), ...letters('srv')]);
    chap(session, 'client', 2, 1, [49, ...Array.from({ length: 49 }, () => 9), ...letters('bob')]);
    chap(session, 'server', 4, 1, letters('E=648 R=1 V=2'));
    chap(session, 'client', 6, 2, octets('ee'.repeat(1064), '00'.repeat(24), '44'.repeat(24), '0001'));
    chap(session, 'server', 3, 2, letters('ok'));
    expect(exchangeOf(session).secrets?.attempts[1]).toMatchObject({
      challenge: '102db5df085d3041',
      response: `${'00'.repeat(24)}${'44'.repeat(24)}01`,
      outcome: 'success',
    });
  });
});

it('a challenge that nobody answers does not take the place of the one that was', () => {
  const session = opened(demands.msChapV2);
  const challenge = next(session);
  session.challenge().response(Array.from({ length: 49 }, (_, at) => at * 3));
  session.failure('E=691 R=1 C=00112233445566778899AABBCCDDEEFF V=3 M=no');
  expect(exchangeOf(session).evidence).toMatchObject({ challengeFrame: challenge, responseFrame: challenge + 1 });
});

it('the words of a verdict are read in whatever order, and their secrets covered', () => {
  const session = opened(demands.msChapV2)
    .challenge()
    .response(Array.from({ length: 49 }, (_, at) => at * 3));
  session.failure('M=again C=00112233445566778899AABBCCDDEEFF E=691 R=1');
  expect(exchangeOf(session)).toMatchObject({ errorCode: 691, retryAllowed: true, message: 'again' });
  session
    .response(Array.from({ length: 49 }, (_, at) => at * 5))
    .success('server', 'E=0C=00112233445566778899AABBCCDDEEFF');
  expect(exchangeOf(session).message).toBe('E=0C=***');
});

describe('EAP', () => {
  it.each([
    [5, 'otp-md5 99 ke1234', 'AT SORE ROTH'],
    [6, 'Password: ', 'hunter2'],
  ])('type %i: what was typed is the password. RFC 3748 §5.5, §5.6', (type, question, answer) => {
    const session = opened(demands.eap);
    eap(session, 'server', 1, 2, [type], letters(question));
    eap(session, 'client', 2, 2, [type], letters(answer));
    eap(session, 'server', 3, 2);
    const { secrets, evidence } = exchangeOf(session);
    expect(secrets?.password).toBe(answer);
    expect(evidence).toMatchObject({ eapType: type, passwordInClear: true });
  });

  it('Expanded Types of the IETF are the types that they stand for. RFC 3748 §5.7', () => {
    const session = opened(demands.eap);
    const expanded = (type: number): number[] => [254, 0, 0, 0, ...u32(type)];
    eap(session, 'server', 1, 1, expanded(1));
    eap(session, 'client', 2, 1, expanded(1), letters('User'));
    const challenge = [16, ...octets(vector.challenge), ...letters('srv')];
    eap(session, 'server', 1, 2, expanded(26), [1, 2, ...u16(4 + challenge.length)], challenge);
    const value = octets(vector.peerChallenge, '00'.repeat(8), vector.ntResponse, '00');
    eap(session, 'client', 2, 2, expanded(26), [2, 2, ...u16(58), 49, ...value], letters('User'));
    eap(session, 'server', 3, 2);
    const exchange = exchangeOf(session);
    expect(exchange).toMatchObject({ protocol: 'eap-ms-chap-v2', user: 'User', evidence: { eapType: 26 } });
    expect(handshakesOf(reported(session))[0]?.netNtlmV1).toEqual([vector.line]);
  });

  it('codes that EAP does not have are nobody’s exchange. RFC 3748 §4', () => {
    const session = opened(demands.eap);
    eap(session, 'server', 5, 1, [1, 0]);
    eap(session, 'server', 1, 2, [4, 16], goodChallenge, letters('srv'));
    eap(session, 'client', 2, 2, [4, 16], goodChallenge.toReversed(), letters('bob'));
    eap(session, 'server', 3, 2);
    expect(exchangesOf(session)).toMatchObject([{ protocol: 'eap-md5', authenticator: 'server', outcome: 'success' }]);
  });

  it.each([
    ['a Nak', [3, 26, 25, 26], [26, 25]],
    ['a Nak of nothing', [3, 0], [0]],
    ['an Expanded Nak', [254, 0, 0, 0, ...u32(3), 254, 0, 0, 0, ...u32(26)], [26]],
  ])('%s says what the peer wants. RFC 3748 §5.3', (_what, nak, desired) => {
    const session = opened(demands.eap);
    eap(session, 'server', 1, 1, [13, 0x20]);
    eap(session, 'client', 2, 1, nak);
    expect(exchangeOf(session).evidence).toMatchObject({ eapType: null, eapDesiredTypes: desired });
    eap(session, 'server', 1, 2, [26, 1, 2, ...u16(24), 16], goodChallenge, letters('srv'));
    expect(exchangeOf(session).evidence.eapDesiredTypes).toBeNull();
  });

  it('MS-CHAPv2: the response before a retry was refused', () => {
    const session = opened(demands.eap);
    const response = (identifier: number, octet: number): void =>
      eap(
        session,
        'client',
        2,
        identifier,
        [26, 2, identifier, ...u16(57), 49],
        Array.from({ length: 49 }, () => octet),
        letters('bob'),
      );
    eap(session, 'server', 1, 1, [26, 1, 1, ...u16(24), 16], goodChallenge, letters('srv'));
    response(1, 3);
    eap(session, 'server', 1, 2, [26, 4, 1, ...u16(44)], letters(`E=691 R=1 C=${vector.challenge} V=3 M=no`));
    response(2, 4);
    eap(session, 'server', 3, 3);
    expect(pairs(exchangeOf(session))).toMatchObject([
      { outcome: 'failure' },
      { challenge: vector.challenge, outcome: 'success' },
    ]);
  });
});
