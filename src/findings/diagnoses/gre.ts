/** Why the tunnel itself, enhanced GRE (RFC 2637 §4), does not come through. */
import type { CallCase } from './call-case.ts';
import { type Draft, firstOf } from './draft.ts';
import { gaveUp } from './ending.ts';
import { endedAtOnce, nothingAtAll, oneDirectionOnly, tooShort } from './gre-absent.ts';
import { silent } from './gre-silent.ts';
import { bothSeen } from './gre-unheard.ts';
import { headersSpoiled } from './headers-spoiled.ts';
import { icmpAgainst, namedErrors, rejection } from './icmp.ts';
import { callIdMismatch, fromOtherAddress } from './nat.ts';
import { lostBetween } from './views.ts';

/** The whole family; nothing where LCP opened. */
export function greFailed(callCase: CallCase): Draft[] {
  const { call, up, down } = callCase;
  if (call.outcome === 'established' || call.outcome === 'refused' || call.lcp.outcome === 'opened') return [];
  const shown = firstOf([rejectedByIcmp, headersSpoiled, lostBetween], callCase);
  if (shown.length > 0) return shown;
  if (up.packets === 0 && down.packets === 0) return nothingAtAll(callCase);
  const ended = endedAtOnce(callCase);
  if (ended !== null) return [ended];
  if (callCase.turnedAway !== null) return [];
  const blind = oneDirectionOnly(callCase);
  if (blind !== null) return [blind];
  if (callCase.hears('client') && callCase.hears('server')) return [];
  if (!callCase.waitedLongEnough) {
    if (callCase.endedByOthers) return [];
    return [callCase.cancelled ? gaveUp(callCase) : tooShort(callCase)];
  }
  const misdirected = firstOf([callIdMismatch, fromOtherAddress], callCase);
  if (misdirected.length > 0) return misdirected;
  const found =
    up.packets === 0
      ? silent(callCase, 'client')
      : down.packets === 0
        ? silent(callCase, 'server')
        : bothSeen(callCase);
  return askedOnce(callCase) ? found.map(lessSure) : found;
}

function rejectedByIcmp(callCase: CallCase): Draft[] {
  const errors = icmpAgainst(callCase).filter(({ quotes }) => quotes === 'gre');
  const [first] = errors;
  if (first === undefined) return [];
  const { rejects, meaning, remedy } = rejection(callCase, first);
  return [
    {
      cause: 'gre-rejected-by-icmp',
      confidence: 'certain',
      summary: `${rejects}.${meaning}`,
      evidence: namedErrors(errors),
      advice: `On ${first.from}, which sent the ICMP error: ${remedy}.`,
    },
  ];
}

/** Who gets no answer asks again (RFC 1661 §4.6): one question, and silence of both ends, may be a hole in the capture. */
function askedOnce(callCase: CallCase): boolean {
  return Math.max(callCase.lcp('client').sent, callCase.lcp('server').sent) === 1;
}

function lessSure(draft: Draft): Draft {
  return { ...draft, confidence: draft.confidence === 'certain' ? 'certain' : 'possible' };
}
