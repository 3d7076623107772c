/** Captures that hold the GRE of one side alone. */
import { otherSide, sides } from '../sessions/ends.ts';
import type { Call } from '../sessions/model/call.ts';
import type { Side } from '../sessions/model/side.ts';

/** Whose GRE alone is in the capture, though it acknowledges the other's. */
export function onlyGreFrom({ gre }: Call): Side | null {
  const of = { client: gre.clientToServer, server: gre.serverToClient };
  return sides.find((side) => of[side].lastAcknowledgment !== null && of[otherSide(side)].packets === 0) ?? null;
}
