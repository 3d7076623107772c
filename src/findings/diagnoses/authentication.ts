/** PAP (RFC 1334), CHAP (RFC 1994, 2433, 2759), EAP (RFC 3748): refused, or without a verdict. */
import { counted } from '../../octets/words.ts';
import { msChapErrorNames } from '../../ppp/chap-message.ts';
import { eapTypeNames, tlsAlertNames } from '../../ppp/eap.ts';
import { pppProtocol } from '../../ppp/protocols.ts';
import { windowsErrorName } from '../../ppp/windows-errors.ts';
import { otherSide, sides } from '../../sessions/ends.ts';
import type { Authentication } from '../../sessions/model/authentication.ts';
import type { Call } from '../../sessions/model/call.ts';
import type { CallEvidence } from '../../sessions/model/evidence.ts';
import type { Side } from '../../sessions/model/side.ts';
import type { CauseId } from '../knowledge/causes.ts';
import { adviceOfText } from '../knowledge/terminate-texts.ts';
import { protocolTitle } from '../stages.ts';
import type { CallCase } from './call-case.ts';
import { around, type Draft, firstOf } from './draft.ts';
import { mppeText } from './encryption.ts';
import { endEvidence, gaveUp, namedByWindows, networkText, reasonOfEnd, terminateEvidence } from './ending.ts';
import { methodRefused, withoutProof } from './lcp.ts';
import { replyOverdue, triesInVain } from './patience.ts';
import { advised } from './result.ts';
import { inSeconds, secondsBetweenTimes } from './time.ts';

/** A refusal by PAP, CHAP or EAP, in the direction that matters; of a running call one that it ends on. */
export function authenticationRefused(callCase: CallCase): Draft[] {
  const { call } = callCase;
  const running = call.outcome === 'established';
  const failed = sides
    .map((side) => call.authentication.findLast(({ authenticator }) => authenticator === side))
    .find((exchange) => exchange?.outcome === 'failure' && (!running || endsTheCall(callCase, exchange)));
  if (running && failed === undefined) return askedAgainInVain(callCase);
  const alert = call.evidence.tlsAlert;
  if (alert !== null && failed?.protocol !== 'ms-chap-v2' && !callCase.authenticated('server')) {
    return [certificateRejected(callCase, alert)];
  }
  const windows = call.lcp.windowsErrorCode;
  if (failed === undefined) {
    const unproven = windows === unprovenError ? serverUnproven(callCase) : [];
    return unproven.length > 0 ? unproven : namedByWindows(callCase, credentialErrors);
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
  if (failed.authenticator === 'client') return [serverRefused(failed)];
  const lost = handshakeLost(callCase, failed);
  return lost.length > 0 ? lost : [clientRefused(callCase, failed)];
}

function certificateRejected(callCase: CallCase, alert: NonNullable<CallEvidence['tlsAlert']>): Draft {
  const name = tlsAlertNames[alert.description] ?? String(alert.description);
  return {
    cause: 'certificate-rejected',
    confidence: 'likely',
    summary: `The ${alert.from} ends the TLS handshake of EAP with the alert "${name}": it does not accept what the ${otherSide(alert.from)} shows.`,
    evidence: [{ frame: alert.frame, text: `TLS alert ${alert.description} (${name})` }, terminateEvidence(callCase)],
  };
}

/** The client refuses the proof that it demanded of the server. */
function serverRefused(failed: Authentication): Draft {
  const title = protocolTitle(failed.protocol);
  return {
    cause: 'server-not-authenticated',
    confidence: 'likely',
    summary: `The client demands proof of the server and refuses it (${title})${failed.user === '' ? ': the server answers without a name, most likely because it has no account with the client' : ''}.`,
    evidence: exchangeFrames(failed),
    advice: withoutProof(title),
  };
}

/** The server refuses the client, with a number that says why, with words, or without a reason. */
function clientRefused(callCase: CallCase, failed: Authentication): Draft {
  const running = callCase.call.outcome === 'established';
  const code = failed.errorCode;
  const known = code === null ? undefined : credentialErrors[code];
  const strange = code !== null && known === undefined;
  const user = failed.user ? `user ${failed.user}` : 'the user';
  const words = failed.message === null ? '' : ` ("${failed.message}")`;
  const name = code === null ? null : (msChapErrorNames[code] ?? windowsErrorName(code) ?? 'unknown');
  const reason = code === null ? '' : ` with error ${code} (${name})`;
  const title = protocolTitle(failed.protocol);
  const certificate = failed.protocol === 'eap-tls';
  // The number is of credentials, the words are of something else.
  const otherReason = known === 'wrong-credentials' || known === undefined ? adviceOfText(failed.message) : null;
  return {
    cause: known ?? 'wrong-credentials',
    confidence:
      strange || certificate || otherReason !== null ? 'possible' : known === undefined ? 'likely' : 'certain',
    summary: `The server ${running ? 'authenticates the client again in the running call and ' : ''}refuses ${user}${reason}${words}, by ${title}${failed.attempts > 1 ? `, after ${failed.attempts} attempts` : ''}.`,
    evidence: running ? [...exchangeFrames(failed), endEvidence(callCase)] : exchangeFrames(failed),
    ...(known === 'authentication-no-answer' ? { refutedBy: "the server's log gives another reason" } : {}),
    ...(strange
      ? { advice: `Read the server's log for what error ${code} means; then check user name and password.` }
      : {}),
    ...(certificate
      ? {
          advice: `${title} has no password: read the server's log (on Windows that of NPS) for whether it takes the client's certificate, and whether the name in it is that of an account that may dial in.`,
        }
      : {}),
    ...advised(otherReason),
    seenErrors: code === null ? [] : [code],
  };
}

/** Fewer GRE numbers that are missing in a row are chance. */
const fewestLost = 3;

/** A refusal by EAP-TLS or PEAP while a row of packets is missing, as those with certificates would be. RFC 5216 §2.1.5 */
function handshakeLost(callCase: CallCase, failed: Authentication): Draft[] {
  const sender = sides.find((side) => callCase.gapOnPath(side) >= fewestLost);
  if (sender === undefined || (failed.protocol !== 'eap-tls' && failed.protocol !== 'eap-peap')) return [];
  return [
    {
      cause: 'mtu-black-hole',
      confidence: 'likely',
      stage: 'authentication',
      summary: `The server refuses the client by ${protocolTitle(failed.protocol)}, and ${callCase.gapOnPath(sender)} GRE packets of the ${sender} in a row are missing: the handshake was lost, whose certificates make large packets.`,
      evidence: [...around(callCase.path(sender).longestGapFrames, 'the gap'), ...exchangeFrames(failed)],
      advice:
        'Let IP fragments pass, or make the fragments of EAP smaller (on a RADIUS server: Framed-MTU 1344 or less).',
      refutedBy: "the server's log names another reason for the refusal",
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

/** The server challenges the client again in the running call, and ends it for want of an answer. RFC 1994 §1 */
function askedAgainInVain(callCase: CallCase): Draft[] {
  const { call, farewell } = callCase;
  const last = call.authentication.findLast(({ authenticator }) => authenticator === 'server');
  const [first] = last?.frames ?? [];
  if (last?.outcome !== 'unfinished' || last.attempts > 0 || first === undefined || farewell?.by !== 'server')
    return [];
  const { stillBeforeTermination: still } = call.evidence;
  const said = /authenticat/i.test(call.lcp.terminateText ?? '');
  if (first < (call.network.openedFrame ?? 1) || (still ?? atOnceWithin) >= atOnceWithin) return [];
  if (last.frames.length < 2 && !said) return [];
  return [
    {
      cause: 'authentication-no-answer',
      confidence: said ? 'certain' : 'likely',
      summary: `In the running call the server asks the client again who it is (${protocolTitle(last.protocol)}, ${counted(last.frames.length, 'time')}), the client does not answer, and the server ends the call.`,
      evidence: [...exchangeFrames(last), endEvidence(callCase)],
      advice:
        "Find out why the client's program does not answer when it is asked again; or let the server authenticate only when the call is set up.",
      nextCapture: callCase.at('client') ? '' : 'Capture at the client: do the challenges arrive there?',
    },
  ];
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
  const { call } = callCase;
  if (call.outcome === 'established' || call.lcp.outcome !== 'opened') return [];
  const refused = methodRefused(callCase);
  if (refused.length > 0) return refused;
  if (callCase.oneSided !== null) return [];
  const found = firstOf([protocolRejected, verdictUnheard], callCase);
  if (found.length > 0) return found;
  const unfinished = call.authentication.findLast(({ outcome }) => outcome === 'unfinished');
  const demander = sides.find((side) => callCase.lcp(side).agreed !== null) ?? null;
  const missing = call.authentication.length === 0 && demander !== null;
  // Who speaks of MPPE or of addresses has the verdict behind it, which the capture lacks.
  const text = call.lcp.terminateText ?? '';
  const behind = begun(call) || mppeText.test(text) || networkText.test(text);
  if ((unfinished === undefined && !missing) || behind) return serverUnproven(callCase);
  return withoutVerdict(callCase, unfinished, unfinished?.authenticator ?? demander ?? 'server');
}

/** `unfinished`: the exchange without a verdict; undefined where the authenticator `who` never asked. */
function withoutVerdict(callCase: CallCase, unfinished: Authentication | undefined, who: Side): Draft[] {
  const { call, tunnel } = callCase;
  const total = secondsBetweenTimes(call.gre.serverToClient.firstTime ?? tunnel.firstTime, callCase.lastTime);
  // What was asked once is waited for since it was asked.
  const still = (unfinished?.frames.length ?? 0) <= 2 ? call.evidence.stillBeforeTermination : null;
  const seconds = total === null ? null : (still ?? total);
  const early = seconds !== null && seconds < replyOverdue;
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
  const once = unfinished === undefined ? stillSinceLcp(callCase) : lostOnce(callCase, unfinished);
  const last = unfinished === undefined ? [] : [{ frame: lastFrame, text: 'the last packet of the exchange' }];
  return [
    {
      cause: 'authentication-no-answer',
      confidence: once ? 'possible' : 'likely',
      summary: `LCP is open, but authentication gets no further: ${whatIsMissing(callCase, unfinished, who)}${seconds === null || seconds < 1 ? '' : `, in ${inSeconds(seconds)}`}.${unfinished === undefined ? '' : tunnelSince(callCase, unfinished)}${saidAtTheEnd(callCase)}`,
      evidence: [
        { frame: call.lcp.openedFrame, text: 'LCP is open' },
        ...last,
        callCase.over ? endEvidence(callCase) : callCase.lastSeen,
      ],
      ...whereToLook(callCase, unfinished, who),
      ...(call.lcp.windowsErrorCode ? { seenErrors: [call.lcp.windowsErrorCode] } : {}),
    },
  ];
}

function whatIsMissing(callCase: CallCase, unfinished: Authentication | undefined, who: Side): string {
  if (unfinished === undefined)
    return `the ${who} demands ${protocolTitle(callCase.lcp(who).agreed ?? 'other')} and never asks for it`;
  if (unfinished.evidence.answered) return `the ${who} gives no verdict on the ${otherSide(who)}'s response`;
  const asked = unfinished.protocol.startsWith('eap') ? 'request' : 'challenge';
  return `the ${otherSide(who)} does not answer the ${who}'s ${asked}`;
}

/** ` The client ends the link ("Authentication failed").`; empty where nobody says why. */
function saidAtTheEnd(callCase: CallCase): string {
  const reason = reasonOfEnd(callCase);
  return reason === '' ? '' : ` The ${callCase.call.lcp.terminatedBy} ends the link${reason}.`;
}

/** By who is silent, and what of it the capture lacks. `demander`: who never asks, where there is no exchange. */
function whereToLook(
  callCase: CallCase,
  exchange: Authentication | undefined,
  demander: Side,
): { advice?: string; nextCapture?: string } {
  const silent = exchange === undefined ? demander : silentSide(exchange);
  const asking = otherSide(silent);
  const { lost } = callCase.gre(silent);
  const there = (question: string): string =>
    callCase.at(silent) ? '' : `Capture at the ${silent} as well, and read both captures together: ${question}`;
  if (lost > 0) {
    return {
      advice: `${counted(lost, 'GRE packet')} of the ${silent} ${lost === 1 ? 'is' : 'are'} missing, and what does not come may be among them: find where packets are lost, on the way or while capturing.`,
      nextCapture: there('does the answer leave it?'),
    };
  }
  if (exchange === undefined) {
    return {
      advice: `Read the log of the ${silent}'s PPP for that moment: why does it not begin what it demands?`,
      nextCapture: there('does a challenge leave it?'),
    };
  }
  const responded = silent === exchange.authenticator;
  if (hasQuestion(callCase, exchange) === false && !callCase.at(silent)) {
    return {
      advice: `Find out whether the ${asking}'s GRE still reaches the ${silent} at that moment; then look at the ${silent}'s log.`,
      nextCapture: there(`does the ${responded ? 'response' : 'challenge'} arrive there?`),
    };
  }
  if (responded) return {};
  if (exchange.authenticator === 'client') return { advice: withoutProof(protocolTitle(exchange.protocol)) };
  return {
    advice: `Look at what the ${silent} shows its user, who may be asked for a password, and read the log of its PPP: why does it not answer the challenge?`,
    nextCapture: there('does the challenge arrive there?'),
  };
}

/** PPP protocols of authentication. */
const authenticationProtocols: readonly number[] = [
  pppProtocol.pap,
  pppProtocol.chap,
  pppProtocol.eap,
  pppProtocol.spap,
];

/** LCP agreed on a method, and one end does not know the protocol that the other proves itself with, or asks with. RFC 1661 §5.7 */
function protocolRejected(callCase: CallCase): Draft[] {
  const { authentication, lcp } = callCase.call;
  const rejected = lcp.protocolRejects.find(({ protocol }) => authenticationProtocols.includes(protocol));
  if (rejected === undefined || authentication.some(({ outcome }) => outcome === 'success')) return [];
  const { by, frame, name, protocol } = rejected;
  const other = otherSide(by);
  // With these who proves itself speaks first. RFC 1334 §2
  const unasked = protocol === pppProtocol.pap || protocol === pppProtocol.spap;
  const agreed = callCase.lcp(unasked ? by : other).agreed;
  const does = unasked ? 'proves itself by' : 'asks for the proof by';
  return [
    {
      cause: 'authentication-method-refused',
      confidence: 'certain',
      summary: `The ${other} ${does} ${name}, and the ${by} answers that it does not take the protocol (Protocol-Reject)${agreed === null ? '' : `; their LCP agreed on ${protocolTitle(agreed)}`}.${saidAtTheEnd(callCase)}`,
      evidence: [{ frame, text: `LCP Protocol-Reject of ${name}` }, terminateEvidence(callCase)],
      advice: unasked
        ? `Update the PPP of the ${other}: it does not keep to the method that was agreed on.`
        : `Update the PPP of the ${by}, or let the ${other} demand another method, the strongest that both have.`,
      shownByPresence: true,
    },
  ];
}

/** As pppd says it when no verdict came. */
const unacceptedText = /fail\w* to authenticate (?:ourselves|itself)/i;

/**
 * The server has accepted the client and goes on, and the client, which takes part in nothing that follows, has not heard it: a
 * verdict is not sent again by itself. RFC 1994 §4.2
 */
function verdictUnheard(callCase: CallCase): Draft[] {
  const { call } = callCase;
  const last = call.authentication.findLast(({ authenticator }) => authenticator === 'server');
  if (last === undefined || last.outcome === 'failure' || last.attempts === 0) return [];
  const [up, down] = sides.map((side) => [callCase.ccp(side), callCase.ipcp(side)]);
  const joins = up?.some(({ sent }) => sent > 0) || down?.some(({ lastAnswerFrame }) => lastAnswerFrame !== null);
  const further = down?.reduce((sum, { sent }) => sum + sent, 0) ?? 0;
  if (joins || further < triesInVain || !begun(call)) return [];
  const said = call.lcp.terminatedBy === 'client' && unacceptedText.test(call.lcp.terminateText ?? '');
  if (!said && last.outcome === 'success') return [];
  const where = callCase.at('client')
    ? 'on its way to the client, or inside it'
    : last.outcome === 'success'
      ? 'between the point of capture and the client'
      : 'and it is not in the capture either';
  return [
    {
      cause: 'authentication-no-answer',
      confidence: said ? 'likely' : 'possible',
      summary: `The server ${last.outcome === 'success' ? 'accepts the client' : 'goes on as after a Success'}, and the client goes on as if it had heard no verdict: ${counted(further, 'request')} of the server for what comes next ${further === 1 ? 'is' : 'are'} not answered. The verdict was lost ${where}.${saidAtTheEnd(callCase)}`,
      evidence: [
        { frame: last.evidence.responseFrame, text: "the client's response" },
        { frame: last.evidence.resultFrame, text: 'the verdict of the server' },
        { frame: callCase.ccp('server').lastFrame ?? callCase.ipcp('server').lastFrame, text: 'asked in vain' },
        terminateEvidence(callCase),
      ],
      advice:
        'Dial again: the verdict is one packet, which is not sent again. Where it comes again, find what loses packets of protocol 47 from the server to the client.',
      nextCapture: callCase.at('client') ? '' : 'Capture at the client: does the verdict arrive there?',
      refutedBy: "the client's log shows that it took the verdict",
      ...(said ? { shownByPresence: true } : {}),
    },
  ];
}

/** What comes after authentication has begun. */
function begun({ network, encryption, evidence }: Call): boolean {
  return network.firstFrame !== null || encryption.firstFrame !== null || evidence.callback !== null;
}

/** The end that owes an answer. */
function silentSide({ authenticator, evidence }: Authentication): Side {
  return evidence.answered ? authenticator : otherSide(authenticator);
}

/** Whether it has acknowledged in GRE what it owes an answer to; null where that is not known. */
function hasQuestion(callCase: CallCase, exchange: Authentication): boolean | null {
  const silent = silentSide(exchange);
  if (exchange.evidence.askedAgain > 0) return false;
  const asking = callCase.gre(otherSide(silent));
  const { lastAcknowledgment } = callCase.gre(silent);
  if (asking.lastSequence === null) return null;
  const has = lastAcknowledgment !== null && ((asking.lastSequence - lastAcknowledgment) | 0) <= 0;
  // The question's own number is known only where nothing follows it.
  return !has && lastAcknowledgment !== null && asking.lastFrame !== exchange.frames.at(-1) ? null : has;
}

/** Neither end sends anything in the tunnel from where LCP is open: what it sent may be a hole in the capture. */
function stillSinceLcp({ call, up, down }: CallCase): boolean {
  return Math.max(up.lastFrame ?? 0, down.lastFrame ?? 0) <= (call.lcp.openedFrame ?? 0);
}

/** What is lost is sent again (RFC 1994 §4.1): one packet that neither arrived nor came again may be a hole in the capture. */
function lostOnce(callCase: CallCase, exchange: Authentication): boolean {
  return exchange.frames.length <= 2 && hasQuestion(callCase, exchange) === false;
}

/** Whether the end that owes an answer is still heard in the tunnel: then it has the question, and not the way is at fault. */
function tunnelSince(callCase: CallCase, exchange: Authentication): string {
  const silent = silentSide(exchange);
  const has = hasQuestion(callCase, exchange);
  const { askedAgain } = exchange.evidence;
  if (has === false && askedAgain > 0) {
    const where = callCase.at(silent) ? `the ${silent}'s PPP does not take them` : `they do not reach the ${silent}`;
    return ` The ${silent} asks again, ${counted(askedAgain, 'time')}, as who has got none of the responses: ${where}.`;
  }
  if (has === null || callCase.tunnel.vantage === silent) return '';
  return has
    ? ` The ${silent} acknowledges it in GRE, so it arrived.`
    : ` Nor does the ${silent} acknowledge it in GRE: it may not have arrived, or the ${silent}'s packets are lost.`;
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
  const { successFault } = last.evidence;
  return [
    {
      cause: 'server-not-authenticated',
      confidence: windows === unprovenError ? 'certain' : 'likely',
      summary: `The server accepts the client, and the client ends the link at once${windows === unprovenError ? ' with Windows error 778' : ''}: ${successFault === null ? "the server's own proof did not convince it" : `the Success is badly formed, for ${successFault}`}.`,
      ...advised(
        successFault === null
          ? null
          : 'Mend what makes the Success (`S=`, 40 hexadecimal digits, a space, `M=`): the PPP of the server, or the attribute MS-CHAP2-Success of its RADIUS server; a newer version of either may do. Clients differ in how strictly they read it.',
      ),
      evidence: [{ frame: last.frames.at(-1) ?? null, text: 'Success from the server' }, terminateEvidence(callCase)],
      seenErrors: windows === null ? [] : [windows],
    },
  ];
}
