import { describe, expect, it } from 'vitest';
import { octets, windowOf } from '../../test/support/octets.ts';
import { leavesOf, type TreeField } from '../wire/tree.ts';
import type { ChapAlgorithm } from './chap.ts';
import { pppControlLayer } from './tree.ts';

const hexOf = (text: string): string => Buffer.from(text, 'latin1').toString('hex');

/** A control packet: code, identifier, and a body whose length the header says. */
function layerOf(protocol: number, code: number, body: string, chap: ChapAlgorithm | null = null) {
  const length = octets(body).length + 4;
  const bytes = octets(`${code.toString(16).padStart(2, '0')}07${length.toString(16).padStart(4, '0')}`, body);
  const { window, start, end } = windowOf(bytes, 0);
  return pppControlLayer(protocol, { window, start, end, cut: false }, { chap, passwords: [] });
}

function named(fields: readonly TreeField[], name: string): TreeField {
  for (const field of fields) {
    if (field.name === name) return field;
    const inside = field.children.find((child) => child.name === name);
    if (inside !== undefined) return inside;
  }
  throw new Error(`no field ${name}`);
}

/** The octets of all leaves that are covered. */
function covered(fields: readonly TreeField[]): string[] {
  return [...leavesOf(fields)].filter(({ secret }) => secret).map(({ value }) => String(value));
}

describe('what proves or challenges somebody is covered, and nothing else', () => {
  it('PAP: the password. RFC 1334 §2.2.1', () => {
    const { fields } = layerOf(0xc023, 1, `05${hexOf('alice')} 06${hexOf('secret')}`);
    expect(covered(fields)).toEqual(['secret']);
    expect(named(fields, 'peerId').meaning).toBe('alice');
  });

  it('CHAP: challenge and response, not the name. RFC 1994 §4.1', () => {
    expect(covered(layerOf(0xc223, 1, `04 01020304 ${hexOf('srv')}`).fields)).toEqual(['01020304']);
    expect(covered(layerOf(0xc223, 2, `04 05060708 ${hexOf('bob')}`).fields)).toEqual(['05060708']);
  });

  it('MS-CHAPv2: both parts of the response. RFC 2759 §4', () => {
    const { fields } = layerOf(
      0xc223,
      2,
      `31 ${'11'.repeat(16)} ${'00'.repeat(8)} ${'22'.repeat(24)} 00`,
      'ms-chap-v2',
    );
    expect(covered(fields)).toEqual(['11'.repeat(16), '22'.repeat(24)]);
    expect(named(fields, 'flags')).toMatchObject({ value: 0, reserved: true });
  });

  it('MS-CHAP: the same octets by the other layout. RFC 2433 §6', () => {
    const { fields } = layerOf(0xc223, 2, `31 ${'11'.repeat(24)} ${'22'.repeat(24)} 01`, 'ms-chap-v1');
    expect(covered(fields)).toEqual(['11'.repeat(24), '22'.repeat(24)]);
    expect(named(fields, 'useNtResponse').value).toBe(1);
  });

  it('a Failure: the new challenge, not the error. RFC 2759 §6', () => {
    const challenge = '0123456789ABCDEF0123456789ABCDEF';
    const { fields } = layerOf(0xc223, 4, hexOf(`E=691 R=1 C=${challenge} V=3 M=Access denied`));
    expect(covered(fields)).toEqual([challenge]);
    expect(named(fields, 'message').meaning).toBe(
      'error 691 ERROR_AUTHENTICATION_FAILURE, retry allowed, message "Access denied"',
    );
  });

  it('a Success: the authenticator response. RFC 2759 §5', () => {
    const digits = 'AB'.repeat(20);
    const { fields } = layerOf(0xc223, 3, hexOf(`S=${digits} M=welcome`));
    expect(covered(fields)).toEqual([digits]);
  });

  it.each([
    [3, `M=hi S=${'AB'.repeat(20)}`, ['AB'.repeat(20)]],
    [3, ` S=${'AB'.repeat(20)} M=S=${'CD'.repeat(20)}`, ['AB'.repeat(20), 'CD'.repeat(20)]],
    [4, `C=${'12'.repeat(16)} R=1 V=3`, ['12'.repeat(16)]],
    [4, `M=no C=${'12'.repeat(16)} E=691 R=1`, ['12'.repeat(16)]],
    [4, `E=691 R=1 M=again C=${'12'.repeat(16)}`, ['12'.repeat(16)]],
    [4, `E=691R=0C=${'12'.repeat(16)}V=3`, ['12'.repeat(16)]],
  ])('in whatever order: code %i, %s', (code, text, secrets) => {
    const { fields } = layerOf(0xc223, code, hexOf(text));
    expect(covered(fields)).toEqual(secrets);
    const shown = JSON.stringify(fields, (_, field) => (field?.secret ? null : field));
    for (const digits of secrets) expect(shown).not.toContain(digits);
  });

  it('EAP: the answer to a token card, the values of MD5 and of MS-CHAPv2. RFC 3748 §5.4, §5.6', () => {
    expect(covered(layerOf(0xc227, 2, `06 ${hexOf('123456')}`).fields)).toEqual(['123456']);
    expect(covered(layerOf(0xc227, 1, `06 ${hexOf('PIN?')}`).fields)).toEqual([]);
    expect(covered(layerOf(0xc227, 2, `fe 000000 00000006 ${hexOf('123456')}`).fields)).toEqual(['123456']);
    expect(covered(layerOf(0xc227, 2, `04 02 aabb ${hexOf('bob')}`).fields)).toEqual(['aabb']);
    const response = `31 ${'11'.repeat(16)} ${'00'.repeat(8)} ${'22'.repeat(24)} 00`;
    const { fields } = layerOf(0xc227, 2, `1a 02 09 0039 ${response} ${hexOf('bob')}`);
    expect(covered(fields)).toEqual(['11'.repeat(16), '22'.repeat(24)]);
    expect(named(fields, 'opCode')).toMatchObject({ value: 2, meaning: 'Response' });
    expect(named(fields, 'name').meaning).toBe('bob');
  });

  it('a new password. RFC 2759 §7', () => {
    const { fields } = layerOf(0xc223, 7, '33'.repeat(582));
    const bare = [...leavesOf(fields)].filter(({ secret }) => !secret).map(({ name }) => name);
    expect(bare).toEqual(['code', 'identifier', 'length']);
  });
});

describe('bodies', () => {
  it('a Protocol-Reject shows the packet that was rejected. RFC 1661 §5.7', () => {
    const { fields } = layerOf(0xc021, 8, '80fd 01 01 000a 1206 01000040');
    expect(named(fields, 'rejectedProtocol').meaning).toBe('CCP');
    const rejected = named(fields, 'rejectedPacket');
    expect(rejected.meaning).toBe('CCP Configure-Request');
    expect(rejected.children.map(({ name }) => name)).toEqual(['code', 'identifier', 'length', 'mppe']);
  });

  // IANA, PPP LCP Configuration Option Types.
  it.each([
    [0x15, '01', 'DCE-Identifier'],
    [0x16, 'aabb', 'Multi-Link-Plus-Procedure'],
    [0x1a, '01024500', 'Prefix Elision'],
    [0x1d, '', 'Simple Data Link on SONET/SDH'],
  ])('LCP option %i has the name of its RFC', (type, value, name) => {
    const length = octets(value).length + 2;
    const { fields, fault } = layerOf(0xc021, 1, Buffer.from([type, length]).toString('hex') + value);
    expect(fault).toBeNull();
    expect(fields.at(-1)).toMatchObject({ kind: 'group', meaning: name });
    expect(fields.at(-1)?.children[0]).toMatchObject({ value: type, meaning: name });
  });

  it('of a packet with a code that its receiver does not know the header is shown. RFC 1661 §5.6', () => {
    const { fields } = layerOf(0xc021, 7, '0c 01 000c 11111111 4d534341');
    const rejected = named(fields, 'rejectedPacket');
    expect(rejected.meaning).toBe('LCP Identification');
    expect(rejected.children.map(({ name, secret }) => [name, secret])).toEqual([
      ['code', false],
      ['identifier', false],
      ['length', false],
      ['undecoded', true],
    ]);
  });

  it.each([
    [7, 4],
    [8, 6],
  ])('rejections that reject each other, as many as a packet holds: code %i', (code, size) => {
    const bytes = new Uint8Array(65_000);
    const view = new DataView(bytes.buffer);
    for (let at = 0; at + size <= bytes.length; at += size) {
      view.setUint8(at, code);
      view.setUint16(at + 2, bytes.length - at);
      if (size === 6) view.setUint16(at + 4, 0xc021);
    }
    const { window, start, end } = windowOf(bytes, 0);
    const { fields } = pppControlLayer(0xc021, { window, start, end, cut: false }, { chap: null, passwords: [] });
    expect(named(fields, 'rejectedPacket').children).toHaveLength(4);
  });

  it('a Terminate-Request of Windows shows the number that its user saw', () => {
    const { fields } = layerOf(0xc021, 5, '162a1f3a 003ccd74 000002b3');
    expect(named(fields, 'reason')).toMatchObject({ value: 691, meaning: 'AUTHENTICATION_FAILURE' });
  });

  it('an Expanded Type of EAP, and a Nak to one. RFC 3748 §5.7, §5.3.2', () => {
    const identity = layerOf(0xc227, 2, `fe 000000 00000001 ${hexOf('bob')}`);
    expect(named(identity.fields, 'vendorType')).toMatchObject({ value: 1, meaning: 'Identity' });
    expect(named(identity.fields, 'identity').meaning).toBe('bob');
    const nak = layerOf(0xc227, 2, 'fe 000000 00000003 fe 000000 0000001a fe 00372a 00000001');
    const desired = nak.fields.filter(({ name }) => name === 'desiredType');
    expect(desired.map(({ meaning }) => meaning)).toEqual(['MS-EAP-Authentication (MS-CHAP-V2)', 'Expanded Type']);
    expect(desired[1]?.children.map(({ name, value }) => [name, value])).toEqual([
      ['type', 254],
      ['vendorId', '00372a'],
      ['vendorType', 1],
    ]);
    expect(layerOf(0xc227, 2, 'fe 000000 00000003 fe 0000').fault).toMatchObject({ field: 'vendorId' });
    expect(layerOf(0xc227, 1, 'fe 0000').fault).toMatchObject({ field: 'vendorId', reason: 'truncated' });
  });

  it('a Link-Quality-Report. RFC 1989 §2', () => {
    const words = Array.from({ length: 12 }, (_, index) => (index + 1).toString(16).padStart(8, '0')).join(' ');
    const { window, start, end } = windowOf(octets(words), 0);
    const { fields, fault } = pppControlLayer(
      0xc025,
      { window, start, end, cut: false },
      { chap: null, passwords: [] },
    );
    expect(fault).toBeNull();
    expect(fields.map(({ name, value }) => [name, value]).slice(-2)).toEqual([
      ['peerOutPackets', 11],
      ['peerOutOctets', 12],
    ]);
  });

  it('a length that lies is a fault, one that the capture cut is none of the sender’s', () => {
    const { window, start, end } = windowOf(octets('01 07 0020 0104 05dc'), 0);
    expect(
      pppControlLayer(0xc021, { window, start, end, cut: false }, { chap: null, passwords: [] }).fault?.reason,
    ).toBe('length-too-large');
    const cut = pppControlLayer(0xc021, { window, start, end, cut: true }, { chap: null, passwords: [] });
    expect(cut.fault?.boundedBy).toBe('capture length');
    expect(named(cut.fields, 'mru').value).toBe(1500);
  });
});
