import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { enhancedGre, octets, outgoingCallRequest, pppControl, u32 } from '../test/support/packets.ts';
import { layersOfControlMessage, layersOfGre, layersOfPpp } from './layers-of.ts';
import type { PacketField, PacketLayer } from './report/packet-contract.ts';

const leaves = (fields: readonly PacketField[]): PacketField[] =>
  fields.flatMap((field) => (field.children === undefined ? [field] : leaves(field.children)));

const valueIn = (layers: readonly PacketLayer[], name: string): PacketField['value'] | undefined =>
  leaves(layers.flatMap(({ fields }) => fields)).find((field) => field.name === name)?.value;

// RFC 1661 §6.1, §6.4: Maximum-Receive-Unit 1400, Magic-Number.
const lcp = pppControl(0xc021, 1, 7, octets(1, 4, 0x05, 0x78, 5, 6, u32(0x1020_3040)));
// RFC 1334 §2.2.1
const pap = pppControl(0xc023, 1, 1, octets(5, [...Buffer.from('alice')], 4, [...Buffer.from('s3ss')]));

describe('a control message', () => {
  // RFC 2637 §2.7
  test('with its fields', () => {
    const { layers, summary, malformed } = layersOfControlMessage(outgoingCallRequest(28_244, 3));
    expect(layers.map(({ name, source, start, end }) => [name, source, start, end])).toEqual([
      ['Outgoing-Call-Request', 'RFC 2637 §2.7', 0, 168],
    ]);
    expect(valueIn(layers, 'callId')).toBe(28_244);
    expect(valueIn(layers, 'packetReceiveWindowSize')).toBe(3);
    expect(summary).toContain('Outgoing-Call-Request');
    expect(malformed).toBe(false);
  });

  test('that is cut says where and why', () => {
    const { layers, malformed } = layersOfControlMessage(outgoingCallRequest(1).slice(0, 30));
    expect(malformed).toBe(true);
    // The Framing Type has four octets from 28 on.
    const fault = { field: 'framingType', reason: 'truncated', offset: 28, needed: 4, available: 2 };
    expect(layers[0]?.fault).toMatchObject(fault);
  });
});

describe('GRE', () => {
  test('with the PPP in it', () => {
    const { layers } = layersOfGre(enhancedGre({ callId: 9, sequence: 4, acknowledgment: 3 }, lcp));
    expect(layers.map(({ protocol, start }) => [protocol, start])).toEqual([
      ['gre', 0],
      ['ppp', 16],
      ['lcp', 20],
    ]);
    const names = ['callId', 'sequenceNumber', 'acknowledgmentNumber', 'identifier', 'mru'];
    expect(names.map((name) => valueIn(layers, name))).toEqual([9, 4, 3, 7, 1400]);
  });

  test('that only acknowledges', () => {
    const { layers, malformed } = layersOfGre(enhancedGre({ callId: 9, acknowledgment: 3 }));
    expect(layers.map(({ protocol, end }) => [protocol, end])).toEqual([['gre', 12]]);
    expect(malformed).toBe(false);
  });
});

describe('PPP', () => {
  // RFC 1661 §6.5, §6.6; RFC 3078 §3.1
  test('with compressed fields', () => {
    const { layers } = layersOfPpp(octets(0xfd, 0x90, 0x01, 1, 2, 3));
    expect(layers.map(({ protocol, start }) => [protocol, start])).toEqual([
      ['ppp', 0],
      ['mppe', 1],
    ]);
  });

  test('hides secrets, unless it is asked for them', () => {
    expect(JSON.stringify(layersOfPpp(pap))).not.toContain('s3ss');
    expect(JSON.stringify(layersOfPpp(pap, { showSecrets: true }).layers)).toContain('s3ss');
    expect(layersOfPpp(pap).summary).toContain('"alice"');
  });
});

describe('whatever the octets are, nothing is thrown and each of them is in one field', () => {
  const sound = [outgoingCallRequest(1), enhancedGre({ callId: 9, sequence: 4 }, lcp), lcp, pap];
  const damaged = fc
    .tuple(fc.constantFrom(...sound), fc.nat(), fc.integer({ min: 0, max: 255 }), fc.nat())
    .map(([whole, place, octet, end]) => {
      const copy = whole.slice();
      copy[place % copy.length] = octet;
      return copy.slice(0, (end % copy.length) + 1);
    });

  test.each(Object.entries({ layersOfControlMessage, layersOfGre, layersOfPpp }))('%s', (_name, layersOf) => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), damaged), (some) => {
        const held = leaves(layersOf(some).layers.flatMap(({ fields }) => fields));
        const ends = [0, ...held.map(({ end }) => end)];
        expect(held.map(({ start }) => start)).toEqual(ends.slice(0, -1));
        expect(ends.at(-1)).toBe(some.length);
      }),
      { numRuns: 1000 },
    );
  });
});
