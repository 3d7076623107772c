/** What a time to live tells of the way that a packet has come. */

/** Values that systems begin with: Unix, Windows, routers. */
const initialTimesToLive = [64, 128, 255];

/** Routers that a packet has passed, taken that it began with the next value that systems begin with. */
export function routersPassed(timeToLive: number): number {
  return (initialTimesToLive.find((initial) => timeToLive <= initial) ?? 255) - timeToLive;
}
