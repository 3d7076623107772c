/** CCP and MPPE (RFC 1962, 3078): one side needs it and it did not come about. */
import { mppeBits, strongest } from '../../ppp/ccp.ts';
import { windowsErrorName } from '../../ppp/windows-errors.ts';
import { otherSide, sides } from '../../sessions/ends.ts';
import type { Authentication } from '../../sessions/model/authentication.ts';
import type { Requests } from '../../sessions/model/evidence.ts';
import type { Side } from '../../sessions/model/side.ts';
import { userRequest } from '../knowledge/terminate-texts.ts';
import { protocolTitle } from '../stages.ts';
import type { CallCase } from './call-case.ts';
import type { Draft } from './draft.ts';
import { networkText, terminateEvidence } from './ending.ts';
import { advised } from './result.ts';

/** Terminate-Requests say more about it than what was not reached. */
export const mppeText = /\bMPPE\b|\bencryption\b/i;
/** The same without pppd's "MPPE disabled", which it says only when CCP that was open goes down. */
const mppeLackedText = /\bMPPE\b(?! disabled| ?\w*…)|\bencryption\b/i;
/** As pppd says it when it lacks something itself: nobody refused it. */
const unavailableText = /\bMPPE required but not available\b/i;

/** What the end of the link says of MPPE. */
interface Reason {
  readonly saysMppe: boolean;
  /** Windows has numbers for it. */
  readonly windowsSays: boolean;
  readonly seenErrors: readonly number[];
}

/** IPCP may have opened meanwhile. */
export function encryptionFailed(callCase: CallCase): Draft[] {
  const { call } = callCase;
  if (call.lcp.outcome !== 'opened') return [];
  const { ccpTerminated } = call.evidence;
  if (!callCase.terminated && ccpTerminated === null && !callCase.over) return [];
  const undone = undoneByLoss(callCase);
  if (undone.length > 0) return undone;
  // CCP opens without options as well, when all of them were refused. RFC 1962 §3
  if (call.encryption.method === 'mppe') return [];
  const windows = call.lcp.windowsErrorCode;
  const running = call.outcome === 'established';
  const said = `${call.lcp.terminateText ?? ''} ${ccpTerminated?.text ?? ''}`;
  const reason = {
    saysMppe: mppeLackedText.test(said),
    windowsSays: windows === 741 || windows === 742 || windows === 743,
    seenErrors: windows === null ? [] : [windows],
  };
  if (running && !reason.saysMppe && !reason.windowsSays) return [];
  const unable = unableItself(callCase, reason);
  if (unable.length > 0) return unable;
  const wanting = sides.filter((side) => bitsOf(callCase.ccp(side)).length > 0);
  if (wanting.length === 0) return notAskedFor(callCase, reason);
  if (endsOverNetwork(callCase, reason, wanting)) return [];
  const different = notInCommon(callCase, reason);
  return different.length > 0 ? different : refused(callCase, reason, wanting);
}

/**
 * The answer to a Configure-Request of CCP is lost, and its sender asks again (RFC 1661 §4.6). For the end that had answered CCP was
 * open and goes down by that; pppd that requires MPPE ends the link then.
 */
function undoneByLoss(callCase: CallCase): Draft[] {
  const { terminatedBy: by, terminateText, terminateFrame } = callCase.call.lcp;
  if (by === null || terminateFrame === null || callCase.call.outcome === 'established') return [];
  if (!/^MPPE disabled/i.test(terminateText ?? '')) return [];
  const other = otherSide(by);
  const { sent, agreed, askedAgain, naks, rejects, firstFrame, lastFrame } = callCase.ccp(other);
  const again = sent > 1 && naks + rejects === 0 && (agreed === null || askedAgain > 0);
  if (!again || lastFrame === null || lastFrame > terminateFrame || callCase.ccp(by).agreed === null) return [];
  return [
    {
      cause: 'packet-loss',
      confidence: 'likely',
      stage: 'encryption',
      summary: `CCP was open for the ${by}, which says "${terminateText}" when that ends: the ${other} asks for CCP again, because the ${by}'s Configure-Ack did not reach it, and a PPP that requires MPPE takes that for the end of its encryption and ends the link.`,
      evidence: [
        { frame: firstFrame, text: `the ${other} asks for CCP` },
        { frame: lastFrame, text: `the ${other} asks again` },
        terminateEvidence(callCase),
      ],
      advice: `Dial again: it comes up when no answer of CCP is lost. For good, find what loses the ${by}'s packets on the way to the ${other}.`,
      refutedBy: `the ${by}'s user hung up at that very moment`,
    },
  ];
}

/** Who requires MPPE ends the link because it cannot do it: no keys, or no support of its system. */
function unableItself(callCase: CallCase, { seenErrors }: Reason): Draft[] {
  const { call } = callCase;
  const { terminatedBy: by, terminateText } = call.lcp;
  if (by === null || !unavailableText.test(terminateText ?? '')) return [];
  const succeeded = call.authentication.filter(({ outcome }) => outcome === 'success');
  const mutual = sides.every((side) =>
    succeeded.some(({ authenticator, protocol }) => authenticator === side && protocol.startsWith('ms-chap-')),
  );
  const method = succeeded.at(-1)?.protocol;
  const [why, advice] =
    method !== undefined && keysImpossible(call.authentication)
      ? [`and ${protocolTitle(method)} gives no keys for it`, null]
      : mutual
        ? [
            'and cannot tell whose keys to take: each end has authenticated the other',
            `Let one end alone authenticate the other: on the ${by}, or on the ${otherSide(by)}, turn off that it demands it.`,
          ]
        : [
            'and cannot do it itself: its system has no MPPE, it got no keys, or no key length is left that it may use',
            method === 'ms-chap-v1'
              ? null
              : `On the ${by}: load the kernel's MPPE (Linux: \`modprobe ppp_mppe\`), let its RADIUS plug-in take over the keys, and allow 128 bit.`,
          ];
  return [
    {
      cause: 'mppe-keys-unavailable',
      confidence: 'certain',
      summary: `The ${by} requires MPPE, ${why} ("${terminateText}").`,
      evidence: [
        { frame: succeeded.at(-1)?.frames.at(-1) ?? null, text: 'authentication succeeded' },
        terminateEvidence(callCase),
      ],
      ...advised(advice),
      seenErrors,
    },
  ];
}

/** Who was refused MPPE went on without it, or the end names another reason, and the network protocols had begun. */
function endsOverNetwork(callCase: CallCase, reason: Reason, wanting: readonly Side[]): boolean {
  const { call } = callCase;
  const { terminateText, windowsErrorCode } = call.lcp;
  if (reason.saysMppe || reason.windowsSays || call.network.firstFrame === null) return false;
  if (call.evidence.ccpTerminated !== null && windowsErrorCode) return false;
  return networkText.test(terminateText ?? '') || wanting.every((side) => callCase.ccp(side).withdrawn);
}

/** The link ends for the lack of it, and nobody asked. */
function notAskedFor(callCase: CallCase, reason: Reason): Draft[] {
  const { saysMppe, windowsSays, seenErrors } = reason;
  const { call } = callCase;
  // What was negotiated before the capture cannot be told to be missing.
  if (call.lcp.openedFrame === null || !callCase.terminated) return [];
  const impossible = keysImpossible(call.authentication);
  if (!saysMppe && !windowsSays) {
    // Who gives another reason ends it for that.
    const unsaid = call.lcp.windowsErrorCode === null && userRequest.test(call.lcp.terminateText ?? '');
    if (!unsaid || !impossible || call.network.firstFrame !== null) return [];
  }
  const { terminatedBy: by } = call.lcp;
  const other = by === null ? null : otherSide(by);
  if (!impossible && other !== null && callCase.ccp(other).sent > 0) return [offeredWithout(callCase, other, reason)];
  const method = call.authentication.at(-1)?.protocol;
  const lacking = impossible ? 'whose keys this authentication does not give' : 'for which neither end asked';
  return [
    {
      cause: 'mppe-keys-unavailable',
      confidence: saysMppe ? 'certain' : windowsSays ? 'likely' : 'possible',
      summary: `Authentication${method === undefined ? '' : ` by ${protocolTitle(method)}`} went well, no encryption was negotiated, and the ${call.lcp.terminatedBy} ended the link: it requires MPPE, ${lacking}${saysMppe ? ` ("${call.lcp.terminateText}")` : ''}.`,
      evidence: [
        { frame: call.authentication.at(-1)?.frames.at(-1) ?? null, text: 'authentication succeeded' },
        terminateEvidence(callCase),
      ],
      seenErrors,
    },
  ];
}

/** `side` asks for CCP without MPPE, and the other ends the link for that before it asks itself. */
function offeredWithout(callCase: CallCase, side: Side, { saysMppe, seenErrors }: Reason): Draft {
  const { terminateText } = callCase.call.lcp;
  const other = otherSide(side);
  return {
    cause: 'mppe-refused',
    confidence: 'likely',
    summary: `The ${other} requires MPPE, the ${side} asks for CCP without it, and the ${other} ends the link${saysMppe ? ` ("${terminateText}")` : ''}.`,
    evidence: [
      { frame: callCase.ccp(side).firstFrame, text: `the ${side} asks for CCP without MPPE` },
      terminateEvidence(callCase),
    ],
    advice: `Turn on MPPE with 128 bit on the ${side}: of CCP it has other compression alone.`,
    seenErrors,
  };
}

/** Both do MPPE, and no key length or no mode is common. */
function notInCommon(callCase: CallCase, { seenErrors }: Reason): Draft[] {
  if (callCase.call.evidence.ccpRejectedFrame !== null) return [];
  for (const side of sides) {
    const other = otherSide(side);
    const requests = callCase.ccp(side);
    const asked = bitsOf(requests);
    if (requests.refusedFrame === null || requests.agreed !== null || asked.length === 0) continue;
    // What the other end asks for itself or proposes instead is what it can do, and what this one acknowledges.
    const able = [...bitsOf(callCase.ccp(other)), ...requests.countered.map(Number)];
    if (able.length === 0) continue;
    const acknowledged = Number(callCase.ccp(other).agreed ?? 0);
    const own = strongest(acknowledged) === null ? asked : [...asked, acknowledged];
    const evidence = requestEvidence(callCase);
    if (!own.some((one) => able.some((two) => strongest(one & two) !== null))) {
      return [
        {
          cause: 'mppe-strength-mismatch',
          confidence: 'certain',
          summary: `Both ends do MPPE, but with no common key length: the ${side} wants ${strengths(asked)}, the ${other} ${strengths(able)}.`,
          evidence,
          seenErrors,
        },
      ];
    }
    const states = (masks: readonly number[]) => new Set(masks.map((mask) => (mask & mppeBits.stateless) !== 0));
    const mine = states(asked);
    if (![...states(able)].some((state) => mine.has(state))) {
      return [
        {
          cause: 'mppe-stateful-mismatch',
          confidence: 'certain',
          summary: `Both ends do MPPE, but the ${side} insists on ${mine.has(true) ? 'stateless' : 'stateful'} and the ${other} on ${mine.has(true) ? 'stateful' : 'stateless'} mode.`,
          evidence,
          seenErrors,
        },
      ];
    }
  }
  return [];
}

/** `wanting`: the sides that asked for it. */
function refused(callCase: CallCase, reason: Reason, wanting: readonly Side[]): Draft[] {
  const { call } = callCase;
  const { ccpRejectedFrame, ccpTerminated } = call.evidence;
  const windows = call.lcp.windowsErrorCode;
  const notAgreed = wanting.filter((side) => callCase.ccp(side).agreed === null);
  const turnedDown = notAgreed.find((side) => callCase.ccp(side).refusedFrame !== null);
  const shown = turnedDown !== undefined || ccpRejectedFrame !== null;
  const ended = ccpTerminated !== null && Boolean(windows);
  if (!shown && !reason.saysMppe && !reason.windowsSays && !ended) return [];
  const wanter = turnedDown ?? notAgreed[0];
  if (wanter === undefined) return [];
  const wants = `The ${wanter} wants MPPE (${callCase.ccp(wanter).asked.map(offerText).join('; ')})`;
  const by = ccpTerminated?.by ?? call.lcp.terminatedBy;
  const { rejected, countered } = callCase.ccp(wanter);
  const offers =
    rejected || ccpRejectedFrame !== null ? [] : countered.filter((mask) => strongest(Number(mask)) !== null);
  if (shown && offers.length > 0) {
    const offer = offers.map(offerText).join('; ');
    return [
      {
        cause: 'mppe-refused',
        confidence: 'likely',
        summary: `${wants}, the ${otherSide(wanter)} counters with ${offer}, the ${wanter} does not take that, and the link ends.`,
        evidence: requestEvidence(callCase),
        advice: `Let the ${wanter} ask for ${offer} alone, or update its PPP: it does not take what it is offered.`,
        seenErrors: reason.seenErrors,
      },
    ];
  }
  const error = windows ? ` with Windows error ${windows} (${windowsErrorName(windows) ?? 'unknown'})` : '';
  return [
    {
      cause: 'mppe-refused',
      confidence: shown && !callCase.ccp(wanter).withdrawn ? 'certain' : 'likely',
      summary: shown
        ? `${wants}, the ${otherSide(wanter)} refuses ${ccpRejectedFrame === null ? 'the option' : 'CCP altogether'}, and the link ends.`
        : `${wants}, ${withoutIt(callCase, wanter)}, and the ${by} ends ${ccpTerminated === null ? 'the link' : 'CCP'}${error}.`,
      evidence: requestEvidence(callCase),
      seenErrors: reason.seenErrors,
      ...(shown && (reason.saysMppe || reason.windowsSays) ? { shownByPresence: true } : {}),
    },
  ];
}

/** What the other end does where one wants MPPE and is not refused it. */
function withoutIt(callCase: CallCase, wanter: Side): string {
  const other = otherSide(wanter);
  const { sent, asked } = callCase.ccp(other);
  if (sent > 0 && asked.length === 0) return `the ${other} asks for CCP without it`;
  const silent = callCase.ccp(wanter).lastAnswerFrame === null && callCase.oneSided === null;
  return silent ? `the ${other} does not answer it` : 'it is not agreed';
}

/** Who asked for what, and what came back. */
function requestEvidence(callCase: CallCase): Draft['evidence'] {
  const asked = sides.flatMap((side) => {
    const { asked: masks, firstFrame } = callCase.ccp(side);
    const what = masks.length === 0 ? 'CCP without MPPE' : `MPPE ${masks.map(offerText).join('; ')}`;
    return [{ frame: firstFrame, text: `the ${side} asks for ${what}` }];
  });
  const answered = sides.map((side) => {
    const { refusedFrame, rejected, countered } = callCase.ccp(side);
    const how = rejected ? 'rejects it' : `counters with ${countered.map(offerText).join('; ')}`;
    return { frame: refusedFrame, text: `the ${otherSide(side)} ${how}` };
  });
  const { ccpRejectedFrame } = callCase.call.evidence;
  const whole = { frame: ccpRejectedFrame, text: 'CCP as a whole is rejected (LCP Protocol-Reject)' };
  return [...asked, ...answered, whole, terminateEvidence(callCase)];
}

/** Methods that give no keys for MPPE: all but MS-CHAP, EAP-TLS and what tunnels in TLS. RFC 3079 */
function keysImpossible(exchanges: readonly Authentication[]): boolean {
  const last = exchanges.at(-1);
  return last?.outcome === 'success' && ['pap', 'chap-md5', 'eap-md5', 'spap'].includes(last.protocol);
}

function bitsOf(requests: Requests): number[] {
  return requests.asked.map(Number).filter((mask) => strongest(mask) !== null);
}

function strengths(masks: readonly number[]): string {
  const all = masks.reduce((union, mask) => union | mask, 0);
  const names = [
    (all & mppeBits.encryption40) !== 0 ? '40' : '',
    (all & mppeBits.encryption56) !== 0 ? '56' : '',
    (all & mppeBits.encryption128) !== 0 ? '128' : '',
  ].filter((name) => name !== '');
  return names.length === 0 ? 'none' : `${names.join(' or ')} bit`;
}

function offerText(mask: string): string {
  const bits = Number(mask);
  return `${strengths([bits])}${(bits & mppeBits.stateless) !== 0 ? ' stateless' : ' stateful'}`;
}
