import { randomOdd } from '../octets/random-odd.ts';
import type { GreFlow } from './gre-flow.ts';

/** Others at every start, so that nobody can choose addresses that fall into one slot. */
const seed1 = randomOdd();
const seed2 = randomOdd();
const seed3 = randomOdd();

/**
 * The GRE flows by source address, destination address and Call ID: open addressing over numbers, so that
 * a look-up per packet allocates nothing and builds no key.
 */
export class FlowTable {
  private slots: (GreFlow | null)[] = new Array<GreFlow | null>(1024).fill(null);
  private used = 0;
  /** The flows of the last look-ups: packets come in trains, of both directions. */
  private latest: GreFlow | null = null;
  private before: GreFlow | null = null;

  get size(): number {
    return this.used;
  }

  find(source: number, destination: number, callId: number): GreFlow | null {
    const latest = this.latest;
    if (latest !== null && latest.callId === callId && latest.source === source && latest.destination === destination) {
      return latest;
    }
    const before = this.before;
    if (before !== null && before.callId === callId && before.source === source && before.destination === destination) {
      return before;
    }
    const mask = this.slots.length - 1;
    let slot = hash(source, destination, callId) & mask;
    for (let flow = this.slots[slot]; flow; flow = this.slots[slot]) {
      if (flow.callId === callId && flow.source === source && flow.destination === destination) {
        this.before = latest;
        this.latest = flow;
        return flow;
      }
      slot = (slot + 1) & mask;
    }
    return null;
  }

  /** Puts a flow in the place of the one with the same key, if there is one. */
  set(flow: GreFlow): void {
    if ((this.used + 1) * 2 > this.slots.length) this.grow();
    this.latest = null;
    this.before = null;
    const mask = this.slots.length - 1;
    let slot = hash(flow.source, flow.destination, flow.callId) & mask;
    for (let held = this.slots[slot]; held; held = this.slots[slot]) {
      if (held.callId === flow.callId && held.source === flow.source && held.destination === flow.destination) {
        this.slots[slot] = flow;
        return;
      }
      slot = (slot + 1) & mask;
    }
    this.slots[slot] = flow;
    this.used += 1;
  }

  /** Removes this very flow; another one with its key stays. */
  remove(flow: GreFlow): void {
    this.latest = null;
    this.before = null;
    const mask = this.slots.length - 1;
    let slot = hash(flow.source, flow.destination, flow.callId) & mask;
    while (this.slots[slot] !== flow) {
      if (this.slots[slot] === null) return;
      slot = (slot + 1) & mask;
    }
    this.slots[slot] = null;
    this.used -= 1;
    // Those behind the hole move up, so that no look-up stops at it.
    for (let next = (slot + 1) & mask; ; next = (next + 1) & mask) {
      const moved = this.slots[next];
      if (!moved) return;
      this.slots[next] = null;
      let place = hash(moved.source, moved.destination, moved.callId) & mask;
      while (this.slots[place]) place = (place + 1) & mask;
      this.slots[place] = moved;
    }
  }

  private grow(): void {
    const before = this.slots;
    this.slots = new Array<GreFlow | null>(before.length * 2).fill(null);
    const mask = this.slots.length - 1;
    for (const flow of before) {
      if (flow === null) continue;
      let slot = hash(flow.source, flow.destination, flow.callId) & mask;
      while (this.slots[slot]) slot = (slot + 1) & mask;
      this.slots[slot] = flow;
    }
  }
}

function hash(source: number, destination: number, callId: number): number {
  let value = Math.imul((source | 0) ^ seed1, seed2);
  value = Math.imul(value ^ (value >>> 15) ^ destination, seed3);
  value = Math.imul(value ^ (value >>> 13) ^ callId, seed2);
  return value ^ (value >>> 16);
}
