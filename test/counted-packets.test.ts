/** Two speeds, one truth: packets that are counted by their headers alone are what they are for who looks at them whole. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { pcapOf } from '../src/fuzz/capture-file.ts';
import { between, seeded } from '../src/fuzz/choices.ts';
import { damagedCapture } from '../src/fuzz/damaged-packets.ts';
import { temperaments } from '../src/fuzz/encoded.ts';
import { tunnels } from '../src/fuzz/tunnel.ts';
import { Ladder, type Rung } from '../src/report/ladder.ts';
import type { CountedPacket, ViewedPacket } from '../src/sessions/viewed-packet.ts';
import { packetsOf } from './support/packet-view.ts';

const captures = readdirSync('captures')
  .filter((name) => /\.(pcap|pcapng)$/.test(name))
  .map((name) => [name, () => new Uint8Array(readFileSync(`captures/${name}`))] as const);
const made = Array.from({ length: 60 }, (_, seed) => {
  const choices = seeded(seed);
  const temperament = temperaments[between(choices, 0, temperaments.length - 1)] ?? 'valid';
  const file = (): Uint8Array => damagedCapture(choices, pcapOf(tunnels(choices, temperament)));
  return [`seed ${seed}`, file] as const;
});

/** What both have. */
function common({ frame, instant, wireLength, marks, lostBefore, owner }: CountedPacket | ViewedPacket): unknown {
  return {
    frame,
    instant,
    wireLength,
    marks,
    lostBefore,
    call: owner?.call?.id,
    tunnel: owner?.tunnel.id,
    from: owner?.from,
  };
}

function rungsOf(packets: readonly (CountedPacket | ViewedPacket)[]): Rung[] {
  const rungs: Rung[] = [];
  const ladder = new Ladder((rung) => rungs.push(rung));
  for (const packet of packets) {
    if ('kind' in packet) ladder.counted(packet);
    else ladder.packet(packet);
  }
  ladder.finish();
  return rungs;
}

let all = 0;

test.each([...captures, ...made])('%s', (_name, file) => {
  const octets = file();
  const whole = packetsOf(octets, false);
  const counted: CountedPacket[] = [];
  const mixed = [...packetsOf(octets, false, (packet) => counted.push(packet)), ...counted];
  mixed.sort((one, other) => one.frame - other.frame);
  expect(mixed.map(common)).toEqual(whole.map(common));
  const kinds = new Map(counted.map((packet) => [packet.frame, packet.kind]));
  for (const { frame, isData, isAcknowledgment } of whole) {
    const kind = kinds.get(frame);
    if (kind !== undefined)
      expect([isAcknowledgment, isData]).toEqual([kind === 'acknowledgment', kind !== 'acknowledgment']);
  }
  expect(rungsOf(mixed)).toEqual(rungsOf(whole));
  all += counted.length;
});

test('most packets are counted so', () => {
  expect(all).toBeGreaterThan(10_000);
});
