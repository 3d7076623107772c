import type { TunnelState } from './tunnel-state.ts';

export type Vantage = 'client' | 'server' | 'between' | 'unknown';

/** Times to live that systems start with: Unix, Windows, routers. */
const initialTimesToLive = [64, 128, 255];

/** Seconds below which the two ends cannot be told apart by time. */
const shortestPath = 0.001;

/**
 * Near which end a tunnel was captured. A time to live that still has a starting value has passed no router:
 * its sender is near. Where both are fresh, the handshake tells: the near end answers at once.
 */
export function vantageOf(tunnel: TunnelState): Vantage {
  const client = tunnel.clientEnd;
  const server = client === 0 ? 1 : 0;
  const clientFresh = initialTimesToLive.includes(tunnel.timesToLive[client]);
  const serverFresh = initialTimesToLive.includes(tunnel.timesToLive[server]);
  const serverSeen = tunnel.timesToLive[server] !== -1;
  const clientSeen = tunnel.timesToLive[client] !== -1;
  if (clientFresh && !serverFresh) return 'client';
  if (serverFresh && !clientFresh && clientSeen) return 'server';
  if (clientSeen && serverSeen && !clientFresh && !serverFresh) return 'between';
  const connection = tunnel.control;
  const answer = connection?.handshakeSeconds ?? null;
  const acknowledge = connection?.acknowledgeSeconds ?? null;
  if (!clientFresh || !serverFresh || answer === null || acknowledge === null) return 'unknown';
  if (answer >= shortestPath && answer > acknowledge * 4) return near(client);
  if (acknowledge >= shortestPath && acknowledge > answer * 4) return near(server);
  return 'unknown';

  function near(end: 0 | 1): Vantage {
    return end === client ? 'client' : 'server';
  }
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
