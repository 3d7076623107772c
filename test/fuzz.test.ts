/** The generators of pptpscope/fuzz, what finds and shrinks, and the kept inputs of all targets. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { Campaign, type Witness } from '../fuzz/campaign.ts';
import { corpusOf } from '../fuzz/corpus.ts';
import type { Reached } from '../fuzz/coverage.ts';
import type { Target } from '../fuzz/target.ts';
import { targets } from '../fuzz/targets.ts';
import { type CapturedPacket, packetsOf, pcapngOf, pcapOf } from '../src/fuzz/capture-file.ts';
import { chosen, seeded } from '../src/fuzz/choices.ts';
import { controlMessage, controlMessageTypes } from '../src/fuzz/control-message.ts';
import { damagedCapture, damagedPackets } from '../src/fuzz/damaged-packets.ts';
import { temperaments } from '../src/fuzz/encoded.ts';
import { anyControlPacket } from '../src/fuzz/ppp-packet.ts';
import { smallest } from '../src/fuzz/shrink.ts';
import { tunnel } from '../src/fuzz/tunnel.ts';
import { Window } from '../src/octets/window.ts';
import { decodePppControl } from '../src/ppp/packet.ts';
import { anomaliesOf, decodeControlMessage } from '../src/pptp/message.ts';
import { reportOf } from './support/analysis.ts';
import { drawn } from './support/arbitrary.ts';

const seeds = Array.from({ length: 60 }, (_, seed) => seed);

describe('kept inputs', () => {
  // Those of `fuzz/corpus`: what reached code that others do not reach, and what once broke a law.
  it.each(targets.map((target) => ({ name: target.name, target })))('$name', async ({ name, target }) => {
    const inputs = corpusOf(name);
    expect(inputs.length).toBeGreaterThan(0);
    for (const { name: input, octets } of inputs) {
      try {
        await target.run(octets);
      } catch (error) {
        throw new Error(`fuzz/corpus/${name}/${input}`, { cause: error });
      }
    }
  });
});

describe('generators', () => {
  it.each(temperaments)('%s: the same for the same seed', (temperament) => {
    const draw = (seed: number) => pcapOf(tunnel(seeded(seed), temperament));
    for (const seed of seeds.slice(0, 10)) expect(draw(seed)).toEqual(draw(seed));
    expect(draw(1)).not.toEqual(draw(2));
  });

  it('control messages of each type are valid, or mostly not', () => {
    for (const type of controlMessageTypes) {
      const anomalies = (temperament: (typeof temperaments)[number]) =>
        seeds.map((seed) => {
          const octets = controlMessage(seeded(seed), temperament, type);
          const decoded = decodeControlMessage(new Window(octets), 0, octets.length);
          return decoded.ok ? anomaliesOf(decoded.value, octets.length).length : 1;
        });
      expect(anomalies('valid').every((count) => count === 0)).toBe(true);
      expect(anomalies('nearly-valid').filter((count) => count > 0).length).toBeGreaterThan(20);
      expect(anomalies('wild').filter((count) => count > 0).length).toBeGreaterThan(20);
    }
  });

  it('PPP control packets are valid', () => {
    for (const seed of seeds) {
      const { protocol, octets } = anyControlPacket(seeded(seed), 'valid');
      const decoded = decodePppControl(protocol, new Window(octets), 0, octets.length, false);
      expect(decoded.ok && decoded.value.fault).toBe(undefined);
    }
  });

  it('valid tunnels are read as one tunnel each, without anomalies', () => {
    for (const seed of seeds) {
      const report = reportOf(pcapOf(tunnel(seeded(seed), 'valid')));
      expect(report.tunnels.map(({ control }) => control?.anomalies)).toEqual([[]]);
      expect(report.captures[0]?.complete).toBe(true);
    }
  });

  it('both containers hold the same packets', () => {
    for (const seed of seeds.slice(0, 10)) {
      const packets = tunnel(seeded(seed), 'wild').filter(({ linkType }, _, [first]) => linkType === first?.linkType);
      expect(packetsOf(pcapOf(packets))).toEqual(packets);
      expect(packetsOf(pcapngOf(packets))).toEqual(packets);
    }
  });

  it('a container holds more packets than a call takes arguments', () => {
    const packet = { instant: { seconds: 1, nanoseconds: 0 }, linkType: 1, octets: Uint8Array.of(1), wireLength: 1 };
    const packets: CapturedPacket[] = new Array(200_000).fill(packet);
    expect(packetsOf(pcapOf(packets))).toHaveLength(200_000);
  });

  it('shrink in fast-check', () => {
    const found = fc.check(
      fc.property(
        drawn((choices) => controlMessage(choices, 'valid')),
        (octets) => octets.length < 200,
      ),
      { seed: 1, numRuns: 1000 },
    );
    // The ninth of the types, Incoming-Call-Request, is the only one of more than 168 octets. RFC 2637 §2.9
    expect(found.counterexample?.[0].length).toBe(220);
    // All that does not matter is as simple as it gets: the Call ID.
    expect([...(found.counterexample?.[0].subarray(12, 14) ?? [])]).toEqual([0, 0]);
  });
});

describe('damage', () => {
  const file = pcapOf(tunnel(seeded(3), 'valid'));
  const key = ({ instant, octets }: CapturedPacket) => `${instant.seconds}.${instant.nanoseconds} ${octets.join()}`;

  it('is the same for the same seed, and leaves its input alone', () => {
    const before = file.slice();
    for (const seed of seeds) {
      expect(damagedCapture(seeded(seed), file)).toEqual(damagedCapture(seeded(seed), file));
    }
    expect(file).toEqual(before);
  });

  it('loses, doubles, reorders, cuts, fragments and segments packets', () => {
    const packets = packetsOf(file);
    const known = new Set(packets.map(key));
    let [fewer, more, cut, fragments, reordered] = [0, 0, 0, 0, 0];
    for (let seed = 0; seed < 400; seed += 1) {
      const result = damagedPackets(seeded(seed), packets);
      if (result.length < packets.length) fewer += 1;
      if (result.length > packets.length) more += 1;
      if (result.some(({ octets, wireLength }) => octets.length < wireLength)) cut += 1;
      const report = reportOf(pcapOf(result)).captures[0];
      if ((report?.incompleteDatagrams.length ?? 0) > 0) fragments += 1;
      if (result.every((packet) => known.has(key(packet))) && (report?.framesBackInTime ?? 0) > 0) reordered += 1;
    }
    for (const count of [fewer, more, cut, fragments, reordered]) expect(count).toBeGreaterThan(5);
  });
});

it('smallest gives the smallest octets that show the same', async () => {
  const shows = (octets: Uint8Array) => octets.includes(7) && octets.some((octet) => octet > 99);
  const found = await smallest(
    Uint8Array.from({ length: 300 }, (_, index) => index & 0xff),
    shows,
  );
  expect([...found].sort((one, two) => one - two)).toEqual([7, 128]);
});

describe('a campaign', () => {
  const witness: Witness = { begins: () => undefined, ends: () => undefined };
  /** Counts as new what begins with another octet. */
  class FirstOctets implements Reached {
    functions = 0;
    characters = 0;
    readonly known = new Set<number>();
    ran: number[] = [];
    forget(): void {
      this.ran = [];
    }
    isMore(): boolean {
      return this.ran.some((octet) => !this.known.has(octet));
    }
    take(): void {
      for (const octet of this.ran) this.known.add(octet);
    }
  }
  const reached = new FirstOctets();
  const planted: Target = {
    name: 'planted',
    what: 'breaks where three octets stand in a row that chance seldom puts there at once',
    batch: 200,
    longest: 64,
    generate: (choices) => Uint8Array.of(choices.below(4)),
    change: (choices, input) => Uint8Array.of(...input, choices.below(256)),
    run(input) {
      reached.ran.push(input[0] === 3 ? 1000 + input.length : (input[0] ?? 0));
      if (input[0] === 3 && input.length > 12) throw new Error('planted');
    },
  };

  it('finds what is only reached step by step, and makes it small', async () => {
    const campaign = new Campaign(planted, 1, reached, witness);
    for (let left = 60; left > 0; left -= 1) await campaign.step();
    expect(campaign.finds).toHaveLength(1);
    expect([...(campaign.finds[0]?.input ?? [])]).toEqual([3, ...Array.from({ length: 12 }, () => 0)]);
    // The first four batches grow to a whole one: each is twice the one before.
    expect(campaign.executions).toBe(13 + 26 + 52 + 104 + 56 * planted.batch);
  });
});

describe('docs/fuzzing.md', () => {
  const page = readFileSync(new URL('../docs/fuzzing.md', import.meta.url), 'utf8');
  const examples = [...page.matchAll(/```js\n([\s\S]*?)```/g)].map(([, code]) => code ?? '');
  const folder = mkdtempSync(join(tmpdir(), 'pptpscope-fuzz-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each(examples.map((code, index) => ({ number: index + 1, code })))('example $number runs', ({ code }) => {
    const root = fileURLToPath(new URL('..', import.meta.url));
    const inFolder = code.replaceAll("'tunnel.pcap'", JSON.stringify(join(folder, 'tunnel.pcap')));
    const words = ['--input-type=module', '--eval', inFolder];
    expect(() => execFileSync(process.execPath, words, { cwd: root, stdio: 'pipe' })).not.toThrow();
  });

  it('writes a capture that holds a tunnel', () => {
    const file = new Uint8Array(readFileSync(join(folder, 'tunnel.pcap')));
    expect(reportOf(file).tunnels).toHaveLength(1);
  });

  it('names every target', () => {
    const rows = page.replaceAll(/ +/g, ' ');
    for (const { name, what } of targets) expect(rows).toContain(`| \`${name}\` | ${what} |`);
  });
});

it('decisions from a list that has ended are the simplest', () => {
  const choices = chosen([300, 5]);
  expect([choices.below(256), choices.below(256), choices.below(256)]).toEqual([44, 5, 0]);
});
