/** How calls end that came up, or nearly did, where that is no ordinary end. */

import { counted } from '../../octets/words.ts';
import { windowsErrorName } from '../../ppp/windows-errors.ts';
import { controlMessageType } from '../../pptp/names.ts';
import { otherSide, sides } from '../../sessions/ends.ts';
import type { Call, Side, Terminated } from '../../sessions/model.ts';
import { lookUp } from '../knowledge/codes.ts';
import { isPrivate } from './address-ranges.ts';
import type { CallCase } from './call-case.ts';
import { isHeavy } from './carried-badly.ts';
import { closerAdvice, closerText } from './closer.ts';
import type { Draft } from './draft.ts';
import { endedByServer, terminateEvidence } from './ending.ts';
import { icmpAgainst, isUnreachable, namedErrors, rejection } from './icmp.ts';
import type { Ending, Neighbour } from './neighbour.ts';
import { forgottenAfter, replyOverdue, sentAgain, triesInVain } from './patience.ts';
import { advised } from './result.ts';
import { inSeconds, milliseconds, secondsBetweenTimes } from './time.ts';
import { controlCutBetween, cutBetween } from './views.ts';

/** Data packets of each direction that a capture from the middle must hold before who ended it counts. */
const packetsBeforeAnEnd = 4;
/** Seconds: acknowledgments are held back for half a second, and round trips take what they take. RFC 2637 §4.4 */
const timeToAnswer = 2;
/** Octets of what answers the end of a tunnel. RFC 2637 §2.4, §2.13 */
const lastWords: Readonly<Record<number, number>> = {
  [controlMessageType.stopControlConnectionReply]: 16,
  [controlMessageType.callDisconnectNotify]: 148,
};
/** RFC 2637 §2.6 */
const echoReplyOctets = 20;
/** What an end says that had no answer to its echoes. */
const echoText = /not responding|\becho/i;

/** How a call that was up came to its end, where that is no ordinary one. */
export function endedBadly(callCase: CallCase): Draft[] {
  if (callCase.tunnel.control?.tcp.onlyFrom) return [];
  const refused = rejected(callCase);
  if (refused !== null) return [refused];
  for (const rule of [cutBetween, controlCutBetween]) {
    const cut = rule(callCase);
    if (cut.length > 0) return cut;
  }
  for (const rule of rulesFor(callCase)) {
    const draft = rule(callCase);
    if (draft !== null) return [draft];
  }
  return [];
}

function rulesFor({ capturesLoss, oneSidedTunnel }: CallCase): readonly ((callCase: CallCase) => Draft | null)[] {
  // An end whose GRE the capture lacks is not silent.
  if (oneSidedTunnel !== null) return capturesLoss ? [] : [controlEcho, controlReplyLost, abruptly];
  const inTunnel = [displaced, idle, vanished, lcpEcho];
  // Among the frames of the control connection that the capture lost a farewell may be.
  if (capturesLoss) return inTunnel;
  return [...inTunnel, lcpRepliesLost, controlEcho, controlReplyLost, abruptly, byServer, oneWay];
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

function idle(callCase: CallCase): Draft | null {
  const { call, tunnel } = callCase;
  const { silence } = call.evidence;
  const text = call.lcp.terminateText ?? '';
  const policy = call.lcp.windowsErrorCode === 828 || /\bidle\b|inactiv/i.test(text);
  const { terminatedBy } = call.lcp;
  if (policy && terminatedBy !== null) {
    return {
      cause: 'idle-timeout',
      confidence: 'certain',
      summary: `The ${terminatedBy} ends the call because it was idle${text === '' ? '' : ` ("${text}")`}.`,
      evidence: [
        { frame: call.evidence.idleBeforeEnd?.lastDataFrame ?? null, text: 'the last user data' },
        terminateEvidence(callCase),
      ],
      advice: `Raise the idle timer of the ${terminatedBy} (pppd: \`idle\`; RADIUS: Idle-Timeout; Windows: idle time before hanging up). LCP echoes do not reset one that counts user data only.`,
      ...(call.lcp.windowsErrorCode ? { seenErrors: [call.lcp.windowsErrorCode] } : {}),
    };
  }
  if (silence !== null && silence.seconds >= forgottenAfter) {
    const fewest = callCase.closedWithoutFarewell?.how === 'rst' ? 1 : triesInVain;
    const alone = sides.find(
      (side) =>
        silence.packetsAfter[side] >= fewest &&
        silence.packetsAfter[otherSide(side)] === 0 &&
        (callCase.gre(otherSide(side)).lastFrame ?? 0) < silence.endFrame,
    );
    // The other end says goodbye in the end: it was there all the time, and only its way through was gone.
    if (alone !== undefined) {
      const again = diedAlike(callCase, silence.seconds, (ending) => ending.silence);
      const heard = tunnel.lastHeard[otherSide(alone)].frame ?? 0;
      const besides = heard > silence.endFrame ? heard : null;
      const moved = alone === 'server' ? movedTo(callCase) : undefined;
      return {
        cause: 'idle-timeout',
        confidence: again.length >= 2 ? 'certain' : 'likely',
        summary: `After ${inSeconds(silence.seconds)} of silence in the tunnel the ${alone} sends again (${counted(silence.packetsAfter[alone], 'packet')}), and nothing comes back any more: a NAT or firewall forgot the tunnel in the meantime${besides === null ? '' : ', and not the control connection, on which the other end is heard after that'}.${goesOnElsewhere(moved)}${againText(again)}`,
        evidence: [
          { frame: silence.startFrame, text: 'the last packet before the silence' },
          { frame: silence.endFrame, text: `the first packet after ${inSeconds(silence.seconds)} of silence` },
          {
            frame: callCase.gre(otherSide(alone)).lastFrame,
            text: `the last packet of the ${otherSide(alone)}`,
          },
          { frame: besides, text: `the ${otherSide(alone)} on the control connection` },
          { frame: moved?.firstFrame ?? null, text: `GRE with the same Call ID from ${moved?.client}` },
        ],
      };
    }
  }
  const closed = callCase.closedWithoutFarewell;
  // Who asked in vain on the control connection resets it for that.
  const unanswered = closed === null ? 0 : (tunnel.control?.echo.bySide[closed.by].unansweredAtEnd ?? 0);
  if (closed?.how === 'rst' && unanswered === 0) {
    const times = [callCase.up.lastTime, callCase.down.lastTime].filter((time) => time !== null).sort();
    const seconds = secondsBetweenTimes(times.at(-1) ?? null, tunnel.lastTime);
    if (seconds !== null && seconds >= forgottenAfter) {
      const again = endedAlike(callCase, callCase.idleSeconds ?? seconds);
      return {
        cause: 'idle-timeout',
        confidence: again.length >= 2 ? 'certain' : again.length === 1 ? 'likely' : 'possible',
        summary: `After ${inSeconds(seconds)} without tunnel traffic the control connection is reset: a NAT or firewall forgot it in the meantime.${againText(again)}`,
        evidence: [
          { frame: lastInTunnel(callCase), text: 'the last GRE packet' },
          { frame: closed.frame, text: 'RST' },
        ],
      };
    }
  }
  return constantIdle(callCase);
}

/** One such end is an ordinary one; several after the same time without user data are a timer. */
function constantIdle(callCase: CallCase): Draft | null {
  const seconds = callCase.idleSeconds;
  const idle = callCase.call.evidence.idleBeforeEnd;
  if (seconds === null || idle === null || !callCase.endedByOthers) return null;
  const again = endedAlike(callCase, seconds);
  if (again.length === 0) return null;
  const { farewell } = callCase;
  const closed = callCase.closedWithoutFarewell;
  return {
    cause: 'idle-timeout',
    confidence: again.length >= 2 ? 'certain' : 'likely',
    summary: `The call ends ${inSeconds(seconds)} after its last user data, by ${farewell === null ? `${closed?.how === 'rst' ? 'RST' : 'FIN'} from the ${closed?.by}` : `${farewell.name} from the ${farewell.by}`}.${againText(again)}`,
    advice: `Look for an idle timer of about ${inSeconds(seconds)}: of the server (its PPP, RADIUS Idle-Timeout, RRAS), of a NAT or of a firewall. LCP echoes do not reset one that counts user data only.`,
    evidence: [
      { frame: idle.lastDataFrame, text: 'the last user data' },
      { frame: farewell?.frame ?? closed?.frame ?? null, text: `the end, ${inSeconds(seconds)} later` },
      ...again.slice(0, 3).map(({ call, lastDataFrame, lastFrame }) => ({
        frame: lastDataFrame,
        text: `the last user data of ${call}, which ends as long after it (frame ${lastFrame})`,
      })),
    ],
  };
}

/** Timers are checked once in a while; one that differs by more is another one. */
const sameWithin = (seconds: number): number => Math.max(1, seconds * 0.02);
/** What ends at the same moment has the same reason, whatever went before. */
const sameMoment = 5;

/** Calls that end so long after their last user data, and not by their users. */
function endedAlike(callCase: CallCase, seconds: number): Ending[] {
  return diedAlike(callCase, seconds, ({ idle }) => idle).filter(({ byOthers }) => byOthers);
}

/** Other calls to the same server that came to their end after the same time, at other moments. */
function diedAlike(
  callCase: CallCase,
  seconds: number,
  timeOf: (ending: Ending) => number | null,
  within = sameWithin(seconds),
): Ending[] {
  const own = milliseconds(callCase.call.evidence.idleBeforeEnd?.endTime ?? callCase.tunnel.lastTime);
  if (own === null) return [];
  const alike = (ending: Ending): boolean => {
    const time = timeOf(ending);
    if (time === null || ending.at === null || ending.call === callCase.call.id) return false;
    return Math.abs(time - seconds) <= within && Math.abs(ending.at - own) >= sameMoment * 1000;
  };
  return [...callCase.others.flatMap(({ endings }) => endings.filter(alike)), ...callCase.endings.filter(alike)];
}

function againText(again: readonly Ending[]): string {
  if (again.length === 0) return '';
  const ids = again.slice(0, 3).map(({ call }) => call);
  const more = again.length > ids.length ? ` and ${again.length - ids.length} more` : '';
  return ` ${ids.join(', ')}${more} came to ${again.length === 1 ? 'its' : 'their'} end after the same time: it is a timer.`;
}

/** Packets, and seconds, that one side goes on alone before the other is gone. */
const fewestAlone = 4;
const shortestAlone = 5;

function vanished(callCase: CallCase): Draft | null {
  const { tunnel } = callCase;
  for (const side of sides) {
    const alone = tunnel.lastHeard[side];
    const gone = otherSide(side);
    const last = tunnel.lastHeard[gone].frame;
    if (alone.packetsAlone < fewestAlone || alone.secondsAlone < shortestAlone || last === null) continue;
    const farewell = callCase.farewell;
    const closed = tunnel.control?.tcp.closedFrame ?? null;
    // Whoever said goodbye or closed first may be silent after it.
    if (farewell !== null && farewell.by === gone) continue;
    if (closed !== null && tunnel.control?.tcp.closedBy === gone) continue;
    if (farewell !== null && farewell.frame < last && closed !== null) continue;
    // In the tunnel nobody has tried: it is the control connection that is dead.
    if ((callCase.gre(side).lastFrame ?? 0) < last && controlEcho(callCase) !== null) continue;
    // The tunnel was dead before, and on the control connection nobody has tried since.
    const lastInTunnel = callCase.gre(gone).lastFrame ?? 0;
    if (lastInTunnel < last && callCase.unacknowledged(side) >= alone.packetsAlone + fewestAlone) continue;
    const loop = gone === 'client' ? intoItself(callCase) : null;
    if (loop !== null) return loop;
    const moved = gone === 'client' ? movedTo(callCase) : undefined;
    return {
      cause: 'peer-vanished',
      confidence: 'likely',
      summary: `The ${gone} is suddenly gone: no TCP and no GRE of it for ${inSeconds(alone.secondsAlone)}, while the ${side} sends ${alone.packetsAlone} packets in vain.${goesOnElsewhere(moved)}`,
      ...(moved === undefined
        ? {}
        : {
            advice:
              'Find out why the client got another address in the middle of the call: a second uplink that took over, or a mobile network. Let it dial again then, and pin PPTP to one uplink.',
            nextCapture: '',
          }),
      evidence: [
        { frame: moved?.firstFrame ?? null, text: `GRE with the same Call ID from ${moved?.client}` },
        { frame: last, text: `the last packet of the ${gone}` },
        { frame: callCase.call.lcp.echo.lastUnansweredFrame, text: 'the last LCP Echo-Request, not answered' },
        { frame: alone.frame, text: `the ${side}'s last packet` },
      ],
    };
  }
  return null;
}

function goesOnElsewhere(moved: Neighbour | undefined): string {
  if (moved === undefined) return '';
  return ` The client's GRE goes on from another address, ${moved.client} (${moved.id}), which the server does not take for it.`;
}

/** Packets of a client that may be lost while its address changes. */
const lostInMove = 1000;

/** GRE from another address that goes on where the client's ends, for the server's Call ID. */
function movedTo(callCase: CallCase): Neighbour | undefined {
  const { call, up, others } = callCase;
  const { lastSequence, lastFrame } = up;
  if (lastSequence === null || lastFrame === null) return undefined;
  return others.find(
    ({ firstFrame, unsignalled }) =>
      firstFrame > lastFrame &&
      unsignalled.some(({ callId, sequence }) => {
        const ahead = (sequence - lastSequence) | 0;
        return callId === call.serverCallId && ahead > 0 && ahead <= lostInMove;
      }),
  );
}

/** Seconds around the last packet of a side within which a NAT may have given its place to another call. */
const beforeDialling = 10;
const afterDialling = 2;

/** One side is not heard any more in the tunnel from where another client behind the same NAT dials. */
function displaced(callCase: CallCase): Draft | null {
  const { tunnel, others } = callCase;
  const own = tunnel.client.address;
  for (const silent of sides) {
    const speaking = otherSide(silent);
    const back = callCase.gre(silent);
    const seconds = secondsBetweenTimes(back.lastTime, callCase.gre(speaking).lastTime);
    const packets = callCase.unacknowledged(speaking);
    if (seconds === null || seconds < shortestAlone || packets < fewestAlone) continue;
    const other = others.find(({ client, signalled, firstTime }) => {
      const later = secondsBetweenTimes(back.lastTime, firstTime);
      const together = client === own || (callCase.at('client') && isPrivate(client) && isPrivate(own));
      return together && signalled && later !== null && later >= -afterDialling && later <= beforeDialling;
    });
    // Who dials again is gone from the connection before.
    const heard = tunnel.lastHeard[silent].frame ?? 0;
    if (other === undefined || heard < other.firstFrame || tunnel.control?.tcp.closedBy === silent) continue;
    return {
      cause: 'nat-without-helper',
      confidence: 'likely',
      stage: callCase.furthest,
      summary: `From where ${other.client === own ? 'another client behind the same address' : other.client} dials the same server (${other.id}) nothing of the ${silent} comes through this tunnel any more: in ${inSeconds(seconds)} the ${speaking} sends ${counted(packets, 'packet')} in vain, while the control connection lives. A NAT before both keeps the GRE of one of them only.`,
      evidence: [
        { frame: back.lastFrame, text: `the ${silent}'s last packet in the tunnel` },
        { frame: other.firstFrame, text: `${other.id} begins` },
        { frame: heard, text: `the ${silent} on the control connection` },
        { frame: callCase.gre(speaking).lastFrame, text: `the ${speaking}'s last packet` },
      ],
    };
  }
  return null;
}

/** The client is told to reach the server's own address through the tunnel, and so sends the tunnel into itself. */
function intoItself(callCase: CallCase): Draft | null {
  const { tunnel, call } = callCase;
  const { address } = tunnel.server;
  const { secondsAlone, packetsAlone, frame } = tunnel.lastHeard.server;
  if (call.network.serverAddress !== address) return null;
  return {
    cause: 'peer-vanished',
    confidence: 'likely',
    summary: `IPCP gives the server the address ${address} inside the tunnel, which it has outside as well: the client sends what is for it, the tunnel's own packets too, into the tunnel. No TCP and no GRE of the client comes any more for ${inSeconds(secondsAlone)}, while the server sends ${packetsAlone} packets in vain.`,
    evidence: [
      { frame: call.network.openedFrame, text: `IPCP opens with ${address} as the server's address` },
      { frame: tunnel.lastHeard.client.frame, text: 'the last packet of the client' },
      { frame, text: "the server's last packet" },
    ],
    advice: `Give the server another address inside the tunnel than ${address} (pptpd: localip); or set a route to ${address} past the tunnel on the client.`,
    refutedBy: `the client has a route to ${address} that does not lead into the tunnel`,
    nextCapture: 'Capture inside the tunnel, on the PPP interface of the client: its own GRE is there.',
  };
}

/** Errors that it takes while the call goes on: one may be of a route that changed. Programs end a call on the first. */
const fewestErrors = 2;

/** After an end was heard last, and before anybody said goodbye, ICMP says why its packets do not get through any more. */
function rejected(callCase: CallCase): Draft | null {
  const { tunnel, farewell, furthest: stage } = callCase;
  const end = Math.min(farewell?.frame ?? Infinity, tunnel.control?.tcp.closedFrame ?? Infinity);
  for (const side of sides) {
    const gone = otherSide(side);
    const last = callCase.gre(gone).lastFrame ?? 0;
    const errors = icmpAgainst(callCase).filter(
      ({ aboutPacketFrom, frame }) => aboutPacketFrom === side && frame > last && frame < end,
    );
    const [first] = errors;
    if (first === undefined || (errors.length < fewestErrors && !callCase.over)) continue;
    const evidence = [
      { frame: callCase.gre(gone).lastFrame, text: `the ${gone}'s last packet in the tunnel` },
      ...namedErrors(errors),
    ];
    if (isUnreachable(first) && first.from !== tunnel[gone].address) {
      return {
        cause: 'peer-vanished',
        confidence: 'certain',
        stage,
        summary: `The ${gone} is suddenly gone: ${first.from} cannot reach it any more (ICMP ${first.name}), and nothing more of it comes through the tunnel.`,
        evidence,
      };
    }
    if (first.quotes !== 'gre') continue;
    const { rejects, meaning } = rejection(callCase, first);
    return {
      cause: 'gre-rejected-by-icmp',
      confidence: 'certain',
      stage,
      summary: `${rejects}, in the middle of the call.${meaning}`,
      evidence,
      advice: `On ${first.from}, which sent the ICMP error: find what changed at that moment, and let IP protocol 47 through.`,
    };
  }
  return null;
}

/** LCP Echo-Requests without reply after which an end may say that it gives up. */
const echoesBeforeGivingUp = 2;

function lcpEcho(callCase: CallCase): Draft | null {
  const { call, tunnel } = callCase;
  const { echo, terminatedBy, terminateText } = call.lcp;
  const gaveUp = terminatedBy !== null && echoText.test(terminateText ?? '');
  const from = gaveUp ? terminatedBy : echo.unansweredAtEndFrom;
  if (from === null) return null;
  const { unansweredAtEnd: inRow, lastUnansweredFrame } = echo.bySide[from];
  if (inRow < (gaveUp ? echoesBeforeGivingUp : triesInVain))
    return gaveUp ? (lcpRepliesLost(callCase) ?? echoesMissed(callCase, from)) : null;
  const silent = otherSide(from);
  const inTunnel = callCase.gre(silent).lastFrame;
  const closed = callCase.closedWithoutFarewell;
  // Who resets the connection before the last of them answers nothing any more.
  if (closed?.how === 'rst' && closed.by === silent && closed.frame < (lastUnansweredFrame ?? 0)) return null;
  const heard = tunnel.lastHeard[silent].frame ?? 0;
  const besideTunnel = heard > Math.max(inTunnel ?? 0, lastUnansweredFrame ?? 0);
  return {
    cause: 'lcp-echo-unanswered',
    confidence: gaveUp ? 'certain' : 'likely',
    summary: `The ${from}'s last ${inRow} LCP Echo-Requests are not answered${terminatedBy === from ? ', and it ends the link' : ''}${besideTunnel ? `; on the control connection the ${silent} is still heard` : ''}.`,
    evidence: [
      { frame: inTunnel, text: `the last GRE packet of the ${silent}` },
      { frame: lastUnansweredFrame, text: 'the last Echo-Request without reply' },
      terminateEvidence(callCase),
      ...(besideTunnel ? [{ frame: heard, text: `the ${silent}'s last packet on the control connection` }] : []),
    ],
  };
}

/** Packets of one end that the other did not acknowledge; where it does not say why it ends the link, for half a second and more. */
const fewestUnheard = 3;

/** The Echo-Replies are in the capture, and the end that asks takes nothing of the tunnel any more: they are lost behind it. */
function lcpRepliesLost(callCase: CallCase): Draft | null {
  const { call } = callCase;
  const asking = call.lcp.terminatedBy;
  const said = echoText.test(call.lcp.terminateText ?? '');
  const { replies } = call.lcp.echo;
  if (asking === null || callCase.at(asking) || (replies < fewestUnheard && !said)) return null;
  const replying = otherSide(asking);
  const { lastSequence, lastFrame } = callCase.gre(replying);
  const { lastAcknowledgment } = callCase.gre(asking);
  const { smallUnacknowledged, largeUnacknowledged } = callCase.path(replying);
  if (lastSequence === null || lastAcknowledgment === null) return null;
  const unheard = (lastSequence - lastAcknowledgment) | 0;
  if (unheard < fewestUnheard || (!said && smallUnacknowledged + largeUnacknowledged < fewestUnheard)) return null;
  return {
    cause: 'lcp-echo-unanswered',
    confidence: said ? 'certain' : 'likely',
    summary: `The ${replying} ${replies > 0 ? `answers the ${asking}'s LCP Echo-Requests` : 'is still heard here'}, and the ${asking} takes nothing of it any more: it acknowledges none of the ${replying}'s last ${unheard} packets and ends the link. What the ${replying} sends is lost between the point of capture and the ${asking}.`,
    evidence: [{ frame: lastFrame, text: `the ${replying}'s last packet in the tunnel` }, terminateEvidence(callCase)],
    advice: `Find what lets IP protocol 47 (GRE) of the ${replying} no longer through to the ${asking}.`,
    refutedBy: `a capture at the ${asking} shows that the ${replying}'s packets arrive there`,
  };
}

/** The Echo-Reply is in the capture, and TCP sends it again and again: the end that asked does not get it. */
function controlReplyLost({ tunnel: { control } }: CallCase): Draft | null {
  if (control === null || control.tcp.retransmissions < sentAgain) return null;
  const { tcp, messages } = control;
  for (const replying of sides) {
    const said = messages.filter(({ from }) => from === replying);
    const last = said.findLast(({ type }) => !(type in lastWords));
    const asking = otherSide(replying);
    if (last?.type !== controlMessageType.echoReply || tcp.closedBy !== asking) continue;
    const after = said.slice(said.indexOf(last) + 1).reduce((sum, { type }) => sum + (lastWords[type] ?? 0), 0);
    if (tcp.bytes[replying] - tcp.acknowledgedBytes[replying] < echoReplyOctets + after) continue;
    return {
      cause: 'control-echo-unanswered',
      confidence: 'likely',
      summary: `The ${replying} answers the ${asking}'s Echo-Request on the control connection, and the ${asking} never acknowledges the reply, which TCP sends again and again, and ends the tunnel: what the ${replying} sends is lost between the point of capture and the ${asking}.`,
      evidence: [
        { frame: last.frame, text: `Echo-Reply of the ${replying}, never acknowledged` },
        { frame: tcp.closedFrame, text: `TCP closed by the ${asking}` },
      ],
      refutedBy: `a capture at the ${asking} shows that the reply arrives there`,
    };
  }
  return null;
}

/** That end says that it ends the link for it, and the last Echo-Requests here are not all in vain: some programs add up what was. */
function echoesMissed(callCase: CallCase, from: Side): Draft | null {
  const { echo, terminateText } = callCase.call.lcp;
  const { requests, unanswered, lastUnansweredFrame } = echo.bySide[from];
  if (requests > 0 && unanswered === 0) return null;
  const missed =
    requests > 0
      ? `of its ${requests} in the capture ${unanswered} ${unanswered === 1 ? 'has' : 'have'} no reply, now and then`
      : 'none are in the capture';
  return {
    cause: 'lcp-echo-unanswered',
    confidence: 'likely',
    summary: `The ${from} ends the link because its LCP Echo-Requests are not answered ("${terminateText}"): ${missed}.`,
    evidence: [
      { frame: lastUnansweredFrame, text: 'the last Echo-Request without reply' },
      terminateEvidence(callCase),
    ],
  };
}

/** Seconds after which one Echo-Request on the control connection is not answered, where nobody acts on it. */
const echoOverdue = 30;

function controlEcho(callCase: CallCase): Draft | null {
  return controlEchoOf(callCase, 'client') ?? controlEchoOf(callCase, 'server');
}

/** Echo-Requests of that side; those of the other may be answered. */
function controlEchoOf(callCase: CallCase, from: Side): Draft | null {
  const { tunnel, capture } = callCase;
  const control = tunnel.control;
  if (control === null) return null;
  const { tcp } = control;
  const { unansweredAtEnd, lastUnansweredFrame } = control.echo.bySide[from];
  if (lastUnansweredFrame === null) return null;
  const asked = control.messages.find(({ frame }) => frame === lastUnansweredFrame)?.time ?? null;
  const ended = callCase.farewell?.by === from || tcp.closedBy === from;
  const waited = secondsBetweenTimes(asked, ended ? tunnel.lastTime : capture.lastFrameTime);
  if (waited === null || waited < (ended || unansweredAtEnd >= 2 ? replyOverdue : echoOverdue)) return null;
  if (!ended && callCase.over) return null;
  const inTunnel = callCase.gre(otherSide(from)).lastFrame ?? 0;
  const meanwhile = inTunnel > lastUnansweredFrame ? inTunnel : null;
  return {
    cause: 'control-echo-unanswered',
    confidence: ended ? 'likely' : 'possible',
    summary: `The ${from}'s Echo-Request on the control connection gets no reply in ${inSeconds(waited)}${ended ? ', and it ends the tunnel' : ''}.${meanwhile === null ? '' : ` In the tunnel the ${otherSide(from)} is heard meanwhile: only the control connection is cut.`}`,
    evidence: [
      { frame: meanwhile, text: `the ${otherSide(from)}'s last packet in the tunnel` },
      { frame: lastUnansweredFrame, text: `Echo-Request of the ${from}, not answered` },
      callCase.lastSeen,
    ],
  };
}

/** The last GRE packet of either end. */
function lastInTunnel({ up, down }: CallCase): number | null {
  return Math.max(up.lastFrame ?? 0, down.lastFrame ?? 0) || null;
}

function abruptly(callCase: CallCase): Draft | null {
  const { tunnel, call } = callCase;
  const closed = callCase.closedWithoutFarewell;
  if (closed === null || call.kind === 'unsignalled') return null;
  // Another call of the same connection was ended in order, and the connection with it.
  const others = tunnel.calls.filter((other) => other !== call && other.id !== call.id);
  if (
    others.some(
      (other) => (other.clearRequestFrame ?? other.lcp.terminateFrame ?? Number.MAX_SAFE_INTEGER) < closed.frame,
    )
  ) {
    return null;
  }
  const running = call.outcome === 'established';
  const meanwhile = running ? 'while the call is up' : 'before the call is up';
  const stage = running ? {} : { stage: callCase.reached };
  const evidence = [
    { frame: closed.frame, text: `${closed.how === 'rst' ? 'RST' : 'FIN'} from the ${closed.by}, no farewell before` },
    { frame: lastInTunnel(callCase), text: 'the last GRE packet' },
  ];
  const rewritten = namesNoCall(callCase, closed);
  if (rewritten !== null) return { ...rewritten, ...stage };
  if (closed.how === 'rst') {
    const firewall =
      closerText(callCase) === '' && closed.by === 'server' && tunnel.vantage === 'client'
        ? ' It may come from a firewall on the way in its name.'
        : closerText(callCase);
    const quiet = quietBefore(callCase, closed);
    const forgotten = forgottenControl(callCase, closed);
    return {
      cause: 'control-reset',
      confidence: callCase.oneSidedTunnel === null ? 'certain' : 'likely',
      ...stage,
      summary: `The control connection is reset ${meanwhile}: RST from the ${closed.by}'s address, without a farewell.${firewall}${quiet}${forgotten?.text ?? ''}`,
      evidence:
        quiet === ''
          ? evidence
          : [
              ...evidence,
              { frame: callCase.gre(closed.by).lastFrame, text: `the ${closed.by}'s last packet in the tunnel` },
            ],
      ...advised(forgotten?.advice ?? closerAdvice(callCase)),
    };
  }
  // The farewell may be among the GRE that the capture lacks.
  if (callCase.oneSidedTunnel !== null) return null;
  return {
    cause: 'control-closed-abruptly',
    confidence: 'certain',
    ...stage,
    summary: `The ${closed.by} closes the control connection ${meanwhile}, without a farewell: its process ended.`,
    evidence,
  };
}

/** An end drops the connection right after a message of the other that names a Call ID of no call: a NAT rewrites it wrongly. */
function namesNoCall(callCase: CallCase, closed: { by: Side; frame: number }): Draft | null {
  const { tunnel, call } = callCase;
  const { anomalies = [], messages = [] } = tunnel.control ?? {};
  const last = messages.findLast(({ frame }) => frame < closed.frame);
  const stray = anomalies.find(({ code, frame }) => code === 'unknown-call' && frame === last?.frame);
  const seconds = secondsBetweenTimes(last?.time ?? null, tunnel.lastTime);
  if (last === undefined || stray === undefined || last.from === closed.by) return null;
  if (seconds !== null && seconds >= timeToAnswer) return null;
  return {
    cause: 'nat-call-id-mismatch',
    confidence: 'likely',
    summary: `The ${closed.by} drops the control connection right after a ${last.name} of the ${last.from} that fits no call (${stray.message}): a NAT on the way rewrites the Call ID there wrongly, and the ${closed.by}, or a firewall before it, takes it for an attack.`,
    evidence: [
      { frame: call.requestFrame, text: `the client announces Call ID ${call.clientCallId}` },
      { frame: call.replyFrame, text: `the server announces Call ID ${call.serverCallId}` },
      { frame: last.frame, text: stray.message },
      { frame: closed.frame, text: `closed by the ${closed.by}` },
    ],
  };
}

/** The RST answers the first message after a long time without one: who sent it had forgotten the connection. */
function forgottenControl(
  { tunnel }: CallCase,
  closed: { by: Side; frame: number },
): { text: string; advice: string } | null {
  const said = (tunnel.control?.messages ?? []).filter(({ frame }) => frame < closed.frame);
  const [before, last] = said.slice(-2);
  if (before === undefined || last === undefined || last.from === closed.by) return null;
  const seconds = secondsBetweenTimes(before.time, last.time);
  if (seconds === null || seconds < forgottenAfter) return null;
  return {
    text: ` It answers the first message after ${inSeconds(seconds)} without one (${last.name}, frame ${last.frame}; frame ${before.frame} before): who sent it had forgotten the connection.`,
    advice: `Let Echo-Requests come more often than every ${inSeconds(seconds)}, or raise the timer of idle TCP connections on the box that sent the RST.`,
  };
}

/** A sentence on how long nothing of that side had come through the tunnel; empty where it was not long. */
function quietBefore(callCase: CallCase, { by, frame }: { by: Side; frame: number }): string {
  const other = otherSide(by);
  if ((callCase.gre(other).lastFrame ?? 0) > frame) return '';
  const seconds = secondsBetweenTimes(callCase.gre(by).lastTime, callCase.gre(other).lastTime);
  const packets = callCase.unacknowledged(other);
  if (seconds === null || seconds < shortestAlone || packets < fewestAlone) return '';
  return ` Before that nothing of the ${by} came through the tunnel for ${inSeconds(seconds)}, while the ${other} sent ${counted(packets, 'packet')} in vain.`;
}

/** Set up before the capture, which holds hardly more of the call than its end. */
function beginsWithItsEnd({ kind, gre, lcp }: Call): boolean {
  if (lcp.openedFrame !== null) return false;
  const fewest = Math.min(gre.clientToServer.dataPackets, gre.serverToClient.dataPackets);
  return kind === 'unsignalled' && fewest < packetsBeforeAnEnd;
}

function byServer(callCase: CallCase): Draft | null {
  const { call } = callCase;
  const farewell = callCase.farewell;
  const windows = call.lcp.windowsErrorCode;
  if (farewell === null) return null;
  if (farewell.by !== 'server') {
    if (!windows || call.lcp.terminatedBy !== 'client') return null;
    return {
      cause: 'disconnected-with-error',
      confidence: 'certain',
      stage: callCase.furthest,
      summary: `The client's Windows ends the call with error ${windows} (${windowsErrorName(windows) ?? 'unknown'}).`,
      evidence: [terminateEvidence(callCase)],
      advice: lookUp(windows),
      seenErrors: [windows],
    };
  }
  // Which side it was is a guess there, or what came before the farewell is not in the capture.
  if (callCase.tunnel.roles === 'unknown' || beginsWithItsEnd(call)) return null;
  const running = call.outcome === 'established';
  const draft = endedByServer(
    callCase,
    `ends the ${running ? 'running call' : 'call before it is up,'}`,
    '',
    callCase.furthest,
  );
  const limited = limitedLength(callCase);
  if (limited !== null) return { ...draft, ...limited, summary: `${draft.summary}${limited.summary}` };
  const before = protocolEnded(callCase);
  const anew = askedAnew(callCase);
  if (before === null && anew !== null) return { ...draft, ...anew, summary: `${draft.summary}${anew.summary}` };
  return {
    ...draft,
    ...(windows ? { seenErrors: [windows] } : {}),
    ...(before === null
      ? {}
      : {
          summary: `${draft.summary} Directly before, the ${before.by} ended ${before.protocol} ("${before.text}").`,
          evidence: [{ frame: before.frame, text: `the ${before.by} ends ${before.protocol}` }, ...draft.evidence],
          ...advised(
            before.protocol === 'IPV6CP'
              ? `Turn IPv6 off for the VPN at one end, or read the log of the ${before.by}: why could it not use IPv6? Then whether the other end has an update that keeps IPv4 up.`
              : null,
          ),
        }),
  };
}

/** Seconds by which calls of one limit differ: programs look at the clock once in a while. */
const sameLength = 2;
/** Others that were up as long, which chance does not explain. */
const fewestAlike = 2;

/** Most calls that the server ended were up for as long as this one. */
function limitedLength(callCase: CallCase): Pick<Draft, 'summary' | 'advice'> | null {
  const { length, others, endings, call } = callCase;
  if (length === null) return null;
  const ended = [...others.flatMap((other) => other.endings), ...endings].filter(
    (ending) => ending.byOthers && ending.length !== null && ending.call !== call.id,
  );
  const ids = new Set(ended.map((ending) => ending.call));
  const again = diedAlike(callCase, length, (ending) => ending.length, sameLength).filter(({ call: id }) =>
    ids.has(id),
  );
  if (again.length < fewestAlike || again.length * 2 < ended.length) return null;
  const named = again.slice(0, 3).map(({ call: id }) => id);
  const more = again.length > named.length ? ` and ${again.length - named.length} more` : '';
  return {
    summary: ` It was up for ${inSeconds(length)}, and so were ${named.join(', ')}${more}: it is a limit on the length of a session.`,
    advice:
      'Raise on the server how long a session may last (pppd: `maxconnect`; RADIUS: Session-Timeout), or let the client dial again by itself.',
  };
}

/** The server had begun LCP anew in the running call, and got no answer. RFC 1661 §4.1 */
function askedAnew(callCase: CallCase): Pick<Draft, 'summary' | 'evidence' | 'advice'> | null {
  const { lastFrame, lastAnswerFrame } = callCase.lcp('server');
  const opened = callCase.call.network.openedFrame;
  if (opened === null || lastFrame === null || lastFrame < opened || (lastAnswerFrame ?? 0) > opened) return null;
  return {
    summary: ' Before, it had begun LCP anew in the running call, and the client did not answer.',
    evidence: [{ frame: lastFrame, text: "the server's last LCP Configure-Request" }, terminateEvidence(callCase)],
    advice:
      "Read the logs of both ends' PPP for that moment: why did the server begin anew, and why does the client not answer LCP in a running call?",
  };
}

/** The end of a protocol above LCP, with words, on which the end of the link follows at once. */
function protocolEnded({ call, farewell }: CallCase): (Terminated & { readonly protocol: string }) | null {
  const { ccpTerminated, ipcpTerminated, ipv6cpTerminated, stillBeforeTermination } = call.evidence;
  if (farewell === null || stillBeforeTermination === null || stillBeforeTermination >= timeToAnswer) return null;
  const ended = [
    { protocol: 'CCP', terminated: ccpTerminated },
    { protocol: 'IPCP', terminated: ipcpTerminated },
    { protocol: 'IPV6CP', terminated: ipv6cpTerminated },
  ].flatMap(({ protocol, terminated }) =>
    terminated === null || !terminated.text || terminated.frame > farewell.frame ? [] : [{ protocol, ...terminated }],
  );
  return ended.sort((a, b) => a.frame - b.frame).at(-1) ?? null;
}

/** Packets, and seconds, that one side goes on without a packet of the other: receivers acknowledge within half a second. */
const packetsAlone = 10;
const secondsAlone = 10;

/** It went both ways, and from some packet on one side sends nothing more in the tunnel, not even acknowledgments. */
function stoppedAnswering(callCase: CallCase): Draft | null {
  for (const speaking of sides) {
    const silent = otherSide(speaking);
    const sent = callCase.gre(speaking);
    const back = callCase.gre(silent);
    const seconds = secondsBetweenTimes(back.lastTime, sent.lastTime);
    if (seconds === null || seconds < secondsAlone) continue;
    const waiting = callCase.unacknowledged(speaking);
    const tcp = callCase.tunnel.control?.tcp;
    if (waiting < packetsAlone || callCase.farewell?.by === silent || tcp?.closedBy === silent) continue;
    const heard = callCase.tunnel.lastHeard[silent].frame ?? 0;
    const beside = heard > (back.lastFrame ?? 0);
    return {
      cause: 'no-return-traffic',
      confidence: 'likely',
      summary: `From frame ${back.lastFrame} on nothing of the ${silent} comes through the tunnel any more: in ${inSeconds(seconds)} the ${speaking} sends ${waiting} packets, and none is acknowledged${beside ? `. On the control connection the ${silent} is heard after that` : ''}.`,
      evidence: [
        { frame: back.lastFrame, text: `the ${silent}'s last packet in the tunnel` },
        ...(beside ? [{ frame: heard, text: `the ${silent}'s last packet on the control connection` }] : []),
        { frame: sent.lastFrame, text: `the ${speaking}'s last one, ${inSeconds(seconds)} later` },
      ],
      advice: `Find what lets IP protocol 47 (GRE) of the ${silent} no longer through: a rule, a NAT or a way that changed at that moment; or whether the ${silent} still serves the call.`,
      refutedBy: `a capture at the ${silent} shows that it went on sending`,
    };
  }
  return null;
}

/** Packets of user data, and octets where they are not acknowledged, that go one way before nothing comes back. */
const fewestOneWay = 20;
const fewestOctetsOneWay = 100;

/** User data of one side, and nothing back. */
function oneWay(callCase: CallCase): Draft | null {
  const { call } = callCase;
  if (call.kind === 'unsignalled' || call.multilink !== null) return null;
  const stopped = stoppedAnswering(callCase);
  if (stopped !== null) return stopped;
  const speaking = sides.find((side) => callCase.userBytes(side) > 0 && callCase.userBytes(otherSide(side)) === 0);
  if (speaking === undefined) return null;
  const silent = otherSide(speaking);
  const sent = callCase.gre(speaking);
  const heard = callCase.gre(silent).lastAcknowledgment;
  const path = callCase.path(speaking);
  const outstanding = sent.lastSequence === null || heard === null ? 0 : (sent.lastSequence - heard) | 0;
  const unheard = Math.max(outstanding, path.largeUnacknowledged + path.smallUnacknowledged);
  if (callCase.gre(silent).packets === 0) return null;
  // A capture that ends within the same moment shows the data of one side before the other had time for an answer.
  const { tunnel, capture, over } = callCase;
  const waited = secondsBetweenTimes(sent.firstDataTime, over ? tunnel.lastTime : capture.lastFrameTime);
  if (waited !== null && waited < timeToAnswer) return null;
  const unacknowledged = unheard >= 2;
  const enough = unacknowledged ? sent.userBytes >= fewestOctetsOneWay : sent.dataPackets >= fewestOneWay;
  if (!enough) return null;
  return {
    cause: 'no-return-traffic',
    confidence: unacknowledged ? 'likely' : 'possible',
    summary: `The ${speaking} sends ${sent.userBytes} octets of user data, the ${silent} none${unacknowledged ? ', and does not acknowledge them' : ''}.`,
    evidence: [
      { frame: sent.firstDataFrame, text: `the ${speaking}'s first user data` },
      { frame: callCase.gre(silent).lastFrame, text: `the ${silent}'s last packet` },
      { frame: sent.lastFrame, text: `the ${speaking}'s last packet` },
    ],
  };
}
