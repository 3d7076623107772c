import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { any, legal } from '../../test/support/arbitrary.ts';
import { octets, padded, windowOf } from '../../test/support/octets.ts';
import type { Layout } from '../wire/layout.ts';
import {
  anomaliesOf,
  controlMessageLayouts,
  decodeControlMessage,
  encodeControlMessage,
  type KnownControlMessage,
} from './message.ts';
import { controlMessageName, controlMessageNames } from './names.ts';

function decoded(bytes: Uint8Array) {
  const { window, start, end } = windowOf(bytes);
  return decodeControlMessage(window, start, end);
}

function header(length: number, type: number): string {
  const hex = (value: number) => value.toString(16).padStart(4, '0');
  return `${hex(length)} 0001 1a2b3c4d ${hex(type)} 0000`;
}

/** One message of each type: octets laid out by hand after the diagrams of RFC 2637 §2, and what they mean. */
const examples: { type: number; bytes: Uint8Array; value: Record<string, unknown> }[] = [
  {
    type: 1,
    bytes: octets(header(156, 1), '0100 0000 00000003 00000002 ffff 0870', padded('local', 64), padded('cananian', 64)),
    value: {
      protocolVersion: 0x0100,
      framingCapabilities: 3,
      bearerCapabilities: 2,
      maximumChannels: 65535,
      firmwareRevision: 2160,
      hostName: 'local',
      vendorName: 'cananian',
    },
  },
  {
    type: 2,
    bytes: octets(header(156, 2), '0100 02 04 00000001 00000002 0001 0002', padded('pac', 64), padded('linux', 64)),
    value: {
      protocolVersion: 0x0100,
      resultCode: 2,
      errorCode: 4,
      framingCapabilities: 1,
      bearerCapabilities: 2,
      maximumChannels: 1,
      firmwareRevision: 2,
      hostName: 'pac',
      vendorName: 'linux',
    },
  },
  { type: 3, bytes: octets(header(16, 3), '03 00 0000'), value: { reason: 3, reserved1: 0, reserved2: 0 } },
  { type: 4, bytes: octets(header(16, 4), '02 01 0000'), value: { resultCode: 2, errorCode: 1 } },
  { type: 5, bytes: octets(header(16, 5), '89e24410'), value: { identifier: 0x89e24410 } },
  {
    type: 6,
    bytes: octets(header(20, 6), '89e24410 01 00 0000'),
    value: { identifier: 0x89e24410, resultCode: 1, errorCode: 0 },
  },
  {
    type: 7,
    bytes: octets(
      header(168, 7),
      '7800 0102 00000960 00989680 00000003 00000002 0040 0005 0003 0000',
      padded('123', 64),
      padded('45', 64),
    ),
    value: {
      callId: 30720,
      callSerialNumber: 258,
      minimumBps: 2400,
      maximumBps: 10_000_000,
      bearerType: 3,
      framingType: 2,
      packetReceiveWindowSize: 64,
      packetProcessingDelay: 5,
      phoneNumberLength: 3,
      phoneNumber: '123',
      subaddress: '45',
    },
  },
  {
    type: 8,
    bytes: octets(header(32, 8), '0000 7800 01 00 0010 00989680 4000 0007 0000000a'),
    value: {
      callId: 0,
      peerCallId: 30720,
      resultCode: 1,
      errorCode: 0,
      causeCode: 16,
      connectSpeed: 10_000_000,
      packetReceiveWindowSize: 16384,
      packetProcessingDelay: 7,
      physicalChannelId: 10,
    },
  },
  {
    type: 9,
    bytes: octets(
      header(220, 9),
      '0001 0002 00000001 00000003 0004 0005',
      padded('1234', 64),
      padded('56789', 64),
      padded('0', 64),
    ),
    value: {
      callId: 1,
      callSerialNumber: 2,
      bearerType: 1,
      physicalChannelId: 3,
      dialedNumberLength: 4,
      dialingNumberLength: 5,
      dialedNumber: '1234',
      dialingNumber: '56789',
      subaddress: '0',
    },
  },
  {
    type: 10,
    bytes: octets(header(24, 10), '0001 0002 03 00 0004 0005 0000'),
    value: {
      callId: 1,
      peerCallId: 2,
      resultCode: 3,
      errorCode: 0,
      packetReceiveWindowSize: 4,
      packetTransmitDelay: 5,
    },
  },
  {
    type: 11,
    bytes: octets(header(28, 11), '0001 0000 0000fa00 0003 0004 00000002'),
    value: {
      peerCallId: 1,
      connectSpeed: 64000,
      packetReceiveWindowSize: 3,
      packetTransmitDelay: 4,
      framingType: 2,
    },
  },
  { type: 12, bytes: octets(header(16, 12), '7800 0000'), value: { callId: 30720 } },
  {
    type: 13,
    bytes: octets(header(148, 13), '4999 03 00 0011 0000', padded('sent 5', 128)),
    value: { callId: 0x4999, resultCode: 3, errorCode: 0, causeCode: 17, callStatistics: 'sent 5' },
  },
  {
    type: 14,
    bytes: octets(header(40, 14), '0001 0000 00000002 00000003 00000004 00000005 00000006 00000007'),
    value: {
      peerCallId: 1,
      crcErrors: 2,
      framingErrors: 3,
      hardwareOverruns: 4,
      bufferOverruns: 5,
      timeOutErrors: 6,
      alignmentErrors: 7,
    },
  },
  {
    type: 15,
    bytes: octets(header(24, 15), '0001 0000 ffffffff 000a0000'),
    value: { peerCallId: 1, sendAccm: 0xffff_ffff, receiveAccm: 0x000a_0000 },
  },
];

describe.each(examples)('message $type', ({ type, bytes, value }) => {
  it('reads its fields', () => {
    expect(decoded(bytes)).toMatchObject({
      ok: true,
      size: bytes.length,
      value: { controlMessageType: type, length: bytes.length, ...value },
    });
  });

  it('writes the same octets from what it reads, and from the meaningful fields alone', () => {
    const read = decoded(bytes);
    expect(read.ok && encodeControlMessage(read.value)).toEqual(bytes);
    expect(encodeControlMessage({ controlMessageType: type, ...value } as KnownControlMessage)).toEqual(bytes);
  });

  it('has nothing wrong', () => {
    const read = decoded(bytes);
    expect(read.ok && anomaliesOf(read.value, bytes.length)).toEqual([]);
  });

  it('is malformed in every shorter prefix, at a field that ends beyond it', () => {
    for (let size = 0; size < bytes.length; size += 1) {
      const read = decoded(bytes.subarray(0, size));
      expect(read, `${size} octets`).toMatchObject({ ok: false, reason: 'truncated', boundedBy: 'octets given' });
      if (read.ok) continue;
      expect(read.offset + (read.needed ?? 0)).toBeGreaterThan(size);
      expect(read.available).toBe(size - read.offset);
      expect(read.layer).toBe(size < 12 ? 'PPTP header' : controlMessageNames[type]);
    }
  });

  it('is malformed where its own length cuts it, and keeps what was read', () => {
    const short = Uint8Array.from(bytes);
    short[1] = 14;
    short[0] = 0;
    expect(decoded(short)).toMatchObject({
      ok: false,
      layer: controlMessageNames[type],
      reason: 'truncated',
      boundedBy: 'PPTP length',
      decoded: { controlMessageType: type, length: 14 },
    });
  });

  it('keeps the octets after its end and says that they are there', () => {
    const longer = octets(Array.from(bytes, (octet) => octet.toString(16).padStart(2, '0')).join(''), 'dead');
    new DataView(longer.buffer).setUint16(0, longer.length);
    const read = decoded(longer);
    expect(read).toMatchObject({ ok: true, value: { ...value, excess: octets('dead') } });
    if (!read.ok) return;
    expect(anomaliesOf(read.value, longer.length).map((one) => one.code)).toEqual([
      'length-disagrees',
      'excess-octets',
    ]);
    expect(encodeControlMessage(read.value)).toEqual(longer);
  });

  it('loses nothing of any octets', () => {
    const format = controlMessageLayouts[
      type as keyof typeof controlMessageLayouts
    ] as unknown as Layout<KnownControlMessage>;
    fc.assert(
      fc.property(any(format), (one) => {
        const message = { ...one, pptpMessageType: 1, length: bytes.length + one.excess.length };
        const read = decoded(encodeControlMessage(message));
        expect(read).toEqual({ ok: true, value: message, size: message.length });
      }),
      { numRuns: 50 },
    );
  });

  it('has no anomaly in any legal value but the error code’s', () => {
    const format = controlMessageLayouts[
      type as keyof typeof controlMessageLayouts
    ] as unknown as Layout<KnownControlMessage>;
    fc.assert(
      fc.property(legal(format), (one) => {
        const codes = anomaliesOf(one, one.length).map((anomaly) => anomaly.code);
        expect(codes.filter((code) => code !== 'error-code-without-general-error')).toEqual([]);
      }),
      { numRuns: 50 },
    );
  });
});

describe('decodeControlMessage', () => {
  it('refuses a wrong magic cookie', () => {
    expect(decoded(octets('0010 0001 1a2b3c4e 0005 0000 00000001'))).toMatchObject({
      ok: false,
      layer: 'PPTP header',
      field: 'magicCookie',
      offset: 4,
      reason: 'bad-magic',
    });
  });

  it('refuses a length below the header’s', () => {
    expect(decoded(octets('000b 0001 1a2b3c4d 0005 0000 00000001'))).toMatchObject({
      ok: false,
      field: 'length',
      reason: 'length-too-small',
      needed: 12,
      available: 11,
    });
  });

  it('leaves alone what follows the message’s length', () => {
    expect(decoded(octets(header(16, 5), '00000001 ffff'))).toMatchObject({ ok: true, size: 16 });
  });

  it('keeps a message of an unknown type whole', () => {
    const bytes = octets('0012 0001 1a2b3c4d 0010 0007 aabbccddeeff');
    const read = decoded(bytes);
    expect(read).toEqual({
      ok: true,
      size: 18,
      value: {
        controlMessageType: 'unknown',
        length: 18,
        pptpMessageType: 1,
        type: 16,
        reserved0: 7,
        octets: octets('aabbccddeeff'),
      },
    });
    expect(read.ok && encodeControlMessage(read.value)).toEqual(bytes);
    expect(read.ok && anomaliesOf(read.value, 18)).toEqual([
      { code: 'unknown-message-type', message: 'control message type 16 is not defined' },
    ]);
  });

  it('takes a management message for unknown, whatever its control message type', () => {
    const read = decoded(octets('0010 0002 1a2b3c4d 0005 0000 00000001'));
    expect(read).toMatchObject({ ok: true, value: { controlMessageType: 'unknown', pptpMessageType: 2, type: 5 } });
    expect(read.ok && anomaliesOf(read.value, 16)[0]?.message).toBe('PPTP message type 2 is not defined');
  });

  it('never throws, and what it reads it can write', () => {
    const mostlyMessages = fc
      .tuple(fc.integer({ min: 0, max: 17 }), fc.integer({ min: 0, max: 300 }), fc.uint8Array({ maxLength: 300 }))
      .map(([type, length, rest]) => octets(header(length, type), Array.from(rest, hexOctet).join('')));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), mostlyMessages), (bytes) => {
        const read = decoded(bytes);
        if (read.ok) expect(encodeControlMessage(read.value)).toEqual(bytes.subarray(0, read.size));
      }),
    );
  });
});

describe('anomaliesOf', () => {
  function anomalies(bytes: Uint8Array, length = bytes.length): string[] {
    const read = decoded(bytes);
    if (!read.ok) throw new Error('malformed');
    return anomaliesOf(read.value, length).map((one) => `${one.code}: ${one.message}`);
  }

  it('names reserved fields that are not zero, as Cisco PIX sent them', () => {
    expect(anomalies(octets('0010 0001 1a2b3c4d 0005 0100 00000001'))).toEqual([
      'reserved-not-zero: Echo-Request: reserved0 is 0x100, must be 0',
    ]);
  });

  it('names result codes outside the RFC', () => {
    expect(anomalies(octets(header(16, 4), '00 00 0000'))).toEqual([
      'illegal-value: Stop-Control-Connection-Reply: resultCode is 0, must be 1 or 2',
    ]);
    expect(anomalies(octets(header(32, 8), '0000 7800 08 00 0000 00989680 0003 0000 00000000'))).toEqual([
      'illegal-value: Outgoing-Call-Reply: resultCode is 8, must be 1 to 7',
    ]);
  });

  it('names a stop reason of 0, as accel-ppp sends it', () => {
    expect(anomalies(octets(header(16, 3), '00 00 0000'))).toEqual([
      'illegal-value: Stop-Control-Connection-Request: reason is 0, must be 1 or 2 or 3',
    ]);
  });

  it('names an error code beside another result than general error', () => {
    expect(anomalies(octets(header(20, 6), '00000001 01 05 0000'))).toEqual([
      'error-code-without-general-error: Echo-Reply: error code 5 (Bad-Call ID) beside result code 1',
    ]);
    expect(anomalies(octets(header(20, 6), '00000001 02 05 0000'))).toEqual([]);
  });

  it('names more digits than the field holds and capabilities that are not defined', () => {
    const call = octets(
      header(168, 7),
      '0001 0001 00000960 00989680 00000003 00000003 0003 0000 0041 0000',
      padded('1', 64),
      padded('', 64),
    );
    expect(anomalies(call)).toEqual([
      'illegal-value: Outgoing-Call-Request: phoneNumberLength is 65, must be 64 at most',
    ]);
    const start = octets(header(156, 1), '0100 0000 00000004 00000001 0000 0001', padded('', 128));
    expect(anomalies(start)).toEqual([
      'unknown-flags: Start-Control-Connection-Request: framingCapabilities is 0x4, which has bits that are not defined',
    ]);
  });

  it('names a length field that is not the number of octets', () => {
    expect(anomalies(octets(header(16, 5), '00000001'), 20)).toEqual([
      'length-disagrees: Echo-Request: the length field says 16, 20 octets are there',
    ]);
  });
});

describe('names', () => {
  it('has the fifteen messages of the RFC and calls others by their number', () => {
    expect(Object.keys(controlMessageNames).map(Number)).toEqual(Object.keys(controlMessageLayouts).map(Number));
    for (const [type, format] of Object.entries(controlMessageLayouts)) {
      expect(format.name).toBe(controlMessageName(Number(type)));
    }
    expect(controlMessageName(20336)).toBe('control message 20336');
  });
});

function hexOctet(octet: number): string {
  return octet.toString(16).padStart(2, '0');
}
