import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { any, octetText } from '../../test/support/arbitrary.ts';
import { octets, windowOf } from '../../test/support/octets.ts';
import { decode, encode } from '../wire/layout.ts';
import { changePasswordLayouts, msChapV1Response, msChapV2Response, responseOfChange } from './chap.ts';
import {
  authenticationAlgorithmNames,
  authenticationProtocolName,
  msChapErrorNames,
  msChapSuccessFault,
  parseMsChapFailure,
  parseMsChapSuccess,
  secretsIn,
  withoutSecrets,
} from './chap-message.ts';

const none = { errorCode: null, retryAllowed: null, challenge: null, version: null, message: null };

describe('parseMsChapSuccess', () => {
  const response = 'F1EFDC4F31C2602BB7DA889201309ACE76DC3F70';

  it.each([
    [`S=${response} M=Access granted`, response, 'Access granted'],
    [`S=${response}`, response, null],
    [`S=${response}M=Welcome`, response, 'Welcome'],
    [`S=${response.toLowerCase()} M=`, response.toLowerCase(), ''],
    [`S=${response}\0`, response, null],
    ['Access granted', null, null],
    [`M=hi S=${response}`, response, 'hi'],
    [` S=${response} M=hi`, response, 'hi'],
    [`M=S=${response}`, null, null],
    ['S=ABC M=short', null, null],
    ['', null, null],
  ])('%j', (text, authenticatorResponse, message) => {
    expect(parseMsChapSuccess(text)).toEqual({ authenticatorResponse, message });
  });
});

describe('msChapSuccessFault: S=<40 hexadecimal digits in upper case> M=<message> (RFC 2759 §5)', () => {
  const response = 'F1EFDC4F31C2602BB7DA889201309ACE76DC3F70';

  it.each([
    [`S=${response} M=Access granted`, null],
    [`S=${response} M=`, null],
    [`S=${response}`, null],
    ['Access granted', /no authenticator response/],
    ['', /no authenticator response/],
    [`S=${response.slice(1)} M=short`, /no authenticator response/],
    [`-S=${response}`, /first/],
    [`M=hi S=${response}`, /first/],
    [`S=${response}M=Welcome`, /space/],
    [`S=${response}\0`, /space/],
    [`S=${response.toLowerCase()} M=hi`, /upper case/],
  ])('%j', (text, fault) => {
    if (fault === null) expect(msChapSuccessFault(text)).toBeNull();
    else expect(msChapSuccessFault(text)).toMatch(fault);
  });
});

describe('parseMsChapFailure', () => {
  it.each([
    [
      'E=691 R=1 C=e272b6f1ddbfc8c2d7e98d1bb50c2ab0 V=0 M=Access denied',
      {
        errorCode: 691,
        retryAllowed: true,
        challenge: 'e272b6f1ddbfc8c2d7e98d1bb50c2ab0',
        version: 0,
        message: 'Access denied',
      },
    ],
    ['E=691 R=0 V=3', { ...none, errorCode: 691, retryAllowed: false, version: 3 }],
    [
      'E=648 R=0 C=102DB5DF085D3041 V=2',
      { ...none, errorCode: 648, retryAllowed: false, challenge: '102DB5DF085D3041', version: 2 },
    ],
    ['V=3 R=1 E=647', { ...none, errorCode: 647, retryAllowed: true, version: 3 }],
    ['E=691 M=E=1 R=1 in the message', { ...none, errorCode: 691, message: 'E=1 R=1 in the message' }],
    ['M=only', { ...none, message: 'only' }],
    ['M=E=5 R=1', { ...none, retryAllowed: true, message: 'E=5' }],
    ['M=bad password E=691', { ...none, errorCode: 691, message: 'bad password' }],
    [
      'M=again C=102DB5DF085D3041 E=691 R=1',
      { ...none, errorCode: 691, retryAllowed: true, challenge: '102DB5DF085D3041', message: 'again' },
    ],
    [
      'E=691 R=1 V=3 M=Say E=5 R=0',
      { ...none, errorCode: 691, retryAllowed: true, version: 3, message: 'Say E=5 R=0' },
    ],
    ['E=691 R=2', { ...none, errorCode: 691 }],
    ['E=99999999999', none],
    ['Authentication failure', none],
    ['', none],
  ])('%j', (text, expected) => {
    expect(parseMsChapFailure(text)).toEqual(expected);
  });

  it('takes any text', () => {
    fc.assert(
      fc.property(octetText(200), fc.constantFrom('', 'E=691 ', 'M='), (text, head) => {
        const { errorCode } = parseMsChapFailure(head + text);
        if (head === 'E=691 ') expect(errorCode).toBe(691);
        parseMsChapSuccess(head + text);
      }),
    );
  });
});

describe('what helps to find a password', () => {
  const signature = '407A5589115FD0D6209F510FE9C04566932CDA56';
  const challenge = '00112233445566778899AABBCCDDEEFF';

  it.each([
    [`S=${signature} M=hi`, 'S=*** M=hi'],
    [`M=hi S=${signature}`, 'M=hi S=***'],
    [`E=691R=0C=${challenge}V=3M=x`, 'E=691R=0C=***V=3M=x'],
    [`M=again C=${challenge} S=${signature}`, 'M=again C=*** S=***'],
    [`C=${challenge.toLowerCase()}`, 'C=***'],
    ['E=691 R=1 V=3 M=CS=1', 'E=691 R=1 V=3 M=CS=1'],
  ])('%j', (text, bare) => {
    expect(withoutSecrets(text, [])).toBe(bare);
  });

  it.each([
    ['Sw0rdfish!', 'no such user alice/Sw0rdfish!x', 'no such user alice/***x'],
    ['', 'nothing to cover', 'nothing to cover'],
    // Of few characters, where they are a word: in others they are part of any text.
    ['not', 'MPPE required but not available', 'MPPE required but *** available'],
    ['b', 'MPPE required but not available', 'MPPE required but not available'],
    ['ab1', "'ab1' and xab1 are refused", "'***' and xab1 are refused"],
  ])('the password %j in %j', (password, text, bare) => {
    expect(withoutSecrets(text, [password])).toBe(bare);
  });

  it('is found by its place', () => {
    const text = `M=a C=${challenge} S=${signature}`;
    const found = secretsIn(text, []).map(({ name, start, end }) => [name, text.slice(start, end)]);
    expect(found).toEqual([
      ['challenge', challenge],
      ['authenticatorResponse', signature],
    ]);
  });
});

it('names what an Authentication-Protocol option asks for', () => {
  expect(authenticationProtocolName(0xc023, null)).toBe('pap');
  expect(authenticationProtocolName(0xc027, null)).toBe('spap');
  expect(authenticationProtocolName(0xc227, null)).toBe('eap');
  expect(authenticationProtocolName(0xc223, 0x05)).toBe('chap-md5');
  expect(authenticationProtocolName(0xc223, 0x80)).toBe('ms-chap-v1');
  expect(authenticationProtocolName(0xc223, 0x81)).toBe('ms-chap-v2');
  expect(authenticationProtocolName(0xc223, 0x06)).toBe('other');
  expect(authenticationProtocolName(0xc223, null)).toBe('other');
  expect(authenticationProtocolName(0xc281, null)).toBe('other');
  expect(authenticationAlgorithmNames[0x81]).toBe('MS-CHAP-2');
  expect(authenticationAlgorithmNames[0xfe]).toBeUndefined();
  expect(msChapErrorNames[648]).toBe('ERROR_PASSWD_EXPIRED');
});

describe('the layouts inside CHAP', () => {
  it('have the sizes of their RFCs', () => {
    // RFC 2433 §6 and RFC 2759 §4: 49 octets. RFC 2433 §9, §10 and RFC 2759 §7: 72, 1118, 586 with the header of 4.
    expect(encode(msChapV1Response, {}).length).toBe(49);
    expect(encode(msChapV2Response, {}).length).toBe(49);
    expect(4 + encode(changePasswordLayouts[5], {}).length).toBe(72);
    expect(4 + encode(changePasswordLayouts[6], {}).length).toBe(1118);
    expect(4 + encode(changePasswordLayouts[7], {}).length).toBe(586);
  });

  it('take a captured response apart', () => {
    // 01-mschapv2-mppe128-stateless-client.pcap, frame 17.
    const value = octets(
      'a51b77fde0fd6253b90530f0549ec5f8 0000000000000000',
      'e903746869a3dc2729791f252354e3793328b84c369833ad 00',
    );
    const { window, start, end } = windowOf(value);
    expect(decode(msChapV2Response, window, start, end)).toMatchObject({
      value: {
        peerChallenge: octets('a51b77fde0fd6253b90530f0549ec5f8'),
        ntResponse: octets('e903746869a3dc2729791f252354e3793328b84c369833ad'),
        flags: 0,
      },
    });
  });

  it('give the response that a Change-Password holds', () => {
    // RFC 2759 §7: 516 and 16 octets, 16 of Peer-Challenge, 8 reserved, 24 of NT-Response, 2 of flags.
    const second = octets('ee'.repeat(532), '11'.repeat(16), '00'.repeat(8), '22'.repeat(24), '0000');
    expect(responseOfChange(7, second)).toEqual(octets('11'.repeat(16), '00'.repeat(8), '22'.repeat(24), '00'));
    expect(responseOfChange(7, second.subarray(1))).toBeNull();
    // RFC 2433 §10: twice 516 and 16 octets, 24 of the LAN Manager response, 24 of the NT response, and bit 0 of the flags.
    const first = octets('ee'.repeat(1064), '33'.repeat(24), '44'.repeat(24), '0001');
    expect(responseOfChange(6, first)).toEqual(octets('33'.repeat(24), '44'.repeat(24), '01'));
    // RFC 2433 §9: hashes alone.
    expect(responseOfChange(5, new Uint8Array(68))).toBeNull();
  });

  it.each([msChapV1Response, msChapV2Response, ...Object.values(changePasswordLayouts)])(
    '$name loses nothing',
    (format) => {
      fc.assert(
        fc.property(any(format as typeof msChapV1Response), (value) => {
          const { window, start, end } = windowOf(encode(format as typeof msChapV1Response, value));
          expect(decode(format as typeof msChapV1Response, window, start, end)).toMatchObject({ ok: true, value });
        }),
        { numRuns: 20 },
      );
    },
  );
});
