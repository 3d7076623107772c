/**
 * The calls of one tunnel by their Call IDs. Nearly all tunnels have one or two, which are looked through; with many, each
 * message would cost as much as there are calls, so then they are indexed.
 */
import type { CallState } from './call-state.ts';
import type { End } from './ends.ts';

/** So many are looked through. Of calls that had one ID after another, the newest so many. */
const fewCalls = 64;

export class CallIndex {
  private readonly calls: readonly CallState[];
  /** By twice the Call ID and the end that announced it; null as long as there are few. */
  private byId: Map<number, CallState[]> | null = null;
  /** By the end that asked: those that had no reply when they were looked at. */
  private pending: readonly [Set<CallState>, Set<CallState>] | null = null;

  constructor(calls: readonly CallState[]) {
    this.calls = calls;
  }

  /** Calls with that ID at that end, oldest first. */
  named(end: End, callId: number): readonly CallState[] {
    if (this.calls.length <= fewCalls) return this.calls.filter((call) => call.callId(end) === callId);
    const listed = this.index().get(callId * 2 + end) ?? [];
    return listed.slice(-fewCalls).filter((call) => call.callId(end) === callId);
  }

  /** The call that an end asked for and that has no reply; null where there is none, or more than one. */
  onlyUnanswered(end: End): CallState | null {
    const waiting =
      this.calls.length <= fewCalls ? this.calls.filter((call) => isUnanswered(call, end)) : this.unanswered(end);
    const [only, another] = waiting;
    return another === undefined ? (only ?? null) : null;
  }

  /** An end announced its Call ID. */
  announced(call: CallState, end: End, callId: number): void {
    if (this.byId !== null) list(this.byId, callId * 2 + end, call);
  }

  /** An end asked for it. */
  requested(call: CallState, end: End): void {
    this.pending?.[end].add(call);
  }

  private index(): Map<number, CallState[]> {
    if (this.byId !== null) return this.byId;
    const byId = new Map<number, CallState[]>();
    for (const call of this.calls) {
      for (const end of [0, 1] as const) {
        const callId = call.callId(end);
        if (callId !== null) list(byId, callId * 2 + end, call);
      }
    }
    this.byId = byId;
    return byId;
  }

  /** The first two. */
  private unanswered(end: End): CallState[] {
    this.pending ??= [
      new Set(this.calls.filter((call) => isUnanswered(call, 0))),
      new Set(this.calls.filter((call) => isUnanswered(call, 1))),
    ];
    const waiting = this.pending[end];
    const found: CallState[] = [];
    for (const call of waiting) {
      if (!isUnanswered(call, end)) waiting.delete(call);
      else if (found.push(call) === 2) break;
    }
    return found;
  }
}

function isUnanswered(call: CallState, end: End): boolean {
  return call.said.requestedBy === end && call.said.replyFrame === null;
}

function list(byId: Map<number, CallState[]>, key: number, call: CallState): void {
  const held = byId.get(key);
  if (held === undefined) byId.set(key, [call]);
  else held.push(call);
}
