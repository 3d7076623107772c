/** Flood of calls. */
import type { Tunnel } from '../../sessions/model.ts';
import type { CaptureRule, PlacedHit } from './rule.ts';

const manyAtLeast = 20;
const windowSeconds = 10;

/** The frames of the first twenty connections that fall into ten seconds. Those without times tell nothing. */
function burst(tunnels: readonly Tunnel[]): number[] {
  const timed = tunnels.flatMap(({ firstFrame, firstTime }) =>
    firstTime === null ? [] : [{ frame: firstFrame, second: Date.parse(firstTime) / 1000 }],
  );
  for (let first = 0; first + manyAtLeast <= timed.length; first += 1) {
    const group = timed.slice(first, first + manyAtLeast);
    const seconds = (group.at(-1)?.second ?? 0) - (group[0]?.second ?? 0);
    if (seconds <= windowSeconds) return group.map(({ frame }) => frame);
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
  find(tunnels) {
    const found: PlacedHit[] = [];
    const idle = new Map<string, Tunnel[]>();
    for (const tunnel of tunnels) {
      if (tunnel.control === null) continue;
      const vain = tunnel.calls.filter(
        ({ outcome, requestFrame }) => outcome !== 'established' && requestFrame !== null,
      );
      if (vain.length >= manyAtLeast) {
        const frames = vain.map(({ requestFrame }) => requestFrame);
        const detail = `${vain.length} calls were asked for in one control connection and did not come up.`;
        found.push({ tunnel: tunnel.id, call: null, basis: 'used', frames, detail });
      }
      if (tunnel.calls.some(({ outcome }) => outcome === 'established')) continue;
      const key = `${tunnel.client.address} ${tunnel.server.address}`;
      const list = idle.get(key);
      if (list === undefined) idle.set(key, [tunnel]);
      else list.push(tunnel);
    }
    for (const list of idle.values()) {
      const frames = burst(list);
      const [first] = list;
      if (frames.length === 0 || first === undefined) continue;
      const detail = `${list.length} control connections of one source came to nothing, ${manyAtLeast} of them within ${windowSeconds} seconds.`;
      found.push({ tunnel: first.id, call: null, basis: 'used', frames, detail });
    }
    return found;
  },
};
