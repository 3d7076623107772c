/** Flood of calls. */
import type { CaptureRule, PlacedHit } from './rule.ts';

const manyAtLeast = 20;
const windowSeconds = 10;

/** Connections of one source at one server that came to nothing. */
interface Idle {
  /** Id of the first tunnel. */
  readonly first: string;
  connections: number;
  /** Those without times tell nothing. */
  readonly timed: { readonly frame: number; readonly second: number }[];
}

/** The frames of the first twenty connections that fall into ten seconds. Clocks are set back, so all twenty count. */
function burst(timed: Idle['timed']): number[] {
  for (let first = 0; first + manyAtLeast <= timed.length; first += 1) {
    const group = timed.slice(first, first + manyAtLeast);
    const seconds = group.map(({ second }) => second);
    if (Math.max(...seconds) - Math.min(...seconds) <= windowSeconds) return group.map(({ frame }) => frame);
  }
  return [];
}

export const callFlood: CaptureRule = {
  id: 'call-flood',
  title: 'Flood of calls',
  severity: 'medium',
  what: 'Control connections or calls are opened faster than a person dials, and come to nothing.',
  why: 'Each takes memory and one of the few sessions of the server, before anybody is authenticated. So a server is put out of service.',
  advice: 'Limit the rate of new connections to TCP port 1723, and let only known addresses reach it.',
  references: ['RFC 2637 §5'],
  evidence:
    'Twenty control connections of one source at one server within ten seconds, or twenty calls in one control connection, that did not come up.',
  scope: 'capture',
  look() {
    const found: PlacedHit[] = [];
    const idle = new Map<string, Idle>();
    return {
      see: ({ id, client, server, control, calls, firstFrame, firstTime }) => {
        if (control === null) return;
        const vain = calls.filter(({ outcome, requestFrame }) => outcome !== 'established' && requestFrame !== null);
        if (vain.length >= manyAtLeast) {
          const frames = vain.map(({ requestFrame }) => requestFrame);
          const detail = `${vain.length} calls were asked for in one control connection and did not come up.`;
          found.push({ tunnel: id, call: null, basis: 'used', frames, detail });
        }
        if (calls.some(({ outcome }) => outcome === 'established')) return;
        const key = `${client.address} ${server.address}`;
        const source = idle.get(key) ?? { first: id, connections: 0, timed: [] };
        idle.set(key, source);
        source.connections += 1;
        if (firstTime !== null) source.timed.push({ frame: firstFrame, second: Date.parse(firstTime) / 1000 });
      },
      hits: () => [...found, ...[...idle.values()].flatMap(floodOf)],
    };
  },
};

function floodOf({ first, connections, timed }: Idle): PlacedHit[] {
  const frames = burst(timed);
  if (frames.length === 0) return [];
  const detail = `${connections} control connections of one source came to nothing, ${manyAtLeast} of them within ${windowSeconds} seconds.`;
  return [{ tunnel: first, call: null, basis: 'used', frames, detail }];
}
