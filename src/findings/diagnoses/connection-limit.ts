/** A server that serves no more clients at once. */

import { counted } from '../../octets/words.ts';
import { replyResult } from '../../pptp/names.ts';
import type { Draft } from './draft.ts';
import type { Neighbour } from './neighbour.ts';
import type { TunnelCase } from './tunnel-case.ts';

/** General error 4: insufficient resources. RFC 2637 §2.16 */
const insufficientResources = 4;

/** The reply names no other reason than that the server lacks resources. RFC 2637 §2.2, §2.8 */
export function lacksResources({
  resultCode,
  errorCode,
}: {
  resultCode: number | null;
  errorCode: number | null;
}): boolean {
  return resultCode === replyResult.generalError && errorCode === insufficientResources;
}

export function noRoom(tunnelCase: TunnelCase, frame: number | null): Draft {
  const busy = [...tunnelCase.busyBeside(null, null)].length;
  return {
    cause: 'connection-limit',
    confidence: 'likely',
    summary: `The server says that it lacks resources${busy > 0 ? `; ${counted(busy, 'other call')} to it were up at the time` : ''}.`,
    evidence: [{ frame, text: 'general error 4, insufficient resources' }],
  };
}

export function limitReached(busy: Neighbour, dropped: boolean, evidence: Draft['evidence']): Draft {
  return {
    cause: 'connection-limit',
    confidence: dropped ? 'likely' : 'possible',
    summary: `While the call ${busy.id} from ${busy.client} was up, the server ${dropped ? 'dropped' : 'did not answer'} this client: it may serve no more at once.`,
    evidence: [
      ...evidence,
      { frame: busy.firstFrame, text: `${busy.id} to the same server began and was up meanwhile` },
    ],
  };
}
