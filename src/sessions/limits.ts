/** Bounds that keep memory finite. Each that is hit is reported once, with what it cost and how often. */
export interface ReachedLimit {
  limit: string;
  times: number;
  message: string;
}

export class Limits {
  private readonly hit = new Map<string, ReachedLimit>();

  /** `limit` is a stable kebab-case name. */
  reached(limit: string, message: string, times = 1): void {
    const held = this.hit.get(limit);
    if (held === undefined) this.hit.set(limit, { limit, times, message });
    else held.times += times;
  }

  list(): ReachedLimit[] {
    return [...this.hit.values()];
  }
}
