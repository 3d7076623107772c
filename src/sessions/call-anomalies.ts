/** What the standards do not allow and only the whole of a call shows; what one message shows is noted when it comes. */
import type { AddressBook } from '../octets/address.ts';
import { counted } from '../octets/words.ts';
import type { CallState } from './call-state.ts';
import { type End, otherEnd, sides } from './ends.ts';
import type { Anomaly } from './model/anomaly.ts';
import type { Authentication } from './model/authentication.ts';
import type { Call } from './model/call.ts';
import type { Encryption } from './model/encryption.ts';
import type { CallEvidence } from './model/evidence.ts';
import type { Lcp } from './model/lcp.ts';
import type { Side } from './model/side.ts';

/** `carries`: user data of its own. */
export function callAnomalies(
  call: CallState,
  { lcp, authentication, encryption, evidence }: Pick<Call, 'lcp' | 'authentication' | 'encryption' | 'evidence'>,
  carries: boolean,
  addresses: AddressBook,
  side: (end: End) => Side,
): Anomaly[] {
  return [
    ...call.said.anomalies,
    ...overIpv6(call, addresses),
    ...ownMagicNumber(call, side),
    ...shortenedHeaders(call, side),
    ...unasked(call),
    ...notAgreed(lcp, authentication, evidence),
    ...(carries ? [] : dataOfAnotherLink(call)),
    ...unflushed(encryption.evidence),
    ...restarted(call, side),
  ];
}

/** No program is known that does so. */
function overIpv6({ flows }: CallState, addresses: AddressBook): Anomaly[] {
  const frames = flows.flatMap((flow) =>
    flow !== null && flow.packets > 0 && addresses.isIpv6(flow.source) ? [flow.firstFrame] : [],
  );
  const message = 'GRE goes over IPv6, of which RFC 2637 says nothing';
  return frames.length === 0 ? [] : [{ frame: Math.min(...frames), code: 'over-ipv6', message }];
}

/** A line that is looped back brings an end its own packets; some peers answer with the number that they were sent. */
function ownMagicNumber({ link }: CallState, side: (end: End) => Side): Anomaly[] {
  const found = link.ownMagicNumber;
  if (found === null) return [];
  const receiver = side(otherEnd(found.by));
  const what = `${found.name} that comes from the ${side(found.by)} bears the ${receiver}'s magic number`;
  const message = `${what}: the line is looped back, or the sender copies what it was sent`;
  return [{ frame: found.frame, code: 'own-magic-number', message }];
}

/** Fields of PPP's header that an end leaves out though the other has not agreed to do without. RFC 1661 §6.5, §6.6 */
function shortenedHeaders({ flows }: CallState, side: (end: End) => Side): Anomaly[] {
  return flows.flatMap((flow) => {
    const headers = flow?.oddities.headers ?? null;
    if (flow === null || headers === null) return [];
    const of = (packets: number): string =>
      `in ${counted(packets, 'packet')} of the ${side(flow.end)}, which LCP does not allow it`;
    return [
      {
        frame: headers.protocolFrame,
        code: 'protocol-field-compressed',
        message: `PPP's protocol field has one octet ${of(headers.protocol)}`,
      },
      {
        frame: headers.addressAndControlFrame,
        code: 'address-and-control-omitted',
        message: `PPP's address and control fields (FF 03) are missing ${of(headers.addressAndControl)}`,
      },
    ].filter(({ frame }) => frame !== 0);
  });
}

/**
 * Authentication that LCP did not agree on (RFC 1661 §3.5, §6.2), where the capture holds all of that LCP: one that began later, or
 * lost packets, may lack what was agreed.
 */
function notAgreed(lcp: Lcp, exchanges: readonly Authentication[], { path }: CallEvidence): Anomaly[] {
  const { openedFrame } = lcp;
  if (openedFrame === null || path.clientToServer.missed !== null || path.serverToClient.missed !== null) return [];
  return sides.flatMap((side) => {
    const options = lcp[side];
    if (options === null || options.cut) return [];
    const agreed = options.authenticationProtocol;
    const found = exchanges.find(({ authenticator, frames, protocol }) => {
      return authenticator === side && (frames[0] ?? 0) > openedFrame && familyOf(protocol) !== familyOf(agreed);
    });
    if (found === undefined) return [];
    const message = `the ${side} asks for authentication by ${found.protocol}, and LCP agreed on ${agreed ?? 'none'}`;
    return [{ frame: found.frames[0] ?? null, code: 'authentication-not-agreed', message }];
  });
}

/** PPP's protocol tells PAP, CHAP and EAP apart; which CHAP it is, and what is inside EAP, is said elsewhere. */
function familyOf(protocol: string | null): string | null {
  if (protocol === null) return null;
  if (protocol.startsWith('eap')) return 'eap';
  return protocol.includes('chap') ? 'chap' : protocol;
}

/** Said here and not by the signalling: captures reorder, and the request may have come behind its reply. */
function unasked({ kind, said, tunnel }: CallState): Anomaly[] {
  if (kind === 'unsignalled' || said.requestFrame !== null || !tunnel.control?.handshake.connected) return [];
  const message = 'a call reply that answers no request of the capture';
  return [{ frame: said.replyFrame, code: 'reply-without-request', message }];
}

/** User data under the Call IDs of a call that carries none: it is told and counts nowhere. */
function dataOfAnotherLink({ flows }: CallState): Anomaly[] {
  const found = flows.filter((flow) => flow !== null && flow.userOctets > 0);
  if (found.length === 0) return [];
  const octets = found.reduce((sum, flow) => sum + (flow?.userOctets ?? 0), 0);
  const frame = Math.min(...found.map((flow) => flow?.firstDataFrame ?? 0));
  const message = `${counted(octets, 'octet')} of user data under its Call IDs came before its LCP was asked for in vain: they are another link's`;
  return [{ frame, code: 'data-of-another-link', message }];
}

function unflushed({ unflushedPackets }: Encryption['evidence']): Anomaly[] {
  return sides
    .filter((side) => unflushedPackets[side] > 0)
    .map((side) => ({
      frame: null,
      code: 'mppe-not-flushed',
      message: `MPPE is stateless, and bit A is missing in ${counted(unflushedPackets[side], 'packet')} of the ${side}`,
    }));
}

/** A sender whose GRE numbers begin anew: its program did, or another call uses the Call ID. Receivers drop numbers that are behind. */
function restarted({ flows }: CallState, side: (end: End) => Side): Anomaly[] {
  return flows.flatMap((flow) => {
    if (flow === null || flow.sequence.restarts === 0) return [];
    const { restartAfter, restartAt } = flow.sequence;
    const message = `the ${side(flow.end)}'s GRE sequence numbers begin anew: after ${restartAfter} comes ${restartAt}`;
    return [{ frame: flow.oddities.repeats?.restartFrame ?? null, code: 'sequence-restarted', message }];
  });
}
