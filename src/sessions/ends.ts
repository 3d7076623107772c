/** The two ends of a tunnel: numbered while it is followed, client and server in the model. */
import type { Side } from './model/side.ts';

/** In the order of the tunnel's addresses; its `clientEnd` says which is the client. */
export type End = 0 | 1;

export function otherEnd(end: End): End {
  return end === 0 ? 1 : 0;
}

export const sides = ['client', 'server'] as const;

export function otherSide(side: Side): Side {
  return side === 'client' ? 'server' : 'client';
}

export function sideOf(clientEnd: End): (end: End) => Side {
  return (end) => (end === clientEnd ? 'client' : 'server');
}
