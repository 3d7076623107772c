/** Captures whose headers were damaged on the way, and captures whose clock was put back: what can be said, and no more. */
import { describe, expect, test } from 'vitest';
import type { Report } from '../src/report/contract.ts';
import { markdownReport } from '../src/report/markdown.ts';
import { plainPalette, textReport } from '../src/report/text.ts';
import { reportOf } from './support/analysis.ts';
import { pcapFile } from './support/captures.ts';
import { isGre } from './support/causes/scenario.ts';
import { checksummed } from './support/causes/tunnel.ts';
import { Scene } from './support/scene.ts';
import type { SessionFrame } from './support/session.ts';

const words = (report: Report): string[] => {
  const options = { width: 400, palette: plainPalette, time: 'utc', verbose: false } as const;
  return [[...textReport(report, options)].join(''), [...markdownReport(report)].join('').replaceAll('\\', '')];
};

describe('an address that was changed on the way', () => {
  const session = (): Scene => new Scene().up().talk(10).wait(1).terminate('client').hangUp();
  const gre = session()
    .frames.map((frame, index) => (isGre(frame) ? index : -1))
    .filter((index) => index > 20);

  /** A bit of the destination falls over in these frames behind their sender, whose checksums are right. RFC 791 §3.1 */
  const changed = (of: readonly number[], one = session()): SessionFrame[] => {
    for (const index of of) {
      const { octets } = one.frames[index] ?? { octets: new Uint8Array() };
      octets[30] = (octets[30] ?? 0) ^ 0x40;
    }
    return one.frames;
  };
  const written = (of: readonly number[]): Report => {
    const one = session();
    changed(of, one);
    return reportOf(checksummed(one, (_frame, index) => of.includes(index)).file());
  };

  test.each([1, 2, 3])('makes no tunnel of %d packets, and is told of', (count) => {
    const damaged = gre.filter((_, place) => place % 2 === 0).slice(0, count);
    const report = written(damaged);
    expect(report.tunnels.map(({ client }) => client.address)).toEqual(['192.0.2.10']);
    const firstFrame = (damaged[0] ?? 0) + 1;
    expect(report.captures[0]?.damagedHeaders).toEqual({ packets: count, firstFrame });
    for (const text of words(report)) expect(text).toMatch(/\d GRE packets? of no tunnel, damaged on the way: /);
  });

  test('makes none where nothing is damaged', () => {
    const report = written([]);
    expect(report.tunnels).toHaveLength(1);
    expect(report.captures[0]?.damagedHeaders).toBeNull();
    for (const text of words(report)) expect(text).not.toContain('damaged');
  });

  test('is not taken for damage where the checksum is right: somebody sent it there', () => {
    const one = session();
    changed(gre.slice(0, 1), one);
    expect(reportOf(checksummed(one, () => false).file()).tunnels).toHaveLength(2);
  });

  test('is not taken for damage where all checksums are 0, as a network card was to fill them in', () => {
    expect(reportOf(pcapFile(changed(gre.slice(0, 1)))).tunnels).toHaveLength(2);
  });

  test('is not taken for damage where all checksums are wrong, as those of a file that was made anonymous', () => {
    const report = reportOf(checksummed(new Scene().up().talk(1), () => true).file());
    expect(report.tunnels.map(({ calls }) => calls.map(({ outcome }) => outcome))).toEqual([['established']]);
    const alone = reportOf(pcapFile(lastOfTunnel(new Scene().up().talk(1))));
    expect(alone.tunnels.map(({ calls }) => calls.map(({ outcome }) => outcome))).toEqual([['established']]);
    expect(alone.captures[0]?.damagedHeaders).toBeNull();
  });

  /** GRE alone, with wrong checksums, of no more packets than damage would have. */
  const lastOfTunnel = (one: Scene): SessionFrame[] =>
    one.frames
      .filter(isGre)
      .slice(-2)
      .map((frame) => {
        const octets = frame.octets.slice();
        octets.set([0xde, 0xad], 24);
        return { ...frame, octets };
      });
});

describe('a clock that is put back', () => {
  /** A session that is up for 10.3 s, in whose middle the clock goes back. */
  const session = (back: number): Report => {
    const one = new Scene().up().talk(2).wait(5).talk(1);
    const before = one.frames.length;
    one.wait(5).talk(2).terminate('client').hangUp();
    return reportOf(
      pcapFile(one.frames.map((frame, at) => (at < before ? frame : { ...frame, seconds: frame.seconds - back }))),
    );
  };

  test.each([8, 3600])('by %d s: no length is told, and why', (back) => {
    const report = session(back);
    const [tunnel] = report.tunnels;
    // The two frames lie 5.052 s apart: a round of talk takes 2 ms and a pause of 50 ms, and 5 s were waited.
    expect(report.captures[0]?.largestStepBack?.seconds).toBeCloseTo(back - 5.051, 2);
    expect(tunnel?.stepBackSeconds).toBeCloseTo(back - 5.051, 2);
    for (const text of words(report)) {
      expect(text).toContain('VPN came up for a time unknown (times in the capture go back), ended by the client');
      expect(text).toMatch(/1 frame out of order in time: at frame \d+ times go back by /);
    }
  });

  test('not at all: its length is told', () => {
    const report = session(0);
    expect([report.captures[0]?.largestStepBack, report.tunnels[0]?.stepBackSeconds]).toEqual([null, 0]);
    for (const text of words(report)) expect(text).toContain('VPN came up for 10.3 s, ended by the client');
  });

  test('by less than frames out of order show: its length is told', () => {
    const report = session(6);
    expect(report.captures[0]?.framesBackInTime).toBe(1);
    for (const text of words(report)) expect(text).toMatch(/VPN came up for 4\.\d s, ended by the client/);
  });
});
