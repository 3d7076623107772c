import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { legal, octetText } from '../../test/support/arbitrary.ts';
import { octets, padded, windowOf } from '../../test/support/octets.ts';
import { encode } from '../wire/layout.ts';
import { type AnyOptionKind, decodeOption, makeOption } from '../wire/options.ts';
import { cbcpOptions } from './cbcp.ts';
import { ccpOptions } from './ccp.ts';
import { ecpOptions } from './ecp.ts';
import { ipcpOptions } from './ipcp.ts';
import { ipv6cpOptions } from './ipv6cp.ts';
import { lcpOptions } from './lcp.ts';
import { decodePppControl, encodePppControl, isControlProtocol, type PppControlPacket } from './packet.ts';
import { pppControlLayer } from './tree.ts';

function decoded(protocol: number, bytes: Uint8Array, cut = false) {
  const { window, start, end } = windowOf(bytes);
  return decodePppControl(protocol, window, start, end, cut);
}

/** The packet in octets that must be sound and must be written back alike. */
function packet(protocol: number, ...digits: readonly string[]): PppControlPacket {
  const bytes = octets(...digits);
  const read = decoded(protocol, bytes);
  if (!read.ok) throw new Error(`malformed at ${read.field}`);
  expect(read.size).toBe(bytes.length);
  expect(encodePppControl(read.value)).toEqual(bytes);
  return read.value;
}

describe('LCP', () => {
  it('reads the options of a Configure-Request that pppd sent', () => {
    expect(
      packet(0xc021, '01 01 0023 0206 00000000 0305 c22381 0506 bdb400e9 0702 0802 1104 05dc 1306 01 6c6162'),
    ).toEqual({
      protocol: 0xc021,
      code: 1,
      identifier: 1,
      name: 'Configure-Request',
      body: {
        kind: 'configure',
        fault: null,
        undecoded: octets(''),
        options: [
          { name: 'asyncControlCharacterMap', type: 2, octets: octets('00000000'), value: { map: 0 } },
          {
            name: 'authenticationProtocol',
            type: 3,
            octets: octets('c22381'),
            value: { protocol: 0xc223, algorithm: 0x81, more: octets('') },
          },
          { name: 'magicNumber', type: 5, octets: octets('bdb400e9'), value: { magicNumber: 0xbdb4_00e9 } },
          { name: 'protocolFieldCompression', type: 7, octets: octets(''), value: {} },
          { name: 'addressAndControlFieldCompression', type: 8, octets: octets(''), value: {} },
          { name: 'multilinkMrru', type: 17, octets: octets('05dc'), value: { mrru: 1500 } },
          {
            name: 'endpointDiscriminator',
            type: 19,
            octets: octets('016c6162'),
            value: { class: 1, address: octets('6c6162') },
          },
        ],
      },
    });
  });

  it('reads an algorithm of CHAP alone', () => {
    expect(packet(0xc021, '03 01 0008 0304 c023')).toMatchObject({
      name: 'Configure-Nak',
      body: { options: [{ name: 'authenticationProtocol', value: { protocol: 0xc023, more: octets('') } }] },
    });
    expect(packet(0xc021, '03 01 0009 0305 c02381').body).toMatchObject({
      options: [{ name: 'authenticationProtocol', value: { protocol: 0xc023, more: octets('81') } }],
    });
    expect(packet(0xc021, '03 01 0008 0304 c223').body).toMatchObject({
      options: [{ name: 'authenticationProtocol', value: { protocol: 0xc223, algorithm: null } }],
    });
  });

  it('reads the options that Windows asks', () => {
    expect(packet(0xc021, '01 00 0011 0104 0578 0d03 06 1206 01000040').body).toMatchObject({
      options: [
        { name: 'maximumReceiveUnit', value: { mru: 1400 } },
        { name: 'callback', value: { operation: 6, message: '' } },
        // 18 has no value: RFC 1990 §5.1.2.
        { name: 'malformed', type: 18, octets: octets('01000040') },
      ],
    });
  });

  it("names the options of IANA's table that are not described in an RFC", () => {
    expect(packet(0xc021, '04 09 0015 0c02 0e03 01 1004 0001 1402 1803 05 1903 03').body).toMatchObject({
      options: [
        { name: 'multilinkProcedure', type: 12 },
        { name: 'connectTime', type: 14, value: { values: octets('01') } },
        { name: 'nominalDataEncapsulation', type: 16, value: { values: octets('0001') } },
        { name: 'proprietary', type: 20 },
        { name: 'lcpAuthentication', type: 24, value: { values: octets('05') } },
        { name: 'consistentOverheadByteStuffing', type: 25, value: { values: octets('03') } },
      ],
    });
  });

  it('keeps unknown options', () => {
    expect(packet(0xc021, '04 09 0009 63 05 010203').body).toMatchObject({
      kind: 'configure',
      options: [{ name: 'unknown', type: 99, octets: octets('010203') }],
    });
  });

  it.each([
    ['a length of 0', '0104 0578 0300 c023', 'length-too-small', 4, '0300c023'],
    ['a length of 1', '0104 0578 0301 c023', 'length-too-small', 4, '0301c023'],
    ['a length beyond the packet', '0104 0578 0305 c223', 'truncated', 4, '0305c223'],
    ['a type without a length', '0104 0578 03', 'truncated', 4, '03'],
  ])('stops at an option with %s and keeps those before', (_, options, reason, offset, rest) => {
    const bytes = octets(options);
    const read = packet(0xc021, '01 01 00', (4 + bytes.length).toString(16).padStart(2, '0'), options);
    expect(read).toMatchObject({
      fault: { field: 'length', reason, offset, boundedBy: 'PPP length' },
      body: { options: [{ name: 'maximumReceiveUnit', value: { mru: 1400 } }], undecoded: octets(rest) },
    });
  });

  it.each([
    // Lengths of RFC 1661 §6.1, §6.2, RFC 3078 §2.1, RFC 1332 §3.3.
    [0xc021, '0103 05', 'Maximum-Receive-Unit', 'mru', 'truncated', 2, 1],
    [0xc021, '0303 c2', 'Authentication-Protocol', 'protocol', 'truncated', 2, 1],
    [0xc021, '0105 05dc 00', 'Maximum-Receive-Unit', 'excess', 'length-too-large', 2, 3],
    [0x80fd, '1207 0100004000', 'Microsoft PPC', 'excess', 'length-too-large', 4, 5],
    [0x8021, '0305 0a0000', 'IP-Address', 'address', 'truncated', 4, 3],
  ])(
    'of protocol %i says of the option %s what is wrong with its size',
    (protocol, digits, layer, field, reason, needed, available) => {
      const length = (4 + octets(digits).length).toString(16).padStart(4, '0');
      const bytes = octets('01 01', length, digits);
      const fault = { layer, field, reason, needed, available, boundedBy: 'option length' };
      expect(packet(protocol, '01 01', length, digits)).toMatchObject({ fault, body: { fault: null } });
      const { window, start, end } = windowOf(bytes);
      expect(
        pppControlLayer(protocol, { window, start, end, cut: false }, { chap: null, passwords: [] }).fault,
      ).toMatchObject(fault);
    },
  );

  it.each([
    // RFC 1334 §2.2.1: the password's length, 9, is more than there is. RFC 1994 §4.1: so is the value's, 16.
    [0xc023, '01 01 0009 01 61 09 7077', 'password', 10, 3],
    [0xc223, '02 01 0007 10 0102', 'value', 17, 3],
    // RFC 1661 §5.8: a Magic-Number has four octets.
    [0xc021, '09 01 0006 0102', 'magicNumber', 4, 2],
  ])('of protocol %i says which field of %s is not whole', (protocol, digits, field, needed, available) => {
    const fault = { field, reason: 'truncated', needed, available, boundedBy: 'PPP length' };
    expect(packet(protocol, digits)).toMatchObject({ body: { kind: 'undecoded' }, fault });
  });

  it('reads the Windows error in a Terminate-Request', () => {
    // pptpcrack's test.pcap, frame 101: a normal end.
    expect(packet(0xc021, '05 06 0010 162a1f3a 003ccd74 00000000').body).toEqual({
      kind: 'terminate',
      octets: octets('162a1f3a 003ccd74 00000000'),
      text: null,
      windowsReason: 0,
    });
    expect(packet(0xc021, '06 06 0010 162a1f3a 003ccd74 000002b3').body).toMatchObject({ windowsReason: 691 });
    expect(packet(0xc021, '05 06 0010 162a1f3a 003ccd75 000002b3').body).toMatchObject({ windowsReason: null });
  });

  it('reads the text in a Terminate-Request', () => {
    expect(packet(0xc021, '05 03 0011', padded('MPPE disabled', 13)).body).toMatchObject({
      text: 'MPPE disabled',
      windowsReason: null,
    });
    expect(packet(0xc021, '05 03 0004').body).toMatchObject({ text: null, octets: octets('') });
  });

  it('reads rejects, echoes, identification and time remaining', () => {
    expect(packet(0xc021, '07 01 0008 0b010004').body).toEqual({ kind: 'code-reject', octets: octets('0b010004') });
    expect(packet(0xc021, '08 02 000a 80fd 0101 0004').body).toEqual({
      kind: 'protocol-reject',
      rejectedProtocol: 0x80fd,
      octets: octets('01010004'),
    });
    expect(packet(0xc021, '09 03 000a 50bbba20 abcd')).toMatchObject({
      name: 'Echo-Request',
      body: { kind: 'echo', magicNumber: 0x50bb_ba20, octets: octets('abcd') },
    });
    expect(packet(0xc021, '0a 03 0008 50bbba20').name).toBe('Echo-Reply');
    expect(packet(0xc021, '0b 03 0008 50bbba20')).toMatchObject({ name: 'Discard-Request', body: { kind: 'echo' } });
    expect(packet(0xc021, '0c 02 0012 162a1f3a', padded('MSRASV5.20', 10)).body).toMatchObject({
      kind: 'identification',
      magicNumber: 0x162a_1f3a,
      text: 'MSRASV5.20',
    });
    expect(packet(0xc021, '0c 04 0010 162a1f3a 00ff10204a8bcd01').body).toMatchObject({ text: null });
    expect(packet(0xc021, '0d 04 000c 162a1f3a 0000003c').body).toMatchObject({
      kind: 'time-remaining',
      secondsRemaining: 60,
    });
  });

  it('keeps what is too short for its code, and codes without a name', () => {
    expect(packet(0xc021, '09 03 0006 50bb').body).toEqual({
      kind: 'undecoded',
      octets: octets('50bb'),
      fault: expect.objectContaining({ field: 'magicNumber', reason: 'truncated' }),
    });
    expect(packet(0xc021, '63 03 0006 50bb')).toMatchObject({ name: 'code 99', body: { kind: 'undecoded' } });
  });
});

describe('PAP', () => {
  it('reads a request and its answers', () => {
    // tshark: Peer-ID='alice', Password='Sw0rdfish!', then Message='Login ok'.
    expect(packet(0xc023, '01 01 0015 05 616c696365 0a 53773072646669736821')).toMatchObject({
      name: 'Authenticate-Request',
      body: { kind: 'request', peerId: 'alice', password: 'Sw0rdfish!' },
    });
    expect(packet(0xc023, '02 01 000d 08 4c6f67696e206f6b')).toMatchObject({
      name: 'Authenticate-Ack',
      body: { kind: 'reply', message: 'Login ok' },
    });
    expect(packet(0xc023, '03 01 0004')).toMatchObject({
      name: 'Authenticate-Nak',
      body: { kind: 'reply', message: '' },
    });
  });

  it('takes a request whose lengths lie for undecoded', () => {
    expect(packet(0xc023, '01 01 000a 05 616c 0a 5377').body).toEqual({
      kind: 'undecoded',
      octets: octets('05616c0a5377'),
      fault: expect.objectContaining({ field: 'password', reason: 'truncated' }),
    });
  });
});

describe('CHAP', () => {
  it('reads a challenge, a response and their results', () => {
    expect(packet(0xc223, '01 bf 001a 10 60141ede6fe8718a95d0655947fce8a3', padded('pptpd', 5)).body).toEqual({
      kind: 'value',
      value: octets('60141ede6fe8718a95d0655947fce8a3'),
      name: 'pptpd',
    });
    expect(packet(0xc223, '03 20 0012', padded('Access granted', 14))).toMatchObject({
      name: 'Success',
      body: { kind: 'result', message: 'Access granted' },
    });
    expect(packet(0xc223, '04 20 0004').body).toEqual({ kind: 'result', message: '' });
    // RFC 2759 §7: 582 octets.
    const fault = expect.objectContaining({
      field: 'encryptedPassword',
      reason: 'truncated',
      needed: 516,
      available: 2,
    });
    const change = { kind: 'change-password', octets: octets('abcd'), fault };
    expect(packet(0xc223, '07 20 0006 abcd')).toMatchObject({ body: change, fault });
  });

  it('takes a value longer than the packet for undecoded', () => {
    expect(packet(0xc223, '02 01 0008 31 a5 1b 77').body).toMatchObject({ kind: 'undecoded' });
  });
});

describe('CCP, IPCP, IPV6CP, ECP, CBCP', () => {
  it('reads the MPPE bits', () => {
    expect(packet(0x80fd, '01 01 000a 1206 01000040').body).toMatchObject({
      kind: 'configure',
      options: [{ name: 'mppe', type: 18, value: { supportedBits: 0x0100_0040 } }],
    });
  });

  it('reads Deflate as pppd offers it, under the old number too', () => {
    expect(packet(0x80fd, '01 01 000c 1a04 7800 1804 7800').body).toMatchObject({
      options: [
        { name: 'deflate', value: { window: 7, method: 8, reserved: 0, check: 0 } },
        { name: 'deflate-draft', value: { window: 7, method: 8 } },
      ],
    });
  });

  it('reads the other compressions', () => {
    expect(packet(0x80fd, '01 01 0014 1503 2f 1105 0001 04 0102 1706 0001 04 01').body).toMatchObject({
      options: [
        { name: 'bsd', value: { version: 1, dictionary: 15 } },
        { name: 'stac', value: { historyCount: 1, checkMode: 4 } },
        { name: 'predictor-1', value: {} },
        { name: 'lzs-dcp', value: { historyCount: 1, checkMode: 4, processMode: 1 } },
      ],
    });
  });

  it('reads resets', () => {
    expect(packet(0x80fd, '0e 05 0004')).toMatchObject({ name: 'Reset-Request', body: { kind: 'reset' } });
    expect(packet(0x80fb, '0f 05 0006 0102')).toMatchObject({ name: 'Reset-Ack', body: { octets: octets('0102') } });
    expect(packet(0x8053, '0e 05 0004')).toMatchObject({ name: 'Reset-Request', body: { kind: 'reset' } });
  });

  it('reads addresses and name servers', () => {
    expect(packet(0x8021, '03 01 001c 0306 c0a84d64 8106 c0a84d35 8306 c0a84d36 0206 002d 0f01').body).toMatchObject({
      options: [
        { name: 'ipAddress', value: { address: 0xc0a8_4d64 } },
        { name: 'primaryDns', value: { address: 0xc0a8_4d35 } },
        { name: 'secondaryDns', value: { address: 0xc0a8_4d36 } },
        { name: 'ipCompressionProtocol', value: { protocol: 0x002d, maxSlotId: 15, compSlotId: 1 } },
      ],
    });
    expect(packet(0x8021, '01 01 0010 8206 0a000001 8406 0a000002').body).toMatchObject({
      options: [{ name: 'primaryNbns' }, { name: 'secondaryNbns', value: { address: 0x0a00_0002 } }],
    });
  });

  it('reads interface identifiers', () => {
    expect(packet(0x8057, '01 01 000e 010a 45a89dbf97784223').body).toMatchObject({
      options: [{ name: 'interfaceIdentifier', value: { identifier: octets('45a89dbf97784223') } }],
    });
  });

  it('reads callback options', () => {
    expect(packet(0xc029, '01 01 0009 0102 0203 0a')).toMatchObject({
      name: 'Callback-Request',
      body: {
        kind: 'callback',
        options: [{ name: 'noCallback' }, { name: 'userSpecified', value: { delay: 10, addresses: octets('') } }],
      },
    });
  });

  it('reads the options of network protocols that it does not know as unknown', () => {
    expect(packet(0x802b, '01 01 000a 0106 00000001')).toMatchObject({
      protocol: 0x802b,
      body: { kind: 'configure', options: [{ name: 'unknown', type: 1 }] },
    });
  });

  it('takes SPAP for secret and a quality report for what has no code', () => {
    expect(packet(0xc027, '01 01 0006 abcd')).toMatchObject({ name: 'Request', body: { kind: 'undecoded' } });
    expect(packet(0xc025, '162a1f3a 00000001')).toMatchObject({
      name: 'Link-Quality-Report',
      body: { octets: octets('162a1f3a00000001') },
    });
  });
});

describe('decodePppControl', () => {
  it('takes octets after the length for padding', () => {
    expect(decoded(0xc021, octets('09 03 0008 50bbba20 0000'))).toMatchObject({
      ok: true,
      size: 8,
      value: { body: { octets: octets('') } },
    });
  });

  it('is malformed where the header is cut or its length lies', () => {
    for (let size = 0; size < 4; size += 1) {
      const field = ['code', 'identifier', 'length', 'length'][size];
      expect(decoded(0xc021, octets('09030008').subarray(0, size))).toMatchObject({
        ok: false,
        field,
        reason: 'truncated',
        boundedBy: 'octets given',
      });
    }
    expect(decoded(0xc021, octets('09 03 0003 50'))).toMatchObject({ ok: false, reason: 'length-too-small' });
    expect(decoded(0xc021, octets('09 03 0009 50bbba20'))).toMatchObject({
      ok: false,
      reason: 'length-too-large',
      needed: 9,
      available: 8,
      decoded: { protocol: 0xc021, code: 9, identifier: 3, name: 'Echo-Request' },
    });
  });

  it('decodes what the capture left of a packet, but nothing that half of it would falsify', () => {
    const options = decoded(0xc021, octets('01 01 0019 0206 00000000 0305 c2'), true);
    expect(options).toMatchObject({
      ok: true,
      value: {
        body: { options: [{ name: 'asyncControlCharacterMap' }], fault: { boundedBy: 'capture length' } },
        fault: { reason: 'truncated', needed: 25, available: 13, boundedBy: 'capture length' },
      },
    });
    const response = decoded(0xc223, octets('02 a0 003b 03 b9b106 61 6c'), true);
    expect(response).toMatchObject({ ok: true, value: { name: 'Response', body: { kind: 'undecoded' } } });
  });

  it('gives octets that outlive the window', () => {
    const { window, start, end } = windowOf(octets('09 03 000a 50bbba20 abcd'));
    const read = decodePppControl(0xc021, window, start, end, false);
    window.bytes.fill(0);
    expect(read).toMatchObject({ value: { body: { octets: octets('abcd') } } });
  });

  it('never throws, and writes what it reads', () => {
    const protocols = fc.constantFrom(
      0xc021,
      0xc023,
      0xc025,
      0xc027,
      0xc029,
      0xc02b,
      0xc02d,
      0xc223,
      0xc227,
      0x8021,
      0x8053,
      0x8057,
      0x80fb,
      0x80fd,
      0x8281,
      0xffff,
    );
    const bodies = fc.uint8Array({ maxLength: 40 });
    const sound = fc
      .tuple(fc.integer({ min: 0, max: 16 }), bodies, fc.uint8Array({ maxLength: 3 }))
      .map(([code, body, padding]) => Uint8Array.from([code, 7, 0, 4 + body.length, ...body, ...padding]));
    fc.assert(
      fc.property(protocols, fc.oneof(sound, bodies), fc.boolean(), (protocol, bytes, cut) => {
        const read = decoded(protocol, bytes, cut);
        if (!read.ok) return;
        const written = encodePppControl(read.value);
        const original = bytes.slice(0, read.size);
        // What the capture cut is written as long as it is now.
        if (cut && protocol !== 0xc025) new DataView(original.buffer).setUint16(2, original.length);
        expect(written).toEqual(original);
      }),
      { numRuns: 3000 },
    );
  });
});

describe('option lists', () => {
  const tables: [protocol: number, code: number, table: readonly AnyOptionKind[]][] = [
    [0xc021, 1, lcpOptions],
    [0x80fd, 2, ccpOptions],
    [0x8021, 3, ipcpOptions],
    [0x8057, 4, ipv6cpOptions],
    [0x8053, 1, ecpOptions],
    [0xc029, 2, cbcpOptions],
  ];

  it.each(tables)('of protocol %i, code %i come back as they were written', (protocol, code, table) => {
    const known = fc.oneof(
      ...table.map((kind) =>
        legal(kind.format).map((value) => ({
          name: kind.name,
          type: kind.type,
          octets: Uint8Array.from(encode(kind.format, value)),
          value,
        })),
      ),
    );
    fc.assert(
      fc.property(fc.array(known, { maxLength: 6 }), (options) => {
        const kind = protocol === 0xc029 ? 'callback' : 'configure';
        const body = { kind, options, fault: null, undecoded: octets('') };
        const given = { protocol, code, identifier: 1, name: '', body } as unknown as PppControlPacket;
        const read = decoded(protocol, encodePppControl(given));
        expect(read.ok && read.value.body).toEqual(body);
      }),
    );
  });

  it('has each type and each name once in a table', () => {
    for (const [, , table] of tables) {
      expect(new Set(table.map((kind) => kind.type)).size).toBe(table.length);
      expect(new Set(table.map((kind) => kind.name)).size).toBe(table.length);
    }
  });

  it('makes an option from its value', () => {
    expect(makeOption(ccpOptions, 'mppe', { supportedBits: 0x40 })).toEqual(
      decodeOption(ccpOptions, 18, octets('00000040')),
    );
  });
});

it('takes the protocols of RFC 1661 §2 from 0x8000 on for control protocols', () => {
  expect([0x0021, 0x00fd, 0x4021, 0x7fff].some(isControlProtocol)).toBe(false);
  expect([0x8021, 0x80fd, 0xc021, 0xc227, 0xffff].every(isControlProtocol)).toBe(true);
});

it.each([
  [0xc02d, 1, 'Call-Request', 'RFC 2125 §5'],
  [0xc02d, 8, 'Call-Status-Response', 'RFC 2125 §5'],
  [0x8021, 0, 'Vendor-Specific', 'RFC 2153 §2.1'],
  [0xc02b, 1, 'Configure-Request', 'RFC 2125 §4'],
  [0xc281, 1, 'code 1', 'no codes are known of it'],
])('names the code of protocol %i, code %i: %s (%s)', (protocol, code, name) => {
  expect(packet(protocol, code.toString(16).padStart(2, '0'), '01 0004').name).toBe(name);
});

it('writes CHAP names of any octets back', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), octetText(60), (value, name) => {
      const given: PppControlPacket = {
        protocol: 0xc223,
        code: 2,
        identifier: 9,
        name: 'Response',
        body: { kind: 'value', value, name },
      };
      expect(decoded(0xc223, encodePppControl(given))).toMatchObject({ ok: true, value: given });
    }),
  );
});
