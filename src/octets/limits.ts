/** The bounds of one reading, and which of them were reached. Each is told once, with how often. */
import { type BoundName, type Bounds, boundsWith, boundTable } from './bounds.ts';

/** A bound that was reached, as the report says it. */
export interface ReachedLimit {
  limit: string;
  times: number;
  message: string;
}

export class Limits {
  readonly bounds: Bounds;
  /** What streams hold together, of `waiting-octets`. */
  waitingOctets = 0;
  private readonly hit = new Map<BoundName, number>();

  /** Throws a RangeError for what may not be chosen. */
  constructor(chosen: Partial<Bounds> = {}) {
    this.bounds = boundsWith(chosen);
  }

  reached(name: BoundName, times = 1): void {
    this.hit.set(name, (this.hit.get(name) ?? 0) + times);
  }

  /** Whether nothing more may be added to `held` of what is bounded. True counts as reached. */
  full(name: BoundName, held: number): boolean {
    if (held < this.bounds[name]) return false;
    this.reached(name);
    return true;
  }

  /** A captured text that is kept, one character for each octet: cut after `text-length`, between characters of UTF-8. */
  text(octets: string): string {
    let most = this.bounds['text-length'];
    if (octets.length <= most) return octets;
    this.reached('text-length');
    for (let back = 0; back < 3 && isContinuation(octets.charCodeAt(most)); back += 1) most -= 1;
    return octets.slice(0, most);
  }

  /** Counts what another one counted. */
  take({ hit }: Limits): void {
    for (const [name, times] of hit) this.reached(name, times);
  }

  list(): ReachedLimit[] {
    return [...this.hit].map(([limit, times]) => {
      return { limit, times, message: boundTable[limit].notice.replace('#', String(this.bounds[limit])) };
    });
  }
}

/** Of a UTF-8 sequence, not its first octet. RFC 3629 §3 */
function isContinuation(octet: number): boolean {
  return (octet & 0xc0) === 0x80;
}
