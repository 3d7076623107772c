/** IPCP (RFC 1332) and IPV6CP: no network protocol, or no address. */
import { counted } from '../../octets/words.ts';
import { pppProtocol } from '../../ppp/protocols.ts';
import { otherSide, sides } from '../../sessions/ends.ts';
import type { Terminated } from '../../sessions/model/evidence.ts';
import type { Side } from '../../sessions/model/side.ts';
import type { CauseId } from '../knowledge/causes.ts';
import { userRequest } from '../knowledge/terminate-texts.ts';
import type { CallCase } from './call-case.ts';
import { type Draft, firstOf } from './draft.ts';
import { gaveUp, namedByWindows, networkText, reasonOfEnd, terminateEvidence } from './ending.ts';
import { manyRefusals } from './lcp.ts';
import { replyOverdue, triesInVain } from './patience.ts';
import { advised } from './result.ts';
import { inSeconds, secondsBetweenTimes } from './time.ts';

/** Each end asks for the address of its own end of the link (RFC 1332 §3.3), and both get one and the same. */
export function sameAddress({ call: { network } }: CallCase): Draft[] {
  const { clientAddress, serverAddress, openedFrame } = network;
  if (clientAddress === null || clientAddress !== serverAddress) return [];
  return [
    {
      cause: 'address-conflict',
      confidence: 'certain',
      summary: `IPCP gives both ends the address ${clientAddress} inside the tunnel: what one sends to it stays with it, and the other is not reached there.`,
      evidence: [{ frame: openedFrame ?? network.firstFrame, text: `IPCP opens with ${clientAddress} for both ends` }],
    },
  ];
}

/** A callback is negotiated before any network protocol, and one end does not go on. draft-gidwani-ppp-callback-cp-00 §2 */
export function callbackHangs(callCase: CallCase): Draft[] {
  const { evidence, network, lcp, outcome } = callCase.call;
  const { callback } = evidence;
  if (callback === null || callback.acknowledgments > 0 || network.firstFrame !== null || outcome === 'established') {
    return [];
  }
  const { by, requests, responses } = callback;
  const asked = otherSide(by);
  const rejected = lcp.protocolRejects.find((one) => one.protocol === pppProtocol.cbcp && one.by === asked);
  const waited = secondsBetweenTimes(callback.firstTime, callCase.lastTime) ?? 0;
  const inVain = rejected === undefined ? requests >= triesInVain || waited >= replyOverdue : callCase.over;
  if (!inVain) return [];
  const hangs =
    responses > 0
      ? `the ${asked} answers, and the ${by} does not acknowledge that`
      : rejected === undefined
        ? `the ${asked} does not answer`
        : `the ${asked} rejects the protocol, and the ${by} does not go on without it`;
  return [
    {
      cause: 'callback-not-completed',
      confidence: rejected === undefined ? 'likely' : 'certain',
      summary: `Before any network protocol the ${by} asks whom it shall call back (${counted(requests, 'Callback-Request')}), ${hangs}.`,
      evidence: [
        { frame: callback.firstFrame, text: 'the first packet of CBCP' },
        { frame: callback.lastFrame, text: 'the last' },
        { frame: rejected?.frame ?? null, text: `LCP Protocol-Reject of CBCP by the ${asked}` },
        terminateEvidence(callCase),
      ],
      seenErrors: seenErrors(callCase),
    },
  ];
}

export function networkFailed(callCase: CallCase): Draft[] {
  const { call } = callCase;
  if (call.lcp.outcome !== 'opened' || callCase.oneSided !== null) return [];
  const disagreements = [addressInsistedOn, addressForbidden, zeroAssigned];
  if (call.network.ipv6cp === 'opened')
    return withoutIpv4(callCase) ? firstOf(disagreements, callCase).map(onlyIpv6) : [];
  if (callCase.userBytes('client') + callCase.userBytes('server') > 0) return [];
  const disagreed = firstOf(disagreements, callCase);
  const opened = call.network.ipcp === 'opened' || call.outcome === 'established';
  // IPCP opens without an address as well, and an end that needs one ends it then.
  if (disagreed.length > 0 || (opened && !endedForAddress(callCase))) return disagreed;
  if (!callCase.over && call.evidence.ipcpTerminated === null) return [];
  return firstOf(
    [
      ipcpRejected,
      ipcpClosed,
      ipcpUnanswered,
      noneProposed,
      windowsSays,
      cancelled,
      saidInWords,
      noAgreement,
      neverAsks,
      notOpened,
      notTried,
    ],
    callCase,
  );
}

/** IPCP did not open, or was ended; what flows is IPv6. */
function withoutIpv4({ call: { network, evidence } }: CallCase): boolean {
  return network.ipcp !== 'opened' || evidence.ipcpTerminated !== null;
}

function onlyIpv6(draft: Draft): Draft {
  return { ...draft, summary: `${draft.summary} Only IPv6 runs through the tunnel.` };
}

/** Windows' number, where it gave one. */
function seenErrors({ call }: CallCase): number[] {
  const { windowsErrorCode } = call.lcp;
  return windowsErrorCode === null ? [] : [windowsErrorCode];
}

/** One side insists on an address that the other does not let it have. */
function addressInsistedOn(callCase: CallCase): Draft[] {
  const { ipcpTerminated } = callCase.call.evidence;
  for (const side of sides) {
    const requests = callCase.ipcp(side);
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
          ipcpEndEvidence(callCase),
        ],
        ...(side === 'client'
          ? {}
          : {
              advice:
                'Let the client take whatever address the server has for itself (pppd: `ipcp-accept-remote`), or give the server the one that the client expects.',
            }),
        seenErrors: seenErrors(callCase),
      },
    ];
  }
  return [];
}

function ipcpEndEvidence({ call: { evidence } }: CallCase): Draft['evidence'][number] {
  const { by, frame, text } = evidence.ipcpTerminated ?? { by: null, frame: null, text: null };
  return { frame, text: `IPCP ended by the ${by}${text ? ` ("${text}")` : ''}` };
}

/** As pppd says it of an address that the account may not have. */
const forbiddenText = /unauthorized remote ip address/i;

/** One side acknowledges the address of the other, and then says that it may not have it. */
function addressForbidden(callCase: CallCase): Draft[] {
  const { ipcpTerminated } = callCase.call.evidence;
  if (ipcpTerminated === null || !forbiddenText.test(ipcpTerminated.text ?? '')) return [];
  const side = otherSide(ipcpTerminated.by);
  const requests = callCase.ipcp(side);
  const wanted = requests.agreed ?? requests.asked.at(-1) ?? null;
  return [
    {
      cause: 'address-refused',
      confidence: 'certain',
      summary: `The ${ipcpTerminated.by} does not let the ${side} have ${wanted === null ? 'its address' : `the address ${wanted}`} and ends IPCP ("${ipcpTerminated.text}").`,
      evidence: [
        { frame: requests.firstFrame, text: `the ${side} asks for ${wanted ?? 'its address'}` },
        ipcpEndEvidence(callCase),
        terminateEvidence(callCase),
      ],
      seenErrors: seenErrors(callCase),
    },
  ];
}

function zeroAssigned(callCase: CallCase): Draft[] {
  const client = callCase.ipcp('client');
  const offered = [...client.countered, client.agreed ?? '0.0.0.0'];
  const nothing = (client.naks > 0 || client.agreed !== null) && offered.every((one) => one === '0.0.0.0');
  if (!client.asked.includes('0.0.0.0') || !nothing || !callCase.over) return [];
  return [
    {
      cause: 'no-address-assigned',
      confidence: 'certain',
      summary: 'The client asks for an address and is given 0.0.0.0, which is none.',
      evidence: [
        { frame: client.firstFrame, text: 'the client asks for an address' },
        { frame: client.refusedFrame ?? client.acknowledgedFrame, text: 'the server answers with 0.0.0.0' },
        terminateEvidence(callCase),
      ],
      seenErrors: seenErrors(callCase),
    },
  ];
}

function ipcpRejected(callCase: CallCase): Draft[] {
  const { evidence, lcp } = callCase.call;
  const { ipcpRejectedFrame } = evidence;
  if (ipcpRejectedFrame === null) return [];
  const by = lcp.protocolRejects.find(({ frame }) => frame === ipcpRejectedFrame)?.by ?? null;
  return [
    {
      cause: 'no-network-protocol',
      confidence: 'certain',
      summary: `${by === null ? 'One end' : `The ${by}`} rejects IPCP as a whole: it has no IPv4 for this link.`,
      evidence: [
        { frame: ipcpRejectedFrame, text: 'LCP Protocol-Reject of IPCP (0x8021)' },
        terminateEvidence(callCase),
      ],
      ...advised(by === null ? null : `Enable IPv4 for remote access on the ${by}; then read the log of its PPP.`),
      seenErrors: seenErrors(callCase),
    },
  ];
}

/** The server answers as who has not opened it. RFC 1661 §4.1 */
function ipcpClosed(callCase: CallCase): Draft[] {
  const client = callCase.ipcp('client');
  if (client.turnedAwayFrame === null) return [];
  return [
    {
      cause: 'no-network-protocol',
      confidence: 'likely',
      shownByPresence: true,
      summary: `The server's IPCP is not open: it answers the client's Configure-Request with Terminate-Ack${callCase.call.encryption.ccp === 'opened' ? '' : ', while CCP is still being negotiated'}.`,
      evidence: [
        { frame: client.firstFrame, text: "the client's first IPCP Configure-Request" },
        { frame: client.turnedAwayFrame, text: 'Terminate-Ack from the server' },
        terminateEvidence(callCase),
      ],
      seenErrors: seenErrors(callCase),
    },
  ];
}

/** The client asks for an address, and no Configure-Nak proposes one. */
function asksInVain(callCase: CallCase): boolean {
  const { asked, agreed, rejected, naks } = callCase.ipcp('client');
  return asked.length > 0 && agreed === null && (rejected || naks === 0);
}

/** No packet of the other side is one of IPCP. */
function unheard(callCase: CallCase, side: Side): boolean {
  return callCase.ipcp(side).lastAnswerFrame === null && callCase.ipcp(otherSide(side)).sent === 0;
}

function ipcpUnanswered(callCase: CallCase): Draft[] {
  const side = sides.find((one) => callCase.ipcp(one).sent >= 2 && unheard(callCase, one));
  if (side === undefined) return [];
  const { sent, firstFrame, lastFrame } = callCase.ipcp(side);
  return [
    {
      cause: 'no-network-protocol',
      confidence: 'likely',
      summary: `The ${otherSide(side)} takes no part in IPCP: ${counted(sent, 'Configure-Request')} of the ${side} without answer.`,
      evidence: [
        { frame: firstFrame, text: `the ${side}'s first IPCP Configure-Request` },
        { frame: lastFrame, text: 'the last' },
        terminateEvidence(callCase),
      ],
      advice: `Read the log of the ${otherSide(side)}'s PPP: has it no IPv4 for this link, or does it wait for something else first?`,
      seenErrors: seenErrors(callCase),
    },
  ];
}

function noneProposed(callCase: CallCase): Draft[] {
  if (!asksInVain(callCase) || unheard(callCase, 'client')) return [];
  const { sent, asked, firstFrame, refusedFrame, rejected } = callCase.ipcp('client');
  const said = rejected || callCase.call.lcp.windowsErrorCode === 738;
  return [
    {
      cause: 'no-address-assigned',
      // Who gets no answer asks again. RFC 1661 §4.6
      confidence: said ? 'certain' : sent > 1 ? 'likely' : 'possible',
      summary: `The client asks for an address and gets none: the server ${rejected ? 'rejects the option' : 'never proposes one'}.`,
      evidence: [
        { frame: firstFrame, text: `the client asks for ${asked[0]}` },
        { frame: refusedFrame, text: 'the server rejects the option IP-Address' },
        ipcpEndEvidence(callCase),
        terminateEvidence(callCase),
      ],
      seenErrors: seenErrors(callCase),
    },
  ];
}

/** Options go back and forth until one end has enough. RFC 1661 §4.6 */
function noAgreement(callCase: CallCase): Draft[] {
  const refusals = (one: Side): number => callCase.ipcp(one).naks + callCase.ipcp(one).rejects;
  const side = sides.find((one) => callCase.ipcp(one).agreed === null && refusals(one) >= manyRefusals);
  if (side === undefined) return [];
  const { firstFrame, lastAnswerFrame, counteredOptions, rejected } = callCase.ipcp(side);
  const options = [...new Set([...counteredOptions, ...(rejected ? ['ipAddress'] : [])])].join(', ');
  return [
    {
      cause: 'no-network-protocol',
      confidence: 'certain',
      summary: `IPCP does not come to an agreement: the ${otherSide(side)} refused the ${side}'s requests ${counted(refusals(side), 'time')}${options === '' ? '' : ` (at last: ${options})`}.`,
      evidence: [
        { frame: firstFrame, text: `the ${side}'s first IPCP Configure-Request` },
        { frame: lastAnswerFrame, text: `the ${otherSide(side)}'s last answer to it` },
        terminateEvidence(callCase),
      ],
      advice: `Compare the settings of both ends for ${options === '' ? 'what IPCP asks for' : `what is refused (${options})`}; a ${side} that asks for what it was told not to have needs an update.`,
      seenErrors: seenErrors(callCase),
    },
  ];
}

/** One end acknowledges the other's IPCP, and asks for nothing itself, not even for no options. */
function neverAsks(callCase: CallCase): Draft[] {
  const { call } = callCase;
  const side = sides.find((one) => callCase.ipcp(one).sent === 0 && callCase.ipcp(otherSide(one)).agreed !== null);
  const still = call.evidence.stillBeforeTermination;
  if (side === undefined || callCase.gre(side).lost > 0 || still === null || still < replyOverdue) return [];
  const { firstFrame, acknowledgedFrame } = callCase.ipcp(otherSide(side));
  return [
    {
      cause: 'no-network-protocol',
      confidence: 'likely',
      summary: `IPCP does not open: the ${side} acknowledges what the ${otherSide(side)} asks for, and in ${inSeconds(still)} sends no Configure-Request of its own, which each end has to.`,
      evidence: [
        { frame: firstFrame, text: `the ${otherSide(side)}'s first IPCP Configure-Request` },
        { frame: acknowledgedFrame, text: `the ${side} acknowledges` },
        terminateEvidence(callCase),
      ],
      advice: `Read the log of the ${side}'s PPP for that moment: has it no address of its own for this link?`,
      seenErrors: seenErrors(callCase),
    },
  ];
}

/** IPCP has begun, and the end of the link says that no network protocol runs. */
function notOpened(callCase: CallCase): Draft[] {
  const { lcp, network } = callCase.call;
  if (network.firstFrame === null || !networkText.test(lcp.terminateText ?? '')) return [];
  return [
    {
      cause: 'no-network-protocol',
      confidence: 'likely',
      summary: `IPCP does not open, and the ${lcp.terminatedBy} ends the link for that ("${lcp.terminateText}").`,
      evidence: [{ frame: network.lastFrame, text: 'the last packet of IPCP' }, terminateEvidence(callCase)],
      advice: `Read the log of the ${lcp.terminatedBy}'s PPP for that moment: what does it lack?`,
      seenErrors: seenErrors(callCase),
    },
  ];
}

const networkErrors: Readonly<Record<number, CauseId>> = {
  720: 'no-network-protocol',
  733: 'no-network-protocol',
  735: 'address-refused',
  736: 'no-address-assigned',
  738: 'no-address-assigned',
};

function windowsSays(callCase: CallCase): Draft[] {
  return namedByWindows(callCase, networkErrors);
}

function cancelled(callCase: CallCase): Draft[] {
  return callCase.cancelled ? [gaveUp(callCase)] : [];
}

/** As pppd says it where neither end has an address for the client or the server. */
const noAddressText = /could not determine (?:remote|local) ip address/i;
const noOwnAddressText = /could not determine local ip address/i;

/** Said by the server of either address, by the client of its own. */
function lacksAddress(ended: Pick<Terminated, 'by' | 'text'> | null): boolean {
  return ended !== null && (ended.by === 'server' ? noAddressText : noOwnAddressText).test(ended.text ?? '');
}

/** How both of these sentences of pppd begin. */
const noAddressBegins = 'could not determine ';

/** IPCP was ended for the lack of an address. Where the capture cut the sentence off, its beginning and what was asked for show it. */
function endedForAddress(callCase: CallCase): boolean {
  const { ipcpTerminated: ended } = callCase.call.evidence;
  const begun = ended?.text?.endsWith('…') ? ended.text.slice(0, -1).toLowerCase() : '';
  const cut = begun !== '' && (noAddressBegins.startsWith(begun) || begun.startsWith(noAddressBegins));
  return lacksAddress(ended) || (cut && asksInVain(callCase));
}

function saidInWords(callCase: CallCase): Draft[] {
  const { lcp, evidence } = callCase.call;
  const link = lcp.terminatedBy === null ? null : { by: lcp.terminatedBy, text: lcp.terminateText };
  const said = [evidence.ipcpTerminated, link].find(lacksAddress);
  if (!said) return [];
  const begins = callCase.ipcp('client').firstFrame ?? callCase.ipcp('server').firstFrame;
  return [
    {
      cause: 'no-address-assigned',
      confidence: 'certain',
      summary: `The ${said.by} ends ${said === link ? 'the link' : 'IPCP'} because it ${said.by === 'server' ? 'has no address for it' : 'gets no address'} ("${said.text}").`,
      evidence: [{ frame: begins, text: 'IPCP begins' }, ipcpEndEvidence(callCase), terminateEvidence(callCase)],
      seenErrors: seenErrors(callCase),
    },
  ];
}

function notTried(callCase: CallCase): Draft[] {
  const { authentication, encryption, lcp, network } = callCase.call;
  const accepted = authentication.length > 0 && authentication.every(({ outcome }) => outcome === 'success');
  const text = lcp.terminateText ?? '';
  // What pppd says at every end of a link with MPPE hides its reason.
  const hidden = encryption.ccp === 'opened' && /^MPPE disabled/i.test(text);
  const crossed = hidden && (network.firstFrame ?? 0) > (lcp.terminateFrame ?? Infinity);
  if ((network.firstFrame !== null && !crossed) || !accepted || !callCase.terminated) return [];
  // Who gives another reason ends it for that.
  if (lcp.windowsErrorCode || !(userRequest.test(text) || networkText.test(text))) return [];
  return [
    {
      cause: 'no-network-protocol',
      confidence: 'possible',
      summary: `The link is authenticated${hidden ? ' and encrypted' : ''}, no network protocol is tried, and the ${lcp.terminatedBy} ends it${reasonOfEnd(callCase)}.${hidden ? ` That is what pppd does whose configuration leaves it no network protocol (\`noip\`), and it says "MPPE disabled" at every end.` : ''}`,
      evidence: [
        {
          frame: authentication.at(-1)?.evidence.resultFrame ?? null,
          text: 'the client is accepted',
        },
        terminateEvidence(callCase),
      ],
      advice: `Read the log of the ${lcp.terminatedBy}'s PPP for that moment: why does it go no further? Then whether both ends have IPv4 for this link.`,
      seenErrors: seenErrors(callCase),
    },
  ];
}
