/** Who sent the FIN or RST that ended TCP: a box on the way that does so in an end's name has another time to live. */
import { routersPassed } from '../../ip/time-to-live.ts';
import { counted } from '../../octets/words.ts';
import type { StrangeTimeToLive } from '../../sessions/model/control.ts';
import type { TunnelCase } from './tunnel-case.ts';

/** A sentence on who sent the FIN or RST, where its time to live tells; empty where it does not. */
export function closerText(tunnelCase: TunnelCase): string {
  const strange = strangeEnd(tunnelCase);
  if (strange === null) return '';
  const { from, timeToLive, usualTimeToLive } = strange;
  const segment = tunnelCase.tunnel.control?.tcp.closedWith === 'fin' ? 'FIN' : 'RST';
  return ` The ${segment}'s time to live is ${timeToLive}, that of the ${from}'s other segments ${usualTimeToLive}: a box on the way sent it in the ${from}'s name.`;
}

/** What to do about the box that sent the FIN or RST; null where its time to live tells of none. */
export function closerAdvice(tunnelCase: TunnelCase): string | null {
  const strange = strangeEnd(tunnelCase);
  if (strange === null) return null;
  const away = routersPassed(strange.timeToLive);
  if (away > routersPassed(strange.usualTimeToLive)) {
    return `Find the box that sent it: no place on the way to the ${strange.from} has its time to live, so it is made up, as boxes do that end PPTP on purpose.`;
  }
  const where =
    away === 0 ? 'in the network of the point of capture' : `${counted(away, 'router')} from the point of capture`;
  return `Find the box that sent it: by its time to live it is ${where}. It has lost the connection (a restart, a failover to another box, a timer), or ends PPTP on purpose.`;
}

function strangeEnd({ tunnel }: TunnelCase): StrangeTimeToLive | null {
  const tcp = tunnel.control?.tcp;
  return tcp?.strangeTimesToLive.find(({ frame }) => frame === tcp.closedFrame) ?? null;
}
