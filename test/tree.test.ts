/** The field tree's law: every octet of every packet lies in exactly one leaf, and the tree says what the walk says. */

import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Frame } from '../src/capture/frame.ts';
import type { PacketKnowledge } from '../src/dissect/packet-knowledge.ts';
import { PacketTree } from '../src/dissect/packet-tree.ts';
import { Walk } from '../src/dissect/walk.ts';
import { linkTypes } from '../src/link/numbers.ts';
import { AddressBook } from '../src/octets/address.ts';
import { Limits } from '../src/octets/limits.ts';
import { Window } from '../src/octets/window.ts';
import { pppControlLayer } from '../src/ppp/tree.ts';
import { pcapFile } from './support/captures.ts';
import { frameOf } from './support/frames.ts';
import { linkFrames } from './support/link-frames.ts';
import { octets as hexOctets } from './support/octets.ts';
import { flawsOf, flawsOfPacket, packetsOf } from './support/packet-view.ts';
import { enhancedGre, ethernet, ipv4, octets, tcp } from './support/packets.ts';
import { wholeSession } from './support/session.ts';

const captures = new URL('../captures/', import.meta.url);
const names = readdirSync(captures).filter((name) => /\.pcap(ng)?(\.gz)?$/.test(name));

function octetsOf(name: string): Uint8Array {
  const file = readFileSync(new URL(name, captures));
  return new Uint8Array(name.endsWith('.gz') ? gunzipSync(file) : file);
}

const nothingKnown: PacketKnowledge = {
  call: () => null,
  segment: () => null,
  multilink: () => null,
  carriers: () => null,
  limits: new Limits(),
};

function treeOfFrame(frame: Frame): { tree: PacketTree; walk: Walk; found: boolean } {
  const walk = new Walk(new AddressBook());
  const found = walk.walk(frame);
  const tree = new PacketTree(new Window(frame.window.bytes.slice(frame.start, frame.end)), nothingKnown);
  tree.frame(frame, walk, found);
  return { tree, walk, found };
}

describe('every octet is in exactly one leaf', () => {
  it.each(names)('%s', (name) => {
    const packets = packetsOf(octetsOf(name));
    expect(packets.length).toBeGreaterThan(0);
    expect(packets.flatMap(flawsOfPacket)).toEqual([]);
  });

  it.each(linkFrames)('$name, whole, cut and damaged', ({ hex, linkType }) => {
    const sound = hexOctets(hex);
    const damage = fc.array(fc.tuple(fc.nat(sound.length - 1), fc.integer({ min: 0, max: 255 })), { maxLength: 6 });
    fc.assert(
      fc.property(fc.nat(sound.length), damage, fc.constantFrom(0, 4), (size, changes, frameCheckOctets) => {
        const bytes = sound.slice(0, size);
        for (const [at, octet] of changes) if (at < size) bytes[at] = octet;
        const frame = frameOf(bytes, { linkType, wireLength: sound.length, frameCheckOctets });
        const { tree } = treeOfFrame(frame);
        expect(flawsOf(tree.layers, size)).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  it('random octets of every link type', () => {
    const anyLink = fc.constantFrom(...Object.values(linkTypes), 147);
    fc.assert(
      fc.property(anyLink, fc.uint8Array({ maxLength: 200 }), (linkType, bytes) => {
        const { tree } = treeOfFrame(frameOf(bytes, { linkType }));
        expect(flawsOf(tree.layers, bytes.length)).toEqual([]);
      }),
      { numRuns: 2000 },
    );
  });

  it('random packets of every protocol that IP leads to', () => {
    const payload = fc.oneof(
      fc.tuple(fc.constantFrom(1, 6, 17, 47, 50, 58, 89), fc.uint8Array({ maxLength: 120 })),
      fc.uint8Array({ maxLength: 90 }).map((ppp) => [47, enhancedGre({ callId: 7, sequence: 1 }, ppp)] as const),
      fc
        .tuple(
          fc.constantFrom(0x0021, 0x0057, 0x003d, 0x00fd, 0x8021, 0xc021, 0xc223),
          fc.uint8Array({ maxLength: 90 }),
        )
        .map(([protocol, body]) => {
          const ppp = octets([0xff, 0x03, protocol >> 8, protocol & 0xff], body);
          return [47, enhancedGre({ callId: 7, sequence: 1, acknowledgment: 2 }, ppp)] as const;
        }),
    );
    fc.assert(
      fc.property(payload, ([protocol, body]) => {
        const bytes = ethernet(ipv4({ source: '10.0.0.1', destination: '10.0.0.2', protocol }, body));
        const { tree } = treeOfFrame(frameOf(bytes));
        expect(flawsOf(tree.layers, bytes.length)).toEqual([]);
        expect(tree.source).toBe('10.0.0.1');
      }),
      { numRuns: 1000 },
    );
  });

  it('control packets of PPP with any code and any octets', () => {
    const protocol = fc.constantFrom(
      ...[
        0xc021, 0xc023, 0xc025, 0xc027, 0xc029, 0xc223, 0xc227, 0x80fd, 0x80fb, 0x8021, 0x8057, 0x8053, 0xc02b, 0x9999,
      ],
    );
    const header = fc.tuple(fc.integer({ min: 0, max: 16 }), fc.integer({ min: 0, max: 255 }));
    const chap = fc.constantFrom(null, 'ms-chap-v1' as const, 'ms-chap-v2' as const);
    fc.assert(
      fc.property(
        protocol,
        header,
        fc.uint8Array({ maxLength: 120 }),
        fc.integer({ min: -4, max: 4 }),
        fc.boolean(),
        chap,
        (number, [code, identifier], body, lie, cut, algorithm) => {
          const length = Math.max(0, body.length + 4 + lie);
          const bytes = octets(code, identifier, [length >> 8, length & 0xff], body);
          const layer = pppControlLayer(
            number,
            { window: new Window(bytes), start: 0, end: bytes.length, cut },
            { chap: algorithm, passwords: [] },
          );
          expect(flawsOf([layer], layer.end)).toEqual([]);
          expect(layer.end).toBeLessThanOrEqual(bytes.length);
        },
      ),
      { numRuns: 3000 },
    );
  });

  it('a session with damaged octets', () => {
    const file = pcapFile(wholeSession());
    const damage = fc.array(fc.tuple(fc.integer({ min: 24, max: file.length - 1 }), fc.integer({ min: 0, max: 255 })), {
      maxLength: 30,
    });
    fc.assert(
      fc.property(damage, (changes) => {
        const damaged = file.slice();
        for (const [at, octet] of changes) damaged[at] = octet;
        expect(packetsOf(damaged).flatMap(flawsOfPacket)).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });
});

describe('the tree and the walk agree', () => {
  const headers = (tree: PacketTree) => tree.layers.findIndex(({ name }) => name === 'IPv4' || name === 'IPv6');

  it.each(linkFrames)('$name', ({ hex, linkType, version }) => {
    const frame = frameOf(hexOctets(hex), { linkType });
    const { tree, walk, found } = treeOfFrame(frame);
    expect(found).toBe(true);
    const ip = tree.layers[headers(tree)];
    expect(ip?.name).toBe(`IPv${version}`);
    expect(ip?.start).toBe(walk.ipStart - frame.start);
    // The addresses and the protocol that tshark reads in these frames.
    expect([tree.source, tree.destination]).toEqual(
      version === 4 ? ['10.0.0.1', '10.0.0.2'] : ['2001:db8::1', '2001:db8::2'],
    );
    expect(tree.layers.some(({ protocol }) => protocol === 'gre')).toBe(true);
  });

  it('on random octets behind every link header', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...linkFrames),
        fc.nat(),
        fc.integer({ min: 0, max: 255 }),
        (sample, place, octet) => {
          const bytes = hexOctets(sample.hex);
          bytes[place % bytes.length] = octet;
          const frame = frameOf(bytes, { linkType: sample.linkType });
          const { tree, walk, found } = treeOfFrame(frame);
          expect(tree.source !== null).toBe(found);
          if (!found) return;
          const ip = tree.layers[headers(tree)];
          expect(ip?.start).toBe(walk.ipStart - frame.start);
          const after = tree.layers.slice(headers(tree) + 1).find(({ protocol }) => protocol !== 'ipv6');
          if (after !== undefined && !walk.fragment && after.name !== 'Link trailer') {
            expect(after.start).toBe(walk.payloadStart - frame.start);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});

it('a flaw in a tree is found', () => {
  const { tree } = treeOfFrame(
    frameOf(
      ethernet(
        ipv4(
          { source: '10.0.0.1', destination: '10.0.0.2', protocol: 6 },
          tcp({
            sourcePort: 1,
            destinationPort: 2,
            sequence: 3,
            flags: 2,
          }),
        ),
      ),
    ),
  );
  const [first, second, ...rest] = tree.layers;
  if (first === undefined || second === undefined) throw new Error('the tree has layers');
  expect(flawsOf(tree.layers, 54)).toEqual([]);
  expect(flawsOf([first, ...rest], 54)).not.toEqual([]);
  expect(flawsOf(tree.layers, 55)).not.toEqual([]);
  expect(flawsOf([{ ...first, fields: first.fields.slice(1) }, second, ...rest], 54)).not.toEqual([]);
});
