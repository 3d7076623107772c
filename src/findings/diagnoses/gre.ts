/** Why the tunnel itself, enhanced GRE (RFC 2637 §4), does not come through: filters, NAT, wrong addresses and Call IDs. */
import { counted } from '../../octets/words.ts';
import { otherSide, sides } from '../../sessions/ends.ts';
import type { Side } from '../../sessions/model/side.ts';
import { atClient } from '../knowledge/causes.ts';
import { isOfCarrier, isPrivate } from './address-ranges.ts';
import type { CallCase } from './call-case.ts';
import type { Draft } from './draft.ts';
import { endedByServer, gaveUp } from './ending.ts';
import { icmpAgainst, namedErrors, rejection } from './icmp.ts';
import type { Neighbour } from './neighbour.ts';
import { answerOverdue, triesInVain } from './patience.ts';
import { inSeconds, secondsBetweenTimes } from './time.ts';
import { lostBetween } from './views.ts';

/** A server that cannot start PPP closes within this many seconds of its reply to the call. */
const soonAfterReply = 5;

/** Seconds within which a call that was ended may not have sent anything. */
const atOnce = 0.2;

/** The whole family; nothing where LCP opened. */
export function greFailed(callCase: CallCase): Draft[] {
  const { call, up, down } = callCase;
  if (call.outcome === 'established' || call.outcome === 'refused' || call.lcp.outcome === 'opened') return [];
  for (const rule of [rejectedByIcmp, headersSpoiled, lostBetween]) {
    const found = rule(callCase);
    if (found.length > 0) return found;
  }
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
  const mismatch = callIdMismatch(callCase);
  if (mismatch.length > 0) return mismatch;
  const elsewhere = fromOtherAddress(callCase);
  if (elsewhere.length > 0) return elsewhere;
  const found =
    up.packets === 0
      ? silent(callCase, 'client')
      : down.packets === 0
        ? silent(callCase, 'server')
        : bothSeen(callCase);
  return askedOnce(callCase) ? found.map(lessSure) : found;
}

/** Who gets no answer asks again (RFC 1661 §4.6): one question, and silence of both ends, may be a hole in the capture. */
function askedOnce(callCase: CallCase): boolean {
  return Math.max(callCase.lcp('client').sent, callCase.lcp('server').sent) === 1;
}

function lessSure(draft: Draft): Draft {
  return { ...draft, confidence: draft.confidence === 'certain' ? 'certain' : 'possible' };
}

/** Seconds that two calls go on beside each other before they are two clients, and not one that dials again. */
const besideForSeconds = 3;

/** Two calls of one address with one Call ID at one time: what the server sends to the one goes to the other. RFC 2637 §4.1 */
export function sharedCallId({ tunnel, call, interval, others }: CallCase): Draft[] {
  const { clientCallId } = call;
  if (call.kind === 'unsignalled' || clientCallId === null || interval === null) return [];
  const beside = others.find(
    (other) =>
      other.client === tunnel.client.address &&
      other.callIds.some(({ callId, from, to, heard }) => {
        // Who dials again has given up the call before: its client is not heard any more.
        if (callId !== clientCallId || !(heard || interval.heard)) return false;
        const before = secondsBetweenTimes(from, interval.to);
        const after = secondsBetweenTimes(interval.from, to);
        return Math.min(before ?? 0, after ?? 0) >= besideForSeconds;
      }),
  );
  if (beside === undefined) return [];
  return [
    {
      cause: 'nat-without-helper',
      confidence: 'likely',
      shownByPresence: true,
      summary: `Two clients behind ${tunnel.client.address} use Call ID ${clientCallId} at the same time (the other is ${beside.id}): the NAT does not rewrite Call IDs, and the server's GRE for them cannot be told apart.`,
      evidence: [
        { frame: call.requestFrame, text: `this call announces Call ID ${clientCallId}` },
        { frame: beside.firstFrame, text: `${beside.id} from the same address begins; it announces the same` },
      ],
    },
  ];
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

/** GRE of one end has wrong checksums in its IP headers, other packets of it have not, and the other end takes none of it. */
export function headersSpoiled(callCase: CallCase): Draft[] {
  for (const side of sides) {
    const { packets, wrongChecksums, wrongChecksumFrames } = callCase.gre(side);
    if (wrongChecksumFrames === null || wrongChecksums < triesInVain) continue;
    const { lastAcknowledgment } = callCase.gre(otherSide(side));
    if (callCase.unacknowledged(side) < triesInVain && lastAcknowledgment !== null) continue;
    return [
      {
        cause: 'ip-header-spoiled',
        confidence: 'certain',
        stage: callCase.furthest,
        summary: `${wrongChecksums} of the ${side}'s ${counted(packets, 'GRE packet')} have a wrong checksum in their IP header, and other packets of it a right one: a box on the way spoils them, and the ${otherSide(side)} drops them without a word.`,
        evidence: [
          { frame: wrongChecksumFrames.first, text: 'the first with a wrong checksum' },
          { frame: wrongChecksumFrames.last, text: 'the last' },
        ],
      },
    ];
  }
  return [];
}

/** Neither end's GRE is in the capture, though each sends LCP on its own as soon as the call is up. */
function nothingAtAll(callCase: CallCase): Draft[] {
  const { call } = callCase;
  const ended = endedAtOnce(callCase);
  if (ended !== null) return [ended];
  const between = [{ frame: call.replyFrame, text: 'the call is connected' }, callCase.lastSeen];
  const seconds = secondsBetweenTimes(callCase.replyTime, callCase.lastTime);
  if (call.kind === 'unsignalled') return [];
  if (seconds !== null && seconds < (callCase.over ? atOnce : answerOverdue)) {
    return [callCase.cancelled ? gaveUp(callCase) : tooShort(callCase)];
  }
  const mismatch = callIdMismatch(callCase);
  const incomplete: Draft = {
    cause: 'capture-incomplete',
    confidence: mismatch.length > 0 ? 'possible' : 'likely',
    stage: 'gre',
    summary: `The call is connected, but the capture holds no GRE of either end${seconds === null ? '' : ` in ${inSeconds(seconds)}`}. The end near the capture sends LCP on its own unless it is told to be silent, so the capture filter ${mismatch.length > 0 ? 'may have' : 'most likely'} left out IP protocol 47.`,
    evidence: between,
    refutedBy: 'the capture was taken without a filter',
    nextCapture: 'Capture again with the filter `tcp port 1723 or ip proto 47 or icmp`.',
  };
  if (mismatch.length > 0) return [...mismatch, incomplete];
  const blocked: Draft = {
    cause: 'gre-blocked',
    confidence: 'possible',
    summary: 'If the capture had no filter, GRE is blocked before the point of capture in both directions.',
    evidence: between,
  };
  return callCase.at('client') || callCase.at('server') ? [incomplete] : [incomplete, blocked];
}

/** The server took the call and closed the connection before it sent one packet: its PPP did not start. */
function endedAtOnce(callCase: CallCase): Draft | null {
  const { call, tunnel, down } = callCase;
  const farewell = callCase.farewell;
  const afterReply = callCase.secondsToFarewell;
  const soon = afterReply === null ? !callCase.waitedLongEnough : afterReply <= soonAfterReply;
  if (
    down.packets === 0 &&
    farewell?.by === 'server' &&
    call.replyFrame !== null &&
    farewell.frame > call.replyFrame &&
    soon
  ) {
    const draft = endedByServer(
      callCase,
      'accepts the call and ends it',
      ' before it sends one packet through the tunnel',
      'gre',
    );
    return { ...draft, evidence: [{ frame: call.replyFrame, text: 'the call is accepted' }, ...draft.evidence] };
  }
  const closed = callCase.closedWithoutFarewell;
  if (down.packets > 0 || closed === null || closed.by !== 'server' || call.replyFrame === null) return null;
  const seconds = secondsBetweenTimes(callCase.replyTime, tunnel.lastTime);
  if (seconds !== null && seconds > soonAfterReply) return null;
  return {
    cause: 'control-closed-abruptly',
    confidence: 'likely',
    stage: 'gre',
    summary:
      'The server accepts the call and closes the control connection at once, before it sends one packet through the tunnel: most likely its PPP process did not start.',
    evidence: [
      { frame: call.replyFrame, text: 'the call is accepted' },
      { frame: closed.frame, text: `the server closes TCP (${closed.how.toUpperCase()}), no farewell before` },
    ],
    advice:
      "Read the server's log for that moment: an option that its PPP does not know, a missing module, no free interface.",
  };
}

/** Whoever acknowledges has received: then the other direction exists, and only the capture lacks it. */
function oneDirectionOnly(callCase: CallCase): Draft | null {
  const { up, down } = callCase;
  if (up.packets > 0 && down.packets > 0) return null;
  const seen: Side = up.packets > 0 ? 'client' : 'server';
  const only = callCase.oneSided === seen;
  const acknowledged = callCase.gre(seen).lastAcknowledgment !== null;
  if (!only && !acknowledged) return null;
  return {
    cause: 'capture-incomplete',
    confidence: 'certain',
    stage: 'gre',
    summary: `The capture holds only what the ${seen} sends${acknowledged ? `; it acknowledges packets of the ${otherSide(seen)} that are not in the capture` : ''}.`,
    evidence: [{ frame: callCase.gre(seen).firstFrame, text: `GRE of the ${seen}, and none of the other end` }],
  };
}

function tooShort(callCase: CallCase): Draft {
  const { call, afterSilence } = callCase;
  return {
    cause: 'capture-incomplete',
    confidence: 'likely',
    stage: 'gre',
    summary: `The ${callCase.over ? 'call' : 'capture'} ends${afterSilence === '' ? ' soon' : ` ${afterSilence}`}: too early to tell why LCP did not open.`,
    evidence: [
      { frame: call.replyFrame, text: 'the call is accepted' },
      { frame: call.gre.clientToServer.firstFrame ?? call.gre.serverToClient.firstFrame, text: 'the first GRE packet' },
    ],
  };
}

/** One end's GRE is there, and not one packet of the other. */
function silent(callCase: CallCase, mute: Side): Draft[] {
  const { tunnel, call } = callCase;
  const heard = otherSide(mute);
  const asked = callCase.lcp(heard);
  const seen = callCase.gre(heard);
  const seconds = callCase.secondsOfSilence;
  const foreign = tunnel.foreignGre[mute];
  const tries =
    asked.sent > 0 ? `${counted(asked.sent, 'LCP Configure-Request')}` : counted(seen.packets, 'GRE packet');
  const evidence = [
    { frame: call.replyFrame, text: 'the call is accepted: the control connection works' },
    { frame: asked.firstFrame ?? seen.firstFrame, text: `the ${heard}'s first LCP Configure-Request` },
    { frame: asked.lastFrame ?? seen.lastFrame, text: `the last of ${tries}, none answered` },
    { frame: foreign?.firstFrame ?? null, text: `GRE of the ${mute} that is not PPTP's` },
    ...callCase.lossesBeside,
  ];
  if (callCase.at(mute)) return [muteItself(mute, tries, evidence)];
  const control =
    tunnel.control === null ? 'The control connection is not in the capture;' : 'The control connection works, but';
  const observed = `${control}${seconds === null ? '' : ` in ${inSeconds(seconds)}`} none of the ${heard}'s ${tries} was answered: no GRE ${foreign === null ? '' : 'of PPTP '}from the ${mute} is in the capture${foreign === null ? '' : `, and ${counted(foreign.packets, 'GRE packet')} of another kind: PPTP's have version 1, a key and no checksum. A box on the way or the ${mute} itself changes them, or they are of another tunnel`}.`;
  return mute === 'client' ? silentClient(callCase, observed, evidence) : silentServer(callCase, observed, evidence);
}

/** At the mute end itself: what it sends would be seen here before any filter on the way. */
function muteItself(mute: Side, tries: string, evidence: Draft['evidence']): Draft {
  return {
    cause: mute === 'client' ? 'gre-blocked-client-to-server' : 'gre-blocked-server-to-client',
    confidence: 'likely',
    summary: `The ${otherSide(mute)}'s GRE arrives at the ${mute}, and the ${mute} sends none: a firewall on it drops GRE, or its PPTP program does not know the call. ${tries} not answered.`,
    evidence,
    advice: `On the ${mute} itself: let IP protocol 47 in and out, and read the log of its PPTP program for this call.`,
    refutedBy: `the ${mute}'s log shows that it sends GRE`,
    nextCapture: '',
  };
}

/** `observed`: a sentence on what the capture shows. */
function silentClient(callCase: CallCase, observed: string, evidence: Draft['evidence']): Draft[] {
  const nat = natSuspicion(callCase);
  return [
    ...nat,
    {
      cause: 'gre-blocked-client-to-server',
      confidence: nat.length > 0 ? 'possible' : 'likely',
      summary: `${observed} A client sends GRE on its own, so what it sends is lost before ${callCase.tunnel.vantage === 'server' ? 'the server' : 'the point of capture'}; whether the other direction works cannot be seen here.`,
      evidence,
      nextCapture: atClient,
    },
  ];
}

/** `observed`: a sentence on what the capture shows. */
function silentServer(callCase: CallCase, observed: string, evidence: Draft['evidence']): Draft[] {
  const nat = natSuspicion(callCase);
  const suspect = nat[0]?.confidence === 'likely';
  const before = suspect ? null : cameUpBefore(callCase);
  if (before !== null) {
    return [
      {
        cause: 'gre-blocked',
        confidence: 'likely',
        summary: `${observed} A call of the same address came up before (${before.id}), so GRE was let through: a NAT on the way, or the server, may still hold the state of that call.`,
        evidence: [...evidence, { frame: before.lastFrame, text: `the last packet of ${before.id}` }],
        advice:
          'Dial again after some minutes. If it works then, shorten the time for which the NAT keeps GRE that has ended, or see in the log of the server whether it ends the call before.',
      },
    ];
  }
  const where = {
    client:
      "From the client's side one cannot tell whether the client's packets are lost on the way, the server's answers are, or the server is dead.",
    server: `It was taken near the server, but not on it: packets are lost between the two, by the control connection as well.`,
    between: 'The loss, or the fault, is beyond the point of capture, on the side of the server.',
    unknown: 'In which direction they are lost cannot be seen here.',
  }[callCase.tunnel.vantage];
  const blocked: Draft = {
    cause: 'gre-blocked',
    confidence: suspect ? 'possible' : 'likely',
    summary: `${observed} ${where}`,
    evidence,
    advice: `Let IP protocol 47 (GRE) through between ${callCase.address('client')} and ${callCase.address('server')}, both ways; on a NAT in between turn on its PPTP helper.`,
  };
  return suspect ? [...nat, blocked] : [blocked, ...nat];
}

/** GRE of both ends is in the capture, but LCP does not open: who hears whom? */
function bothSeen(callCase: CallCase): Draft[] {
  const { call } = callCase;
  const serverHears = callCase.hears('server');
  const nat = natSuspicion(callCase).filter(({ confidence }) => confidence === 'likely');
  const again = nat.length === 0 && serverHears ? sameFate(callCase) : [];
  const deaf = serverHears ? 'client' : callCase.hears('client') ? 'server' : null;
  if (deaf !== null) return [...(deaf === 'client' ? nat : []), notTaken(callCase, deaf, nat), ...again];
  const atFirst = sides.some((side) => callCase.lcp(side).lastAnswerFrame !== null);
  const { vantage } = callCase.tunnel;
  return [
    ...nat,
    {
      cause: 'gre-blocked',
      confidence: nat.length > 0 ? 'possible' : 'likely',
      summary: [
        atFirst
          ? 'Both ends send GRE and answered each other at first; then each goes on asking as if it heard nothing'
          : 'Both ends send GRE, and neither answers what the other sends',
        vantage === 'between'
          ? ': what passes the point of capture is lost behind it, in both directions.'
          : ': at the end near the capture a firewall drops what arrives, and the other direction is lost as well.',
        callCase.unaskedText,
      ].join(''),
      evidence: [
        { frame: call.replyFrame, text: 'the call is accepted' },
        ...askedFor(callCase, 'client'),
        ...askedFor(callCase, 'server'),
        ...callCase.unaskedAnswers,
        ...sides.map((side) => ({
          frame: callCase.lcp(side).lastAnswerFrame,
          text: `the last answer to the ${side}'s LCP`,
        })),
      ],
    },
  ];
}

/** One end takes what the other sends and answers it, and is not heard itself. */
function notTaken(callCase: CallCase, deaf: Side, nat: readonly Draft[]): Draft {
  const speaker = otherSide(deaf);
  const here = callCase.at(deaf);
  const again = callCase.hearsNoMore(deaf) ? callCase.lcp(deaf).askedAgain : 0;
  const inVain =
    again > 0
      ? `no more: it sends ${counted(again, 'Configure-Request')} for what the ${speaker} has acknowledged`
      : `nothing: ${counted(callCase.lcp(speaker).sent, 'Configure-Request')} of the ${speaker} unanswered`;
  return {
    cause: deaf === 'server' ? 'gre-blocked-client-to-server' : 'gre-blocked-server-to-client',
    confidence: deaf === 'client' && nat.length > 0 ? 'possible' : 'likely',
    summary: `The ${deaf}'s GRE arrives and the ${speaker} answers it, but the ${deaf} goes on as if it heard ${inVain}.${here ? ` The ${speaker}'s packets arrive at the point of capture, so the ${deaf} itself drops them.` : ''}`,
    evidence: [
      {
        frame: callCase.lcp(deaf).lastAnswerFrame,
        text: `the ${speaker} answers the ${deaf}'s LCP: it hears the ${deaf}`,
      },
      ...askedFor(callCase, again > 0 ? deaf : speaker),
    ],
    ...(here
      ? {
          advice: `On the ${deaf} itself: let IP protocol 47 (GRE) in through its firewall, and read the log of its PPTP program for this call.`,
          refutedBy: `the ${deaf}'s log shows that its PPTP program takes the packets`,
          nextCapture: '',
        }
      : {}),
  };
}

function askedFor(callCase: CallCase, side: Side): Draft['evidence'] {
  const { firstFrame, lastFrame, lastAnswerFrame, sent } = callCase.lcp(side);
  return [
    { frame: firstFrame, text: `the ${side}'s first Configure-Request` },
    { frame: lastFrame, text: `the last of ${sent}${lastAnswerFrame === null ? ', none answered' : ''}` },
  ];
}

/** What the anomalies of a call that did not come up say of its Call IDs. */
function callIdMismatch({ call, up, down }: CallCase): Draft[] {
  const found = call.anomalies.find(({ code }) => code === 'call-id-rewritten' || code === 'peer-call-id-mismatch');
  if (found === undefined) return [];
  return [
    {
      cause: 'nat-call-id-mismatch',
      confidence: 'likely',
      summary: `The Call IDs do not fit${up.packets + down.packets > 0 ? ', and the call does not come up' : ''}: ${found.message}.`,
      evidence: [
        { frame: found.frame, text: found.message },
        { frame: call.requestFrame, text: `the client announces Call ID ${call.clientCallId}` },
        { frame: call.replyFrame, text: `the server announces Call ID ${call.serverCallId}` },
      ],
    },
  ];
}

function fromOtherAddress(callCase: CallCase): Draft[] {
  const { call, tunnel } = callCase;
  const side = sides.find((end) => call.greFromOtherAddress[end] !== null);
  if (side === undefined) return [];
  const address = call.greFromOtherAddress[side] ?? '';
  const evidence = [
    { frame: call.requestFrame, text: `control connection with ${tunnel[side].address}` },
    { frame: callCase.gre(side).firstFrame, text: `GRE of the ${side} from ${address}` },
  ];
  if (isPrivate(address) && !isPrivate(tunnel[side].address)) {
    return [
      {
        cause: 'nat-without-helper',
        confidence: 'likely',
        summary: `The ${side}'s GRE comes from its private address ${address}, its control connection from ${tunnel[side].address}: the NAT translates TCP and not GRE.`,
        evidence,
      },
    ];
  }
  return [
    {
      cause: 'gre-from-other-address',
      confidence: 'certain',
      summary: `The ${side}'s GRE comes from ${address}, but its control connection is with ${tunnel[side].address}; the other end does not take it.`,
      evidence,
    },
  ];
}

/** Other calls of the same address, at other times, that were not answered either: a NAT that loses the replies. */
function sameFate({ tunnel, others }: CallCase): Draft[] {
  const same = others.find((other) => other.client === tunnel.client.address && other.unanswered);
  if (same === undefined) return [];
  return [
    {
      cause: 'nat-without-helper',
      confidence: 'possible',
      summary: `Another call from ${tunnel.client.address} (${same.id}) fails in the same way: ${tunnel.client.address} may be a NAT that does not bring GRE to its clients.`,
      evidence: [{ frame: same.firstFrame, text: `${same.id} from the same address begins` }],
    },
  ];
}

/** Seconds that NATs keep the state of GRE that has ended: Linux 180, others up to ten minutes. */
const keptByNat = 600;

/** The last call of the same address that came up and was over shortly before this one began. */
function cameUpBefore({ tunnel, others }: CallCase): Neighbour | null {
  const ended = others.filter(({ client, established, lastTime }) => {
    const seconds = secondsBetweenTimes(lastTime, tunnel.firstTime) ?? -1;
    return client === tunnel.client.address && established && seconds >= 0 && seconds <= keptByNat;
  });
  return ended.at(-1) ?? null;
}

/** Signs of a NAT that does not translate GRE: other calls of the same address, or an address that must be translated. */
function natSuspicion(callCase: CallCase): Draft[] {
  const { tunnel, call } = callCase;
  const meanwhile = callCase.others.filter(({ firstTime, lastTime }) =>
    overlap(tunnel.firstTime, tunnel.lastTime, firstTime, lastTime),
  );
  const beside = meanwhile.find(({ client, signalled }) => client === tunnel.client.address && signalled);
  if (beside !== undefined) {
    return [
      {
        cause: 'nat-without-helper',
        confidence: 'likely',
        summary: `${tunnel.client.address} has another call to the same server at the same time (${beside.id}): several clients behind one NAT, which does not keep their GRE apart.`,
        evidence: [
          { frame: beside.firstFrame, text: `${beside.id} from the same address begins` },
          { frame: call.requestFrame, text: 'this call is asked for' },
        ],
      },
    ];
  }
  if (tunnel.vantage !== 'client' || !isPrivate(tunnel.client.address) || isPrivate(tunnel.server.address)) return [];
  const served = meanwhile.find(({ client, established }) => isPrivate(client) && established);
  if (served !== undefined) {
    return [
      {
        cause: 'nat-without-helper',
        confidence: 'likely',
        summary: `${served.client} has a call to the same server at the same time that works (${served.id}), and the GRE of ${tunnel.client.address} is not answered: the NAT before both serves one of them only.`,
        evidence: [
          { frame: served.firstFrame, text: `${served.id} of ${served.client} begins` },
          { frame: call.requestFrame, text: `call from ${tunnel.client.address} to ${tunnel.server.address}` },
        ],
      },
    ];
  }
  const carrier = isOfCarrier(tunnel.client.address);
  return [
    {
      cause: 'nat-without-helper',
      confidence: 'possible',
      ...(carrier
        ? {
            advice: "The NAT is the provider's: ask it for a public IPv4 address, or use a VPN that needs no GRE.",
          }
        : {}),
      summary: `${tunnel.client.address} is ${carrier ? "an address behind a provider's NAT (RFC 6598)" : 'a private address'} and ${tunnel.server.address} is not: there is a NAT between, and it may not translate GRE.`,
      evidence: [
        {
          frame: call.requestFrame ?? tunnel.firstFrame,
          text: `call from ${tunnel.client.address} to ${tunnel.server.address}`,
        },
      ],
    },
  ];
}

function overlap(from: string | null, to: string | null, otherFrom: string | null, otherTo: string | null): boolean {
  const before = secondsBetweenTimes(from, otherTo);
  const after = secondsBetweenTimes(otherFrom, to);
  return before !== null && after !== null && before >= 0 && after >= 0;
}
