/** How calls end that came up, or nearly did, where that is no ordinary end. */
import type { CallCase } from './call-case.ts';
import { abruptly } from './control-dropped.ts';
import { type Draft, firstOf } from './draft.ts';
import { controlEcho, controlReplyLost, lcpEcho, lcpRepliesLost } from './echoes.ts';
import { hungUp } from './hung-up.ts';
import { isHeavy } from './loss.ts';
import { displaced } from './nat.ts';
import { idle } from './timers.ts';
import { oneWay, rejected, vanished } from './vanished.ts';
import { controlCutBetween, cutBetween } from './views.ts';

/** How a call that was up came to its end, where that is no ordinary one. */
export function endedBadly(callCase: CallCase): Draft[] {
  if (callCase.tunnel.control?.tcp.onlyFrom) return [];
  return firstOf([rejected, cutBetween, controlCutBetween, ...rulesFor(callCase)], callCase);
}

function rulesFor({ capturesLoss, oneSidedTunnel }: CallCase): readonly ((callCase: CallCase) => Draft | null)[] {
  // An end whose GRE the capture lacks is not silent.
  if (oneSidedTunnel !== null) return capturesLoss ? [] : [controlEcho, controlReplyLost, abruptly];
  const inTunnel = [displaced, idle, vanished, lcpEcho];
  // Among the frames of the control connection that the capture lost a farewell may be.
  if (capturesLoss) return inTunnel;
  return [...inTunnel, lcpRepliesLost, controlEcho, controlReplyLost, abruptly, hungUp, oneWay];
}

/** The loss explains the end: whatever ended it came of that. */
export function explainsTheEnd(callCase: CallCase, drafts: readonly Draft[]): boolean {
  return drafts.some(
    ({ cause }) =>
      cause === 'fragmentation-needed' ||
      cause === 'mppe-keys-differ' ||
      cause === 'mppe-stateful-mismatch' ||
      cause === 'ip-header-spoiled' ||
      cause === 'mtu-black-hole' ||
      cause === 'sequence-restarted' ||
      (cause === 'packet-loss' && isHeavy(callCase)),
  );
}
