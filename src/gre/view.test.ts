import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { any } from '../../test/support/arbitrary.ts';
import { octets, windowOf } from '../../test/support/octets.ts';
import { decode, encode, violations } from '../wire/layout.ts';
import { enhancedGre } from './enhanced-gre.ts';
import { GreView, greFault, kindOf } from './view.ts';

function viewed(bytes: Uint8Array): { view: GreView; fault: number; start: number } {
  const { window, start, end } = windowOf(bytes);
  const view = new GreView();
  return { view, fault: view.at(window.view, start, end), start };
}

/** RFC 2637 §4.1: words as captured from pptp-linux and pptpd, with what tshark says of them. */
describe('GreView', () => {
  it('reads a data packet', () => {
    const { view, fault, start } = viewed(octets('3001 880b 0003 7800 00000002 c22301'));
    expect(fault).toBe(greFault.none);
    expect(view).toMatchObject({
      protocolType: 0x880b,
      version: 1,
      payloadLength: 3,
      callId: 30720,
      sequencePresent: true,
      sequenceNumber: 2,
      acknowledgmentPresent: false,
      acknowledgmentNumber: 0,
      payloadStart: start + 12,
      payloadEnd: start + 15,
      lengthMismatch: false,
    });
    expect(kindOf(view)).toBe('enhanced');
  });

  it('reads a data packet with an acknowledgment', () => {
    const { view, start } = viewed(octets('3081 880b 0002 0000 ffffffff fffffffe fd90'));
    expect(view).toMatchObject({
      callId: 0,
      sequenceNumber: 0xffff_ffff,
      acknowledgmentPresent: true,
      acknowledgmentNumber: 0xffff_fffe,
      payloadStart: start + 16,
      payloadEnd: start + 18,
    });
  });

  it('reads a bare acknowledgment', () => {
    const { view, start } = viewed(octets('2081 880b 0000 0000 00000002'));
    expect(view).toMatchObject({
      sequencePresent: false,
      acknowledgmentNumber: 2,
      payloadStart: start + 12,
      payloadEnd: start + 12,
      lengthMismatch: false,
    });
  });

  it('reads a sequence number without a payload', () => {
    const { view, start } = viewed(octets('3001 880b 0000 0000 00000007'));
    expect(view).toMatchObject({ sequencePresent: true, payloadStart: start + 12, payloadEnd: start + 12 });
  });

  it('bounds the payload by its length where padding follows, and by the octets where they are fewer', () => {
    const padded = viewed(octets('3001 880b 0002 0001 00000007 c021 0000'));
    expect(padded.view).toMatchObject({ payloadEnd: padded.start + 14, lengthMismatch: true });
    const cut = viewed(octets('3001 880b 0100 0001 00000007 c021'));
    expect(cut.view).toMatchObject({ payloadLength: 256, payloadEnd: cut.start + 14, lengthMismatch: true });
  });

  it('finds a header without a key, or with a checksum or routing, at fault', () => {
    expect(viewed(octets('1001 880b 00000001 0000')).fault).toBe(greFault.keyAbsent);
    expect(viewed(octets('b001 880b 0000 0000 00000001')).fault).toBe(greFault.checksumOrRouting);
    expect(viewed(octets('7001 880b 0000 0000 00000001')).fault).toBe(greFault.checksumOrRouting);
  });

  it('tells other GRE apart', () => {
    expect(kindOf(viewed(octets('0000 0800 4500')).view)).toBe('version-0');
    expect(kindOf(viewed(octets('0000 880b ff03')).view)).toBe('version-0');
    expect(kindOf(viewed(octets('2001 6400 0000 0100')).view)).toBe('eoip');
    expect(kindOf(viewed(octets('2001 0800 0000 0100')).view)).toBe('other');
    expect(kindOf(viewed(octets('0002 880b')).view)).toBe('other');
  });

  it('is at fault in every shorter header', () => {
    const whole = octets('3081 880b 0000 0001 00000007 00000008');
    for (let size = 0; size < whole.length; size += 1) {
      expect(viewed(whole.subarray(0, size)).fault, `${size} octets`).toBe(greFault.truncated);
    }
    expect(viewed(whole).fault).toBe(greFault.none);
  });

  it('keeps nothing of the packet before', () => {
    const { window, start, end } = windowOf(octets('3081 880b 0001 0009 00000007 00000008 21'));
    const view = new GreView();
    view.at(window.view, start, end);
    expect(view.at(window.view, start, start)).toBe(greFault.truncated);
    const fresh = new GreView();
    fresh.at(window.view, start, start);
    expect(view).toEqual(fresh);
  });

  it('agrees with the layout on all octets', () => {
    const nearlyGre = any(enhancedGre).map((value) => encode(enhancedGre, value));
    const version1 = fc
      .uint8Array({ minLength: 2, maxLength: 30 })
      .map((bytes) => bytes.with(0, (bytes[0] ?? 0) & 0x3f).with(1, ((bytes[1] ?? 0) & 0xf8) | 1));
    const versions = new Set<string>();
    fc.assert(
      fc.property(fc.oneof(nearlyGre, version1, fc.uint8Array({ maxLength: 30 })), (bytes) => {
        const { window, start, end } = windowOf(bytes);
        const view = new GreView();
        const fault = view.at(window.view, start, end);
        const rich = decode(enhancedGre, window, start, end);
        const known = rich.ok ? rich.value : rich.decoded;
        versions.add(`${known.version === 1} ${rich.ok} ${fault}`);
        if (known.version === undefined || known.protocolType === undefined) {
          expect(fault).toBe(greFault.truncated);
          return;
        }
        expect(view.version).toBe(known.version);
        expect(view.protocolType).toBe(known.protocolType);
        if (known.version !== 1) return;
        if (known.checksumPresent === 1 || known.routingPresent === 1) {
          expect(fault).toBe(greFault.checksumOrRouting);
        } else if (known.keyPresent === 0) {
          expect(fault).toBe(greFault.keyAbsent);
        } else if (!rich.ok) {
          expect(fault).toBe(greFault.truncated);
        } else {
          const { payload, payloadLength, sequenceNumber, acknowledgmentNumber } = rich.value;
          expect(fault).toBe(greFault.none);
          expect(view).toMatchObject({
            callId: rich.value.callId,
            payloadLength,
            sequencePresent: rich.value.sequencePresent === 1,
            sequenceNumber: sequenceNumber ?? 0,
            acknowledgmentPresent: rich.value.acknowledgmentPresent === 1,
            acknowledgmentNumber: acknowledgmentNumber ?? 0,
            payloadStart: end - payload.length,
            payloadEnd: end - payload.length + Math.min(payload.length, payloadLength),
            lengthMismatch: payload.length !== payloadLength,
          });
        }
      }),
      { numRuns: 2000 },
    );
    // The property has met sound headers and every fault.
    expect([...versions]).toEqual(
      expect.arrayContaining(['true true 0', 'true false 1', 'true true 2', 'true true 3']),
    );
  });
});

describe('enhancedGre', () => {
  it('finds the bits that must be clear or set', () => {
    const { window, start, end } = windowOf(octets('dff9 880b 0000 0001 00000001 00000002'));
    const decoded = decode(enhancedGre, window, start, end);
    expect(decoded.ok && violations(enhancedGre, decoded.value).map((one) => one.field)).toEqual([
      'checksumPresent',
      'routingPresent',
      'keyPresent',
      'strictSourceRoutePresent',
      'recursionControl',
      'flags',
    ]);
  });
});
