/**
 * Where a diagnosis says that the capture does not hold what decides, the ladder must not say that something failed: what
 * lacks may have come. How much time is enough to tell is the diagnoses' matter alone.
 */
import type { Call } from '../sessions/model/call.ts';
import type { Diagnosis } from './diagnosis.ts';
import type { Stage } from './stage.ts';

/** A tunnel with its ladders, whatever else it has. */
interface Laddered {
  readonly id: string;
  readonly calls: readonly (Call & { stages: Stage[] })[];
  stages?: Stage[];
}

/** Ids of the calls that these diagnoses leave undecided; the tunnel's own where it has none. `own`: all of the tunnel. */
export function undecidedBy({ id, calls }: Laddered, own: readonly Diagnosis[]): string[] {
  const open = calls.flatMap((call) => (isOpen(call) ? call.id : []));
  return (calls.length === 0 ? [id] : open).filter((about) => {
    return own.find(({ call, tunnel }) => (call ?? tunnel) === about)?.cause === 'capture-incomplete';
  });
}

/** A call that ended and of which no rung is known to have failed may have come up before. */
function isOpen({ outcome, stages }: Laddered['calls'][number]): boolean {
  return outcome === 'unfinished' || (outcome === 'failed' && stages.every(({ status }) => status !== 'failed'));
}

/** Nothing has failed of what is undecided. */
export function leaveUndecided(tunnel: Laddered, undecided: ReadonlySet<string>): void {
  if (tunnel.stages !== undefined && undecided.has(tunnel.id)) tunnel.stages = tunnel.stages.map(notFailed);
  for (const call of tunnel.calls) {
    if (!undecided.has(call.id)) continue;
    call.outcome = 'unfinished';
    call.stages = call.stages.map(notFailed);
  }
}

function notFailed(stage: Stage): Stage {
  return stage.status === 'failed' ? { ...stage, status: 'partial' } : stage;
}
