import { describe, expect, it } from 'vitest';
import { octets, padded, windowOf } from '../../test/support/octets.ts';
import { eapMsChapOpCodes, eapTypeNames, tlsAlertNames, tlsHandshakeNames } from './eap.ts';
import { decodePppControl, encodePppControl } from './packet.ts';

function body(...digits: readonly string[]) {
  const rest = octets(...digits.slice(1));
  const head = octets(digits[0] ?? '');
  const length = 2 + head.length + rest.length;
  const bytes = Uint8Array.from([head[0] ?? 0, head[1] ?? 0, length >> 8, length & 0xff, ...rest]);
  const { window, start, end } = windowOf(bytes);
  const read = decodePppControl(0xc227, window, start, end, false);
  if (!read.ok) throw new Error('malformed');
  expect(encodePppControl(read.value)).toEqual(bytes);
  return read.value.body;
}

describe('EAP', () => {
  it('reads identities', () => {
    expect(body('02 bd', '01', padded('alice', 5))).toMatchObject({
      kind: 'response',
      type: 1,
      typeName: 'Identity',
      identity: 'alice',
    });
    expect(body('01 bd', '01')).toMatchObject({ kind: 'request', identity: null });
  });

  it('reads notifications and token cards', () => {
    expect(body('01 01', '02', padded('soon', 4))).toMatchObject({ typeName: 'Notification', message: 'soon' });
    expect(body('01 01', '06', padded('code?', 5))).toMatchObject({ typeName: 'Generic Token Card', message: 'code?' });
    expect(body('01 01', '05', padded('otp-md5', 7))).toMatchObject({
      typeName: 'One-Time Password',
      message: 'otp-md5',
    });
  });

  it.each(['05', '06'])('reads what was typed: type %s', (type) => {
    // RFC 3748 §5.5, §5.6: the answer is what the user enters.
    const answer = body('02 01', type, padded('AT SORE', 7));
    expect(answer).toMatchObject({ kind: 'response', password: 'AT SORE' });
    expect(answer).not.toHaveProperty('message');
  });

  it('reads what a peer would rather use', () => {
    expect(body('02 01', '03 0d 19')).toMatchObject({ typeName: 'Legacy Nak', desiredTypes: [13, 25] });
  });

  // RFC 3748 §5.7: Vendor-Id 0 with a type below 256 is the same as the plain type.
  it('reads Expanded Types of the IETF as what they stand for', () => {
    const expanded = { vendorId: octets('000000'), vendorType: 1 };
    expect(body('02 bd', 'fe 000000 00000001', padded('alice', 5))).toMatchObject({
      type: 1,
      typeName: 'Identity',
      identity: 'alice',
      octets: octets(padded('alice', 5)),
      expanded,
    });
    const challenge = '10 60141ede6fe8718a95d0655947fce8a3';
    expect(body('01 05', 'fe 000000 0000001a', '01 05 001a', challenge, padded('pptpd', 5))).toMatchObject({
      type: 26,
      msChap: { opCode: 1, msChapV2Id: 5, name: 'pptpd' },
    });
  });

  it('keeps Expanded Types of vendors apart', () => {
    const vendor = body('01 05', 'fe 00372a 00000001', '0102');
    expect(vendor).toMatchObject({ type: 254, typeName: 'Expanded Type 0x00372a/1', octets: octets('0102') });
    expect(vendor).not.toHaveProperty('identity');
    expect(body('01 05', 'fe 000000 00000101')).toMatchObject({ type: 254 });
    expect(body('01 05', 'fe 000000')).toMatchObject({ type: 254, octets: octets('000000') });
  });

  it('reads an Expanded Nak', () => {
    // The example of RFC 3748 §5.3.2: 0x000014 6 is a vendor's, then an OTP of the IETF; and no alternative at all.
    const nak = 'fe 000000 00000003';
    expect(body('02 01', nak, 'fe 000014 00000006', 'fe 000000 00000005')).toMatchObject({
      typeName: 'Expanded Nak',
      desiredTypes: [254, 5],
    });
    expect(body('02 01', nak, 'fe 000000 00000000')).toMatchObject({ desiredTypes: [0] });
    expect(body('02 01', nak, 'fe 000000')).toMatchObject({ desiredTypes: [] });
  });

  it('reads an MD5 challenge and its response', () => {
    // Frames 20 and 21 of 08-eap-md5-clear-server.pcap.
    const challenge = '3324c000113f96e91dd1ee03ff16f9df8e61';
    expect(body('01 be', '04 12', challenge, padded('pptpd', 5))).toMatchObject({
      kind: 'request',
      type: 4,
      value: octets(challenge),
      name: 'pptpd',
    });
    expect(body('02 be', '04 10 3cfc3a497425a69155ded760143c106b', padded('alice', 5))).toMatchObject({
      value: octets('3cfc3a497425a69155ded760143c106b'),
      name: 'alice',
    });
    const lying = body('02 be', '04 40 3cfc');
    expect(lying).toMatchObject({ type: 4, octets: octets('403cfc') });
    expect(lying).not.toHaveProperty('value');
  });

  it('reads success and failure', () => {
    expect(body('03 bf')).toEqual({ kind: 'success' });
    expect(body('04 bf')).toEqual({ kind: 'failure' });
    expect(body('03 bf', '00')).toMatchObject({ kind: 'undecoded' });
    expect(body('01 bf')).toMatchObject({ kind: 'undecoded' });
  });

  it('reads TLS flags, lengths and handshake types', () => {
    expect(body('01 01', '0d 20')).toMatchObject({
      typeName: 'EAP-TLS',
      tls: { flags: 0x20, messageLength: null, alert: null, handshakeTypes: [] },
    });
    const hello = '16 0301 0006 01 000002 aabb';
    const many = '16 0303 000d 02 000001 aa 0b 000000 0e 000000';
    expect(body('02 01', '19 81 0000000b', hello)).toMatchObject({
      typeName: 'PEAP',
      tls: { flags: 0x81, messageLength: 11, handshakeTypes: [1] },
    });
    expect(body('01 02', '0d 00', many)).toMatchObject({ tls: { handshakeTypes: [2, 11, 14] } });
  });

  it('stops at ChangeCipherSpec: what follows is encrypted', () => {
    const keyExchange = '16 0303 0005 10 000001 aa';
    expect(body('02 03', '0d 00', keyExchange, '14 0303 0001 01', '16 0303 0004 0b000000')).toMatchObject({
      tls: { handshakeTypes: [16] },
    });
  });

  it('reads an alert', () => {
    // RFC 5246 §7.2: fatal, unknown_ca.
    expect(body('02 03', '0d 00 15 0303 0002 02 30')).toMatchObject({ tls: { alert: { level: 2, description: 48 } } });
  });

  it('finds no records in the middle of a message', () => {
    expect(body('02 03', '0d 00 99 0303 0002 02 30')).toMatchObject({ tls: { alert: null, handshakeTypes: [] } });
    expect(body('02 03', '0d 80 0000')).toMatchObject({ tls: { flags: 0x80, messageLength: null } });
  });

  it('reads MS-CHAP-V2 inside EAP', () => {
    const challenge = '10 60141ede6fe8718a95d0655947fce8a3';
    expect(body('01 05', '1a 01 05 001a', challenge, padded('pptpd', 5))).toMatchObject({
      type: 26,
      msChap: { opCode: 1, msChapV2Id: 5, value: octets(challenge).slice(1), name: 'pptpd' },
    });
    expect(body('01 06', '1a 03 05 000c', padded('S=ABCDEF', 8))).toMatchObject({
      msChap: { opCode: 3, message: 'S=ABCDEF' },
    });
    // RFC 2759 §7 behind the header.
    const change = ['ee'.repeat(532), '11'.repeat(16), '00'.repeat(8), '22'.repeat(24), '0000'];
    expect(body('02 06', '1a 07 06 024a', ...change)).toMatchObject({
      msChap: { opCode: 7, msChapV2Id: 6, value: octets('11'.repeat(16), '00'.repeat(8), '22'.repeat(24), '00') },
    });
    expect(body('02 06', '1a 03')).toMatchObject({ msChap: { opCode: 3 } });
    expect(body('01 06', '1a 04 05 0009', padded('E=691', 5))).toMatchObject({
      msChap: { opCode: 4, message: 'E=691' },
    });
  });

  it('names methods that it does not read, and numbers without a name', () => {
    expect(body('01 01', '34 abcd')).toMatchObject({ type: 52, typeName: 'EAP-pwd', octets: octets('abcd') });
    expect(body('01 01', 'c8')).toMatchObject({ type: 200, typeName: 'type 200' });
  });

  it('has names for its numbers and those of TLS', () => {
    expect(eapTypeNames[25]).toBe('PEAP');
    expect(eapMsChapOpCodes[7]).toBe('Change-Password');
    // RFC 5246 §7.2, §7.4
    expect(tlsAlertNames[48]).toBe('unknown_ca');
    expect(tlsAlertNames[42]).toBe('bad_certificate');
    expect(tlsHandshakeNames[14]).toBe('server_hello_done');
  });
});
