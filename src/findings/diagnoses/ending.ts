/** How a call ended, as evidence of what went before. */
import { windowsErrorName } from '../../ppp/windows-errors.ts';
import type { CauseId } from '../knowledge/causes.ts';
import { userRequest } from '../knowledge/terminate-texts.ts';
import type { StageName } from '../stage.ts';
import type { CallCase } from './call-case.ts';
import type { Draft } from './draft.ts';
import { advised } from './result.ts';
import type { TunnelCase } from './tunnel-case.ts';

/** What ends a link for its addresses, or for want of a network protocol. */
export const networkText = /\baddress|\bnetwork|\bIP(?:V6)?CP\b/i;

/**
 * The server says goodbye first: `does` what, and `when`. Its reasons are all that it gives before the client says goodbye
 * as well; what comes later answers that.
 */
export function endedByServer(ended: TunnelCase, does: string, when: string, stage: StageName): Draft {
  const { farewells } = ended;
  const answered = farewells.findIndex(({ by }) => by === 'client');
  const own = farewells.slice(0, answered < 0 ? farewells.length : answered);
  const reasons = own.map(({ reason }) => reason).filter((reason) => reason !== '');
  return {
    cause: 'disconnected-by-server',
    confidence: 'certain',
    stage,
    summary: `The server ${does} with ${ended.farewell?.name}${when}${reasons.length > 0 ? `: ${reasons.join(', ')}` : ', and gives no reason'}.`,
    evidence: own.map(({ frame, name }) => ({ frame, text: `${name} from the server` })),
    ...advised(own.find(({ advice }) => advice !== null)?.advice ?? null),
  };
}

/** The client ends a call in order that was being set up without a fault. */
export function gaveUp(callCase: CallCase): Draft {
  const { call, farewell, afterSilence } = callCase;
  const text = call.lcp.terminatedBy === 'client' ? call.lcp.terminateText : null;
  const why =
    text === null || userRequest.test(text)
      ? 'and names no error: its user cancelled, or its program gave up.'
      : `and says why: "${text}".`;
  return {
    cause: 'cancelled-by-client',
    confidence: call.lcp.windowsErrorCode === 0 ? 'likely' : 'possible',
    stage: callCase.reached,
    summary: `The client ends the call in order${afterSilence === '' ? '' : `, ${afterSilence}`}, before it is up, ${why}`,
    evidence: [
      call.lcp.terminatedBy === 'client'
        ? terminateEvidence(callCase)
        : { frame: farewell?.frame ?? null, text: `${farewell?.name} from the client` },
    ],
  };
}

/** Windows' number in its Terminate-Request is all that shows the cause; nothing where it is not among these. */
export function namedByWindows(callCase: CallCase, named: Readonly<Record<number, CauseId>>): Draft[] {
  const windows = callCase.call.lcp.windowsErrorCode;
  const cause = windows === null ? undefined : named[windows];
  if (windows === null || cause === undefined) return [];
  return [
    {
      cause,
      confidence: 'likely',
      summary: `Windows ended the link with error ${windows} (${windowsErrorName(windows)}).`,
      evidence: [terminateEvidence(callCase)],
      seenErrors: [windows],
    },
  ];
}

/** What ended the call: the Terminate-Request, or the first goodbye on the control connection. */
export function endEvidence(callCase: CallCase): { frame: number | null; text: string } {
  const { farewell } = callCase;
  const end = terminateEvidence(callCase);
  if (end.frame !== null || farewell === null) return end;
  return { frame: farewell.frame, text: `${farewell.name} from the ${farewell.by}` };
}

/** The Terminate-Request of LCP, or of CCP. */
export function terminateEvidence(callCase: CallCase): { frame: number | null; text: string } {
  const { call } = callCase;
  const { terminatedBy, terminateFrame, windowsErrorCode } = call.lcp;
  if (terminateFrame === null) {
    const ccp = call.evidence.ccpTerminated;
    return { frame: ccp?.frame ?? null, text: `CCP ended by the ${ccp?.by}` };
  }
  const reason = windowsErrorCode === 0 ? ' (Windows reason 0: a normal end)' : reasonOfEnd(callCase);
  return { frame: terminateFrame, text: `the ${terminatedBy} ends the link${reason}` };
}

/** ` ("Authentication failed")`, or Windows' number: what the Terminate-Request says of why; empty where it says nothing. */
export function reasonOfEnd({ call }: CallCase): string {
  const { terminateText, windowsErrorCode } = call.lcp;
  if (windowsErrorCode)
    return ` (Windows error ${windowsErrorCode}, ${windowsErrorName(windowsErrorCode) ?? 'unknown'})`;
  return terminateText ? ` ("${terminateText}")` : '';
}
