/** Some hours of live traffic in packet time: `npm run soak` in small, and the proof that it would notice growth. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const script = fileURLToPath(new URL('../bench/soak.mjs', import.meta.url));

interface Soaked {
  readonly flat: boolean;
  readonly grown: readonly [path: string, size: number][];
  readonly events: Readonly<Record<string, number>>;
  readonly limitsReached: readonly { limit: string; times: number }[];
}

/** Half a minute of work for a machine that has other work as well. */
const patience = 300_000;

function soak(...words: readonly string[]): { status: number | null; result: Soaked } {
  const scale = ['--rate', '0.05', '--flood', '200', '--json'];
  const { status, stdout } = spawnSync(process.execPath, ['--expose-gc', script, ...scale, ...words], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  return { status, result: JSON.parse(stdout) };
}

test(
  'hours of sessions, failures and floods leave nothing behind',
  () => {
    const { status, result } = soak('--hours', '4', '--keep', '100');
    expect(result.grown).toEqual([]);
    expect(result.flat).toBe(true);
    expect(status).toBe(0);
    for (const kind of ['network-opened', 'authentication-failed', 'tcp-refused', 'tunnel-silent', 'echo-unanswered']) {
      expect(result.events[kind]).toBeGreaterThan(0);
    }
    // Every tunnel that was met is over but for those of the last hour or so.
    const { 'tunnel-opened': opened = 0, 'tunnel-ended': ended = 0 } = result.events;
    expect(opened - ended).toBeLessThan(100);
    // The connection that carries a call after another tells of the last as of the first.
    expect(result.events['call-connected']).toBeGreaterThan(500);
    expect(result.limitsReached.map(({ limit }) => limit)).toContain('ended-calls');
  },
  patience,
);

test(
  'what stays is noticed',
  () => {
    const { status, result } = soak('--hours', '3', '--keep', '1000000', '--slack', '100');
    expect(status).toBe(1);
    expect(result.grown.map(([path]) => path)).toContain('EndedTunnels.kept');
  },
  patience,
);

test('a wrong word is a line and 2: 1 is for growth', () => {
  for (const [words, complaint] of [
    [['--nope'], "unknown option '--nope'"],
    [['--hours', 'many'], 'It is a number'],
  ] as const) {
    const { status, stderr } = spawnSync(process.execPath, [script, ...words], { encoding: 'utf8' });
    expect(stderr).toContain(complaint);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(status).toBe(2);
  }
});
