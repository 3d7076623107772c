/**
 * Which end of a tunnel without call signalling is the client, from what PPP shows: the server hands out addresses
 * (RFC 1332 §3.3) and demands authentication (RFC 1661 §6.2; the client may too), and poptop's Call IDs are multiples
 * of 128.
 */
import type { CallState } from './call-state.ts';
import { type End, otherEnd } from './ends.ts';
import type { TunnelState } from './tunnel-state.ts';

/** Decides where nothing else has. */
export function inferRoles(tunnel: TunnelState): void {
  if (tunnel.roles !== 'unknown') return;
  for (const sign of [givesAddresses, demandsAuthentication, announcesPoptopId]) {
    for (const call of tunnel.calls) {
      const server = sign(call);
      if (server === null) continue;
      tunnel.clientEnd = otherEnd(server);
      if (sign !== announcesPoptopId) tunnel.roles = 'likely';
      return;
    }
  }
}

function only(zero: boolean, one: boolean): End | null {
  return zero === one ? null : zero ? 0 : 1;
}

function demandsAuthentication({ link }: CallState): End | null {
  const authenticators = link.authentication?.authenticators ?? [false, false];
  const shown = only(authenticators[0], authenticators[1]);
  if (shown !== null) return shown;
  const demands = ([0, 1] as const).map((end) => link.lcp.ends[end].lastOption('authenticationProtocol') !== null);
  return only(demands[0] === true, demands[1] === true);
}

/** Who has its Configure-Requests countered by the other is given what it lacks. */
function givesAddresses({ link }: CallState): End | null {
  const countered = link.ipcp?.ends.map((requests) => requests.naks > 0) ?? [false, false];
  const client = only(countered[0] === true, countered[1] === true);
  return client === null ? null : otherEnd(client);
}

/** GRE carries the receiver's Call ID. */
function announcesPoptopId(call: CallState): End | null {
  const isPoptop = (sender: End): boolean => {
    const flow = call.flow(sender);
    return flow !== null && flow.packets > 0 && flow.callId % 128 === 0;
  };
  return only(isPoptop(1), isPoptop(0));
}
