/** GRE flows that nobody has announced, until it is known which call they belong to: by their addresses, and by age. */
import { type Instant, secondsBetween } from '../octets/instant.ts';
import { pairKey } from '../octets/number-key.ts';
import type { GreFlow } from './gre-flow.ts';

/** Those that are looked at together, where there may be very many. */
const atMost = 64;
/** Seconds after which a flow is settled, whoever else sends: by then the other direction and its acknowledgments have been seen too. */
const settledAfterSeconds = 5;

export class LooseFlows {
  /** By the pair of their addresses. */
  private readonly together = new Map<string, Set<GreFlow>>();
  private count = 0;
  /** In the order in which they came, some of them settled by now; those before `settledTo` are done with. */
  private ageing: GreFlow[] = [];
  private settledTo = 0;

  get size(): number {
    return this.count;
  }

  add(flow: GreFlow): void {
    const pair = pairKey(flow.source, flow.destination);
    const together = this.together.get(pair);
    if (together === undefined) this.together.set(pair, new Set([flow]));
    else together.add(flow);
    this.count += 1;
    this.ageing.push(flow);
    this.closeUp();
  }

  remove(flow: GreFlow): void {
    const pair = pairKey(flow.source, flow.destination);
    const together = this.together.get(pair);
    if (!together?.delete(flow)) return;
    this.count -= 1;
    if (together.size === 0) this.together.delete(pair);
  }

  /** The first that came between two addresses, as many as are looked at. */
  between(one: number, other: number): GreFlow[] {
    const first: GreFlow[] = [];
    for (const flow of this.together.get(pairKey(one, other)) ?? []) {
      if (first.length === atMost) break;
      first.push(flow);
    }
    return first;
  }

  /** In the order of their first frames. */
  all(): GreFlow[] {
    const all = [...this.together.values()].flatMap((together) => [...together]);
    return all.toSorted((a, b) => a.firstFrame - b.firstFrame);
  }

  /** Hands on those that nobody has announced for long enough, in packet time. */
  older(now: Instant, settle: (flow: GreFlow) => void): void {
    const { ageing } = this;
    let later = 0;
    for (;;) {
      const flow = ageing[this.settledTo];
      if (flow === undefined) break;
      const age = secondsBetween(flow.first, now);
      if (age >= 0 && age <= settledAfterSeconds) break;
      this.settledTo += 1;
      if (!this.has(flow)) continue;
      if (age >= 0) {
        settle(flow);
        continue;
      }
      // Of a later time than now, by a clock that was put back: to the end of the queue, a few each time.
      ageing.push(flow);
      later += 1;
      if (later === atMost) break;
    }
    this.closeUp();
  }

  private has(flow: GreFlow): boolean {
    return this.together.get(pairKey(flow.source, flow.destination))?.has(flow) ?? false;
  }

  /** Forgets in the queue those that are settled, now and then: each time would cost the square. */
  private closeUp(): void {
    if (this.ageing.length <= 1024 + 2 * this.count) return;
    this.ageing = this.ageing.slice(this.settledTo).filter((flow) => this.has(flow));
    this.settledTo = 0;
  }
}
