/** What a rule says, before the cause's own words are put around it. */
import type { Pause } from '../../sessions/model/evidence.ts';
import type { Diagnosis } from '../diagnosis.ts';
import type { CauseId } from '../knowledge/causes.ts';
import type { StageName } from '../stage.ts';

/** What a rule says; the rest of a diagnosis is the cause's own text. */
export interface Draft {
  cause: CauseId;
  confidence: Diagnosis['confidence'];
  /** One or two plain sentences. */
  summary: string;
  /** Frames may be null where the model does not know them: those are left out. */
  evidence: readonly { frame: number | null; text: string }[];
  /** Where it is not the cause's own. */
  stage?: StageName;
  advice?: string;
  refutedBy?: string;
  nextCapture?: string;
  /** Numbers that were seen in the packets: they go before the cause's own. */
  seenErrors?: readonly number[];
  /** Packets that are there show it, though others of its cause are shown by those that are not. */
  shownByPresence?: true;
}

/** What the first rule says that says something. */
export function firstOf<Case>(rules: readonly ((one: Case) => Draft[] | Draft | null)[], one: Case): Draft[] {
  for (const rule of rules) {
    const drafts = [rule(one) ?? []].flat();
    if (drafts.length > 0) return drafts;
  }
  return [];
}

/** The packets around something that did not come; nothing where they are not known. */
export function around(pause: Pause | null, what: string): Draft['evidence'] {
  if (pause === null) return [];
  return [
    { frame: pause.before, text: `the last packet before ${what}` },
    { frame: pause.after, text: `the first behind ${what}` },
  ];
}
