/** Calls by the end that announced the Call ID. Made when somebody asks, which few captures give reason to. */
import { addressKey } from '../octets/number-key.ts';
import type { CallState } from './call-state.ts';
import type { End } from './ends.ts';
import type { Tunnels } from './tunnels.ts';

export class AnnouncedCalls {
  private readonly tunnels: Tunnels;
  private calls: Map<string, CallState> | null = null;

  constructor(tunnels: Tunnels) {
    this.tunnels = tunnels;
  }

  announced(call: CallState, end: End, callId: number): void {
    this.calls?.set(addressKey(call.tunnel.address(end), callId), call);
  }

  /** The newest call of which the end with that address announced the Call ID. */
  find(address: number, callId: number): CallState | undefined {
    this.calls ??= this.all();
    return this.calls.get(addressKey(address, callId));
  }

  forget(call: CallState, end: End): void {
    const callId = call.callId(end);
    if (callId === null || this.calls === null) return;
    const key = addressKey(call.tunnel.address(end), callId);
    if (this.calls.get(key) === call) this.calls.delete(key);
  }

  private all(): Map<string, CallState> {
    const calls = new Map<string, CallState>();
    const oldestFirst = this.tunnels.all().toSorted((a, b) => a.firstFrame - b.firstFrame);
    for (const call of oldestFirst.flatMap((tunnel) => tunnel.calls)) {
      for (const end of [0, 1] as const) {
        const own = call.callId(end);
        if (own !== null) calls.set(addressKey(call.tunnel.address(end), own), call);
      }
    }
    return calls;
  }
}
