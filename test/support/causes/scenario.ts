/** What the scenes of causes are made of: what is varied, how a scene is written down, several sessions in one capture. */
import fc from 'fast-check';
import type { CauseId } from '../../../src/findings/knowledge/causes.ts';
import { pcapFile } from '../captures.ts';
import { tcpFlags } from '../packets.ts';
import { Scene, type SceneOptions, type Side, type Trouble } from '../scene.ts';
import type { SessionFrame } from '../session.ts';

/** Beside addresses, ports, Call IDs and places: how often and how fast the ends try. */
export interface Variation extends SceneOptions {
  start: number;
  tries: number;
  interval: number;
}

/** A capture that was built. */
export interface Built {
  file(): Uint8Array;
  /** Packets that may meet trouble. */
  exposed: number;
}

export interface Scenario {
  readonly title: string;
  /** All causes that are said, in order. */
  readonly said: readonly CauseId[];
  readonly build: (options: Variation) => Built;
  /** Why trouble on the way would make another story of it. */
  readonly calm?: string;
}

/** A scenario that looks like the cause's and is not it; the title says in what it differs. */
export interface CauseScenes {
  readonly scenes: readonly Scenario[];
  readonly nearMisses: readonly Scenario[];
}

export const scene = (options: Variation): Scene => new Scene(options);
export const at = (vantage: 'client' | 'server' | 'between', options: Variation): Scene =>
  new Scene({ ...options, vantage });

/** As octets, one for each character. */
export const letters = (text: string): number[] => Array.from(text, (letter) => letter.charCodeAt(0));

export const addressOf = (frame: SessionFrame): string => frame.octets.slice(26, 30).join('.');
export const isGre = (frame: SessionFrame): boolean => frame.octets[23] === 47;

/** Keeps only these frames. */
export function only(one: Scene, keep: (frame: SessionFrame, index: number) => boolean): Scene {
  one.frames.splice(0, one.frames.length, ...one.frames.filter(keep));
  return one;
}

/** A capture of these records; trouble is what the scenes behind it meet. */
export function captured(records: readonly SessionFrame[], options: Parameters<typeof pcapFile>[1] = {}): Built {
  return { exposed: 0, file: () => pcapFile(records, options) };
}

/** Several sessions in one capture, in order of time. */
export function together(...scenes: Scene[]): Built {
  return {
    exposed: scenes[0]?.exposed ?? 0,
    file: () =>
      pcapFile(scenes.flatMap((one) => one.records()).sort((a, b) => a.seconds - b.seconds || a.fraction - b.fraction)),
  };
}

/** One that is up for a while, from the given place and with nothing wrong. */
export const healthy = (one: Scene): Scene => one.lcp().authenticate().ipcp().talk(3).terminate('client').hangUp();

/** A session with so many questions of LCP in vain, and the sides whose GRE is lost. */
export function blocked(one: Scene, { tries, interval }: Variation, lost: readonly Side[]): Scene {
  one.dial();
  for (const side of lost) one.arrives[side] = false;
  return one.lcpInVain(tries, interval).hangUp();
}

/** SYNs with one sequence number. */
export function syns(one: Scene, { tries, interval }: Variation, sequence = 5): Scene {
  for (let index = 0; index < tries; index += 1) {
    one.writer.segment('client', tcpFlags.syn, undefined, sequence);
    one.wait(interval);
  }
  return one;
}

/** The scene's last packet, an ICMP error, as a redirect for the host. RFC 792 */
export function asRedirect(one: Scene): Scene {
  // Behind the Ethernet and IP headers: type and code.
  one.frames.at(-1)?.octets.set([5, 1], 14 + 20);
  return one;
}

const octet = fc.integer({ min: 1, max: 254 });
const callId = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 0xffff }));

export const variation: fc.Arbitrary<Variation> = fc.record({
  client: octet.map((last) => `192.0.2.${last}`),
  server: octet.map((last) => `198.51.100.${last}`),
  clientPort: fc.integer({ min: 1024, max: 65_535 }),
  clientCallId: callId,
  serverCallId: callId,
  clientSequence: fc.integer({ min: 0, max: 0xffff_ffff }),
  serverSequence: fc.integer({ min: 0, max: 0xffff_ffff }),
  start: fc.integer({ min: 1_000_000_000, max: 2_000_000_000 }),
  vantage: fc.constantFrom('client' as const, 'server' as const, 'between' as const),
  hops: fc.integer({ min: 2, max: 20 }),
  initial: fc.constantFrom({ client: 128, server: 64 }, { client: 64, server: 64 }, { client: 128, server: 128 }),
  tries: fc.integer({ min: 3, max: 11 }),
  interval: fc.integer({ min: 1, max: 4 }),
  retransmitsAfter: fc.constantFrom(0.25, 0.6, 1),
});

/** Trouble at places between the first and the last packet of a scene, from 0 to 1. */
export const troubles: fc.Arbitrary<{ place: number; what: Trouble['what'] }[]> = fc.array(
  fc.record({
    place: fc.nat(999).map((thousandths) => thousandths / 1000),
    what: fc.constantFrom('lost near the sender', 'lost near the receiver', 'doubled', 'overtakes'),
  }),
  { minLength: 1, maxLength: 3 },
);
