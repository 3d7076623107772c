/**
 * Law: which tunnels lie packed in memory while a capture is read changes nothing in the report.
 */
import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Analysis } from '../src/analyze.ts';
import type { Report } from '../src/report/contract.ts';
import { pcapFile } from './support/captures.ts';
import { enhancedGre, pppControl } from './support/packets.ts';
import { lcpProtocol, Scene } from './support/scene.ts';
import { wholeSession } from './support/session.ts';

const folder = new URL('../captures/', import.meta.url);
const names = readdirSync(folder).filter((name) => /\.pcap(ng)?$/.test(name));

function reportWith(awakeTunnels: number, file: Uint8Array): Report {
  const analysis = new Analysis({ awakeTunnels, keepSecrets: true });
  const capture = analysis.capture('capture', null);
  capture.push(file);
  capture.finish();
  return analysis.report();
}

describe('a tunnel that slept is what it would have been', () => {
  test.each(names)('%s', (name) => {
    const file = new Uint8Array(readFileSync(new URL(name, folder)));
    const expected = reportWith(Number.POSITIVE_INFINITY, file);
    for (const awake of [0, 1]) expect(reportWith(awake, file)).toEqual(expected);
  });

  test('sessions of which the capture lacks some frames, and the end', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 9 }), { minLength: 60, maxLength: 90 }), (fates) => {
        const sessions = [1, 2, 3].map((number) =>
          wholeSession({ client: `198.51.100.${number}`, clientCallId: number, serverCallId: number * 128 }),
        );
        const turns = Array.from({ length: 30 }, (_, turn) => sessions.flatMap((frames) => frames[turn] ?? [])).flat();
        const seen = turns.filter((_, index) => (fates[index] ?? 0) > 1);
        const file = pcapFile(
          seen.map((frame, index) => ({ ...frame, seconds: 1_700_000_000, fraction: index * 9000 })),
        );
        expect(reportWith(0, file)).toEqual(reportWith(Number.POSITIVE_INFINITY, file));
      }),
      { numRuns: 60 },
    );
  });

  test('calls that take turns', () => {
    const sessions = Array.from({ length: 5 }, (_, number) =>
      wholeSession({ client: `198.51.100.${number + 1}`, clientCallId: number, serverCallId: number * 3 }),
    );
    const longest = Math.max(...sessions.map(({ length }) => length));
    const turns = Array.from({ length: longest }, (_, turn) => sessions.flatMap((frames) => frames[turn] ?? [])).flat();
    const file = pcapFile(turns.map((frame, index) => ({ ...frame, seconds: 1_700_000_000 + index, fraction: 0 })));
    const expected = reportWith(Number.POSITIVE_INFINITY, file);
    expect(expected.tunnels.map(({ calls }) => calls[0]?.outcome)).toEqual(sessions.map(() => 'established'));
    for (const awake of [0, 1, 2, 4]) expect(reportWith(awake, file)).toEqual(expected);
  });

  test.each(['in a file', 'live'])('a forgotten one is not asked again, %s', (where) => {
    const one = new Scene();
    one.arrives.server = false;
    one.dial().lcpInVain(1, 1).close('client').wait(1);
    // The same ports again: of the first connection it is heard twice that it is over.
    one.handshake().wait(70);
    // Might be what the call lacked.
    one.writer.ip(
      'server',
      47,
      enhancedGre({ callId: 999, sequence: 5 }, pppControl(lcpProtocol, 9, 1, new Uint8Array(4))),
    );
    const other = new Scene({ client: '192.0.2.77', start: (one.frames.at(-1)?.seconds ?? 0) + 2 }).up();
    const analysis = new Analysis(where === 'live' ? { onEvent: () => {} } : { awakeTunnels: 0 });
    const capture = analysis.capture('capture', null);
    capture.push(pcapFile([...one.records(), ...other.records()]));
    capture.finish();
    expect(analysis.report().tunnels.map(({ calls }) => calls.length)).toEqual([1, 0, 1, 1]);
  });
});
