import { routersPassed } from '../ip/time-to-live.ts';
import { type End, otherEnd } from './ends.ts';
import type { Lost } from './lost-segments.ts';
import type { TunnelState } from './tunnel-state.ts';

export type Vantage = 'client' | 'server' | 'between' | 'unknown';

/** Seconds below which the two ends cannot be told apart by time. */
const shortestPath = 0.001;

/**
 * Near which end a tunnel was captured. A time to live that still has a starting value has passed no router: its sender
 * is near. Where both are fresh, the handshake tells: the near end answers at once. Where that does not tell either, what
 * was lost does: an end that packets were lost on the way to is not the place.
 */
export function vantageOf(tunnel: TunnelState): Vantage {
  const client = tunnel.clientEnd;
  const server = otherEnd(client);
  const clientFresh = routersPassed(tunnel.timeToLive(client)) === 0;
  const serverFresh = routersPassed(tunnel.timeToLive(server)) === 0;
  const serverSeen = tunnel.timeToLive(server) !== -1;
  const clientSeen = tunnel.timeToLive(client) !== -1;
  if (clientFresh && !serverFresh) return 'client';
  if (serverFresh && !clientFresh && clientSeen) return 'server';
  if (clientSeen && serverSeen && !clientFresh && !serverFresh) return 'between';
  if (!clientFresh || !serverFresh) return 'unknown';
  const mayBeClient = lostBeside(tunnel, client) === null;
  const mayBeServer = lostBeside(tunnel, server) === null;
  if (!mayBeClient && !mayBeServer) return 'between';
  // From the capture to the server and back, and to the client and back.
  const answer = tunnel.control?.handshake.seconds ?? null;
  const acknowledge = tunnel.control?.handshake.acknowledgeSeconds ?? null;
  if (answer === null || acknowledge === null) return 'unknown';
  if (answer >= shortestPath && answer > acknowledge * 4) return 'client';
  if (acknowledge >= shortestPath && acknowledge > answer * 4) return 'server';
  // A little nearer to one end counts where it cannot be the other; where it can be only the farther one, it is on the way.
  if (mayBeClient === mayBeServer || answer === acknowledge) return 'unknown';
  if (answer > acknowledge) return mayBeClient ? 'client' : 'between';
  return mayBeServer ? 'server' : 'between';
}

/** What was lost between the point of capture and an end, by the control connection and LCP. */
export function lostBeside(tunnel: TunnelState, end: End): Lost | null {
  let all: Lost | null = tunnel.control?.lostBeside(end) ?? null;
  for (const call of tunnel.calls) {
    const lost = call.link.lostBeside(end);
    if (lost === null) continue;
    all = all === null ? lost : { times: all.times + lost.times, frame: Math.min(all.frame, lost.frame) };
  }
  return all;
}

/** What most tunnels of a capture say. */
export function commonVantage(votes: ReadonlyMap<Vantage, number>): Vantage {
  let best: Vantage = 'unknown';
  let most = 0;
  for (const [vantage, count] of votes) {
    if (vantage !== 'unknown' && count > most) {
      best = vantage;
      most = count;
    }
  }
  return best;
}
