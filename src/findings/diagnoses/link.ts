/**
 * Why the PPP link inside the tunnel does not come up: LCP (RFC 1661), authentication (RFC 1334, 1994, 2433, 2759, 3748),
 * CCP and MPPE (RFC 1962, 3078), IPCP (RFC 1332). The first thing that failed is the cause; what follows from it is not.
 */
import { counted } from '../../octets/words.ts';
import { mppeBits, strongest } from '../../ppp/ccp.ts';
import { msChapErrorNames } from '../../ppp/chap-message.ts';
import { eapTypeNames, tlsAlertNames } from '../../ppp/eap.ts';
import { windowsErrorName } from '../../ppp/windows-errors.ts';
import type { Authentication, Call, Requests, Side } from '../../sessions/model.ts';
import type { CauseId } from '../knowledge/causes.ts';
import { protocolTitle } from '../stages.ts';
import { type CallCase, type Draft, otherSide } from './case.ts';
import { inSeconds, secondsBetweenTimes } from './time.ts';

const sides = ['client', 'server'] as const;

/** Naks and Rejects of one side's requests that are no ordinary bargaining any more. RFC 1661 §4.6: Max-Failure is 5 */
const manyRefusals = 5;
/** Terminate-Requests say more about it than what was not reached. */
const mppeText = /\bMPPE\b/i;
/** The same without pppd's "MPPE disabled", which it says when CCP that was open goes down. */
const mppeLackedText = /\bMPPE\b(?! disabled)/i;

/** LCP that does not open though both ends are heard. */
export function lcpFailed(callCase: CallCase): Draft[] {
  const { call } = callCase;
  if (call.outcome === 'established' || call.lcp.openedFrame !== null || call.lcp.firstFrame === null) return [];
  if (call.authentication.length > 0 || call.encryption.firstFrame !== null) return [];
  if (callCase.lcp('client').sent + callCase.lcp('server').sent === 0) return [];
  const refused = methodRefused(callCase);
  if (refused.length > 0) return refused;
  const refusals = (side: Side): number => callCase.lcp(side).naks + callCase.lcp(side).rejects;
  const stubborn = sides.find((side) => refusals(side) >= manyRefusals);
  const windows = call.lcp.windowsErrorCode;
  const inVain = sides.every((side) => callCase.lcp(side).sent >= 3);
  if (call.evidence.looped && (stubborn !== undefined || inVain)) {
    return [
      {
        cause: 'lcp-not-converging',
        confidence: 'likely',
        summary: 'Both ends ask with the same magic number: LCP talks to itself over a line that is looped back.',
        evidence: requestFrames(callCase, stubborn ?? 'client'),
        advice: 'Find the box on the way, or the program at one end, that sends GRE back to where it comes from.',
        seenErrors: [737],
      },
    ];
  }
  if (stubborn !== undefined || windows === 732) {
    const side = stubborn ?? sides.find((one) => refusals(one) > 0) ?? 'client';
    const options = [...new Set([...call.lcp.rejected[side], ...callCase.lcp(side).counteredOptions])].join(', ');
    return [
      {
        cause: 'lcp-not-converging',
        confidence: 'certain',
        summary: `LCP does not come to an agreement: the ${otherSide(side)} refused the ${side}'s requests ${counted(refusals(side), 'time')}${options === '' ? '' : ` (refused: ${options})`}.`,
        evidence: requestFrames(callCase, side),
        ...(options === '' ? {} : { advice: `Compare the settings of both ends for what is refused: ${options}.` }),
        seenErrors: windows === null ? [] : [windows],
      },
    ];
  }
  const { turnedAway } = callCase;
  if (turnedAway !== null) {
    const requests = callCase.lcp(turnedAway);
    return [
      {
        cause: 'lcp-not-converging',
        confidence: 'likely',
        summary: `The ${otherSide(turnedAway)} refuses LCP: it answers the ${turnedAway}'s Configure-Request with Terminate-Ack or Code-Reject, for its own PPP is not open.`,
        evidence: [
          { frame: requests.firstFrame, text: `the ${turnedAway}'s first Configure-Request` },
          { frame: requests.turnedAwayFrame, text: `the ${otherSide(turnedAway)} turns it away` },
        ],
        advice: `Read the log of the ${otherSide(turnedAway)}'s PPP for that moment: it ended, or was never started for this call.`,
      },
    ];
  }
  if (!callCase.hears('client') || !callCase.hears('server') || !callCase.waitedLongEnough) return [];
  const waiting = sides.find((side) => callCase.lcp(side).acknowledgedFrame === null) ?? 'server';
  return [
    {
      cause: 'lcp-not-converging',
      confidence: 'likely',
      summary: `Both ends hear each other, but LCP does not open: ${counted(callCase.lcp(waiting).sent, 'Configure-Request')} of the ${waiting} got no acknowledgment.`,
      evidence: requestFrames(callCase, waiting),
      advice: `Read the log of the ${otherSide(waiting)}'s PPP for that moment: does it take the requests, and what does it answer?`,
    },
  ];
}

function requestFrames(callCase: CallCase, side: Side): { frame: number | null; text: string }[] {
  const requests = callCase.lcp(side);
  return [
    { frame: requests.firstFrame, text: `the ${side}'s first Configure-Request` },
    { frame: requests.lastAnswerFrame, text: `the ${otherSide(side)}'s last answer to it` },
    { frame: requests.lastFrame, text: `the last of ${counted(requests.sent, 'Configure-Request')}` },
  ];
}

/** LCP: one side's method came back in a Nak or Reject, and no authentication happened. */
function methodRefused(callCase: CallCase): Draft[] {
  const { call } = callCase;
  const windows = call.lcp.windowsErrorCode;
  for (const side of [...sides].reverse()) {
    const requests = callCase.lcp(side);
    const said = windows === 917 || windows === 918 || windows === 919;
    if (requests.asked.length === 0 || (requests.refusedFrame === null && !said)) continue;
    if (call.authentication.some(({ authenticator }) => authenticator === side)) continue;
    const hopeless = requests.agreed === null && (requests.naks + requests.rejects >= manyRefusals || callCase.over);
    if (!hopeless && !said) continue;
    const wanted = requests.asked.map(protocolTitle).join(', ');
    const offered = requests.countered.filter((method) => !requests.asked.includes(method)).map(protocolTitle);
    const other = otherSide(side);
    return [
      {
        cause: 'authentication-method-refused',
        confidence: 'certain',
        summary: `The ${side} demands ${wanted}, and the ${other} refuses${offered.length > 0 ? ` and offers ${offered.join(', ')}` : ''}: no method that both accept.`,
        evidence: [
          { frame: requests.firstFrame, text: `the ${side} demands ${protocolTitle(requests.asked[0] ?? 'other')}` },
          {
            frame: requests.refusedFrame,
            text: `the ${other} ${requests.rejected ? 'rejects the option' : `counters with ${offered.join(', ') || 'another'}`}`,
          },
          terminateEvidence(callCase),
        ],
        seenErrors: windows ? [windows] : [],
      },
    ];
  }
  return [];
}

/** A refusal by PAP, CHAP or EAP, in the direction that matters; of a running call one that it ends on. */
export function authenticationRefused(callCase: CallCase): Draft[] {
  const { call } = callCase;
  const running = call.outcome === 'established';
  const failed = sides
    .map((side) => call.authentication.findLast(({ authenticator }) => authenticator === side))
    .find((exchange) => exchange?.outcome === 'failure' && (!running || endsTheCall(callCase, exchange)));
  if (running && failed === undefined) return [];
  const alert = call.evidence.tlsAlert;
  if (alert !== null && failed?.protocol !== 'ms-chap-v2' && !callCase.authenticated('server')) {
    const name = tlsAlertNames[alert.description] ?? String(alert.description);
    return [
      {
        cause: 'certificate-rejected',
        confidence: 'likely',
        summary: `The ${alert.from} ends the TLS handshake of EAP with the alert "${name}": it does not accept what the ${otherSide(alert.from)} shows.`,
        evidence: [
          { frame: alert.frame, text: `TLS alert ${alert.description} (${name})` },
          terminateEvidence(callCase),
        ],
      },
    ];
  }
  const windows = call.lcp.windowsErrorCode;
  if (failed === undefined) {
    const cause = windows === null ? undefined : credentialErrors[windows];
    if (cause === undefined || windows === null) return [];
    const unproven = windows === unprovenError ? serverUnproven(callCase) : [];
    if (unproven.length > 0) return unproven;
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
  const answer = answerToMethod(failed);
  if (failed.authenticator === 'server' && answer !== null && callCase.oneSided === null) {
    return [
      {
        cause: 'authentication-method-refused',
        confidence: 'likely',
        summary: `The server proposes ${protocolTitle(failed.protocol)}, and ${answer}: no method that both accept.`,
        evidence: [...exchangeFrames(failed), terminateEvidence(callCase)],
        seenErrors: windows === null ? [] : [windows],
      },
    ];
  }
  if (failed.authenticator === 'client') {
    return [
      {
        cause: 'server-not-authenticated',
        confidence: 'likely',
        summary: `The client demands proof of the server and refuses it (${protocolTitle(failed.protocol)}).`,
        evidence: exchangeFrames(failed),
      },
    ];
  }
  const code = failed.errorCode;
  const known = code === null ? undefined : credentialErrors[code];
  const strange = code !== null && known === undefined;
  const user = failed.user === null ? 'the user' : `user ${failed.user}`;
  const words = failed.message === null ? '' : ` ("${failed.message}")`;
  const name = code === null ? null : (msChapErrorNames[code] ?? windowsErrorName(code) ?? 'unknown');
  const reason = code === null ? '' : ` with error ${code} (${name})`;
  const title = protocolTitle(failed.protocol);
  return [
    {
      cause: known ?? 'wrong-credentials',
      confidence: strange ? 'possible' : known === undefined ? 'likely' : 'certain',
      summary: `The server ${running ? 'authenticates the client again in the running call and ' : ''}refuses ${user}${reason}${words}, by ${title}${failed.attempts > 1 ? `, after ${failed.attempts} attempts` : ''}.`,
      evidence: running ? [...exchangeFrames(failed), endEvidence(callCase)] : exchangeFrames(failed),
      ...(known === 'authentication-no-answer' ? { refutedBy: "the server's log gives another reason" } : {}),
      ...(strange
        ? { advice: `Read the server's log for what error ${code} means; then check user name and password.` }
        : {}),
      seenErrors: code === null ? [] : [code],
    },
  ];
}

/** The running call was authenticated again, in vain, and ends at once. RFC 1994 §1, §4.2 */
function endsTheCall({ call, tunnel, farewell }: CallCase, { evidence }: Authentication): boolean {
  const refused = evidence.resultFrame ?? 0;
  const end = farewell?.frame ?? tunnel.control?.tcp.closedFrame ?? 0;
  if (refused < (call.network.openedFrame ?? 1) || end < refused) return false;
  const { stillBeforeTermination: still, idleBeforeEnd: idle } = call.evidence;
  return still === null ? (idle?.lastDataFrame ?? 0) < refused : still < atOnceWithin;
}

/** What the client did where an EAP method was proposed and no response of any method came; null elsewhere. RFC 3748 §5.3 */
function answerToMethod({ protocol, evidence }: Authentication): string | null {
  const { eapType, eapDesiredTypes } = evidence;
  if (eapType !== null) return null;
  if (eapDesiredTypes === null) return protocol.startsWith('eap-') ? 'no response of any method comes' : null;
  const names = eapDesiredTypes.filter((type) => type !== 0).map((type) => eapTypeNames[type] ?? `type ${type}`);
  return names.length === 0
    ? 'the client answers with no method at all (EAP Nak)'
    : `the client wants ${names.join(' or ')} instead (EAP Nak)`;
}

/** UNABLE_TO_AUTHENTICATE_SERVER */
const unprovenError = 778;

/** `E=` of MS-CHAP failures, and the same numbers in Windows' Terminate-Requests. RFC 2433 §8, RFC 2759 §6 */
const credentialErrors: Readonly<Record<number, CauseId>> = {
  646: 'logon-hours',
  647: 'account-disabled',
  648: 'password-expired',
  649: 'no-dial-in-permission',
  691: 'wrong-credentials',
  708: 'account-disabled',
  709: 'password-change-failed',
  [unprovenError]: 'server-not-authenticated',
  920: 'no-dial-in-permission',
  921: 'password-expired',
  922: 'account-disabled',
  923: 'logon-hours',
  924: 'wrong-credentials',
  930: 'authentication-no-answer',
};

function exchangeFrames(exchange: Authentication): { frame: number | null; text: string }[] {
  const last = exchange.frames.at(-1) ?? null;
  const [first] = exchange.frames;
  return [
    { frame: first === last ? null : (first ?? null), text: 'the exchange begins' },
    { frame: last, text: exchange.outcome === 'failure' ? 'refused' : 'the last packet of the exchange' },
  ];
}

/** LCP is open and authentication is due, but it has no verdict; or it went well and the client leaves at once. */
export function authenticationStopped(callCase: CallCase): Draft[] {
  const { call, tunnel } = callCase;
  if (call.outcome === 'established' || call.lcp.outcome !== 'opened') return [];
  const refused = methodRefused(callCase);
  if (refused.length > 0) return refused;
  if (callCase.oneSided !== null) return [];
  const unfinished = call.authentication.findLast(({ outcome }) => outcome === 'unfinished');
  const demander = sides.find((side) => callCase.lcp(side).agreed !== null) ?? null;
  const missing = call.authentication.length === 0 && demander !== null;
  if ((unfinished !== undefined || missing) && !begun(call)) {
    const total = secondsBetweenTimes(call.gre.serverToClient.firstTime ?? tunnel.firstTime, callCase.lastTime);
    // What was asked once is waited for since it was asked.
    const still = (unfinished?.frames.length ?? 0) <= 2 ? call.evidence.stillBeforeTermination : null;
    const seconds = total === null ? null : (still ?? total);
    const early = seconds !== null && seconds < timeForVerdict;
    const who = unfinished?.authenticator ?? demander ?? 'server';
    // Others than the client end it before an answer is overdue, and none is among what the capture lacks.
    const cutShort = callCase.endedByOthers && tunnel.roles !== 'unknown' && callCase.gre(who).lost === 0;
    if (early && cutShort) return [];
    const lastFrame = unfinished?.frames.at(-1) ?? call.lcp.openedFrame;
    if (early && !callCase.over) {
      return [
        {
          cause: 'capture-incomplete',
          confidence: 'likely',
          stage: 'authentication',
          summary: 'The capture ends during authentication: too early to tell how it went on.',
          evidence: [{ frame: lastFrame, text: 'the last packet of the exchange' }],
        },
      ];
    }
    if (callCase.cancelled) return [gaveUp(callCase)];
    const responded = (unfinished?.attempts ?? 0) > 0;
    const what = missing
      ? `the ${who} demands ${protocolTitle(callCase.lcp(who).agreed ?? 'other')} and never asks for it`
      : responded
        ? `the ${who} gives no verdict on the ${otherSide(who)}'s response`
        : `the ${otherSide(who)} does not answer the ${who}'s challenge`;
    return [
      {
        cause: 'authentication-no-answer',
        confidence: 'likely',
        summary: `LCP is open, but authentication gets no further: ${what}${seconds === null || seconds < 1 ? '' : `, in ${inSeconds(seconds)}`}.${unfinished === undefined ? '' : tunnelSince(callCase, unfinished)}`,
        evidence: [
          { frame: call.lcp.openedFrame, text: 'LCP is open' },
          { frame: lastFrame, text: missing ? '' : 'the last packet of the exchange' },
          endEvidence(callCase),
        ].filter(({ text }) => text !== ''),
        ...(call.lcp.windowsErrorCode ? { seenErrors: [call.lcp.windowsErrorCode] } : {}),
      },
    ];
  }
  return serverUnproven(callCase);
}

/** Seconds within which a verdict is not overdue. */
const timeForVerdict = 5;

/** What comes after authentication has begun. */
function begun({ network, encryption }: Call): boolean {
  return network.firstFrame !== null || encryption.firstFrame !== null;
}

/** Whether the end that owes an answer is still heard in the tunnel: then it has the question, and not the way is at fault. */
function tunnelSince(callCase: CallCase, { authenticator, attempts, frames }: Authentication): string {
  const silent = attempts > 0 ? authenticator : otherSide(authenticator);
  const asking = callCase.gre(otherSide(silent));
  const { lastAcknowledgment } = callCase.gre(silent);
  if (callCase.tunnel.vantage === silent || asking.lastSequence === null) return '';
  const has = lastAcknowledgment !== null && ((asking.lastSequence - lastAcknowledgment) | 0) <= 0;
  // The question's own number is known only where nothing follows it.
  if (!has && lastAcknowledgment !== null && asking.lastFrame !== frames.at(-1)) return '';
  return has
    ? ` The ${silent} acknowledges it in GRE, so it arrived.`
    : ` Nor does the ${silent} acknowledge it in GRE: it may not have arrived, or the ${silent}'s packets are lost.`;
}

/** The client ends a call in order that was being set up without a fault. */
export function gaveUp(callCase: CallCase): Draft {
  const { call, farewell, afterSilence } = callCase;
  return {
    cause: 'cancelled-by-client',
    confidence: call.lcp.windowsErrorCode === 0 ? 'likely' : 'possible',
    stage: callCase.reached,
    summary: `The client ends the call in order${afterSilence === '' ? '' : `, ${afterSilence}`}, before it is up, and names no error: its user cancelled, or its program gave up.`,
    evidence: [
      call.lcp.terminatedBy === 'client'
        ? terminateEvidence(callCase)
        : { frame: farewell?.frame ?? null, text: `${farewell?.name} from the client` },
    ],
  };
}

/** More than the 3 s after which a Terminate-Request that was lost is sent again. RFC 1661 §4.6 */
const atOnceWithin = 5;

/** Success, and the client leaves at once: the server's own proof did not convince it. RFC 2759 §5 */
function serverUnproven(callCase: CallCase): Draft[] {
  const { call } = callCase;
  const last = call.authentication.findLast(({ authenticator }) => authenticator === 'server');
  const windows = call.lcp.windowsErrorCode;
  if (last?.outcome !== 'success') return [];
  const proving = last.protocol === 'ms-chap-v2' || last.protocol === 'eap-ms-chap-v2';
  const atOnce = (call.evidence.stillBeforeTermination ?? 0) < atOnceWithin;
  const left =
    call.lcp.terminatedBy === 'client' && atOnce && !begun(call) && !mppeText.test(call.lcp.terminateText ?? '');
  if (windows !== unprovenError && !(proving && left && windows === null)) return [];
  return [
    {
      cause: 'server-not-authenticated',
      confidence: windows === unprovenError ? 'certain' : 'likely',
      summary: `The server accepts the client, and the client ends the link at once${windows === unprovenError ? ' with Windows error 778' : ''}: the server's own proof did not convince it.`,
      evidence: [{ frame: last.frames.at(-1) ?? null, text: 'Success from the server' }, terminateEvidence(callCase)],
      seenErrors: windows === null ? [] : [windows],
    },
  ];
}

/** CCP and MPPE: one side needs it and it did not come about; IPCP may have opened meanwhile. */
export function encryptionFailed(callCase: CallCase): Draft[] {
  const { call } = callCase;
  if (call.lcp.outcome !== 'opened') return [];
  const { ccpRejectedFrame, ccpTerminated } = call.evidence;
  const ccp = { client: callCase.ccp('client'), server: callCase.ccp('server') };
  const windows = call.lcp.windowsErrorCode;
  const running = call.outcome === 'established';
  const said = `${call.lcp.terminateText ?? ''} ${ccpTerminated?.text ?? ''}`;
  const saysMppe = (running ? mppeLackedText : mppeText).test(said);
  const windowsSays = windows === 741 || windows === 742 || windows === 743;
  if (!callCase.terminated && ccpTerminated === null && !callCase.over) return [];
  const seenErrors = windows === null ? [] : [windows];
  // CCP opens without options as well, when all of them were refused. RFC 1962 §3
  if (call.encryption.method === 'mppe') return [];
  if (running && !saysMppe && !windowsSays) return [];
  const wanting = sides.filter((side) => ccp[side].asked.length > 0);
  if (wanting.length === 0) {
    // What was negotiated before the capture cannot be told to be missing.
    if (call.lcp.openedFrame === null) return [];
    if (!saysMppe && !windowsSays && (windows === 0 || !keysImpossible(call.authentication))) return [];
    if (call.network.firstFrame !== null && !saysMppe && !windowsSays) return [];
    if (!callCase.terminated) return [];
    const method = call.authentication.at(-1)?.protocol;
    const lacking = keysImpossible(call.authentication)
      ? 'whose keys this authentication does not give'
      : 'for which neither end asked';
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
  const evidence = [
    ...wanting.map((side) => ({
      frame: ccp[side].firstFrame,
      text: `the ${side} asks for MPPE ${ccp[side].asked.map(offerText).join('; ')}`,
    })),
    ...sides.map((side) => ({
      frame: ccp[side].refusedFrame,
      text: `the ${otherSide(side)} ${ccp[side].rejected ? 'rejects it' : `counters with ${ccp[side].countered.map(offerText).join('; ')}`}`,
    })),
    { frame: ccpRejectedFrame, text: 'CCP as a whole is rejected (LCP Protocol-Reject)' },
    terminateEvidence(callCase),
  ];
  if (ccpRejectedFrame === null) {
    for (const side of sides) {
      const other = otherSide(side);
      const asked = bitsOf(ccp[side]);
      const accepted = bitsOf(ccp[other]);
      if (ccp[side].refusedFrame === null || asked.length === 0) continue;
      // What the other end asks for itself or proposes instead is what it can do.
      const able = [...accepted, ...ccp[side].countered.map(Number)];
      if (able.length === 0 || ccp[side].agreed !== null) continue;
      if (!asked.some((one) => able.some((two) => strongest(one & two) !== null))) {
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
  }
  const refused = sides.find(
    (side) => ccp[side].asked.length > 0 && ccp[side].refusedFrame !== null && ccp[side].agreed === null,
  );
  const ended = ccpTerminated !== null && Boolean(windows);
  if (refused === undefined && ccpRejectedFrame === null && !saysMppe && !windowsSays && !ended) return [];
  const wanter = refused ?? wanting.find((side) => ccp[side].agreed === null);
  if (wanter === undefined) return [];
  return [
    {
      cause: 'mppe-refused',
      // pppd says "MPPE disabled" whenever CCP goes down: alone that is no refusal.
      confidence: refused === undefined && ccpRejectedFrame === null ? 'likely' : 'certain',
      summary:
        refused === undefined && ccpRejectedFrame === null
          ? `The ${wanter} wants MPPE (${ccp[wanter].asked.map(offerText).join('; ')}), it is not agreed, and the ${ccpTerminated?.by ?? call.lcp.terminatedBy} ends ${ccpTerminated === null ? 'the link' : 'CCP'}${windows ? ` with Windows error ${windows} (${windowsErrorName(windows) ?? 'unknown'})` : ''}.`
          : `The ${wanter} wants MPPE (${ccp[wanter].asked.map(offerText).join('; ')}), the ${otherSide(wanter)} refuses ${ccpRejectedFrame === null ? 'the option' : 'CCP altogether'}, and the link ends.`,
      evidence,
      seenErrors,
    },
  ];
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

/** IPCP and IPV6CP. */
export function networkFailed(callCase: CallCase): Draft[] {
  const { call } = callCase;
  if (call.lcp.outcome !== 'opened' || callCase.oneSided !== null) return [];
  const { ipcpTerminated, ipcpRejectedFrame } = call.evidence;
  const ipcp = { client: callCase.ipcp('client'), server: callCase.ipcp('server') };
  const windows = call.lcp.windowsErrorCode;
  const seenErrors = windows === null ? [] : [windows];
  const flowing = callCase.userBytes('client') + callCase.userBytes('server') > 0;
  if (flowing || call.network.ipv6cp === 'opened') return [];
  for (const side of sides) {
    const requests = ipcp[side];
    const wanted = requests.asked.filter((address) => address !== '0.0.0.0');
    const stubborn =
      wanted.length > 0 &&
      requests.countered.length > 0 &&
      !requests.countered.some((one) => requests.asked.includes(one));
    if (!stubborn || requests.agreed !== null) continue;
    if (ipcpTerminated === null && !callCase.over && requests.naks < manyRefusals) continue;
    return [
      {
        cause: 'address-refused',
        confidence: 'certain',
        summary: `The ${side} insists on the address ${wanted.join(', ')}, the ${otherSide(side)} on ${requests.countered.join(', ')} for it${requests.naks > 1 ? `, ${requests.naks} times` : ''}.`,
        evidence: [
          { frame: requests.firstFrame, text: `the ${side} asks for ${wanted[0]}` },
          { frame: requests.refusedFrame, text: `the ${otherSide(side)} counters with ${requests.countered[0]}` },
          {
            frame: ipcpTerminated?.frame ?? null,
            text: `IPCP ended by the ${ipcpTerminated?.by}${ipcpTerminated?.text ? ` ("${ipcpTerminated.text}")` : ''}`,
          },
        ],
        seenErrors,
      },
    ];
  }
  const offered = [...ipcp.client.countered, ipcp.client.agreed ?? '0.0.0.0'];
  const nothingOffered =
    (ipcp.client.naks > 0 || ipcp.client.agreed !== null) && offered.every((one) => one === '0.0.0.0');
  if (ipcp.client.asked.includes('0.0.0.0') && nothingOffered && callCase.over) {
    return [
      {
        cause: 'no-address-assigned',
        confidence: 'certain',
        summary: 'The client asks for an address and is given 0.0.0.0, which is none.',
        evidence: [
          { frame: ipcp.client.firstFrame, text: 'the client asks for an address' },
          { frame: ipcp.client.refusedFrame ?? ipcp.client.acknowledgedFrame, text: 'the server answers with 0.0.0.0' },
          terminateEvidence(callCase),
        ],
        seenErrors,
      },
    ];
  }
  if (call.network.ipcp === 'opened' || call.outcome === 'established') return [];
  const ended = callCase.over || ipcpTerminated !== null;
  if (!ended) return [];
  if (ipcpRejectedFrame !== null) {
    return [
      {
        cause: 'no-network-protocol',
        confidence: 'certain',
        summary: 'IPCP is rejected as a whole: one end has no IPv4 for this link.',
        evidence: [
          { frame: ipcpRejectedFrame, text: 'LCP Protocol-Reject of IPCP (0x8021)' },
          terminateEvidence(callCase),
        ],
        seenErrors,
      },
    ];
  }
  const { client, server } = ipcp;
  if (client.turnedAwayFrame !== null) {
    return [
      {
        cause: 'no-network-protocol',
        confidence: 'likely',
        summary: `The server's IPCP is not open: it answers the client's Configure-Request with Terminate-Ack${call.encryption.ccp === 'opened' ? '' : ', while CCP is still being negotiated'}.`,
        evidence: [
          { frame: client.firstFrame, text: "the client's first IPCP Configure-Request" },
          { frame: client.turnedAwayFrame, text: 'Terminate-Ack from the server' },
          terminateEvidence(callCase),
        ],
        seenErrors,
      },
    ];
  }
  if (client.asked.length > 0 && client.agreed === null && (client.rejected || client.naks === 0)) {
    if (client.lastAnswerFrame === null && server.sent === 0) {
      return client.sent < 2
        ? []
        : [
            {
              cause: 'no-network-protocol',
              confidence: 'likely',
              summary: `The server takes no part in IPCP: ${counted(client.sent, 'Configure-Request')} of the client without answer.`,
              evidence: [
                { frame: client.firstFrame, text: "the client's first IPCP Configure-Request" },
                terminateEvidence(callCase),
              ],
              seenErrors,
            },
          ];
    }
    return [
      {
        cause: 'no-address-assigned',
        confidence: client.rejected || windows === 738 ? 'certain' : 'likely',
        summary: `The client asks for an address and gets none: the server ${client.rejected ? 'rejects the option' : 'never proposes one'}.`,
        evidence: [
          { frame: client.firstFrame, text: `the client asks for ${client.asked[0]}` },
          { frame: client.refusedFrame, text: 'the server rejects the option IP-Address' },
          terminateEvidence(callCase),
        ],
        seenErrors,
      },
    ];
  }
  if (windows !== null && networkErrors[windows] !== undefined) {
    return [
      {
        cause: networkErrors[windows],
        confidence: 'likely',
        summary: `Windows ended the link with error ${windows} (${windowsErrorName(windows)}).`,
        evidence: [terminateEvidence(callCase)],
        seenErrors,
      },
    ];
  }
  if (callCase.cancelled) return [gaveUp(callCase)];
  const unaddressed = call.lcp.terminatedBy === 'server' && noAddressText.test(call.lcp.terminateText ?? '');
  if (unaddressed) {
    return [
      {
        cause: 'no-address-assigned',
        confidence: 'certain',
        summary: `The server ends the link because it has no address for it ("${call.lcp.terminateText}").`,
        evidence: [{ frame: client.firstFrame ?? server.firstFrame, text: 'IPCP begins' }, terminateEvidence(callCase)],
        seenErrors,
      },
    ];
  }
  const accepted = call.authentication.length > 0 && call.authentication.every(({ outcome }) => outcome === 'success');
  if (call.network.firstFrame === null && accepted && callCase.terminated) {
    return [
      {
        cause: 'no-network-protocol',
        confidence: 'possible',
        summary: `The link is authenticated, no network protocol is tried, and the ${call.lcp.terminatedBy} ends it${call.lcp.terminateText === null ? '' : ` ("${call.lcp.terminateText}")`}.`,
        evidence: [terminateEvidence(callCase)],
        seenErrors,
      },
    ];
  }
  return [];
}

/** As pppd says it where neither end has an address for the client or the server. */
const noAddressText = /could not determine (?:remote|local) ip address/i;

const networkErrors: Readonly<Record<number, CauseId>> = {
  720: 'no-network-protocol',
  733: 'no-network-protocol',
  735: 'address-refused',
  736: 'no-address-assigned',
  738: 'no-address-assigned',
};

/** What ended the call: the Terminate-Request, or the first goodbye on the control connection. */
function endEvidence(callCase: CallCase): { frame: number | null; text: string } {
  const { farewell } = callCase;
  const end = terminateEvidence(callCase);
  if (end.frame !== null || farewell === null) return end;
  return { frame: farewell.frame, text: `${farewell.name} from the ${farewell.by}` };
}

/** The Terminate-Request of LCP, or of CCP. */
export function terminateEvidence({ call }: CallCase): { frame: number | null; text: string } {
  const { terminatedBy, terminateFrame, terminateText, windowsErrorCode } = call.lcp;
  if (terminateFrame === null) {
    const ccp = call.evidence.ccpTerminated;
    return { frame: ccp?.frame ?? null, text: `CCP ended by the ${ccp?.by}` };
  }
  const reason =
    windowsErrorCode === null
      ? terminateText === null
        ? ''
        : ` ("${terminateText}")`
      : windowsErrorCode === 0
        ? ' (Windows reason 0: a normal end)'
        : ` (Windows error ${windowsErrorCode}, ${windowsErrorName(windowsErrorCode) ?? 'unknown'})`;
  return { frame: terminateFrame, text: `the ${terminatedBy} ends the link${reason}` };
}
