/**
 * Causes that events told and have not taken back. Other tunnels of the report, and what comes last, may show that it was
 * something else: what the report does not have is taken back before it.
 */
import type { Diagnosis } from '../findings/diagnosis.ts';
import type { Report } from './contract.ts';
import type { AnalysisEvent, DiagnosisMade, DiagnosisWithdrawn } from './event-contract.ts';

export class ToldDiagnoses {
  /** By tunnel, then by cause and call. */
  private readonly told = new Map<string, Map<string, DiagnosisMade>>();
  /** Of those that are done with, in that order. */
  private readonly ended: string[] = [];
  private readonly endedAtMost: number;

  /** `endedAtMost`: tunnels that the report keeps when they are done with. */
  constructor(endedAtMost: number) {
    this.endedAtMost = endedAtMost;
  }

  note(event: AnalysisEvent): void {
    if (event.kind === 'diagnosis') {
      const ofTunnel = this.told.get(event.tunnel) ?? new Map<string, DiagnosisMade>();
      this.told.set(event.tunnel, ofTunnel.set(keyOf(event.diagnosis), event));
    } else if (event.kind === 'diagnosis-withdrawn') {
      this.told.get(event.tunnel)?.delete(keyOf(event));
    } else if (event.kind === 'tunnel-ended' && this.told.has(event.tunnel)) {
      this.ended.push(event.tunnel);
      const oldest = this.ended.length > this.endedAtMost ? this.ended.shift() : undefined;
      if (oldest !== undefined) this.told.delete(oldest);
    }
  }

  /** Takes back what the report, made at `time`, does not have of the tunnels that are in it. */
  *withdrawn({ tunnels, diagnoses }: Report, time: string): Generator<DiagnosisWithdrawn> {
    const found = new Map<string, Diagnosis[]>();
    for (const { id } of tunnels) if (this.told.has(id)) found.set(id, []);
    for (const diagnosis of diagnoses) found.get(diagnosis.tunnel ?? '')?.push(diagnosis);
    for (const [id, now] of found) {
      for (const [key, event] of this.told.get(id) ?? []) {
        if (now.some((diagnosis) => keyOf(diagnosis) === key)) continue;
        const { tunnel, call, client, server, diagnosis } = event;
        const instead = now.filter((one) => one.call === call).map(({ cause }) => cause);
        const { cause } = diagnosis;
        yield { tunnel, call, client, server, frame: null, time, kind: 'diagnosis-withdrawn', cause, instead };
      }
      this.told.delete(id);
    }
  }
}

function keyOf({ cause, call }: { readonly cause: string; readonly call: string | null }): string {
  return `${cause} ${call}`;
}
